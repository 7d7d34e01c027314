"""What people do to an open call of theirs: cancel it."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

from bot.accounts.registry import Accounts
from bot.calls import following
from bot.calls.call import Call, End, State, Why
from bot.calls.telling import Canceled
from bot.clock import Clock
from bot.errors import NotFound, RateLimited, RingCentralError
from bot.storage.calls.store import Store
from bot.telemetry import call_context
from bot.user_errors import CancelLimited

log = logging.getLogger(__name__)


class Control:
    """Stops calls; `bot.switchboard.calls.Switchboard` has checked who asks."""

    def __init__(
        self,
        store: Store,
        accounts: Accounts,
        clock: Clock,
        changed: Callable[[Call], None],
    ) -> None:
        self._store = store
        self._accounts = accounts
        self._clock = clock
        self._changed = changed

    async def cancel(self, call: Call) -> Canceled:
        """Stop *call* if it can still be stopped; costs one Heavy request.

        RingCentral can stop a RingOut only until it rings the other side, perhaps a
        little longer, and not once both talk (developer guide, "Cancelling a RingOut").
        """
        call_context.from_here(call.id)
        if call.state is State.REQUESTED and await self._withdrawn(call):
            return Canceled.NOT_SENT
        call = await self._store.get(call.id) or call
        if call.state in {State.REQUESTED, State.PLACING}:
            return Canceled.TOO_EARLY
        if call.state is not State.FOLLOWING or call.connected:
            return Canceled.TOO_LATE if call.may_go_on else Canceled.OVER
        try:
            await self._accounts.telephony(call.account).ring_outs.cancel(
                call.ringout_id
            )
        except NotFound:
            return Canceled.TOO_LATE
        except RateLimited as error:
            raise CancelLimited(error.retry_after) from None
        except RingCentralError as error:
            log.warning("call %s: RingCentral could not cancel it: %s", call.id, error)
            return Canceled.TROUBLE
        await self._mark_canceled(call)
        return Canceled.ASKED

    async def _withdrawn(self, call: Call) -> bool:
        """Withdraw an intent that was not sent; False if it is being sent already."""
        now = self._clock.now()

        def decide(stored: Call) -> Call | None:
            if stored.state is not State.REQUESTED:
                return None
            return following.ended(stored, End.NOT_PLACED, now, Why.CANCELED)

        moved = await self._store.change(call.id, decide, now, "cancelled")
        if moved is not None:
            self._changed(moved)
        return moved is not None

    async def _mark_canceled(self, call: Call) -> None:
        now = self._clock.now()

        def decide(stored: Call) -> Call | None:
            if stored.state is not State.FOLLOWING:
                return None
            soon = min(stored.next_at, now + timedelta(seconds=1))
            return replace(stored, cancelled_at=now, next_at=soon)

        moved = await self._store.change(call.id, decide, now, "cancel asked")
        if moved is not None:
            self._changed(moved)
