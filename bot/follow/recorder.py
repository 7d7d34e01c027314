"""Reads the call log for all calls that wait for their record: one read, many calls."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from bot.background import Background
from bot.calls import following, matching, outcome, patience
from bot.calls.call import Call, State
from bot.calls.leg import Entry
from bot.calls.log_facts import Known, facts_of
from bot.calls.matching import Sought
from bot.calls.outcome import Ending
from bot.calls.record_name import in_record
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

ACCOUNTS_AT_ONCE = 8
"""The most accounts whose logs are read at the same time."""

AFTER_A_FAULT = timedelta(seconds=5)
SETTLE_WITHIN = 15.0
TURN_TAKEN = timedelta(seconds=1)
"""The wait before looking again when another process has just read the log."""

EARLIER_BY = timedelta(seconds=90)
"""How long before the first POST the log is read: a record may start before its POST."""


class Recorder:
    """Takes the step of `State.RECORDING` for all such calls at once."""

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
        for account, due in await self._moves.store.due_by_account(State.RECORDING):
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
        state = State.RECORDING
        try:
            for call in await self._moves.store.in_state(state, account=account):
                if call.next_at <= now:
                    await self._faulted(call)
        except StoreUnavailable:
            log.warning("the call log was not read: the database failed")

    async def _faulted(self, call: Call) -> None:
        now = self._moves.clock.now()

        def decide(stored: Call) -> Call | None:
            if stored.attempt != call.attempt or stored.state is not call.state:
                return None
            return patience.faulted(stored, now, self._moves.timing)

        # Not by `move`, which shows the card: that may be what failed.
        await self._moves.store.change(call.id, decide, now)

    async def read(self, account: str) -> None:
        """Read an account's log once for all its calls that wait for a record.

        One process reads for the calls of all processes. Costs Heavy requests.
        """
        now = self._moves.clock.now()
        until = now + self._moves.timing.log_spacing
        self._not_before[account] = until
        if not await self._accounts.user_state(account).log_turn(now, until):
            wait = min(self._moves.timing.log_spacing, TURN_TAKEN)
            self._not_before[account] = now + wait
            return
        waiting = await self._moves.store.in_state(State.RECORDING, account=account)
        due = [call for call in waiting if call.next_at <= now]
        if not due:
            return
        since = min(_started(call) for call in waiting) - EARLIER_BY
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
        await self._settle(waiting, due, matching.group(records), since)

    async def _settle(
        self,
        waiting: Sequence[Call],
        due: Sequence[Call],
        entries: Sequence[Entry],
        since: datetime,
    ) -> None:
        """Give each waiting call its record, or the time of its next read."""
        due_ids = {call.id for call in due}
        claimed = await self._moves.store.adopted(
            record for entry in entries for record in entry.ids
        )
        ours = {call.ringout_id for call in waiting}
        others = await self._moves.store.ringout_ids(since) - ours
        given = matching.assign(
            [_sought(call, counted=call.id in due_ids) for call in waiting],
            entries,
            claimed=claimed,
            foreign_ids=others,
        )
        for call in waiting:
            entry = given.get(call.id)
            if entry is not None or call.id in due_ids:
                with spans.of_call(call.id, "step recording", state=call.state):
                    await self._one_safely(call, entry)

    async def _one_safely(self, call: Call, entry: Entry | None) -> None:
        try:
            await self._one(call, entry)
        except StoreUnavailable:
            raise
        except Exception:  # the results of other calls still have to be reported
            log.exception("call %s: a step from %s failed", call.id, call.state)
            await self._faulted(call)

    async def _one(self, call: Call, entry: Entry | None) -> None:
        now = self._moves.clock.now()
        cancelled = call.cancelled_at is not None
        result = None
        if entry is not None:
            result = outcome.of(entry, call.callee, cancelled=cancelled)
        if entry is not None and result is not None and not self._partial(call, result):
            found, ids = result, entry.ids
            logged = facts_of(entry, Known(call.caller, call.callee, call.ringout_id))
            name = in_record(entry, call.callee)
            log.info("call %s: recorded after %d reads", call.id, call.reads + 1)
            await self._moves.move(
                call,
                lambda c: replace(
                    following.found(c, found, ids, now, name), logged=logged
                ),
                f"record {ids}",
            )
            return
        if call.next_at > now:
            return
        shown = entry is not None and _has_id(entry, call.ringout_id)
        await self._moves.move(
            call,
            lambda c: following.not_found(
                c,
                now,
                self._moves.timing,
                own_id_shown=shown,
                running=entry is not None,
            ),
        )

    def _partial(self, call: Call, result: outcome.Outcome) -> bool:
        """Whether the caller's record may still come: the log may get it later."""
        since = self._moves.clock.now() - (call.ended_at or call.asked_at)
        return (
            result.caller.ending is Ending.NOT_LOGGED
            and since < self._moves.timing.log_delay * 3
        )

    async def _signed_out(self, waiting: Sequence[Call]) -> None:
        """End the calls of an account whose sign-in has ended, with unknown results."""
        now = self._moves.clock.now()
        for call in waiting:
            await self._moves.move(
                call, lambda c: following.signed_out(c, now), "signed out"
            )

    async def _unread(self, due: Sequence[Call]) -> None:
        now = self._moves.clock.now()
        for call in due:
            await self._moves.move(
                call,
                lambda c: patience.unread(c, timedelta(0), now, self._moves.timing),
            )


def _started(call: Call) -> datetime:
    return call.placed_at or call.sent_at or call.asked_at


def _has_id(entry: Entry, ringout_id: str) -> bool:
    record = entry.record
    ids = {record.telephony_session_id, *(g.telephony_session_id for g in record.legs)}
    return bool(ringout_id) and ringout_id in ids


def _sought(call: Call, *, counted: bool) -> Sought:
    """Return what to look for; *counted*: the call is due, so this read counts for it."""
    if call.caller is None:  # no call is sent without one
        raise ValueError(call.id)
    return Sought(
        call_id=call.id,
        ringout_id=call.ringout_id,
        caller=call.caller,
        callee=call.callee,
        sent_at=_started(call),
        reads=call.reads + 1 if counted else call.reads,
        failed=not call.connected and following.has_failed(call.status),
        connected=call.connected,
        alive_at=_alive_at(call),
    )


def _alive_at(call: Call) -> datetime | None:
    """Return when a status last showed it going on, by RingCentral's clock.

    The version before stored only when the status last changed.
    """
    at = call.alive_at
    if at is None and call.seen and call.status and not following.is_over(call.status):
        at = call.changed_at
    if at is None or call.placed_at is None or call.sent_at is None:
        return None
    return at + (call.placed_at - call.sent_at)
