"""People's RingCentral accounts without Slack: the tables, sign-ins and pages."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

from sqlalchemy import select

from bot.accounts.callers import Operator
from bot.accounts.connecting import Connecting
from bot.accounts.disconnecting import Disconnecting
from bot.accounts.pages import ConnectPages
from bot.accounts.registry import MANY_ACCOUNTS, Accounts
from bot.accounts.upkeep import UPKEEP_EVERY, Upkeep
from bot.background import Background
from bot.calls.people.person import Person
from bot.cluster.member import Member
from bot.errors import UserError
from bot.ringcentral.sign_in.session import USUAL_SIGN_IN_WAITS, SignInWaits
from bot.ringcentral.transport.network import Network, RingCentralApp
from bot.sandbox.limits import Limits
from bot.sandbox.ports import free_port
from bot.sandbox.ringcentral.double import RingCentralDouble
from bot.serving.oauth_flow import Arrival
from bot.serving.readiness import Readiness
from bot.serving.server import Server
from bot.storage.calls.store import Store
from bot.storage.people.connections import Connections
from bot.storage.people.linked import Linked
from bot.storage.people.notices import Notice
from bot.storage.people.pending_sign_ins import PendingSignIns
from bot.telemetry.measures import Measures
from bot.vault import Vault, new_key
from every_table import METADATA
from fakes import AGAIN_SOON, FakeClock

KEY = new_key()
ANN, BOB = Person("", "T1", "UANN"), Person("", "T1", "UBOB")


class Bell(asyncio.Event):
    """An event that counts how often it was set."""

    def __init__(self) -> None:
        super().__init__()
        self.times = 0

    def set(self) -> None:
        """Count, and wake the waiting tasks."""
        self.times += 1
        super().set()


@dataclass
class Office:
    """The part of one bot process that handles people's accounts."""

    double: RingCentralDouble
    store: Store
    clock: FakeClock
    network: Network
    connections: Connections
    sign_ins: PendingSignIns
    accounts: Accounts
    connecting: Connecting
    disconnecting: Disconnecting
    upkeep: Upkeep
    ears: Ears
    background: Background
    server: Server
    url: str
    sign_in_ended: Bell
    doorkeeper: Doorkeeper

    @property
    def told(self) -> list[tuple[str, str]]:
        """Return the notices that people got, in order."""
        return self.ears.told

    async def begin(self, person: Person = ANN, label: str = "Ann") -> tuple[str, str]:
        """Take *person* to RingCentral's page; return its address and our cookie."""
        ticket = ticket_of(await self.connecting.link(person, label))
        begun = await self.connecting.begin(ticket)
        return begun.url, begun.cookie

    async def allowed(self, url: str, name: str = "ann") -> dict[str, str]:
        """Have RingCentral's user *name* consent; return the redirect's query."""
        return query_of(await self.double.sign_in(url, name))

    async def connect(self, person: Person = ANN, name: str = "ann") -> Linked:
        """Have *person* connect RingCentral's user *name*."""
        url, cookie = await self.begin(person)
        back = await self.allowed(url, name)
        return await self.connecting.finish(
            Arrival(back["state"], back["code"], cookie)
        )

    async def linked(self, person: Person = ANN) -> Linked:
        """Return *person*'s stored connection."""
        found, _ = await self.connections.of(person)
        assert found is not None
        return found

    async def ask(self, person: Person = ANN) -> str:
        """Ask RingCentral who *person* is there."""
        linked = await self.linked(person)
        return (await self.accounts.telephony(linked.id).account.user()).name

    async def rows(self, *names: str) -> dict[str, list[dict[str, Any]]]:
        """Return the raw rows of tables (default: all), as a thief would read them."""
        found = {}
        for table in METADATA.tables.values():
            if not names or table.name in names:
                query = select(table)
                rows = await self.store.writer.run(
                    lambda c, q=query: c.execute(q).mappings().all()  # type: ignore[misc]
                )
                found[table.name] = [dict(row) for row in rows]
        return found

    def later(self, **time: float) -> None:
        """Advance the clock."""
        self.clock.pass_by(timedelta(**time).total_seconds())


@dataclass
class Doorkeeper:
    """Lets everybody in; once *refusal* is set, nobody."""

    refusal: UserError | None = None

    async def admit(self, _person: Person) -> None:
        """Raise the refusal, if there is one."""
        if self.refusal is not None:
            raise self.refusal


