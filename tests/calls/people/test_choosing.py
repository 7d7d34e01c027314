"""Choices that were stored, commands that were typed half, and lists: as properties."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.calls.numbers.phone import PhoneNumber
from bot.calls.people.person import Preferences, Shows
from bot.calls.people.phones import Phone, choose, to_myself
from bot.calls.typed import verbs
from bot.calls.typed.dialing import BadCommand, read_command
from bot.calls.typed.emergency import EmergencyNumber

NUMBERS = [f"+1650555{last:04}" for last in range(100, 112)]
LABELS = ["", "My mobile", "Desk", "desk 2", "Home", "+16505550103", "from", "Ünal"]

numbers = st.sampled_from(NUMBERS)
phones = st.lists(
    st.builds(
        Phone,
        number=numbers.map(PhoneNumber),
        label=st.sampled_from(LABELS),
        type=st.sampled_from(["", "Mobile", "Work", "PhoneLine", "DirectNumber"]),
        rings=st.booleans(),
        shows=st.booleans(),
    ),
    max_size=6,
    unique_by=lambda phone: phone.number,
)
chosen = st.builds(
    Preferences,
    first=st.one_of(st.just(""), numbers),
    caller_id=st.one_of(st.just(""), numbers),
    prompt=st.one_of(st.none(), st.booleans()),
    shows=st.sampled_from(Shows),
)


@given(phones, chosen)
def test_a_choice_that_is_still_theirs_is_kept(
    mine: list[Phone], wants: Preferences
) -> None:
    """And one that is not any more falls back, instead of ringing a former phone."""
    choice = choose(mine, wants, from_=None, as_=None, region="US")
    theirs = next(
        (p.number for p in mine if p.rings and p.number.e164 == wants.first), None
    )
    first = next((p.number for p in mine if p.rings), None)

    assert choice.caller == (theirs or first)
    assert to_myself(mine, choice.caller) not in (
        {choice.caller} if choice.caller else set()
    )


# Commands

words = st.from_regex(r"[+0-9A-Za-z][0-9A-Za-z .()-]{0,14}", fullmatch=True).filter(
    lambda text: (
        not {"from", "as", "for"} & set(text.lower().split())
        and verbs.read(f"{text} from x") is None  # "how do I call from …" asks for help
    )
)


@given(words, words, words, st.sampled_from(["from", "as"]))
def test_a_word_that_is_there_twice_is_refused(
    to: str, one: str, two: str, word: str
) -> None:
    """Otherwise one of the two would be ignored, and the wrong phone would ring."""
    with pytest.raises((BadCommand, EmergencyNumber)):
        read_command(f"{to} {word} {one} {word} {two}")


@given(words, st.permutations(["from", "as"]))
def test_a_word_without_its_number_is_refused(to: str, order: list[str]) -> None:
    """``/ringout … from`` was sent too early."""
    for text in (f"{to} {order[0]}", order[0], f"{to} {' '.join(order)}"):
        with pytest.raises((BadCommand, EmergencyNumber)):
            read_command(text)
