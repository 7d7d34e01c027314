"""The compare-and-set that every step goes through, and what each step is given."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta

from bot.calls.call import Call
from bot.calls.following import Timing
from bot.clock import Clock
from bot.errors import StoreUnavailable
from bot.follow.ports import Board
from bot.storage.calls.store import Store

log = logging.getLogger(__name__)

POST_WITHIN = 4.0
"""Seconds from storing the intent to post to the request: a process that was paused
for longer must not post, for somebody else may have looked and posted by then."""

LOOK_AFTER = 5.0
"""Seconds from a post whose answer was lost to the look whether it is there: Slack may
still be at it, and who looks too soon posts it twice. With the time-out of ten, fifteen
seconds after the request: as long as `bot.storage.calls.statements.UNDER_WAY`."""

STORE_PAUSES = (0.1, 0.3, 1.0, 3.0, 5.0)
"""Pauses, in seconds, between tries to store what RingCentral has answered."""


@dataclass(frozen=True, slots=True)
class Moves:
    """The store, the clock and the board, and the one way to move a call."""

    store: Store
    board: Board
    clock: Clock
    timing: Timing
    owner: str
    calls_due: asyncio.Event

    async def move(
        self, call: Call, decide: Callable[[Call], Call | None], note: str = ""
    ) -> Call | None:
        """Let *decide* change the stored call if it is still as we claimed it.

        Returns None, and changes nothing, if somebody else has moved it meanwhile:
        a click on Cancel, or a process that took over our lease. What the card shows
        follows from the new call.
        """

        def guarded(stored: Call) -> Call | None:
            if stored.attempt != call.attempt or stored.state is not call.state:
                return None
            return decide(stored)

        moved = await self._put(call, decide) if not note else None
        if moved is None:
            moved = await self.store.change(call.id, guarded, self.clock.now(), note)
        if moved is not None:
            # A card has one editor: the process that holds its call.
            if moved.card_ts and moved.held_by in ("", self.owner):
                self.board.show(moved)
            if moved.next_at <= self.clock.now():
                self.calls_due.set()
        return moved

    async def _put(
        self, call: Call, decide: Callable[[Call], Call | None]
    ) -> Call | None:
        """Decide on *call* as we have it, if that may do, and if it is still so."""
        new = decide(call)
        if new is None or new == call or call.held_by not in ("", self.owner):
            return None
        owed = (new.state, new.records, new.reply_ts, new.held_by)
        if owed != (call.state, call.records, call.reply_ts, call.held_by):
            return None
        return new if await self.store.put(call, new) else None

    async def insist(
        self, call: Call, decide: Callable[[Call], Call | None], note: str = ""
    ) -> Call | None:
        """Move *call* even if the database needs some tries: the answer is precious."""
        for pause in STORE_PAUSES:
            try:
                return await self.move(call, decide, note)
            except StoreUnavailable:
                log.warning("call %s: its answer waits for the database", call.id)
                await self.clock.sleep(pause)
        return await self.move(call, decide, note)

    async def later(self, call: Call, wait: timedelta) -> Call | None:
        """Try the same step again after *wait*."""
        at = self.clock.now() + wait
        return await self.move(
            call, lambda stored: replace(stored, tries=stored.tries + 1, next_at=at)
        )
