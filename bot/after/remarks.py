"""Keeps what people say of a call that is over; the follower then shows it on the card."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime

from bot.calls import after_call
from bot.calls.aftermath import Dispositions
from bot.calls.call import Call, Place
from bot.clock import Clock
from bot.errors import UserError
from bot.storage.calls.store import Store
from bot.switchboard.policy import Policy
from bot.user_errors import (
    AccessDenied,
    AccessRule,
    NoteChanged,
    NothingToSay,
    OutdatedButton,
    UnknownCall,
)

log = logging.getLogger(__name__)


class Remarks:
    """Outcomes and notes. Raises `UserError` and `StoreUnavailable`.

    What is stored brings the call back to `State.CLOSING`, in which the follower of
    whichever process edits the card: so no edit is lost with a process.
    """

    def __init__(
        self, store: Store, policy: Policy, dispositions: Dispositions, clock: Clock
    ) -> None:
        self._store = store
        self._policy = policy
        self._dispositions = dispositions
        self._clock = clock

    async def choose(self, place: Place, call_id: str, word: str) -> Call:
        """Store that somebody chose *word* as the outcome of a call; return the call."""
        call = await self.readable(place, call_id)
        if word not in self._dispositions.words:
            raise OutdatedButton
        now = self._clock.now()
        return await self._changed(
            call,
            lambda stored: after_call.disposed(stored, word, place.user, now),
            f"outcome by {place.user}",
            NothingToSay(),
        )

    async def note(
        self, place: Place, call_id: str, text: str, seen: datetime | None
    ) -> Call:
        """Store a note; *seen* is the time of the one that its writer has read.

        Raises `NoteChanged` if there is another one meanwhile.
        """
        call = await self.readable(place, call_id)
        now = self._clock.now()
        return await self._changed(
            call,
            lambda stored: after_call.noted(stored, text, place.user, now, seen),
            f"note by {place.user}",
            NoteChanged(),
        )

    async def readable(self, place: Place, call_id: str) -> Call:
        """Return a call that this person may add to."""
        self._policy.check_user(place)
        call = await self._store.get(call_id)
        if call is None or not call.place.is_beside(place):
            raise UnknownCall
        if not self._dispositions.words:
            raise OutdatedButton
        if not after_call.may_add(call, place, self._dispositions):
            raise AccessDenied(AccessRule.PLACER, call.place.user)
        if not after_call.takes_remarks(call):
            raise NothingToSay
        return call

    async def _changed(
        self,
        call: Call,
        decide: Callable[[Call], Call | None],
        note: str,
        refusal: UserError,
    ) -> Call:
        changed = await self._store.change(call.id, decide, self._clock.now(), note)
        if changed is None:
            raise refusal
        log.info("call %s: %s", call.id, note)
        return changed
