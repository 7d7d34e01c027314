"""What one person is told privately: answers to commands, errors, help."""

from __future__ import annotations

import json
from dataclasses import replace

from bot.calls.call import Call
from bot.calls.names import Name
from bot.calls.person import Shows
from bot.calls.telling import Added, Cancelled, Note, Verdict
from bot.errors import (
    CredentialsRefused,
    RateLimited,
    Refused,
    RingCentralError,
    UserError,
)
from bot.slack.texts import refusals
from bot.slack.texts.text import (
    Message,
    actions,
    button,
    escape,
    foreign,
    section,
    shown,
)

CALL_ANYWAY_BUTTON = "call_anyway"

NOTHING_LEFT_TO_ASK = {Verdict.NEW, Verdict.ALREADY_OPEN}
"""Verdicts after which a question may be replaced: it has been answered."""

WHERE_SHOWN = {
    Shows.CHANNEL: "The card in the channel follows the call.",
    Shows.PRIVATE: "The card in the channel follows the call; its result comes to your "
    "direct messages with me, and to nobody else.",
    Shows.DM: "The card in your direct messages with me follows the call.",
}

RINGOUT_HELP = Message(
    "*/ringout &lt;number&gt;* rings your phone, then the other party, and tells both "
    "results here.\n"
    "• `/ringout +1 415 555 0142`\n"
    "• `/ringout (415) 555-0142` (a number of the home region)\n"
    "• `/ringout +14155550142 from mobile` (which of your phones rings first), "
    "`… as +16505550101` (which of your numbers they see)\n"
    "• `/ringout 415 555 0142 for Northwind renewal` (whom or what it is for: shown on "
    "the card)\n"
    "• `/ringout @alice` (a colleague: you see the number before it is dialled)\n"
    "• `/ringout connect` and `/ringout disconnect` (your own RingCentral account), "
    "`/ringout settings` (your phones, where your calls are shown)\n"
    "• `/callstatus last 10` lists the last calls; `Cancel` and `Call again` are buttons "
    "on a call's card\n"
    "It can't reach emergency services: dial those on a phone."
)
STATUS_HELP = Message(
    "Use `/callstatus last 10` (1 to 50), or just `/callstatus`. "
    "`/callstatus company last 10` reads the company's call log, for admins."
)

UNREACHABLE = "RingCentral can't be reached just now. Try again in a minute."


def sorry(error: UserError) -> Message:
    """Say what the person can do about an error of theirs."""
    return Message(escape(refusals.words(error)))


def our_fault(reference: str) -> Message:
    """Admit a fault of the bot; *reference* leads to its line in the log."""
    return Message(
        "Something went wrong on the bot's side, and nothing was dialled by this. "
        f"Tell the person who runs it: `{reference}`."
    )


def not_installed(url: str) -> Message:
    """Say that the app is not installed in this workspace; *url* is its install page."""
    where = f" They do that at {url}" if url else ""
    return Message(
        "RingOut is not installed in this workspace, so nothing was dialled. Somebody "
        f"who may add apps has to install it first.{where}"
    )


def limited(error: RateLimited) -> Message:
    """Say how long to wait for RingCentral's rate limit."""
    wait = max(round(error.retry_after), 1)
    return Message(f"RingCentral's limit is in the way; try again in {wait} s.")


def refused(error: Refused) -> Message:
    """Say which permission or feature this RingCentral user lacks."""
    lacking = error.permission or error.feature
    if lacking:
        return Message(
            f"RingCentral does not allow that: “{foreign(lacking)}” is missing. "
            "The person who runs the bot can ask a RingCentral administrator for it."
        )
    return Message(
        f"RingCentral does not allow that ({error.status} {foreign(error.code)}). "
        "Tell the person who runs the bot."
    )


def trouble(error: RingCentralError | CredentialsRefused) -> Message:
    """Say that RingCentral can't be reached or refuses the bot, and who can fix that."""
    if isinstance(error, CredentialsRefused):
        return Message(
            "RingCentral does not accept the bot's sign-in. "
            "The person who runs the bot can mend that."
        )
    return Message(UNREACHABLE)