@dataclass
class Ears:
    """Records the notices to people; *fails* are raised first, one per notice.

    Attributes:
        told: What was said, and to whom.
        loses: Whether what fails was said nevertheless.
    """

    told: list[tuple[str, str]] = field(default_factory=list)
    fails: list[Exception] = field(default_factory=list)
    loses: bool = False
    looked: int = 0

    async def connected(self, linked: Linked) -> None:
        """Record that somebody is connected."""
        self.told.append(("connected", linked.person.user))

    async def tell(self, linked: Linked, notice: Notice, *, before: float) -> None:
        """Record a notice, or raise the next of `fails`."""
        del before
        if not self.fails or self.loses:
            self.told.append((notice.value, linked.person.user))
        if self.fails:
            raise self.fails.pop(0)

    async def is_told(self, linked: Linked, notice: Notice, since: datetime) -> bool:
        """Return whether this notice was recorded."""
        del since
        self.looked += 1
        return (notice.value, linked.person.user) in self.told


def ticket_of(link: str) -> str:
    """Return the ticket in one of our links."""
    return link.rpartition("/")[2]


def query_of(address: str) -> dict[str, str]:
    """Return an address's query."""
    return {k: v[0] for k, v in parse_qs(urlsplit(address).query).items()}


def a_double(*names: str) -> RingCentralDouble:
    """Return a RingCentral double without rate limits that has these users."""
    double = RingCentralDouble(limits=Limits.off())
    for name in names or ("ann", "bob"):
        double.add_person(name)
    return double


@asynccontextmanager
async def an_office(
    double: RingCentralDouble,
    database_url: str,
    *,
    keys: tuple[str, ...] = (KEY,),
    clock: FakeClock | None = None,
    operator: Operator | None = None,
    me: str = "me",
    secret: str = "",
    public: str = "",
    every: float = UPKEEP_EVERY,
    waits: SignInWaits = USUAL_SIGN_IN_WAITS,
    many: int = MANY_ACCOUNTS,
) -> AsyncIterator[Office]:
    """Open one; *double* is up already. Its pages are at ``url``.

    *every* so many seconds its sign-ins are looked after, where a test runs that.
    """
    logins, clock = double.logins, clock or FakeClock()
    store = Store(database_url, me)
    await store.migrate()
    app = RingCentralApp(double.url, logins.client_id, secret or logins.client_secret)
    network = Network(app, connections=12, bounds=AGAIN_SOON)
    vault, background = Vault(keys), Background()
    connections = Connections(store.writer, vault)
    sign_ins = PendingSignIns(store.writer, vault)
    member = Member(store, clock, lambda: None, on_heartbeat=lambda _: None)
    sign_in_ended = Bell()
    accounts = Accounts(
        network,
        operator or Operator(),
        connections,
        member,
        clock,
        background,
        sign_in_ended=sign_in_ended,
        waits=waits,
        many=many,
    )
    ears = Ears()
    disconnecting = Disconnecting(
        network, connections, accounts, clock, sign_in_ended=sign_in_ended
    )
    doorkeeper, port = Doorkeeper(), free_port()
    url = public or f"http://127.0.0.1:{port}"
    connecting = Connecting(
        network,
        connections,
        sign_ins,
        accounts,
        disconnecting,
        clock,
        public_url=url,
        region="US",
        admit=doorkeeper.admit,
        connected=ears.connected,
    )
    upkeep = Upkeep(
        connections,
        sign_ins,
        accounts,
        disconnecting,
        clock,
        ears,
        sign_in_ended=sign_in_ended,
        every=every,
    )
    server = Server("127.0.0.1", port, readiness(store))
    ConnectPages(connecting, public_url=url, server=double.url).add_to(server)
    await server.open()
    made = Office(
        double,
        store,
        clock,
        network,
        connections,
        sign_ins,
        accounts,
        connecting,
        disconnecting,
        upkeep,
        ears,
        background,
        server,
        url,
        sign_in_ended,
        doorkeeper,
    )
    try:
        yield made
    finally:
        await background.settle(5)
        await server.shut()
        network.close()
        store.close()


@asynccontextmanager
async def beside(office: Office, **changes: Any) -> AsyncIterator[Office]:
    """Run another process on the same database, behind the same address."""
    given: dict[str, Any] = {
        "clock": office.clock,
        "me": "other",
        "public": office.url,
    }
    async with an_office(office.double, office.store.url, **given | changes) as other:
        yield other


def readiness(store: Store) -> Readiness:
    """Return what a server reports of a process without Slack."""

    async def link() -> None:
        return None

    return Readiness(store, Measures(), link=link, working=lambda: True, budget=dict)
