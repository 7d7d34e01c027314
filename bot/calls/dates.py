"""Tells a date from a phone number: ``05.10.1986`` would ring somebody in five countries."""

from __future__ import annotations

import re

_DAY_MONTH_YEAR = re.compile(
    r"(?P<first>\d{1,4})(?P<sign>[./ -]) ?(?P<second>\d{1,2})(?P=sign) ?(?P<third>\d{1,4})"
)
_YEAR = 4
"""Digits of a whole year."""
_YEARS = range(1900, 2100)
_MONTHS = range(1, 13)
_DAYS = range(1, 32)


def is_day(text: str) -> bool:
    """Whether *text* has the form of a date, in any country's order."""
    parts = _DAY_MONTH_YEAR.fullmatch(text)
    if parts is None:
        return False
    first, second, third = (parts[each] for each in ("first", "second", "third"))
    if len(first) == _YEAR:
        year, months = first, [(second, third)]
    else:
        year, months = third, [(first, second), (second, first)]
    if len(year) == _YEAR:
        is_year = int(year) in _YEARS
    else:
        is_year = len(year) == 2 and parts["sign"] != " "  # noqa: PLR2004 - '90
    return is_year and any(
        int(month) in _MONTHS and int(day) in _DAYS for month, day in months
    )
