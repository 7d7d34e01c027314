"""Which record in the call log is which waiting call's.

By the RingOut's id where the log has it; no document promises that it does. Otherwise
by numbers and time (`resemblance`), over all waiting calls at once, and only where every
other reading of the log is clearly worse: nobody is told somebody else's result.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import timedelta

from bot.calls import assignment, outcome
from bot.calls.grouping import group
from bot.calls.leg import Entry
from bot.calls.outcome import Outcome
from bot.calls.resemblance import CLEAR_LEAD, START_WINDOW, Fit, Sought, fit

__all__ = ["FALLBACK_READS", "START_WINDOW", "Sought", "assign", "group"]

FALLBACK_READS = 2
"""Reads that must have shown no record with a call's id before another one may do.

Another app's RingOut to the same number may be logged first.
"""


def assign(
    sought: Sequence[Sought],
    entries: Sequence[Entry],
    *,
    claimed: Collection[str],
    foreign_ids: Collection[str],
) -> dict[str, Entry]:
    """Return the entry of each call that has one beyond doubt, by ``call_id``.

    *claimed* are ids of records that other calls have already, *foreign_ids* RingOut
    ids of our calls that are not in *sought*: neither kind of record is given away.

    An entry with a call's own id is given even while it is not final, and first. For
    the others, calls that may not be given an entry yet (too few reads) compete all
    the same: pass every call that is known to be placed. The order of *sought* and
    *entries* changes nothing.
    """
    taken = frozenset(claimed)
    calls = sorted(sought, key=lambda each: (each.sent_at, each.call_id))
    free = sorted(
        (each for each in entries if taken.isdisjoint(each.ids)),
        key=lambda each: (each.started_at, each.ids),
    )
    given = _by_id(calls, free)
    gone = {each.ids for each in given.values()}
    known = frozenset(foreign_ids) | {each.ringout_id for each in calls}
    board = _Board(
        [each for each in calls if each.call_id not in given],
        [
            each
            for each in free
            if each.is_ring_out
            and each.ids not in gone
            and known.isdisjoint(each.session_ids)
        ],
    )
    return given | board.decide()


def _by_id(calls: Sequence[Sought], entries: Sequence[Entry]) -> dict[str, Entry]:
    """Return the entries that carry a call's id: a RingOut's before any other."""
    holders: dict[str, Entry] = {}
    for entry in sorted(entries, key=lambda each: not each.is_ring_out):
        for each in entry.session_ids:
            holders.setdefault(each, entry)
    given: dict[str, Entry] = {}
    gone: set[tuple[str, ...]] = set()
    for call in calls:
        own = holders.get(call.ringout_id)
        if own is not None and own.ids not in gone:
            given[call.call_id] = own
            gone.add(own.ids)
    return given


class _Board:
    """Calls (rows) and entries (columns) that no id brings together."""

    def __init__(self, calls: Sequence[Sought], entries: Sequence[Entry]) -> None:
        self._calls = calls
        self._entries = entries
        self._fits = [self._row(call) for call in calls]

    def decide(self) -> dict[str, Entry]:
        """Return what is beyond doubt."""
        pairs = assignment.cheapest([_costs(fits) for fits in self._fits])
        while True:
            unsure = {row for row in pairs if not self._is_sure(row, pairs)}
            if not unsure:
                break
            # Their entries count as free from here on, which may unsettle others.
            pairs = {row: pairs[row] for row in pairs if row not in unsure}
        return {
            self._calls[row].call_id: self._entries[column]
            for row, column in pairs.items()
            if self._calls[row].reads >= FALLBACK_READS
        }

    def _row(self, call: Sought) -> dict[int, Fit]:
        fits = ((column, fit(call, each)) for column, each in enumerate(self._entries))
        return {
            column: found
            for column, found in fits
            # What may never have been placed needs its callee's number to be found.
            if found is not None and (found.names_callee or not call.is_lost)
        }

    def _is_sure(self, row: int, pairs: Mapping[int, int]) -> bool:
        """Whether every other way to give *row* an entry, or its entry away, is worse.

        A way that tells the person the very same is no worse. A call that may never
        have been placed has to be the only one left for its entry, and the reverse.
        """
        column = pairs[row]
        mine = self._fits[row][column]
        is_lost = self._calls[row].is_lost

        def near(other: Fit) -> bool:
            least = max(mine.clear, other.clear)
            return is_lost or other.distance - mine.distance < least

        held = set(pairs.values())
        for other, theirs in self._fits[row].items():
            free = other not in held and near(theirs)
            if free and (is_lost or self._differ(row, column, other)):
                return False
        for each, fits in enumerate(self._fits):
            if each not in pairs and column in fits and near(fits[column]):
                return False
        return not any(
            self._may_swap(row, each, pairs) and self._differ(row, column, pairs[each])
            for each in pairs
            if each != row
        )

    def _may_swap(self, row: int, other: int, pairs: Mapping[int, int]) -> bool:
        """Whether two calls may as well have each other's entries.

        Numbers tell them apart, or their order does: calls of which one was sent
        clearly before the other start in that order.
        """
        mine, theirs = self._fits[row][pairs[row]], self._fits[other][pairs[other]]
        crossed = self._fits[row].get(pairs[other]), self._fits[other].get(pairs[row])
        if crossed[0] is None or crossed[1] is None:
            return False
        extra = crossed[0].penalty + crossed[1].penalty - mine.penalty - theirs.penalty
        if extra >= CLEAR_LEAD:
            return False
        clear = max(mine.clear, theirs.clear)
        sent, started = mine.sent - theirs.sent, mine.started - theirs.started
        in_order = min(sent, started) >= clear or max(sent, started) <= -clear
        return extra <= -CLEAR_LEAD or not in_order

    def _differ(self, row: int, column: int, other: int) -> bool:
        """Whether the call would be told something else by the other entry."""
        return self._told(row, column) != self._told(row, other)

    def _told(self, row: int, column: int) -> Outcome | None:
        return outcome.of(self._entries[column], self._calls[row].callee)


def _costs(fits: Mapping[int, Fit]) -> dict[int, int]:
    """Return what each entry costs: squares, so that calls keep their order in time."""
    return {
        column: (found.distance // timedelta(milliseconds=1)) ** 2
        for column, found in fits.items()
    }
