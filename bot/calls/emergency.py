"""Emergency numbers of every country, found in what a person typed.

RingOut would ring the person's own phone first and then leave from the cloud, with the
account's registered address: no way to call for help. So these numbers are refused
before anything else, whichever country they belong to.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

import phonenumbers
from phonenumbers import PhoneMetadata

from bot.errors import UserError

_EVERYBODY_KNOWS = ("112", "911", "999")
_CRISIS = "988"
"""The US crisis line: no emergency number in the metadata, as urgent as one."""

_OUTSIDE_LINE = ("9", "0")
"""What many office phones want before a number that leaves the house."""

_LONGEST_URGENT = 6
"""No emergency number in the world is longer."""

_LONGEST_CODE = 3
"""Digits of the longest country code."""

_BARE = 3
"""Digits that are no number of any country, with a plus or without."""

_LETTERS = re.compile(r"[^\W\d_]")
_MARKED = re.compile(r"\W*[*#]")


@dataclass(eq=False, repr=False)
class EmergencyNumber(UserError):
    """What was typed dials, or may be meant to dial, an emergency service."""

    number: str
    region: str = ""

    @property
    def is_local(self) -> bool:
        """Whether *number* reaches help in *region*; 112, 911 and 999 count everywhere."""
        return self.number in _EVERYBODY_KNOWS or _is_near(self.number, self.region)


def dialled(text: str, region: str) -> str:
    """Return the emergency number that all digits of *text* make, or ``""``.

    *text* is cleaned (`dialling.clean`). Also found: behind a country code (``+1 911``)
    and among words (``call 911``). Beside letters and behind ``*`` or ``#`` only
    *region*'s own numbers and the ones that everybody knows count: ``x123`` is an
    extension, though 123 is Colombia's police.
    """
    digits = re.sub(r"\D", "", text)
    if not digits or len(digits) > _LONGEST_URGENT + _LONGEST_CODE:
        return ""
    if _is_near(digits, region):
        return digits
    is_whole = "+" in text
    if is_whole and (urgent := _behind_a_code(digits)):
        return urgent
    if is_whole and len(digits) > _BARE:
        return ""  # it may be the beginning of an ordinary number
    if _is_more_than_a_number(text) or not _anywhere().fullmatch(digits):
        return ""
    return digits


def meant(text: str, region: str) -> str:
    """Return the emergency number that a refused *text* may be meant for, or ``""``.

    Only for a text that is no number anyway, as an ordinary one may well begin with
    911: ``911 911``, ``911, hurry: 2 people``, ``9911`` (an outside line), ``91155``.
    """
    runs: list[str] = re.findall(r"\d+", text)
    near = [run for run in runs if _is_near(run, region)]
    digits = "".join(runs)
    if near and (len(digits) <= _LONGEST_URGENT or near == runs):
        return near[0]
    if len(digits) > _LONGEST_URGENT or "+" in text or _is_more_than_a_number(text):
        return ""
    home = str(phonenumbers.country_code_for_region(region))
    behind = [digits.removeprefix(each) for each in (home, *_OUTSIDE_LINE)]
    beginnings = [digits[:length] for length in range(len(digits), 1, -1)]
    return next((each for each in behind + beginnings if _is_near(each, region)), "")


def _is_near(digits: str, region: str) -> bool:
    if digits in _EVERYBODY_KNOWS or digits == _CRISIS:
        return True
    return bool(phonenumbers.is_emergency_number(digits, region))


def _is_more_than_a_number(text: str) -> bool:
    return bool(_LETTERS.search(text) or _MARKED.match(text))


def _behind_a_code(digits: str) -> str:
    for length in range(1, _LONGEST_CODE + 1):
        rest = digits[length:]
        code = int(digits[:length])
        for region in phonenumbers.region_codes_for_country_code(code):
            if _is_near(rest, region):
                return rest
    return ""


@cache
def _anywhere() -> re.Pattern[str]:
    """All countries' emergency numbers in one pattern: the data takes 0.1 s to load."""
    patterns = set()
    for region in phonenumbers.SUPPORTED_SHORT_REGIONS:
        metadata = PhoneMetadata.short_metadata_for_region(region)
        if metadata is not None and metadata.emergency is not None:
            patterns.add(metadata.emergency.national_number_pattern or "(?!)")
    return re.compile("|".join(f"(?:{pattern})" for pattern in sorted(patterns)))
