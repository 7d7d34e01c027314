"""By what each person calls: accounts as this process knows them, rows as all do."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from intents import a_call
from office import ANN, BOB, Office, a_double, an_office, beside

from bot import accounts
from bot.accounts import IDLE, MANY, REMEMBERED, SHARED, Operator
from bot.calls.call import Place
from bot.calls.person import Preferences
from bot.calls.phone import PhoneNumber
from bot.errors import Disconnected, NotConnected, RingCentralError
from bot.ringcentral.network import App, Network
from bot.sandbox.ringcentral import RingCentralDouble
from bot.storage.connections import Extension, Kept

ANNS = Place("T1", "C1", ANN.user)
EXTENSION = Extension("77", "101", "Ann", "9")
NAMED = PhoneNumber("+16505550199")


def kept(office: Office, version: int = 0) -> Kept:
    """Return tokens as they are stored."""
    now = office.clock.now()
    return Kept(
        secrets={"access": "a", "refresh": "r", "jwt": "", "scope": ""},
        version=version,
        fresh_until=now + timedelta(hours=1),
        ends_at=now + timedelta(days=7),
    )


@pytest.fixture
async def double() -> AsyncIterator[RingCentralDouble]:
    """Give a RingCentral where Ann and Bob are."""
    async with a_double() as running:
        yield running


@pytest.fixture
async def office(double: RingCentralDouble, database_url: str) -> AsyncIterator[Office]:
    """Give one process, on either kind of database."""
    async with an_office(double, database_url) as made:
        yield made


@pytest.fixture
async def alone(double: RingCentralDouble, tmp_path: Path) -> AsyncIterator[Office]:
    """Give the same on SQLite, for what has nothing to do with the database."""
    async with an_office(double, f"sqlite:///{tmp_path}/calls.db") as made:
        yield made


def asked(office: Office, what: str) -> int:
    """Return how many requests RingCentral has seen for such a path."""
    return sum(what in seen.path for seen in office.double.requests)


# Rows


async def test_who_chooses_twice_at_once_has_chosen_one_of_both(office: Office) -> None:
    """A double click on *Save*."""
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
    """A refresh that comes late must not bring old tokens back."""
    now = office.clock.now()
    await office.connections.put("id1", ANN, "oauth", EXTENSION, kept(office), now)

    assert await office.connections.save("id1", kept(office, 1), now)
    assert not await office.connections.save("id1", kept(office, 1), now)
    assert not await office.connections.save("id1", kept(office, 3), now)
    assert not await office.connections.save("gone", kept(office, 1), now)
    assert not await office.connections.break_off("id1", 0, now)
    assert await office.connections.break_off("id1", 1, now)
    assert not await office.connections.break_off("id1", 1, now)
    assert await office.connections.tokens("id1") is None
    assert await office.connections.remove("gone") is None


# By what one calls


async def test_who_has_no_account_is_told_to_connect(office: Office) -> None:
    """First, or again."""
    with pytest.raises(NotConnected) as first:
        await office.accounts.of(ANN)
    linked = await office.connect()
    office.double.end_sessions("ann")
    with pytest.raises(Disconnected):
        await office.accounts.telephony(linked.id).extension()
    with pytest.raises(NotConnected) as again:
        await office.accounts.of(ANN)

    assert not first.value.again
    assert again.value.again


async def test_a_list_of_phones_is_read_again_when_it_is_old(office: Office) -> None:
    """Behind the ack, which waits for nothing; a new phone is found the same hour."""
    await office.connect()
    ann = office.double.person("ann")
    ann.forwarding_numbers.append(
        ann.forwarding_numbers[0]
        | {"id": "77", "phoneNumber": "+15105550177", "label": "New"}
    )
    before = asked(office, "forwarding-number")
    await office.accounts.of(ANN)
    fresh = asked(office, "forwarding-number") - before
    office.clock.pass_by(REMEMBERED.total_seconds() + 1)

    old = await office.accounts.of(ANN)
    await office.background.settle(5)
    new = await office.accounts.of(ANN)

    assert fresh == 0
    assert "New" not in {each.label for each in old.phones}
    assert "New" in {each.label for each in new.phones}


async def test_a_list_that_cannot_be_read_just_now_stays(
    alone: Office, caplog: pytest.LogCaptureFixture
) -> None:
    """An outage of a list is no reason not to call by the phones that are known."""
    caplog.set_level(logging.INFO)
    await alone.connect()
    alone.clock.pass_by(REMEMBERED.total_seconds() + 1)
    alone.double.faults.add("status", path_contains="forwarding-number", status=403)

    before = await alone.accounts.of(ANN)
    await alone.background.settle(5)

    assert "can't be listed" in caplog.text
    assert (await alone.accounts.of(ANN)).phones == before.phones


async def test_a_person_may_have_their_phones_read_at_once(office: Office) -> None:
    """A button in the settings, and what a stored call without a phone is placed by."""
    await office.connect()
    ann = office.double.person("ann")
    ann.forwarding_numbers[:] = [
        ann.forwarding_numbers[0] | {"phoneNumber": "+15105550177", "label": "New"}
    ]
    linked = await office.linked()

    caller = await office.accounts.refresh_phones(ANN)
    choice = await office.accounts.first(a_call(place=ANNS, account=linked.id))

    assert caller.name == "Ann Example"
    assert [each.label for each in caller.phones if each.rings] == ["New"]
    assert choice.caller == PhoneNumber("+15105550177")


async def test_a_call_of_an_account_that_is_gone_is_placed_by_none(
    office: Office,
) -> None:
    """Its person disconnected, perhaps connected another: never in that one's name."""
    linked = await office.connect()
    call = a_call(place=ANNS, account=linked.id)
    await office.connect(name="bob")

    with pytest.raises(Disconnected):
        await office.accounts.first(call)
    with pytest.raises(Disconnected):
        await office.accounts.telephony(linked.id).extension()


