"""Real processes and two doubles, while a seeded random source injects faults."""

from __future__ import annotations

import asyncio
import random
import signal
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from autopsy import stories
from bot.sandbox.limits import Limits
from hands import Hands
from postgres import Server
from process import Process
from sight import CHANCES, STORIES, Played, untold
from town import Town
from verdict import Verdict, judge
from wires import Wire

HERE = Path(__file__).parent
TOKENS_LIVE = 40
"""Seconds; short, so that log-ins meet faults, too."""

SOME_LATE = 75.0
"""The most seconds that a delivery is late, by default."""

READY_WITHIN = 120.0
"""Seconds; generous, because a busy machine is slow, not broken."""

STOPPED_WITHIN = 60.0
DURING_START = 0.2
"""The share of kills and pauses that may hit a process before it is ready."""

SETTLE = 260.0
"""Seconds after the last fault until every call must have its result.

Longer than the search for a lost call (90 s, then up to 60 s until the next read), a
lease (40 s) and the longest time-outs, one after another.
"""


@dataclass
class Storm:
    """One run: *calls* commands during faults, then a calm, then a verdict."""

    town: Town
    url: str
    seed: int
    calls: int
    processes: int
    server: Server | None = None
    late: float = SOME_LATE
    per_second: float = 4.0
    faults: Counter[str] = field(default_factory=Counter)
    acts: list[str] = field(default_factory=list)
    """What was broken and when, by the clock of the doubles' ledgers."""
    fleet: list[Process] = field(default_factory=list)
    retired: list[Process] = field(default_factory=list)
    told: str = ""
    """What databases and doubles know of lost calls."""
    text: str = ""
    """The logs of all processes, kept after their folder is deleted."""

    def __post_init__(self) -> None:
        """Derive everything from one seed."""
        self.random = random.Random(self.seed)
        self.numbers = [f"+1415{3300000 + index}" for index in range(self.calls)]
        self.hands = Hands(self.town, self.seed, self.late, self.numbers, self.faults)
        self.wire = Wire(self.town, self.random, self.faults)
        self.blind: list[tuple[float, float]] = []
        self._over = asyncio.Event()
        self._spared = asyncio.Event()

    async def run(self) -> Verdict:
        """Run the storm; return its verdict."""
        self.town.ringcentral.limits = Limits(
            light=400, medium=400, heavy=60, auth=50, window=2, penalty=2
        )
        self.town.ringcentral.logins.expires_in = TOKENS_LIVE
        self.town.ringcentral.push.permit()
        self.fleet = [self._process() for _ in range(self.processes)]
        try:
            return await self._play()
        finally:
            await self._end()

    async def _play(self) -> Verdict:
        for process in self.fleet:
            await process.ready(READY_WITHIN)
        breaking = asyncio.create_task(self._break())
        pressing = asyncio.create_task(self.hands.press())
        try:
            await self._dial()
            await self.wire.meet_all(self._one_more, self._spared.set)
            await self.hands.settle()
        finally:
            self._over.set()
            pressing.cancel()
            await asyncio.gather(breaking, pressing, return_exceptions=True)
        breaking.result()  # an exception here is the bench's own fault
        await self.hands.settle()
        await self._calm()
        verdict = judge(self.town, self._played())
        if verdict.losses or verdict.duplicates or verdict.wrong:
            self.told = await stories(
                self.town,
                self.url,
                [*untold(self.town, self._played()), *verdict.wrongly_told],
            )
        return verdict

    def _played(self) -> Played:
        hands = self.hands
        return Played(
            self.numbers,
            hands.accepted,
            hands.again,
            hands.canceled,
            processes=self.processes,
            broken=self.faults.total(),
            unmet=self.wire.unmet(),
            blind=self.blind,
        )

    def logs(self) -> str:
        """Return what all processes wrote."""
        acts = "".join(f"{act}\n" for act in self.acts)
        return (
            self.told
            + acts
            + "".join(each.log for each in (*self.retired, *self.fleet))
        )

    def _process(self) -> Process:
        env = self.town.environment(
            DATABASE_URL=self.url,
            RINGOUT_CALLS_PER_MINUTE="10000",
            RINGOUT_POLL_SECONDS="0.2",
            RINGOUT_LOG_GIVE_UP_SECONDS="90",
            PYTHONPATH=str(HERE),
            CHAOS_SKEW=str(self._skew()),
        )
        return Process(self.town.folder, env)

    def _skew(self) -> float:
        """Return how wrong a new process's clock is; most are right.

        With a single process all clocks are right: it has no other to compare with.
        """
        if self.processes == 1:
            return 0.0
        off = self.random.choice((0.0, 0.0, 0.0, 0.0, -3600.0, -40.0, 40.0, 3600.0))
        self.faults["wrong clock"] += off != 0
        return off

    async def _dial(self) -> None:
        """Type one command after another; Slack delivers some late and some twice."""
        for number in self.numbers:
            self._call(number)
            await asyncio.sleep(self.random.expovariate(self.per_second))

    def _one_more(self) -> None:
        self.numbers.append(f"+1415{3300000 + len(self.numbers)}")
        self._call(self.numbers[-1])

    def _call(self, number: str) -> None:
        story = self.random.choices(STORIES, CHANCES)[0]
        self.faults["RingCentral 429"] += story == "429-post"
        self.town.ringcentral.plan(number, story)
        self.hands.type(number)

    async def _break(self) -> None:
        """Inject faults until the end, and finish what was started.

        If this were canceled halfway, a process that was told to stop would not be
        replaced, and nobody would post the results of its calls.
        """
        on_wires: list[tuple[Callable[[], object], int]] = [
            (self.wire.slack, 6),
            (self.wire.ringcentral, 6),
            (self._cut, 1),
            (self.wire.events, 3),
        ]
        on_processes: list[tuple[Callable[[], object], int]] = [
            (self._kill, 2),
            (self._pause, 2),
            (self._stop, 1),
            (self._jump, 1),
        ]
        if self.server is not None:
            on_processes.append((self._database, 1))
        while not self._over.is_set():
            await asyncio.sleep(self.random.uniform(0.3, 1.5))
            acts = on_wires if self._spared.is_set() else on_wires + on_processes
            [act] = self.random.choices([a for a, _ in acts], [n for _, n in acts])
            before, begun = self.faults.copy(), time.monotonic()
            result = act()
            if asyncio.iscoroutine(result):
                await result
            what = ", ".join(self.faults - before)
            self.acts.append(f"{begun:.2f} to {time.monotonic():.2f} {what}")

    def _victim(self) -> Process | None:
        """Return a process; seldom a starting one, or a slow machine gets none up."""
        ready = [each for each in self.fleet if "ready" in each.log]
        any_of = self.random.random() < DURING_START
        chosen = self.fleet if any_of else ready
        return self.random.choice(chosen) if chosen else None

    @contextmanager
    def _blind(self) -> Iterator[None]:
        """Record when no process could have shared what RingCentral had answered."""
        begun = time.monotonic()
        yield
        self.blind.append((begun, time.monotonic()))

    async def _kill(self) -> None:
        await self._replace("kill -9", lambda process: process.kill())

    async def _stop(self) -> None:
        await self._replace("SIGTERM", lambda process: process.child.terminate())

    async def _replace(self, name: str, end: Callable[[Process], None]) -> None:
        old = self._victim()
        if old is None:
            return
        if old.child.returncode is not None:
            name = f"exit code {old.child.returncode}"
        self.faults[name] += 1
        with self._blind():
            with suppress(ProcessLookupError):  # it has already exited
                end(old)
            await old.ended(STOPPED_WITHIN)
        await asyncio.sleep(self.random.uniform(0, 1.5))
        self.retired.append(old)
        new = self.fleet[self.fleet.index(old)] = self._process()
        await new.start()

    async def _pause(self) -> None:
        process = self._victim()
        if process is None:
            return
        self.faults["SIGSTOP"] += 1
        with suppress(ProcessLookupError), self._blind():
            process.child.send_signal(signal.SIGSTOP)
            try:
                await asyncio.sleep(self.random.choice((0.5, 2.0, 8.0)))
            finally:
                process.child.send_signal(signal.SIGCONT)

    def _jump(self) -> None:
        process = self._victim()
        if process is not None and "ready" in process.log:  # no handler earlier
            self.faults["clock jump"] += 1
            process.child.send_signal(signal.SIGUSR1)

    async def _cut(self) -> None:
        self.faults["socket cut"] += 1
        await self.town.slack.sockets.cut()

    async def _database(self) -> None:
        assert self.server is not None
        self.faults["database restart"] += 1
        mode = self.random.choice(("fast", "immediate"))
        with self._blind():
            await asyncio.to_thread(self.server.stop, mode)
            await asyncio.sleep(self.random.uniform(0, 1))
            await asyncio.to_thread(self.server.start)

    async def _calm(self) -> None:
        """Stop injecting faults, and wait until every call has its result."""
        self.town.slack.faults.clear()
        self.town.ringcentral.faults.clear()
        self.wire.quiet_events()
        for index, process in enumerate(self.fleet):
            if process.child.returncode is not None:
                self.retired.append(process)
                self.fleet[index] = self._process()
                await self.fleet[index].start()
        until = time.monotonic() + SETTLE
        while untold(self.town, self._played()) and time.monotonic() < until:
            await asyncio.sleep(1)

    async def _end(self) -> None:
        for process in self.fleet:
            process.kill()
        for process in self.fleet:
            if process.has_begun:
                await process.ended(READY_WITHIN)
