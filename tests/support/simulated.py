"""The real follower, recorder, store and budget, with a simulated RingCentral.

In virtual time: hundreds of calls take seconds. RingCentral's limits are its defaults.
"""

from __future__ import annotations

import asyncio
import statistics
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from bot.background import Background
from bot.calls.call import Call, Status
from bot.calls.log.leg import Record
from bot.calls.numbers.phone import PhoneNumber
from bot.calls.sessions.session import PartyRole, SessionEvent, SessionParty
from bot.calls.telling import Kind
from bot.calls.timing import Timing
from bot.errors import NotFound, RateLimited
from bot.follow.follower import Follower
from bot.follow.moves import Moves
from bot.follow.placer import Placer
from bot.follow.poller import Poller
from bot.follow.pushed import PushedEvents
from bot.follow.recorder import Recorder
from bot.follow.reporter import Reporter
from bot.follow.waking import CallsDue
from bot.ringcentral.gate import InMemoryGate
from bot.ringcentral.purposes import Purpose
from bot.ringcentral.transport.wire import Rate
from bot.storage.calls.store import Store
from bot.storage.database.jobs import Job
from bot.storage.shared.user_state import UserState
from builders import record, to_caller, to_subscriber
from desk import Far
from intents import NOON, a_call, add_call
from virtual_time import VirtualClock

LATENCY = 0.15
"""Seconds that RingCentral and Slack take to answer."""

RING, FORGOTTEN_AFTER = 4.0, 12.0
WINDOW = 60.0
LIMITS = {"heavy": 10, "light": 50}
RINGING = Status("InProgress", "InProgress", "InProgress")
INITIATOR, TARGET = PartyRole.INITIATOR, PartyRole.TARGET
UP = Status("InProgress", "Success", "InProgress")
TALKING = Status("Success", "Success", "Success")
OVER = Status("Success", "Finished", "Finished")


@dataclass(slots=True)
class Talk:
    """A call at RingCentral. Times are seconds of the virtual clock."""

    id: str
    placed: float
    seconds: float
    lag: float
    callee: str = ""
    told: float = 0.0
    known: float = 0.0
    """When a status showed its end."""
    asked: int = 0
    """How often its status was asked for."""

    @property
    def ended(self) -> float:
        """When they hung up."""
        return self.placed + RING + self.seconds

    @property
    def readable(self) -> float:
        """When the log shows it."""
        return self.ended + self.lag

    @property
    def waited(self) -> float:
        """How long after the log showed it the person was told."""
        return self.told - self.readable


@dataclass(slots=True)
class Planned:
    """How long the next call will be, and how late its record."""

    seconds: float
    lag: float


@dataclass(frozen=True, slots=True)
class Pushes:
    """How RingCentral pushes events of calls.

    Attributes:
        late: Seconds from a change to its event.
        callees: Whether those of the callee's party arrive, too.
        loses: Whether an event is lost, by its number in the call's life.
    """

    late: float = 0.07
    callees: bool = True
    loses: Callable[[int], bool] = lambda _: False


@dataclass(slots=True)
class Server:
    """RingCentral's side of one rate group: a sliding window."""

    limit: int
    hits: deque[float] = field(default_factory=deque)
    refused: int = 0

    def ask(self, now: float) -> Rate | None:
        """Count a request; None if it is over the limit."""
        while self.hits and self.hits[0] <= now - WINDOW:
            self.hits.popleft()
        if len(self.hits) >= self.limit:
            self.refused += 1
            return None
        self.hits.append(now)
        return Rate("", self.limit, self.limit - len(self.hits), WINDOW)


