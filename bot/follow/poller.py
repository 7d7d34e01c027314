"""Asks for the status of a call that is followed, as often as its account's budget allows."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from bot.calls import following, live_status, patience
from bot.calls.call import Call, State, Status
from bot.calls.lag import UNKNOWN
from bot.calls.listening import seldom
from bot.calls.timing import Timing
from bot.errors import (
    BotError,
    CredentialsRefused,
    Disconnected,
    NotFound,
    RateLimited,
    Refused,
    RingCentralError,
    StoreUnavailable,
)
from bot.follow.moves import Moves
from bot.follow.ports import Accounts

log = logging.getLogger(__name__)

MANY_LIVE = 200
COUNT_EVERY, COUNT_MANY_EVERY = 0.1, 1.0
"""Seconds between two counts of the followed calls, and with more than `MANY_LIVE`."""


class Poller:
    """Takes the step of `State.FOLLOWING`."""

    def __init__(
        self,
        moves: Moves,
        accounts: Accounts,
        flows: Callable[[str], bool] = lambda _: False,
    ) -> None:
        self._moves = moves
        self._accounts = accounts
        self.flows = flows
        """Whether pushed events of an account arrive."""
        self._live: dict[str, int] = {}
        """How many calls of each account are followed."""
        self._count_at = 0.0

    async def count(self) -> None:
        """Count the calls that are polled, from time to time.

        If that fails, the last count is used: claimed calls must not be forgotten.
        """
        if self._moves.clock.monotonic() < self._count_at:
            return
        with contextlib.suppress(StoreUnavailable):
            self._live = await self._moves.store.counted_by_account(State.FOLLOWING)
        many = sum(self._live.values()) > MANY_LIVE
        pause = COUNT_MANY_EVERY if many else COUNT_EVERY
        self._count_at = self._moves.clock.monotonic() + pause

    async def poll(self, call: Call) -> None:
        """Ask for the call's status once, and store what follows from the answer.

        If the call was only woken to be shown, edit its card instead.
        """
        begun = self._moves.clock.now()
        if call.poll_at is not None and call.poll_at > begun:
            await self._moves.move(
                call, lambda c: replace(c, next_at=c.poll_at or begun, poll_at=None)
            )
            return
        rings = self._accounts.telephony(call.account).ring_outs
        try:
            status = await rings.status(call.ringout_id)
        except (RingCentralError, CredentialsRefused) as error:
            await self._without_status(call, error)
        else:
            await self._with_status(call, status, begun)

    async def _with_status(self, call: Call, status: Status, begun: datetime) -> None:
        now, timing = self._moves.clock.now(), self._moves.timing
        late = begun - (call.due_at or begun)
        stretch = self._interval(call.account)
        pause = self.pause(call.account) if self.flows(call.account) else None
        lag = UNKNOWN
        if live_status.is_over(status) and call.terminal_at is None:
            lag = await self._accounts.log_lag(call.account).get()
        await self._moves.move(
            call,
            lambda c: following.after_status(
                c, status, now, timing, stretch, late, begun, lag, pause
            ),
            live_status.status_note(call.status, status),
        )

    def pause(self, account: str) -> timedelta:
        """Return the pause between two polls of a call whose events flow."""
        return seldom(self._moves.timing, self._interval(account))

    def _interval(self, account: str) -> timedelta:
        """Return the pause between two polls of a call, as its account's budget allows."""
        telephony = self._accounts.telephony(account)
        return timedelta(seconds=telephony.poll_interval(self._live.get(account, 1)))

    async def _without_status(self, call: Call, error: BotError) -> None:
        if isinstance(error, Refused) and not isinstance(error, NotFound):
            log.warning("call %s: status refused: %s", call.id, error)
        now, timing = self._moves.clock.now(), self._moves.timing
        note = "signed out" if isinstance(error, Disconnected) else ""
        await self._moves.move(call, lambda c: _after(error, c, now, timing), note)


def _after(error: BotError, call: Call, now: datetime, timing: Timing) -> Call:
    """Return *call* after a status request that failed with *error*."""
    match error:
        case NotFound():
            return following.gone(call, now, timing)
        case RateLimited():
            wait = timedelta(seconds=max(error.retry_after, 0.05))
            return patience.put_off(call, wait, now, timing)
        case Refused():
            return patience.status_refused(call, now, timing)
        case Disconnected():
            return following.signed_out(call, now)
        case _:
            return patience.unanswered(call, now, timing)
