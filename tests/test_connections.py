"""By what each person calls: accounts as this process knows them, rows as all do."""

from __future__ import annotations

import asyncio
import logging
from datetime import timedelta

import pytest
from below import ANN, BOB, DAY, HOUR, Below, below_slack
from intents import a_call

from bot import accounts
from bot.accounts import IDLE, MANY, REMEMBERED, SHARED, Operator
from bot.calls.call import Place
from bot.calls.person import Preferences
from bot.calls.phone import PhoneNumber
from bot.errors import Disconnected, NotConnected, RingCentralError
from bot.ringcentral.network import App, Network
from bot.storage.connections import Extension, Kept

ANNS = Place("T1", "C1", "U1")
EXTENSION = Extension("77", "101", "Ann", "9")
NAMED = PhoneNumber("+16505550199")


def kept(below: Below, version: int = 0) -> Kept:
    """Return tokens as they are stored."""
    now = below.clock.now()
    return Kept(
        secrets={"access": "a", "refresh": "r", "jwt": "", "scope": ""},
        version=version,
        fresh_until=now + timedelta(hours=1),
        ends_at=now + timedelta(days=7),
    )


# Rows


async def test_who_connects_twice_at_once_is_connected_once(below: Below) -> None:
    """Two browsers, two processes: one row, and whoever was first is let go."""
    other = await below.another()
    now = below.clock.now()

    olds = await asyncio.gather(
        *(
            each.connections.put(
                f"id{number}", ANN, "oauth", Extension(str(number)), kept(below), now
            )
            for number, each in enumerate((below, other) * 4)
        )
    )

    found = await below.of()
    assert found is not None
    assert sum(each is None for each in olds) == 1
    assert await below.connections.ids("", "T1") == [found.id]


async def test_who_chooses_twice_at_once_has_chosen_one_of_both(below: Below) -> None:
    """A double click on *Save*."""
    other = await below.another()
    wants = [Preferences(region=each) for each in ("GB", "FR", "DE", "US")]

    await asyncio.gather(
        *(
            each.connections.prefer(ANN, want)
            for each, want in zip((below, other) * 2, wants, strict=True)
        )
    )

    assert (await below.connections.of(ANN))[1] in wants


async def test_tokens_are_stored_over_their_own_version_alone(below: Below) -> None:
    """A refresh that comes late must not bring old tokens back."""
    now = below.clock.now()
    await below.connections.put("id1", ANN, "oauth", EXTENSION, kept(below), now)

    assert await below.connections.save("id1", kept(below, 1), now)
    assert not await below.connections.save("id1", kept(below, 1), now)
    assert not await below.connections.save("id1", kept(below, 3), now)
    assert not await below.connections.save("gone", kept(below, 1), now)
    assert not await below.connections.break_off("id1", 0, now)
    assert await below.connections.break_off("id1", 1, now)
    assert not await below.connections.break_off("id1", 1, now)
    assert await below.connections.tokens("id1") is None
    assert await below.connections.remove("gone") is None


# By what one calls


async def test_who_has_no_account_is_told_to_connect(below: Below) -> None:
    """First, or again."""
    with pytest.raises(NotConnected) as first:
        await below.accounts.of(ANN)
    linked = await below.connects()
    below.double.end_sessions("ann")
    with pytest.raises(Disconnected):
        await below.telephony(linked).extension()
    with pytest.raises(NotConnected) as again:
        await below.accounts.of(ANN)

    assert not first.value.again
    assert again.value.again


async def test_a_list_of_phones_is_read_again_when_it_is_old(below: Below) -> None:
    """Behind the ack, which waits for nothing; a new phone is found the same hour."""
    await below.connects()
    ann = below.double.person("ann")
    ann.forwarding_numbers.append(
        ann.forwarding_numbers[0]
        | {"id": "77", "phoneNumber": "+15105550177", "label": "New"}
    )
    asked = below.asked("forwarding-number")
    await below.accounts.of(ANN)
    fresh = below.asked("forwarding-number") - asked
    below.clock.pass_by(REMEMBERED.total_seconds() + 1)

    old = await below.accounts.of(ANN)
    await below.background.settle(5)
    new = await below.accounts.of(ANN)

    assert fresh == 0
    assert "New" not in {each.label for each in old.phones}
    assert "New" in {each.label for each in new.phones}


async def test_a_list_that_cannot_be_read_just_now_stays(
    alone: Below, caplog: pytest.LogCaptureFixture
) -> None:
    """An outage of a list is no reason not to call by the phones that are known."""
    caplog.set_level(logging.INFO)
    await alone.connects()
    alone.clock.pass_by(REMEMBERED.total_seconds() + 1)
    alone.double.faults.add("status", path_contains="forwarding-number", status=403)

    before = await alone.accounts.of(ANN)
    await alone.background.settle(5)

    assert "can't be listed" in caplog.text
    assert (await alone.accounts.of(ANN)).phones == before.phones


