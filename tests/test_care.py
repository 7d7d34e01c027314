"""Looking after sign-ins: kept alive, warned of once, told of once, come what may."""

from __future__ import annotations

import asyncio
import base64
import json
import logging
from datetime import timedelta
from typing import Any

import pytest
from below import ANN, BOB, DAY, HOUR, TOKEN, Below, ticket_in
from sqlalchemy import func, select

from bot.care import EVERY, KEEP_ALIVE, WARN
from bot.connecting import NotSignedIn
from bot.errors import Disconnected
from bot.sandbox.ringcentral_credentials import Credential
from bot.storage.connections import Linked
from bot.storage.people import signins


def both(below: Below, seconds: float) -> None:
    """Let time pass here and at RingCentral."""
    below.clock.pass_by(seconds)
    below.double.clock.skip(seconds)


async def test_a_sign_in_that_nobody_uses_is_kept_alive(below: Below) -> None:
    """Somebody on holiday comes back after a month, and calls."""
    linked = await below.connects()
    other = await below.another()

    for _ in range(30 * 4):
        both(below, DAY / 4)
        await asyncio.gather(below.care.look(), other.care.look())

    assert (await below.telephony(linked).extension()).name == "Ann Example"
    assert 30 / 7 < below.double.refreshes_of("ann") < 30 / 3
    assert below.ended + other.ended + below.ending + other.ending == []


async def test_nothing_is_refreshed_before_it_has_to_be(below: Below) -> None:
    """A hundred people's sign-ins must not cost a hundred requests an hour."""
    await below.connects()
    below.clock.pass_by((timedelta(days=7) - KEEP_ALIVE).total_seconds() - 1)
    before = below.asked()
    await below.care.look()
    early = below.asked() - before
    below.clock.pass_by(2)
    await below.care.look()
    await below.care.look()

    assert early == 0
    assert below.asked() - before == 1


async def test_an_outage_while_keeping_alive_is_nobodys_end(alone: Below) -> None:
    """The next look tries again; three days are left for it."""
    linked = await alone.connects()
    alone.clock.pass_by(5 * DAY)
    fault = alone.double.faults.add("status", path_contains=TOKEN, times=3)
    for _ in range(4):
        await alone.care.look()
    found = await alone.of()

    assert fault.hits == 3
    assert found is not None
    assert (found.version, found.broken_at) == (linked.version + 1, None)
    assert alone.ended == []


async def test_a_sign_in_that_was_left_too_long_is_told_of(below: Below) -> None:
    """The bot stood still for a fortnight: said by it, not by the next call's failure."""
    await below.connects()
    both(below, 14 * DAY)

    for _ in range(3):
        await below.care.look()

    assert [each.person for each in below.ended] == [ANN]


async def test_what_cannot_be_refreshed_is_warned_of_once(below: Below) -> None:
    """An app without refresh tokens: its people hear ten minutes before each hour ends."""
    below.double.logins.refresh_tokens = False
    await below.connects()
    other = await below.another()
    below.clock.pass_by(HOUR - WARN["once"].total_seconds())
    await below.care.look()
    early = list(below.ending)
    below.clock.pass_by(1)

    for _ in range(3):
        await asyncio.gather(below.care.look(), other.care.look())
    later = await below.another()
    await later.care.look()
    warned = below.ending + other.ending + later.ending
    again = await below.connects()
    below.clock.pass_by(HOUR)
    await below.care.look()

    assert early == []
    assert [each.person for each in warned] == [ANN]
    assert below.ending[-1].id == again.id
    assert below.asked() == 2


