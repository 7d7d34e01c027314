"""Which missed-call card a voicemail belongs to, whatever RingCentral says of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.calls.call import Place
from bot.calls.log.leg import Party
from bot.calls.missed_card import MissedCard
from bot.calls.numbers.phone import PhoneNumber
from bot.calls.voicemail import (
    LONGEST_TRANSCRIPTION,
    MOST_VOICEMAILS_KEPT,
    SEEMS_OLDER_BY,
    VOICEMAIL_WITHIN,
    Transcribed,
    Voicemail,
    card_of,
    cut,
    wants_text,
    with_voicemail,
)
from intents import NOON

BO, CY = PhoneNumber("+14155550142"), PhoneNumber("+14155550143")
SECOND = timedelta(seconds=1)


def a_card(name: str = "a", **changes: Any) -> MissedCard:
    """Return Bo's card of noon."""
    values: dict[str, Any] = {
        "id": name,
        "account": "a",
        "place": Place("T1", "C1", ""),
        "first_at": NOON,
        "last_at": NOON,
        "told_at": NOON,
        "caller": BO,
    }
    return MissedCard(**(values | changes))


def left(name: str = "v", **changes: Any) -> Voicemail:
    """Return Bo's voicemail of a minute after noon."""
    at = NOON + timedelta(minutes=1)
    values: dict[str, Any] = {"id": name, "at": at, "caller": BO}
    return Voicemail(**(values | changes))


WITHHELD: dict[str, Any] = {"caller": None}
COLLEAGUE: dict[str, Any] = {"caller": None, "extension": "107"}


@pytest.mark.parametrize(
    ("voicemail", "cards", "found"),
    [
        (left(), [a_card()], "a"),
        (left(caller=CY), [a_card()], ""),
        (left(**WITHHELD), [a_card()], ""),
        (left(), [a_card(**WITHHELD)], ""),
        (left(**WITHHELD), [a_card(**WITHHELD)], "a"),
        (left(**WITHHELD), [a_card(**WITHHELD), a_card("b", **WITHHELD)], ""),
        (left(**WITHHELD), [a_card(**COLLEAGUE)], ""),
        (left(caller=None, by=Party("", "107")), [a_card(**COLLEAGUE)], "a"),
        (left(caller=None, by=Party("", "108")), [a_card(**COLLEAGUE)], ""),
        (left(), [a_card(extension="107")], "a"),
        (left(), [a_card(is_rest=True)], ""),
        (left(), [a_card(is_over=True)], "a"),
        (left(), [a_card(), a_card("b", first_at=NOON + SECOND)], "b"),
        (left(caller=CY), [a_card(voicemail_ids=("v",)), a_card("b", caller=CY)], "a"),
        (left(at=NOON - SEEMS_OLDER_BY), [a_card()], "a"),
        (left(at=NOON - SEEMS_OLDER_BY - SECOND), [a_card()], ""),
        (left(at=NOON + VOICEMAIL_WITHIN), [a_card()], "a"),
        (left(at=NOON + VOICEMAIL_WITHIN + SECOND), [a_card()], ""),
    ],
)
def test_a_voicemail_joins_the_card_of_its_call(
    voicemail: Voicemail, cards: list[MissedCard], found: str
) -> None:
    """On somebody else's card it would be called back to the wrong person."""
    card = card_of(voicemail, cards)

    assert (card.id if card else "") == found


@given(
    st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5), st.booleans()), min_size=1)
)
def test_in_whatever_order_they_come_the_newest_is_shown(
    read: list[tuple[int, int, bool]],
) -> None:
    """RingCentral sends a voicemail again whenever somebody has listened to it."""
    card = a_card()
    for name, _, is_said in read:
        voicemail = left(f"v{name}", at=NOON + timedelta(minutes=name))
        before = card
        card = with_voicemail(card, voicemail, f"said {name}" if is_said else "")
        assert with_voicemail(card, voicemail) == card  # once more changes nothing
        assert (card.version > before.version) is (card != before)

    newest = max(name for name, _, _ in read)
    said = any(is_said for name, _, is_said in read if name == newest)
    assert card.voicemail is not None
    assert card.voicemail.id == f"v{newest}"
    assert card.voicemail.text in (f"said {newest}", "")
    assert bool(card.voicemail.text) is said
    assert len(card.voicemail_ids) == len({name for name, _, _ in read})


def test_a_card_knows_no_more_voicemails_than_it_can_keep() -> None:
    """A caller who leaves one after the other must not fill the database."""
    card = a_card()
    for name in range(MOST_VOICEMAILS_KEPT + 5):
        card = with_voicemail(card, left(f"v{name}", at=NOON + name * SECOND))

    assert len(card.voicemail_ids) == MOST_VOICEMAILS_KEPT


@pytest.mark.parametrize(
    ("changes", "wanted"),
    [
        ({"transcribed": Transcribed.YES, "transcription": "2"}, True),
        ({"transcribed": Transcribed.YES}, False),
        ({"transcribed": Transcribed.NOT_YET, "transcription": "2"}, False),
        ({"transcribed": Transcribed.NO, "transcription": "2"}, False),
    ],
)
def test_what_was_said_is_read_once_it_is_there(
    changes: dict[str, Any],
    wanted: bool,  # noqa: FBT001 - parametrized
) -> None:
    """Each look costs a request."""
    voicemail = left(**changes)
    card = with_voicemail(a_card(), voicemail)

    assert wants_text(a_card(), voicemail) is wanted
    assert wants_text(card, voicemail) is wanted
    assert not wants_text(with_voicemail(card, voicemail, "text"), voicemail)
    newer = replace(voicemail, id="newer", at=voicemail.at + SECOND)
    assert not wants_text(with_voicemail(card, newer), voicemail)


@given(st.text())
def test_what_was_said_is_one_clean_line(said: str) -> None:
    """It is a stranger's: no mark turns it around, and none fills the channel."""
    kept = cut(said)

    assert len(kept) <= LONGEST_TRANSCRIPTION
    assert kept == " ".join(kept.split())
    assert not {"\n", "\u202e", "\x00", "\u200b"} & set(kept)


def test_what_is_too_long_is_cut() -> None:
    """And says so."""
    assert cut("word " * 400).endswith("…")
