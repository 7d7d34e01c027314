"""What people do to an open call: cancel it, hang it up."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from bot.accounts.registry import Accounts
from bot.calls import following, live_status
from bot.calls.call import Call, End, State, Why
from bot.calls.hanging_up import (
    after_hanging_up,
    begin_to_hang_up,
    begin_to_stop,
    can_be_hung_up,
    denied_or,
    why_not,
    why_not_stopped,
)
from bot.calls.live_view import as_seen
from bot.calls.telling import Canceled, HungUp
from bot.clock import Clock
from bot.errors import (
    CredentialsRefused,
    NotFound,
    NotSent,
    RateLimited,
    Refused,
    RingCentralError,
)
from bot.ringcentral.call_control import CallControlApi
from bot.storage.calls.store import Store
from bot.switchboard.sessions import Sessions
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
        self._sessions = Sessions(store, clock)

    async def stop(self, call: Call) -> Canceled | HungUp:
        """Stop *call* while a phone rings; a talk goes on, and the answer says so.

        Once the callee's phone may ring, only hanging up surely stops it, which would end
        a talk too: one more Light request asks whether there is one by now.
        """
        if not can_be_hung_up(call):
            return await self.cancel(call)
        if begin_to_stop(call, self._clock.now()) is None:
            return why_not_stopped(call)
        if (other := await self._looked_at(call)) is not None:
            return other
        return await self._ended(call, begin_to_stop, why_not_stopped)

    async def end(self, call: Call) -> Canceled | HungUp:
        """End *call*, whether a phone rings or both sides talk."""
        if can_be_hung_up(call) or as_seen(call).connected:
            return await self.hang_up(call)
        return await self.cancel(call)

    async def _looked_at(self, call: Call) -> Canceled | HungUp | None:
        """Ask for the status of *call*; return why it is not stopped, None if it can be."""
        ring_outs = self._accounts.telephony(call.account).ring_outs
        try:
            status = await ring_outs.status(call.ringout_id)
        except NotFound:
            return HungUp.OVER
        except RateLimited as error:
            raise CancelLimited(error.retry_after) from None
        except (RingCentralError, CredentialsRefused) as error:
            log.info("call %s: its status was not read: %s", call.id, error)
            return HungUp.TROUBLE
        return Canceled.CONNECTED if live_status.is_connected(status) else None

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
        if call.state is not State.FOLLOWING or as_seen(call).connected:
            return Canceled.TOO_LATE if call.may_go_on else Canceled.OVER
        # Before the request: if its answer is lost, or this process dies, the log's
        # "Stopped" must not be read as a call that was picked up on another phone.
        now = self._clock.now()
        marked = await self._mark_canceled(call, now)
        if marked is None:
            return Canceled.OVER
        was_asked = marked.cancelled_at != now
        return Canceled.ASKED if was_asked else await self._canceled(marked)

    async def _canceled(self, call: Call) -> Canceled:
        """Send the request for *call*, which is marked."""
        ring_outs = self._accounts.telephony(call.account).ring_outs
        try:
            await ring_outs.cancel(call.ringout_id)
        except NotFound:
            await self._unmark(call)
            return Canceled.TOO_LATE
        except RateLimited as error:
            await self._unmark(call)
            raise CancelLimited(error.retry_after) from None
        except (NotSent, Refused) as error:
            log.warning("call %s: RingCentral could not cancel it: %s", call.id, error)
            await self._unmark(call)
            return Canceled.TROUBLE
        except RingCentralError as error:
            log.warning("call %s: may have been canceled: %s", call.id, error)
            return Canceled.TROUBLE
        return Canceled.ASKED

    async def hang_up(self, call: Call) -> Canceled | HungUp:
        """End *call* for both sides, by the account that placed it.

        Costs one or two Light requests if its session is known, else up to nine to find
        that. A session is ended only if it is surely this call's, and by one request.
        """
        return await self._ended(call, begin_to_hang_up, why_not)

    async def _ended(
        self,
        call: Call,
        begin: Callable[[Call, datetime], Call | None],
        why_not_begun: Callable[[Call | None], Canceled | HungUp],
    ) -> Canceled | HungUp:
        """Hang *call* up if *begin* takes what is stored of it."""
        call_context.from_here(call.id)
        if not call.may_go_on:
            return HungUp.OVER
        if not call.is_controllable:
            return HungUp.NOT_ALLOWED
        now = self._clock.now()
        begun = await self._store.change(
            call.id, lambda c: begin(c, now), now, "hanging up"
        )
        if begun is None:
            return why_not_begun(await self._store.get(call.id))
        self._changed(begun)
        try:
            ended = await self._hung_up(begun)
        except RateLimited as error:
            await self._settled(begun, HungUp.TROUBLE)
            raise CancelLimited(error.retry_after) from None
        await self._settled(begun, ended)
        return ended

    async def _hung_up(self, call: Call) -> HungUp:
        control = self._accounts.telephony(call.account).call_control
        try:
            session = call.session_id or await self._sessions.own(call, control)
        except RateLimited:
            raise
        except (RingCentralError, CredentialsRefused) as error:
            log.info("call %s: its session was not found: %s", call.id, error)
            return denied_or(error, HungUp.TROUBLE)
        try:
            if session and not await self._goes_on(call, session):
                return HungUp.OVER
        except RateLimited:
            raise
        except (RingCentralError, CredentialsRefused) as error:
            log.info("call %s: its status was not read: %s", call.id, error)
            return HungUp.TROUBLE
        return await self._dropped(call, control, session) if session else HungUp.UNSURE

    async def _goes_on(self, call: Call, session: str) -> bool:
        """Whether *call* may be what is going on in *session*.

        A session with another id than its RingOut may be of a RingOut that the same person
        has begun elsewhere since this one ended, which only its own status tells.
        """
        if session == call.ringout_id:
            return True
        ring_outs = self._accounts.telephony(call.account).ring_outs
        try:
            status = await ring_outs.status(call.ringout_id)
        except NotFound:
            return False
        return not live_status.is_over(status)

    async def _dropped(
        self, call: Call, control: CallControlApi, session: str
    ) -> HungUp:
        try:
            await control.drop(session)
        except NotFound:
            return HungUp.OVER
        except Refused as error:
            log.warning("call %s: RingCentral could not hang up: %s", call.id, error)
            return denied_or(error, HungUp.TROUBLE)
        except RateLimited:
            raise
        except (NotSent, CredentialsRefused) as error:
            log.info("call %s: not hung up: %s", call.id, type(error).__name__)
            return HungUp.TROUBLE
        except RingCentralError as error:
            log.warning("call %s: may have been hung up: %s", call.id, error)
            return HungUp.MAYBE
        log.info("call %s: hung up", call.id)
        return HungUp.ASKED

    async def _settled(self, call: Call, ended: HungUp) -> None:
        now = self._clock.now()
        moved = await self._store.change(
            call.id,
            lambda c: after_hanging_up(c, ended, now),
            now,
            f"hang-up: {ended.value}",
        )
        if moved is not None:
            self._changed(moved)

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

    async def _mark_canceled(self, call: Call, now: datetime) -> Call | None:
        """Store that RingCentral is asked to cancel *call*, unless it was asked before.

        Returns the call as it is stored then; None if it is over meanwhile.
        """

        def decide(stored: Call) -> Call | None:
            if stored.state is not State.FOLLOWING:
                return None
            if stored.cancelled_at is not None:
                return stored
            soon = min(stored.next_at, now + timedelta(seconds=1))
            return replace(stored, cancelled_at=now, next_at=soon)

        return await self._changed_by(call, decide, "cancel asked")

    async def _unmark(self, marked: Call) -> None:
        """Take that back: RingCentral has surely done nothing."""

        def decide(stored: Call) -> Call | None:
            if stored.cancelled_at != marked.cancelled_at:
                return None
            return replace(stored, cancelled_at=None)

        await self._changed_by(marked, decide, "not canceled")

    async def _changed_by(
        self, call: Call, decide: Callable[[Call], Call | None], note: str
    ) -> Call | None:
        moved = await self._store.change(call.id, decide, self._clock.now(), note)
        if moved is not None:
            self._changed(moved)
        return moved
