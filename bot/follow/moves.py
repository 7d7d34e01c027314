"""The compare-and-set by which every step changes a call, and what each step needs."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta

from bot.calls.call import Call
from bot.calls.log_schedule import awaits_record
from bot.calls.timing import Timing
from bot.clock import Clock
from bot.errors import StoreUnavailable
from bot.follow.ports import Board
from bot.follow.waking import CallsDue
from bot.storage.calls.store import Store

log = logging.getLogger(__name__)

POST_WITHIN = 4.0
"""Seconds from storing the intent to post to the request. A process that was paused for
longer must not post: another may have looked for the message and posted it by then."""

STORE_PAUSES = (0.1, 0.3, 1.0, 3.0, 5.0)
"""Pauses in seconds between tries to store RingCentral's answer."""


@dataclass(frozen=True, slots=True)
class Moves:
    """The store, the clock, the board, and the only way to change a call.

    *me* is this process's id.
    """

    store: Store
    board: Board
    clock: Clock
    timing: Timing
    me: str
    calls_due: CallsDue

    async def move(
        self, call: Call, decide: Callable[[Call], Call | None], note: str = ""
    ) -> Call | None:
        """Change the stored call by *decide* if it is still as we claimed it.

        Returns None and changes nothing if the call has changed: by a click on Cancel,
        or by a process that took over our lease. The card is edited to match.
        """

        def guarded(stored: Call) -> Call | None:
            if stored.attempt != call.attempt or stored.state is not call.state:
                return None
            return decide(stored)

        moved = await self._put(call, decide) if not note else None
        if moved is None:
            moved = await self.store.change(call.id, guarded, self.clock.now(), note)
        return self._shown(moved)

    async def after_read(
        self, call: Call, decide: Callable[[Call], Call | None], note: str = ""
    ) -> Call | None:
        """Change the stored call by *decide* after a read of the log.

        Its status may be polled meanwhile, or have become 404: what the log shows holds
        all the same. Returns None and changes nothing if it waits for no record.
        """

        def guarded(stored: Call) -> Call | None:
            return decide(stored) if awaits_record(stored) else None

        moved = await self.store.change(call.id, guarded, self.clock.now(), note)
        return self._shown(moved)

    async def after_event(
        self, call_id: str, decide: Callable[[Call], Call | None]
    ) -> Call | None:
        """Change the stored call by *decide* after a pushed event, whoever holds it.

        Returns None and changes nothing if *decide* does. Its card is edited to match, by
        the process that holds the call.
        """
        moved = await self.store.change(call_id, decide, self.clock.now())
        return self._shown(moved)

    def _shown(self, moved: Call | None) -> Call | None:
        """Edit the card of a call that was changed."""
        # Only the process that holds a call edits its card.
        if moved is not None and moved.card_ts and moved.held_by in ("", self.me):
            self.board.show(moved)
        return moved

    async def _put(
        self, call: Call, decide: Callable[[Call], Call | None]
    ) -> Call | None:
        """Decide on our copy and store the result with one conditional UPDATE.

        Returns None if the row has changed, and for a change of state, records, reply or
        holder, which this UPDATE does not cover; then use `Store.change`.
        """
        new = decide(call)
        if new is None or new == call or call.held_by not in ("", self.me):
            return None
        owed = (new.state, new.records, new.reply_ts, new.held_by)
        if owed != (call.state, call.records, call.reply_ts, call.held_by):
            return None
        return new if await self.store.update_unchanged(call, new) else None

    async def insist(
        self, call: Call, decide: Callable[[Call], Call | None], note: str = ""
    ) -> Call | None:
        """Move *call*, retrying if the database fails: RingCentral answers only once."""
        for pause in STORE_PAUSES:
            try:
                return await self.move(call, decide, note)
            except StoreUnavailable:
                log.warning(
                    "call %s: RingCentral's answer could not be stored yet", call.id
                )
                await self.clock.sleep(pause)
        return await self.move(call, decide, note)

    async def later(self, call: Call, wait: timedelta) -> Call | None:
        """Make the same step due again after *wait*."""
        at = self.clock.now() + wait
        return await self.move(
            call, lambda stored: replace(stored, tries=stored.tries + 1, next_at=at)
        )
