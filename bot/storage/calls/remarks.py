"""Erases what people wrote of calls: notes with a number, and what somebody wrote."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    and_,
    func,
    or_,
    select,
    update,
)

from bot.calls.aftermath import Aftermath
from bot.calls.people.person import Person
from bot.storage.calls.releasing import shown_anew
from bot.storage.calls.tables import call_events, calls
from bot.storage.database.writer import Writer

REMARKS_A_TRANSACTION = 200
"""Few enough that commands don't have to wait long for the database."""

CardChanges = Callable[[Any, Aftermath, Aftermath | None], dict[str, Any]]
"""Returns what else changes in a row, for its card, by what was said and what is left."""

HAS_NOTE = calls.c.aftermath.contains('"note"')


async def erase_notes_with(writer: Writer, e164: str, *, dry: bool) -> int:
    """Remove the notes that have a number in them; return of how many calls."""

    def shown(_row: Any, _old: Aftermath, _new: Aftermath | None) -> dict[str, Any]:
        return {}

    return await _erase(
        writer, HAS_NOTE, lambda a: a.without_number(e164), shown, dry=dry
    )


async def erase_remarks_of(
    writer: Writer, person: Person, now: datetime, *, dry: bool
) -> int:
    """Remove what *person* wrote of anybody's calls; return of how many calls.

    The events of these calls go on saying what was done and when, without who did it.
    Cards of others' calls that say that *person* calls back are edited.
    """
    user = person.user
    here = and_(calls.c.enterprise == person.enterprise, calls.c.team == person.team)
    theirs = _is_written_by(user) & here

    def shown(row: Any, old: Aftermath, new: Aftermath | None) -> dict[str, Any]:
        if row.user == user or old.claim == (new.claim if new else None):
            return {}
        return shown_anew(row.state, now)

    count = await _erase(
        writer, theirs, lambda a: a.without_person(user), shown, dry=dry
    )
    if not dry:
        named = _names(user) & call_events.c.call.in_(select(calls.c.id).where(here))
        note = func.replace(call_events.c.note, _by(user), "")
        forget = update(call_events).where(named).values(note=note)
        await writer.run(lambda c: c.execute(forget))
    return count


async def wrote(writer: Writer, user: str) -> list[Person]:
    """Return everybody with this Slack id who wrote something of a call."""
    did = calls.c.id.in_(select(call_events.c.call).where(_names(user)))
    query = select(calls.c.enterprise, calls.c.team).where(
        or_(_is_written_by(user), did)
    )
    rows = await writer.run(lambda c: c.execute(query.distinct()).all())
    return [Person(row.enterprise, row.team, user) for row in rows]


def _is_written_by(user: str) -> ColumnElement[bool]:
    return calls.c.aftermath.contains(f'"{user}"', autoescape=True)


def _names(user: str) -> ColumnElement[bool]:
    """Whether an event says that *user* did it, as `bot.after.remarks` has it stored."""
    return call_events.c.note.endswith(_by(user), autoescape=True)


def _by(user: str) -> str:
    return f" by {user}"


async def _erase(
    writer: Writer,
    which: ColumnElement[bool],
    left: Callable[[Aftermath], Aftermath | None],
    shown: CardChanges,
    *,
    dry: bool,
) -> int:
    changed, last = 0, ""
    while True:
        after = which & (calls.c.id > last)
        work = partial(_some, which=after, left=left, shown=shown, dry=dry)
        ids, count = await writer.run(work)
        changed += count
        if len(ids) < REMARKS_A_TRANSACTION:
            return changed
        last = ids[-1]


def _some(
    connection: Connection,
    which: ColumnElement[bool],
    left: Callable[[Aftermath], Aftermath | None],
    shown: CardChanges,
    *,
    dry: bool,
) -> tuple[list[str], int]:
    """Change some calls in the order of their ids; return all ids, and how many it changed."""
    columns = (calls.c.id, calls.c.user, calls.c.state, calls.c.aftermath)
    query = select(*columns).where(which).order_by(calls.c.id)
    some = query.limit(REMARKS_A_TRANSACTION).with_for_update()
    rows = connection.execute(some).all()
    count = 0
    for row in rows:
        old = Aftermath.load(row.aftermath)
        if old is None or (new := left(old)) == old:
            continue
        count += 1
        if not dry:
            mine = update(calls).where(calls.c.id == row.id)
            follow_up = new.follow_up if new else ""
            mine = mine.values(aftermath=new.dump() if new else None)
            mine = mine.values(follow_up=follow_up, **shown(row, old, new))
            connection.execute(mine)
    return [row.id for row in rows], count
