"""What one person is told privately: answers to commands, errors, help."""

from __future__ import annotations

import json
from dataclasses import replace

from bot.calls.call import Call, State
from bot.calls.live_view import as_seen
from bot.calls.people.person import Shows
from bot.calls.telling import Canceled, HungUp, Note
from bot.errors import (
    CredentialsRefused,
    RateLimited,
    RingCentralError,
    UserError,
)
from bot.policy.added import Added, Verdict
from bot.slack.texts import (
    card_buttons,
    parties,
    policy_words,
    refusals,
    sign_in_causes,
)
from bot.slack.texts.contact import Contact
from bot.slack.texts.text import (
    Message,
    actions,
    button,
    escape,
    foreign,
    section,
)

CALL_ANYWAY_BUTTON = "call_anyway"

IS_STILL_ASKED = {Verdict.TOO_MANY}
"""Verdicts after which a question stays: it may be answered later."""

RINGOUT_HELP = Message(
    "*Call someone*: your phone rings first, then theirs, and the result is shown here.\n"
    "• `/ringout 415 555 0142` or `/ringout +44 20 7946 0018`\n"
    "• `/ringout @alice` calls a colleague; you see the number first\n"
    "• `/ringout 415 555 0142 from mobile` rings your mobile first; "
    "`… as +1 650 555 0101` sets your caller ID\n"
    "• `/ringout 415 555 0142 for Northwind renewal` shows on the card what it's about\n"
    "• `/ringout again` calls your last number\n"
    "• `/ringout check 415 555 0142` tells whether the rules allow it; nothing is dialed\n"
    "• `/ringout cancel` stops a call that rings; `/ringout hang up` ends a talk, too\n"
    "*Find a number*: the shortcut *Place a call*, or *Call…* on my Home tab, suggests "
    "people as you type. *Call a number*, in the menu `⋯` of a message, calls one that "
    "is in it.\n"
    "*Write to me*: `@ringout call 415 555 0142`, also in a thread, or a number in our DM\n"
    "*Your calls*: `/ringout status` tells how a call is going; `/callstatus` lists the "
    "last ones, and `/callstatus help` shows its filters\n"
    "*Your account*: `/ringout connect`, `/ringout settings`, `/ringout disconnect`\n"
    "*For admins*: `/ringout-admin help`\n"
    "In an emergency, dial on a phone: I can't reach emergency services."
)

MESSAGE_HELP = Message(
    "Write me a number, and I ask you before I call it: `@ringout call 415 555 0142`, or "
    "the number alone in our DM. Your phone rings first, then theirs.\n"
    "• `@ringout @alice` asks about a colleague; `@ringout again` about your last number\n"
    "• `@ringout status` tells how your call is going\n"
    "• `@ringout cancel` stops it while it rings; `@ringout hang up` ends a talk, too\n"
    "• *Place a call*, among the shortcuts, suggests people as you type; *Call a number*, "
    "in the menu `⋯` of a message, calls one that is in it\n"
    "• `/ringout 415 555 0142` calls without a question; `/ringout help` tells more"
)

NO_LAST_CALL = Message("You haven't called anyone yet. Try `/ringout 415 555 0142`")
CALL_BACK = Message(
    "`/ringout again` calls your last number again. To call back somebody who called you, "
    "choose them in `/callstatus missed`"
)
LOG_OUT = Message("To disconnect your RingCentral account, type `/ringout disconnect`")
NOTHING_TO_CANCEL = Message("You have no call to cancel.")
NOTHING_TO_HANG_UP = Message("You have no call to hang up.")

DECLINED_BEFORE = (
    "You pressed Not now before, so no call was placed. To call, ask me again."
)
CALLED_ALREADY = "This question has placed its call already."
BY_HAND = "Hang up your phone to end it."
THEY_TALK = "The call is connected. Hang up to end it."
UNREACHABLE = "I can't reach RingCentral right now. Try again in a minute."


def sorry(error: UserError, contact: Contact) -> Message:
    """Say what the person, or their admin, can do about an error."""
    return Message(refusals.told(error, contact))