async def test_who_is_nameless_goes_by_their_extension(alone: Office) -> None:
    """RingCentral lists users without a name."""
    alone.double.person("ann").name = ""
    await alone.connect()

    caller = await alone.accounts.of(ANN)

    assert caller.name == f"extension {alone.double.person('ann').extension_number}"


# The account that people share


@pytest.fixture
def operator() -> Operator:
    """Share the service user's account, and name one number more."""
    return Operator(jwt="demo.user.jwt", is_shared=True, may_ring=(NAMED,))


async def test_who_has_none_calls_by_the_shared_one(
    double: RingCentralDouble, database_url: str, operator: Operator
) -> None:
    """And by their own as soon as they have it."""
    async with an_office(double, database_url, operator=operator) as office:
        await office.accounts.warm()
        shared = await office.accounts.of(BOB)
        refreshed = await office.accounts.refresh_phones(BOB)
        again = await office.accounts.first(a_call(place=ANNS))
        await office.connect()
        own = await office.accounts.of(ANN)

        assert (shared.account, shared.name) == (SHARED, "")
        assert shared.phones[-1].number == NAMED
        assert len(shared.phones) > 1
        assert refreshed.phones == shared.phones
        assert again.caller == shared.phones[0].number
        assert own.account != SHARED
        assert own.name == "Ann Example"
        assert "light" in office.accounts.budget_left()
        assert office.accounts.credentials(SHARED) is office.accounts.credentials(
            SHARED
        )


async def test_the_shared_list_is_read_again_when_it_is_old(
    double: RingCentralDouble, tmp_path: Path, operator: Operator,
    caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    """An outage meanwhile changes nothing, and is no fault."""
    caplog.set_level(logging.INFO)
    url = f"sqlite:///{tmp_path}/calls.db"
    async with an_office(double, url, operator=operator) as office:
        office.double.faults.add("status", path_contains="forwarding", status=403)
        await office.accounts.warm()
        first = await office.accounts.of(BOB)
        await office.background.settle(5)
        second = await office.accounts.of(BOB)
        before = asked(office, "forwarding")
        await office.accounts.of(BOB)
        await office.background.settle(5)

        assert [each.number for each in first.phones] == [NAMED]
        assert len(second.phones) > 1
        assert asked(office, "forwarding") == before
        assert "shared account's phones can't be listed" in caplog.text


async def test_without_a_shared_account_nothing_is_read_at_the_start(
    alone: Office,
) -> None:
    """There is nobody to ask as."""
    await alone.accounts.warm()

    assert alone.double.requests == []


# In memory


async def test_idle_accounts_are_let_go_and_busy_ones_kept(
    alone: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A thousand people a day must not fill the memory; the shared one stays."""
    monkeypatch.setattr(accounts, "MANY", 5)
    shared = alone.accounts.get(SHARED)
    idle = [alone.accounts.get(f"id{number}") for number in range(4)]
    alone.clock.pass_by(IDLE.total_seconds() + 1)
    busy = alone.accounts.get("id0")
    alone.accounts.get("new")

    assert MANY > 100
    assert alone.accounts.get(SHARED) is shared
    assert alone.accounts.get("id0") is busy is idle[0]
    assert alone.accounts.get("id1") is not idle[1]
    alone.accounts.forget("id0")
    assert alone.accounts.get("id0") is not busy


async def test_who_connected_in_another_process_is_known_here_at_once(
    office: Office,
) -> None:
    """The load balancer sends the browser anywhere, and the next command too."""
    async with beside(office) as other:
        linked = await other.connect()
        office.later(days=1)

        assert (await office.accounts.of(ANN)).account == linked.id
        assert await office.ask() == "Ann Example"
        await other.connecting.disconnect(ANN)
    with pytest.raises(NotConnected):
        await office.accounts.of(ANN)
    with pytest.raises(Disconnected):
        await office.accounts.telephony(linked.id).extension()


async def test_twenty_people_ask_at_once_over_few_connections(alone: Office) -> None:
    """Each gets their own answer, whoever's thread it was."""
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
        *(alone.accounts.telephony(each.id).extension() for each in linked)
    )

    assert [each.id for each in told] == [
        alone.double.person(name).extension_id for name in names
    ]
    assert [alone.double.refreshes_of(name) for name in names] == [1] * 20


async def test_a_network_that_is_closed_begins_nothing(alone: Office) -> None:
    """A stop is no reason to ring somebody."""
    network = Network(App(alone.double.url, "id", "secret"), connections=2)
    assert await network.run(lambda: 1, placing=True) == 1
    network.close()

    with pytest.raises((RuntimeError, RingCentralError)):
        await network.run(lambda: 1)
