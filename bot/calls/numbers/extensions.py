"""What an extension looks like, beside a number or alone, in the languages of its regions."""

from __future__ import annotations

import re

from bot.calls.numbers import reading

_EXTENSION_WORDS = (
    r"ext\w*|extn|xtn|local|loc|lokal|int|interno|interne|poste?|ramal|anexo|deriva\w*"
    r"|durchwahl|dw|apparat|app|nebenstelle|nst|klappe|kl|toestel|tst|anknytning|ankn"
    r"|dahili|dah|wewn\w*|wew|linka|klapka|mell[e\u00e9]k|alanumero|options?|opt|press"
    r"|m\u00e1y\s?l\u1ebb|\u03b5\u03c3\u03c9\u03c4\w*"
    r"|\u0434\u043e\u0431\w*|\u0432\u043d\w*"
    r"|\u05e9\u05dc\u05d5\u05d7\u05d4|\u0634\u0644\u0648\u062d\u0629|\u062f\u0627\u062e\u0644\u06cc"
    r"|\u062a\u062d\u0648\u064a\u0644\u0629"
    r"|\u5185\u7ebf|\u5167\u7dda|\u5185\u7dda|\u5206\u673a|\u5206\u6a5f|\u8f49|\u8f6c|\u8ee2"
    r"|\ub0b4\uc120|\uad50\ud658|\u0e15\u0e48\u0e2d"
)
"""Russian, Hebrew, Persian, Arabic, Chinese, Japanese, Korean, Thai and Greek words too."""

_EXTENSION_LETTERS = "[x\u00d7\u0445pw]"
_SIGNS = r"[*\#~\uff5e]|,{2,3}|[;,](?!\s)|(?<!\d)[;,]"
"""Signs that dial on: ``0142,,12``, ``0142;12``. ``0142; 12`` is a list of two."""

_MORE_SIGNS = r"[\s.:=-]*[*\#~\uff5e;,]+[\s.:=-]*"
_BEFORE_EXTENSION = r"[\s.)([,/-]*"

PATTERN = re.compile(
    rf"""\d{_BEFORE_EXTENSION}(?:;?\s*(?:{_EXTENSION_WORDS})|{_EXTENSION_LETTERS}|e(?=\d))[\s.:=\#-]*\d{{1,7}}\W*$
      | ^(?:[^\d*\#~\uff5e;,]*\d){{5,}}{_BEFORE_EXTENSION}(?:{_SIGNS})
        [\s.:=\#-]*\d{{1,7}}(?:{_MORE_SIGNS}\d{{1,7}})*\W*$
      | ^\W*(?:(?:{_EXTENSION_WORDS})(?![^\W\d_])|ext|x|[*\#])[\s.:\#-]*\d
      | \d\s*[\#*]$""",
    re.IGNORECASE | re.VERBOSE,
)
"""Matches a number with an extension, an extension alone, and a dialing code. A sign that
dials on follows a number; between groups of digits (``415*555*0142``) it is only odd."""

_EXTENSION_BEHIND = re.compile(
    rf"""{_BEFORE_EXTENSION}(?:;?\s*(?:{_EXTENSION_WORDS})(?![^\W\d_])
        |{_EXTENSION_LETTERS}|[*\#]|,{{2,3}})[\s.:=\#-]*(\d{{1,7}})(?!\w)""",
    re.IGNORECASE | re.VERBOSE,
)
"""An extension right behind a number."""

_FEWEST_BEFORE = 7
"""Digits of a number that has one."""

_RANGE = re.compile(r"(.*\d)\s*[~\uff5e]\s*\d{1,4}")
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
