"""A child that follows many calls of many accounts with the real follower and store.

RingCentral and Slack are values in memory, so that only the following is measured.
``--bare`` polls the same way with nothing but asyncio.
"""

from __future__ import annotations

import argparse
import asyncio
import resource
import sys
import time
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import insert

from bot.calls.call import Call, Place, State, Status
from bot.calls.log.leg import Record
from bot.calls.numbers.phone import PhoneNumber
from bot.calls.people.phones import Choice
from bot.calls.telling import Kind, Note
from bot.calls.timing import Timing
from bot.clock import RealClock
from bot.cluster.member import Member
from bot.follow.follower import Follower
from bot.follow.moves import Moves
from bot.follow.placer import Placer
from bot.follow.poller import Poller
from bot.follow.recorder import Recorder
from bot.follow.reporter import Reporter
from bot.follow.waking import CallsDue
from bot.ringcentral.ring_out import RingOut
from bot.storage.calls.store import Store
from bot.storage.calls.tables import calls, to_row
from bot.storage.shared.log_lags import LogLag
from bot.storage.shared.user_state import UserState
from children import rss_mb, say
from table import percentile

RINGING = Status("InProgress", "Success", "InProgress")
QUIET = timedelta(seconds=1)
"""`following.interval` gives five of these to a quiet call; `Far.every` is longer."""

FULL = 4 * 3600.0


@dataclass
class Far:
    """RingCentral, Slack and the default phone; records when each poll was due."""

    every: float
    due: dict[str, datetime] = field(default_factory=dict)
    late: list[float] = field(default_factory=list)
    polls: int = 0
    unseen: set[str] = field(default_factory=set)
    all_seen: asyncio.Event = field(default_factory=asyncio.Event)
    clock: RealClock = field(default_factory=RealClock)
    turns: UserState = field(init=False)

    async def of(self, account: str, number: PhoneNumber) -> None:
        """Return no name."""

    async def status(self, ringout_id: str) -> Status:
        """Count a poll, and record how late it is."""
        due = self.due.get(ringout_id)
        if due is not None:
            self.late.append((self.clock.now() - due).total_seconds())
        self.polls += 1
        if self.unseen:
            self.unseen.discard(ringout_id)
            if not self.unseen:
                self.all_seen.set()
        await asyncio.sleep(0)
        return RINGING

    def show(self, call: Call, *, last: bool = False) -> None:
        """Record when the next poll is due."""
        del last
        self.due[call.ringout_id] = call.next_at

    def poll_interval(self, open_calls: int) -> float:
        """Return the interval, whatever *open_calls* says: they have many accounts."""
        del open_calls
        return self.every

    def log_spacing(self, horizon: float) -> float:
        """Return zero: no call here ends."""
        return 0.0 * horizon

    def log_lag(self, account: str) -> LogLag:
        """Never called: no call here ends."""
        raise NotImplementedError(account)

    def token_scopes(self) -> frozenset[str]:
        """Return nothing: the app may not hang up."""
        return frozenset()

    def clock_ahead(self) -> float:
        """Return zero: RingCentral's clock is ours."""
        return 0.0

    def telephony(self, account: str) -> Far:
        """Return the RingCentral of any account: this object."""
        del account
        return self

    @property
    def ring_outs(self) -> Far:
        """Return this object, which also places and polls."""
        return self

    @property
    def call_log(self) -> Far:
        """Return this object, which is also the call log."""
        return self

    def user_state(self, account: str) -> UserState:
        """Return the user states, for log turns that nobody takes."""
        del account
        return self.turns

    async def place(
        self, caller: str, callee: str, *, before: float, caller_id: str, prompt: bool
    ) -> RingOut:
        """Never called: no call here is new."""
        raise NotImplementedError(caller, callee, before, caller_id, prompt)

    async def read(self, *, since: datetime) -> tuple[Record, ...]:
        """Never called: no call here ends."""
        raise NotImplementedError(since)

    async def first(self, call: Call) -> Choice:
        """Never called: every call has its phone."""
        raise NotImplementedError(call)

    async def check(self, account: str) -> None:
        """Never called: no call here is new."""
        raise NotImplementedError(account)

    async def post(
        self, call: Call, kind: Kind, channel: str, *, before: float
    ) -> tuple[str, str]:
        """Never called: every call has its card."""
        raise NotImplementedError(call, kind, channel, before)

    async def find(self, call: Call, kind: Kind, channel: str) -> str | None:
        """Never called: nothing is posted."""
        raise NotImplementedError(call, kind, channel)

    async def direct(self, place: Place) -> str:
        """Never called: nothing is posted."""
        raise NotImplementedError(place)

    async def tell(self, call: Call, note: Note) -> None:
        """Never called: no call here ends."""
        raise NotImplementedError(call, note)

    async def tell_result(self, call: Call) -> None:
        """Never called: no call here ends."""
        raise NotImplementedError(call)


