"""Digests are posted once, whatever dies or fails when."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot.calls.digest_plan import DigestPlan
from bot.errors import StoreUnavailable
from bot.reports.digests import Digests
from bot.storage.reports.digests import DIGEST_LEASE, DigestRows
from digest_office import (
    BEGUN,
    DAILY,
    DAY,
    DUE,
    Killed,
    Office,
    killed,
)


async def test_whatever_fails_digests_go_on(
    office: Office, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A database that is away, or a fault of ours, must not end the bot's digests."""
    process = office.process()
    left: list[BaseException] = [
        StoreUnavailable("away"),
        ValueError("a bug"),
        Killed(),
    ]

    async def fails() -> float:
        raise left.pop(0)

    monkeypatch.setattr(process, "post_due", fails)
    with pytest.raises(Killed):
        await process.run()

    assert caplog.text.count("posting digests failed") == 1


async def test_what_fails_for_one_channel_holds_up_no_other(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A fault of ours that one channel's calls meet is met again each time."""
    office.slack.invite("general")
    other = replace(DAILY, channel="C0GENERAL")
    process = office.process(DAILY, other)
    await process.post_due()
    counted = process._counted

    async def fails(plan: DigestPlan, *rest: Any) -> Any:
        if plan is DAILY:
            raise ValueError("a bug")
        return await counted(plan, *rest)

    monkeypatch.setattr(process, "_counted", fails)
    with pytest.raises(ValueError, match="a bug"):
        await office.at(BEGUN, process)

    assert (len(office.told()), len(office.told("general"))) == (0, 1)


async def test_a_digest_that_was_put_off_until_the_next_is_due_ends_where_it_did(
    office: Office,
) -> None:
    """Else a call of the last moment, which is not stored yet, would be in none."""
    process = office.process()
    await process.post_due()
    wait = (DUE + DAY - BEGUN).total_seconds() + 2
    office.slack.faults.add("ratelimited", "chat.postMessage", retry_after=int(wait))
    await office.at(BEGUN, process)
    await office.at(DUE + DAY + timedelta(seconds=2), process)
    await office.called(asked_at=DUE + DAY - timedelta(seconds=1))
    await office.at(BEGUN + DAY, process)

    first, second = office.told()
    assert "Calls: 0\n" in first.text
    assert "Calls: 1\n" in second.text


async def test_a_channel_without_the_bot_gets_it_with_the_next_digest(
    office: Office, caplog: pytest.LogCaptureFixture
) -> None:
    """The log says why, once a digest; what was missed is in the one that comes."""
    process = office.process()
    await process.post_due()
    await office.called()
    office.slack.kick("sales")

    await office.at(BEGUN, process)
    await office.at(BEGUN + timedelta(hours=5), process)
    assert office.told() == []
    assert caplog.text.count("digest: Slack takes none in channel C0SALES") == 1
    office.slack.invite("sales")
    await office.called()
    await office.at(BEGUN + DAY, process)

    [told] = office.told()
    assert "Calls: 2\n" in told.text


def at_lease(process: Digests, dying: pytest.MonkeyPatch) -> None:
    """Kill the process right after it has leased the digest."""
    dying.setattr(process, "_settle", killed)


def before_stored(process: Digests, dying: pytest.MonkeyPatch) -> None:
    """Kill it before it has stored that it will post."""
    dying.setattr(process._rows, "will_post", killed)


def before_post(process: Digests, dying: pytest.MonkeyPatch) -> None:
    """Kill it before the message goes out."""
    dying.setattr(process._marks, "post", killed)


def after_post(process: Digests, dying: pytest.MonkeyPatch) -> None:
    """Kill it when Slack has the message, before that is stored."""
    dying.setattr(process._rows, "posted", killed)


@pytest.mark.parametrize("die", [at_lease, before_stored, before_post, after_post])
@pytest.mark.parametrize("away", [DIGEST_LEASE, 3 * DAY], ids=["minutes", "days"])
async def test_a_digest_comes_once_whenever_its_process_dies(
    office: Office,
    monkeypatch: pytest.MonkeyPatch,
    die: Callable[[Digests, pytest.MonkeyPatch], None],
    away: timedelta,
) -> None:
    """Each call is in one digest, whether the next process comes soon or after days."""
    dying = office.process()
    await dying.post_due()
    await office.called()
    with monkeypatch.context() as patch:
        die(dying, patch)
        with pytest.raises(Killed):
            await office.at(BEGUN, dying)
    await office.at(BEGUN + timedelta(seconds=5), office.process())
    assert len(office.told()) == (die is after_post)

    other, third = office.process(), office.process()
    for _ in range(3):
        await office.at(office.clock.now() + away, other, third)

    counted = [f"Calls: {n}\n" for n in (0, 1)]
    told = [[line in each.text for line in counted] for each in office.told()]
    assert told[0] == [False, True]
    assert all(each == [True, False] for each in told[1:])
    assert len(told) == 1 if away == DIGEST_LEASE else len(told) in (3, 4)


@pytest.mark.parametrize("there", [True, False])
async def test_a_digest_whose_answer_was_lost_is_looked_for(
    office: Office,
    there: bool,  # noqa: FBT001 - parametrized
) -> None:
    """Slack may have posted it all the same."""
    process = office.process()
    await process.post_due()
    office.slack.faults.add("reset", "chat.postMessage", before_effect=not there)

    await office.at(BEGUN, process)
    assert len(office.told()) == there
    for _ in range(2):
        await office.at(office.clock.now() + DIGEST_LEASE, process)

    assert len(office.told()) == 1


@pytest.mark.parametrize("kind", ["ratelimited", "error"])
async def test_what_slack_did_not_take_is_posted_later(
    office: Office, kind: Any
) -> None:
    """A limit passes, and an operator puts a token back; no message is there to look for."""
    process = office.process()
    await process.post_due()
    office.slack.faults.add(kind, "chat.postMessage", error="token_revoked")

    await office.at(BEGUN, process)
    assert office.told() == []
    await office.at(BEGUN + timedelta(minutes=6), process)

    assert len(office.told()) == 1
    assert office.slack.calls_of("conversations.history") == []


async def test_a_history_without_an_end_holds_up_one_digest_alone(
    office: Office,
) -> None:
    """A busy channel's messages can't all be read: the next digest comes all the same."""
    process = office.process()
    await process.post_due()
    office.slack.faults.add("reset", "chat.postMessage")
    office.slack.faults.add("garbage", "conversations.history", times=None, body=b"[]")
    await office.at(BEGUN, process)
    await office.at(BEGUN + DIGEST_LEASE, process)
    assert office.told() == []

    await office.at(BEGUN + DAY, process)

    assert len(office.told()) == 1


async def test_two_processes_post_one_digest(office: Office) -> None:
    """Who comes second finds it leased, and later posted."""
    one, other = office.process(), office.process()
    await one.post_due()
    await other.post_due()
    rows = DigestRows(office.store.writer)
    await office.at(BEGUN)

    [leased] = await rows.lease_due([DAILY.id], office.clock.now())
    assert await rows.lease_due([DAILY.id], office.clock.now()) == []
    await office.at(BEGUN + DIGEST_LEASE, one, other)
    assert not await rows.will_post(leased, DUE)

    assert len(office.told()) == 1
