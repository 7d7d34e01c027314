"""What the board edits, and in whose words: a card that hides the result, never."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, cast

import pytest

from bot.background import Background
from bot.calls.call import Call, End, Refusal, State
from bot.calls.people.person import Shows
from bot.calls.timing import Timing
from bot.clock import RealClock
from bot.slack.posting.board import Board
from bot.slack.texts.card import card
from bot.slack.texts.contact import NO_CONTACT, Contact
from intents import a_call


async def nobody(*_: object) -> None:
    """Take what is reported as shown."""


def a_board(contact: Contact = NO_CONTACT) -> Board:
    """Return a board that never gets to Slack: nothing here sends an edit."""
    nothing = cast("Any", None)
    return Board(
        nothing,
        RealClock(),
        Background(),
        nothing,
        full=False,
        timing=Timing(),
        holds_calls=lambda: True,
        on_shown=nobody,
        contact=contact,
    )


def shown_before(**changes: object) -> Call:
    """Return a call whose card an older version of the program has posted."""
    values = {
        "state": State.FOLLOWING,
        "card_channel": "C1",
        "card_ts": "1.2",
        "card_shown": "an older look",
    }
    return a_call(**values | changes)


@pytest.mark.parametrize(("shows", "edits"), [(Shows.PRIVATE, 0), (Shows.CHANNEL, 1)])
async def test_an_upgrade_edits_no_card_that_hides_the_result(
    shows: Shows, edits: int
) -> None:
    """Its edit would come with the call's next change, which others could see."""
    board = a_board()

    board.show(shown_before(shows=shows))

    assert len(board.pace) == edits


@pytest.mark.parametrize(("named", "edits"), [("the help desk", 0), ("", 1)])
async def test_a_card_names_whom_the_operator_has_named(named: str, edits: int) -> None:
    """On a card too a person is told whom to ask, and not "the RingOut admin"."""
    refused = shown_before(
        state=State.REPORTING, end=End.REFUSED, refusal=Refusal(403, "CMN-404")
    )
    told = card(refused, full=False, contact=Contact("the help desk"))
    board = a_board(Contact(named))

    board.show(replace(refused, card_shown=told.digest))

    assert "Ask the help desk." in told.text
    assert len(board.pace) == edits
