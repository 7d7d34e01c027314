"""The rate budget: what may be asked of RingCentral, and when.

RingCentral limits each user of each app, per rate group, in a sliding window, and a
request inside a penalty restarts the penalty (RingCentral developer guide, "Rate
Limits"). The limits are learned from the headers of the answers. We count a request from
when it is sent until one window after its answer, which is longer than RingCentral counts
it, so we stay below the limit. Times are seconds of a clock that never jumps.

`Budget` decides. A `Gate` holds the budget of one user: `InMemoryGate` for this process,
those in `bot.cluster.budget` for restarts and for several processes.
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
    """Why a request is sent. The value: the rate group it should be in, and a name."""

    PLACE = ("heavy", "place")
    CANCEL = ("heavy", "cancel")
    LOG = ("heavy", "log")
    HISTORY = ("heavy", "history")
    ADDRESS_BOOK = ("heavy", "address-book")
    STATUS = ("light", "status")
    ACCOUNT = ("light", "account")
    FEATURE = ("medium", "feature")
    DIRECTORY = ("medium", "directory")
    SIGN_IN = ("auth", "sign-in")

    @property
    def group(self) -> str:
        """The rate group by RingCentral's documents; an answer's headers correct it."""
        return self.value[0]


PURPOSE_SHARES = {
    Purpose.LOG: 0.4,
    Purpose.HISTORY: 0.3,
    Purpose.ADDRESS_BOOK: 0.2,
    Purpose.DIRECTORY: 0.5,
    Purpose.STATUS: 0.9,
}
"""The share of its group's limit that a purpose may use. Reads of the call log leave the
rest of Heavy to new calls; polls leave some of Light to other questions."""

KEPT_FREE = 3
"""How many requests of Heavy the reads for results leave to new calls even where nobody
else uses any. `PURPOSE_SHARES` holds where others use more of it."""

LOG_READS = (Purpose.LOG, Purpose.HISTORY)
LOG_READS_SHARE = 0.5
"""The share of the limit that both kinds of call log reads may use together."""

LEFT_FREE = 3
"""Requests of its group that an address book is not read with: new calls may need them."""

POLLS_SHARE = 0.8
"""The share of Light that the polls of all calls are planned to use."""

FIRST_ANSWER_PAUSE = 0.05
"""Seconds to wait while the first request of a group has no answer. Only an answer tells
the limit, and a burst right after the start might exceed it."""

SEVERAL = 4
"""While there is room for so many requests, they may follow each other closely."""

UNANSWERED_AFTER = 60.0
"""Seconds after which a request without an answer counts as answered: its process died."""


Cap = tuple[int, tuple[Purpose, ...]]
"""The most requests for these purposes, in a window; for all purposes if none is named."""


@dataclass(slots=True)
class _Group:
    limit: int = 0
    window: float = 60.0
    closed_until: float = 0.0
    in_flight: deque[tuple[float, Purpose | None]] = field(default_factory=deque)
    """Requests without an answer: when each was sent, and its purpose."""
    used: deque[tuple[float, Purpose | None]] = field(default_factory=deque)
    """Answered requests: when, and the purpose; None for those of another program."""

    def trim(self, now: float, unanswered_after: float) -> None:
        """Drop the requests that have left the window."""
        while self.in_flight and self.in_flight[0][0] <= now - unanswered_after:
            _, purpose = self.in_flight.popleft()
            self.used.append((now, purpose))
        while self.used and self.used[0][0] <= now - self.window:
            self.used.popleft()

    def land(self, purpose: Purpose) -> None:
        """Take the oldest request for *purpose* out of those in flight."""
        for index, (_, what) in enumerate(self.in_flight):
            if what is purpose:
                del self.in_flight[index]
                return

    def count(self, *purposes: Purpose) -> int:
        """Return how many requests count against the limit; only for *purposes* if given."""
        if not purposes:
            return len(self.used) + len(self.in_flight)
        used = sum(1 for _, what in self.used if what in purposes)
        return used + sum(1 for _, what in self.in_flight if what in purposes)

    def freed_at(self, now: float, most: int, purposes: tuple[Purpose, ...]) -> float:
        """Return when fewer than *most* such requests are in the window."""
        over = self.count(*purposes) - most
        if over < 0:
            return now
        for at, what in self.used:
            if not purposes or what in purposes:
                if over == 0:
                    return max(at + self.window, now + 0.01)
                over -= 1
        return now + min(self.window, 1.0)  # all of them are in flight

    def room(self, ways: list[list[Cap]], *, gone: int = 0) -> int:
        """Return how many more requests one of *ways* admits, now or later.

        *gone*: when so many of the oldest will have left the window.
        """
        left = [what for _, what in [*self.used, *self.in_flight]][gone:]
        return max(
            min(
                most - sum(not purposes or what in purposes for what in left)
                for most, purposes in caps
            )
            for caps in ways
        )


class Budget:
    """The rate budget of one user and app; not safe across threads."""

    def __init__(self, unanswered_after: float = UNANSWERED_AFTER) -> None:
        self._unanswered_after = unanswered_after
        self._groups: dict[str, _Group] = {}
        self._known: dict[Purpose, str] = {}
        """The group of each purpose, by the headers of an answer."""

    def ready_in(self, purpose: Purpose, now: float) -> float:
        """Return the seconds until a request for *purpose* may be sent; 0 for now."""
        group = self._group(purpose)
        group.trim(now, self._unanswered_after)
        wait = max(group.closed_until - now, 0.0)
        if purpose is Purpose.ADDRESS_BOOK and not (group.limit or group.used):
            return max(wait, group.window)  # a call's request tells the limit first
        if not group.limit and not group.used and group.in_flight:
            return max(wait, FIRST_ANSWER_PAUSE)
        ways = (
            max(group.freed_at(now, *cap) - now for cap in caps)
            for caps in _ways(purpose, group.limit)
        )
        return max(wait, min(ways, default=0.0))

    def spacing(self, purpose: Purpose, now: float, horizon: float) -> float:
        """Return the seconds to leave between two requests in the next *horizon* seconds.

        0 while there is room for several, this one included. Otherwise what there is, and
        will be, is spread: a share that is spent early would leave a long time without
        any request.
        """
        group = self._group(purpose)
        group.trim(now, self._unanswered_after)
        ways = _ways(purpose, group.limit)
        if not ways or (room := group.room(ways)) >= SEVERAL:
            return 0.0
        spacing, number = 0.0, max(room, 1)
        for gone, (at, _) in enumerate(group.used, start=1):
            wait = at + group.window - now
            if wait >= horizon:
                break
            for _ in range(number, group.room(ways, gone=gone)):
                spacing = max(spacing, wait / number)
                number += 1
        return max(spacing, horizon / number)

    def take(self, purpose: Purpose, now: float) -> None:
        """Count a request that is being sent."""
        self._group(purpose).in_flight.append((now, purpose))

    def done(self, purpose: Purpose, now: float, rate: Rate | None) -> None:
        """Count the answer to a request, and learn from its headers."""
        self._group(purpose).land(purpose)
        if rate is not None:
            self._known[purpose] = rate.group
        group = self._group(purpose)
        group.used.append((now, purpose))
        if rate is None:
            return
        group.limit, group.window = rate.limit, rate.window
        group.trim(now, self._unanswered_after)
        # RingCentral has counted more than we did: requests of other programs.
        foreign = (rate.limit - rate.remaining) - group.count()
        group.used.extend((now, None) for _ in range(max(foreign, 0)))

    def penalty(self, purpose: Purpose, now: float, seconds: float, name: str) -> None:
        """Close the group *name* for the *seconds* of a penalty, after a 429."""
        if name:
            self._known[purpose] = name
        group = self._group(purpose)
        group.closed_until = max(group.closed_until, now + seconds)

    def poll_interval(self, open_calls: int) -> float:
        """Return the seconds between two polls of the same call, of *open_calls* calls.

        0 until the limit is known.
        """
        group = self._group(Purpose.STATUS)
        if not group.limit:
            return 0.0
        return open_calls * group.window / (POLLS_SHARE * group.limit)

    def left(self, now: float | None = None) -> dict[str, tuple[int, int]]:
        """Return each known group's requests and limit; as of *now*, if given."""
        if now is not None:
            for group in self._groups.values():
                group.trim(now, self._unanswered_after)
        return {
            name: (group.count(), group.limit) for name, group in self._groups.items()
        }

    def dump(self) -> str:
        """Return the budget as JSON, a few kB."""
        groups = {
            name: {
                "limit": group.limit,
                "window": group.window,
                "closed_until": group.closed_until,
                "in_flight": [(at, what and what.name) for at, what in group.in_flight],
                "used": [(at, what and what.name) for at, what in group.used],
            }
            for name, group in self._groups.items()
        }
        known = {purpose.name: name for purpose, name in self._known.items()}
        return json.dumps({"groups": groups, "known": known})

    @classmethod
    def load(cls, text: str, unanswered_after: float = UNANSWERED_AFTER) -> Budget:
        """Return the budget that `dump` wrote; an empty one for an empty text.

        A purpose that only a newer version knows counts as another program's.
        """
        budget = cls(unanswered_after)
        if not text:
            return budget
        data: dict[str, Any] = json.loads(text)
        of = Purpose.__members__
        budget._known = {of[each]: n for each, n in data["known"].items() if each in of}
        for name, group in data["groups"].items():
            sent = deque((at, of.get(what)) for at, what in group.pop("in_flight"))
            used = deque((at, of.get(what)) for at, what in group.pop("used"))
            budget._groups[name] = _Group(in_flight=sent, used=used, **group)
        return budget

    def _group(self, purpose: Purpose) -> _Group:
        name = self._known.get(purpose, purpose.group)
        return self._groups.setdefault(name, _Group())


