"""Which calls of the log a person's list shows, page by page.

A list is sorted by start alone, the newest first, so a page goes on where the one before
has ended, however many calls are new meanwhile.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.calls.call import Call, Place
from bot.calls.lists.history import Direction, Row
from bot.calls.lists.listed_number import ENDING_DIGITS
from bot.calls.lists.request import ListedKind, ListRequest
from bot.calls.log.leg import Entry, Party
from bot.calls.numbers.digits import Likeness, compare
from bot.calls.numbers.phone import PhoneNumber, parse
from bot.calls.people.names import Name
from bot.calls.people.person import Person
from bot.calls.people.phones import Phone
from bot.errors import UserError

PRIVATE_MARGIN = timedelta(minutes=1)
"""From a call's POST to the start of a record that may be its own: longer than
`resemblance.START_WINDOW`, because here a wrong guess only leaves a row out."""


@dataclass(frozen=True, slots=True)
class After:
    """Where a page ended: the next one begins below this row, or below a moment."""

    at: datetime
    id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recent:
    """One page of a list.

    Attributes:
        read_at: When the log was read.
        looked_back: How far back calls are listed at most.
        region: The country of the log's numbers that have no country code.
        searched_to: The oldest moment that was searched, if the log goes on below it.
        own: Whether it is the person's own account, not the shared one.
        phones: The phones of that account.
        usual: Numbers of the account's own that need no mention.
        after: Where the page before ended; None on the first page.
        more: Where the next page begins; None if there is none.
        names: What the reader's own books call the other parties' numbers.
    """

    request: ListRequest
    rows: tuple[Row, ...]
    read_at: datetime
    looked_back: timedelta
    region: str
    searched_to: datetime | None = None
    own: bool = False
    phones: tuple[Phone, ...] = ()
    usual: frozenset[str] = frozenset()
    after: After | None = None
    more: After | None = None
    names: Mapping[PhoneNumber, Name] = field(default_factory=dict)


def is_kept_from(reader: Person, call: Call) -> bool:
    """Return whether the person who placed *call* keeps it to themselves.

    So is a call that was typed in a DM: its card is in the DM with the app.
    """
    return call.is_private and not call.place.person.is_also(reader)


def visible(
    entries: Iterable[Entry],
    ours: Mapping[str, Call],
    unfound: Collection[Call],
    reader: Person,
) -> list[Entry]:
    """Leave out the calls that others keep to themselves.

    *ours*: the call of each record that has one, by the record's id. *unfound*: calls
    whose record was not found yet, or never, or of whose two records one is known. A
    record that may be theirs is left out.
    """
    hidden = [call for call in unfound if is_kept_from(reader, call)]
    return [
        entry
        for entry in entries
        if not any(
            each in ours and is_kept_from(reader, ours[each]) for each in entry.ids
        )
        if not may_be_of(hidden, entry, ours)
    ]


def may_be_of(unfound: Iterable[Call], entry: Entry, ours: Mapping[str, Call]) -> bool:
    """Return whether *entry* is known as nobody's, and may be one of these calls."""
    if any(each in ours for each in entry.ids):
        return False
    return any(_may_be_more(call, entry) for call in unfound)


def span_of(entries: Sequence[Entry], oldest: datetime) -> tuple[datetime, datetime]:
    """Return when calls were sent that may have one of *entries*; *oldest* if none is."""
    starts = [each.started_at for entry in entries for each in entry.records]
    first, last = min(starts, default=oldest), max(starts, default=oldest)
    return first - PRIVATE_MARGIN, last + PRIVATE_MARGIN


def _may_be_more(call: Call, entry: Entry) -> bool:
    """Return whether *entry* may be the call's, or the half that is not known of it."""
    return (not call.records or len(entry.ids) == 1) and may_be(call, entry)


