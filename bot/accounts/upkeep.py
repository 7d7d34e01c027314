"""Upkeep of people's sign-ins: refreshes them, and tells people when one ends.

People are warned before a sign-in ends that can't be refreshed, and told once after it has
ended. Revocations that failed are tried again (`bot.accounts.disconnecting`).
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
from bot.storage.people.connections import Connections
from bot.storage.people.linked import Linked
from bot.storage.people.notices import NOTICE_LEASE, Notice
from bot.storage.people.pending_sign_ins import PendingSignIns

log = logging.getLogger(__name__)

UPKEEP_EVERY = 30.0
"""Seconds between rounds; a sign-in that ends starts a round at once."""

REFRESH_BEFORE_END = timedelta(days=3)
"""A sign-in that nobody uses is refreshed this long before its end, by default after four
of its seven days."""

WARN_BEFORE_END = {"once": timedelta(minutes=10), "jwt": timedelta(days=3)}
"""How long before its end a person is warned of a sign-in that can't be refreshed."""

EXPIRED_SIGN_INS_KEPT = timedelta(days=1)
"""How long the tickets and states of browser sign-ins are kept after they expire."""

BOT_REFUSED_PAUSE = timedelta(minutes=10)
"""Between two tries to tell a person something while Slack refuses the bot's token."""


class Teller(Protocol):
    """Tells people about their sign-ins in private; raises `errors.ChatError`."""

    async def tell(self, linked: Linked, notice: Notice, *, before: float) -> None:
        """Post a notice *before* a moment of the monotonic clock, or not at all."""

    async def is_told(self, linked: Linked, notice: Notice, since: datetime) -> bool:
        """Return whether a notice was posted *since*; False if the app can't read that."""


def needs_refresh(linked: Linked, now: datetime) -> bool:
    """Return whether a sign-in ends soon unless it is refreshed."""
    if linked.kind != "oauth" or linked.ends_at is None:
        return False
    return linked.ends_at - now < REFRESH_BEFORE_END


def needs_warning(linked: Linked, now: datetime) -> bool:
    """Return whether a sign-in ends soon that can't be refreshed."""
    ahead = WARN_BEFORE_END.get(linked.kind)
    if ahead is None or linked.ends_at is None:
        return False
    return linked.ends_at - now < ahead


class Upkeep:
    """Keeps up all connections, together with the other processes on the database.

    A round begins every half minute, and at once when *sign_in_ended* is set.
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
        every: float = UPKEEP_EVERY,
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
        """Do a round every half minute, forever."""
        while True:
            # At once, so that what they ask the database shares a transaction.
            await asyncio.gather(*(self._safely(part) for part in self._parts()))
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self._every):
                    await self._sign_in_ended.wait()
            self._sign_in_ended.clear()

    async def look(self) -> None:
        """Do one round, and raise what goes wrong."""
        await asyncio.gather(*(part() for part in self._parts()))

    def _parts(self) -> tuple[Callable[[], Awaitable[None]], ...]:
        return (
            self._tell_ended,
            self._refresh_or_warn,
            self._disconnecting.drop_stale_tokens,
            self._disconnecting.revoke_due,
            self._forget_sign_ins,
        )

    async def _safely(self, part: Callable[[], Awaitable[None]]) -> None:
        try:
            await part()
        except StoreUnavailable:
            log.info("the upkeep of sign-ins waits for the database")
        except Exception:  # the next round may succeed
            log.exception("the upkeep of sign-ins failed")

    async def _tell_ended(self) -> None:
        for linked in await self._notices.broken(self._clock.now()):
            await self._tell(linked, Notice.ENDED)

    async def _refresh_or_warn(self) -> None:
        now = self._clock.now()
        for linked in await self._connections.ending(now + REFRESH_BEFORE_END):
            if needs_warning(linked, now):
                await self._tell(linked, Notice.ENDING)
            elif needs_refresh(linked, now):
                await self._refresh(linked)

    async def _forget_sign_ins(self) -> None:
        await self._sign_ins.delete_ended(self._clock.now() - EXPIRED_SIGN_INS_KEPT)

    async def _tell(self, linked: Linked, notice: Notice) -> None:
        """Tell a person once. One process does it, and repeats what certainly failed.

        If an answer was lost, the notice is looked for before it is posted again. If the
        app can't read its direct messages, it is posted again anyway: a second notice is
        a nuisance, none at all is a call that can't be placed when it matters.
        """
        before = self._clock.monotonic() + NOTICE_LEASE.total_seconds() / 2
        now = self._clock.now()
        turn = await self._notices.lease(linked, notice, now)
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
            log.warning("a person can't be told about their sign-in: %s", error.error)
            pause = BOT_REFUSED_PAUSE if error.is_operators else pause
        now = self._clock.now()
        if pause:
            await self._notices.postpone(linked, notice, now + pause, tried)
        else:
            await self._notices.done(linked, notice, now)

    async def _refresh(self, linked: Linked) -> None:
        try:
            await self._accounts.telephony(linked.id).start()
        except (
            BotError
        ) as error:  # the next round tries again, unless the sign-in has ended
            log.info("a sign-in could not be refreshed: %s", type(error).__name__)
