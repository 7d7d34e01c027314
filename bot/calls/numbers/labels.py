"""Tells whether the label of a link shows another number than the link leads to."""

from __future__ import annotations

import re

from phonenumbers import Leniency, PhoneNumberMatcher

from bot.calls.numbers import reading
from bot.calls.numbers.passage import FEWEST_FOUND

_WITH_PLUS = re.compile(r"\+[\d ().\[\]/-]+")
MOST_IN_LABEL = 20
"""Groups of digits of one label that are tried."""


def shows_another(label: str, e164: str, region: str) -> bool:
    """Whether a whole number in *label* is not *e164*, or all of it is not its end."""
    whole = PhoneNumberMatcher(label, region, Leniency.VALID, MOST_IN_LABEL)
    if any(reading.e164_of(each.number) != e164 for each in whole):
        return True
    written = _WITH_PLUS.findall(label)
    if reading.is_shaped(label) and not reading.is_date(label, region):
        written.append(label)
    return any(_ends_otherwise(each, e164) for each in written)


def _ends_otherwise(written: str, e164: str) -> bool:
    """Whether *written* is as long as a number, and is not the end of *e164*."""
    digits = reading.digits_of(written)
    return len(digits) >= FEWEST_FOUND and not e164.endswith(digits[-FEWEST_FOUND:])
