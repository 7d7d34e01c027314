"""Wakes other processes at once, by PostgreSQL's LISTEN and NOTIFY.

A lost signal costs 1.5 seconds: every heartbeat also asks whether a call is due. What is
lost of a person is found out when their standing is asked for again.

Neither LISTEN nor the name of a session gets through a connection pooler such as PgBouncer
reliably. Whether there is one is seen by the id of the server's process: a pooler gives its
client an id of its own, which PostgreSQL does not know.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Callable
from dataclasses import dataclass

import psycopg
from sqlalchemy import Connection, text

from bot.calls.people.person import Person
from bot.policy.workspace import WorkspaceId
from bot.storage.database.engine import name_of, postgres_arguments

log = logging.getLogger(__name__)

CHANNEL = "ringout"
SERVER_ANSWERS_WITHIN = 10.0
"""Seconds until a server that does not answer is given up."""

SELECT_STATE = """
SELECT current_setting('transaction_read_only') = 'on', EXISTS (
    SELECT FROM pg_stat_activity WHERE pid = %s AND application_name = %s
)"""
"""Whether the server is read-only, and whether it shows the session that asks."""


@dataclass(frozen=True, slots=True)
class SignalWaits:
    """Seconds.

    Attributes:
        reconnect: Until a lost connection is opened again.
        check: Between looks whether the server of an idle connection still answers, and
            is not a standby by now.
        poll: Behind a pooler, between wake-ups without a signal.
        pooled: Behind a pooler, until the next look for one.
    """

    reconnect: float = 2.0
    check: float = 30.0
    poll: float = 1.0
    pooled: float = 60.0


USUAL_SIGNALS = SignalWaits()


def notify(connection: Connection, process: str) -> None:
    """Wake *process* when this transaction commits; without a name, all processes."""
    if connection.dialect.name == "postgresql":
        statement = text("SELECT pg_notify(:channel, :process)")
        connection.execute(statement, {"channel": CHANNEL, "process": process})


def tell_of(connection: Connection, process: str, person: Person) -> None:
    """Have all processes but *process* hear of *person* when this transaction commits."""
    notify(
        connection, json.dumps([process, person.enterprise, person.team, person.user])
    )


def told_of(payload: str, process: str) -> Person | None:
    """Return of whom another process than *process* tells; None for any other signal."""
    try:
        sender, enterprise, team, user = json.loads(payload)
    except (ValueError, TypeError):
        return None
    return None if sender == process else Person(enterprise, team, user)


def tell_of_policy(connection: Connection, process: str, where: WorkspaceId) -> None:
    """Have all processes but *process* hear of a workspace's changed policy."""
    told = {"policy": [process, where.enterprise, where.team]}
    notify(connection, json.dumps(told))


def policy_told_of(payload: str, process: str) -> WorkspaceId | None:
    """Return whose policy another process than *process* has changed, if it tells of that."""
    try:
        sender, enterprise, team = json.loads(payload)["policy"]
    except (ValueError, TypeError, KeyError):
        return None
    return None if sender == process else WorkspaceId(enterprise, team)


async def is_direct(connection: psycopg.AsyncConnection, process: str) -> bool:
    """Return whether no pooler is between *connection* and a server that is written.

    Raises:
        psycopg.OperationalError: The server is read-only.
        TimeoutError: It does not answer.
    """
    asked = (connection.info.backend_pid, name_of(process))
    async with asyncio.timeout(SERVER_ANSWERS_WITHIN):
        found = await connection.execute(SELECT_STATE, asked)
    is_read_only, is_shown = await found.fetchone() or (True, False)
    if is_read_only:
        raise psycopg.OperationalError("the server is read-only")
    return bool(is_shown)


class Signals:
    """Calls *wake* at every signal for the process *me*; behind a pooler, every second.

    *hear* is called with each person of whom another process tells, *hear_policy* with
    each workspace whose policy another process has changed, and with None when signals
    may have been missed.
    """

    def __init__(
        self,
        url: str,
        me: str,
        wake: Callable[[], None],
        waits: SignalWaits = USUAL_SIGNALS,
        hear: Callable[[Person], None] = lambda _: None,
        hear_policy: Callable[[WorkspaceId | None], None] = lambda _: None,
    ) -> None:
        self._arguments = postgres_arguments(url, me)
        self._me = me
        self._wake = wake
        self._waits = waits
        self._hear = hear
        self._hear_policy = hear_policy
        self._has_warned = False
        self.has_session = False
        """Whether PostgreSQL shows a session of this process for as long as it lives."""

    async def run(self) -> None:
        """Listen forever; open a lost connection again."""
        while True:
            try:
                is_pooled = await self._listen()
            except (psycopg.Error, OSError) as error:
                log.info("no signals from the database: %s", type(error).__name__)
                is_pooled = False
            finally:
                self.has_session = False
            await (self._poll() if is_pooled else asyncio.sleep(self._waits.reconnect))

    async def _listen(self) -> bool:
        """Listen until the connection is lost; return True if there is a pooler."""
        connection = await psycopg.AsyncConnection.connect(**self._arguments)
        async with connection:
            while await is_direct(connection, self._me):
                if not self.has_session:
                    async with asyncio.timeout(SERVER_ANSWERS_WITHIN):
                        await connection.execute(f"LISTEN {CHANNEL}")
                    self.has_session = True
                    self._wake()  # a signal may have been missed before
                    self._hear_policy(None)
                async for signal in connection.notifies(timeout=self._waits.check):
                    self._take(signal.payload)
        return True

    def _take(self, payload: str) -> None:
        if payload in ("", self._me):
            self._wake()
        elif (person := told_of(payload, self._me)) is not None:
            self._hear(person)
        elif (where := policy_told_of(payload, self._me)) is not None:
            self._hear_policy(where)

    async def _poll(self) -> None:
        """Wake again and again for a while."""
        if not self._has_warned:
            log.warning("the database is behind a connection pooler: no signals")
            self._has_warned = True
        for _ in range(int(self._waits.pooled / self._waits.poll)):
            self._wake()
            await asyncio.sleep(self._waits.poll)