def a_call(number: int, now: datetime, every: float, count: int) -> Call:
    """Return an open call of a different person; polls are spread evenly."""
    return Call(
        id=f"c{number:06d}",
        key=f"k{number}",
        place=Place(team=f"T{number % 50}", channel="C0SALES", user=f"U{number}"),
        caller=PhoneNumber("+16505550101"),
        callee=PhoneNumber(f"+1415{2_000_000 + number}"),
        asked_at=now,
        sent_at=now,
        placed_at=now,
        changed_at=now,
        taken_by="before",
        state=State.FOLLOWING,
        attempt=1,
        ringout_id=f"s-{number:06d}",
        next_at=now + timedelta(seconds=every * (number + 1) / count),
        status=RINGING,
        seen=True,
        card_channel="C0SALES",
        card_tried=True,
        card_ts=f"1.{number:06d}",
    )


async def filled(store: Store, count: int, every: float, now: datetime) -> list[Call]:
    """Put open calls straight into the database."""
    made = [a_call(number, now, every, count) for number in range(count)]
    rows = [to_row(call) for call in made]
    for start in range(0, count, 1000):
        part = rows[start : start + 1000]
        await store.writer.run(lambda c, part=part: c.execute(insert(calls), part))  # type: ignore[misc]
    return made


async def followed(options: argparse.Namespace) -> None:
    """Follow the calls for a while, and return the cost."""
    begun = time.monotonic()
    far = Far(every=options.every)
    due = CallsDue(far.clock)
    store = Store(options.url, options.me, on_change=due.changed)
    if options.fill:
        await store.migrate()
    await store.open()
    if options.fill:
        for call in await filled(store, options.calls, options.every, far.clock.now()):
            far.due[call.ringout_id] = call.next_at
    if options.calls:
        far.unseen = {f"s-{number:06d}" for number in range(options.calls)}
    moves = Moves(
        store=store,
        board=far,
        clock=far.clock,
        timing=Timing(poll=QUIET),
        me=options.me,
        calls_due=due,
    )
    member = Member(store, far.clock, due.set, on_heartbeat=lambda _: None)
    far.turns = member.user_state("bench")
    if options.take_up:
        await member.start()
    follower = Follower(
        moves,
        Placer(moves, far, far),
        Poller(moves, far),
        Recorder(moves, far),
        Reporter(moves),
    )
    tasks = [asyncio.create_task(follower.run())]
    if options.take_up:
        beats = member.tasks(90, 365)
        tasks += [asyncio.create_task(each) for each in beats.values()]
    say(ready=time.monotonic() - begun)
    if options.until_seen:
        await far.all_seen.wait()
        say(all_seen=time.monotonic() - begun)
    await measured(far, options)
    for task in tasks:
        task.cancel()


async def measured(far: Far, options: argparse.Namespace) -> None:
    """Warm up, then measure polls, lateness and processor time."""
    await asyncio.sleep(options.warm)
    far.late.clear()
    polls, cpu, begun = far.polls, time.process_time(), time.monotonic()
    await asyncio.sleep(options.seconds)
    passed = time.monotonic() - begun
    done = far.polls - polls
    say(
        polls=done / passed,
        cpu_ms=(time.process_time() - cpu) / max(done, 1) * 1000,
        cpu_share=(time.process_time() - cpu) / passed,
        late_p50_ms=percentile(far.late or [FULL], 50) * 1000,
        late_p99_ms=percentile(far.late or [FULL], 99) * 1000,
        rss_mb=rss_mb(),
        peak_mb=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    )


async def bare(options: argparse.Namespace) -> None:
    """Poll at the same rate with one asyncio task per call, storing nothing."""
    far = Far(every=options.every)

    async def one(number: int) -> None:
        identity = f"s-{number:06d}"
        wait = options.every * (number + 1) / options.calls
        while True:
            far.due[identity] = far.clock.now() + timedelta(seconds=wait)
            await asyncio.sleep(wait)
            await far.status(identity)
            wait = options.every

    tasks = [asyncio.create_task(one(number)) for number in range(options.calls)]
    say(ready=0.0)
    await measured(far, options)
    for task in tasks:
        task.cancel()


def main() -> None:
    """Read the arguments, and measure."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--url", default="")
    parser.add_argument("--me", default="bench")
    parser.add_argument("--calls", type=int, default=0)
    parser.add_argument("--every", type=float, default=5.0)
    parser.add_argument("--warm", type=float, default=2.0)
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--bare", action="store_true")
    parser.add_argument("--fill", action="store_true")
    parser.add_argument("--take-up", action="store_true")
    parser.add_argument("--until-seen", action="store_true")
    parser.add_argument("--profile", type=Path)
    options = parser.parse_args()
    if options.profile:
        import cProfile

        profile = cProfile.Profile()
        profile.enable()
    asyncio.run(bare(options) if options.bare else followed(options))
    if options.profile:
        profile.disable()
        profile.dump_stats(options.profile)
    sys.stdout.flush()


if __name__ == "__main__":
    main()
