"""Which new calls are stored: several commands that share a commit are judged by one query."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import Connection, Row

from bot.calls.call import Call
from bot.calls.telling import Added, Verdict
from bot.storage.calls.events import event_row
from bot.storage.calls.statements import (
    INSERT_CALL,
    INSERT_EVENT,
    LOCK_PEOPLE,
    SELECT_BEFORE_INSERT,
    SELECT_CALL,
)
from bot.storage.calls.tables import to_row
from bot.storage.calls.unreadable import UnreadableRows
from bot.storage.database.given_rows import dumped
from bot.storage.database.jobs import Later
from bot.storage.database.person_rows import columns

ONE_MINUTE = timedelta(minutes=1)


Found = Row[int, str | None, str | None, str | None, int]


@dataclass(frozen=True, slots=True)
class NewCall:
    """A call to store; `bot.storage.calls.store.Store.add` says what the others mean."""

    call: Call
    most: int
    again: bool

    def asked(self, n: int) -> tuple[object, ...]:
        """Return what the query about new calls needs to know of this one."""
        person = columns(self.call.place.person).values()
        since = (self.call.asked_at - ONE_MINUTE).timestamp()
        return (n, self.call.key, self.call.callee.e164, since, *person)


class Adding:
    """Adds calls, by transactions that others begin and commit."""

    def __init__(self, unreadable: UnreadableRows) -> None:
        self._unreadable = unreadable

    def __call__(
        self, connection: Connection, new: list[NewCall]
    ) -> list[Added | Later]:
        """Return for each call that it is to be inserted, or why not."""
        dialect = connection.dialect.name
        if dialect == "postgresql":
            people = [str(each.call.place.person) for each in new]
            connection.execute(LOCK_PEOPLE, {"people": people})
        asked = dumped(each.asked(n) for n, each in enumerate(new))
        rows = connection.execute(SELECT_BEFORE_INSERT[dialect], asked)
        found = {row.n: row for row in rows}
        return [self._judged(connection, each, found[n]) for n, each in enumerate(new)]

    def _judged(
        self, connection: Connection, new: NewCall, found: Found
    ) -> Added | Later:
        call = new.call
        if found.declined:
            return Added(Verdict.DECLINED, call)
        known = found.same or (None if new.again else found.ringing)
        if known is not None:
            verdict = Verdict.REPEATED if found.same else Verdict.ALREADY_OPEN
            return Added(verdict, self._theirs(connection, known, call))
        if found.lately >= new.most:
            return Added(Verdict.TOO_MANY, call)
        event = event_row(call, call.asked_at, "asked")
        return Later(
            Added(Verdict.NEW, call),
            [(INSERT_CALL, to_row(call)), (INSERT_EVENT, event)],
        )

    def _theirs(self, connection: Connection, known: str, call: Call) -> Call:
        """Return the call *known* if it is the same person's and can be read, else *call*."""
        row = connection.execute(SELECT_CALL, {"id_": known}).first()
        other = None if row is None else self._unreadable.call_in(row)
        is_theirs = other is not None and other.place.person == call.place.person
        return other if other and is_theirs else call
