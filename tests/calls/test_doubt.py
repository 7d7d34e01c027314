"""Numbers that may be dialed, and that are asked about first."""

from __future__ import annotations

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st
from phonenumbers import PhoneNumberFormat

from bot.calls.call import Place
from bot.calls.doubt import Doubt, doubt_of
from bot.calls.numbers.phone import PhoneNumber
from bot.calls.people.phones import NamedPhones
from bot.calls.typed.dialing import Command
from bot.policy.prospect import Prospect
from bot.slack.texts import asking
from intents import ANN

EXAMPLES = [
    phonenumbers.format_number(example, PhoneNumberFormat.E164)
    for region in sorted(phonenumbers.SUPPORTED_REGIONS)
    for kind in phonenumbers.PhoneNumberType.values()
    if (example := phonenumbers.example_number_for_type(region, kind)) is not None
]


@pytest.mark.parametrize(
    ("number", "doubt"),
    [
        ("+493012", Doubt.SHORT),
        ("+44207946001", Doubt.SHORT),
        ("+3912345", Doubt.UNKNOWN),
        ("+442079460018", None),
        ("+15551234567", None),
        ("+14155550142", None),
        ("+19115550142", None),
    ],
)
def test_what_is_doubted(number: str, doubt: Doubt | None) -> None:
    """With a plus a possible length is enough, and 020 7946 001 lacks a digit."""
    assert doubt_of(PhoneNumber(number)) is doubt


def test_no_number_that_a_country_has_is_doubted() -> None:
    """Whoever calls there every day would be asked every day."""
    doubted = {each for each in EXAMPLES if doubt_of(PhoneNumber(each))}

    assert doubted == set()


@given(st.sampled_from(EXAMPLES), st.integers(1, 2))
def test_a_number_that_lost_digits_is_another_one_or_doubted(
    number: str, lost: int
) -> None:
    """Nothing is dialed unasked that no country has, except in North America."""
    left = PhoneNumber(number[:-lost])
    parsed = phonenumbers.parse(left.e164)

    if number.startswith("+1") or phonenumbers.is_valid_number(parsed):
        assert doubt_of(left) is None
    else:
        assert doubt_of(left) is Doubt.SHORT


@given(st.from_regex(r"1[2-9][0-9]{9}", fullmatch=True))
def test_ten_digits_in_north_america_are_dialed_unasked(digits: str) -> None:
    """New area codes come before phonenumbers knows them."""
    assert doubt_of(PhoneNumber(f"+{digits}")) is None


@pytest.mark.parametrize(
    ("number", "doubt", "said"),
    [
        ("+493012", Doubt.SHORT, "Call +49 3012? It looks too short for Germany."),
        ("+493012", Doubt.LONG, "Call +49 3012? It looks too long for Germany."),
        (
            "+493012",
            Doubt.UNKNOWN,
            "Call +49 3012? It doesn't look like a number in Germany.",
        ),
    ],
)
def test_the_question_shows_all_digits_and_the_doubt(
    number: str, doubt: Doubt, said: str
) -> None:
    """The person compares them with what they meant."""
    desk = NamedPhones(PhoneNumber("+14155550101"))
    found = Prospect(PhoneNumber(number), desk, doubt)

    asked = asking.offered(found, Command("dial", "x", "desk"), ANN.person, "key")

    assert asked.text == said
    call, not_now = asked.blocks[-1]["elements"]
    assert (call["text"]["text"], not_now["text"]["text"]) == ("Call", "Not now")
    chosen = asking.Chosen.load(call["value"])
    assert (chosen.to.e164, chosen.phones) == (number, desk)
    assert chosen.is_for(ANN.person)
    assert not chosen.is_for(Place("T1", "C1", "U2").person)
