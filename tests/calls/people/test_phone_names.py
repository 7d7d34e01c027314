"""A person's own phone, named in the words in which the bot itself prints it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from bot.calls.numbers.phone import PhoneNumber
from bot.calls.people.person import Preferences
from bot.calls.people.phones import Phone, UnknownPhone, choose
from bot.calls.typed.dialing import read_command
from bot.slack.texts.list_parties import LONGEST_ROW_NAME

MOBILE = Phone(PhoneNumber("+14155550101"), "Mobile", "Mobile", rings=True, shows=True)
PHONES = [
    MOBILE,
    Phone(PhoneNumber("+14155550102"), "Desk", "PhoneLine", rings=True, shows=True),
    Phone(PhoneNumber("+14155550103"), "Home office (2nd floor)", rings=True),
    Phone(PhoneNumber("+14155550104"), rings=True),
    Phone(PhoneNumber("+442079460018"), "Desk 2", rings=True, shows=True),
    Phone(PhoneNumber("+14155550106"), "Reception of the Berlin office", rings=True),
    Phone(PhoneNumber("+14155550107"), "Line +14155550199", rings=True),
]
PRINTED: dict[str, Callable[[Phone], str]] = {
    "a form's choice": lambda phone: phone.name,
    "a form's default": lambda phone: f"Default ({phone.short})",
    "settings": lambda phone: phone.short,
    "the answer to a command": lambda phone: (
        f"{phone.label} ({phone.number.tail})"
        if phone.label
        else phone.number.international
    ),
    "a channel's card": lambda phone: phone.number.tail,
    "a masked number": lambda phone: phone.number.masked,
    "a whole number": lambda phone: phone.number.international,
    "a list": lambda phone: (
        phone.label[: LONGEST_ROW_NAME - 1] + "…"
        if len(phone.label) > LONGEST_ROW_NAME
        else phone.label or phone.number.international
    ),
}
DRESSES = (
    "{}",
    "({})",
    "[{}]",
    "“{}”",
    '"{}"',
    "my {}",
    "the {}",
    "{}.",
    "*{}*",
    "on {}",
)


def rings(text: str) -> Phone | None:
    """Return which phone rings first where *text* was typed behind ``from``."""
    choice = choose(PHONES, Preferences(), from_=text, as_=None, region="US")
    return next(each for each in PHONES if each.number == choice.caller)


@pytest.mark.parametrize("dress", DRESSES)
@pytest.mark.parametrize("surface", PRINTED)
def test_what_the_bot_prints_as_a_phones_name_can_be_typed(
    surface: str, dress: str
) -> None:
    """Who reads a name on a card, a form or a list types or copies just that."""
    for phone in PHONES:
        assert rings(dress.format(PRINTED[surface](phone))) == phone


@pytest.mark.parametrize("surface", PRINTED)
def test_it_can_be_typed_before_the_number_too(surface: str) -> None:
    """``from Mobile (+1 …) 415 555 0142``: two numbers, of which the second is called."""
    for phone in PHONES[:3]:
        printed = PRINTED[surface](phone)
        if not printed[:1].isalpha():
            continue
        command = read_command(f"from {printed} 415 555 0142")
        assert command.to == "415 555 0142"
        assert rings(command.from_ or "") == phone


@pytest.mark.parametrize(
    ("text", "phone"),
    [
        ("Mobile (...0101)", MOBILE),
        ("Mobile 0101", MOBILE),
        ("0101", MOBILE),
        ("my mobile phone", MOBILE),
        ("mobile number", MOBILE),
    ],
)
def test_it_can_be_typed_as_a_keyboard_has_it(text: str, phone: Phone) -> None:
    """No keyboard has an ellipsis of one character."""
    assert rings(text) == phone


@pytest.mark.parametrize(
    "text",
    ["Desk …0101", "Mobile (+1 415-555-0102)", "…9999", "101", "()", "my", "…"],
)
def test_a_name_with_another_phones_digits_names_none(text: str) -> None:
    """It contradicts itself, and the wrong phone must not ring."""
    with pytest.raises(UnknownPhone):
        rings(text)


def test_two_phones_that_end_alike_are_told_apart() -> None:
    """By the label; the digits alone are not enough."""
    alike = [*PHONES, Phone(PhoneNumber("+16505550101"), "Car", rings=True)]

    def choice(text: str) -> PhoneNumber | None:
        return choose(alike, Preferences(), from_=text, as_=None, region="US").caller

    assert choice("Car (…0101)") == PhoneNumber("+16505550101")
    with pytest.raises(UnknownPhone):
        choice("…0101")