def may_be(call: Call, entry: Entry) -> bool:
    """Return whether *entry* may belong to *call*: by its id, or by number and time."""
    if call.ringout_id and call.ringout_id in entry.session_ids:
        return True
    sent = call.placed_at or call.sent_at
    near = (abs(each.started_at - sent) for each in entry.records) if sent else ()
    if min(near, default=PRIVATE_MARGIN * 2) > PRIVATE_MARGIN:
        return False
    parties = [
        party
        for record in entry.records
        for part in record.parts
        for party in (part.caller, part.callee)
    ]
    best = max(compare(call.callee.e164, party.number) for party in parties)
    return best >= Likeness.LIKE or (best is Likeness.ABSENT and entry.is_ring_out)


@dataclass(frozen=True, slots=True)
class Sieve:
    """Which rows a list has.

    Attributes:
        reader: Where the person who reads the list is; others' workspaces have other ids.
        region: The country of the log's numbers that have no country code.
    """

    request: ListRequest
    reader: Place
    region: str

    def passes(self, row: Row) -> bool:
        """Return whether the list has this row."""
        return all(
            (
                self._is_of_days(row),
                self._is_of_kinds(row),
                self._is_by_people(row),
                self._has_number(row),
            )
        )

    def page(
        self, rows: Iterable[Row], after: After | None, down_to: datetime | None
    ) -> tuple[tuple[Row, ...], After | None]:
        """Return the rows of a page, and where the next one begins, if there may be one.

        *down_to*: nothing below it was read; None if everything was.
        """
        end = (after.at, after.id) if after else None
        found = sorted(
            (
                row
                for row in rows
                if end is None or row.key < end
                if down_to is None or row.started_at >= down_to
                if self.passes(row)
            ),
            key=lambda row: row.key,
            reverse=True,
        )
        shown = tuple(found[: self.request.count])
        if len(found) > len(shown):
            return shown, After(*shown[-1].key)
        return shown, None if down_to is None else After(down_to)

    def _is_of_days(self, row: Row) -> bool:
        since, until = self.request.since, self.request.until
        return (since is None or row.started_at >= since) and (
            until is None or row.started_at < until
        )

    def _is_of_kinds(self, row: Row) -> bool:
        kinds = self.request.kinds
        if row.in_progress:
            return not kinds
        missed = ListedKind.MISSED in kinds and row.direction is Direction.MISSED
        failed = ListedKind.FAILED in kinds and row.has_failed
        return not kinds or missed or failed

    def _is_by_people(self, row: Row) -> bool:
        people = self.request.people
        if not people:
            return True
        placed = row.call.place if row.call else None
        return (
            placed is not None
            and placed.person.space == self.reader.person.space
            and placed.user in people
        )

    def _has_number(self, row: Row) -> bool:
        request = self.request
        if request.e164:
            ends = (row.caller, row.callee)
            return any(
                compare(request.e164, end.number) >= Likeness.LIKE for end in ends
            )
        return not request.ending or ends_with(row.other, request.ending, self.region)


def ends_with(party: Party, ending: str, region: str) -> bool:
    """Return whether a party has this extension, or a number whose shown digits end so."""
    if party.extension == ending:
        return True
    if len(ending) > ENDING_DIGITS or not ending:
        return False
    number = number_of(party, region)
    if number is None:
        return False
    shown = number.masked.rpartition("•")[2]
    return "".join(filter(str.isdigit, shown)).endswith(ending)


def number_of(party: Party, region: str) -> PhoneNumber | None:
    """Return a party's whole number; None if the log has none, or masks it."""
    if not party.number:
        return None
    try:
        return parse(party.number, region=region)
    except UserError:
        return None


def usual_phones(first: PhoneNumber | None, phones: Sequence[Phone]) -> frozenset[str]:
    """Return the numbers that a person knows their calls go through: not worth a word."""
    direct = {each.number.e164 for each in phones if each.direct}
    return frozenset(direct | ({first.e164} if first else set()))
