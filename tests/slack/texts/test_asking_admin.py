"""What admins and whoever asks them read, and whose name of the other party it has."""

from __future__ import annotations

from dataclasses import replace

import pytest

from asking_sentences import REQUEST
from bot.calls.people.names import Name, NameSource
from bot.policy.admin_request import REQUEST_LASTS, AdminAnswer
from bot.policy.decision import Decision, Objection
from bot.policy.refusals import PolicyAsks, PolicyRefuses
from bot.policy.rules import Rule, Ruling
from bot.slack.texts import asking_admin
from bot.slack.texts.asking import Chosen
from bot.slack.texts.contact import NO_CONTACT
from intents import ANN, NOON


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


def test_who_asked_about_several_reads_which_one() -> None:
    """A command is not shown in Slack: the number that is refused stands in the offer, once."""
    number = REQUEST.number
    quiet = Objection(rule=Rule.QUIET_HOURS, ruling=Ruling.REFUSE, at=NOON)
    country = Objection(rule=Rule.COUNTRY, ruling=Ruling.REFUSE, text="FR")
    for each in (quiet, country):
        decision = Decision(Ruling.REFUSE, (each,), openable=(each,))
        wanted = PolicyAsks(decision, number, NOON, ANN.person, "key")
        error = PolicyRefuses(decision, number, ANN.user, wanted)

        said = asking_admin.offer(error, wanted).text

        assert said.count("+33 1 42 27 81 86") == 1


def test_an_approval_names_the_channel_of_its_card() -> None:
    """It is pressed in the direct messages, and its card comes elsewhere."""
    approved = replace(REQUEST, answer=AdminAnswer.APPROVED)
    in_channel = replace(approved, place=replace(ANN, channel="C0SALES"))
    in_dm = replace(approved, place=replace(ANN, channel="D0ANN"))

    assert "You asked in <#C0SALES>." in str(
        asking_admin.told(in_channel, NO_CONTACT).blocks
    )
    assert "You asked in" not in str(asking_admin.told(in_dm, NO_CONTACT).blocks)


def test_what_was_erased_has_no_name() -> None:
    """The request is shown all the same."""
    of = replace(REQUEST, wanted="")

    assert "asks to call +33 •" in asking_admin.request(of, full=False).text


def test_admins_read_until_when_they_can_answer() -> None:
    """Whoever sees it after nine minutes hurries, or leaves it."""
    until = int((REQUEST.asked_at + REQUEST_LASTS).timestamp())

    said = str(asking_admin.request(REQUEST, full=False).blocks)

    assert f"Answer by <!date^{until}^{{time}}|" in said
