"""What kind of number it is, as far as its digits say."""

from __future__ import annotations

from enum import StrEnum

import phonenumbers
from phonenumbers import PhoneNumberType

from bot.calls.numbers import reading
from bot.calls.numbers.phone import PhoneNumber


class NumberKind(StrEnum):
    """In the words of people who call."""

    MOBILE = "mobile"
    LANDLINE = "landline"
    TOLL_FREE = "toll-free"
    INTERNET = "internet"
    OTHER = ""
    """In the US and Canada, a landline or a mobile: no digits say which."""


_KIND_OF_TYPE = {
    PhoneNumberType.MOBILE: NumberKind.MOBILE,
    PhoneNumberType.FIXED_LINE: NumberKind.LANDLINE,
    PhoneNumberType.TOLL_FREE: NumberKind.TOLL_FREE,
    PhoneNumberType.VOIP: NumberKind.INTERNET,
}


def kind_of(number: PhoneNumber) -> NumberKind:
    """Return a number's kind."""
    parsed = reading.parsed(number.e164)
    if parsed is None:
        return NumberKind.OTHER
    return _KIND_OF_TYPE.get(phonenumbers.number_type(parsed), NumberKind.OTHER)
