"""Finds the telephony session of a call that is to be hung up."""

from __future__ import annotations

import logging

from bot.calls.call import Call
from bot.calls.matching.session_match import LONGEST_SESSION, session_owner
from bot.calls.sessions.session import TelephonySession
from bot.clock import Clock
from bot.errors import NotFound, RateLimited, Refused, RingCentralError
from bot.ringcentral.call_control import CallControlApi
from bot.storage.calls.store import Store

log = logging.getLogger(__name__)


class Sessions:
    """The sessions of calls, of which none may be taken for another's."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def own(self, call: Call, control: CallControlApi) -> str:
        """Return the id of the one session that is surely *call*'s; empty if none is."""
        for way, look in ((_by_ring_out, _existing), (_by_presence, _readable)):
            found = [await look(control, each) for each in await way(call, control)]
            own = {each.id for each in found if each and await self._is_own(each, call)}
            if own:
                return own.pop() if len(own) == 1 else ""
        return ""

    async def _is_own(self, session: TelephonySession, call: Call) -> bool:
        """Whether *session* is *call*'s, and no other call of that account may have it."""
        since = self._clock.now() - LONGEST_SESSION
        calls = await self._store.with_session(call.account, session.id, since)
        owner = session_owner(session, calls)
        return owner is not None and owner.id == call.id


async def _by_ring_out(call: Call, control: CallControlApi) -> list[str]:
    """Return the RingOut's own id, which may be its session's, too."""
    del control
    return [call.ringout_id]


async def _by_presence(call: Call, control: CallControlApi) -> list[str]:
    """Return the sessions that the account's user is in now; none if that is not shown.

    Presence has a permission of its own: without it, calls can still be hung up.
    """
    try:
        return await control.active()
    except Refused as error:
        log.info("call %s: no presence is shown: %s", call.id, error)
        return []


async def _existing(
    control: CallControlApi, session_id: str
) -> TelephonySession | None:
    try:
        return await control.session(session_id)
    except NotFound:
        return None


async def _readable(
    control: CallControlApi, session_id: str
) -> TelephonySession | None:
    """Return a session that presence shows; None if it is over, refused or not read.

    Presence also shows calls in which the person is for somebody else. RingCentral may
    refuse these: that says nothing of the person's own.
    """
    try:
        return await control.session(session_id)
    except RateLimited:
        raise
    except RingCentralError as error:
        log.info("a session that presence shows was not read: %s", error)
        return None
