"""Pushed events over WebSockets: one an account, recovered, opened anew, taken over."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from bot.accounts.account_socket import AccountSocket, SocketParts
from bot.accounts.callers import Operator
from bot.accounts.subscriptions import EventWaits
from bot.calls.subscription import Subscription
from bot.errors import (
    NotFound,
    NotSent,
    RateLimited,
    Refused,
    StoreUnavailable,
    Unreachable,
)
from bot.ringcentral.push.event_socket import SocketWaits
from bot.ringcentral.subscriptions import SocketTicket
from bot.sandbox.limits import Limits
from bot.sandbox.ringcentral.double import RingCentralDouble
from bot.sandbox.ringcentral.gateway import ABSOLUTE, IDLE
from bot.storage.people.tables import subscriptions
from fakes import FakeClock
from intents import NOON
from office import ANN, BOB, KEY, beside
from openapi_check import checker
from pushing import Pushing, a_pushing, an_office_today, later, register

TICKET = "POST wstoken"


@pytest.fixture
async def double() -> AsyncIterator[RingCentralDouble]:
    """Give a RingCentral where Ann and Bob are, and the app may subscribe."""
    double = RingCentralDouble(limits=Limits.off(), validator=checker())
    for name in ("ann", "bob"):
        double.add_person(name)
    double.push.permit()
    async with double:
        yield double
        assert double.complaints == []


@pytest.fixture
async def pushing(
    double: RingCentralDouble, database_url: str
) -> AsyncIterator[Pushing]:
    """Give a process that gets its events over WebSockets."""
    async with (
        an_office_today(double, database_url) as office,
        a_pushing(office, webhook=False) as made,
    ):
        yield made


async def opened(pushing: Pushing, *accounts: str) -> None:
    """Wait until the events of *accounts* flow."""
    await pushing.look()
    await pushing.until(lambda: all(map(pushing.subscriptions.flows, accounts)))


async def test_who_connects_gets_a_socket_and_who_leaves_loses_it(
    pushing: Pushing,
) -> None:
    """Without a public address this is the only way, and it needs no webhook."""
    office = pushing.office
    ann, bob = await office.connect(), await office.connect(BOB, "bob")
    await opened(pushing, ann.id, bob.id)
    await pushing.emit("ann", sequence=1)
    await pushing.emit("bob", sequence=2)
    await pushing.until(lambda: len(pushing.got) == 2)
    await office.disconnecting.disconnect(ANN)
    await pushing.look()
    await pushing.until(lambda: not pushing.push.gateway.of("ann"))

    assert {(a, e.sequence) for a, e in pushing.got} == {(ann.id, 1), (bob.id, 2)}
    assert len(pushing.push.gateway.of("bob")) == 1
    assert not pushing.subscriptions.flows(ann.id)
    assert pushing.requests() == [TICKET, TICKET]


async def test_the_shared_account_gets_one_too(
    double: RingCentralDouble, database_url: str
) -> None:
    """Whoever has connected no account calls by it."""
    operator = Operator(jwt=double.logins.jwt)
    async with (
        an_office_today(double, database_url, operator=operator) as office,
        a_pushing(office, webhook=False, is_shared=True) as pushing,
    ):
        await opened(pushing, "")
        await pushing.emit("service")
        await pushing.until(lambda: pushing.got)

        assert pushing.got[0][0] == ""


@pytest.mark.parametrize("first", ["people", "shared"])
async def test_of_the_sockets_of_a_process_one_is_kept_for_the_shared_account(
    double: RingCentralDouble, database_url: str, first: str
) -> None:
    """Many call by it; a person who gets no socket is polled as before.

    People may come before it, as where an operator shares an account later on.
    """
    for name in ("carl", "dora"):
        double.add_person(name)
    operator = Operator(jwt=double.logins.jwt)
    async with (
        an_office_today(double, database_url, operator=operator) as office,
        a_pushing(office, webhook=False, is_shared=True, most_sockets=2) as pushing,
    ):
        people = {"ann": ANN, "bob": BOB}
        people |= {name: replace(ANN, user=name) for name in ("carl", "dora")}
        if first == "people":
            ids = [(await office.connect(who, n)).id for n, who in people.items()]
            await pushing.rows.follow([], office.clock.now())
            later(office, minutes=1)
        await pushing.look()
        if first == "shared":
            ids = [(await office.connect(who, n)).id for n, who in people.items()]
        open_ = pushing.push.gateway.of
        await pushing.look()

        await pushing.until(lambda: pushing.subscriptions.flows(""))
        await pushing.until(lambda: any(map(pushing.subscriptions.flows, ids)))
        await pushing.look()
        assert len(open_("service")) == 1
        assert sum(len(open_(name)) for name in people) == 1


async def test_a_lost_connection_is_recovered_without_a_lost_event(
    pushing: Pushing,
) -> None:
    """A network that fails for a moment must not cost what happened meanwhile."""
    ann = await pushing.office.connect()
    await opened(pushing, ann.id)
    gateway = pushing.push.gateway
    gateway.refuse = True
    await gateway.cut()
    await pushing.until(lambda: not gateway.open)
    await pushing.emit("ann", sequence=5)
    gateway.refuse = False
    await pushing.until(lambda: pushing.got)

    assert pushing.sequences() == [5]
    assert pushing.gaps == []
    assert len(pushing.push.subscriptions.all) == 1


@pytest.mark.parametrize("how", [IDLE, ABSOLUTE, "restart", "too late"])
async def test_after_a_loss_the_open_calls_are_due(pushing: Pushing, how: str) -> None:
    """What happened meanwhile is known from status alone, so it is asked at once."""
    ann = await pushing.office.connect()
    await opened(pushing, ann.id)
    gateway = pushing.push.gateway
    gateway.recovers = how == ABSOLUTE  # then the session itself is over
    if how in (IDLE, ABSOLUTE):
        await gateway.end(how)
    elif how == "restart":
        await gateway.end()
    else:
        await gateway.cut()
    await pushing.until(lambda: pushing.gaps)
    await pushing.until(lambda: pushing.subscriptions.flows(ann.id))
    await pushing.emit("ann", sequence=9)
    await pushing.until(lambda: pushing.got)

    assert pushing.gaps == [ann.id]
    assert pushing.sequences() == [9]


async def test_pings_are_answered_and_silence_ends_a_connection(
    double: RingCentralDouble, database_url: str
) -> None:
    """RingCentral ends who answers no ping for 10 s; TCP alone would never tell us."""
    waits = EventWaits(socket=SocketWaits(ping=0.1, beat=0.05))
    async with (
        an_office_today(double, database_url) as office,
        a_pushing(office, webhook=False, waits=waits) as pushing,
    ):
        ann = await office.connect()
        await opened(pushing, ann.id)
        gateway = double.push.gateway
        await gateway.ping()
        first = gateway.open[0]
        await pushing.until(lambda: first.pongs and first.heartbeats)
        gateway.go_silent()
        await pushing.until(lambda: gateway.made == 2)

        assert first not in gateway.open or first.silent


async def test_without_permission_nothing_is_asked(pushing: Pushing) -> None:
    """The permission is granted on request, and its name is spelled in three ways."""
    office = pushing.office
    office.double.logins.scopes -= {"WebSocketsSubscription", "WebSocketSubscription"}
    office.double.logins.scopes -= {"WebSocket"}
    ann = await office.connect()
    await pushing.look()

    async def trouble() -> str:
        return (await pushing.row(ann.id)).subscription.trouble

    while not await trouble():
        await pushing.look()

    assert await trouble() == "WebSocketsSubscription"
    assert pushing.requests() == []


async def test_a_refused_subscription_is_remembered(pushing: Pushing) -> None:
    """A token tells what was granted when it was made."""
    office = pushing.office
    ann = await office.connect()
    office.double.logins.scopes.discard("CallControl")
    await pushing.look()
    while not (await pushing.row(ann.id)).subscription.trouble:
        await pushing.look()
    later(office, hours=5)
    await pushing.look()

    assert pushing.requests() == [TICKET]
    assert pushing.push.gateway.made == 1


@pytest.mark.parametrize("how", ["stopped", "killed"])
async def test_two_processes_share_no_socket_and_one_takes_over(
    pushing: Pushing, how: str
) -> None:
    """A socket of a dead process must not leave its person without events for a day."""
    ann = await pushing.office.connect()
    await register(pushing.office, "me", "other")
    await opened(pushing, ann.id)
    async with (
        beside(pushing.office, keys=(KEY,)) as other,
        a_pushing(other, webhook=False) as second,
    ):
        await second.look()
        alone = (pushing.push.gateway.made, second.subscriptions.flows(ann.id))
        if how == "stopped":
            await pushing.subscriptions.stop()
        else:
            await register(pushing.office, "other")
        await second.look()
        await second.until(lambda: pushing.push.gateway.made == 2)
        await pushing.look()
        await pushing.until(lambda: len(pushing.push.gateway.of("ann")) == 1)
        await second.emit("ann", sequence=4)
        await second.until(lambda: second.got)

        assert alone == (1, True)
        assert pushing.got == []
        assert second.gaps == ([ann.id] if how == "killed" else [])


async def test_a_process_without_its_database_closes_before_others_take_over(
    pushing: Pushing,
) -> None:
    """Its claims run out, and it can't know that: two sockets would double each event."""
    ann = await pushing.office.connect()
    await opened(pushing, ann.id)
    pushing.office.store.close()
    later(pushing.office, seconds=61)
    with pytest.raises(StoreUnavailable):
        await pushing.look()

    await pushing.until(lambda: not pushing.push.gateway.open)


