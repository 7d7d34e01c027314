"""This process as one of those that share a PostgreSQL, or alone on a SQLite file."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable, Coroutine
from typing import Any
from weakref import WeakValueDictionary

from bot.calls.people.person import Person
from bot.clock import Clock
from bot.cluster.budget import LoneGate, StoredGate
from bot.cluster.forgetting import forget
from bot.cluster.heartbeat import Heartbeats
from bot.errors import StoreUnavailable
from bot.policy.workspace import WorkspaceId
from bot.ringcentral.budget import UNANSWERED_AFTER
from bot.ringcentral.gate import Gate
from bot.storage.calls.store import Store
from bot.storage.database.signals import Signals, tell_of
from bot.storage.retention import Retention
from bot.storage.shared.log_lags import LogLag
from bot.storage.shared.processes import Heartbeat, Processes
from bot.storage.shared.user_state import UserState

log = logging.getLogger(__name__)

HAND_OVER_PATIENCE = 2.0
"""Seconds for handing calls over, and for deregistering; a whole stop has ten."""


class Member:
    """What this process has to do with the others: heartbeats, budgets, signals.

    Calls *wake* when another process sends a signal, and when a heartbeat has found calls
    that are due for us. *on_heartbeat* is called after each heartbeat.
    """

    def __init__(
        self,
        store: Store,
        clock: Clock,
        wake: Callable[[], None],
        *,
        on_heartbeat: Callable[[Heartbeat], None],
        unanswered_after: float = UNANSWERED_AFTER,
    ) -> None:
        self._unanswered_after = unanswered_after
        self._store = store
        self._clock = clock
        self._wake = wake
        self._on_heartbeat = on_heartbeat
        writer = store.writer
        shared = writer.is_postgres
        takeover = store.takeover
        self._hear: Callable[[Person], None] = lambda _: None
        self._hear_policy: Callable[[WorkspaceId | None], None] = lambda _: None
        self._signals: Signals | None = None
        self._processes: Processes | None = None
        if shared:
            self._signals = signals = Signals(
                store.direct_url,
                store.me,
                wake,
                hear=self._heard_of,
                hear_policy=self._policy_changed,
            )
            self._processes = Processes(
                writer, store.me, takeover, has_session=lambda: signals.has_session
            )
        self._heartbeats = Heartbeats(
            self._processes, clock, takeover, on_heartbeat=self._after_heartbeat
        )
        self.is_fresh = self._heartbeats.is_fresh
        self._gates: WeakValueDictionary[str, Gate] = WeakValueDictionary()

    def hear_by(self, hear: Callable[[Person], None]) -> None:
        """Have *hear* called with each person of whom another process tells."""
        self._hear = hear

    def hear_policy_by(self, hear: Callable[[WorkspaceId | None], None]) -> None:
        """Call *hear* with each workspace whose policy another process changes.

        None: one may have changed while this process did not listen.
        """
        self._hear_policy = hear

    async def tell_of(self, person: Person) -> None:
        """Have the other processes hear of *person*. Raises `StoreUnavailable`."""
        if self._processes is not None:
            me = self._store.me
            await self._store.writer.run(lambda c: tell_of(c, me, person))

    def user_state(self, name: str) -> UserState:
        """Return the shared state of a RingCentral user or account, by `name_of`."""
        return UserState(self._store.writer, name)

    def log_lag(self, name: str) -> LogLag:
        """Return how soon an account's call log shows a call, by the same name."""
        return LogLag(self._store.writer, name)

    def gate(self, name: str) -> Gate:
        """Return the one gate of a RingCentral user in this process, by name.

        With PostgreSQL its rate budget is shared by all processes.
        """
        gate = self._gates.get(name)
        if gate is None:
            gate = self._made(name)
            self._gates[name] = gate
        return gate

    def _heard_of(self, person: Person) -> None:
        self._hear(person)

    def _policy_changed(self, where: WorkspaceId | None) -> None:
        self._hear_policy(where)

    def _after_heartbeat(self, beat: Heartbeat) -> None:
        if beat.released or beat.has_due:
            self._wake()
        self._on_heartbeat(beat)

    def _made(self, name: str) -> Gate:
        kind = LoneGate if self._processes is None else StoredGate
        return kind(self.user_state(name), self._clock, self._unanswered_after)

    async def set_clock(self) -> None:
        """Adopt the database's time. Call it before any vendor's clock is compared."""
        await self._heartbeats.set_clock()

    async def start(self) -> None:
        """Register this process; on SQLite, take the calls that an earlier one left open."""
        await self._heartbeats.start()
        if self._processes is None:
            left = await self._store.resume(self._clock.now())
            if left:
                log.info("%d open calls are taken over", left)

    def tasks(self, days: int, audit_days: int) -> dict[str, Coroutine[Any, Any, None]]:
        """Return the tasks to run until the bot stops, by name."""
        retention = Retention(self._store.writer)
        found = {
            "heartbeat": self._heartbeats.run(),
            "retention": forget(retention, self._clock, days, audit_days),
        }
        if self._signals is not None:
            found["signals"] = self._signals.run()
        return found

    async def hand_over(self, busy: frozenset[str]) -> bool:
        """Release all calls but *busy* to other processes; return whether there are any."""
        if self._processes is None:
            return False
        with contextlib.suppress(StoreUnavailable, TimeoutError):
            async with asyncio.timeout(HAND_OVER_PATIENCE):
                return await self._processes.hand_over(busy)
        return False

    async def leave(self) -> None:
        """Deregister this process."""
        if self._processes is not None:
            with contextlib.suppress(StoreUnavailable, TimeoutError):
                async with asyncio.timeout(HAND_OVER_PATIENCE):
                    await self._processes.leave()