def _ways(purpose: Purpose, limit: int) -> list[list[Cap]]:
    """Return the ways in which *purpose* may be admitted: one needs all of its caps.

    Placing leaves one request to the reads of the call log, so that calls under way get
    their results even while new calls queue up. Reads of the log may use more than their
    share where Heavy is mostly free. Even then a person who asks for a list gets one a
    minute, if need be with a request that was left to new calls.
    """
    if not limit:
        return []
    whole: Cap = (limit, ())
    if purpose is Purpose.PLACE:
        return [[whole, (max(limit - 1, 1), (Purpose.PLACE,))]]
    if purpose not in PURPOSE_SHARES:
        return [[whole]]
    caps: list[Cap] = [whole, (_share(limit, PURPOSE_SHARES[purpose]), (purpose,))]
    if purpose is Purpose.ADDRESS_BOOK:
        caps.append((max(limit - LEFT_FREE, 0), ()))
    if purpose not in LOG_READS:
        return [caps]
    caps.append((_share(limit, LOG_READS_SHARE), LOG_READS))
    if purpose is Purpose.LOG:
        return [caps, [(limit - KEPT_FREE, ())]]
    return [caps, [whole, (1, (purpose,))]]


def _share(limit: int, share: float) -> int:
    return max(int(limit * share), 1)


