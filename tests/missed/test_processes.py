"""Processes that die, or work at once: each missed call is told once all the same."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import datetime
from typing import Any

import pytest

from bot.calls.log.leg import Party
from bot.storage.calls.store import Store
from bot.storage.missed.cards import CARD_LEASE, LeasedCard
from bot.storage.missed.syncs import SYNC_LEASE, MissedSyncs
from fakes import FakeClock
from missed import MissedDesk, a_desk


class Killed(BaseException):
    """The process was killed here."""


@pytest.fixture
async def desk(store: Store) -> AsyncIterator[MissedDesk]:
    """Give a bot that tells the channel ``sales``."""
    async with a_desk(store) as made:
        yield made


def at_store(desk: MissedDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Kill the process when it has read the log, before it stores anything."""
    monkeypatch.setattr(desk.syncing._syncs, "store", killed)


def after_store(desk: MissedDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Kill it when the cards are stored."""
    monkeypatch.setattr(desk.posting, "post_due", killed)


def at_lease(desk: MissedDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Kill it right after it has leased the card."""
    monkeypatch.setattr(desk.posting, "_settle", killed)


def before_post(desk: MissedDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Kill it before the message goes out."""
    monkeypatch.setattr(desk.marks, "post", killed)


def after_post(desk: MissedDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Kill it when Slack has the message, before that is stored."""
    monkeypatch.setattr(desk.cards, "posted", killed)


async def killed(*_: object, **__: object) -> None:
    """Die."""
    raise Killed


@pytest.mark.parametrize(
    "die", [at_store, after_store, at_lease, before_post, after_post]
)
async def test_a_call_is_told_once_whenever_its_process_dies(
    desk: MissedDesk,
    monkeypatch: pytest.MonkeyPatch,
    die: Callable[[MissedDesk, pytest.MonkeyPatch], None],
) -> None:
    """Another process goes on: never twice, and never not at all."""
    desk.missed("one")
    with monkeypatch.context() as dying:
        die(desk, dying)
        with pytest.raises(Killed):
            await desk.later()

    assert len(desk.told()) == (die is after_post)
    for _ in range(2):
        await desk.later(seconds=max(CARD_LEASE, SYNC_LEASE).total_seconds())

    assert len(desk.told()) == 1
    assert await desk.cards.first_due() is None


@pytest.mark.parametrize("there", [True, False])
async def test_a_card_whose_answer_was_lost_is_looked_for(
    desk: MissedDesk,
    there: bool,  # noqa: FBT001 - parametrized
) -> None:
    """Slack may have posted it all the same."""
    desk.missed("one")
    desk.slack.faults.add("reset", "chat.postMessage", before_effect=not there)

    await desk.later()
    assert len(desk.told()) == there
    await desk.later(seconds=CARD_LEASE.total_seconds())

    assert len(desk.told()) == 1


async def test_a_lease_that_ran_out_posts_nothing(
    desk: MissedDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While Slack took a minute over the first card, another process posted the second."""
    desk.missed("one", ago=40)
    desk.missed("two", caller=Party("+14155550143"))
    first = desk.posting
    desk.open(desk.syncing._places)
    post = desk.marks.post

    async def slow(*args: Any, **more: Any) -> tuple[str, str]:
        found = await post(*args, **more)
        monkeypatch.setattr(desk.marks, "post", post)
        desk.clock.pass_by(CARD_LEASE.total_seconds())
        await desk.posting.post_due()
        return found

    monkeypatch.setattr(desk.marks, "post", slow)
    desk.clock.pass_by(180)
    await desk.syncing.look()
    await first.post_due()
    await desk.show()

    assert ["0142" in each.text for each in desk.told()] == [True, False]


@pytest.mark.parametrize(("left", "posts"), [(39, False), (40, True)])
async def test_a_post_leaves_its_answer_time_to_get_lost(
    desk: MissedDesk,
    monkeypatch: pytest.MonkeyPatch,
    left: float,
    posts: bool,  # noqa: FBT001 - parametrized
) -> None:
    """It is sent by then, and Slack shows it before another process looks for it."""
    desk.missed("one")
    desk.clock.pass_by(180)
    await desk.syncing.look()
    lease_due = desk.cards.lease_due

    async def slow(now: datetime) -> list[LeasedCard]:
        monkeypatch.setattr(desk.cards, "lease_due", lease_due)
        leased = await lease_due(now)
        desk.clock.pass_by(CARD_LEASE.total_seconds() - left)
        return leased

    monkeypatch.setattr(desk.cards, "lease_due", slow)
    await desk.posting.post_due()

    assert len(desk.told()) == posts
    await desk.posting.post_due()
    assert len(desk.told()) == 1


async def test_two_processes_read_a_log_once(desk: MissedDesk) -> None:
    """Who comes second finds it leased."""
    desk.missed("one")
    desk.clock.pass_by(180)
    syncs = MissedSyncs(desk.store.writer)
    [mine] = await syncs.lease_due(desk.clock.now())

    await desk.later(seconds=1)

    assert desk.log.asked == ["all"]
    assert desk.told() == []
    assert mine.token == "0"


async def test_what_two_processes_store_is_one_card(desk: MissedDesk) -> None:
    """A process that was paused longer than its lease must not tell again."""
    desk.missed("one")
    desk.clock.pass_by(180)
    syncs = MissedSyncs(desk.store.writer)
    [late] = await syncs.lease_due(desk.clock.now())
    await desk.later(seconds=SYNC_LEASE.total_seconds())

    stored = await syncs.store(
        late,
        "9",
        [],
        desk.clock.now(),
        desk.clock.now(),
        lambda: "x",
        lambda *_: None,
    )

    assert stored == 0
    assert len(desk.told()) == 1
    desk.missed("two", caller=Party("+14155550143"))
    await desk.later()
    assert len(desk.told()) == 2


@pytest.mark.on_both
async def test_processes_that_start_together_begin_one_sync(store: Store) -> None:
    """Both see that the log is to be read; one inserts the row first."""
    now = FakeClock().now()
    other = Store(store.url)
    await other.open()
    both = [MissedSyncs(each.writer) for each in (store, other)]

    await asyncio.gather(*(each.keep({"a": None}, now, now) for each in both))
    other.close()

    assert [each.account for each in await both[0].lease_due(now)] == ["a"]