def limited(error: RateLimited) -> Message:
    """Say how long to wait for RingCentral's rate limit."""
    wait = max(round(error.retry_after), 1)
    return Message(f"RingCentral is busy. Try again in {wait} s.")


def refused(contact: Contact) -> Message:
    """Say that a RingCentral user, or the app, may not do that; the log says why."""
    return Message(f"RingCentral doesn't allow that. {contact.ask}")


def trouble(error: RingCentralError | CredentialsRefused, contact: Contact) -> Message:
    """Say that RingCentral can't be reached or refuses the bot, and who can fix that."""
    if isinstance(error, CredentialsRefused):
        cause = sign_in_causes.for_others(error.code)
        said = cause or "RingCentral doesn't accept my sign-in."
        return Message(f"{said} {contact.ask}")
    return Message(UNREACHABLE)


def not_taken() -> Message:
    """Say that Slack refused a request, such as to open a form."""
    return Message("Slack didn't take that. Try again in a minute.")


def added(answer: Added, *, most: int) -> Message | None:
    """Answer a command to call; None if Slack has delivered it twice."""
    call = answer.call
    match answer.verdict:
        case Verdict.NEW:
            return _calling(answer)
        case Verdict.REPEATED:
            return None
        case Verdict.DECLINED:
            return Message(DECLINED_BEFORE)
        case Verdict.TOO_MANY:
            return Message(
                f"That's more than {most} calls in a minute. Try again shortly."
            )
        case Verdict.ALREADY_OPEN:
            return _already(call, answer.wanted or call)


def pressed(answer: Added, *, most: int) -> Message | None:
    """Answer the ``Call`` of a question, in its place once there is nothing left to ask."""
    is_again = answer.verdict is Verdict.REPEATED
    said = _again(answer) if is_again else added(answer, most=most)
    is_answered = answer.verdict not in IS_STILL_ASKED
    return replace(said, replaces=True) if said and is_answered else said


def _again(answer: Added) -> Message:
    """Say once more what the first press was told, or that its call is over by now."""
    if answer.call.may_go_on:
        return _calling(answer)
    return Message(f"{CALLED_ALREADY} You called {_then(answer.call)}.")


def _calling(answer: Added) -> Message:
    said = f"Calling you on {_first(answer)}, then {_then(answer.call)}."
    call = answer.call
    warned = policy_words.sentences_of(answer.warnings, call.place.user, call.asked_at)
    return Message(" ".join([said, *warned]))


def _first(answer: Added) -> str:
    """Name the phone that rings first: with its label, its last digits will do."""
    caller = answer.call.caller
    if caller is None:
        return "your phone"
    if answer.phone:
        return f"{foreign(answer.phone)} ({escape(caller.tail)})"
    return escape(caller.international)


def _then(call: Call) -> str:
    """Name the other party for the person who calls, whatever channels may see."""
    number = escape(call.callee.international)
    return f"{foreign(call.callee_name.text)}, {number}" if call.callee_name else number


def _already(call: Call, wanted: Call) -> Message:
    """Offer to place *wanted* though *call* is open.

    The button has the numbers as they were read, never what was typed: that can be too
    long for Slack, and home may be another country when it is pressed. It has the key of
    *wanted*, too: one request to call is one call, however many questions it has led to.
    """
    text = open_call(call)
    name = wanted.callee_name
    again = {
        "to": wanted.callee.e164,
        "from": wanted.caller.e164 if wanted.caller else None,
        "as": wanted.caller_id.e164 if wanted.caller_id else None,
        "name": name.dump() if name else None,
        "key": wanted.key,
    }
    value = json.dumps(again, ensure_ascii=False)
    return Message(
        text, (section(text), actions(button("Call anyway", CALL_ANYWAY_BUTTON, value)))
    )


def open_call(call: Call) -> str:
    """Say to the person who calls that a call of theirs is going on, or may be."""
    if call.state is State.RECORDING:
        return f"Your call to {_then(call)} may be going on: I can't see it."
    if as_seen(call).connected:
        return f"You're already talking with {_then(call)}."
    return f"You're already calling {_then(call)}."