async def test_a_person_may_have_their_phones_read_at_once(below: Below) -> None:
    """A button in the settings, and what a stored call without a phone is placed by."""
    await below.connects()
    ann = below.double.person("ann")
    ann.forwarding_numbers[:] = [
        ann.forwarding_numbers[0] | {"phoneNumber": "+15105550177", "label": "New"}
    ]
    linked = await below.of()
    assert linked is not None

    caller = await below.accounts.refresh_phones(ANN)
    choice = await below.accounts.first(a_call(place=ANNS, account=linked.id))

    assert caller.name == "Ann Example"
    assert [each.label for each in caller.phones if each.rings] == ["New"]
    assert choice.caller == PhoneNumber("+15105550177")


async def test_a_call_of_an_account_that_is_gone_is_placed_by_none(
    below: Below,
) -> None:
    """Its person disconnected, perhaps connected another: never in that one's name."""
    linked = await below.connects()
    call = a_call(place=ANNS, account=linked.id)
    await below.connects(name="bob")

    with pytest.raises(Disconnected):
        await below.accounts.first(call)
    with pytest.raises(Disconnected):
        await below.telephony(linked).extension()


async def test_who_is_nameless_goes_by_their_extension(alone: Below) -> None:
    """RingCentral lists users without a name."""
    alone.double.person("ann").name = ""
    await alone.connects()

    caller = await alone.accounts.of(ANN)

    assert caller.name == f"extension {alone.double.person('ann').extension_number}"


# The account that people share


@pytest.fixture
def operator() -> Operator:
    """Share the service user's account, and name one number more."""
    return Operator(jwt="demo.user.jwt", is_shared=True, may_ring=(NAMED,))


async def test_who_has_none_calls_by_the_shared_one(
    database_url: str, operator: Operator
) -> None:
    """And by their own as soon as they have it."""
    async with below_slack(database_url, operator=operator) as below:
        await below.accounts.warm()
        shared = await below.accounts.of(BOB)
        refreshed = await below.accounts.refresh_phones(BOB)
        again = await below.accounts.first(a_call(place=ANNS))
        await below.connects()
        own = await below.accounts.of(ANN)

        assert (shared.account, shared.name) == (SHARED, "")
        assert shared.phones[-1].number == NAMED
        assert len(shared.phones) > 1
        assert refreshed.phones == shared.phones
        assert again.caller == shared.phones[0].number
        assert own.account != SHARED
        assert own.name == "Ann Example"
        assert "light" in below.accounts.budget_left()
        assert below.accounts.credentials(SHARED) is below.accounts.credentials(SHARED)


async def test_the_shared_list_is_read_again_when_it_is_old(
    tmp_path: object, operator: Operator, caplog: pytest.LogCaptureFixture
) -> None:
    """An outage meanwhile changes nothing, and is no fault."""
    caplog.set_level(logging.INFO)
    url = f"sqlite:///{tmp_path}/calls.db"
    async with below_slack(url, operator=operator) as below:
        below.double.faults.add("status", path_contains="forwarding", status=403)
        await below.accounts.warm()
        first = await below.accounts.of(BOB)
        await below.background.settle(5)
        second = await below.accounts.of(BOB)
        asked = below.asked("forwarding")
        await below.accounts.of(BOB)
        await below.background.settle(5)

        assert [each.number for each in first.phones] == [NAMED]
        assert len(second.phones) > 1
        assert below.asked("forwarding") == asked
        assert "shared account's phones can't be listed" in caplog.text


async def test_without_a_shared_account_nothing_is_read_at_the_start(
    alone: Below,
) -> None:
    """There is nobody to ask as."""
    await alone.accounts.warm()

    assert alone.double.requests == []


# In memory


async def test_idle_accounts_are_let_go_and_busy_ones_kept(
    alone: Below, monkeypatch: pytest.MonkeyPatch
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
    below: Below,
) -> None:
    """The load balancer sends the browser anywhere, and the next command too."""
    other = await below.another()
    linked = await other.connects()
    below.clock.pass_by(DAY)

    assert (await below.accounts.of(ANN)).account == linked.id
    assert (await below.telephony(linked).extension()).name == "Ann Example"
    await other.connecting.disconnect(ANN)
    with pytest.raises(NotConnected):
        await below.accounts.of(ANN)
    with pytest.raises(Disconnected):
        await below.telephony(linked).extension()


async def test_twenty_people_ask_at_once_over_few_connections(alone: Below) -> None:
    """Each gets their own answer, whoever's thread it was."""
    names = [f"p{number:02}" for number in range(20)]
    for name in names:
        alone.double.add_person(name)
    people = [ANN.__class__("", "T1", name) for name in names]
    linked = [
        await alone.connecting.by_jwt(each, alone.double.jwt_of(name))
        for each, name in zip(people, names, strict=True)
    ]
    alone.clock.pass_by(HOUR)

    told = await asyncio.gather(*(alone.telephony(each).extension() for each in linked))

    assert [each.id for each in told] == [
        alone.double.person(name).extension_id for name in names
    ]
    assert [alone.double.refreshes_of(name) for name in names] == [1] * 20


async def test_a_network_that_is_closed_begins_nothing(alone: Below) -> None:
    """A stop is no reason to ring somebody."""
    network = Network(App(alone.double.url, "id", "secret"), connections=2)
    assert await network.run(lambda: 1, placing=True) == 1
    network.close()

    with pytest.raises((RuntimeError, RingCentralError)):
        await network.run(lambda: 1)
