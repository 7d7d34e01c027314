"""Phone numbers: what a person typed, whether it may be dialed, how it is shown.

Nothing is guessed: `parse` returns the digits that were typed, with the home region's
country code if they had none. `dialing` splits a command, `reading` reads a number, and
`refusal` and `emergency` have the reasons why one is not dialed.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from functools import lru_cache

import phonenumbers
from phonenumbers import PhoneNumberFormat, PhoneNumberType

from bot.calls.numbers import one_number, reading, rewriting
from bot.calls.numbers.refusal import Flaw, UnreadableNumber, why_not
from bot.calls.numbers.tariff import Tariff, tariff_of
from bot.calls.typed import emergency, wrapping
from bot.calls.typed.dialing import LONGEST_TYPED, clean
from bot.calls.typed.emergency import EmergencyNumber
from bot.errors import UserError

_TEL = re.compile(r"^(?:tel|callto):(?://)?", re.IGNORECASE)
_URL_ESCAPES = re.compile(r"(?:%[0-9A-Fa-f]{2})+")
_WHATSAPP = re.compile(
    r"(?:https?://)?(?:wa\.me/|(?:api|web)\.whatsapp\.com/send/?\?(?:[^<>]*&)?phone=)"
    r"(?:\+|%2B)?(\d{7,15})/?(?:[?&][^<>]*)?",
    re.IGNORECASE,
)
"""A link that has the whole number with its country code, and never a plus."""

_TYPED_E164 = re.compile(r"\+[0-9]{7,15}")
"""A number with nothing around or between its digits that could mean something."""

_SLACK_LINK = re.compile(r"<([^<>|]*)(?:\|([^<>|]*))?>")

_NOT_MOBILE = {
    PhoneNumberType.FIXED_LINE,
    PhoneNumberType.TOLL_FREE,
    PhoneNumberType.UAN,
}
"""Landlines, and numbers of companies."""

_SURELY_URGENT = 4
"""Up to so many digits, any country's emergency number is refused, even if the digits
are an ordinary number at home."""

_USUAL = 7
"""With at least so many digits after its country code, a masked number shows four."""


@dataclass(frozen=True, slots=True, repr=False)
class PhoneNumber:
    """A number in E.164. Its ``str`` and ``repr`` are masked, so that no log leaks it."""

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

        Of a short number only two digits or fewer: four would give it away.
        """
        code, _, rest = self.international.partition(" ")
        if not rest:
            code, rest = "", self.e164.removeprefix("+")
        digits = sum(character.isdigit() for character in rest)
        hidden = digits - (4 if digits >= _USUAL else min(2, digits // 2))
        groups = re.sub(r"\D+", " ", rest)
        return f"{code} {re.sub(r'[0-9]', '•', groups, count=hidden)}".strip()

    @property
    def tail(self) -> str:
        """``…0142``: the digits that `masked` shows at the end."""
        return "…" + re.sub(r"\D", "", self.masked.rpartition("•")[2])

    @property
    def international(self) -> str:
        """``+1 415-555-0142``: the whole number, for those who may see it."""
        return _international(self.e164)

    @property
    def region(self) -> str:
        """Its country as an ISO code, or the main country of its country code.

        ``+1 555 123 4567`` counts as ``US``. ``001`` is a satellite or other global
        network. Empty if there is no such country code.
        """
        return _region(self.e164)

    @property
    def may_be_mobile(self) -> bool:
        """Whether it may be a mobile: in the US and Canada no digits rule that out."""
        number = reading.parsed(self.e164)
        return number is None or phonenumbers.number_type(number) not in _NOT_MOBILE


@dataclass(eq=False, repr=False)
class NumberNotAllowed(UserError):
    """A number that the bot could dial, but must not."""

    number: PhoneNumber


class PremiumRate(NumberNotAllowed):
    """The callee is paid for the call, however short."""


@dataclass(eq=False, repr=False)
class TariffNotAllowed(NumberNotAllowed):
    """A personal or shared-cost number, which the operator has not allowed."""

    tariff: Tariff


class CountryNotAllowed(NumberNotAllowed):
    """The number's country is not among those that an admin has allowed."""


def parse(text: str, *, region: str) -> PhoneNumber:
    """Read what a person typed or pasted; *region* is home, for numbers without a plus.

    A number with a plus has to be possible, any other one valid. (809) 555-0123 is read
    in the US, though it belongs to another country with the same country code: `permit`
    then names that country.

    Raises:
        EmergencyNumber: An emergency number of any country; checked before all else.
        HasExtension: ``x123``, ``*101``, ``,,5``, ``;ext=``.
        ShortCode: A short code of any country, or six digits and fewer.
        NotAPhoneNumber: Anything else that is not one number beyond doubt.
    """
    typed = text.strip()
    # The usual case, for half the time: all that is undone below finds nothing in it.
    if _TYPED_E164.fullmatch(typed) and not emergency.dialed(typed, region):
        e164 = reading.one(typed, region)
        if e164:
            return PhoneNumber(e164)
    plain = wrapping.bare(clean(text))
    if len(typed) > LONGEST_TYPED:
        raise why_not(plain, text, region)
    link = _SLACK_LINK.fullmatch(plain)
    if link is None or not is_number_link(link[1]):
        return _read(plain, text, region)
    number = _read(link[1], text, region)
    label = link[2] or ""
    has_digits = any(character.isdigit() for character in label)
    if has_digits and _read(label, text, region) != number:
        raise UnreadableNumber(text, Flaw.TWO_NUMBERS)
    return number


def is_number_link(target: str) -> bool:
    """Whether a link leads to a phone number: ``tel:``, ``callto:``, WhatsApp."""
    return bool(_TEL.match(target) or _WHATSAPP.fullmatch(target))


def permit(
    number: PhoneNumber,
    *,
    countries: Collection[str] | None,
    tariffs: Collection[Tariff] = frozenset(),
) -> None:
    """Refuse a number that must not be called; *countries* None allows all of them.

    Of the *tariffs* that cost more only those given are allowed, and premium-rate never.

    A number that several countries share (+1 800 …) is allowed if it is valid in one of
    *countries*.

    Raises:
        PremiumRate: It is a premium-rate number of any country.
        TariffNotAllowed: It is a personal or shared-cost number.
        CountryNotAllowed: It is a number of another country, or of none (satellite).
    """
    tariff = tariff_of(number.e164)
    if tariff is Tariff.PREMIUM:
        raise PremiumRate(number)
    if tariff is not None and tariff not in tariffs:
        raise TariffNotAllowed(number, tariff)
    if countries is not None and not is_of(number, countries):
        raise CountryNotAllowed(number)


def is_of(number: PhoneNumber, countries: Collection[str]) -> bool:
    """Whether a number is of one of these regions, or valid there (+1 800 …)."""
    if number.region in countries:
        return True
    parsed = reading.parsed(number.e164)
    return parsed is not None and any(
        phonenumbers.is_valid_number_for_region(parsed, each) for each in countries
    )


def _read(plain: str, typed: str, region: str) -> PhoneNumber:
    text = rewriting.without_carrier(_undone(plain), region)
    text = rewriting.unnumbered(text, region)
    text = rewriting.spaced(rewriting.written_out(text, region), region)
    is_sure = not rewriting.has_two_readings(text, region)
    e164 = one_number.sure(text, region) if is_sure else ""
    urgent = emergency.dialed(text, region)
    # A longer emergency number of another country may be an ordinary number at home.
    if urgent and (not e164 or len(urgent) <= _SURELY_URGENT):
        is_bare = reading.digits_of(text) == urgent and "+" not in text
        raise EmergencyNumber(urgent, region, typed if is_bare else "")
    if not e164:
        raise why_not(text, typed, region)
    return PhoneNumber(e164)


def _undone(plain: str) -> str:
    """Return *plain* without ``tel:``, without URL escapes (``%20``) and labels."""
    plain = _WHATSAPP.sub(r"+\1", plain) if _WHATSAPP.fullmatch(plain) else plain
    if "%" in plain:
        plain = clean(_URL_ESCAPES.sub(_decoded, plain))
    return wrapping.bare(_TEL.sub("", wrapping.unwrapped(plain)))


def _decoded(escapes: re.Match[str]) -> str:
    return bytes.fromhex(escapes[0].replace("%", "")).decode(errors="replace")


@lru_cache(maxsize=1024)
def _region(e164: str) -> str:
    """Return a number's country; cached, because the gate asks once more in an ack."""
    number = reading.parsed(e164)
    if number is None:
        return ""
    return phonenumbers.region_code_for_number(
        number
    ) or phonenumbers.region_code_for_country_code(number.country_code or 0)


@lru_cache(maxsize=1024)
def _international(e164: str) -> str:
    """Format a number; cached, because an ack, a card and each edit show the same."""
    number = reading.parsed(e164)
    if number is None:
        return e164
    return phonenumbers.format_number(number, PhoneNumberFormat.INTERNATIONAL)