async def test_a_webhook_from_before_is_deleted_before_a_socket_opens(
    double: RingCentralDouble, database_url: str
) -> None:
    """Whoever gets that public address next would be sent what happens to people's calls.

    At once, though nothing is due for a webhook that works.
    """
    async with an_office_today(double, database_url) as office:
        ann = await office.connect()
        async with a_pushing(office, webhook=True) as before:
            await before.look()
        [webhook] = double.push.subscriptions.active()

        async with a_pushing(office, webhook=False) as pushing:
            await opened(pushing, ann.id)
            [own] = double.push.subscriptions.active()
            row = (await pushing.row(ann.id)).subscription

    assert own.id != webhook.id
    assert (row.remote_id, row.address) == (own.id, "")
    assert pushing.requests()[-2:] == ["DELETE subscription", TICKET]


async def test_a_socket_of_a_killed_process_is_deleted_before_a_webhook_is_made(
    double: RingCentralDouble, database_url: str
) -> None:
    """A subscription that nobody reads counts among those that a user may have."""
    async with an_office_today(double, database_url) as office:
        ann = await office.connect()
        async with a_pushing(office, webhook=False) as before:
            await opened(before, ann.id)
            killed = (await before.row(ann.id)).subscription
        rows = subscriptions.update().where(subscriptions.c.account == ann.id)
        left = rows.values(remote_id=killed.remote_id, next_at=office.clock.now())
        await office.store.writer.run(lambda c: c.execute(left))

        async with a_pushing(office, webhook=True) as pushing:
            await pushing.look()
            row = (await pushing.row(ann.id)).subscription

    assert row.remote_id != killed.remote_id
    assert row.address
    assert pushing.requests()[-2:] == ["DELETE subscription", "POST subscription"]


