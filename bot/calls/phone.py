"""Phone numbers: what a person typed, whether it may be dialled, how it is shown.

Nothing is guessed: the digits that `parse` returns are the digits that were typed, with
the country code before them that the home region has. How a text is taken apart is in
`dialling`, how it is read in `reading`, why it is refused in `refusal` and `emergency`.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from functools import lru_cache

import phonenumbers
from phonenumbers import PhoneNumberFormat, PhoneNumberType

from bot.calls import emergency, reading
from bot.calls.dialling import LONGEST_TYPED, clean
from bot.calls.emergency import EmergencyNumber
from bot.calls.refusal import Flaw, UnreadableNumber, why_not
from bot.errors import UserError

_TEL = re.compile(r"^tel:", re.IGNORECASE)
_SLACK_LINK = re.compile(r"<([^<>|]*)(?:\|([^<>|]*))?>")

_PREMIUM = re.compile(r"\+(?:1900|1\d{3}976|979)\d*")
"""Premium by their prefix alone: the metadata calls 976 an ordinary exchange, and a
number that is merely possible has no type at all.
"""

_NOT_MOBILE = {
    PhoneNumberType.FIXED_LINE, PhoneNumberType.TOLL_FREE, PhoneNumberType.UAN,
}  # fmt: skip
"""A landline's, and a company's own."""

_SURELY_URGENT = 4
"""Digits up to which any country's emergency number is refused, come what may."""

_USUAL = 7
"""Digits without country code from which four can be shown and three stay hidden."""


@dataclass(frozen=True, slots=True, repr=False)
class PhoneNumber:
    """A number in E.164. Its ``str`` and ``repr`` are masked, so no log can leak it."""

    e164: str

    def __repr__(self) -> str:
        return f"<PhoneNumber {self.masked}>"

    def __str__(self) -> str:
        return self.masked

    def __hash__(self) -> int:
        return hash(self.e164)

    @property
    def masked(self) -> str:
        """``+1 ••• ••• 0142``: country code and the last four digits.

        Two digits of a number so short that four would give it away.
        """
        code, _, rest = self.international.partition(" ")
        if not rest:
            code, rest = "", self.e164.removeprefix("+")
        digits = sum(character.isdigit() for character in rest)
        hidden = digits - (4 if digits >= _USUAL else min(2, digits // 2))
        groups = re.sub(r"\D+", " ", rest)
        return f"{code} {re.sub(r'[0-9]', '•', groups, count=hidden)}".strip()

    @property
    def international(self) -> str:
        """``+1 415-555-0142``: in full, for those who may see it."""
        return _international(self.e164)

    @property
    def region(self) -> str:
        """Its country as an ISO code, or the calling code's main one if it has none.

        ``+1 555 123 4567`` counts as ``US``. ``001`` is a satellite or other global
        network; empty where there is no such calling code.
        """
        number = reading.parsed(self.e164)
        if number is None:
            return ""
        return phonenumbers.region_code_for_number(
            number
        ) or phonenumbers.region_code_for_country_code(number.country_code or 0)

    @property
    def may_be_mobile(self) -> bool:
        """Whether its digits leave that open: in the US and Canada they always do."""
        number = reading.parsed(self.e164)
        return number is None or phonenumbers.number_type(number) not in _NOT_MOBILE


@dataclass(eq=False, repr=False)
class NumberNotAllowed(UserError):
    """A number that the bot could dial, but must not."""

    number: PhoneNumber


class PremiumRate(NumberNotAllowed):
    """The callee is paid for the call, however short."""


@dataclass(eq=False, repr=False)
class CountryNotAllowed(NumberNotAllowed):
    """The number's country is not among those that an admin has allowed."""

    home: str
    countries: frozenset[str]


def parse(text: str, *, region: str) -> PhoneNumber:
    """Read what a person typed or pasted; *region* is home, for what has no plus.

    A number with its country code has to be possible, any other valid. A valid number
    of another country that shares home's code ((809) 555-0123 in the US) is read, so
    that `permit` can name the country.

    Raises:
        EmergencyNumber: An emergency number of any country. Goes before all else.
        HasExtension: ``x123``, ``*101``, ``,,5``, ``;ext=``.
        ShortCode: A short code of any country, or six digits and fewer.
        NotAPhoneNumber: Anything else that is not one number beyond doubt.
    """
    plain = clean(text)
    if len(text.strip()) > LONGEST_TYPED:
        raise why_not(plain, text, region)
    link = _SLACK_LINK.fullmatch(plain)
    if link is None or not _TEL.match(link[1]):
        return _read(plain, text, region)
    number = _read(link[1], text, region)
    label = link[2] or ""
    has_digits = any(character.isdigit() for character in label)
    if has_digits and _read(label, text, region) != number:
        raise UnreadableNumber(text, Flaw.TWO_NUMBERS)
    return number


def permit(
    number: PhoneNumber, *, region: str, countries: Collection[str] | None
) -> None:
    """Refuse a number that must not be called; *countries* None allows them all.

    A number that several countries share (+1 800 …) is allowed where it is valid for
    one of *countries*. *region* is home.

    Raises:
        PremiumRate: Whatever the country.
        CountryNotAllowed: Another country, or no country (satellite) unless all are
            allowed.
    """
    parsed = reading.parsed(number.e164)
    if _PREMIUM.match(number.e164) or (
        parsed is not None
        and phonenumbers.number_type(parsed) == PhoneNumberType.PREMIUM_RATE
    ):
        raise PremiumRate(number)
    if countries is None or number.region in countries:
        return
    if parsed is not None and any(
        phonenumbers.is_valid_number_for_region(parsed, each) for each in countries
    ):
        return
    raise CountryNotAllowed(number, region, frozenset(countries))


def _read(plain: str, typed: str, region: str) -> PhoneNumber:
    text = _TEL.sub("", plain)
    e164 = reading.sure(text, region)
    urgent = emergency.dialled(text, region)
    # Some country's longer emergency number may be an ordinary one at home.
    if urgent and (not e164 or len(urgent) <= _SURELY_URGENT):
        raise EmergencyNumber(urgent, region)
    if not e164:
        raise why_not(text, typed, region)
    return PhoneNumber(e164)


@lru_cache(maxsize=1024)
def _international(e164: str) -> str:
    """Write out once what an ack, a card and its edits show."""
    number = reading.parsed(e164)
    if number is None:
        return e164
    return phonenumbers.format_number(number, PhoneNumberFormat.INTERNATIONAL)
