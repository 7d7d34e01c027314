"""Stores what a card shows; the card's final state closes the call."""

from __future__ import annotations

import logging
from dataclasses import replace

from bot.calls import closing
from bot.calls.call import Call, State
from bot.calls.telling import Shown
from bot.calls.timing import Timing
from bot.clock import Clock
from bot.errors import StoreUnavailable
from bot.storage.calls.store import Store

log = logging.getLogger(__name__)


async def shown(
    store: Store, clock: Clock, timing: Timing, call: Call, seen: Shown
) -> None:
    """Store what the card of *call* shows, and close the call if that is final."""

    def decide(stored: Call) -> Call | None:
        marked = replace(stored, card_shown=seen.digest)
        telling = stored.state in {State.REPORTING, State.CLOSING}
        if not (seen.last and telling and call.state is stored.state):
            return marked
        if stored.aftermath != call.aftermath:  # written meanwhile: show that, too
            return replace(marked, next_at=clock.now())
        return closing.told(
            marked,
            clock.now(),
            timing,
            edit_in_flight=seen.edit_in_flight,
            edit_lost=seen.edit_lost,
        )

    try:
        await store.change(call.id, decide, clock.now())
    except StoreUnavailable:
        log.warning("call %s: its card's state could not be stored", call.id)
