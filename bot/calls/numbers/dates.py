"""Tells a date from a phone number: ``05.10.1986`` would ring somebody in five countries."""

from __future__ import annotations

import re

_DATE_SIGN = r"[ ./-]+"
_WHOLE_DATE = re.compile(
    rf"(?P<first>\d{{1,4}})(?P<signs>{_DATE_SIGN})(?P<second>\d{{1,2}})"
    rf"(?P<more>{_DATE_SIGN})'?(?P<third>\d{{1,4}})(?P<behind>(?:\D.*)?)"
)
_MONTH_AND_YEAR = re.compile(r"(0?[1-9]|1[0-2])[./-](19|20)\d\d")
_TIME_OF_DAY = re.compile(
    rf"(?:(?:{_DATE_SIGN}|T)([01]?\d|2[0-4])(?:[.: ]?[0-5]\d){{0,2}}(?: ?Z| ?[ap]\.?m\.?)?){{1,2}}",
    re.IGNORECASE,
)
_FIRST_DAY = re.compile(r"^\d{1,2}\.? ?[-/] ?(?=\d{1,2}\D+\d{1,2}\D+[12]\d{3})")
"""``05.-07.10.1986``."""
_SECOND_YEAR = re.compile(rf"{_DATE_SIGN}'?(?:\d\d|[12]\d{{3}})")
_BRACKETS = str.maketrans("()[]", "    ")

_YEAR = 4
"""Digits of a whole year."""
_YEARS = range(1000, 3000)
_USUAL_YEARS = range(1900, 2100)
"""Years in front that make a date of what has one more group of digits behind it."""
_MONTHS = range(1, 13)
_DAYS = range(1, 32)


def is_day(text: str) -> bool:
    """Whether *text* has the form of a date, in any country's order.

    Brackets, spaces, mixed signs, and a time, a second year or a second date behind it
    change nothing. So does a month with its year.
    """
    plain = text.translate(_BRACKETS).strip(" ./-")
    if _MONTH_AND_YEAR.fullmatch(plain):
        return True
    parts = _WHOLE_DATE.fullmatch(_FIRST_DAY.sub("", plain))
    return parts is not None and _has_day(parts) and _is_beside_a_date(parts)


def _has_day(parts: re.Match[str]) -> bool:
    first, second, third = (parts[each] for each in ("first", "second", "third"))
    year = _year(parts)
    months = [(second, third)] if year == first else [(first, second), (second, first)]
    if len(year) == _YEAR:
        is_year = int(year) in _YEARS
    else:
        # '90; but 26 11 30 are the groups of a number.
        is_year = len(year) == 2 and not _is_spaced(parts)  # noqa: PLR2004
    return is_year and any(
        int(month) in _MONTHS and int(day) in _DAYS for month, day in months
    )


def _year(parts: re.Match[str]) -> str:
    return parts["first"] if len(parts["first"]) == _YEAR else parts["third"]


def _is_beside_a_date(parts: re.Match[str]) -> bool:
    """Whether only a time, a year or a date follows, and no further group of a number."""
    behind, year = parts["behind"], _year(parts)
    is_whole = len(year) == _YEAR
    is_number = parts["signs"] == parts["more"] and int(year) not in _USUAL_YEARS
    is_sure = is_whole and (year == parts["third"] or not is_number)
    if behind.startswith(parts["more"]) and not is_sure:
        return False
    return (
        not behind
        or _TIME_OF_DAY.fullmatch(behind) is not None
        or (is_whole and _SECOND_YEAR.fullmatch(behind) is not None)
        or is_day(behind)
    )


def _is_spaced(parts: re.Match[str]) -> bool:
    return not (parts["signs"] + parts["more"]).strip()
