"""The first line of a card whose call is over: how it ended, and with whom.

Each line has a sign, and says the same in words. By the call log if it has been read,
else by what the live status said last.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta

from bot.calls import live_status
from bot.calls.call import Call, Status
from bot.calls.live_view import last_alive
from bot.calls.log.ending import FAILURES, REACHED, Ending
from bot.calls.log.outcome import Outcome, Side, is_accepted
from bot.slack.texts import advice, words
from bot.slack.texts.parties import SideNames
from bot.slack.texts.text import spoken


@dataclass(frozen=True, slots=True)
class FirstLine:
    """The first line of a card: a sign that may be empty, words, and what follows them."""

    sign: str
    said: str
    more: str = ""

    @property
    def headline(self) -> str:
        """The line as a card shows it, in bold."""
        return f"{self.sign} *{self.said}*".strip()

    @property
    def spoken(self) -> str:
        """The words alone, for a screen reader."""
        return self.said.replace(" · ", ", ")


UNCLEAR = "❔"
UNWATCHED_FOR = timedelta(seconds=30)
"""An end that was seen so long after the last sign of life may have been long before."""

CALLEE_LINES = {
    Ending.NOT_ACCEPTED: (
        "📼",
        "Picked up at {other}, but nobody pressed 1 (a voicemail, perhaps)",
    ),
    Ending.VOICEMAIL: ("📼", "Voicemail at {other}"),
    Ending.ELSEWHERE: ("📱", "Picked up on another phone: {other}"),
    Ending.BUSY: ("⛔", "Busy: {other}"),
    Ending.NO_ANSWER: ("📵", "No answer from {other}"),
    Ending.DECLINED: ("🚫", "Declined: {other}"),
    Ending.BARRED: ("🚫", "Blocked: {other}"),
    Ending.OWN_BLOCK: ("🚫", "In {whose} own blocked numbers: {other}"),
    Ending.CANCELED: ("⏹️", "Hung up before {other} answered"),
    Ending.STOPPED: ("⏹️", "Stopped ringing: {other}"),
    Ending.BAD_NUMBER: ("🚫", "Bad number: {other}"),
    Ending.FORBIDDEN: ("🚫", "Number not allowed: {other}"),
    Ending.BLOCKED: ("🚫", "Not allowed by the plan: {other}"),
    Ending.NO_CREDIT: ("🚫", "No calling credit: {other}"),
    Ending.TOO_MANY: ("⛔", "Too many calls: {other}"),
    Ending.NOT_ACCEPTING: ("🚫", "The account wasn't accepting calls: {other}"),
    Ending.LOOP: ("🔁", "Forwarded in a loop: {other}"),
    Ending.NO_ADDRESS: ("🚫", "No emergency address: {other}"),
    Ending.DEVICE_OFFLINE: ("📵", "Phone offline: {other}"),
    Ending.LINE_FAULT: ("⚠️", "Line not working: {other}"),
    Ending.FAILED: ("⚠️", "Call failed: {other}"),
    Ending.EMERGENCY: ("⚠️", "Logged as an emergency call: {other}"),
    Ending.CALLBACK: ("🔁", "Callback requested: {other}"),
    Ending.PHONE_LOGIN: (UNCLEAR, "Logged as a login by phone: {other}"),
    Ending.NOT_DIALED: ("⏹️", "Over before {other} was called"),
    Ending.NOT_LOGGED: (UNCLEAR, "Result unclear: {other} isn't in the log"),
}
"""What is said if the other party's phone was not answered, or nobody knows."""

CALLER_LINES = {
    Ending.NOT_ACCEPTED: ("📼", "Nobody pressed 1 on {whose} phone"),
    Ending.VOICEMAIL: ("📼", "Voicemail picked up {whose} phone"),
    Ending.BUSY: ("⛔", "{whose} phone was busy"),
    Ending.NO_ANSWER: ("📵", "{who} didn't pick up"),
    Ending.DECLINED: ("🚫", "{who} declined"),
    Ending.CANCELED: ("⏹️", "Stopped before {who} answered"),
    Ending.STOPPED: ("⏹️", "{whose} phone stopped ringing"),
    Ending.DEVICE_OFFLINE: ("📵", "{whose} phone was offline"),
    Ending.FAILED: ("⚠️", "The call to {whose} phone failed"),
}
"""What is said if the phone that rings first was not answered by a person."""