def not_taken() -> Message:
    """Say that Slack refused a request, such as to open a form."""
    return Message("Slack did not take that just now. Try it again in a minute.")


def no_store() -> Message:
    """Say that the database can't be written, so nothing will be dialed."""
    return Message(
        "The bot can't write to its database just now, so nothing was dialled. "
        "Try again in a minute."
    )


def added(
    answer: Added,
    *,
    most: int,
    to: str,
    from_: str | None,
    as_: str | None = None,
    name: Name | None = None,
) -> Message | None:
    """Answer a command to call; None if Slack has delivered it twice.

    *to*, *from_*, *as_* and *name* are what was typed: the button repeats them.
    """
    call = answer.call
    match answer.verdict:
        case Verdict.NEW:
            first = "your phone"
            if call.caller is not None:
                first = f"your phone ({shown(call.caller, full=False)})"
            return Message(
                f"Ringing {first} first, then {escape(call.callee.international)}. "
                f"{_where(call)}"
            )
        case Verdict.REPEATED:
            return None
        case Verdict.TOO_MANY:
            return Message(
                f"That would be more than {most} calls within a minute, so it was not "
                "dialled. Wait a little."
            )
        case Verdict.ALREADY_OPEN:
            again = {"to": to, "from": from_, "as": as_}
            return _already(call, again | ({"name": name.dump()} if name else {}))


def instead(said: Message | None, answer: Added) -> Message | None:
    """Return what is *said* in the place of the question that *answer* has answered."""
    is_answered = answer.verdict in NOTHING_LEFT_TO_ASK
    return replace(said, replaces=True) if said and is_answered else said


def _where(call: Call) -> str:
    """Say where the card is. If the command was typed in any DM, that is the app's DM."""
    return WHERE_SHOWN[Shows.DM if call.place.is_direct else call.shows]


def _already(call: Call, again: dict[str, str | None]) -> Message:
    text = (
        f"Your call to {escape(call.callee.international)} is still open, so it was not "
        "dialled a second time."
    )
    value = json.dumps(again)
    return Message(
        text, (section(text), actions(button("Call anyway", CALL_ANYWAY_BUTTON, value)))
    )


def cancelled(result: Cancelled) -> Message:
    """Say what came of canceling a call."""
    return Message(
        {
            Cancelled.NOT_SENT: "Cancelled. It had not been placed, so no phone rings.",
            Cancelled.ASKED: "RingCentral was asked to stop the call. If the other "
            "party is already being rung, it may go on: then hang up your phone.",
            Cancelled.TOO_EARLY: "The call is being placed this very moment. "
            "Press Cancel again in a few seconds.",
            Cancelled.TOO_LATE: "It is too late to cancel: the call is connected or "
            "over. Hang up your phone to end it.",
            Cancelled.TROUBLE: "RingCentral can't be reached, so the call was not "
            "cancelled. Hang up your phone to end it.",
        }[result]
    )


def note(call: Call, what: Note) -> Message:
    """Tell a person privately why their card is elsewhere, or why there is no call."""
    callee = escape(shown(call.callee, full=False))
    match what:
        case Note.MOVED:
            return Message(_moved(call, callee))
        case Note.NO_CALLER:
            return Message(
                f"Your call to {callee} was not placed: I don't know which phone of "
                "yours to ring first, and RingCentral lists none that can ring. Give "
                "one: `/ringout &lt;number&gt; from &lt;your phone&gt;`."
            )
        case Note.NO_TOKEN:
            return Message(
                f"Your call to {callee} was not placed: Slack does not accept the bot's "
                "sign-in. The person who runs the bot can mend that."
            )
        case Note.NO_CARD:
            where = "neither in that channel nor in your direct messages with me"
            if call.shows is Shows.DM:
                where = "not in your direct messages with me, where you want your cards"
            return Message(
                f"Your call to {callee} was not placed: Slack takes no message from me, "
                f"{where}."
            )


def _moved(call: Call, callee: str) -> str:
    there = f"the card of your call to {callee} is in your direct messages with me."
    if call.place.is_direct:
        return f"I can't write into a conversation between people, so {there}"
    return (
        f"I may not post where you typed that, so {there} In a channel you can let me "
        "in: `/invite @ringout`."
    )
