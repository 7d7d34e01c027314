"""Slack's uninstall events: stored before the ack, and carried out after any crash."""

from __future__ import annotations

import asyncio
import sqlite3
from typing import Any

import pytest
from sqlalchemy import Table, select
from sqlalchemy.exc import OperationalError

from bot.sandbox.slack.delivery import Ack
from bot.storage.people.tables import (
    connections,
    pending_sign_ins,
    preferences,
    revocations,
)
from own import connects, lets_connect, modal, whispered
from patience import PATIENCE, until
from scene import Scene
from selection import TRANSPORTS
from town import Town


async def rows(town: Town, *tables: Table) -> list[Any]:
    """Return the rows of *tables*."""
    assert town.bot is not None
    found: list[Any] = []
    for table in tables:
        found += await town.bot._store.writer.run(
            lambda c, t=table: c.execute(select(t)).all()  # type: ignore[misc]
        )
    return found


async def signed_out(town: Town, *people: str) -> None:
    """Wait until RingCentral has ended the sessions of *people*."""
    await until(lambda: not any(map(town.ringcentral.sessions_of, people)))


def full(_: object) -> None:
    """Fail like a disk with no space left."""
    error = sqlite3.OperationalError("database or disk is full")
    raise OperationalError("", {}, error)


async def leave(town: Town, how: str) -> list[Ack]:
    """Have Ann, or the whole workspace, leave in Slack in one of four ways."""
    if how == "deactivated":
        return [await town.slack.deactivate("ann")]
    if how == "revoked":
        ann = town.slack.workspace.user("ann").id
        tokens = {"oauth": [ann], "bot": []}
        event = {"type": "tokens_revoked", "tokens": tokens}
        return [await town.slack.event(event)]
    if how == "put out":
        teams = [town.slack.workspace.team]
        event = {"type": "team_access_revoked", "team_ids": teams}
        return [await town.slack.event(event)]
    return await town.slack.uninstall()


@pytest.mark.parametrize("how", ["deactivated", "revoked", "put out", "uninstalled"])
@pytest.mark.parametrize("http", TRANSPORTS)
async def test_an_event_that_could_not_be_stored_comes_again_and_then_all_is_gone(
    closed_town: Town,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    how: str,
    *,
    http: bool,
) -> None:
    """Slack repeats an event only until it is acked: an event lost then stays lost.

    The double waits briefly for the acks that must not come.
    """
    town = closed_town
    lets_connect(town, "ann")
    if http:
        secret = town.slack.signing_secret
        town.env |= {"SLACK_APP_TOKEN": "", "SLACK_SIGNING_SECRET": secret}
    await town.open()
    await connects(town)
    assert town.bot is not None

    deliveries = town.slack.deliveries
    usual, deliveries.ack_timeout = deliveries.ack_timeout, 0.3
    with monkeypatch.context() as disk:
        disk.setattr(town.bot._store.writer, "_transaction", full)
        first = await leave(town, how)
        await town.until(lambda: caplog.text.count("not handled") == len(first))
    deliveries.ack_timeout = usual
    still = await rows(town, connections)
    again = [await town.slack.redeliver(each) for each in first]
    once_more = [await town.slack.redeliver(each) for each in first]

    assert not any(ack.ok for ack in first)
    assert len(still) == 1
    assert all(ack.ok for ack in (*again, *once_more))
    assert await rows(town, connections, preferences, pending_sign_ins) == []
    await signed_out(town, "ann")
    async with asyncio.timeout(PATIENCE):
        while await rows(town, revocations):
            await asyncio.sleep(0.01)


async def test_who_left_is_signed_out_though_the_process_died_after_the_ack(
    scene: Scene,
) -> None:
    """If the process dies before RingCentral hears of it, the next start revokes."""
    town = scene.town
    lets_connect(town, "ann", "bob")
    first = await scene.ready()
    await connects(town)
    await connects(town, "bob")
    trap = scene.ringcentral_trap(first, "POST", "/oauth/revoke", effect=False)

    ack = await town.slack.deactivate("ann")
    await trap.wait()
    left = town.ringcentral.sessions_of("ann")
    await scene.ready()
    await signed_out(town, "ann")

    assert ack.ok
    assert len(left) == 1
    assert len(town.ringcentral.sessions_of("bob")) == 1


async def test_what_people_chose_goes_where_nobody_connects_accounts(
    closed_town: Town,
) -> None:
    """Their settings hold phone numbers, even without RINGOUT_SECRET_KEY."""
    town = closed_town
    await town.open()
    for user in ("ann", "bob"):
        await town.types("settings", user=user)
        form = await modal(town, user)
        town.slack.fill_in(form, {"region": "gb"})
        assert (await town.slack.submit(form)).ok
    before = await rows(town, preferences)

    await town.slack.deactivate("ann")

    bob = town.slack.workspace.user("bob").id
    assert len(before) == 2
    assert [row.user for row in await rows(town, preferences)] == [bob]


# What people read when they disconnect


async def test_nobody_is_told_of_an_end_that_ringcentral_did_not_confirm(
    closed_town: Town,
) -> None:
    """They may want to end that session at RingCentral themselves."""
    town = closed_town
    lets_connect(town, "ann")
    await town.open()
    await connects(town)
    town.ringcentral.faults.add("status", path_contains="/oauth/revoke")

    await town.types("disconnect")
    told = await whispered(town, "disconnected")
    await town.types("disconnect")
    await whispered(town, "no RingCentral account connected")

    assert "hasn't confirmed" in told.text
    assert "Your RingCentral sign-in has ended" not in told.text
    assert "developers.ringcentral.com" not in told.text


async def test_who_pasted_a_credential_is_told_to_delete_it(closed_town: Town) -> None:
    """Whoever has a copy of the credential can still use their account."""
    town = closed_town
    lets_connect(town, "ann", browser=False)
    await town.open()
    await town.types("connect")
    await town.slack.click("ann", town.slack.private("ann")[-1], "connect_start")
    form = await modal(town)
    town.slack.fill_in(form, {"jwt": town.ringcentral.jwt_of("ann")})
    await town.slack.submit(form)
    await town.until(lambda: town.slack.dm("ann"))

    await town.types("disconnect")
    told = await whispered(town, "disconnected")

    assert "sign-in has ended" in told.text
    assert "delete it at developers.ringcentral.com" in told.text
