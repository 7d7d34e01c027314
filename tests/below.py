"""What is below Slack, whole: people's accounts on a real database and real HTTP.

A `Below` is one process's share of it: several on one database are several processes.
Time is the tests' own; RingCentral is the double, on its own clock.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

from fakes import FakeClock
from openapi_check import checker
from ports import free_port
from sqlalchemy import MetaData, Text, cast, select

from bot.accounts import Accounts, Operator
from bot.background import Background
from bot.calls.person import Person
from bot.care import Care
from bot.connecting import CALLBACK, CONNECT, Begun, Connecting
from bot.measures import Measures
from bot.pages import Pages
from bot.readiness import Readiness
from bot.ringcentral.client import RingCentral
from bot.ringcentral.network import App, Network
from bot.sandbox.limits import Limits
from bot.sandbox.ringcentral import RingCentralDouble
from bot.server import Server
from bot.sharing import Sharing
from bot.storage.connections import Connections, Linked
from bot.storage.signins import SignIns
from bot.storage.store import Store
from bot.vault import Vault, new_key

ANN, BOB = Person("", "T1", "U1"), Person("", "T1", "U2")
TOKEN, REVOKE = "/oauth/token", "/oauth/revoke"
HOUR = 3600.0
DAY = 24 * HOUR


@dataclass
class Below:
    """One process: `start` it, `close` it."""

    url: str
    double: RingCentralDouble
    clock: FakeClock = field(default_factory=FakeClock)
    keys: tuple[str, ...] = field(default_factory=lambda: (new_key(),))
    public_url: str = ""
    operator: Operator = field(default_factory=Operator)
    connected: list[Linked] = field(default_factory=list)
    ended: list[Linked] = field(default_factory=list)
    ending: list[Linked] = field(default_factory=list)
    broke: int = 0
    _others: list[Below] = field(default_factory=list)
    _server: Server | None = None

    def __post_init__(self) -> None:
        logins = self.double.logins
        app = App(self.double.url, logins.client_id, logins.client_secret)
        self.background = Background()
        self.network = Network(app)
        self.store = Store(self.url, "me")
        vault = Vault(self.keys)
        self.connections = Connections(self.store.writer, vault)
        self.signins = SignIns(self.store.writer, vault)
        self.accounts = Accounts(
            self.network, self.operator, self.connections,
            Sharing(self.store, self.clock, beaten=lambda _: None),
            self.clock, self.background, broke=self._broke,
        )  # fmt: skip
        self.connecting = Connecting(
            self.network, self.connections, self.signins, self.accounts, self.clock,
            public_url=self.public_url, region="US", connected=self._connected,
        )  # fmt: skip
        self.care = Care(
            self.connections, self.signins, self.accounts, self.clock,
            ended=self._ended, ending=self._ending,
        )  # fmt: skip

    async def start(self) -> None:
        """Bring the database to shape."""
        await self.store.migrate()
        await self.store.open()

    async def serve(self, *, known_as: str = "") -> None:
        """Show the pages to browsers; *known_as* is the address behind a proxy."""
        port = urlsplit(self.public_url).port
        readiness = Readiness(
            self.store, Measures(), link=_no_link, working=bool, budget=dict
        )
        self._server = Server("127.0.0.1", port or 0, readiness)
        known_as = known_as or self.public_url
        pages = Pages(self.connecting, public_url=known_as, server=self.double.url)
        pages.add_to(self._server)
        await self._server.open()

    async def close(self) -> None:
        """End it, and the others that came from it."""
        for other in self._others:
            await other.close()
        if self._server is not None:
            await self._server.shut()
        await self.background.settle(5)
        self.network.close()
        self.store.close()

    async def another(self, **changes: Any) -> Below:
        """Start another process on the same database."""
        same: dict[str, Any] = {
            "clock": self.clock, "keys": self.keys, "public_url": self.public_url,
            "operator": self.operator,
        }  # fmt: skip
        other = Below(self.url, self.double, **(same | changes))
        self._others.append(other)
        await other.start()
        return other

    # What people do

    async def begins(self, person: Person = ANN, label: str = "@ann") -> Begun:
        """Have somebody go as far as RingCentral's page."""
        link = await self.connecting.link(person, label)
        return await self.connecting.begin(ticket_in(link))

    async def connects(self, person: Person = ANN, name: str = "ann") -> Linked:
        """Have somebody connect by their browser."""
        begun = await self.begins(person)
        state, code = told_by(await self.double.sign_in(begun.url, name))
        return await self.connecting.finish(state, code, begun.cookie)

    def telephony(self, linked: Linked) -> RingCentral:
        """Return what asks RingCentral in their name."""
        return self.accounts.telephony(linked.id)

    async def of(self, person: Person = ANN) -> Linked | None:
        """Return somebody's connection as the database has it."""
        return (await self.connections.of(person))[0]

    def asked(self, what: str = TOKEN) -> int:
        """Return how many requests RingCentral has seen for such a path."""
        return sum(what in seen.path for seen in self.double.requests)

    async def dump(self) -> str:
        """Return all that the database holds, whoever wrote it."""
        if not self.store.writer.is_postgres:
            path = self.store.writer.engine.url.database
            assert path is not None
            return "".join(_read(path + end) for end in ("", "-wal", "-shm"))

        def work(connection: Any) -> str:
            found = MetaData()
            found.reflect(connection)
            rows: list[str] = []
            for table in found.tables.values():
                query = select(*(cast(column, Text) for column in table.columns))
                rows += [repr(tuple(row)) for row in connection.execute(query)]
            return "\n".join(rows)

        return await self.store.writer.run(work)

    async def _connected(self, linked: Linked) -> None:
        self.connected.append(linked)

    async def _ended(self, linked: Linked) -> None:
        self.ended.append(linked)

    async def _ending(self, linked: Linked) -> None:
        self.ending.append(linked)

    def _broke(self) -> None:
        self.broke += 1


async def _no_link() -> None:
    """Say that Slack calls us."""


def _read(path: str) -> str:
    try:
        with open(path, "rb") as file:  # noqa: PTH123 - ``calls.db-wal`` is no suffix
            return file.read().decode("latin-1")
    except FileNotFoundError:
        return ""


def ticket_in(link: str) -> str:
    """Return the secret part of a link of ours."""
    return link.partition(CONNECT)[2]


def told_by(back: str) -> tuple[str, str]:
    """Return the state and the code that a browser is sent back with."""
    query = parse_qs(urlsplit(back).query)
    return query["state"][0], query.get("code", [""])[0]


def words(page: str) -> str:
    """Return what a page says."""
    return re.sub(r"<[^>]*>", "", page)


@asynccontextmanager
async def a_double() -> AsyncIterator[RingCentralDouble]:
    """Serve a RingCentral where Ann and Bob are; the requests are valid at the end."""
    double = RingCentralDouble(limits=Limits.off(), validator=checker())
    double.add_person("ann")
    double.add_person("bob")
    async with double:
        yield double
        assert double.door.complaints == []


@asynccontextmanager
async def below_slack(url: str, **values: Any) -> AsyncIterator[Below]:
    """Start one process with a RingCentral of its own."""
    async with a_double() as double:
        public = f"http://127.0.0.1:{free_port()}"
        double.logins.redirect_uris.append(f"{public}{CALLBACK}")
        made = Below(url, double, public_url=public, **values)
        await made.start()
        try:
            yield made
        finally:
            await made.close()