async def test_a_credential_that_ends_is_warned_of_three_days_before(
    below: Below,
) -> None:
    """RingCentral lets it be made for a time; only its person can make another."""
    ends = below.clock.now() + timedelta(days=30)
    claims = json.dumps({"sub": "x", "exp": int(ends.timestamp())}).encode()
    jwt = f"e30.{base64.urlsafe_b64encode(claims).decode().rstrip('=')}.c2ln"
    below.double.logins.credentials._all.append(
        Credential(
            jwt=jwt, owner=below.double.person("ann").extension_id,
            client_id=below.double.logins.client_id, lives=None, expires_at=None,
        )
    )  # fmt: skip
    linked = await below.connecting.by_jwt(ANN, jwt)
    both(below, 26 * DAY)
    await below.care.look()
    early = list(below.ending)
    both(below, 1.5 * DAY)
    await below.care.look()
    assert (await below.telephony(linked).extension()).name == "Ann Example"
    await below.care.look()

    assert early == []
    assert [each.ends_at for each in below.ending] == [ends]
    assert below.ended == []


async def test_a_sign_in_that_ended_is_told_once_though_several_look(
    below: Below,
) -> None:
    """Five processes notice; one of them says it."""
    linked = await below.connects()
    await below.connects(BOB, "bob")
    processes = [below, *[await below.another() for _ in range(4)]]
    below.double.end_sessions("ann")
    with pytest.raises(Disconnected):
        await below.telephony(linked).extension()

    for _ in range(2):
        await asyncio.gather(*(each.care.look() for each in processes))

    assert [each.person for one in processes for each in one.ended] == [ANN]
    assert below.double.sessions_of("bob")


async def test_what_was_begun_and_left_is_forgotten_after_a_day(below: Below) -> None:
    """Tickets and states are rows; nobody comes back to them."""
    ticket = ticket_in(await below.connecting.link(ANN, "@ann"))
    await below.begins()
    below.clock.pass_by(DAY / 2)
    await below.care.look()
    kept = await rows(below)
    below.clock.pass_by(DAY)
    await below.care.look()

    assert kept == 3
    assert await rows(below) == 0
    with pytest.raises(NotSignedIn):
        await below.connecting.begin(ticket)


async def rows(below: Below) -> int:
    """Return how many sign-ins are under way."""
    query = select(func.count()).select_from(signins)
    return await below.store.writer.run(lambda c: c.scalar(query) or 0)


async def until(seen: Any) -> None:
    """Wait until something is so."""
    async with asyncio.timeout(10):
        while not seen():
            await asyncio.sleep(0.01)


async def test_it_goes_on_when_the_database_is_back(
    alone: Below, caplog: pytest.LogCaptureFixture
) -> None:
    """An outage of the database ends no task, and alarms nobody."""
    caplog.set_level(logging.INFO)
    linked = await alone.connects()
    alone.double.end_sessions("ann")
    with pytest.raises(Disconnected):
        await alone.telephony(linked).extension()
    alone.store.writer._closed = True
    caring = asyncio.create_task(alone.care.run())
    await until(lambda: "no database" in caplog.text)

    alone.store.writer._closed = False
    alone.care.hurry()
    await until(lambda: alone.ended)
    caring.cancel()

    assert EVERY > 10
    assert "failed" not in caplog.text


async def test_a_fault_in_telling_one_person_keeps_nobody_else_waiting_for_ever(
    alone: Below, caplog: pytest.LogCaptureFixture
) -> None:
    """It is logged with its place, and the next look goes on with the others."""
    for person, name in ((ANN, "ann"), (BOB, "bob")):
        linked = await alone.connects(person, name)
        alone.double.end_sessions(name)
        with pytest.raises(Disconnected):
            await alone.telephony(linked).extension()
    told: list[Linked] = []

    async def tell(linked: Linked) -> None:
        told.append(linked)
        if len(told) == 1:
            raise ValueError("a fault of ours")

    alone.care._ended = tell
    caring = asyncio.create_task(alone.care.run())
    await until(lambda: "looking after sign-ins failed" in caplog.text)
    alone.care.hurry()
    await until(lambda: len(told) == 2)
    caring.cancel()

    assert {each.person for each in told} == {ANN, BOB}
