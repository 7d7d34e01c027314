"""Keeps what people say of a call that is over; the follower then shows it on the card."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from bot.calls import after_call
from bot.calls.aftermath import UNCLAIMED, Aftermath, Dispositions
from bot.calls.call import Call, Place
from bot.calls.telling import Disposed
from bot.clock import Clock
from bot.errors import UserError
from bot.storage.calls.follow_ups import FollowUps
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

    async def choose(self, place: Place, call_id: str, word: str) -> Disposed:
        """Store that somebody chose *word* as the outcome of a call.

        An empty *word* removes the outcome. With `DO_NOT_CALL_WORD` the number is on the
        workspace's do-not-call list once this returns, and stays there whatever is chosen
        later.
        """
        call = await self.readable(place, call_id)
        if word and word not in self._dispositions.words:
            raise OutdatedButton
        now = self._clock.now()
        changed = await self._changed(
            call,
            lambda stored: after_call.disposed(stored, word, place.user, now),
            f"outcome {'' if word else 'removed '}by {place.user}",
            NothingToSay(),
        )
        return Disposed(changed, call.aftermath or Aftermath())

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

    async def claim(self, place: Place, call_id: str) -> Call:
        """Have the person of *place* call back, if nobody else does already.

        Of two at the same moment one gets it; the other is told who.
        """
        return await self._follow_up(place, call_id, after_call.claimed, "taken on")

    async def release(self, place: Place, call_id: str) -> Call:
        """Leave a call back that this person has taken on to others."""
        return await self._follow_up(place, call_id, after_call.released, "released")

    async def called_back(self, place: Place, call_id: str) -> Call:
        """Store that this person has called back."""
        return await self._follow_up(place, call_id, after_call.called_back, "done")

    async def _follow_up(
        self,
        place: Place,
        call_id: str,
        change: Callable[[Call, str, datetime], Call | None],
        done: str,
    ) -> Call:
        call = await self.readable(place, call_id)
        now, note = self._clock.now(), f"call back {done} by {place.user}"
        changed = await self._store.change(
            call.id, lambda stored: change(stored, place.user, now), now, note
        )
        if changed is not None:
            log.info("call %s: %s", call.id, note)
            return changed
        stored = await self._store.get(call.id) or call
        whose = stored.aftermath.follow_up if stored.aftermath else ""
        if whose in ("", UNCLAIMED):
            raise OutdatedButton
        raise AccessDenied(AccessRule.CLAIMED, whose)

    async def readable(self, place: Place, call_id: str) -> Call:
        """Return a call that this person may add to."""
        self._policy.check_user(place)
        call = await self._store.get(call_id)
        if call is None or not call.place.is_beside(place):
            raise UnknownCall
        if not self._dispositions.words:
            raise OutdatedButton
        place = await self._beside(place, call)
        if not after_call.may_add(call, place, self._dispositions):
            raise AccessDenied(AccessRule.PLACER, call.place.user)
        if not after_call.takes_remarks(call):
            raise NothingToSay
        return call

    async def _beside(self, place: Place, call: Call) -> Place:
        """Return *place*; from a Home, the channel of the card, if they have called there."""
        if place.channel or not call.card_channel:
            return place
        known = FollowUps(self._store).has_called_in(place.person, call.card_channel)
        return replace(place, channel=call.card_channel) if await known else place

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