class Gate(Protocol):
    """Admits the requests of one user, as far as the budget goes."""

    async def enter(self, purpose: Purpose) -> float:
        """Count a request and return 0, or return the seconds until it may be sent.

        Raises `NotSent` if the budget can't be read.
        """
        ...

    async def leave(
        self, purpose: Purpose, rate: Rate | None, penalty: tuple[float, str] | None
    ) -> None:
        """Count the answer to a request that was admitted. Never raises.

        *penalty* holds the seconds and the group of a 429.
        """
        ...

    @property
    def known(self) -> Budget:
        """The budget as this process last saw it."""
        ...

    def left(self) -> dict[str, tuple[int, int]]:
        """Return each known group's requests and limit, as of now."""
        ...

    def log_spacing(self, horizon: float) -> float:
        """Return `Budget.spacing` of reads of the call log, as of now."""
        ...


GateOf = Callable[[str], Gate]
"""Returns the gate of a user by extension id; ``""`` until that is known."""


class InMemoryGate:
    """A gate whose budget this process keeps in memory; *now* never jumps."""

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

    def log_spacing(self, horizon: float) -> float:
        """See `Gate`."""
        return self.known.spacing(Purpose.LOG, self._now(), horizon)


def admit(budget: Budget, purpose: Purpose, now: float) -> float:
    """Count a request and return 0, or return the seconds until it may be sent."""
    wait = budget.ready_in(purpose, now)
    if wait <= 0:
        budget.take(purpose, now)
    return wait
