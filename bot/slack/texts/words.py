"""Plain words for RingCentral's live states and final results."""

from __future__ import annotations

from bot.calls import live_status
from bot.calls.call import Call, State, Status
from bot.calls.live_view import as_seen
from bot.calls.log.ending import Ending, key_of, unsaid
from bot.calls.log.outcome import Side, is_accepted
from bot.slack.texts.text import foreign

LIVE = {
    "inprogress": "ringing",
    "success": "answered",
    "finished": "hung up",
    "busy": "busy",
    "noanswer": "no answer",
    "rejected": "declined, or canceled",
    "genericerror": "failed",
    "error": "failed",
    "cannotreach": "can't be reached",
    "noansweringmachine": "failed (an internal failure at RingCentral)",
    "internationaldisabled": "calls of this kind are switched off",
    "destinationblocked": "blocked",
    "notenoughfunds": "not enough credit",
    "nosuchuser": "no such user",
    "nosessionfound": "over",
    "ringoutfromthisnumberisnotsupported": "this phone can't be used for RingOut",
}
"""RingCentral's live states, in lower case, and our words for them (RingCentral developer
guide, "Making Calls Using RingOut", and its OpenAPI document)."""

SAYING_NOTHING = {"", "invalid", "unknown"}
"""States by which nothing is known; ``Invalid`` stands for an internal failure."""

NOT_YET = "waiting"
NOT_CALLED = "not called"
ABOUT_TO = "about to ring"
WAITING = "waiting"
OVER = "over"
UNSAID = "not known"
STOPPED_BY_US = "canceled"
CONTRADICTED = "not confirmed"
"""The callee's ``Success`` where another state rules out that both are connected."""

INTERNAL_FAILURE = "not confirmed (an internal failure at RingCentral)"
INTERNAL_FAILURES = {"noansweringmachine", "invalid", "genericerror", "error"}
"""States of a call by which RingCentral itself failed."""

NOT_CONNECTED = "not connected (declined, or {who} hung up)"
"""The callee's ``Rejected`` while the caller was on the line: it has both meanings."""


ENDINGS = {
    Ending.ANSWERED: "answered",
    Ending.NOT_ACCEPTED: "picked up",
    Ending.VOICEMAIL: "voicemail",
    Ending.ELSEWHERE: "picked up on another phone",
    Ending.BUSY: "busy",
    Ending.NO_ANSWER: "no answer",
    Ending.DECLINED: "declined",
    Ending.BARRED: "blocked",
    Ending.OWN_BLOCK: "in own blocked numbers",
    Ending.CANCELED: "canceled",
    Ending.STOPPED: "stopped ringing",
    Ending.BAD_NUMBER: "bad number",
    Ending.FORBIDDEN: "number not allowed",
    Ending.BLOCKED: "not allowed by the plan",
    Ending.NO_CREDIT: "no calling credit",
    Ending.TOO_MANY: "too many calls",
    Ending.NOT_ACCEPTING: "the account wasn't accepting calls",
    Ending.LOOP: "forwarded in a loop",
    Ending.NO_ADDRESS: "no emergency address",
    Ending.DEVICE_OFFLINE: "phone offline",
    Ending.LINE_FAULT: "line not working",
    Ending.FAILED: "failed",
    Ending.EMERGENCY: "emergency call",
    Ending.CALLBACK: "callback requested",
    Ending.PHONE_LOGIN: "login by phone",
    Ending.FAX: "fax",
    Ending.NOT_DIALED: NOT_CALLED,
    Ending.NOT_LOGGED: "not in the log",
}
"""Our words for how a side ended. For `Ending.UNKNOWN`, RingCentral's own is shown."""

NOBODY_ACCEPTED = ", but nobody pressed 1 (a voicemail, perhaps)"
"""What follows the word of `Ending.NOT_ACCEPTED`."""

CONNECTED = "connected"
"""What is said of a phone that was picked up, if nothing says by whom or what."""

SAYING_ALL = frozenset(
    {
        Ending.ANSWERED,
        Ending.NOT_ACCEPTED,
        Ending.VOICEMAIL,
        Ending.BUSY,
        Ending.DECLINED,
        Ending.CANCELED,
        Ending.STOPPED,
        Ending.OWN_BLOCK,
        Ending.NO_CREDIT,
        Ending.NO_ADDRESS,
        Ending.LOOP,
        Ending.NOT_ACCEPTING,
        Ending.CALLBACK,
        Ending.PHONE_LOGIN,
        Ending.FAX,
        Ending.NOT_DIALED,
        Ending.NOT_LOGGED,
        Ending.UNKNOWN,
    }
)
"""Endings whose word says as much as RingCentral's, or holds it already. The other words
stand for several of RingCentral's, which are shown behind them. So is a result or reason
of another meaning."""

SHOWING_ALL = frozenset({Ending.UNKNOWN, Ending.NOT_DIALED, Ending.NOT_LOGGED})
"""Endings that show RingCentral's words themselves, or for which it has none."""

VAGUE = frozenset(
    map(
        key_of,
        (
            "",
            "Unknown",
            "ResultEmpty",
            "Call Failed",
            "Call Failure",
            "Not Answered",
            "No Answer",
            "Blocked",
            "Rejected",
            "Not Allowed",
            "Stopped",
            "Answered Elsewhere",
            "Wrong Number",
            "Bad Number",
            "IP Phone Offline",
            "Too Many Calls",
            "911",
            "Failed Try Again",
        ),
    )
)
"""Results and reasons that add nothing to our words."""

LONGEST_RAW_WORD = 60
MOST_DIGITS = 3

