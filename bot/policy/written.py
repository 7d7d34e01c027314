"""How limits, caps and hours are written, in settings and in the policy file.

Each function here that reads a text raises ValueError, whose message says how the text
must look; it never repeats the text.
"""

from __future__ import annotations

import re
from datetime import time

from bot.policy.rules import CallCap, Limit, QuietHours, Ruling

OFF = "off"
NO_BOUND = "*"
MOST_LIMITS = 10
LONGEST_LIMIT = 24 * 60 * 60
"""Seconds; the calls to a number are counted at each call."""
LARGEST_CAP = 1_000_000

THROTTLE_MUST = (
    "must be off, or limits such as 1/60s,3/15m,7/1h, each longer than the one before, up "
    "to 24h"
)
CAP_MUST = (
    "must be a whole number, 1 or more, for each person, or two with a comma, the second "
    "for everybody; * instead of the first means no bound"
)
HOURS_MUST = "must be two different times, such as 21:00-08:00"

_UNITS = {"s": 1, "m": 60, "h": 60 * 60}
_LIMIT_FORM = re.compile(r"([1-9][0-9]{0,3})/([1-9][0-9]{0,4})([smh])(!?)")
_CAP_FORM = re.compile(r"(\*|[0-9]{1,7})(?:\s*,\s*([0-9]{1,7}))?")
_HOURS_FORM = re.compile(
    r"([01]?\d|2[0-3]):([0-5]\d)\s*[-\u2013]\s*([01]?\d|2[0-3]):([0-5]\d)"
)


def throttle(text: str) -> tuple[Limit, ...]:
    """Read ``1/60s,3/15m,7/1h`` or ``off``.

    The last limit refuses, the others ask; one with a ``!`` behind it refuses, too.
    """
    if text.lower() == OFF:
        return ()
    parts = [each.strip() for each in text.split(",")]
    found = [_LIMIT_FORM.fullmatch(each) for each in parts]
    limits = tuple(
        Limit(
            int(each[1]),
            int(each[2]) * _UNITS[each[3]],
            Ruling.REFUSE if each[4] or at == len(found) else Ruling.ASK,
        )
        for at, each in enumerate(found, 1)
        if each
    )
    spans = [each.seconds for each in limits]
    if (
        len(limits) < len(parts)
        or len(limits) > MOST_LIMITS
        or spans != sorted(set(spans))
        or spans[-1] > LONGEST_LIMIT
    ):
        raise ValueError(THROTTLE_MUST)
    return limits


def throttle_text(limits: tuple[Limit, ...]) -> str:
    """Write limits so that `throttle` reads the same ones."""
    last = len(limits)
    return (
        ",".join(
            f"{each.most}/{span(each.seconds)}"
            f"{'!' if each.ruling is Ruling.REFUSE and at < last else ''}"
            for at, each in enumerate(limits, 1)
        )
        or OFF
    )


def span(seconds: int) -> str:
    """Write how long a limit is: ``60s``, ``15m``, ``24h``."""
    for unit, length in reversed(_UNITS.items()):
        if seconds % length == 0 and (unit != "m" or seconds > length):
            return f"{seconds // length}{unit}"
    return f"{seconds}s"


def cap(text: str) -> CallCap:
    """Read ``5``, ``5,40`` or ``*,40``: for each person, and for everybody together."""
    found = _CAP_FORM.fullmatch(text)
    if found is None:
        raise ValueError(CAP_MUST)
    person = None if found[1] == NO_BOUND else int(found[1])
    everybody = int(found[2]) if found[2] else None
    given = [each for each in (person, everybody) if each is not None]
    if not given or not all(1 <= each <= LARGEST_CAP for each in given):
        raise ValueError(CAP_MUST)
    return CallCap(person, everybody)


def cap_text(given: CallCap) -> str:
    """Write a cap so that `cap` reads the same one; empty if it has no bound."""
    person = NO_BOUND if given.person is None else str(given.person)
    if given.everybody is None:
        return "" if given.person is None else person
    return f"{person},{given.everybody}"


def hours(text: str) -> QuietHours:
    """Read ``21:00-08:00``."""
    found = _HOURS_FORM.fullmatch(text)
    if found is None:
        raise ValueError(HOURS_MUST)
    begin, end = (time(int(found[at]), int(found[at + 1])) for at in (1, 3))
    if begin == end:
        raise ValueError(HOURS_MUST)
    return QuietHours(begin, end)


def hours_text(given: QuietHours) -> str:
    """Write quiet hours so that `hours` reads the same ones."""
    return f"{given.begin:%H:%M}-{given.end:%H:%M}"
