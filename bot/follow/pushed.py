"""Takes pushed events of telephony sessions: shows them, and has a status asked for.

An event may arrive at any process. What it tells is stored with the call; the process that
holds the call shows it. An event that is no call's of ours changes nothing.
"""

from __future__ import annotations

import logging
from datetime import timedelta

from bot.background import Background
from bot.calls.call import Call, State
from bot.calls.listening import after_pushed
from bot.calls.matching.session_match import LONGEST_SESSION, roles_in, session_owner
from bot.calls.sessions.session import RING_OUT_ORIGIN, SessionEvent
from bot.errors import StoreUnavailable
from bot.follow.moves import Moves
from bot.follow.poller import Poller

log = logging.getLogger(__name__)

PLACING_LOOKS = (0.2, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0)
"""Pauses in seconds between looks for the call of an event that came before RingCentral's
answer to its POST."""

MOST_EARLY = 64
"""Events that wait for such an answer; more are dropped."""


class PushedEvents:
    """Takes the events of all accounts; see `on_event`."""

    def __init__(self, moves: Moves, poller: Poller) -> None:
        self._moves = moves
        self._poller = poller
        self._early = Background()

    async def on_event(self, account: str, event: SessionEvent) -> None:
        """Store and show what *event* says of a call of *account*. Never raises.

        An event that is lost because the database can't be reached costs no more than one
        that never came.
        """
        if event.origin != RING_OUT_ORIGIN:
            return
        try:
            known = await self._told(account, event)
        except StoreUnavailable:
            log.info("an event was dropped: the database can't be reached")
            return
        if not known and len(self._early) < MOST_EARLY:
            self._early.start(self._later(account, event), name="early event")

    async def stop(self) -> None:
        """Drop the events whose calls are not placed yet."""
        await self._early.settle(0)

    async def _told(self, account: str, event: SessionEvent) -> bool:
        """Tell the event's call; return False if that may be one that is being placed."""
        since = self._moves.clock.now() - LONGEST_SESSION
        calls = await self._moves.store.with_session(account, event.session_id, since)
        call = session_owner(event.session, calls)
        if call is None:
            return not any(each.state is State.PLACING for each in calls)
        await self._tell(call, event)
        return True

    async def _tell(self, call: Call, event: SessionEvent) -> None:
        now, timing = self._moves.clock.now(), self._moves.timing
        pause = timedelta(0)
        if self._poller.flows(call.account):
            pause = self._poller.pause(call.account)
        roles = roles_in(event.session, call)
        me = self._moves.me

        def decide(stored: Call) -> Call | None:
            ours = stored.held_by in ("", me)
            return after_pushed(stored, event, roles, now, timing, pause, ours=ours)

        await self._moves.after_event(call.id, decide)

    async def _later(self, account: str, event: SessionEvent) -> None:
        """Look again for the call of *event* until no call is being placed."""
        for pause in PLACING_LOOKS:
            await self._moves.clock.sleep(pause)
            try:
                if await self._told(account, event):
                    return
            except StoreUnavailable:
                return
