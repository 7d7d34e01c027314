"""Erases what people wrote of calls: notes with a number, and what somebody wrote."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import ColumnElement, Connection, select, update

from bot.calls.aftermath import Aftermath
from bot.calls.people.person import Person
from bot.storage.calls.tables import calls
from bot.storage.database.writer import Writer

REMARKS_A_TRANSACTION = 200
"""Few enough that commands don't have to wait long for the database."""

HAS_NOTE = calls.c.aftermath.contains('"note"')


async def erase_notes_with(writer: Writer, e164: str, *, dry: bool) -> int:
    """Remove the notes that have a number in them; return of how many calls."""
    return await _erase(writer, HAS_NOTE, lambda a: a.without_number(e164), dry=dry)


async def erase_remarks_of(writer: Writer, person: Person, *, dry: bool) -> int:
    """Remove what *person* wrote of anybody's calls; return of how many calls."""
    user = person.user
    theirs = _is_written_by(user) & (
        (calls.c.enterprise == person.enterprise) & (calls.c.team == person.team)
    )
    return await _erase(writer, theirs, lambda a: a.without_person(user), dry=dry)


async def wrote(writer: Writer, user: str) -> list[Person]:
    """Return everybody with this Slack id who wrote something of a call."""
    query = select(calls.c.enterprise, calls.c.team).where(_is_written_by(user))
    rows = await writer.run(lambda c: c.execute(query.distinct()).all())
    return [Person(row.enterprise, row.team, user) for row in rows]


def _is_written_by(user: str) -> ColumnElement[bool]:
    return calls.c.aftermath.contains(f'"{user}"', autoescape=True)


async def _erase(
    writer: Writer,
    which: ColumnElement[bool],
    left: Callable[[Aftermath], Aftermath | None],
    *,
    dry: bool,
) -> int:
    changed, last = 0, ""
    while True:
        after = which & (calls.c.id > last)
        ids, count = await writer.run(lambda c, w=after: _some(c, w, left, dry=dry))  # type: ignore[misc]
        changed += count
        if len(ids) < REMARKS_A_TRANSACTION:
            return changed
        last = ids[-1]


def _some(
    connection: Connection,
    which: ColumnElement[bool],
    left: Callable[[Aftermath], Aftermath | None],
    *,
    dry: bool,
) -> tuple[list[str], int]:
    """Change some calls in the order of their ids; return all ids, and how many it changed."""
    query = select(calls.c.id, calls.c.aftermath).where(which).order_by(calls.c.id)
    some = query.limit(REMARKS_A_TRANSACTION).with_for_update()
    rows = connection.execute(some).all()
    count = 0
    for row in rows:
        old = Aftermath.load(row.aftermath)
        new = left(old) if old is not None else None
        if new == old:
            continue
        count += 1
        if not dry:
            mine = update(calls).where(calls.c.id == row.id)
            follow_up = new.follow_up if new else ""
            mine = mine.values(aftermath=new.dump() if new else None)
            connection.execute(mine.values(follow_up=follow_up))
    return [row.id for row in rows], count
