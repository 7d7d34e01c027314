"""Looking after people's sign-ins: kept alive, warned of, told once when they end.

And what is over here is ended at RingCentral (`bot.accounts.disconnecting`), if that has not been done.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Protocol

from bot.accounts.disconnecting import Disconnecting
from bot.accounts.registry import Accounts
from bot.calls.timing import USUAL_WAITS
from bot.clock import Clock
from bot.errors import BotError, ChatBusy, ChatRefused, ChatUnknown, StoreUnavailable
from bot.storage.people.connections import Connections, Linked
from bot.storage.people.notices import NOTICE_LEASE, Notice
from bot.storage.people.pending_sign_ins import PendingSignIns

log = logging.getLogger(__name__)

EVERY = 30.0
"""Seconds between looks; a sign-in that breaks is looked after at once."""

KEEP_ALIVE = timedelta(days=3)
"""A refresh token lasts seven days by default: one that nobody used is refreshed."""

WARN = {"once": timedelta(minutes=10), "jwt": timedelta(days=3)}
"""How long before its end a person is told of a sign-in that can't be refreshed."""

KEPT = timedelta(days=1)

MENDED = timedelta(minutes=10)
"""Between two tries to tell people something while Slack refuses the bot itself."""


class Teller(Protocol):
    """Tells people privately of their sign-ins; raises `errors.ChatError`."""

    async def tell(self, linked: Linked, notice: Notice, *, before: float) -> None:
        """Post it, *before* that moment of the monotonic clock or not at all."""

    async def is_told(self, linked: Linked, notice: Notice, since: datetime) -> bool:
        """Return whether it was posted *since* then, as far as anybody may look."""


def needs_refresh(linked: Linked, now: datetime) -> bool:
    """Return whether a sign-in would end by being left alone."""
    if linked.kind != "oauth" or linked.ends_at is None:
        return False
    return linked.ends_at - now < KEEP_ALIVE


def needs_warning(linked: Linked, now: datetime) -> bool:
    """Return whether a sign-in ends soon, and nothing can be done about it here."""
    ahead = WARN.get(linked.kind)
    if ahead is None or linked.ends_at is None:
        return False
    return linked.ends_at - now < ahead


class Upkeep:
    """Looks after all connections; several processes share that by the database.

    It looks every half minute, and at once when *sign_in_ended* is set.
    """

    def __init__(
        self,
        connections: Connections,
        sign_ins: PendingSignIns,
        accounts: Accounts,
        disconnecting: Disconnecting,
        clock: Clock,
        teller: Teller,
        *,
        sign_in_ended: asyncio.Event,
        every: float = EVERY,
        look_after: timedelta = USUAL_WAITS.look,
    ) -> None:
        self._connections = connections
        self._notices = connections.notices
        self._sign_ins = sign_ins
        self._accounts = accounts
        self._disconnecting = disconnecting
        self._clock = clock
        self._teller = teller
        self._sign_in_ended = sign_in_ended
        self._every = every
        self._look_after = look_after

    async def run(self) -> None:
        """Look for ever."""
        while True:
            for part in self._parts():
                await self._whatever_happens(part)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._sign_in_ended.wait(), timeout=self._every)
            self._sign_in_ended.clear()

    async def look(self) -> None:
        """Do once what is due."""
        for part in self._parts():
            await part()

    def _parts(self) -> tuple[Callable[[], Awaitable[None]], ...]:
        return (
            self._tell_ended,
            self._keep,
            self._disconnecting.drop_stale_tokens,
            self._disconnecting.revoke_due,
            self._forget,
        )

    async def _whatever_happens(self, part: Callable[[], Awaitable[None]]) -> None:
        try:
            await part()
        except StoreUnavailable:
            log.info("sign-ins are looked after later: no database")
        except Exception:  # the next look may find nothing wrong
            log.exception("looking after sign-ins failed")

    async def _tell_ended(self) -> None:
        for linked in await self._notices.untold(self._clock.now()):
            await self._tell(linked, Notice.ENDED)

    async def _keep(self) -> None:
        now = self._clock.now()
        for linked in await self._connections.ending(now + KEEP_ALIVE):
            if needs_warning(linked, now):
                await self._tell(linked, Notice.ENDING)
            elif needs_refresh(linked, now):
                await self._refresh(linked)

    async def _forget(self) -> None:
        await self._sign_ins.forget(self._clock.now() - KEPT)

    async def _tell(self, linked: Linked, notice: Notice) -> None:
        """Tell a person, once: by one process, again where it surely was not posted.

        Where nobody knows, it is looked for first. Where the app may not read its direct
        messages it is then posted again: told twice is a nuisance, never told is a call
        that cannot be placed when it matters.
        """
        before = self._clock.monotonic() + NOTICE_LEASE.total_seconds() / 2
        now = self._clock.now()
        turn = await self._notices.begin(linked, notice, now)
        if turn is None:
            return
        tried, pause = turn.tried_at, timedelta(0)
        try:
            if tried is None or not await self._teller.is_told(linked, notice, tried):
                await self._teller.tell(linked, notice, before=before)
        except ChatBusy as error:
            pause = timedelta(seconds=error.retry_after)
        except ChatUnknown:
            tried, pause = tried or now, self._look_after
        except ChatRefused as error:
            log.warning("somebody can't be told of their sign-in: %s", error.error)
            pause = MENDED if error.is_operators else pause
        now = self._clock.now()
        if pause:
            await self._notices.later(linked, notice, now + pause, tried)
        else:
            await self._notices.done(linked, notice, now)

    async def _refresh(self, linked: Linked) -> None:
        try:
            await self._accounts.telephony(linked.id).start()
        except BotError as error:  # the next look tries again, or it has broken
            log.info("a sign-in could not be kept alive: %s", type(error).__name__)