FAXES = {
    "received": "fax received",
    "sent": "fax sent",
    "partialreceive": "fax partly received",
    "faxpartiallysent": "fax partly sent",
    "faxnotsent": "fax not sent",
    "senderror": "fax not sent",
    "faxsenderror": "fax not sent",
    "faxprepareerror": "fax not sent",
    "faxnotreceived": "fax not received",
    "faxreceipterror": "fax not received",
    "receiveerror": "fax not received",
    "faxsaveerror": "fax not saved",
    "faxpoorline": "fax failed (the line was too poor)",
    "nofaxmachine": "fax failed (no fax machine)",
    "faxondemand": "fax on demand",
}
"""Words for a fax's result or reason."""

NOTHING_SAID = {"", "unknown", "resultempty"}
"""Results that say nothing."""


def live(call: Call, *, who: str = "you") -> tuple[str, str]:
    """Return the caller's and the callee's live state in plain words, escaped.

    *who* is how the message names the person who placed the call.
    """
    if call.state is State.REQUESTED:
        return WAITING if call.wait_until else ABOUT_TO, NOT_YET
    if call.state is State.PLACING:
        return ABOUT_TO, NOT_YET
    call = as_seen(call)
    if call.status is None:
        return UNSAID, UNSAID
    return _caller(call, call.status), _callee(call, call.status, who)


def failure(status: Status) -> str:
    """Return why the call failed, escaped, if RingCentral says it of the call alone."""
    sides = Status(caller=status.caller, callee=status.callee)
    if live_status.has_failed(sides) or not live_status.has_failed(status):
        return ""
    return _word(status.call)


def _caller(call: Call, status: Status) -> str:
    word = status.caller.lower()
    if word == "inprogress" and live_status.is_over(status):
        return UNSAID
    if word == "rejected" and call.was_stopped:
        return STOPPED_BY_US
    return _word(status.caller)


def _callee(call: Call, status: Status, who: str) -> str:
    """Return the callee's state: ``Success`` means answered only if the caller has it too."""
    word, caller = status.callee.lower(), status.caller.lower()
    if word == "inprogress":
        return _callee_waits(caller, over=live_status.is_over(status))
    if word == "success" and not live_status.is_connected(status):
        inside = status.call.lower() in INTERNAL_FAILURES
        return INTERNAL_FAILURE if inside else CONTRADICTED
    if word == "finished" and not call.connected:
        return OVER
    if word == "rejected" and call.was_stopped:
        return STOPPED_BY_US
    if word == "rejected" and caller in {"success", "finished"}:
        return NOT_CONNECTED.format(who=who)
    return _word(status.callee)


def _callee_waits(caller: str, *, over: bool) -> str:
    """Return what ``InProgress`` means for the callee, who is dialed second."""
    up = caller in {"success", "finished"}
    if over:
        return UNSAID if up else NOT_CALLED
    return LIVE["inprogress"] if caller == "success" else NOT_YET


def _word(raw: str) -> str:
    if raw.lower() in SAYING_NOTHING:
        return UNSAID
    return LIVE.get(raw.lower()) or f"RingCentral says “{foreign(raw)}”"


def side(label: str, value: Side, *, bold: bool = True) -> str:
    """Return a side's final line: a plain word, and RingCentral's if that says more."""
    mark = "*" if bold else ""
    return f"{mark}{label}:{mark} {told(value)}"


def told(value: Side) -> str:
    """Return the plain word for how a side ended; in brackets RingCentral's if it says more."""
    more = _more(value)
    return f"{ending(value)} ({foreign(more)})" if more else ending(value)


def _more(value: Side) -> str:
    """Return what RingCentral's reason and result say that our word leaves out."""
    if value.ending in SHOWING_ALL:
        return ""
    other = unsaid(value.ending, value.result, value.reason) or _other_fax(value)
    same = (each for each in (value.reason, value.result) if each != other)
    exact = "" if value.ending in SAYING_ALL else next(filter(_is_exact, same), "")
    ours = key_of(ENDINGS[value.ending])
    said = (each for each in (exact, other) if key_of(each) not in {"", ours})
    return " · ".join(_short(each) for each in said if not _is_number(each))


def _is_exact(word: str) -> bool:
    return key_of(word) not in VAGUE and not _is_number(word)


def _short(word: str) -> str:
    return " ".join(word.split())[:LONGEST_RAW_WORD]


def _other_fax(value: Side) -> str:
    """Return the reason if it and the result say different things of a fax."""
    said = {FAXES.get(key_of(each)) for each in (value.result, value.reason)}
    return "" if None in said or len(said) == 1 else value.reason


def _is_number(text: str) -> bool:
    """Whether a reason may hold a phone number: ``Info 411 Restricted`` has three digits."""
    return sum(each.isdigit() for each in text) > MOST_DIGITS


def ending(value: Side) -> str:
    """Return the plain word for how a side ended, or RingCentral's own if it is unknown."""
    match value.ending:
        case Ending.UNKNOWN:
            said = [value.result, value.reason]
            said = [each for each in said if key_of(each) not in NOTHING_SAID]
            words = " · ".join(dict.fromkeys(foreign(each) for each in said))
            return f"RingCentral says “{words}”" if words else UNSAID
        case Ending.NOT_ACCEPTED:
            return ENDINGS[value.ending] + NOBODY_ACCEPTED
        case Ending.FAX:
            keys = key_of(value.result), key_of(value.reason)
            known = (FAXES[each] for each in keys if each in FAXES)
            return next(known, ENDINGS[Ending.FAX])
        case Ending.ANSWERED if not is_accepted(value) and value.result:
            return CONNECTED
    return ENDINGS[value.ending]
