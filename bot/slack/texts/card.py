"""The card of a call: one message in the channel, edited while the call goes on.

With its reply (`bot.slack.texts.reply`) it is all that a channel reads of the bot. The
card's ``text`` says the whole state by itself.
"""

from __future__ import annotations

from bot.calls.call import Call, End, Refusal, State, Why
from bot.calls.outcome import (
    FAILURES,
    REACHED,
    Ending,
    Outcome,
    Side,
    is_accepted,
)
from bot.slack.texts import refused_call, words
from bot.slack.texts.text import (
    Block,
    Message,
    actions,
    button,
    context,
    escape,
    foreign,
    section,
    shown,
    spoken,
    when,
)

CANCEL_BUTTON = "cancel_call"
CALL_AGAIN_BUTTON = "call_again"

CAN_CANCEL = (
    "This stops your phone from ringing. Once the other party is being rung, "
    "RingCentral may not stop the call any more; a connected call ends when somebody "
    "hangs up."
)
CHECK_FIRST = "It may have been placed; check before calling again."

SIGNED_OUT = (
    "The RingCentral sign-in that it was placed by has ended, so its result is not known "
    "here. It may be going on."
)

RINGCENTRAL_SILENT = (
    "RingCentral could not be asked for a long while how it goes. It may be going on."
)
NO_RECORD = "RingCentral's call log had no final record of it in time."
BOT_FAULT = "Something went wrong on the bot's side, so its result is not known."
LOG_UNREAD = "RingCentral's call log could not be read in time."

OWN_SIGN_IN = (
    "The RingCentral sign-in of whoever placed it has ended, so it was not placed. "
    "`/ringout connect` begins a new one."
)

NOT_PLACED = {
    Why.RESTART: "The bot was restarted before this call was placed, so it was not.",
    Why.LATE: "It could not be placed in time, so it was not placed at all.",
    Why.CANCELLED: "It was cancelled before it was placed. No phone has rung.",
    Why.LIMIT: "RingCentral's limit was in the way for too long, so it was not placed.",
    Why.UNREACHABLE: "RingCentral can't be reached, so it was not placed. "
    "Try again in a minute, or dial on your phone.",
    Why.LOGIN: "RingCentral does not accept the bot's sign-in, so it was not placed. "
    "The person who runs the bot can mend that.",
    Why.NO_CALLER: "There is no phone that could ring first.",
    Why.NO_CARD: "Slack took no message for it, so it was not placed.",
    Why.TROUBLE: "Something went wrong on the bot's side, so it was not placed.",
}


MACHINES = {
    Ending.VOICEMAIL: "Voicemail, or another machine, picked up",
    Ending.NOT_ACCEPTED: "It was picked up, but nobody pressed 1 (a voicemail, perhaps)",
}


def card(call: Call, *, full: bool) -> Message:
    """Return the card of *call* as it is now; *full* shows whole phone numbers."""
    callee = escape(shown(call.callee, full=full))
    headline, note = _headline(call, callee)
    one, other = _sides(call)
    caller = escape(shown(call.caller, full=full))
    small = f"Placed by <@{call.place.user}>{_as(call)} · {when(call.asked_at)} · "
    small += f"call `{call.id}`"
    blocks = [
        section(f"*{headline}*"),
        section("", f"*Caller* {caller}\n{one}", f"*Callee* {callee}\n{other}"),
    ]
    if note:
        blocks.append(section(note))
    blocks.append(context(small))
    buttons = _buttons(call)
    if buttons:
        blocks.append(actions(*buttons))
    sentence = f"{headline} Caller: {one}; callee: {other}."
    text = f"{sentence} {note} Placed by <@{call.place.user}>.".replace("  ", " ")
    return Message(text, tuple(blocks))


def _as(call: Call) -> str:
    """Say whose RingCentral account a call uses."""
    if call.in_name_of:
        return f", as {foreign(call.in_name_of)}"
    return " with the shared account" if not call.account else ""


def _headline(  # noqa: PLR0911 - one case for each state
    call: Call, callee: str
) -> tuple[str, str]:
    """Return the card's first line, and a note that may be empty."""
    if call.end is not None:
        return _hidden(call, callee) if call.hides_result else final(call, callee)
    if call.silent_since is not None:
        return _silent(call, callee, when(call.silent_since))
    match call.state:
        case State.REQUESTED if call.wait_until is not None:
            seconds = (call.wait_until - (call.limited_at or call.asked_at)).seconds
            return f"Waiting to call {callee}.", (
                f"RingCentral's limit is in the way for about {max(seconds, 1)} s. "
                f"This call goes out by itself at {when(call.wait_until, '{time_secs}')}"
                ", or not at all if the limit lasts longer."
            )
        case State.RECORDING if call.is_lost:
            return f"The call to {callee} is not confirmed.", (
                f"RingCentral's answer was lost. {CHECK_FIRST} "
                "It is being looked for in RingCentral's call log."
            )
        case State.RECORDING:
            return f"The call to {callee} {_left(call)}.", (
                "The result is being looked up in RingCentral's call log."
            )
    if call.cancelled_at is not None and call.connected and not call.terminal_at:
        return f"Connected to {callee}.", (
            "It was too late to cancel: hang up to end it."
        )
    if call.cancelled_at is not None:
        return f"Cancelling the call to {callee}.", (
            "RingCentral was asked to stop it; the call log will tell how it ended."
        )
    if call.terminal_at is not None:
        return f"The call to {callee} is ending.", _failed(call)
    talking = call.connected
    return (f"Connected to {callee}." if talking else f"Calling {callee}."), ""