class SimulatedFar(Far):
    """Slack and RingCentral: one account, with the real rate budget before it."""

    def __init__(self, clock: VirtualClock, pushes: Pushes | None = None) -> None:
        super().__init__()
        self.clock = clock
        self.pushes = pushes
        self.pushed: PushedEvents
        self.events = Background()
        self.waited: list[Purpose] = []
        """The requests that had to wait for the rate limit."""
        self.gate = InMemoryGate(clock.monotonic)
        self.servers = {name: Server(limit) for name, limit in LIMITS.items()}
        self.talks: dict[str, Talk] = {}
        self.planned: deque[Planned] = deque()
        self.all_told = asyncio.Event()
        self.reads: list[float] = []
        self.least_free = LIMITS["heavy"]
        """The fewest Heavy requests that a read of the log has left."""

    async def _ask(self, purpose: Purpose) -> None:
        wait = await self.gate.enter(purpose)
        if wait > 0:
            self.waited.append(purpose)
            raise RateLimited(wait, purpose.group)
        await asyncio.sleep(LATENCY)
        rate = self.servers[purpose.group].ask(self.clock.monotonic())
        if rate is None:
            await self.gate.leave(purpose, None, (60.0, purpose.group))
            raise RateLimited(60.0, purpose.group)
        await self.gate.leave(purpose, replace(rate, group=purpose.group), None)

    def poll_interval(self, open_calls: int) -> float:
        """Return what the real budget says."""
        return self.gate.known.poll_interval(open_calls)

    def token_scopes(self) -> frozenset[str]:
        """Return nothing: the app may not hang up."""
        return frozenset()

    def log_spacing(self, horizon: float) -> float:
        """Return what the real budget says."""
        return self.gate.log_spacing(horizon)

    async def place(
        self, caller: str, callee: str, *, before: float, caller_id: str, prompt: bool
    ) -> Any:
        """Place the next planned call."""
        del before, caller_id, prompt
        await self._ask(Purpose.PLACE)
        plan, now = self.planned.popleft(), self.clock.monotonic()
        talk = Talk(f"s-{len(self.talks)}", now, plan.seconds, plan.lag, callee)
        self.talks[talk.id] = talk
        if self.pushes is not None:
            self.events.start(self._push(talk, caller, self.pushes), name=talk.id)
        return _Placed(talk.id, RINGING, self.clock.now())

    async def status(self, ringout_id: str) -> Status:
        """Answer a poll as the call goes."""
        await self._ask(Purpose.STATUS)
        talk, now = self.talks[ringout_id], self.clock.monotonic()
        talk.asked += 1
        if now >= talk.ended:
            talk.known = talk.known or now
        if now >= talk.ended + FORGOTTEN_AFTER:
            raise NotFound(404)
        if now >= talk.ended:
            return OVER
        if now >= talk.placed + RING:
            return TALKING
        return UP if now >= talk.placed + RING / 2 else RINGING

    async def _push(self, talk: Talk, caller: str, pushes: Pushes) -> None:
        """Push the events of a call as it goes."""
        life = [
            (0.0, INITIATOR, "Proceeding"),
            (RING / 2, INITIATOR, "Answered"),
            (RING / 2, TARGET, "Proceeding"),
            (RING, TARGET, "Answered"),
            (RING + talk.seconds, TARGET, "Disconnected"),
            (RING + talk.seconds, INITIATOR, "Disconnected"),
        ]
        for number, (after, role, code) in enumerate(life):
            due = talk.placed + after + pushes.late
            await self.clock.sleep(max(due - self.clock.monotonic(), 0))
            hidden = role is TARGET and not pushes.callees
            if hidden or pushes.loses(number):
                continue
            party = SessionParty(
                id=f"p-{talk.id}-{role}",
                code=code,
                role=role,
                caller=talk.callee if role is INITIATOR else "+16505550190",
                callee=caller if role is INITIATOR else talk.callee,
            )
            event = SessionEvent(
                uuid=f"{talk.id}-{number}",
                session_id=talk.id,
                sequence=number,
                at=self.clock.now(),
                origin="RingOut",
                parties=(party,),
            )
            await self.pushed.on_event("", event)

    async def read(self, *, since: datetime) -> tuple[Record, ...]:
        """Return the records that are there."""
        del since
        await self._ask(Purpose.LOG)
        now = self.clock.monotonic()
        self.reads.append(now)
        server = self.servers["heavy"]
        self.least_free = min(self.least_free, server.limit - len(server.hits))
        return tuple(_record(t) for t in self.talks.values() if t.readable <= now)

    async def post(
        self, call: Call, kind: Kind, channel: str, *, before: float
    ) -> tuple[str, str]:
        """Note when the reply was posted."""
        await asyncio.sleep(LATENCY)
        if kind is Kind.REPLY:
            self.talks[call.ringout_id].told = self.clock.monotonic()
            if not self.planned and all(t.told for t in self.talks.values()):
                self.all_told.set()
        return await super().post(call, kind, channel, before=before)


