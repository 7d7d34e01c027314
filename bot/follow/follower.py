"""Claims the calls that are due and takes the next step of each. One per process.

A row's ``next_at`` is both its timer and its lease. However a process ends, the next one
to claim a call learns from its state what may have happened and what may still be done;
`bot.calls.following` has a drawing of the states.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from dataclasses import replace
from datetime import datetime

from bot.background import Background
from bot.calls import patience
from bot.calls.call import Call, State
from bot.errors import StoreUnavailable
from bot.follow.moves import Moves
from bot.follow.placer import Placer
from bot.follow.poller import Poller
from bot.follow.recorder import Recorder
from bot.follow.reporter import Reporter
from bot.follow.resting import Look
from bot.lanes import LaneLimits, Lanes
from bot.storage.calls.claiming import Claimed
from bot.telemetry import spans

log = logging.getLogger(__name__)

MOST_STEPS = 256
"""The most steps in flight, each with one request at most: as many as the writes that can
share a commit. A claim makes PostgreSQL sort all due rows, so a few large claims cost
less than many small ones."""

NEW = LaneLimits(at_once=8, slow=MOST_STEPS, slow_of_one=MOST_STEPS)
"""The first steps of new calls in flight, on top of those. The number is low so that in a
burst of commands the acks go first; a step whose answer is slow makes room for another."""

ROOM_WAIT = 0.1
"""The longest wait for half of the slots to be free, in seconds."""


class Follower:
    """Follows every open call of the database until `stop`."""

    def __init__(
        self,
        moves: Moves,
        placer: Placer,
        poller: Poller,
        recorder: Recorder,
        reporter: Reporter,
    ) -> None:
        self._moves = moves
        self._placer = placer
        self._poller = poller
        self._recorder = recorder
        self._reporter = reporter
        self._steps = Background()
        self._new = Background()
        self._turns = Lanes(NEW)
        self._busy: list[str] = []
        """The calls whose steps are in flight. One may be there twice: the log has shown
        its result while its status was being asked for."""
        self._unstored: list[Call] = []
        """Calls whose step ended because the database failed; nothing is in flight."""
        self._unanswered: set[datetime] = set()
        """For each claim whose answer was lost: the end of the leases it may have taken."""
        self._stopping = False
        self._room = asyncio.Event()
        """Set when half of the slots are free again."""
        self._due = moves.calls_due

    def begin(self, call: Call) -> None:
        """Take the first step of a new call, which this process has stored and holds."""
        self._new.start(self._first(call), name=f"call {call.id}")

    async def run(self) -> None:
        """Claim calls and take their steps until stopped, and read the log meanwhile.

        If a bug ends one of the two, both end: a process must not follow calls without
        reading the log, or the other way around.
        """
        recorder = asyncio.create_task(self._read_log(), name="call log")
        recorder.add_done_callback(lambda _: self._due.claims.ring())
        try:
            while not self._stopping:
                if recorder.done():
                    recorder.result()
                self._due.claims.reset()
                look = await self._claim()
                if look is None:
                    await self._wait_for_room()
                else:
                    await self._due.claims.rest(look)
        finally:
            recorder.cancel()
            await asyncio.gather(recorder, return_exceptions=True)

    def halt(self) -> frozenset[str]:
        """Stop claiming; return the ids of calls whose steps are in flight."""
        self._stopping = True
        self._due.set()
        return frozenset(self._busy)

    async def stop(self, patience: float) -> None:
        """Stop claiming; give the steps in flight *patience* seconds to end."""
        self.halt()
        new, old = await asyncio.gather(
            self._new.settle(patience), self._steps.settle(patience)
        )
        left = new + old
        if left:
            log.info("%d steps in flight are left for the next start", left)

    async def _claim(self) -> Look | None:
        """Claim due calls and start their steps; return None if more may be due."""
        free = MOST_STEPS - len(self._steps)
        if free <= 0:
            return None
        try:
            await self._give_back()
            claimed = await self._claimed(free)
        except StoreUnavailable:
            await self._moves.clock.sleep(1)
            return self._looked(self._moves.clock.now())
        if any(call.state is State.FOLLOWING for call in claimed.calls):
            await self._poller.count()
        if self._stopping:  # the process releases its calls before it ends
            return self._looked(None)
        for call in claimed.calls:
            self._steps.start(self._step(call), name=f"call {call.id}")
        if len(claimed.calls) < free:
            return self._looked(claimed.next_at)
        self._room.clear()
        return None

    def _looked(self, next_at: datetime | None) -> Look:
        return Look(self._moves.clock.now(), next_at)

    async def _claimed(self, most: int) -> Claimed:
        """Claim due calls; if the answer is lost, remember the lease it may have taken."""
        now = self._moves.clock.now()
        lease = self._moves.timing.waits.step_lease
        try:
            return await self._moves.store.claim(self._moves.me, now, lease, most)
        except StoreUnavailable:
            self._unanswered.add(now + lease)
            raise

    async def _give_back(self) -> None:
        """Make calls due now that this process holds but does not work on.

        Otherwise their leases would have to run out first. They are calls of a claim that
        was committed although its answer was lost, and calls whose step could not be
        stored, if their row is unchanged: before a step that may ring a phone, the row is
        stored as ``placing``.
        """
        now = self._moves.clock.now()
        for until in sorted(each for each in self._unanswered if each > now):
            await self._moves.store.end_leases(self._moves.me, until, now)
        self._unanswered.clear()
        calls, self._unstored = self._unstored, []
        try:
            await asyncio.gather(*(self._due_again(call) for call in calls))
        except StoreUnavailable:
            self._unstored += calls
            raise

    async def _due_again(self, call: Call) -> None:
        now = self._moves.clock.now()

        def decide(stored: Call) -> Call | None:
            ours = (stored.state, stored.attempt) == (call.state, call.attempt)
            return replace(stored, next_at=now) if ours else None

        await self._moves.store.change(call.id, decide, now)

    async def _wait_for_room(self) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(ROOM_WAIT):
                await self._room.wait()
            self._room.clear()

    async def _read_log(self) -> None:
        while True:
            self._due.log.reset()
            try:
                next_at = await self._recorder.read_if_due()
            except StoreUnavailable:
                await self._moves.clock.sleep(1)
                next_at = self._moves.clock.now()
            await self._due.log.rest(self._looked(next_at))

    async def _first(self, call: Call) -> None:
        """Take the first step of a new call when one of the `NEW` slots is free."""
        async with self._turns.lane(call.id):
            await self._step(call)

    async def _step(self, call: Call) -> None:
        """Take the next step of *call*; if it fails, another one follows."""
        with spans.of_call(call.id, f"step {call.state}", state=call.state):
            await self._stepped(call)

    async def _stepped(self, call: Call) -> None:
        self._busy.append(call.id)
        try:
            match call.state:
                case State.REQUESTED:
                    await self._placer.place(call)
                case State.PLACING:
                    await self._placer.settle(call)
                case State.FOLLOWING:
                    await self._poller.poll(call)
                case State.REPORTING:
                    await self._reporter.report(call)
                case State.CLOSING:
                    await self._reporter.show_again(call)
                case _:
                    log.error("call %s: unknown state %s", call.id, call.state)
        except StoreUnavailable:
            log.warning(
                "call %s: the database failed; its step is tried again", call.id
            )
            if call.state is not State.PLACING:
                self._unstored.append(call)
                self._due.claims.ring()
        except Exception:  # one bad row must not stop the other calls
            log.exception("call %s: a step from %s failed", call.id, call.state)
            await self._failed(call)
        finally:
            self._busy.remove(call.id)
            if len(self._busy) <= MOST_STEPS // 2:
                self._room.set()

    async def _failed(self, call: Call) -> None:
        """Make a step due again that failed because of a bug of ours, but not forever."""
        now = self._moves.clock.now()

        def decide(stored: Call) -> Call | None:
            if stored.attempt != call.attempt:
                return None
            return patience.faulted(stored, now, self._moves.timing)

        try:
            moved = await self._moves.store.change(call.id, decide, now)
        except StoreUnavailable:
            log.warning(
                "call %s: the database failed; its step is tried again", call.id
            )
        else:
            if moved is not None and moved.state is State.DONE:
                log.error("call %s: its result could not be posted", call.id)
