"""A bot process's subscriptions to pushed events, between the doubles' and a list."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp
from sqlalchemy import Connection, delete, insert

from bot.accounts.socket_keeper import MOST_SOCKETS
from bot.accounts.subscriptions import EventWaits, Subscriptions
from bot.calls.sessions.session import SessionEvent
from bot.ringcentral.push.webhook import WEBHOOK_PATH
from bot.sandbox.ports import free_port
from bot.sandbox.ringcentral.double import RingCentralDouble
from bot.sandbox.ringcentral.push import Push
from bot.serving.server import Server
from bot.storage.people.subscriptions import KnownSubscription, SubscriptionRows
from bot.storage.shared.tables import processes
from bot.telemetry.measures import Measures
from fakes import FakeClock
from office import Office, an_office, readiness
from patience import until
from pushed import a_body

PATHS = ("renew", "wstoken", "subscription")
"""The last of these in a path says what a request is about."""


@dataclass
class Pushing:
    """One process's subscriptions.

    Attributes:
        got: The events that reached the calls, with whose they are.
        gaps: The accounts of which events may have been lost.
        url: Where RingCentral finds the bot; `own_url` is this process's own address.
    """

    office: Office
    rows: SubscriptionRows
    subscriptions: Subscriptions
    measures: Measures
    url: str
    own_url: str
    got: list[tuple[str, SessionEvent]] = field(default_factory=list)
    gaps: list[str] = field(default_factory=list)

    @property
    def push(self) -> Push:
        """The double's side."""
        return self.office.double.push

    async def look(self) -> None:
        """Look until nothing is due any more."""
        while await self.subscriptions.look():
            pass

    async def row(self, account: str) -> KnownSubscription:
        """Return an account's row."""
        return {each.account: each for each in await self.rows.all()}[account]

    def address(self, secret: str) -> str:
        """Return the address of a webhook with *secret*."""
        return f"{self.url}{WEBHOOK_PATH}{secret}"

    def secrets_of(self, person: str) -> tuple[str, str]:
        """Return the two secrets of a person's newest webhook, as RingCentral has them."""
        newest = self.push.subscriptions.of(person)[-1]
        return newest.address.rpartition("/")[2], newest.token

    async def emit(self, person: str, **more: Any) -> None:
        """Have an event of a person's call pushed, and delivered."""
        owner = self.office.double.person(person).extension_id
        self.push.events.emit(owner, a_body(**more))
        await self.push.events.settle()

    async def until(self, seen: Callable[[], object]) -> None:
        """Wait until *seen* returns something true."""
        await until(seen)

    def requests(self) -> list[str]:
        """Return the requests that were made about subscriptions, without the ids."""
        return [
            f"{each.method} {found[0]}"
            for each in self.office.double.requests
            if (found := [w for w in PATHS if w in each.path.split("/")])
        ]

    def sequences(self) -> list[int]:
        """Return the sequences of the events that came."""
        return [event.sequence for _, event in self.got]


def made_of(
    office: Office,
    *,
    url: str,
    own_url: str = "",
    is_shared: bool = False,
    waits: EventWaits | None = None,
    most_sockets: int = MOST_SOCKETS,
) -> Pushing:
    """Make the subscriptions of *office*'s process: webhooks at *url*, if there is one."""
    rows, measures = (
        SubscriptionRows(office.store.writer, office.store.me),
        Measures(),
    )

    async def on_event(account: str, event: SessionEvent) -> None:
        made.got.append((account, event))

    async def on_gap(account: str) -> None:
        made.gaps.append(account)

    subscriptions = Subscriptions(
        rows,
        office.accounts,
        office.connections,
        office.clock,
        measures,
        public_url=url,
        server_url=office.double.url,
        is_shared=is_shared,
        on_event=on_event,
        on_gap=on_gap,
        waits=waits or EventWaits(),
        most_sockets=most_sockets,
    )
    made = Pushing(office, rows, subscriptions, measures, url, own_url)
    return made


@asynccontextmanager
async def a_pushing(
    office: Office,
    *,
    webhook: bool,
    url: str = "",
    is_shared: bool = False,
    waits: EventWaits | None = None,
    most_sockets: int = MOST_SOCKETS,
) -> AsyncIterator[Pushing]:
    """Run the subscriptions of *office*'s process; *url* is another one's address."""
    port = free_port()
    own_url = f"http://127.0.0.1:{port}"
    made = made_of(
        office,
        url=(url or own_url) if webhook else "",
        own_url=own_url,
        is_shared=is_shared,
        waits=waits,
        most_sockets=most_sockets,
    )
    server = Server("127.0.0.1", port, readiness(office.store))
    made.subscriptions.add_to(server)
    await server.open()
    handing = asyncio.create_task(made.subscriptions.hand_on())
    try:
        yield made
    finally:
        handing.cancel()
        await made.subscriptions.stop()
        await server.shut()


@asynccontextmanager
async def an_office_today(
    double: RingCentralDouble, database_url: str, **more: Any
) -> AsyncIterator[Office]:
    """Open an office whose clock shows today's date, as RingCentral's does."""
    clock = FakeClock(datetime.now(UTC))
    async with an_office(double, database_url, clock=clock, **more) as office:
        yield office


def later(office: Office, **time: float) -> None:
    """Let time pass, here and at RingCentral."""
    seconds = timedelta(**time).total_seconds()
    office.clock.pass_by(seconds)
    office.double.clock.skip(seconds * office.double.clock.speed)
    office.double.clock.skew += seconds


async def register(office: Office, *ids: str) -> None:
    """Have these processes count as alive, and no others, as their heartbeats do."""
    now = office.clock.now()
    rows = [{"id": each, "started_at": now, "seen_at": now} for each in ids]

    def work(connection: Connection) -> None:
        connection.execute(delete(processes))
        if rows:
            connection.execute(insert(processes), rows)

    await office.store.writer.run(work)


async def posted(address: str, body: bytes, **headers: str) -> aiohttp.ClientResponse:
    """Post to a webhook as anybody can; return the answer, which is read."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    async with (
        aiohttp.ClientSession() as session,
        session.post(address, data=body, headers=named) as answer,
    ):
        await answer.read()
        return answer
