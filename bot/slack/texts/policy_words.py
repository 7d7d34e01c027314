"""What the gate says of a call: each rule's sentence, for the person who wants to call.

All of it is escaped. Times are shown in the reader's own zone, but for a callee's.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from bot.calls.numbers.kinds import NumberKind
from bot.policy.decision import Decision, Objection
from bot.policy.rules import Rule, Ruling
from bot.slack.texts import countries
from bot.slack.texts.text import escape, foreign, spoken, when

_SOMEBODY = re.compile(r"<@\w+>")
_WHEN = re.compile(r"<!date[^|>]*\|([^>]*)>")
ON = "{date_short_pretty} at {time}"
"""How Slack shows a moment."""


Now = datetime | None
RuleWords = Callable[[Objection, str, Now], str]


def sentences(
    decision: Decision, reader: str, now: datetime | None = None
) -> list[str]:
    """Return a sentence for each rule that objects.

    *reader* is the Slack id of who reads it; *now* is when the gate was asked.
    """
    return sentences_of(decision.objections, reader, now)


def sentences_of(
    objections: Sequence[Objection], reader: str, now: datetime | None
) -> list[str]:
    """Return a sentence for each of *objections*; see `sentences`."""
    return [
        FIXED_WORDS.get(each.rule) or WORDS[each.rule](each, reader, now)
        for each in objections
    ]


def plainly(said: str) -> str:
    """Return a sentence for a place that knows no mrkdwn, such as a form's input."""
    said = _SOMEBODY.sub("An admin", _WHEN.sub(r"on \1", said))
    return html.unescape(said)


def _who(objection: Objection, reader: str) -> str:
    if not objection.who:
        return "Somebody"
    return "You" if objection.who == reader else f"<@{escape(objection.who)}>"


def _until(objection: Objection) -> str:
    is_warning = objection.ruling is Ruling.ALLOW
    if objection.until is None or is_warning:
        return ""
    return f" You can call again {when(objection.until, ON)}."


def _why(objection: Objection) -> str:
    return f": {foreign(objection.text)}" if objection.text else ""


def _ago(objection: Objection, now: datetime | None) -> str:
    if objection.at is None or now is None:
        return " a short while ago"
    return f" {spoken(now - objection.at)} ago"


def _calls(count: int) -> str:
    return "1 call" if count == 1 else f"{count} calls"


def _throttle(objection: Objection, reader: str, now: Now) -> str:
    span = spoken(timedelta(seconds=objection.seconds))
    times = _calls(objection.found)
    if objection.ruling is Ruling.REFUSE:
        return f"This number has had {times} within {span}.{_until(objection)}"
    said = f"{_who(objection, reader)} called this number{_ago(objection, now)}."
    return said if objection.found == 1 else f"{said} It has had {times} within {span}."


def _paused(objection: Objection, reader: str, _: Now) -> str:
    at = f" {when(objection.at, ON)}" if objection.at else ""
    who = _who(objection, reader)
    return f"{who} paused all calls here{at}{_why(objection)}."


def _do_not_call(objection: Objection, _: str, __: Now) -> str:
    return f"Nobody here may call this number{_why(objection)}."


def _quiet(objection: Objection, _: str, __: Now) -> str:
    if objection.ruling is Ruling.REFUSE:
        clock = f"{objection.at:%-I:%M %p}" if objection.at else "too early or too late"
        return f"It's {clock} there, outside calling hours.{_until(objection)}"
    return "It may be outside calling hours there."


def _at_once(objection: Objection, _: str, __: Now) -> str:
    going_on = f"{_calls(objection.found)} going on"
    if objection.is_everybodys:
        return f"Your team has {going_on}, the most at once. Try again shortly."
    return f"You have {going_on}, the most at once. Try again when one is over."


def _per_day(objection: Objection, _: str, __: Now) -> str:
    whose = "Your team has" if objection.is_everybodys else "You have"
    most = f"placed {objection.found} of {objection.limit} calls today"
    return f"{whose} {most}.{_until(objection)}"


def _minutes(objection: Objection, _: str, __: Now) -> str:
    whose = "Your team has" if objection.is_everybodys else "You have"
    most = f"used {objection.found} of {objection.limit} minutes this month"
    return f"{whose} {most}.{_until(objection)}"


def _first_time(objection: Objection, _: str, __: Now) -> str:
    said = "Nobody here has called this number before"
    if objection.ruling is Ruling.REFUSE:
        return f"{said}, and new numbers aren't allowed."
    return f"{said}.{_there(objection)}"


def _foreign(objection: Objection, _: str, __: Now) -> str:
    if objection.ruling is Ruling.REFUSE:
        return "Calls abroad aren't allowed here."
    return f"It's a number abroad.{_there(objection)}"


def _there(objection: Objection) -> str:
    """Say where a number is, what it is, and what time it is there, if that is known."""
    if not objection.text:
        return ""
    what = KIND_WORDS.get(objection.kind)
    country = escape(countries.plain(objection.text))
    where = f" It's {what} in {country}" if what else f" It's in {country}"
    return (
        f"{where}, where it's {objection.at:%-I:%M %p}."
        if objection.at
        else f"{where}."
    )


KIND_WORDS: dict[str, str] = {
    NumberKind.MOBILE: "a mobile number",
    NumberKind.LANDLINE: "a landline",
    NumberKind.TOLL_FREE: "a toll-free number",
    NumberKind.INTERNET: "an internet phone number",
}
"""What kind of number it is, where its digits say so."""

FIXED_WORDS = {
    Rule.EMERGENCY: "I can't reach emergency services. Dial them on a phone now.",
    Rule.PREMIUM: "That's a premium-rate number, which I can't call.",
    Rule.USERS: "You aren't allowed to place calls here.",
    Rule.CHANNELS: "Calls aren't allowed in this channel.",
    Rule.GUESTS: "Guests and people from other companies can't use RingOut here.",
    Rule.SHARED_CHANNELS: "Calls aren't allowed in channels that are shared with another company.",
    Rule.NUMBER_TYPE: "Numbers that cost extra aren't allowed here.",
    Rule.DOUBT: "It may lack a digit, or have one too many.",
}
"""A sentence for each rule that has no values."""

WORDS: dict[Rule, RuleWords] = {
    Rule.DO_NOT_CALL: _do_not_call,
    Rule.PAUSED: _paused,
    Rule.COUNTRY: lambda o, *_: (
        f"Calls to {escape(countries.plain(o.text)) or 'that country'} aren't allowed here."
    ),
    Rule.PER_MINUTE: lambda o, *_: (
        f"That's more than {_calls(o.limit)} in a minute. Try again shortly."
    ),
    Rule.THROTTLE: _throttle,
    Rule.QUIET_HOURS: _quiet,
    Rule.AT_ONCE: _at_once,
    Rule.PER_DAY: _per_day,
    Rule.MINUTES: _minutes,
    Rule.FIRST_TIME: _first_time,
    Rule.FOREIGN: _foreign,
}
"""A sentence for each other rule."""