def still_open(call: Call) -> Message:
    """Say why a call that may be going on can't be canceled."""
    if call.state is State.RECORDING:
        return unseen(call)
    if call.hung_up_at is not None:
        return hung_up(HungUp.UNDER_WAY)
    if call.cancelled_at and not as_seen(call).connected:
        return canceled(Canceled.ASKED)
    return canceled(Canceled.TOO_LATE)


def unseen(call: Call) -> Message:
    """Say of a call whose state nobody knows how to end it."""
    return Message(f"{open_call(call)} To end it, hang up your phone.")


def stopped(result: Canceled | HungUp, call_id: str, *, typed: bool = False) -> Message:
    """Say what came of stopping a call in the way that it took.

    *typed*: by a word, not by a button.
    """
    if isinstance(result, HungUp):
        return hung_up(result, typed=typed)
    if result is Canceled.CONNECTED:
        hang_up = actions(card_buttons.hang_up_button(call_id))
        return Message(THEY_TALK, (section(THEY_TALK), hang_up))
    return canceled(result, typed=typed)


def canceled(result: Canceled, *, typed: bool = False) -> Message:
    """Say what came of canceling a call."""
    again = "Type it again" if typed else "Press Cancel again"
    return Message(
        {
            Canceled.NOT_SENT: "Stopped. No phone has rung.",
            Canceled.ASKED: "Stopping the call… If a phone keeps ringing, hang up yours.",
            Canceled.TOO_EARLY: f"The call is just being placed. {again} in a few seconds.",
            Canceled.OVER: "That call is already over.",
            Canceled.TOO_LATE: f"Too late to cancel. {BY_HAND}",
            Canceled.CONNECTED: THEY_TALK,
            Canceled.TROUBLE: "I can't reach RingCentral to stop the call. Hang up your "
            "phone to end it.",
        }[result]
    )


def hung_up(result: HungUp, *, typed: bool = False) -> Message:
    """Say what came of hanging up a call."""
    cancel = "Type `/ringout cancel`" if typed else "Press Cancel"
    return Message(
        {
            HungUp.ASKED: "Hung up.",
            HungUp.UNDER_WAY: "I'm hanging up already. If the call goes on, hang up your "
            "phone.",
            HungUp.OVER: "That call is already over.",
            HungUp.TOO_EARLY: f"Their phone doesn't ring yet. {cancel} to stop the call.",
            HungUp.UNSURE: "I can't tell which of the calls on that account this is, so I "
            f"ended none. {BY_HAND}",
            HungUp.CHANGING: "RingCentral is just changing that call. Try again, or hang up your phone.",
            HungUp.NOT_ALLOWED: f"RingCentral doesn't let me hang up calls. {BY_HAND}",
            HungUp.MAYBE: "RingCentral hasn't answered, so the call may have ended or not. "
            "If it goes on, hang up your phone.",
            HungUp.TROUBLE: f"I can't reach RingCentral to hang up. {BY_HAND}",
        }[result]
    )


def whole_number(call: Call, *, own: bool) -> Message:
    """Tell the whole number of *call*; *own*: to the person who placed it."""
    return Message(parties.of(call, full=True, private=own).other)


def note(call: Call, what: Note, contact: Contact) -> Message:
    """Tell a person privately why their card is elsewhere, or why there is no call."""
    wrong = f"Your call to {escape(call.callee.international)} wasn't placed"
    match what:
        case Note.MOVED:
            return Message(_moved(call))
        case Note.NO_CALLER:
            return Message(
                f"{wrong}: RingCentral lists no phone of yours that can ring. "
                f"{contact.ask}"
            )
        case Note.NO_TOKEN:
            return Message(f"{wrong}: Slack doesn't let me post. {contact.ask}")
        case Note.NO_CARD if call.shows is Shows.DM:
            return Message(
                f"{wrong}: Slack doesn't let me post in our DM, where you want your calls."
            )
        case Note.NO_CARD:
            return Message(f"{wrong}: Slack doesn't let me post here or in our DM.")


def _moved(call: Call) -> str:
    if call.place.is_direct:
        return "I can't post in DMs between people, so I've put this call in our DM."
    return (
        "I'm not in this channel, so I've put this call in our DM. To show calls here: "
        "`/invite @ringout`"
    )
