"""Which account a call uses: the person's own one, or the shared one."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import pytest

from bot.accounts.callers import Caller, Operator
from bot.accounts.clients import CONNECTIONS_OF_MANY, SHARED, network_of
from bot.calls.call import Place
from bot.calls.numbers.phone import PhoneNumber
from bot.calls.people.person import Preferences
from bot.calls.people.phones import UnknownPhone
from bot.errors import Disconnected, NotConnected, RateLimited
from bot.ringcentral.transport.pools import REQUESTS_AT_ONCE
from bot.sandbox.ledger import Seen
from bot.sandbox.ringcentral.double import RingCentralDouble
from bot.settings import reading
from intents import a_call
from office import ANN, BOB, KEY, Office, an_office
from refused import refused

DANA, MAIN = PhoneNumber("+16505550101"), PhoneNumber("+18885550100")
NAMED, STRANGER = PhoneNumber("+14155550177"), PhoneNumber("+14155550199")
HERE = Place("T1", "C1", "UANN")


@pytest.fixture
async def office(double: RingCentralDouble, calls_url: str) -> AsyncIterator[Office]:
    """Return an office with no shared account."""
    async with an_office(double, calls_url) as made:
        yield made


@asynccontextmanager
async def a_sharing(
    double: RingCentralDouble, url: str, **operator: Any
) -> AsyncIterator[Office]:
    """Open an office where people share the service user's account."""
    given: dict[str, Any] = {"jwt": double.logins.jwt, "is_shared": True} | operator
    async with an_office(double, url, operator=Operator(**given)) as office:
        yield office


def a_shared_call(**changes: Any) -> Any:
    """Return a call of Ann's whose phone is not known yet."""
    return a_call(place=HERE, caller=None, **changes)


# The shared account's extension number


async def test_the_shared_accounts_extension_is_read_once(
    double: RingCentralDouble, calls_url: str
) -> None:
    """The log may name it by that alone; it costs one Light request for each process."""
    async with a_sharing(double, calls_url) as office:
        for _ in range(3):
            await office.accounts.of(ANN)
            while tasks := office.background._tasks:
                await asyncio.wait(tasks)
            office.later(minutes=11)

        caller = await office.accounts.of(ANN)
        assert caller.extension == double.service.extension_number
        asked = [each for each in double.requests if each.path.endswith("/extension/~")]
        assert len(asked) == 1


# One's own account


async def test_who_has_an_account_never_calls_by_the_shared_one(
    double: RingCentralDouble, calls_url: str
) -> None:
    """Not even once their own is broken: the company must not pay unasked."""
    async with a_sharing(
        double, calls_url, first=NAMED, may_ring=(STRANGER,)
    ) as office:
        assert (await office.accounts.of(ANN)).account == SHARED
        linked = await office.connect()
        caller = await office.accounts.of(ANN)

        assert (caller.account, caller.default, caller.any_phone) == (
            linked.id,
            None,
            False,
        )
        for other in (NAMED, STRANGER, DANA):
            with refused(UnknownPhone, match="one of your own numbers"):
                caller.choose(other.e164, None, "US")
            with refused(UnknownPhone, match="one of your own numbers"):
                caller.choose(None, other.e164, "US")

        await office.connections.tokens.mark_broken(linked.id, 0, office.clock.now())
        with pytest.raises(NotConnected):
            await office.accounts.of(ANN)


async def test_an_account_without_a_name_is_told_by_its_extension(
    office: Office,
) -> None:
    """Cards name the person in whose name a call is placed."""
    ann = office.double.person("ann")
    ann.name = ""
    await office.connect()

    assert (await office.accounts.of(ANN)).name == f"extension {ann.extension_number}"


async def test_phones_are_listed_anew_behind_a_call(office: Office) -> None:
    """A command does not wait for RingCentral; a new phone is found within the hour."""
    await office.connect()
    office.double.person("ann").forwarding_numbers.clear()
    asked = len(office.double.requests)

    office.later(minutes=9)
    await office.accounts.of(ANN)
    await office.background.settle(5)
    assert len(office.double.requests) == asked

    office.later(minutes=2)
    before = await office.accounts.of(ANN)
    await office.background.settle(5)
    after = await office.accounts.of(ANN)

    assert [p for p in before.phones if p.rings]
    assert not [p for p in after.phones if p.rings]
    assert len(office.double.requests) == asked + 2


async def test_a_list_that_cannot_be_read_is_the_one_of_before(
    office: Office, caplog: pytest.LogCaptureFixture
) -> None:
    """During an outage of RingCentral people keep the phones they had."""
    caplog.set_level(logging.INFO)
    await office.connect()
    office.double.faults.add("status", path_contains="/forwarding-number", times=None)
    office.later(minutes=11)

    await office.accounts.of(ANN)
    await office.background.settle(10)

    assert (await office.accounts.of(ANN)).phones
    assert "phones can't be listed" in caplog.text


