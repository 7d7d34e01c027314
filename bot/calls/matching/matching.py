"""Which record of the call log belongs to which waiting call.

By the RingOut's id, if the log has it; no document promises that. Otherwise by numbers
and times (`resemblance`), for all waiting calls at once, and only if every other
assignment is clearly worse: nobody must be told somebody else's result.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import timedelta

from bot.calls.log import outcome
from bot.calls.log.leg import Entry
from bot.calls.log.outcome import Outcome
from bot.calls.matching import assignment
from bot.calls.matching.grouping import group
from bot.calls.matching.resemblance import CLEAR_LEAD, START_WINDOW, Fit, Sought, fit

__all__ = ["FALLBACK_READS", "START_WINDOW", "Sought", "assign", "group"]

FALLBACK_READS = 2
"""How many reads must have shown no record with a call's id before numbers and times
decide: the first record that fits may be another app's RingOut to the same number.
"""


def assign(
    sought: Sequence[Sought],
    entries: Sequence[Entry],
    *,
    claimed: Collection[str],
    foreign_ids: Collection[str],
) -> dict[str, Entry]:
    """Return the entry of each call that certainly has one, by ``call_id``.

    *claimed* are ids of records that other calls already have, *foreign_ids* RingOut
    ids of our calls that are not in *sought*. Their records are not assigned.

    Entries with a call's own id are assigned first, even if they are not final yet.
    Pass every call that was placed, also those with too few reads to be assigned by
    numbers: they compete for the remaining entries all the same. The order of *sought*
    and *entries* does not matter.
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
    board = _Assigning(
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
    """Return the entries that have a call's id, RingOut records before others."""
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


class _Assigning:
    """Calls (rows) and entries (columns) that share no id."""

    def __init__(self, calls: Sequence[Sought], entries: Sequence[Entry]) -> None:
        self._calls = calls
        self._entries = entries
        self._fits = [self._row(call) for call in calls]

    def decide(self) -> dict[str, Entry]:
        """Return the assignments that are certain, by ``call_id``."""
        pairs = assignment.cheapest([_costs(fits) for fits in self._fits])
        while True:
            unsure = {row for row in pairs if not self._is_sure(row, pairs)}
            if not unsure:
                break
            # Their entries are free again, which may make other pairs uncertain.
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
            # A call that may never have been placed needs a record with its callee.
            if found is not None and (found.names_callee or not call.is_lost)
        }

    def _is_sure(self, row: int, pairs: Mapping[int, int]) -> bool:
        """Whether each other assignment of this call or of its entry is clearly worse.

        An assignment that would give the person the same result does not count. A call
        that may never have been placed needs an entry that fits no other call, and it
        must fit no other entry.
        """
        column = pairs[row]
        mine = self._fits[row][column]
        is_lost = self._calls[row].is_lost

        def near(other: Fit) -> bool:
            return is_lost or other.distance - mine.distance < CLEAR_LEAD

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
        """Whether two calls could just as well have each other's entries.

        They could not if the numbers tell them apart, or if one call was sent clearly
        before the other: then they start in that order.
        """
        mine, theirs = self._fits[row][pairs[row]], self._fits[other][pairs[other]]
        crossed = self._fits[row].get(pairs[other]), self._fits[other].get(pairs[row])
        if crossed[0] is None or crossed[1] is None:
            return False
        extra = crossed[0].penalty + crossed[1].penalty - mine.penalty - theirs.penalty
        if extra >= CLEAR_LEAD:
            return False
        sent, started = mine.sent - theirs.sent, mine.started - theirs.started
        in_order = min(sent, started) >= CLEAR_LEAD or max(sent, started) <= -CLEAR_LEAD
        return extra <= -CLEAR_LEAD or not in_order

    def _differ(self, row: int, column: int, other: int) -> bool:
        """Whether the other entry would give the call another result."""
        return self._told(row, column) != self._told(row, other)

    def _told(self, row: int, column: int) -> Outcome | None:
        return outcome.of(self._entries[column], self._calls[row].callee)


def _costs(fits: Mapping[int, Fit]) -> dict[int, int]:
    """Return the cost of each entry: squared, so that calls keep their order in time."""
    return {
        column: (found.distance // timedelta(milliseconds=1)) ** 2
        for column, found in fits.items()
    }
