"""The first line of a card whose call has ended for good, and the note below it."""

from __future__ import annotations

from datetime import timedelta

from bot.calls.call import Call, End, Refusal, Why
from bot.slack.texts import refused_call, result_line, sign_in_causes
from bot.slack.texts.parties import SideNames
from bot.slack.texts.result_line import UNCLEAR, FirstLine
from bot.slack.texts.text import spoken

CHECK_FIRST = "It may have been placed; check before calling again."
SIGNED_OUT = (
    "{whose} RingCentral sign-in has ended, so the bot can't see how it went. "
    "It may be going on."
)
SHARED_SIGNED_OUT = (
    "RingCentral no longer accepts the bot's sign-in, so it can't see how it went. "
    "It may be going on."
)
RINGCENTRAL_SILENT = "RingCentral couldn't be reached for too long. It may be going on."
BOT_FAULT = "Something went wrong in the bot, so the result isn't known."
NO_RECORD = "RingCentral's call log had no final record of it {time}."
LOG_UNREAD = "RingCentral's call log couldn't be read in time."

OWN_SIGN_IN = (
    "{whose} RingCentral sign-in has ended. `/ringout connect` begins a new one."
)

NOT_PLACED = {
    Why.RESTART: "The bot was restarted before this call was placed. Call again.",
    Why.LATE: "It took too long to start. Call again.",
    Why.CANCELED: "No phone rang.",
    Why.LIMIT: "RingCentral's limit lasted too long. Try again in a minute.",
    Why.UNREACHABLE: "RingCentral can't be reached. Try again in a minute, or use a "
    "phone.",
    Why.LOGIN: "RingCentral doesn't accept the bot's sign-in. {ask}",
    Why.NO_CALLER: "RingCentral lists no phone that can ring first.",
    Why.NO_CARD: "Slack doesn't let the bot post about it.",
    Why.PAUSED: "An admin paused all calls here before this one was placed.",
    Why.TROUBLE: "Something went wrong in the bot. Try again.",
}


def line(call: Call, parties: SideNames) -> FirstLine:
    """Return how *call*, which has ended, is told."""
    if call.end is End.RECORDED and call.outcome is not None:
        return result_line.of_outcome(
            call.outcome, parties, is_stopped=call.was_stopped
        )
    if call.end is End.UNCONFIRMED:
        return _unconfirmed(call, parties)
    sign, said, more = _uncalled(call, parties)
    return FirstLine(sign, parties.fill(said), more)


def _unconfirmed(call: Call, parties: SideNames) -> FirstLine:
    why = unknown(call, parties)
    if call.is_left:
        return FirstLine(
            UNCLEAR, parties.fill("Lost sight of the call to {other}"), why
        )
    seen = result_line.of_status(call, parties)
    return FirstLine(seen.sign, seen.said, f"Not confirmed: {why}")


def _uncalled(call: Call, parties: SideNames) -> tuple[str, str, str]:
    """Return sign, line and note of a call that was certainly not placed, or perhaps not."""
    if call.end is End.LOST:
        said = "Not confirmed: the call to {other}"
        return UNCLEAR, said, f"{lost(call)} {CHECK_FIRST}"
    if call.end is End.REFUSED:
        return "🚫", "Not called: {other}", _refused(call, parties)
    if call.why is Why.CANCELED:
        return "⏹️", "Canceled: {other}", NOT_PLACED[call.why]
    return "🚫", "Not called: {other}", _not_placed(call, parties)


def unknown(call: Call, parties: SideNames, give_up: timedelta | None = None) -> str:
    """Say why the result of a call that was placed is not known.

    *give_up*: how long the call log was searched, if that is to be said.
    """
    match call.why:
        case Why.LOGIN:
            return parties.fill(SIGNED_OUT if call.account else SHARED_SIGNED_OUT)
        case Why.UNREACHABLE:
            return RINGCENTRAL_SILENT
        case Why.TROUBLE:
            return BOT_FAULT
    return LOG_UNREAD if call.silent_since else NO_RECORD.format(time=_time(give_up))


def lost(call: Call, give_up: timedelta | None = None) -> str:
    """Say why nobody knows whether the call was placed; *give_up* as in `unknown`."""
    log = f"its log showed no such call {_time(give_up)}"
    if call.is_left or call.silent_since:
        log = "its log couldn't be read in time"
    return f"RingCentral's answer was lost, and {log}."


def _time(give_up: timedelta | None) -> str:
    return f"within {spoken(give_up)}" if give_up else "in time"


def _not_placed(call: Call, parties: SideNames) -> str:
    cause = sign_in_causes.for_others(call.refusal.code) if call.refusal else ""
    if cause:
        return f"{cause} {parties.ask}"
    if call.why is Why.LOGIN and call.account:
        return parties.fill(OWN_SIGN_IN)
    return NOT_PLACED[call.why or Why.TROUBLE].format(ask=parties.ask)


def _refused(call: Call, parties: SideNames) -> str:
    return refused_call.why(call.refusal or Refusal(0), parties.ask)