async def test_phones_are_listed_anew_on_demand(office: Office) -> None:
    """The settings have a button for it; a lost sign-in asks to connect again."""
    await office.connect()
    office.double.person("ann").forwarding_numbers.clear()

    assert not [
        p for p in (await office.accounts.refresh_phones(ANN)).phones if p.rings
    ]

    office.later(seconds=1)
    office.double.end_sessions("ann")
    with pytest.raises(NotConnected) as refusal:
        await office.accounts.refresh_phones(ANN)
    assert refusal.value.again
    with pytest.raises(NotConnected):
        await office.accounts.refresh_phones(BOB)


async def test_a_call_without_a_phone_finds_its_owners_first(office: Office) -> None:
    """The person's choice comes first, then RingCentral's current list."""
    linked = await office.connect()
    ann = office.double.person("ann")
    call = a_shared_call(account=linked.id)

    first = await office.accounts.first(call)
    await office.connections.prefer(
        ANN, Preferences(first=ann.desk, caller_id=ann.direct)
    )
    chosen = await office.accounts.first(call)

    assert first.caller == PhoneNumber(ann.mobile)
    assert first.prompt
    assert (chosen.caller, chosen.caller_id, chosen.prompt) == (
        PhoneNumber(ann.desk),
        PhoneNumber(ann.direct),
        False,
    )


async def test_calls_that_wait_for_a_phone_have_it_listed_once(office: Office) -> None:
    """Thirty commands right after a start must not use up the Light limit of fifty."""
    linked = await office.connect()
    office.later(minutes=11)
    calls = [
        a_shared_call(account=linked.id, asked_at=office.clock.now()) for _ in range(30)
    ]
    asked = len(office.double.requests)

    await asyncio.gather(
        *(office.accounts.of(ANN) for _ in range(30)),
        *(office.accounts.first(call) for call in calls),
    )
    await office.background.settle(5)

    assert len(office.double.requests) == asked + 2


async def test_a_listing_that_fails_fails_for_all_who_wait_for_it(
    office: Office,
) -> None:
    """Otherwise each of them would repeat the failing request."""
    linked = await office.connect()
    call = a_shared_call(account=linked.id, asked_at=office.clock.now())
    fault = office.double.faults.add(
        "limited", path_contains="/forwarding-number", times=None
    )

    answers = await asyncio.gather(
        *(office.accounts.first(call) for _ in range(5)), return_exceptions=True
    )

    assert fault.hits == 1
    assert all(isinstance(each, RateLimited) for each in answers)


async def test_who_asks_for_their_phones_sees_what_was_new_then(office: Office) -> None:
    """A listing that was already under way may lack the new phone."""
    linked = await office.connect()
    ann = office.double.person("ann")
    call = a_shared_call(account=linked.id, asked_at=office.clock.now())
    asking: list[asyncio.Task[Caller]] = []

    async def halfway(seen: Seen) -> None:
        if seen.path.endswith("/phone-number") and not asking:
            ann.forwarding_numbers.clear()
            office.later(seconds=1)
            asking.append(asyncio.create_task(office.accounts.refresh_phones(ANN)))

    office.double.door.on_request = halfway
    assert (await office.accounts.first(call)).caller

    [asked] = asking
    assert not [phone for phone in (await asked).phones if phone.rings]


async def test_a_call_of_an_account_that_is_gone_is_nobodys(office: Office) -> None:
    """Neither the shared account nor a later connection may take such a call over."""
    linked = await office.connect()
    call = a_shared_call(account=linked.id)
    await office.connect(name="bob")

    with pytest.raises(Disconnected):
        await office.accounts.first(call)

    await office.disconnecting.disconnect(ANN)
    with pytest.raises(Disconnected):
        await office.accounts.first(call)