NOUNS = {
    Ending.EMERGENCY: "an emergency call",
    Ending.CALLBACK: "a callback request",
    Ending.PHONE_LOGIN: "a login by phone",
    Ending.FAX: "a fax",
}
"""What the log recorded instead of a call to a phone."""

CALLEE_BY_STATUS = {
    "busy": Ending.BUSY,
    "noanswer": Ending.NO_ANSWER,
    "destinationblocked": Ending.BARRED,
    "notenoughfunds": Ending.NO_CREDIT,
    "nosuchuser": Ending.BAD_NUMBER,
    "genericerror": Ending.FAILED,
    "error": Ending.FAILED,
    "noansweringmachine": Ending.FAILED,
}
CALLER_BY_STATUS = {
    word: CALLEE_BY_STATUS[word]
    for word in ("busy", "noanswer", "genericerror", "error")
}
"""Live states, in lower case, that mean what an ending of the log means."""


def of_outcome(
    outcome: Outcome, parties: SideNames, *, is_stopped: bool = False
) -> FirstLine:
    """Return what the log says of both sides together, and no more."""
    caller, callee = outcome.caller, outcome.callee
    if caller.ending is callee.ending is Ending.ANSWERED:
        return _connected(outcome, parties)
    more = advice.why(outcome, parties, is_stopped=is_stopped)
    if caller.ending in FAILURES and callee.ending in REACHED:
        return FirstLine(UNCLEAR, parties.fill("Result unclear: {other}"), more)
    if caller.ending in CALLER_LINES or caller.ending in FAILURES:
        return FirstLine(*_own(caller, callee, parties), more)
    if callee.ending is Ending.ANSWERED:
        side = _braced(_side(caller))
        said = parties.fill(f"Connected to {{other}}; {{whose}} side {side}")
        return FirstLine("", said, more)
    return FirstLine(*_theirs(callee, parties), more)


def of_status(call: Call, parties: SideNames) -> FirstLine:
    """Return what the last live status said of a call that was seen to be over."""
    ending, unsure = _last_seen(call, parties), "not confirmed yet"
    if call.connected and ending is None:
        said = parties.fill("Talked with {other}")
        return FirstLine("", said, f"{_about(call)}{unsure}")
    if ending is not None:
        return replace(ending, more=f"{ending.more}{unsure}")
    return FirstLine("", parties.fill("Call over: {other}"), unsure)


def _connected(outcome: Outcome, parties: SideNames) -> FirstLine:
    """Say that both were connected; "talked" only if a person is known to have accepted."""
    accepted = is_accepted(outcome.callee)
    long = f" for {spoken(outcome.talked)}" if outcome.talked else ""
    if not accepted or not long:
        said = parties.fill(f"Connected{long} to {{other}}")
    else:
        said = parties.fill(f"Talked{long} with {{other}}")
    return FirstLine("✅", said, "" if accepted else advice.PERSON_OR_MACHINE)


def _own(caller: Side, callee: Side, parties: SideNames) -> tuple[str, str]:
    if caller.ending is callee.ending is Ending.NOT_DIALED:
        return "⚠️", parties.fill("Neither {whose} phone nor {other} was called")
    same = _braced(words.ending(caller))
    sign, said = CALLER_LINES.get(caller.ending, ("⚠️", f"{{whose}} phone: {same}"))
    if caller.ending is callee.ending and caller.ending not in CALLER_LINES:
        return sign, parties.fill(f"{{whose}} phone and {{other}}: {same}")
    if callee.ending is Ending.NOT_DIALED:
        return sign, parties.fill(f"{said}, so {{other}} wasn't called")
    return sign, parties.fill(f"{said}; {{other}}: " + _braced(words.ending(callee)))


