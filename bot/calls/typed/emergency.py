"""Finds emergency numbers of every country in what a person typed.

RingOut rings the person's own phone first and then calls from the cloud, with the
account's registered address: nobody can call for help that way. So these numbers are
refused before anything else, whichever country they belong to.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

import phonenumbers
from phonenumbers import PhoneMetadata

from bot.errors import UserError

_EVERYBODY_KNOWS = ("112", "911", "999")
_LEFT_OUT = {
    "AT": {"140"},
    "CA": {"988"},
    "CH": {"145", "1414"},
    "ES": {"061", "062", "080", "091", "092"},
    "FR": {"114", "115", "119", "191", "196", "197"},
    "IT": {"114", "1530"},
    "JP": {"118"},
    "US": {"988"},
}
"""Rescue by air, sea and mountain, crisis and text lines, which phonenumbers doesn't class
as emergency numbers though they are as urgent."""

_CRISIS = "988"
"""The crisis line of the US and Canada is refused in every country, to be safe."""

_OUTSIDE_LINE = ("9", "0")
"""What many office phones need before an outside number."""

_LONGEST_URGENT = 6
"""No emergency number in the world is longer."""

_LONGEST_CODE = 3
"""Digits of the longest country code."""

_BARE = 3
"""No ordinary number of any country has so few digits, with or without a plus."""

_LETTERS = re.compile(r"[^\W\d_]")
_MARKED = re.compile(r"\W*[*#]")


@dataclass(eq=False, repr=False)
class EmergencyNumber(UserError):
    """What was typed dials, or may be meant to dial, an emergency service."""

    number: str
    region: str = ""
    typed: str = ""
    """What was typed, if it has these digits alone: then it may be an extension."""

    @property
    def is_local(self) -> bool:
        """Whether *number* calls for help in *region*; 112, 911 and 999 always count."""
        return self.number in _EVERYBODY_KNOWS or _is_of(self.number, self.region)

    @property
    def is_service(self) -> bool:
        """Whether it is another free service's number in *region*."""
        return is_service(self.number, self.region)


def dialed(text: str, region: str) -> str:
    """Return the emergency number that the digits of *text* form, or ``""``.

    *text* is cleaned (`dialing.clean`). A number after a country code (``+1 911``) or
    among words (``call 911``) is found too. With letters, or after ``*`` or ``#``, only
    the numbers of *region* and the well-known ones count: ``x123`` is an extension,
    though 123 is the police in Colombia.
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
        return ""  # this may be the beginning of an ordinary number
    if _is_more_than_a_number(text) or not _anywhere().fullmatch(digits):
        return ""
    return digits


def meant(text: str, region: str) -> str:
    """Return the emergency number that *text* may be meant for, or ``""``.

    ``911 911``, ``911, hurry: 2 people``, ``9911`` (with an outside line), ``91155``.
    Only for a text that is no phone number: an ordinary number may begin with 911.
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
    return _is_of(digits, region)


def _is_of(digits: str, region: str) -> bool:
    if digits in _LEFT_OUT.get(region, ()):
        return True
    return bool(phonenumbers.is_emergency_number(digits, region))


def is_service(digits: str, region: str) -> bool:
    """Whether *region* has a free service under this short number: help, information."""
    metadata = PhoneMetadata.short_metadata_for_region(region)
    free = metadata.toll_free if metadata is not None else None
    pattern = (free.national_number_pattern if free else None) or "(?!)"
    return re.fullmatch(pattern, digits) is not None


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
    """Return one pattern for all countries' emergency numbers; loading takes 0.1 s."""
    patterns = set()
    for region in phonenumbers.SUPPORTED_SHORT_REGIONS:
        metadata = PhoneMetadata.short_metadata_for_region(region)
        if metadata is not None and metadata.emergency is not None:
            patterns.add(metadata.emergency.national_number_pattern or "(?!)")
    return re.compile("|".join(f"(?:{pattern})" for pattern in sorted(patterns)))