def _failed(call: Call) -> str:
    """Say why the call failed, if no side's state does; nothing if that is hidden."""
    why = words.failure(call.status) if call.status and not call.hides_result else ""
    return f"The call did not get through: {why}." if why else ""


def _left(call: Call) -> str:
    """Say whether a call that is no longer polled has ended, or may go on."""
    return "is not followed any more" if call.is_left else "is over"


def _silent(call: Call, callee: str, since: str) -> tuple[str, str]:
    """Say since when RingCentral can't be reached about this call, and that it is retried."""
    asked = f"RingCentral can't be asked just now (since {since})"
    if call.state is State.FOLLOWING:
        return f"The call to {callee} can't be followed just now.", (
            f"{asked}; it is tried again and again. What is said of both sides is from "
            "before that."
        )
    if call.is_lost:
        return f"The call to {callee} is not confirmed.", (
            f"RingCentral's answer was lost. {CHECK_FIRST} {asked}; it is tried again."
        )
    return f"The call to {callee} {_left(call)}.", (
        f"Its result is not known yet. {asked}; it is tried again and again."
    )


def _hidden(call: Call, callee: str) -> tuple[str, str]:
    """Return the first line and note of a card that hides the result from the channel."""
    placed = call.end not in {End.NOT_PLACED, End.REFUSED}
    what = "was not placed"
    if placed:
        what = "is not followed any more" if call.end is End.LOST else _left(call)
    told = "How it went" if placed else "The reason"
    note = f"{told} is told to <@{call.place.user}> alone."
    return f"The call to {callee} {what}.", note


def final(call: Call, callee: str) -> tuple[str, str]:
    """Return a line that says how a call ended, and its details."""
    match call.end:
        case End.RECORDED if call.outcome is not None:
            return f"The call to {callee} is over.", _summary(call.outcome)
        case End.UNCONFIRMED | End.LOST if call.why is Why.LOGIN:
            return f"The call to {callee} is not followed any more.", SIGNED_OUT
        case End.UNCONFIRMED:
            return f"The call to {callee} {_left(call)}.", (
                f"Not confirmed: {unknown(call) or NO_RECORD}"
            )
        case End.LOST:
            why = "its log shows no record."
            if unknown(call):
                why = "its call log could not be read in time."
            return f"The call to {callee} is not confirmed.", (
                f"RingCentral's answer was lost and {why} {CHECK_FIRST}"
            )
        case End.REFUSED:
            said = refused_call.why(call.refusal or Refusal(0))
            return f"RingCentral refused the call to {callee}.", said
        case _:
            said = NOT_PLACED[call.why or Why.TROUBLE]
            if call.why is Why.LOGIN and call.account:
                said = OWN_SIGN_IN
            return f"The call to {callee} was not placed.", said


def unknown(call: Call) -> str:
    """Say why the result is not known; empty if the call log was read and had none."""
    if call.why is Why.UNREACHABLE:
        return RINGCENTRAL_SILENT
    if call.why is Why.TROUBLE:
        return BOT_FAULT
    return LOG_UNREAD if call.silent_since else ""


def _summary(outcome: Outcome) -> str:
    """Say what the log shows of both sides together, and no more."""
    caller, callee = outcome.caller, outcome.callee
    if caller.ending is callee.ending is Ending.ANSWERED:
        long = f" for {spoken(outcome.talked)}" if outcome.talked is not None else ""
        who = "" if is_accepted(callee) else " (to a person or a machine)"
        return f"Both were connected{long}{who}."
    if caller.ending in FAILURES and callee.ending in REACHED:
        return "RingCentral's log contradicts itself, so the result is not known."
    if caller.ending in MACHINES:
        return f"{MACHINES[caller.ending]} at the caller's phone."
    if {caller.ending, callee.ending} & FAILURES:
        return "Nobody was connected."
    if callee.ending in MACHINES:
        return f"{MACHINES[callee.ending]} at the other party's phone."
    return f"{_half_known(caller, callee)} RingCentral's log does not say more."


def _half_known(caller: Side, callee: Side) -> str:
    if callee.ending is Ending.ANSWERED:
        return "The other party's phone was connected; the caller's side is not known."
    if caller.ending is Ending.ANSWERED:
        return "The caller's phone was connected; the other side is not known."
    return "Whether both were connected is not known."


def _sides(call: Call) -> tuple[str, str]:
    if call.outcome is not None and not call.hides_result:
        return tuple(  # type: ignore[return-value]
            words.side("", value, bold=False).removeprefix(": ")
            for value in (call.outcome.caller, call.outcome.callee)
        )
    if call.end in {End.NOT_PLACED, End.REFUSED}:
        return "not called", "not dialled"
    return words.discreet(call) if call.hides_result else words.live(call)


def can_cancel(call: Call) -> bool:
    """Return whether the ``Cancel`` button can still stop the call."""
    if call.state in {State.REQUESTED, State.PLACING}:
        return True
    return call.state is State.FOLLOWING and not (
        call.connected or call.cancelled_at or call.terminal_at
    )


def _buttons(call: Call) -> list[Block]:
    """Return ``Cancel`` while it can stop the call, ``Call again`` when the call is over."""
    if can_cancel(call):
        waiting = call.state in {State.REQUESTED, State.PLACING}
        confirm = "" if waiting else CAN_CANCEL
        return [
            button("Cancel", CANCEL_BUTTON, call.id, style="danger", confirm=confirm)
        ]
    if call.end is End.LOST:
        return [button("Call again", CALL_AGAIN_BUTTON, call.id, confirm=CHECK_FIRST)]
    if call.end is not None or (call.state is State.RECORDING and not call.is_lost):
        return [button("Call again", CALL_AGAIN_BUTTON, call.id)]
    return []
