"""Who may ask what, and when: RingCentral's rate groups, learnt from its headers.

Limits are per user, app and group in a sliding window, and a request inside a penalty
restarts it (RingCentral developer guide, "Rate Limits"). A use counts from when it is
sent until a window after its answer: later than RingCentral counts it, so ours is the
stricter sum. Time is handed in, in seconds of a clock that never jumps.

`Budget` decides; a `Gate` keeps one user's: `InMemoryGate` in this process, another one
where several processes act as that user (`bot.cluster.budget`).
"""

from __future__ import annotations

import json
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Protocol

from bot.ringcentral.transport.wire import Rate


class Purpose(Enum):
    """Why RingCentral is asked: the value is the group it is expected to be in."""

    PLACE = ("heavy", "place")
    CANCEL = ("heavy", "cancel")
    LOG = ("heavy", "log")
    HISTORY = ("heavy", "history")
    STATUS = ("light", "status")
    ACCOUNT = ("light", "account")
    FEATURE = ("medium", "feature")
    SIGN_IN = ("auth", "sign-in")

    @property
    def group(self) -> str:
        """The group that the documents name; the headers decide."""
        return self.value[0]


SHARES = {
    Purpose.LOG: 0.4,
    Purpose.HISTORY: 0.3,
    Purpose.STATUS: 0.9,
}
"""The part of its group that a purpose may use: reads of the log leave the rest of
Heavy to new calls, and polls leave some of Light to questions."""

READS = (Purpose.LOG, Purpose.HISTORY)
READS_SHARE = 0.5

POLLS = 0.8
"""The part of Light that all polls together are planned for."""

FIRST = 0.05
"""Seconds between looks whether a group's first answer is there: until it tells the
limit, one request at a time is sent, or a burst right after a start would exceed it."""

LONGEST = 60.0
"""Seconds after which a request that was never answered is taken for answered: its
process has died."""


@dataclass(slots=True)
class _Group:
    limit: int = 0
    window: float = 60.0
    closed_until: float = 0.0
    flying: deque[tuple[float, Purpose | None]] = field(default_factory=deque)
    """When each request was sent that was not answered yet, and what for."""
    used: deque[tuple[float, Purpose | None]] = field(default_factory=deque)
    """When each use was answered, and what for; None for another program's."""

    def trim(self, now: float) -> None:
        """Forget what has left the window."""
        while self.flying and self.flying[0][0] <= now - LONGEST:
            _, purpose = self.flying.popleft()
            self.used.append((now, purpose))
        while self.used and self.used[0][0] <= now - self.window:
            self.used.popleft()

    def land(self, purpose: Purpose) -> None:
        """Take the oldest request for *purpose* out of those under way."""
        for index, (_, what) in enumerate(self.flying):
            if what is purpose:
                del self.flying[index]
                return

    def count(self, *purposes: Purpose) -> int:
        """Return the uses for *purposes*, or all of them."""
        if not purposes:
            return len(self.used) + len(self.flying)
        used = sum(1 for _, what in self.used if what in purposes)
        return used + sum(1 for _, what in self.flying if what in purposes)

    def freed_at(self, now: float, *purposes: Purpose) -> float:
        """Return when the oldest such use leaves the window."""
        for at, what in self.used:
            if not purposes or what in purposes:
                return at + self.window
        return now + min(self.window, 1.0)  # all of them are in flight