async def test_an_account_that_breaks_while_it_is_asked_ends_the_call(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The follower handles `Disconnected`; `NotConnected` is meant for people."""
    linked = await office.connect()

    async def broken(_: object) -> None:
        raise NotConnected(again=True)

    monkeypatch.setattr(office.accounts, "of", broken)

    with pytest.raises(Disconnected):
        await office.accounts.first(a_shared_call(account=linked.id))


# The shared account


async def test_the_shared_accounts_phones_are_its_own_and_the_operators(
    double: RingCentralDouble, calls_url: str
) -> None:
    """``from`` takes its own numbers; any other only if the operator allows ``*``."""
    named = {"first": DANA, "may_ring": (NAMED, DANA, MAIN)}
    async with a_sharing(double, calls_url, **named) as office:
        await office.accounts.list_shared_phones()
        caller = await office.accounts.of(ANN)

        assert caller.choose(None, None, "US").caller == DANA
        for mine in (NAMED, DANA, MAIN):
            assert caller.choose(mine.e164, None, "US").caller == mine
        with pytest.raises(UnknownPhone):
            caller.choose(STRANGER.e164, None, "US")
        assert caller.choose(None, MAIN.e164, "US").caller_id == MAIN
        assert not caller.any_phone
        assert (caller.name, await office.accounts.first(a_shared_call())) == (
            "",
            caller.choose(None, None, "US"),
        )
        later = await office.accounts.refresh_phones(ANN)
        assert later == replace(caller, extension=later.extension)


async def test_a_phone_that_an_operator_lets_ring_may_be_a_mobile(
    double: RingCentralDouble, calls_url: str
) -> None:
    """The operator decided; neither its voicemail nor a company number matters."""
    async with a_sharing(
        double, calls_url, first=NAMED, may_ring=(MAIN, STRANGER)
    ) as office:
        await office.accounts.list_shared_phones()
        caller = await office.accounts.of(ANN)
        later = await office.accounts.first(a_shared_call())

        prompts = {
            number: caller.choose(number.e164, None, "US").prompt
            for number in (NAMED, MAIN, STRANGER)
        }

    assert prompts == {NAMED: True, MAIN: False, STRANGER: True}
    assert (later.caller, later.prompt) == (NAMED, True)


async def test_the_shared_accounts_list_is_read_behind_the_first_command(
    double: RingCentralDouble, calls_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    """It is read in the background, and again with the next command if that failed."""
    caplog.set_level(logging.INFO)
    async with a_sharing(double, calls_url) as office:
        double.faults.add("reset", path_contains="/oauth/token", times=3)  # all tries
        first = await office.accounts.of(ANN)
        await office.background.settle(10)
        second = await office.accounts.of(ANN)
        await office.background.settle(10)
        third = await office.accounts.of(ANN)
        await office.accounts.of(BOB)

        assert (first.phones, second.phones) == ((), ())
        assert [p.number for p in third.phones if p.rings] == [DANA]
        assert len(office.background) == 0
    assert "shared account's phones can't be listed" in caplog.text


async def test_without_a_shared_account_nothing_is_asked_for_it(
    office: Office,
) -> None:
    """There is no credential to ask with."""
    await office.accounts.list_shared_phones()

    with pytest.raises(NotConnected) as refusal:
        await office.accounts.of(ANN)
    with pytest.raises(Disconnected):
        await office.accounts.telephony(SHARED).start()

    assert not refusal.value.again
    assert office.double.requests == []
    assert office.accounts.budget_left() == {}


# In memory


async def test_idle_accounts_are_let_go_and_found_again(
    double: RingCentralDouble, calls_url: str
) -> None:
    """A thousand idle clients would fill the memory; active ones stay."""
    async with an_office(double, calls_url, many=3) as office:
        linked = await office.connect()
        busy, idle = office.accounts.get(linked.id), office.accounts.get("idle")
        shared = office.accounts.get(SHARED)
        office.later(minutes=16)
        assert office.accounts.get(linked.id) is busy

        office.accounts.get("one more")

        assert office.accounts.get(linked.id) is busy
        assert office.accounts.get(SHARED) is shared
        assert office.accounts.get("idle") is not idle
        assert await office.ask() == "Ann Example"


async def test_each_account_has_a_row_of_its_own_for_its_limits(
    double: RingCentralDouble, calls_url: str
) -> None:
    """RingCentral counts per user; the shared row's name reveals nothing of its JWT."""
    async with a_sharing(double, calls_url) as office:
        linked = await office.connect()
        names = [office.accounts.user_state(each)._name for each in (SHARED, linked.id)]

    assert names[1] == linked.id
    assert len(names[0]) == 40
    assert double.logins.jwt not in names[0]


def test_the_operators_words_are_taken_from_the_settings() -> None:
    """``*`` allows any number; an empty setting allows none."""
    env = {
        "SLACK_BOT_TOKEN": "xoxb-1",
        "SLACK_APP_TOKEN": "xapp-1",
        "RC_USER_JWT": "a.b.c",
        "RC_APP_CLIENT_ID": "id",
        "RC_APP_CLIENT_SECRET": "secret",
        "RINGOUT_FROM": DANA.e164,
        "RINGOUT_FROM_NUMBERS": f"{NAMED.e164},{MAIN.e164}",
    }
    some = Operator.of(reading.read(env))
    every = Operator.of(reading.read(env | {"RINGOUT_FROM_NUMBERS": "*"}))
    bare = Operator.of(reading.read(env | {"RINGOUT_FROM_NUMBERS": ""}))

    assert (some.first, some.may_ring, some.any_phone) == (DANA, (NAMED, MAIN), False)
    assert (every.may_ring, every.any_phone) == ((), True)
    assert replace(bare, first=None) == Operator(jwt="a.b.c", is_shared=True)


async def test_many_people_are_given_more_requests_at_once() -> None:
    """A single user's rate limit never needs more than a few."""
    env = {
        "SLACK_BOT_TOKEN": "xoxb-1",
        "SLACK_APP_TOKEN": "xapp-1",
        "RC_USER_JWT": "a.b.c",
        "RC_APP_CLIENT_ID": "id",
        "RC_APP_CLIENT_SECRET": "secret",
    }
    workers = []
    for more in ({}, {"RINGOUT_SECRET_KEY": KEY}):
        network = network_of(reading.read(env | more))
        lanes = (network._asks, network._places)
        workers.append(sum(each._limits.at_once for each in lanes))
        network.close()

    assert workers == [REQUESTS_AT_ONCE, CONNECTIONS_OF_MANY]
