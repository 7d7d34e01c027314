"""Missed calls are told once, in their channel, whatever dies when."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

from bot.calls.log.leg import Party
from bot.calls.missed_card import MOST_CARDS_AT_ONCE
from bot.calls.missed_places import MissedPlaces
from bot.errors import (
    ChatBusy,
    ChatError,
    ChatUnknown,
    RateLimited,
    Refused,
    Unreachable,
)
from bot.missed.syncing import LOGGED_AFTER, LOOK_AGAIN_REFUSED, logged_after
from bot.ringcentral.transport.telephony import session_event
from bot.storage.calls.store import Store
from missed import BO, SINCE, MissedDesk, a_desk, a_leg
from pushed import a_body, an_event


@pytest.fixture
async def desk(store: Store) -> AsyncIterator[MissedDesk]:
    """Give a bot that tells the channel ``sales``."""
    async with a_desk(store) as made:
        yield made


async def test_a_missed_call_is_told_once_in_its_channel(desk: MissedDesk) -> None:
    """With name, masked number, how long it rang, and who may call back."""
    desk.missed("one")
    for _ in range(3):
        await desk.later()

    [card] = desk.told()
    assert card.text.startswith("Missed call from Bo Example · …0142, ")
    assert "rang 22 s" in card.text
    assert BO not in f"{card.text}{card.blocks}{card.metadata}"
    labels = [each["text"]["text"] for each in card.blocks[-1]["elements"]]
    assert labels == ["I'll take it", "Call back", "Not needed"]
    assert desk.counted == 1
    assert desk.log.asked == ["all", "new", "new", "new"]


async def test_nothing_older_than_the_switch_on_is_told(desk: MissedDesk) -> None:
    """Who switches this on does not want the last month in the channel."""
    desk.missed("before", ago=SINCE.total_seconds() + 1)
    desk.missed("long ago", ago=86_400)

    await desk.later()

    assert desk.told() == []


async def test_after_an_outage_each_call_is_told_once_and_marked_late(
    desk: MissedDesk,
) -> None:
    """A customer who rang three hours ago must not seem to ring now."""
    desk.log.trouble = Unreachable("down")
    await desk.later()
    desk.missed("early", ago=0)
    await desk.later(hours=3)
    desk.log.trouble = None
    desk.missed("fresh", ago=20, caller=Party("+14155550143"))
    await desk.later(minutes=4)
    await desk.later()

    late, fresh = desk.told()
    assert "This comes late" in str(late.blocks)
    assert "This comes late" not in str(fresh.blocks)


@pytest.mark.parametrize(
    ("trouble", "hours"),
    [(ChatBusy(1), 4), (ChatUnknown("no answer"), 0), (ChatUnknown("no answer"), 4)],
)
async def test_what_slack_did_not_take_in_time_is_marked_late(
    desk: MissedDesk, monkeypatch: pytest.MonkeyPatch, trouble: ChatError, hours: int
) -> None:
    """It stays so when the card is edited."""
    desk.missed("one")

    async def down(*_: object, **__: object) -> None:
        raise trouble

    with monkeypatch.context() as slack:
        slack.setattr(desk.marks, "post", down)
        await desk.later()
    desk.clock.pass_by(timedelta(hours=hours, minutes=1).total_seconds())
    await desk.show()

    [card] = desk.told()
    assert ("This comes late" in str(card.blocks)) is bool(hours)
    before = card.text
    await desk.deeds.take(desk.place(), card.blocks[-1]["elements"][0]["value"])
    desk.clock.pass_by(3600)
    await desk.show()
    assert card.text != before
    assert ("This comes late" in str(card.blocks)) is bool(hours)


async def test_a_stale_token_tells_only_what_is_new(desk: MissedDesk) -> None:
    """All is read again; what was told, or is older than the last look, is not."""
    await desk.later(hours=4)
    desk.missed("told")
    await desk.later()
    desk.log.stale = True
    desk.missed("far older", ago=7_200, caller=Party("+14155550143"))
    desk.missed("new", ago=60, caller=Party("+14155550144"))

    await desk.later()

    assert ["0142" in each.text for each in desk.told()] == [True, False]
    assert "0144" in desk.told()[1].text
    assert desk.log.asked[-2:] == ["new", "all"]


async def test_a_second_call_within_the_hour_joins_the_card(desk: MissedDesk) -> None:
    """Three cards of one customer would be called back by three people."""
    for name in ("one", "two", "three"):
        desk.missed(name)
        await desk.later()

    [card] = desk.told()
    assert "3 times, last <!date" in card.text

    await desk.later(hours=1)
    desk.missed("next hour")
    await desk.later()
    assert len(desk.told()) == 2


async def test_a_call_that_joins_a_card_after_an_outage_marks_it_late(
    desk: MissedDesk,
) -> None:
    """Its first call was told in time; the second one is three hours old by now."""
    desk.missed("in time")
    await desk.later()
    desk.log.trouble = Unreachable("down")
    desk.missed("during the outage", ago=0)
    await desk.later(hours=3)
    [card] = desk.told()
    assert "This comes late" not in str(card.blocks)
    desk.log.trouble = None

    await desk.later(minutes=4)

    [card] = desk.told()
    assert "2 times" in card.text
    assert "This comes late" in str(card.blocks)


async def test_a_caller_who_waited_long_in_a_queue_is_not_told_late(
    desk: MissedDesk,
) -> None:
    """The log has a call once it is over, and the log was read all that time."""
    await desk.later(minutes=40)
    legs = (a_leg("Missed", 1_800),)
    desk.missed("patient", ago=1_820, legs=legs, duration=timedelta(minutes=30))

    await desk.later()

    [card] = desk.told()
    assert "This comes late" not in str(card.blocks)


async def test_withheld_numbers_are_not_one_caller(desk: MissedDesk) -> None:
    """Nobody knows whether they are: each has a card, and nobody can call back."""
    for name in ("one", "two"):
        desk.missed(name, caller=Party())
    await desk.later()

    assert len(desk.told()) == 2
    for card in desk.told():
        assert "a withheld number" in card.text
        assert "Call back" not in str(card.blocks)


async def test_more_than_twenty_are_counted_by_one_card(desk: MissedDesk) -> None:
    """After a weekend the channel must stay readable."""
    for number in range(MOST_CARDS_AT_ONCE + 5):
        desk.missed(f"{number}", ago=90 - number, caller=Party(f"+1415555{number:04}"))
    await desk.later()
    await desk.later()

    cards = desk.told()
    assert len(cards) == MOST_CARDS_AT_ONCE + 1
    assert cards[0].text.startswith("5 more missed calls, from <!date")
    assert "0024" in cards[-1].text


async def test_the_extension_that_was_called_names_the_channel(
    desk: MissedDesk,
) -> None:
    """Support's queue is told in support's channel, and the rest where the star is."""
    sales = desk.slack.channel("sales").id
    bot = desk.slack.workspace.bot.id
    support = desk.slack.workspace.add_channel("support", "public", bot).id
    desk.open(MissedPlaces({"300": support, "101": sales}))
    desk.missed("queue", callee=Party("+16505550130", extension="300"))
    desk.missed("own", callee=Party("+16505550100"), caller=Party("+14155550143"))
    desk.missed("other", callee=Party(extension="9"), caller=Party("+14155550144"))
    await desk.later()

    assert len(desk.told("support")) == 1
    assert ["0143" in e.text or "0144" in e.text for e in desk.told()] == [True, True]


@pytest.mark.parametrize(
    ("trouble", "wait"),
    [
        (RateLimited(70), 70),
        (RateLimited(0.2), 10),
        (Unreachable("502"), 180),
        (Refused(403, "CMN-401"), LOOK_AGAIN_REFUSED.total_seconds()),
    ],
)
async def test_a_log_that_cannot_be_read_is_read_again(
    desk: MissedDesk, trouble: Any, wait: float
) -> None:
    """And not sooner than RingCentral lets it."""
    desk.missed("one")
    desk.log.trouble = trouble
    await desk.later()
    asked = len(desk.log.asked)
    desk.log.trouble = None

    await desk.later(seconds=wait - 1)
    assert len(desk.log.asked) == asked
    await desk.later(seconds=1)

    assert len(desk.log.asked) == asked + 1
    assert len(desk.told()) == 1


async def test_a_channel_without_the_bot_is_tried_again(
    desk: MissedDesk, caplog: pytest.LogCaptureFixture
) -> None:
    """An admin invites it, and nothing is lost."""
    desk.open(MissedPlaces({"101": "C0000"}))
    desk.missed("one")
    await desk.later()

    assert "a missed call can't be told: Slack refuses" in caplog.text
    await desk.later(minutes=10)
    assert caplog.text.count("a missed call can't be told") == 2
    await desk.later(hours=25)
    assert await desk.cards.first_due() is None


async def test_who_left_voicemail_is_said(desk: MissedDesk) -> None:
    """And how long it rang before that."""
    legs = (a_leg("Missed", 20), a_leg("Voicemail", 31))
    desk.missed("one", result="Voicemail", legs=legs, duration=timedelta(seconds=51))
    await desk.later()

    [card] = desk.told()
    assert "rang 20 s, went to voicemail" in card.text


async def test_an_event_of_a_missed_call_brings_the_look_forward(
    desk: MissedDesk,
) -> None:
    """Half a minute later the log shows it; no event costs nothing but time."""
    await desk.later()
    desk.missed("now", ago=0)

    await desk.syncing.on_missed("")
    await desk.later(seconds=LOGGED_AFTER.total_seconds())

    assert len(desk.told()) == 1


@pytest.mark.parametrize(
    ("longest", "wait"), [(None, 30), (60, 30), (30, 30), (3.5, 3.5), (0, 0)]
)
def test_a_log_that_is_known_to_be_quick_is_read_sooner(
    longest: float | None, wait: float
) -> None:
    """Who has set RINGOUT_LOG_DELAY_SECONDS waits no longer for a missed call than for others."""
    bound = None if longest is None else timedelta(seconds=longest)

    assert logged_after(bound) == timedelta(seconds=wait)


@pytest.mark.parametrize(
    ("origin", "flags", "is_missed"),
    [
        ("Call", {"missedCall": True}, True),
        ("Call", {"missedCall": False}, False),
        ("Call", {}, False),
        ("Call", {"missedCall": "true"}, False),
        ("RingOut", {"missedCall": True}, False),
    ],
)
def test_which_events_are_of_missed_calls(
    origin: str,
    flags: dict[str, Any],
    is_missed: bool,  # noqa: FBT001 - parametrized
) -> None:
    """A RingOut whose first leg nobody picked up was not missed: it was placed here."""
    party = {"id": "p-1", "status": {"code": "Disconnected"}} | flags
    event = session_event(an_event(a_body(party, origin={"type": origin})))

    assert event is not None
    assert event.is_missed is is_missed