class Budget:
    """What one user and app may still ask; not safe across threads."""

    def __init__(self) -> None:
        self._groups: dict[str, _Group] = {}
        self._known: dict[Purpose, str] = {}

    def ready_in(self, purpose: Purpose, now: float) -> float:
        """Return the seconds until a request for *purpose* may be sent; 0 is now."""
        group = self._group(purpose)
        group.trim(now)
        wait = max(group.closed_until - now, 0.0)
        if not group.limit and not group.used and group.flying:
            return max(wait, FIRST)
        uses = group.count()
        for cap, purposes in _caps(purpose, group.limit):
            if uses >= cap and group.count(*purposes) >= cap:
                wait = max(wait, group.freed_at(now, *purposes) - now, 0.01)
        return wait

    def take(self, purpose: Purpose, now: float) -> None:
        """Count a request that is being sent."""
        self._group(purpose).flying.append((now, purpose))

    def done(self, purpose: Purpose, now: float, rate: Rate | None) -> None:
        """Count its answer, and learn from the headers that came with it."""
        self._group(purpose).land(purpose)
        if rate is not None:
            self._known[purpose] = rate.group
        group = self._group(purpose)
        group.used.append((now, purpose))
        if rate is None:
            return
        group.limit, group.window = rate.limit, rate.window
        group.trim(now)
        foreign = (rate.limit - rate.remaining) - group.count()
        group.used.extend((now, None) for _ in range(max(foreign, 0)))

    def penalty(self, purpose: Purpose, now: float, seconds: float, name: str) -> None:
        """Close a group: after a 429, until its penalty is over."""
        if name:
            self._known[purpose] = name
        group = self._group(purpose)
        group.closed_until = max(group.closed_until, now + seconds)

    def poll_interval(self, open_calls: int) -> float:
        """Return the seconds between two polls of each of *open_calls* calls."""
        group = self._group(Purpose.STATUS)
        if not group.limit:
            return 0.0
        return open_calls * group.window / (POLLS * group.limit)

    def left(self, now: float | None = None) -> dict[str, tuple[int, int]]:
        """Return each known group's uses and limit, *now* if given."""
        if now is not None:
            for group in self._groups.values():
                group.trim(now)
        return {
            name: (group.count(), group.limit) for name, group in self._groups.items()
        }

    def dump(self) -> str:
        """Return all of it as JSON: a few kB."""
        groups = {
            name: {
                "limit": group.limit,
                "window": group.window,
                "closed_until": group.closed_until,
                "flying": [(at, what and what.name) for at, what in group.flying],
                "used": [(at, what and what.name) for at, what in group.used],
            }
            for name, group in self._groups.items()
        }
        known = {purpose.name: name for purpose, name in self._known.items()}
        return json.dumps({"groups": groups, "known": known})

    @classmethod
    def load(cls, text: str) -> Budget:
        """Return what `dump` wrote; an empty one for an empty text.

        A purpose that only a newer program knows is another program's.
        """
        budget = cls()
        if not text:
            return budget
        data: dict[str, Any] = json.loads(text)
        of = Purpose.__members__
        budget._known = {of[each]: n for each, n in data["known"].items() if each in of}
        for name, group in data["groups"].items():
            flying = deque((at, of.get(what)) for at, what in group.pop("flying"))
            used = deque((at, of.get(what)) for at, what in group.pop("used"))
            budget._groups[name] = _Group(flying=flying, used=used, **group)
        return budget

    def _group(self, purpose: Purpose) -> _Group:
        name = self._known.get(purpose, purpose.group)
        return self._groups.setdefault(name, _Group())


def _caps(purpose: Purpose, limit: int) -> list[tuple[int, tuple[Purpose, ...]]]:
    """Return how many uses by whom may stand against *purpose*; none if unknown.

    Placing leaves one use to the reads, so that calls under way still get their
    results while new ones queue up.
    """
    if not limit:
        return []
    caps: list[tuple[int, tuple[Purpose, ...]]] = [(limit, ())]
    if purpose is Purpose.PLACE:
        caps.append((max(limit - 1, 1), (Purpose.PLACE,)))
    if purpose in SHARES:
        caps.append((max(int(limit * SHARES[purpose]), 1), (purpose,)))
    if purpose in READS:
        caps.append((max(int(limit * READS_SHARE), 1), READS))
    return caps


class Gate(Protocol):
    """Lets requests pass as far as one user's budget goes."""

    async def enter(self, purpose: Purpose) -> float:
        """Count a request that may be sent now; else return the seconds to wait.

        Raises `NotSent` where the budget can't be asked.
        """
        ...

    async def leave(
        self, purpose: Purpose, rate: Rate | None, penalty: tuple[float, str] | None
    ) -> None:
        """Count its answer; *penalty* is a 429's seconds and group. Never raises."""
        ...

    @property
    def known(self) -> Budget:
        """The budget as it was last seen here."""
        ...

    def left(self) -> dict[str, tuple[int, int]]:
        """Return each known group's uses and limit by now."""
        ...


GateOf = Callable[[str], Gate]
"""Finds the gate of a user by extension id; ``""`` as long as that is not known."""


class InMemoryGate:
    """A budget of this process alone; *now* gives seconds that never jump."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self.known = Budget()

    async def enter(self, purpose: Purpose) -> float:
        """See `Gate`."""
        return admit(self.known, purpose, self._now())

    async def leave(
        self, purpose: Purpose, rate: Rate | None, penalty: tuple[float, str] | None
    ) -> None:
        """See `Gate`."""
        self.known.done(purpose, self._now(), rate)
        if penalty is not None:
            self.known.penalty(purpose, self._now(), *penalty)

    def left(self) -> dict[str, tuple[int, int]]:
        """See `Gate`."""
        return self.known.left(self._now())


def admit(budget: Budget, purpose: Purpose, now: float) -> float:
    """Count a request and return 0, or return the seconds until it may be sent."""
    wait = budget.ready_in(purpose, now)
    if wait <= 0:
        budget.take(purpose, now)
    return wait