class Deleting:
    """An account's share of RingCentral, which deletes a webhook or raises *error*.

    It is asked once; the next wait is the last.
    """

    def __init__(self, error: Exception | None) -> None:
        self.error = error
        self.asked: list[str] = []
        self.stored: list[Subscription] = []
        self.waited = 0.0
        self.clock = FakeClock(NOON)
        self.clock.sleep = self._sleep  # type: ignore[method-assign]

    async def delete(self, identity: str) -> None:
        """Delete a webhook."""
        self.asked.append(identity)
        if self.error is not None:
            raise self.error

    async def socket_ticket(self) -> SocketTicket:
        """Have no WebSocket."""
        self.asked.append(TICKET)
        raise Unreachable("timeout")

    async def lacking(self, _account: str) -> str:
        """Lack no permission."""
        return ""

    async def store(self, new: Subscription, *, release: bool) -> bool:
        """Note what is stored."""
        del release
        self.stored.append(new)
        return False

    def telephony(self, _account: str) -> Any:
        """Return this."""
        return SimpleNamespace(subscriptions=self)

    async def _sleep(self, seconds: float) -> None:
        self.waited = seconds
        raise asyncio.CancelledError

    async def run(self) -> None:
        """Carry events for an account that has a webhook, until the first pause."""
        anything: Any = self
        parts = SocketParts(
            rows=anything,
            accounts=anything,
            permitted=anything,
            flow=anything,
            clock=anything.clock,
            encrypted=True,
            id_of=str,
            on_gap=anything,
            waits=SocketWaits(),
        )
        row = Subscription(
            account="a", next_at=NOON, remote_id="w-1", address="https://bot.example/"
        )
        with contextlib.suppress(asyncio.CancelledError):
            await AccountSocket(parts, row, anything).run()


@pytest.mark.parametrize(
    ("error", "is_deleted"),
    [
        (None, True),
        (NotFound(404, "CMN-102"), True),
        (Refused(403, "CMN-401"), True),
        (RateLimited(90), False),
        (NotSent("no connection"), False),
        (Unreachable("503"), False),
    ],
    ids=repr,
)
async def test_a_webhook_that_is_not_deleted_yet_is_not_forgotten(
    error: Exception | None, *, is_deleted: bool
) -> None:
    """Its id is all that can end it; what RingCentral refuses to end keeps nobody waiting."""
    far = Deleting(error)

    await far.run()

    assert far.asked == (["w-1", TICKET] if is_deleted else ["w-1"])
    assert {(each.remote_id, each.address) for each in far.stored} == (
        {("", "")} if is_deleted else set()
    )
    assert (far.waited >= 90) == isinstance(error, RateLimited)
