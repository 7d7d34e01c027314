"""What the bot can do, in verbs: place, place again, cancel, tell what was."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Protocol

from bot import about
from bot.calls import following
from bot.calls.call import Call, End, Place, State, Why
from bot.calls.telling import Added, Cancelled, Verdict
from bot.clock import Clock
from bot.errors import NotFound, RateLimited, RingCentralError, UserError
from bot.history import History, Recent
from bot.phones import DefaultPhone
from bot.policy import NotAllowed, Policy
from bot.storage.store import TAKEOVER, Store

log = logging.getLogger(__name__)


LETTERS = "bcdfghjklmnpqrstvwxz"
"""No digits, so that no id is ever taken for a phone number, and no vowels for words."""


def new_id() -> str:
    """Return a call's id: twelve letters, 52 bits."""
    return "".join(secrets.choice(LETTERS) for _ in range(12))


class Telephony(Protocol):
    """What cancelling needs of RingCentral."""

    async def cancel(self, ringout_id: str) -> None: ...


class Switchboard:
    """The verbs. Each checks who asks; what it refuses is a `UserError`."""

    def __init__(
        self,
        *,
        store: Store,
        telephony: Telephony,
        policy: Policy,
        phones: DefaultPhone,
        history: History,
        clock: Clock,
        owner: str,
        begin: Callable[[Call], None],
        changed: Callable[[Call], None],
    ) -> None:
        self._store = store
        self._telephony = telephony
        self.policy = policy
        self._phones = phones
        self._history = history
        self._clock = clock
        self._owner = owner
        self._begin = begin
        self._changed = changed
        self.closing = False

    async def place(
        self, key: str, place: Place, to: str, from_: str | None, *, again: bool = False
    ) -> Added:
        """Store the intent to ring *from_* (or the default), then *to*; start on it.

        Asks nothing of RingCentral or Slack, so an ack may wait for it. *key* makes
        the command unique; *again* rings a number that is being rung already.

        Raises:
            UserError: Said to the person as it is.
            StoreUnavailable: Nothing was stored, nothing will be dialled.
        """
        self._open_for(place)
        callee = self.policy.number(to)
        caller = self._phones.known() if from_ is None else self.policy.number(from_)
        if caller == callee:
            raise UserError(
                "That is the number that would ring first. Give the other party's "
                "number, or another phone of yours with `from`."
            )
        now = self._clock.now()
        call = Call(
            id=new_id(), key=key, place=place, callee=callee, caller=caller,
            asked_at=now, owner=self._owner, holder=self._owner, attempt=1, next_at=now + TAKEOVER,
        )  # fmt: skip
        added = await self._store.add(
            call, most=self.policy.calls_per_minute, again=again
        )
        about.from_here(added.call.id)
        if added.verdict is Verdict.NEW:
            log.info("call %s: asked by %s", call.id, place.user)
            self._begin(call)
        return added

    async def place_again(self, key: str, place: Place, call_id: str) -> Added:
        """Place a call like *call_id*, for the person who placed that one."""
        self._open_for(place)
        old = await self._own(place, call_id)
        from_ = old.caller.e164 if old.caller else None
        return await self.place(key, place, old.callee.e164, from_)

    async def cancel(self, place: Place, call_id: str) -> Cancelled:
        """Stop a call as far as it can be stopped; costs one Heavy request.

        RingCentral stops a RingOut until the other side is being rung, perhaps a
        little later; never once both talk (developer guide, "Cancelling a RingOut").
        """
        self.policy.check(place)
        call = await self._own(place, call_id)
        about.from_here(call.id)
        if call.state is State.REQUESTED and await self._withdrawn(call):
            return Cancelled.NOT_SENT
        call = await self._store.get(call_id) or call
        if call.state in {State.REQUESTED, State.PLACING}:
            return Cancelled.TOO_EARLY
        if call.state is not State.FOLLOWING or call.connected:
            return Cancelled.TOO_LATE
        try:
            await self._telephony.cancel(call.ringout_id)
        except NotFound:
            return Cancelled.TOO_LATE
        except RateLimited as error:
            raise UserError(
                "RingCentral's limit is in the way of cancelling; try again in "
                f"{max(round(error.retry_after), 1)} s, or hang up your own phone."
            ) from None
        except RingCentralError as error:
            log.warning("call %s: could not be cancelled: %s", call.id, error)
            return Cancelled.TROUBLE
        await self._mark_cancelled(call)
        return Cancelled.ASKED

    async def recent(self, count: int, *, company: bool = False) -> Recent:
        """Return the newest calls; see `bot.history.History.recent`."""
        return await self._history.recent(count, company=company)

    async def _withdrawn(self, call: Call) -> bool:
        """Withdraw an intent that was not sent; False if it is being sent by now."""
        now = self._clock.now()

        def decide(stored: Call) -> Call | None:
            if stored.state is not State.REQUESTED:
                return None
            return following.ended(stored, End.NOT_PLACED, now, Why.CANCELLED)

        moved = await self._store.change(call.id, decide, now, "cancelled")
        if moved is not None:
            self._changed(moved)
        return moved is not None

    async def _mark_cancelled(self, call: Call) -> None:
        now = self._clock.now()

        def decide(stored: Call) -> Call | None:
            if stored.state is not State.FOLLOWING:
                return None
            soon = min(stored.next_at, now + timedelta(seconds=1))
            return replace(stored, cancelled_at=now, next_at=soon)

        moved = await self._store.change(call.id, decide, now, "cancel asked")
        if moved is not None:
            self._changed(moved)

    def _open_for(self, place: Place) -> None:
        self.policy.check(place)
        if self.closing:
            raise UserError(
                "The bot is being restarted, so nothing was dialled. "
                "Try again in half a minute."
            )

    async def _own(self, place: Place, call_id: str) -> Call:
        call = await self._store.get(call_id)
        if call is None or not call.place.is_beside(place):
            raise UserError("That call is not known here any more.")
        if call.place.user != place.user:
            raise NotAllowed(
                "Only the person who placed this call can do that. "
                "`/ringout <number>` places one of your own."
            )
        return call
