"""Decides why a typed text is not dialed, with an error for each reason."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from functools import partial

import phonenumbers
from phonenumbers import PhoneNumberFormat, ValidationResult

from bot.calls.numbers import extensions, one_number, reading, rewriting
from bot.calls.numbers.stray_plus import home_number
from bot.calls.typed import emergency
from bot.calls.typed.dialing import LONGEST_TYPED
from bot.calls.typed.emergency import EmergencyNumber
from bot.errors import UserError


class Flaw(Enum):
    """Why a text cannot be read as one number."""

    LINK = "link"
    """A link or a mention, as Slack writes it."""
    NO_DIGITS = "no digits"
    LETTERS = "letters"
    SEVERAL = "several"
    """It looks like more than one number."""
    TOO_LONG = "too long"
    SIGNS = "signs"
    """It has characters that no number has."""
    NO_COUNTRY = "no country"
    """No country has its country code."""
    TWO_NUMBERS = "two numbers"
    """A link that shows one number and leads to another."""
    DATE = "date"
    TWO_PLUS = "two plus"
    """Two plus signs stand before one number."""
    ADDRESS = "address"
    """A link, or an address of the internet (``sip:``, ``skype:``, e-mail)."""


class Length(Enum):
    """What is wrong with the digits of a number, by the rules of its country."""

    NO_AREA_CODE = "no area code"
    TOO_SHORT = "too short"
    TOO_LONG = "too long"
    WRONG = "wrong"
    """No number of that country has so many digits."""
    RIGHT = "right"
    """The number of digits is right, but no number begins like this."""


@dataclass(eq=False, repr=False)
class NotAPhoneNumber(UserError):
    """What was typed is not a number, or not surely one."""

    typed: str


@dataclass(eq=False, repr=False)
class UnreadableNumber(NotAPhoneNumber):
    """It does not look like one number."""

    flaw: Flaw


@dataclass(eq=False, repr=False)
class AmbiguousNumber(NotAPhoneNumber):
    """It can be read as a number, but perhaps not as the one that was meant."""

    candidates: tuple[str, ...]
    """In international form."""


@dataclass(eq=False, repr=False)
class InvalidNumber(NotAPhoneNumber):
    """No number of *region* has these digits; it is ``001`` for global networks."""

    region: str
    length: Length
    is_whole: bool = False
    """Whether it was typed with a plus."""


@dataclass(eq=False, repr=False)
class OldMexicanNumber(NotAPhoneNumber):
    """A Mexican number with a prefix that Mexico dropped: 1, as WhatsApp has it, or 044."""

    now: str
    """Without the prefix, in international form."""


class HasExtension(NotAPhoneNumber):
    """It has an extension or a dialing code; RingOut rings whole numbers only."""


@dataclass(eq=False, repr=False)
class ShortCode(NotAPhoneNumber):
    """It is a service number or an internal extension, which only some phones reach."""

    region: str = ""
    """Where it is a free service's number; empty if it isn't known to be one."""


_LINK_OR_MAIL = re.compile(
    r"""<?(?:(?:https?|sips?|skype|mailto|xmpp|im|facetime(?:-audio)?|sms|ftp):|www\.)
        | [^\s@<>]+@[^\s@<>.]+\.[^\s@<>]""",
    re.IGNORECASE | re.VERBOSE,
)
_BY_FORM: tuple[tuple[re.Pattern[str], Callable[[str], NotAPhoneNumber]], ...] = (
    (_LINK_OR_MAIL, partial(UnreadableNumber, flaw=Flaw.ADDRESS)),
    (
        re.compile(r"[^<]+<tel:[^<>]*>|<tel:[^<>]*>."),
        partial(UnreadableNumber, flaw=Flaw.LETTERS),
    ),
    (re.compile("<"), partial(UnreadableNumber, flaw=Flaw.LINK)),
    (extensions.PATTERN, HasExtension),
    (re.compile(r"^\D*$"), partial(UnreadableNumber, flaw=Flaw.NO_DIGITS)),
    (re.compile(r"[^\W\d_]"), partial(UnreadableNumber, flaw=Flaw.LETTERS)),
    (re.compile(r"\D*\+[\s(]*\+"), partial(UnreadableNumber, flaw=Flaw.TWO_PLUS)),
    (
        re.compile(r"[^\d,;]*\d{1,4}(?:[,;]\d{1,4}){2,}"),
        partial(UnreadableNumber, flaw=Flaw.SIGNS),
    ),
    (
        re.compile(r"\+.*\+|/.*/|[,;&|]|(?:\d\D*){16}"),
        partial(UnreadableNumber, flaw=Flaw.SEVERAL),
    ),
)
"""The first pattern that matches decides."""


def why_not(plain: str, typed: str, region: str) -> UserError:
    """Return why *typed* is not dialed; *plain* is the same text, cleaned."""
    is_date = reading.is_date(plain, region)
    if not is_date and (urgent := emergency.meant(plain, region)):
        return EmergencyNumber(urgent, region)
    if len(typed.strip()) > LONGEST_TYPED:
        return UnreadableNumber(typed, Flaw.TOO_LONG)
    if now := rewriting.old_mexican(plain, region):
        return OldMexicanNumber(typed, now)
    if extensions.is_behind_dash(plain, region):
        return HasExtension(typed)
    return _misread(plain, typed, region) or _wrong_digits(plain, typed, region)


def _misread(plain: str, typed: str, region: str) -> UserError | None:
    """Return why *plain* is not the text of one number; None if it is."""
    if reading.is_date(plain, region):
        return UnreadableNumber(typed, Flaw.DATE)
    if extensions.is_range(plain, region):
        return UnreadableNumber(typed, Flaw.SEVERAL)
    for pattern, kind in _BY_FORM:
        if pattern.search(plain):
            return kind(typed)
    if not reading.is_shaped(plain):
        return UnreadableNumber(typed, Flaw.SIGNS)
    if one_number.is_two_numbers(plain, region):
        return UnreadableNumber(typed, Flaw.SEVERAL)
    return None


def _wrong_digits(plain: str, typed: str, region: str) -> UserError:
    digits, is_whole = reading.digits_of(plain), "+" in plain
    number = reading.parsed(f"+{digits}" if is_whole else digits, region)
    is_short = len(digits) <= reading.LONGEST_SHORT and not is_whole
    if is_short or (number is not None and reading.is_short_code(number)):
        return ShortCode(typed, _service_region(digits, number, region))
    return _in_doubt(rewriting.without_zeros(plain), typed, region)


def _in_doubt(plain: str, typed: str, region: str) -> UserError:
    """Return what *plain*, without a zero in brackets, may mean, or what is wrong with it."""
    digits, is_whole = reading.digits_of(plain), "+" in plain
    number = reading.parsed(f"+{digits}" if is_whole else digits, region)
    if number is None:
        return UnreadableNumber(typed, Flaw.NO_COUNTRY)
    if home := home_number(plain, region):
        others = (home, reading.one(plain, region))
        candidates = (_written(phonenumbers.parse(each)) for each in others if each)
        return AmbiguousNumber(typed, tuple(candidates))
    abroad = f"+{digits.removeprefix('00')}"
    if digits.startswith("00") and not is_whole and reading.is_valid(abroad):
        return AmbiguousNumber(typed, (_written(phonenumbers.parse(abroad)),))
    if phonenumbers.is_valid_number(number):
        if len(reading.digits_of(reading.e164_of(number))) > reading.LONGEST_E164:
            return UnreadableNumber(typed, Flaw.SEVERAL)
        other = None if is_whole else reading.other_reading(plain, number)
        candidates = (_written(each) for each in (number, other) if each is not None)
        return AmbiguousNumber(typed, tuple(candidates))
    code = number.country_code or 0
    possible = phonenumbers.is_possible_number_with_reason(number)
    return InvalidNumber(
        typed,
        phonenumbers.region_code_for_country_code(code),
        _LENGTHS.get(possible, Length.RIGHT),
        is_whole=is_whole,
    )


def _service_region(
    digits: str, number: phonenumbers.PhoneNumber | None, region: str
) -> str:
    """Return where a short number is a free service's: at home, or by its country code."""
    if number is not None and not emergency.is_service(digits, region):
        digits = phonenumbers.national_significant_number(number)
        region = phonenumbers.region_code_for_country_code(number.country_code or 0)
    return region if emergency.is_service(digits, region) else ""


_LENGTHS = {
    ValidationResult.IS_POSSIBLE_LOCAL_ONLY: Length.NO_AREA_CODE,
    ValidationResult.TOO_SHORT: Length.TOO_SHORT,
    ValidationResult.TOO_LONG: Length.TOO_LONG,
    ValidationResult.INVALID_LENGTH: Length.WRONG,
}


def _written(number: phonenumbers.PhoneNumber) -> str:
    return phonenumbers.format_number(number, PhoneNumberFormat.INTERNATIONAL)