def _side(caller: Side) -> str:
    match caller.ending:
        case Ending.NOT_LOGGED:
            return "isn't in the log"
        case Ending.UNKNOWN:
            return "isn't known"
    if caller.ending in NOUNS:
        return f"was logged as {NOUNS[caller.ending]}"
    return f"was {words.ending(caller)}"


def _theirs(callee: Side, parties: SideNames) -> tuple[str, str]:
    if callee.ending is Ending.UNKNOWN:
        said = words.ending(callee)
        if said == words.UNSAID:
            return UNCLEAR, parties.fill("Result unclear: {other}")
        return UNCLEAR, parties.fill(f"{_braced(said)}: {{other}}")
    if callee.ending is Ending.FAX:
        return "📠", parties.fill(f"{_braced(words.ending(callee))}: {{other}}")
    sign, said = CALLEE_LINES[callee.ending]
    return sign, parties.fill(said)


def _last_seen(call: Call, parties: SideNames) -> FirstLine | None:
    """Return how a call failed by its live status; None if that says nothing of it."""
    if call.connected or call.status is None:
        return None
    if call.was_stopped and live_status.failing(call.status) == {"rejected"}:
        return FirstLine("⏹️", parties.fill("Canceled: {other}"))
    return (
        _own_seen(call, call.status, parties)
        or _theirs_seen(call.status, parties)
        or _failed(call, call.status, parties)
    )


def _own_seen(call: Call, status: Status, parties: SideNames) -> FirstLine | None:
    """Return the line for a phone of the caller's that was not answered."""
    word = status.caller.lower()
    if words.live(call)[1] != words.NOT_CALLED:
        return None
    if word == "rejected":
        said = "{who} declined or hung up, so {other} wasn't called"
        return FirstLine("🚫", parties.fill(said))
    if word not in CALLER_BY_STATUS:
        return None
    untouched = Side(Ending.NOT_DIALED)
    return FirstLine(*_own(Side(CALLER_BY_STATUS[word]), untouched, parties))


def _theirs_seen(status: Status, parties: SideNames) -> FirstLine | None:
    """Return the line for a phone of the other party's, after the caller's was answered."""
    word = status.callee.lower()
    if not live_status.is_answered_by_caller(status):
        return None
    if word == "rejected":
        more = parties.fill("declined, or {who} hung up; ")
        return FirstLine("🚫", parties.fill("Not connected: {other}"), more)
    if word not in CALLEE_BY_STATUS:
        return None
    return FirstLine(*_theirs(Side(CALLEE_BY_STATUS[word]), parties))


def _failed(call: Call, status: Status, parties: SideNames) -> FirstLine | None:
    if not live_status.has_failed(status):
        return None
    one, other = words.live(call, who=parties.who)
    sides = ((status.callee, other), (status.caller, one))
    if not live_status.has_missed(status):
        return FirstLine(UNCLEAR, parties.fill("Result unclear: {other}"))
    why = words.failure(status) or next(
        (said for raw, said in sides if live_status.has_failed(Status(raw))), ""
    )
    more = f"{why}; " if why not in {"", words.UNSAID} else ""
    return FirstLine("⚠️", parties.fill("Not connected: {other}"), more)


def _about(call: Call) -> str:
    """Say for how long both were seen connected; empty if that was not seen."""
    end = call.terminal_at or call.ended_at
    alive = last_alive(call)
    if not call.connected_at or not end or not alive:
        return ""
    if end - alive > UNWATCHED_FOR:
        return ""
    return f"about {about(end - call.connected_at)}, "


def about(length: timedelta) -> str:
    """Return a length as far as polls tell it: to ten seconds, from a minute on to one."""
    seconds = max(length.total_seconds(), 0)
    step = 10 if seconds < 55 else 60  # noqa: PLR2004 - rounds up to a minute
    return spoken(timedelta(seconds=max(round(seconds / step), 1) * step))


def _braced(text: str) -> str:
    """Escape *text*, which may be RingCentral's, for `SideNames.fill`."""
    return text.replace("{", "{{").replace("}", "}}")
