"""What the dialer suggests to what is typed: names by their words, numbers by their digits."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.calls.suggestions import Suggestion, SuggestionSource, matching

NORA = Suggestion.of("+14155550142", "Nora Nørth-Wind", SuggestionSource.ADDRESS_BOOK)
JOSE = Suggestion.of("+442079460018", "José Álvarez", SuggestionSource.DIRECTORY)
TARO = Suggestion.of("+81312345678", "山田太郎", SuggestionSource.ADDRESS_BOOK)
NOBODY = Suggestion.of("+14155550199", "", SuggestionSource.CALLED)
BOOK = (NOBODY, NORA, JOSE, TARO)


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("", BOOK),
        ("   ", BOOK),
        ("nor", [NORA]),
        ("NORA W", [NORA]),
        ("wind nora", [NORA]),
        ("ora", []),
        ("jose alv", [JOSE]),
        ("josé", [JOSE]),
        ("@jose", [JOSE]),
        ("太郎", [TARO]),
        ("nora jose", []),
        ("0142", [NORA]),
        ("(415) 555-0142", [NORA]),
        ("+1 415 555", [NOBODY, NORA]),
        ("020 7946", [JOSE]),
        ("nora 0142", [NORA]),
        ("nora 0199", []),
        ("\u0664\u0661\u0665 555 0142", [NORA]),
        ("...", BOOK),
        ("x" * 3000, []),
    ],
)
def test_a_name_is_found_by_its_words_and_a_number_by_its_digits(
    typed: str, found: list[Suggestion]
) -> None:
    """People type the beginning of a name, or the end of a number."""
    assert matching(typed, BOOK) == list(found)


def test_each_number_is_there_once_with_a_name_of_it() -> None:
    """One that was called without a name has the address book's, and keeps its place."""
    called = Suggestion.of(NORA.e164, "", SuggestionSource.CALLED)
    other = Suggestion.of(NORA.e164, "Somebody Else", SuggestionSource.DIRECTORY)

    [found] = matching("nora", [called, NORA, other])
    [all_] = matching("", [called, NORA, other])

    assert (found.name, found.source) == (NORA.name, SuggestionSource.CALLED)
    assert all_ == found


@given(st.text(max_size=60), st.text(max_size=60))
def test_any_text_matches_or_does_not(typed: str, name: str) -> None:
    """Nothing that is typed, or stands in a book, may break the answer."""
    one = Suggestion.of("+14155550142", name, SuggestionSource.ADDRESS_BOOK)

    assert matching(typed, [one]) in ([], [one])
    assert matching(name, [one]) == [one]
