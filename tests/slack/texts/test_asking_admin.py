"""What admins and whoever asks them read, and whose name of the other party it has."""

from __future__ import annotations

from dataclasses import replace

import pytest

from asking_sentences import REQUEST
from bot.calls.people.names import Name, NameSource
from bot.policy.admin_request import REQUEST_LASTS, AdminAnswer
from bot.slack.texts import asking_admin
from bot.slack.texts.asking import Chosen
from bot.slack.texts.contact import NO_CONTACT


@pytest.mark.parametrize(
    ("source", "request_"),
    [
        (NameSource.WRITTEN, "asks to call Nora, +33 • •• •• 81 86, in France."),
        (NameSource.ADDRESS_BOOK, "asks to call +33 • •• •• 81 86 in France."),
    ],
)
def test_admins_read_the_name_that_the_card_would_have(
    source: NameSource, request_: str
) -> None:
    """Nobody can decide on four digits; but one's own address book is one's own."""
    wanted = Chosen.load(REQUEST.wanted)
    kept = replace(wanted, name=Name("Nora", source)).dump()
    of = replace(REQUEST, wanted=kept, answer=AdminAnswer.APPROVED)

    assert request_ in asking_admin.request(of, full=False).text
    assert request_ in asking_admin.settled(of, full=False).text
    assert "your call to Nora, +33 1 42" in asking_admin.told(of, NO_CONTACT).text


def test_what_was_erased_has_no_name() -> None:
    """The request is shown all the same."""
    of = replace(REQUEST, wanted="")

    assert "asks to call +33 •" in asking_admin.request(of, full=False).text


def test_admins_read_until_when_they_can_answer() -> None:
    """Whoever sees it after nine minutes hurries, or leaves it."""
    until = int((REQUEST.asked_at + REQUEST_LASTS).timestamp())

    said = str(asking_admin.request(REQUEST, full=False).blocks)

    assert f"Answer by <!date^{until}^{{time}}|" in said
