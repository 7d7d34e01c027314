"""How well an entry of the log fits a call that waits for its record.

All differences are expressed in seconds: the time between our POST and the record's
start, and a penalty for a number that is masked, missing or in the wrong place.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from bot.calls.digits import Likeness, compare
from bot.calls.leg import Entry, Party
from bot.calls.phone import PhoneNumber

START_WINDOW = timedelta(seconds=30)
"""The longest time between our POST and a record's start, by RingCentral's clock."""

CLEAR_LEAD = timedelta(seconds=2)
"""A shorter difference proves nothing: a ``Date`` header counts whole seconds."""

CLEAR_LEAD_BY_ID = timedelta(seconds=1)
"""The same for times that are read from the ids, to the millisecond."""

CALLEE_PENALTY = {Likeness.SAME: 0, Likeness.LIKE: 10, Likeness.ABSENT: 30}
CALLER_PENALTY = {Likeness.SAME: 0, Likeness.LIKE: 5, Likeness.ABSENT: 20}
MISPLACED_PENALTY = 40
"""The number is there, but the legs have it on the other side, or have a third number."""

_ID_TIME = re.compile(r"s-[0-9a-f]{13}z([0-9a-f]{11})z[0-9a-f]{10}")


@dataclass(frozen=True, slots=True)
class Sought:
    """A call that waits for its record.

    Attributes:
        ringout_id: Empty if the answer to the POST was lost; then it may not exist.
        sent_at: When the POST was sent, by RingCentral's clock.
        reads: Reads of the log that did not show its id, this one included.
    """

    call_id: str
    ringout_id: str
    caller: PhoneNumber
    callee: PhoneNumber
    sent_at: datetime
    reads: int

    @property
    def is_lost(self) -> bool:
        """Whether it may not have been placed at all."""
        return not self.ringout_id


@dataclass(frozen=True, slots=True)
class Fit:
    """How well an entry fits, and the two times that were compared."""

    penalty: timedelta
    sent: datetime
    started: datetime
    by_id: bool
    """Whether both times were read from ids."""
    names_callee: bool
    """Whether it has the callee's number, whole or masked, in the right place."""

    @property
    def distance(self) -> timedelta:
        """Everything that speaks against it, as a time."""
        return self.penalty + abs(self.started - self.sent)

    @property
    def clear(self) -> timedelta:
        """How much worse another fit must be to be ruled out."""
        return CLEAR_LEAD_BY_ID if self.by_id else CLEAR_LEAD


def fit(sought: Sought, entry: Entry) -> Fit | None:
    """Return how well *entry* fits, or None if it cannot belong to the call."""
    nearest = min(
        (each.started_at for each in entry.records),
        key=lambda start: abs(start - sought.sent_at),
    )
    if abs(nearest - sought.sent_at) > START_WINDOW:
        return None
    callee, caller = _callee(sought, entry), _caller(sought, entry)
    if Likeness.DIFFERENT in {callee, caller}:
        return None
    misplaced = _is_misplaced(sought, entry)
    seconds = (
        CALLEE_PENALTY[callee]
        + CALLER_PENALTY[caller]
        + (MISPLACED_PENALTY if misplaced else 0)
    )
    sent, sent_exact = _moment([sought.ringout_id], sought.sent_at)
    started, start_exact = _moment(sorted(entry.session_ids), nearest)
    return Fit(
        penalty=timedelta(seconds=seconds),
        sent=sent,
        started=started,
        by_id=sent_exact and start_exact,
        names_callee=callee >= Likeness.LIKE and not misplaced,
    )


def _callee(sought: Sought, entry: Entry) -> Likeness:
    """Return how well *entry* shows the callee: anywhere, else where callees belong."""
    number = sought.callee
    best = _best(number, _everybody(entry))
    if best >= Likeness.LIKE:
        return best
    record = entry.record
    places = [leg.callee for leg in record.legs if leg.is_to_subscriber]
    if not places:
        turned = _best(sought.caller, [record.callee]) >= Likeness.LIKE
        places = [record.caller if turned else record.callee]
    return _best(number, places)


def _caller(sought: Sought, entry: Entry) -> Likeness:
    """Return how well *entry* shows the caller; another first phone rules it out."""
    best = _best(sought.caller, _everybody(entry))
    if best >= Likeness.LIKE:
        return best
    return _best(sought.caller, _first_phones(entry), Likeness.ABSENT)


def _is_misplaced(sought: Sought, entry: Entry) -> bool:
    """Whether the legs have another number where the caller or the callee belongs."""
    second = [leg.callee for leg in entry.record.legs if leg.is_to_subscriber]
    return Likeness.DIFFERENT in {
        _best(sought.callee, second, Likeness.ABSENT),
        _best(sought.caller, _first_phones(entry), Likeness.ABSENT),
    }


def _first_phones(entry: Entry) -> list[Party]:
    """Return the phones that rang first, if the log shows them."""
    phones = [leg.callee for leg in entry.record.legs if leg.is_to_caller]
    return phones if entry.inbound is None else [*phones, entry.inbound.callee]


def _everybody(entry: Entry) -> Iterator[Party]:
    for record in entry.records:
        for part in record.parts:
            yield part.caller
            yield part.callee


def _best(
    number: PhoneNumber,
    parties: Iterable[Party],
    nobody: Likeness = Likeness.DIFFERENT,
) -> Likeness:
    likely = (compare(number.e164, party.number) for party in parties)
    return max(likely, default=nobody)


def _moment(ids: Iterable[str], otherwise: datetime) -> tuple[datetime, bool]:
    """Return the time in one of *ids* if it confirms *otherwise*, else *otherwise*.

    RingCentral's newer ids contain the time of their creation. This was observed and is
    not documented, so it only makes a known time more exact, by less than `CLEAR_LEAD`.
    The second value says whether an id was used.
    """
    for each in ids:
        found = _ID_TIME.fullmatch(each)
        if found is not None:
            moment = datetime.fromtimestamp(int(found[1], 16) / 1000, UTC)
            if abs(moment - otherwise) < CLEAR_LEAD:
                return moment, True
    return otherwise, False
