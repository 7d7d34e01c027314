"""Forgetting: what is older than the operator keeps it, and one number on request.

`HELD` names each column that may hold a phone number; a test goes over all tables, so
that none is forgotten.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import (
    ColumnElement,
    Connection,
    and_,
    delete,
    func,
    or_,
    select,
    update,
)

from bot.calls import phones as book
from bot.calls.call import State
from bot.calls.person import Preferences
from bot.storage.calls.tables import call_events, call_records, calls
from bot.storage.database import person_rows
from bot.storage.database.writer import Writer
from bot.storage.people.tables import (
    connections,
    home_views,
    pending_sign_ins,
    preferences,
    revocations,
)
from bot.storage.shared.tables import user_state

PART = 200
"""Calls forgotten in one transaction: short enough for commands to pass between."""

HELD = frozenset(
    [
        "calls.caller",
        "calls.callee",
        "calls.caller_id",
        "connections.phones",
        "preferences.chosen",
    ]
)


@dataclass(frozen=True, slots=True)
class Erased:
    """What `Retention.erase` found: rows by table, and calls that are still open.

    Open calls are left: their card and their reply are still owed.

    Attributes:
        lists: People's lists of phones that the number was taken out of.
        choices: People's choices of it, now RingCentral's again.
    """

    calls: int
    records: int
    events: int
    lists: int
    choices: int
    still_open: int


class Retention:
    """Deletes calls with all that belongs to them, and what people left behind."""

    def __init__(self, writer: Writer) -> None:
        self._writer = writer

    async def purge(self, before: datetime) -> int:
        """Forget calls that were done before *before*; return how many.

        And sign-ins that ended before: begun and not finished, or broken and never
        made anew, with their person's settings.
        """
        await self._writer.run(lambda c: _purge_sign_ins(c, before))
        old = and_(calls.c.state == State.DONE, calls.c.next_at < before)
        total = 0
        while True:
            gone = await self._writer.run(lambda c: _part(c, old))
            total += gone
            if gone < PART:
                return total

    async def forget_limits(self, before: datetime) -> None:
        """Forget what was known of RingCentral users' limits, unused since before then.

        And the shared account's sign-in, if nobody has renewed it: it is over by then.
        """
        unused = and_(user_state.c.used_at < before, user_state.c.log_free_at < before)
        await self._writer.run(lambda c: c.execute(delete(user_state).where(unused)))

    async def purge_openings(self, before: datetime) -> None:
        """Forget who opened their Home before *before*."""
        old = delete(home_views).where(home_views.c.opened_at < before)
        await self._writer.run(lambda c: c.execute(old))

    async def erase(self, number: str, *, dry: bool) -> Erased:
        """Forget *number* (E.164); *dry* only counts.

        Every call from or to it, or that showed it; and it alone in people's lists of
        phones, which RingCentral fills anew where it still is theirs, and choices.
        """
        about = or_(
            calls.c.callee == number,
            calls.c.caller == number,
            calls.c.caller_id == number,
        )
        done = and_(about, calls.c.state == State.DONE)
        found = await self._writer.run(lambda c: _counted(c, about, done))
        lists = await self._writer.run(lambda c: _unlisted(c, number, dry=dry))
        choices = await self._writer.run(lambda c: _unchosen(c, number, dry=dry))
        left = 0 if dry else found.calls
        while left > 0:
            left = await self._writer.run(lambda c: _part(c, done))
        return replace(found, lists=lists, choices=choices)


def _part(connection: Connection, which: ColumnElement[bool]) -> int:
    some = select(calls.c.id).where(which).limit(PART).with_for_update(skip_locked=True)
    ids = list(connection.scalars(some))
    for table in (call_records, call_events):
        connection.execute(delete(table).where(table.c.call.in_(ids)))
    connection.execute(delete(calls).where(calls.c.id.in_(ids)))
    return len(ids)


def _purge_sign_ins(connection: Connection, before: datetime) -> None:
    for table in (pending_sign_ins, revocations):
        connection.execute(delete(table).where(table.c.ends_at < before))
    over = connections.c.broken_at < before
    query = select(connections).where(over).with_for_update()
    for row in connection.execute(query).mappings().all():
        theirs = (preferences.c[each] == row[each] for each in person_rows.COLUMNS)
        connection.execute(delete(preferences).where(*theirs))
        connection.execute(delete(user_state).where(user_state.c.id == row["id"]))
        connection.execute(delete(connections).where(connections.c.id == row["id"]))


def _unlisted(connection: Connection, number: str, *, dry: bool) -> int:
    """Take *number* out of people's lists of phones; return of how many."""
    column = connections.c.phones
    query = select(connections.c.id, column).where(column.contains(number))
    changed = 0
    for identity, text in connection.execute(query.with_for_update()).all():
        listed = book.load(text)
        left = [each for each in listed if each.number.e164 != number]
        changed += len(left) < len(listed)
        if not dry:
            mine = update(connections).where(connections.c.id == identity)
            connection.execute(mine.values(phones=book.dump(left)))
    return changed


def _unchosen(connection: Connection, number: str, *, dry: bool) -> int:
    """Let RingCentral choose again where somebody chose *number*; return how many."""
    column = preferences.c.chosen
    query = select(preferences).where(column.contains(number)).with_for_update()
    changed = 0
    for row in connection.execute(query).mappings().all():
        old = Preferences.load(row["chosen"])
        new = replace(
            old,
            first="" if old.first == number else old.first,
            caller_id="" if old.caller_id == number else old.caller_id,
        )
        changed += new != old
        if not dry:
            theirs = (preferences.c[each] == row[each] for each in person_rows.COLUMNS)
            mine = update(preferences).where(*theirs)
            connection.execute(mine.values(chosen=new.dump()))
    return changed


def _counted(
    connection: Connection, about: ColumnElement[bool], done: ColumnElement[bool]
) -> Erased:
    ids = select(calls.c.id).where(done)

    def count(table: ColumnElement[bool], source: object) -> int:
        query = select(func.count()).select_from(source).where(table)  # type: ignore[arg-type]
        return connection.scalar(query) or 0

    return Erased(
        calls=count(done, calls),
        records=count(call_records.c.call.in_(ids), call_records),
        events=count(call_events.c.call.in_(ids), call_events),
        lists=0,
        choices=0,
        still_open=count(and_(about, calls.c.state != State.DONE), calls),
    )
