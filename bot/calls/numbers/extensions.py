"""What an extension looks like, beside a number or alone, in the languages of its regions."""

from __future__ import annotations

import re

from bot.calls.numbers import reading
from bot.calls.typed.labels import EXTENSION_WORDS

_EXTENSION_LETTERS = "[x\u00d7\u0445pw]"
_SIGNS = r"[*\#~\uff5e]|,{2,3}|[;,](?!\s)|(?<!\d)[;,]"
"""Signs that dial on: ``0142,,12``, ``0142;12``. ``0142; 12`` is a list of two."""

_MORE_SIGNS = r"[\s.:=-]*[*\#~\uff5e;,]+[\s.:=-]*"
_BEFORE_EXTENSION = r"[\s.)([,/-]*"

PATTERN = re.compile(
    rf"""\d{_BEFORE_EXTENSION}(?:;?\s*(?:{EXTENSION_WORDS})|{_EXTENSION_LETTERS}|e(?=\d))[\s.:=\#-]*\d{{1,7}}\W*$
      | ^(?:[^\d*\#~\uff5e;,]*\d){{5,}}{_BEFORE_EXTENSION}(?:{_SIGNS})
        [\s.:=\#-]*\d{{1,7}}(?:{_MORE_SIGNS}\d{{1,7}})*\W*$
      | ^\W*(?:(?:{EXTENSION_WORDS})(?![^\W\d_])|ext|\*)[\s.:\#-]*\d
      | ^\W*(?:x|\#)[\s.:\#-]*(?:\d\D*){{1,7}}$ | ^\W*\#\s*\d+\s*[*\#]
      | \d\s*[\#*]$""",
    re.IGNORECASE | re.VERBOSE,
)
"""Matches a number with an extension, an extension alone, and a dialing code. A sign that
dials on follows a number; between groups of digits (``415*555*0142``) it is only odd."""

_EXTENSION_BEHIND = re.compile(
    rf"""{_BEFORE_EXTENSION}(?:;?\s*(?:{EXTENSION_WORDS})(?![^\W\d_])
        |{_EXTENSION_LETTERS}|[*\#]|,{{2,3}})[\s.:=\#-]*(\d{{1,7}})(?!\w)""",
    re.IGNORECASE | re.VERBOSE,
)
"""An extension right behind a number."""

_FEWEST_BEFORE = 7
"""Digits of a number that has one."""

_RANGE = re.compile(r"(.*\d)\s*[~\uff5e]\s*\d{1,4}")
_BEHIND_DASH = re.compile(r"(.*\d[)\]]?)\s*-+\s*\d{3,5}")
_CHINESE = {86, 886}
_EAST_ASIA = {81, 82, 86, 852, 853, 886}


def behind(text: str) -> str:
    """Return the extension with which *text*, what follows a number, begins; or ``""``."""
    found = _EXTENSION_BEHIND.match(text)
    return found[1] if found else ""


def cut(text: str) -> tuple[str, str]:
    """Return *text* without the extension at its end, and the extension; or ``""``."""
    for last in re.finditer(r"\d(?!\d)", text):
        found = _EXTENSION_BEHIND.match(text, last.end())
        before = reading.digits_of(text[: last.end()])
        if found and found.end() == len(text) and len(before) >= _FEWEST_BEFORE:
            return text[: last.end()], found[1]
    return text, ""


def is_range(text: str, region: str) -> bool:
    """Whether ``03-1234-5678~9`` is two numbers, as East Asia writes them."""
    found = _RANGE.fullmatch(text)
    number = reading.parsed(found[1], region) if found else None
    return number is not None and number.country_code in _EAST_ASIA


def is_behind_dash(text: str, region: str) -> bool:
    """Whether ``021-61234567-8001`` is a number and its extension, as China writes them."""
    found = _BEHIND_DASH.fullmatch(text)
    whole = reading.one(found[1], region) if found else ""
    number = reading.parsed(whole)
    if number is None or number.country_code not in _CHINESE:
        return False
    return reading.is_valid(whole) and not reading.one(text, region)
