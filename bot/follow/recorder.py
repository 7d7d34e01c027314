"""Reads the call log for all calls that wait for their record: one read, many calls."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.background import Background
from bot.calls import following, log_schedule, patience
from bot.calls.call import Call
from bot.calls.lag import Lag
from bot.calls.live_view import was_callee_reached
from bot.calls.log import outcome
from bot.calls.log.facts import Known, facts_of
from bot.calls.log.leg import Entry
from bot.calls.matching import matching, settled
from bot.calls.matching.waiting import has_id, sought, started
from bot.calls.people.record_name import in_record
from bot.errors import (
    CredentialsRefused,
    Disconnected,
    RateLimited,
    RingCentralError,
    StoreUnavailable,
)
from bot.follow.moves import Moves
from bot.follow.ports import Accounts
from bot.telemetry import spans

log = logging.getLogger(__name__)

ACCOUNTS_AT_ONCE = 64
"""The most accounts whose logs are read at the same time, slow answers included. How many
requests run at once is limited by `bot.lanes`."""

AFTER_A_FAULT = timedelta(seconds=5)
"""The wait before an account's log is read again after a bug of ours."""

SETTLE_WITHIN = 15.0
"""Seconds that a stop waits for reads in flight."""

TURN_TAKEN = timedelta(seconds=1)
"""The wait before looking again when another process has just read the log."""

EARLIER_BY = timedelta(seconds=90)
"""How long before the first POST the log is read: a record may start before its POST."""


@dataclass(frozen=True, slots=True)
class Read:
    """One read of an account's log.

    Attributes:
        at: When it was sent.
        due: The ids of the calls for which it was made; others wait too.
        lag: What was known of the account's lag.
    """

    at: datetime
    due: frozenset[str]
    lag: Lag


