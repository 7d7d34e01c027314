"""Stored connections, changed by several people and processes at once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from bot.calls.call import Place
from bot.calls.numbers.phone import PhoneNumber
from bot.calls.people.person import Preferences
from bot.errors import Disconnected, NotConnected, RingCentralError
from bot.lanes import Lane
from bot.ringcentral.transport.network import Network, RingCentralApp
from bot.sandbox.ringcentral.double import RingCentralDouble
from bot.storage.people.linked import Extension, StoredTokens
from office import ANN, BOB, Office, an_office, beside

ANNS = Place("T1", "C1", ANN.user)
EXTENSION = Extension("77", "101", "Ann", "9")
NAMED = PhoneNumber("+16505550199")


def kept(office: Office, version: int = 0) -> StoredTokens:
    """Return tokens encrypted as they are stored."""
    now = office.clock.now()
    return StoredTokens(
        secrets={"access": "a", "refresh": "r", "jwt": "", "scope": ""},
        version=version,
        fresh_until=now + timedelta(hours=1),
        ends_at=now + timedelta(days=7),
    )


@pytest.fixture
async def alone(double: RingCentralDouble, tmp_path: Path) -> AsyncIterator[Office]:
    """Return an office on SQLite, for tests that do not depend on the database."""
    async with an_office(double, f"sqlite:///{tmp_path}/calls.db") as made:
        yield made


# Stored rows


async def test_who_chooses_twice_at_once_has_chosen_one_of_both(office: Office) -> None:
    """A double click on *Save* must not mix two choices."""
    wants = [Preferences(region=each) for each in ("GB", "FR", "DE", "US")]

    async with beside(office) as other:
        await asyncio.gather(
            *(
                each.connections.prefer(ANN, want)
                for each, want in zip((office, other) * 2, wants, strict=True)
            )
        )

    assert (await office.connections.of(ANN))[1] in wants


async def test_tokens_are_stored_over_their_own_version_alone(office: Office) -> None:
    """A refresh that finishes late must not overwrite newer tokens."""
    now = office.clock.now()
    await office.connections.put("id1", ANN, "oauth", EXTENSION, kept(office), now)

    assert await office.connections.tokens.save("id1", kept(office, 1), now)
    assert not await office.connections.tokens.save("id1", kept(office, 1), now)
    assert not await office.connections.tokens.save("id1", kept(office, 3), now)
    assert not await office.connections.tokens.save("gone", kept(office, 1), now)
    assert not await office.connections.tokens.mark_broken("id1", 0, now)
    assert await office.connections.tokens.mark_broken("id1", 1, now)
    assert not await office.connections.tokens.mark_broken("id1", 1, now)
    assert await office.connections.tokens.of("id1") is None
    assert await office.connections.erase(BOB, now) is None


# The account to call with


async def test_who_has_no_account_is_told_to_connect(office: Office) -> None:
    """The message differs for a first connection and for one that has ended."""
    with pytest.raises(NotConnected) as first:
        await office.accounts.of(ANN)
    linked = await office.connect()
    office.double.end_sessions("ann")
    with pytest.raises(Disconnected):
        await office.accounts.telephony(linked.id).account.user()
    with pytest.raises(NotConnected) as again:
        await office.accounts.of(ANN)

    assert not first.value.again
    assert again.value.again


# Several people and processes at once


async def test_who_connected_in_another_process_is_known_here_at_once(
    office: Office,
) -> None:
    """The browser's request and the next command may reach different processes."""
    async with beside(office) as other:
        linked = await other.connect()
        office.later(days=1)

        assert (await office.accounts.of(ANN)).account == linked.id
        assert await office.ask() == "Ann Example"
        await other.disconnecting.disconnect(ANN)
    with pytest.raises(NotConnected):
        await office.accounts.of(ANN)
    with pytest.raises(Disconnected):
        await office.accounts.telephony(linked.id).account.user()


async def test_twenty_people_ask_at_once_over_few_connections(alone: Office) -> None:
    """Few connections are shared by many threads; nobody may get another's answer."""
    names = [f"p{number:02}" for number in range(20)]
    for name in names:
        alone.double.add_person(name)
    people = [ANN.__class__("", "T1", name) for name in names]
    linked = [
        await alone.connecting.by_jwt(each, alone.double.jwt_of(name))
        for each, name in zip(people, names, strict=True)
    ]
    alone.clock.pass_by(3600)

    told = await asyncio.gather(
        *(alone.accounts.telephony(each.id).account.user() for each in linked)
    )

    assert [each.id for each in told] == [
        alone.double.person(name).extension_id for name in names
    ]
    assert [alone.double.refreshes_of(name) for name in names] == [1] * 20


async def test_a_network_that_is_closed_begins_nothing(alone: Office) -> None:
    """A bot that is stopping must not ring a phone any more."""
    network = Network(RingCentralApp(alone.double.url, "id", "secret"), connections=2)
    assert await network.run(lambda: 1, Lane(), placing=True) == 1
    network.close()

    with pytest.raises((RuntimeError, RingCentralError)):
        await network.run(lambda: 1, Lane())
