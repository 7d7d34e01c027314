"""Tells whether a plus stands before a number of home, which has no country code.

With the plus, ``+(201) 555-0123`` would be dialed to Egypt (20), and not to New Jersey.
"""

from __future__ import annotations

import re

import phonenumbers
from phonenumbers import PhoneNumber, PhoneNumberFormat, PhoneNumberType

from bot.calls.numbers.reading import LONGEST_E164, digits_of, e164_of, one, parsed

_FIRST_GROUP = re.compile(r"[(\[ ]*\+[(\[ ]*(\d+)")
_BRACKETED = re.compile(r"[ +]*[(\[][ +]*\d+ *[)\]]")


def home_number(text: str, region: str) -> str:
    """Return the E.164 form of home's number that *text* may be without its plus.

    Empty if *text* has no plus, is no number of home, or is grouped as a number is
    behind its country code: ``+1 (415) …``, ``+44 20 …``, ``+(44) 20 …``, ``+49171 …``.
    """
    first, digits = _FIRST_GROUP.match(text), digits_of(text)
    if first is None or first[1] == digits:
        return ""
    home, abroad = parsed(digits, region), parsed(f"+{digits}")
    if home is None or abroad is None or home == abroad:
        return ""
    e164 = e164_of(home)
    if not phonenumbers.is_valid_number(home) or len(e164) > LONGEST_E164 + len("+"):
        return ""
    code = str(abroad.country_code)
    is_bracketed = _BRACKETED.match(text) is not None
    if first[1] == code:
        is_home = is_bracketed and _is_grouped_only_at_home(text, home, abroad)
    elif len(first[1]) < len(code) or is_bracketed:
        is_home = True
    else:
        is_home = _is_grouped_at_home(text, home, region)
    return e164 if is_home else ""


def _is_grouped_only_at_home(text: str, home: PhoneNumber, abroad: PhoneNumber) -> bool:
    """Whether *text* has home's groups, and not those of the number abroad."""
    typed = _group_ends(text)
    elsewhere = _usual_ends(abroad, PhoneNumberFormat.INTERNATIONAL)
    return typed == _usual_ends(home, PhoneNumberFormat.NATIONAL) and (
        typed - {max(typed)} != elsewhere
    )


def _is_grouped_at_home(text: str, home: PhoneNumber, region: str) -> bool:
    """Whether *text* begins with home's area code, and has other groups only as at home.

    If the trunk prefix is missing that home asks for, it has to be a mobile with all of
    home's groups: Germany has landlines for most digits.
    """
    typed, usual = _group_ends(text), _usual_ends(home, PhoneNumberFormat.NATIONAL)
    if not usual or max(typed) != max(usual) or not typed <= usual:
        return False
    is_mobile = phonenumbers.number_type(home) == PhoneNumberType.MOBILE
    return bool(one(text.replace("+", ""), region)) or (is_mobile and typed == usual)


def _usual_ends(number: PhoneNumber, style: int) -> set[int]:
    """Return the `_group_ends` of a number behind its trunk prefix or country code."""
    count = len(phonenumbers.national_significant_number(number))
    ends = _group_ends(phonenumbers.format_number(number, style))
    return {each for each in ends if each < count}


def _group_ends(text: str) -> set[int]:
    """Return how many digits stand behind each group but the last one."""
    groups = re.findall(r"\d+", text)
    return {sum(map(len, groups[at:])) for at in range(1, len(groups))}