class Recorder:
    """Looks for the records of all calls that are over, as far as RingCentral has said.

    It takes the step of `State.RECORDING`. For a call that is still followed, because
    RingCentral has not forgotten it yet, it looks as well.
    """

    def __init__(self, moves: Moves, accounts: Accounts) -> None:
        self._moves = moves
        self._accounts = accounts
        self._not_before: dict[str, datetime] = {}
        self._reading = Background()
        self._busy: set[str] = set()

    async def read_if_due(self) -> datetime | None:
        """Start a read of each account's log that is due and may be read again.

        Returns when the next one is due; None if none is. The end of each read wakes us,
        too: it may have kept others waiting.
        """
        now = self._moves.clock.now()
        later = []
        for account, due in await self._moves.store.due_by_account():
            at = max(due, self._not_before.get(account, due))
            if account in self._busy:
                continue
            if at > now:
                later.append(at)
            elif len(self._busy) < ACCOUNTS_AT_ONCE:
                self._busy.add(account)
                self._reading.start(self._read_safely(account), name="call log")
        return min(later, default=None)

    async def settle(self) -> None:
        """Wait for the reads in flight."""
        await self._reading.settle(SETTLE_WITHIN)

    async def _read_safely(self, account: str) -> None:
        try:
            await self.read(account)
        except StoreUnavailable:
            log.warning("the call log was not read: the database failed")
        except Exception:  # the logs of other accounts still have to be read
            log.exception("reading the call log failed")
            await self._failed(account)
        finally:
            self._busy.discard(account)
            self._moves.calls_due.log.ring()

    async def _failed(self, account: str) -> None:
        """Make the account's calls due again after a bug of ours, but not forever."""
        now = self._moves.clock.now()
        self._not_before[account] = now + AFTER_A_FAULT
        try:
            for call in await self._moves.store.awaiting_record(account):
                if _is_due(call, now):
                    await self._faulted(call)
        except StoreUnavailable:
            log.warning("the call log was not read: the database failed")

    async def _faulted(self, call: Call) -> None:
        now = self._moves.clock.now()

        def decide(stored: Call) -> Call | None:
            if stored.state is not call.state:
                return None
            return patience.log_faulted(stored, now, self._moves.timing)

        # Not by `move`, which shows the card: that may be what failed.
        await self._moves.store.change(call.id, decide, now)

    async def read(self, account: str) -> None:
        """Read an account's log once for all its calls that wait for a record.

        One process reads for the calls of all processes. Costs Heavy requests.
        """
        now = self._moves.clock.now()
        timing = self._moves.timing
        until = now + timedelta(seconds=log_schedule.CLOSE_GAP) * timing.tempo
        self._not_before[account] = until
        if not await self._accounts.user_state(account).log_turn(now, until):
            self._not_before[account] = now + min(until - now, TURN_TAKEN)
            return
        waiting = await self._moves.store.awaiting_record(account)
        due = [call for call in waiting if _is_due(call, now)]
        if not due:
            return
        await self._space_out(account, waiting, now)
        since = min(started(call) for call in waiting) - EARLIER_BY
        try:
            records = await self._accounts.telephony(account).call_log.read(since=since)
        except RateLimited as error:
            wait = timedelta(seconds=max(error.retry_after, 0.05))
            later = self._not_before[account] = self._moves.clock.now() + wait
            await self._accounts.user_state(account).no_log_before(later)
            timing = self._moves.timing
            await self._unread([c for c in due if patience.is_overdue(c, now, timing)])
            return
        except Disconnected:
            await self._signed_out(waiting)
            return
        except (RingCentralError, CredentialsRefused) as error:
            log.warning("the call log can't be read: %s", error)
            await self._unread(due)
            return
        read = Read(now, frozenset(call.id for call in due), await self._lag(account))
        found = await self._settle(waiting, read, matching.group(records), since)
        await self._learn(account, found, now)

    async def _space_out(
        self, account: str, waiting: Sequence[Call], now: datetime
    ) -> None:
        """Put the account's next read off where Heavy is scarce."""
        close = log_schedule.horizon(waiting, now, self._moves.timing)
        spacing = self._accounts.telephony(account).log_spacing(close)
        until = now + timedelta(seconds=spacing)
        if until > self._not_before[account]:
            self._not_before[account] = until
            await self._accounts.user_state(account).no_log_before(until)

    async def _lag(self, account: str) -> Lag:
        return await self._accounts.log_lag(account).get()

    async def _learn(self, account: str, found: Sequence[Call], now: datetime) -> None:
        """Learn from the calls whose record a read at *now* has shown by its id."""
        seen = [log_schedule.sighting(call, now, self._moves.timing) for call in found]
        told = [each for each in seen if each is not None]
        if told:
            await self._accounts.log_lag(account).learn(told, self._moves.clock.now())

    async def _settle(
        self,
        waiting: Sequence[Call],
        read: Read,
        entries: Sequence[Entry],
        since: datetime,
    ) -> list[Call]:
        """Give each waiting call its record, or the time of its next read.

        Returns the calls whose final record was found by its id.
        """
        claimed = await self._moves.store.adopted(
            record for entry in entries for record in entry.ids
        )
        ours = {call.ringout_id for call in waiting}
        others = await self._moves.store.ringout_ids(since) - ours
        given = matching.assign(
            [sought(call, counted=self._counts(call, read)) for call in waiting],
            entries,
            claimed=claimed,
            foreign_ids=others,
        )
        found = []
        for call in waiting:
            with spans.of_call(call.id, "step recording", state=call.state):
                if await self._one_safely(call, given.get(call.id), read):
                    found.append(call)
        return found

    def _counts(self, call: Call, read: Read) -> bool:
        """Whether this read counts as one that should have shown the call's record."""
        return call.id in read.due and log_schedule.counts(
            call, read.at, self._moves.timing
        )

    async def _one_safely(self, call: Call, entry: Entry | None, read: Read) -> bool:
        try:
            return await self._one(call, entry, read)
        except StoreUnavailable:
            raise
        except Exception:  # the results of other calls still have to be reported
            log.exception("call %s: a step from %s failed", call.id, call.state)
            await self._faulted(call)
            return False

    async def _one(self, call: Call, entry: Entry | None, read: Read) -> bool:
        """Return whether the call's final record was found by its id."""
        timing = self._moves.timing
        own = entry is not None and has_id(entry, call.ringout_id)
        result = None
        if entry is not None:
            result = outcome.of(
                entry,
                call.callee,
                canceled=call.was_stopped,
                reached=was_callee_reached(call),
            )
        if (
            entry is None
            or result is None
            or settled.may_change(call, result, read.at, timing)
        ):
            await self._not_yet(call, read, own=own, running=entry is not None)
            return False
        final, ids, now = result, entry.ids, self._moves.clock.now()
        log.info("call %s: recorded after %d reads", call.id, call.reads + 1)
        logged = facts_of(entry, Known(call.caller, call.callee, call.ringout_id))
        name, recording = in_record(entry, call.callee), entry.recording
        moved = await self._moves.after_read(
            call,
            lambda c: replace(
                following.found(c, final, ids, now, name),
                logged=logged,
                recording=recording,
            ),
            f"record {ids}",
        )
        return own and moved is not None

    async def _not_yet(
        self, call: Call, read: Read, *, own: bool, running: bool
    ) -> None:
        """Store when the log is next read for a call that this read did not settle."""
        now, timing = read.at, self._moves.timing

        def decide(stored: Call) -> Call | None:
            if call.id not in read.due:
                return log_schedule.served(stored, now, timing, read.lag)
            if stored.reads != call.reads:
                # Another process has read meanwhile, and has planned the next read. Two
                # reads that each were the first must not count as a second one, which
                # gives up: neither was allowed to match by numbers.
                return None
            return following.not_found(
                stored, now, timing, own_id_shown=own, running=running, lag=read.lag
            )

        if decide(call) != call:
            await self._moves.after_read(call, decide)

    async def _signed_out(self, waiting: Sequence[Call]) -> None:
        """End the calls of an account whose sign-in has ended, with unknown results."""
        now = self._moves.clock.now()
        for call in waiting:
            await self._moves.after_read(
                call, lambda c: following.signed_out(c, now), "signed out"
            )

    async def _unread(self, due: Sequence[Call]) -> None:
        now = self._moves.clock.now()
        for call in due:
            await self._moves.after_read(
                call,
                lambda c: patience.unread(c, timedelta(0), now, self._moves.timing),
            )


def _is_due(call: Call, now: datetime) -> bool:
    at = log_schedule.read_at(call)
    return at is not None and at <= now