@dataclass(frozen=True, slots=True)
class _Placed:
    id: str
    status: Status
    at: datetime | None


@dataclass(frozen=True, slots=True)
class Measured:
    """What people waited for, and what it cost."""

    waits: tuple[float, ...]
    reads: tuple[int, ...]
    """Log reads of each round."""
    refused: int
    least_free: int
    asked: tuple[int, ...]
    """How often each call's status was asked for."""
    known: tuple[float, ...]
    """Seconds from each call's end until a status showed it."""
    waited: tuple[Purpose, ...]

    @property
    def median(self) -> float:
        """The median wait from "record readable" to told, in seconds."""
        return statistics.median(self.waits)

    @property
    def longest(self) -> float:
        """The longest wait, in seconds."""
        return max(self.waits)


async def simulate(
    rounds: Sequence[Sequence[Planned]],
    pause: float = 30.0,
    *,
    pushes: Pushes | None = None,
    limits: Mapping[str, int] | None = None,
    apart: float = 0.0,
) -> Measured:
    """Place the calls of each round, and the next round when all were told.

    They are placed at once, or *apart* by so many seconds.
    """
    clock = VirtualClock()
    far = SimulatedFar(clock, pushes)
    for name, limit in (limits or {}).items():
        far.servers[name].limit = limit
    due = CallsDue(clock)
    store = await _store(due)
    far.turns = UserState(store.writer, "me")
    moves = Moves(
        store=store,
        board=far,
        clock=clock,
        timing=Timing(),
        me="me",
        calls_due=due,
    )
    recorder, placer = Recorder(moves, far), Placer(moves, far, far)
    poller = Poller(moves, far, lambda _: pushes is not None)
    far.pushed = PushedEvents(moves, poller)
    follower = Follower(moves, placer, poller, recorder, Reporter(moves))
    running = asyncio.create_task(follower.run())
    waits: list[float] = []
    reads: list[int] = []
    for number, plans in enumerate(rounds):
        far.planned.extend(plans)
        far.all_told.clear()
        before = len(far.reads)
        for index in range(len(plans)):
            name = f"c{number}-{index}"
            callee = PhoneNumber(f"+1415555{number * 10 + index:04}")
            now = clock.now()
            call = a_call(id=name, key=name, callee=callee, asked_at=now, next_at=now)
            await add_call(store, call, most=9999, again=True)
            follower.begin(call)
            await clock.sleep(apart)
        await far.all_told.wait()
        done = list(far.talks.values())[-len(plans) :]
        waits += [talk.waited for talk in done]
        reads.append(len(far.reads) - before)
        await clock.sleep(pause)
    follower.halt()
    await running
    await far.events.settle(0)
    await far.pushed.stop()
    refused = sum(server.refused for server in far.servers.values())
    talks = far.talks.values()
    return Measured(
        tuple(waits),
        tuple(reads),
        refused,
        far.least_free,
        tuple(each.asked for each in talks),
        tuple(each.known - each.ended for each in talks),
        tuple(far.waited),
    )


async def _store(due: CallsDue) -> Store:
    """Return a store in memory, whose writer works in this thread."""
    store = Store("sqlite:///:memory:", "me", on_change=due.changed)

    async def at_once(job: Job) -> Any:
        store.writer._commit([job])
        return await job.done

    store.writer._submit = at_once  # type: ignore[method-assign]
    await store.migrate()
    await store.open()
    return store


def _record(talk: Talk) -> Record:
    seconds = talk.seconds
    legs = (
        to_caller("Call connected", seconds=seconds + RING, session=talk.id),
        to_subscriber("Call connected", seconds=seconds, session=talk.id),
    )
    made = record(f"r-{talk.id}", legs=legs, seconds=seconds, session=talk.id)
    return replace(made, started_at=NOON + timedelta(seconds=talk.placed))
