"""A hook without HTTP: calls whose events wait, and a receiver that answers as it is told."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from bot.calls.exported import ShownNumbers
from bot.hooks.deliveries import Deliveries
from bot.hooks.events import ToldOfCalls
from bot.hooks.receiver import Receiver, Target
from bot.hooks.schedule import HookAnswer
from bot.storage.calls.store import Store
from bot.storage.hooks.outbox import EventKind, Outbox, add_event
from bot.telemetry.measures import Measures
from fakes import FakeClock
from intents import NOON, a_call, add_call

ADDRESS = "https://hook.example/calls"
TAKEN, FAILS, GONE = (HookAnswer(each, f"HTTP {each}") for each in (204, 500, 410))


class Scripted(Receiver):
    """Answers what *answer* returns; keeps what it was sent, as often as it came.

    It hangs while `open` is not set.
    """

    def __init__(self, answer: Callable[[str], HookAnswer] = lambda _: TAKEN) -> None:
        super().__init__(Target(url=ADDRESS, secrets=()))
        self.answer = answer
        self.sent: list[tuple[str, str]] = []
        """Each try: the event's id, and its call's."""
        self.taken: list[str] = []
        """The ids of the events that were taken."""
        self.came = asyncio.Event()
        self.open = asyncio.Event()
        self.open.set()
        self.now = self.most = 0
        """How many tries are under way, and how many were at most."""

    async def send(self, message: str, body: bytes, now: datetime) -> HookAnswer:
        """Answer as it is told to."""
        del now
        self.sent.append((message, json.loads(body)["data"]["call"]))
        self.now += 1
        self.most = max(self.most, self.now)
        self.came.set()
        try:
            await self.open.wait()
        finally:
            self.now -= 1
        answer = self.answer(message)
        if answer is TAKEN:
            self.taken.append(message)
        return answer


@dataclass
class Hooked:
    """One process with a hook, on *store*."""

    store: Store
    receiver: Scripted = field(default_factory=Scripted)
    clock: FakeClock = field(default_factory=FakeClock)
    measures: Measures = field(default_factory=Measures)
    look_within: float = 7 * 86_400.0
    """Longer than anything waits: each look finds something due."""
    outbox: Outbox = field(init=False)
    deliveries: Deliveries = field(init=False)

    def __post_init__(self) -> None:
        """Make the parts."""
        store = self.store
        self.outbox = Outbox(store.writer, ADDRESS, store.unreadable)
        self.deliveries = Deliveries(
            self.outbox,
            self.receiver,
            ToldOfCalls(ShownNumbers.MASKED, with_private=False),
            self.clock,
            self.measures,
            look_within=self.look_within,
        )

    async def ended(self, call_id: str, events: int = 1) -> None:
        """Store a call, and that it has ended: as often as there are to be events."""
        made = a_call(id=call_id, key=f"key-{call_id}")
        await add_call(self.store, made, most=999, again=True)
        for _ in range(events):
            await self.store.writer.run(
                lambda c: add_event(c, EventKind.CALL_ENDED, call_id, NOON)
            )

    async def look(self, *, times: int = 1) -> None:
        """Send what is due, and what becomes due by that; at the end time has passed."""
        for _ in range(times):
            pause = await self.deliveries.look()
            self.clock.pass_by(pause)

    async def until_told(self) -> None:
        """Go on until nothing waits."""
        while (await self.outbox.waiting()).count:
            await self.look()

    def counted(self, outcome: str) -> float:
        """Return a figure of the metrics."""
        for line in self.measures.text().decode().splitlines():
            if line.startswith(f'ringout_hook_events_total{{outcome="{outcome}"}}'):
                return float(line.rpartition(" ")[2])
        return 0.0
