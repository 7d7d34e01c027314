"""Compares dialed numbers with the spellings that the call log has for them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.calls.numbers.digits import Likeness, compare

US = "+16505550101"
DIGITS = st.text("0123456789", min_size=8, max_size=12)
SPELLINGS = st.text("+0123456789X*() -.", max_size=16)


@pytest.mark.parametrize(
    ("dialed", "logged"),
    [
        (US, "+16505550101"),
        (US, "16505550101"),
        (US, "(650) 555-0101"),
        (US, "650.555.0101"),
        (US, "0016505550101"),
        (US, "01116505550101"),
        (US, "16505550101*101"),
        (US, "+16505550101*101"),
        ("+442079460000", "020 7946 0000"),
        ("+390612345678", "06 1234 5678"),
    ],
)
def test_every_spelling_is_the_same_number(dialed: str, logged: str) -> None:
    """RingCentral's own documents show all of these for ``phoneNumber``."""
    assert compare(dialed, logged) is Likeness.SAME
    assert compare(logged, dialed) is Likeness.SAME


@pytest.mark.parametrize(
    ("dialed", "logged"),
    [
        ("+33512345678", "+3351234XXXX"),
        ("+33512345678", "3351234XXXX"),
        ("+33512345678", "05 12 34 XX XX"),
        ("+33512345678", "+3351234****"),
        ("+33512345678", "+3351234••••"),
        ("+33512345678", "+3351234XXXXX"),
        (US, "+1650555XXXX"),
        (US, "(650) 555-XXXX"),
        (US, "555-0101"),
        ("+4723456789", "23 45 67 89"),
    ],
)
def test_hidden_or_short_numbers_are_alike(dialed: str, logged: str) -> None:
    """The visible digits agree, but hidden ones could still differ."""
    assert compare(dialed, logged) is Likeness.LIKE
    assert compare(logged, dialed) is Likeness.LIKE


@pytest.mark.parametrize(
    ("dialed", "logged"),
    [
        (US, "+16505550102"),
        (US, "6505550102"),
        (US, "+1650555010"),
        (US, "+1651555XXXX"),
        (US, "555-0102"),
        (US, "50101"),
        (US, "99916505550101"),
        (US, "+1650XXXX"),
        ("+442079460000", "+12079460000"),
    ],
)
def test_other_numbers_are_different(dialed: str, logged: str) -> None:
    """A different visible digit or an impossible length rules a number out."""
    assert compare(dialed, logged) is Likeness.DIFFERENT
    assert compare(logged, dialed) is Likeness.DIFFERENT


@pytest.mark.parametrize("logged", ["", "Anonymous", "101", "XXXXXXXXXXX", "+1XXXXXXX"])
def test_what_shows_too_little_tells_nothing(logged: str) -> None:
    """A name, an extension or a fully hidden number neither matches nor rules out."""
    assert compare(US, logged) is Likeness.ABSENT


@given(SPELLINGS, SPELLINGS)
def test_the_order_does_not_matter(one: str, other: str) -> None:
    """The comparison is symmetric, and no text in the log makes it fail."""
    assert compare(one, other) is compare(other, one)


@given(DIGITS, st.integers(0, 4))
def test_a_number_is_always_like_itself_masked(digits: str, hidden: int) -> None:
    """However many last digits are hidden, the rest still fits."""
    number = f"+{digits}"
    masked = number[: len(number) - hidden] + "X" * hidden

    assert compare(number, masked) >= Likeness.LIKE
