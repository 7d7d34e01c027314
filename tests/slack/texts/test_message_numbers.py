"""The form of ``Call a number``: every number with its words, in Slack's limits."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.calls.numbers.in_message import FoundNumber, FoundNumbers
from bot.calls.numbers.phone import CountryNotAllowed, PhoneNumber
from bot.calls.overview import Sheet
from bot.calls.people.person import Preferences
from bot.calls.people.phones import Phone
from bot.slack.texts.contact import NO_CONTACT
from bot.slack.texts.message_numbers import numbers_form
from slack_shapes import checkers

ONE, TWO = PhoneNumber("+14155550142"), PhoneNumber("+14155550143")
LONDON = PhoneNumber("+442079460018")
DESK = Phone(PhoneNumber("+16505550101"), rings=True, shows=True)
SHEET = Sheet((DESK,), Preferences(), "US", DESK)
CHECK, _ = checkers()


def shown(*numbers: FoundNumber, **more: Any) -> dict[str, Any]:
    """Return the form for what was found; it has to be valid for Slack."""
    found = FoundNumbers(numbers, **more)
    view = numbers_form(found, SHEET, lambda text: f"sealed {text}", NO_CONTACT)
    if CHECK is not None:
        assert CHECK("views.open", {"trigger_id": "1.2", "view": view}) == []
    return view


def options(view: dict[str, Any]) -> list[Any]:
    """Return the numbers to choose from."""
    return list(view["blocks"][0]["element"]["options"])


def test_each_number_is_an_option_with_its_words() -> None:
    """A person tells an order number from a phone by what is written around it."""
    view = shown(
        FoundNumber("0142", ONE, before="Order <b> & ", after=" :fire: today"),
        FoundNumber("555-0143", TWO, before="Bob: ", extension="22"),
    )
    one, other = options(view)

    assert one["text"]["text"] == ONE.international
    assert one["description"]["text"] == "Order <b> & 0142 :fire: today"
    assert one["description"]["emoji"] is False
    assert one["value"] == "sealed +14155550142"
    assert other["description"]["text"] == "Ask for extension 22 · Bob: 555-0143"
    assert "initial_option" not in view["blocks"][0]["element"]
    assert [each["block_id"] for each in view["blocks"]][-2:] == ["first", "caller_id"]
    assert view["submit"]["text"] == "Call"


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        ("call ", ", or Bob", "call 0142, or Bob"),
        ("(", ")", "(0142)"),
        ("Bob's:", "  is it", "Bob's:0142 is it"),
        ("", ".", "0142."),
        (" ", "\t!", "0142 !"),
    ],
)
def test_the_words_stand_as_they_are_written(
    before: str, after: str, words: str
) -> None:
    """A comma or bracket apart from its number reads as a fault of ours."""
    [only] = options(shown(FoundNumber("0142", ONE, before=before, after=after)))

    assert only["description"]["text"] == words


def test_a_single_number_is_chosen_already_and_still_asked_about() -> None:
    """One press is enough; none is too few."""
    view = shown(FoundNumber("x", ONE))

    assert view["blocks"][0]["element"]["initial_option"] == options(view)[0]


def test_a_number_that_looks_wrong_says_so() -> None:
    """Who types it is asked first; here the form is the question."""
    [only] = options(shown(FoundNumber("+44 20 7946 00", PhoneNumber("+4420794600"))))

    assert "looks too short" in only["description"]["text"]


def test_what_is_not_called_has_its_reason_and_no_option() -> None:
    """Otherwise people would look for the number that is missing."""
    refused = FoundNumber("+44 20 7946 0018", LONDON, CountryNotAllowed(LONDON))
    both = shown(FoundNumber("x", ONE), refused, masked=("0144",), has_more=True)
    alone = shown(refused)

    assert [each["text"]["text"] for each in options(both)] == [ONE.international]
    for view in (both, alone):
        assert "*+44 20 7946 0018*: Calls to the United Kingdom" in str(view["blocks"])
    assert "…0144" in str(both["blocks"])
    assert "may be more numbers" in str(both["blocks"])
    assert "submit" not in alone


def test_a_message_without_a_number_says_so() -> None:
    """A form that is empty would look broken."""
    view = shown()

    assert "couldn't find a phone number" in str(view["blocks"])
    assert "submit" not in view


@pytest.mark.parametrize("count", [1, 2, 10])
@given(st.data())
def test_any_words_fit_and_the_number_is_among_them(
    count: int, data: st.DataObject
) -> None:
    """Slack refuses the whole form for one description that is too long."""
    words = st.text(max_size=200)
    numbers = [
        FoundNumber(
            "(415) 555-0142",
            PhoneNumber(f"+141555501{each:02}"),
            before=data.draw(words),
            after=data.draw(words),
            extension=data.draw(st.sampled_from(["", "22", "1234567"])),
        )
        for each in range(count)
    ]
    for each in options(shown(*numbers)):
        described = each.get("description", {"text": ""})["text"]
        assert len(described) <= 75
        assert not described or "(415) 555-0142" in described or "Ask" in described
