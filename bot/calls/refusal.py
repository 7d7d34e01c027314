"""Why a text is not dialled: what is wrong with it, and what to type instead.

The words are for the one person who typed the text, and hold that text as it is:
whoever shows them escapes them, and nobody logs them.
"""

from __future__ import annotations

import re

import phonenumbers
from phonenumbers import PhoneNumberFormat, ValidationResult

from bot.calls import countries, emergency, reading
from bot.calls.dialling import LONGEST, quoted
from bot.calls.emergency import EmergencyNumber
from bot.errors import UserError

_SHORT = 6
"""Digits up to which a number without country code is taken for a short one."""

_NEXT = "Type one whole number, such as +14155550142."


class NotAPhoneNumber(UserError):
    """What was typed is not a number, or not surely one."""


class HasExtension(NotAPhoneNumber):
    """There is an extension or a dialling code; RingOut rings whole numbers only."""


class ShortCode(NotAPhoneNumber):
    """A service number or an internal extension, which only some phones can reach."""


_EXTENSION = re.compile(
    r"""\d[\s.)-]*(?:;?\s*ext\w*|[x#*;pw]|,{1,3})[\s.:=#]*\d{1,7}\W*$
      | ^\W*(?:ext\w*|x|[*#])[\s.:]*\d
      | \d\s*[#*]$""",
    re.IGNORECASE | re.VERBOSE,
)
_REASONS: tuple[tuple[re.Pattern[str], type[NotAPhoneNumber], str], ...] = (
    (re.compile("<"), NotAPhoneNumber, f"is a link or a name, no number. {_NEXT}"),
    (
        _EXTENSION,
        HasExtension,
        (
            "has an extension or a dialling code in it, and RingOut can only ring whole "
            "numbers. Leave it out, and ask for the extension when somebody answers."
        ),
    ),
    (re.compile(r"^\D*$"), NotAPhoneNumber, f"has no phone number in it. {_NEXT}"),
    (
        re.compile(r"[^\W\d_]"),
        NotAPhoneNumber,
        (
            "has letters in it, and I don't turn letters into digits or leave words "
            f"out. {_NEXT}"
        ),
    ),
    (
        re.compile(r"\+.*\+|/.*/|[,;&|]|(?:\d\D*){16}"),
        NotAPhoneNumber,
        "looks like more than one number. Type one: a call goes to one number.",
    ),
)


def why_not(plain: str, typed: str, region: str) -> UserError:
    """Return the error for what nobody can be sure of; *plain* is *typed*, cleaned."""
    shown = quoted(typed)
    if urgent := emergency.meant(plain, region):
        return EmergencyNumber(urgent, region)
    if len(typed.strip()) > LONGEST:
        return NotAPhoneNumber(f"{shown} is too long for a phone number. {_NEXT}")
    for pattern, kind, why in _REASONS:
        if pattern.search(plain):
            return kind(f"{shown} {why}")
    if not reading.is_shaped(plain):
        return NotAPhoneNumber(f"{shown} has signs in it that I can't read. {_NEXT}")
    return _wrong_digits(plain, shown, region)


def _wrong_digits(plain: str, shown: str, region: str) -> UserError:
    digits, is_whole = reading.digits_of(plain), "+" in plain
    number = reading.parsed(f"+{digits}" if is_whole else digits, region)
    is_short = len(digits) <= _SHORT and not is_whole
    if is_short or (number is not None and reading.is_short_code(number)):
        return ShortCode(
            f"{shown} is too short: RingOut can't ring short codes, service numbers or "
            "extensions. Dial it on a phone, or type a whole number with its area code."
        )
    if number is None:
        return NotAPhoneNumber(f"{shown} has no country code that exists. {_NEXT}")
    if phonenumbers.is_valid_number(number):
        other = None if is_whole else reading.other_reading(plain, number)
        candidates = [_written(each) for each in (number, other) if each is not None]
        return NotAPhoneNumber(
            f"I'm not sure which number {shown} is. If you mean "
            f"{' or '.join(candidates)}, type it like that, from the plus on."
        )
    where = countries.name(
        phonenumbers.region_code_for_country_code(number.country_code or 0)
    )
    possible = phonenumbers.is_possible_number_with_reason(number)
    what = _LENGTHS.get(possible, "is not a valid number")
    return NotAPhoneNumber(
        f"{shown} {what} in {where}. Check the digits; if they are right, type it whole, "
        "with + and its country code."
    )


_LENGTHS = {
    ValidationResult.IS_POSSIBLE_LOCAL_ONLY: "lacks the area code of a number",
    ValidationResult.TOO_SHORT: "is too short for a number",
    ValidationResult.TOO_LONG: "is too long for a number",
    ValidationResult.INVALID_LENGTH: "has a wrong number of digits for one",
}


def _written(number: phonenumbers.PhoneNumber) -> str:
    return phonenumbers.format_number(number, PhoneNumberFormat.INTERNATIONAL)
