"""The rate budget: what may be asked of RingCentral, and when.

RingCentral limits each user of each app, per rate group, in a sliding window, and a
request inside a penalty restarts the penalty (RingCentral developer guide, "Rate
Limits"). The limits are learned from the headers of the answers. We count a request from
when it is sent until one window after its answer, which is longer than RingCentral counts
it, so we stay below the limit. Times are seconds of a clock that never jumps.

Whatever the headers of answers say, a budget has one group for each purpose at most, each
with an entry or two for each request of the last window, and closes a group for
`bot.headers.LONGEST_RETRY_AFTER` at most.
"""

from __future__ import annotations

import json
from typing import Any

from bot.headers import LONGEST_RETRY_AFTER
from bot.ringcentral.purposes import Purpose, ways_of
from bot.ringcentral.rate_group import RateGroup, Use
from bot.ringcentral.transport.wire import Rate

POLLS_SHARE = 0.8
"""The share of Light that the polls of all calls are planned to use."""

FIRST_ANSWER_PAUSE = 0.05
"""Seconds to wait while the first request of a group has no answer. Only an answer tells
the limit, and a burst right after the start might exceed it."""

FIRST_ANSWER_WITHIN = 1.0
"""Seconds after which the next request is sent all the same: that answer may be slow, and
nobody else's call should wait for it. Until there is one, they go one by one. The read of
an address book, which is in no hurry, looks again after so long."""

ROOM_FOR_SEVERAL = 4
"""While there is room for so many requests, they may follow each other closely."""

UNANSWERED_AFTER = 60.0
"""Seconds after which a request without an answer counts as answered: its process died."""

MOST_TEXT = 2_000_000
"""Characters. A stored budget that is longer is not read: ours take a few kB."""


class Budget:
    """The rate budget of one user and app; not safe across threads."""

    def __init__(self, unanswered_after: float = UNANSWERED_AFTER) -> None:
        self._unanswered_after = unanswered_after
        self._groups: dict[str, RateGroup] = {}
        self._known: dict[Purpose, str] = {}
        """The group of each purpose, by the headers of an answer."""
        self._closed: dict[Purpose, float] = {}
        """Until when a penalty closes each purpose, even if an answer that comes
        meanwhile says that it is in another group."""

    def ready_in(self, purpose: Purpose, now: float) -> float:
        """Return the seconds until a request for *purpose* may be sent; 0 for now."""
        group = self._trimmed(purpose, now)
        closed = max(group.closed_until, self._closed.get(purpose, 0.0))
        wait = max(closed - now, 0.0)
        if not group.limit and not group.used and group.in_flight:
            newest, _ = group.in_flight[-1]
            if now - newest < FIRST_ANSWER_WITHIN:
                is_calm = purpose is Purpose.ADDRESS_BOOK
                pause = FIRST_ANSWER_WITHIN if is_calm else FIRST_ANSWER_PAUSE
                return max(wait, pause)
        ways = (
            max(group.freed_at(now, *cap) - now for cap in caps)
            for caps in ways_of(purpose, group.limit)
        )
        return max(wait, min(ways, default=0.0))

    def spacing(self, purpose: Purpose, now: float, horizon: float) -> float:
        """Return the seconds to leave between two requests in the next *horizon* seconds.

        0 while there is room for several, this one included. Otherwise what there is, and
        will be, is spread: a share that is spent early would leave a long time without
        any request.
        """
        group = self._trimmed(purpose, now)
        ways = ways_of(purpose, group.limit)
        if not ways:
            return 0.0
        rooms = group.rooms(ways)
        _, room = next(rooms)
        if room >= ROOM_FOR_SEVERAL:
            return 0.0
        spacing, number = 0.0, max(room, 1)
        for freed_at, room in rooms:
            if freed_at - now >= horizon:
                break
            if room > number:
                spacing = max(spacing, (freed_at - now) / number)
                number = room
        return max(spacing, horizon / number)

    def take(self, purpose: Purpose, now: float) -> None:
        """Count a request that is being sent."""
        self._group(purpose).in_flight.append((now, purpose))

    def done(self, purpose: Purpose, now: float, rate: Rate | None) -> None:
        """Count the answer to a request, and learn from its headers."""
        self._group(purpose).land(purpose)
        if rate is not None:
            self._learn(purpose, rate.group)
        group = self._group(purpose)
        group.used.append(Use(now, purpose))
        if rate is None:
            return
        group.limit, group.window = rate.limit, rate.window
        group.trim(now, self._unanswered_after)
        # RingCentral has counted more than we did: requests of other programs.
        others = (rate.limit - rate.remaining) - group.count()
        if others > 0:
            group.used.append(Use(now, None, others))

    def penalty(self, purpose: Purpose, now: float, seconds: float, name: str) -> None:
        """Close the group *name* for the *seconds* of a penalty, after a 429."""
        if name:
            self._learn(purpose, name)
        until = now + min(seconds, LONGEST_RETRY_AFTER)
        group = self._group(purpose)
        group.closed_until = max(group.closed_until, until)
        for each in Purpose:
            if self._name(each) == self._name(purpose):
                self._closed[each] = max(self._closed.get(each, 0.0), until)

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
        groups = self._groups.items()
        return json.dumps(
            {
                "groups": {name: group.as_json() for name, group in groups},
                "known": {each.name: name for each, name in self._known.items()},
                # Version 0.1.0 does not read the following.
                "others": {name: group.others() for name, group in groups},
                "closed": {each.name: until for each, until in self._closed.items()},
            }
        )

    @classmethod
    def load(cls, text: str, unanswered_after: float = UNANSWERED_AFTER) -> Budget:
        """Return the budget that `dump` wrote; an empty one for a text that it did not.

        A purpose that only a newer version knows counts as another program's.
        """
        budget = cls(unanswered_after)
        if 0 < len(text) <= MOST_TEXT:
            try:
                budget._read(json.loads(text))
            except (ValueError, TypeError, LookupError, AttributeError):
                return cls(unanswered_after)
        return budget

    def _read(self, data: dict[str, Any]) -> None:
        of, others = Purpose.__members__, data.get("others", {})
        self._known = {of[each]: n for each, n in data["known"].items() if each in of}
        closed = data.get("closed", {}).items()
        self._closed = {of[each]: float(until) for each, until in closed if each in of}
        for name, group in data["groups"].items():
            self._groups[name] = RateGroup.from_json(group, others.get(name, []))
        self._forget_unused()

    def _learn(self, purpose: Purpose, name: str) -> None:
        """Note the group of *purpose*; forget groups that no purpose is in any more."""
        if self._known.get(purpose) != name:
            self._known[purpose] = name
            self._forget_unused()

    def _forget_unused(self) -> None:
        names = {self._name(each) for each in Purpose}
        for name in self._groups.keys() - names:
            del self._groups[name]

    def _trimmed(self, purpose: Purpose, now: float) -> RateGroup:
        for each, until in self._closed.items():
            self._closed[each] = min(until, now + LONGEST_RETRY_AFTER)
        group = self._group(purpose)
        group.trim(now, self._unanswered_after)
        return group

    def _group(self, purpose: Purpose) -> RateGroup:
        return self._groups.setdefault(self._name(purpose), RateGroup())

    def _name(self, purpose: Purpose) -> str:
        return self._known.get(purpose, purpose.group)
