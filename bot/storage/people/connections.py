"""Who connected which RingCentral account, and by which tokens, encrypted."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    Table,
    and_,
    bindparam,
    case,
    delete,
    insert,
    literal,
    select,
)
from sqlalchemy import update as sql_update
from sqlalchemy.exc import IntegrityError

from bot.calls import phones as book
from bot.calls.person import Person, Preferences
from bot.calls.phones import Phone
from bot.storage.database.person_rows import (
    bound,
    columns,
    of_bound_person,
    of_person,
    of_workspace,
)
from bot.storage.database.writer import Writer
from bot.storage.people import linked
from bot.storage.people.linked import ErasedConnection, Extension, Kept, Linked
from bot.storage.people.notices import Notices
from bot.storage.people.revocations import REVOCATION_LEASE, Revocations
from bot.storage.people.tables import (
    connections,
    home_views,
    pending_sign_ins,
    preferences,
)
from bot.storage.shared.tables import user_state
from bot.vault import Undecryptable, Vault

LEASE = timedelta(seconds=25)
"""Longer than a refresh takes with all its time-outs."""


_ONE = select(literal(1).label("one")).subquery()
CALLS_BY = select(
    connections,
    select(preferences.c.chosen)
    .where(of_bound_person(preferences))
    .scalar_subquery()
    .label("chosen"),
).select_from(_ONE.outerjoin(connections, of_bound_person(connections)))
"""A person's connection, its id None without one, and what they have chosen: one row."""

BY_CHOICE = (preferences, pending_sign_ins)
"""What goes with a connection; an opened Home of who stays is kept up to date."""
GONE = delete(connections).where(connections.c.id == bindparam("id_"))
BUDGET = delete(user_state).where(user_state.c.id == bindparam("id_"))
"""What is known of an account's rate limits."""

Whose = Callable[[Table], ColumnElement[bool]]
"""Finds the rows of whoever it is in a table about people."""

__all__ = ["Connections", "ErasedConnection", "Extension", "Kept", "Linked"]


class Connections:
    """The table `connections` and what hangs on it; all raise `StoreUnavailable`.

    Attributes:
        revocations: What RingCentral is still to be told of those that are erased.
        notices: What people are still to be told of theirs.
    """

    def __init__(
        self,
        writer: Writer,
        vault: Vault,
        revocation_lease: timedelta = REVOCATION_LEASE,
    ) -> None:
        self._writer = writer
        self._vault = vault
        self.revocations = Revocations(writer, vault, revocation_lease)
        self.notices = Notices(writer)

    async def of(self, person: Person) -> tuple[Linked | None, Preferences]:
        """Return a person's connection and preferences: one look, for an ack."""
        row = await self._writer.run(lambda c: c.execute(CALLS_BY, bound(person)).one())
        found = None if row.id is None else linked.linked(row)
        return found, Preferences.load(row.chosen or "")

    async def get(self, identity: str) -> Linked | None:
        """Return a connection by its id."""
        query = select(connections).where(connections.c.id == identity)
        row = await self._writer.run(lambda c: c.execute(query).first())
        return linked.linked(row) if row else None

    async def put(
        self,
        identity: str,
        person: Person,
        kind: str,
        extension: Extension,
        kept: Kept,
        now: datetime,
        phones: tuple[Phone, ...] = (),
    ) -> ErasedConnection | None:
        """Store a connection in place of the person's old one, whose session is to end.

        The same RingCentral user again keeps its id, so that open calls go on by the
        new tokens; else *identity* is the id.
        """
        row: dict[str, Any] = {
            **columns(person),
            "id": identity,
            "kind": kind,
            "extension": linked.dump(extension),
            "tokens": self._vault.encrypt(json.dumps(kept.secrets)),
            "version": kept.version,
            "fresh_until": kept.fresh_until,
            "ends_at": kept.ends_at,
            "connected_at": now,
            "phones": book.dump(phones),
            "phones_at": now,
        }

        def work(connection: Connection) -> ErasedConnection | None:
            mine = (
                select(connections)
                .where(of_person(connections, person))
                .with_for_update()
            )
            old = connection.execute(mine).first()
            new, erased = dict(row), None
            if old is not None:
                same = linked.linked(old).extension
                if (same.account, same.id) == (extension.account, extension.id):
                    new["id"], new["version"] = old.id, old.version + 1
                connection.execute(GONE, {"id_": old.id})
                if new["id"] != old.id:
                    connection.execute(BUDGET, {"id_": old.id})
                erased = self._erased(connection, old, now, soon=False)
            connection.execute(insert(connections).values(new))
            return erased

        try:
            return await self._writer.run(work, _lock_of(person))
        except IntegrityError:  # they connected twice at this very moment
            return await self._writer.run(work, _lock_of(person))

    async def erase(self, person: Person, now: datetime) -> ErasedConnection | None:
        """Erase what belongs to a person, as `erase_within` does; its revocation is the caller's."""
        erased = await self._writer.run(
            lambda c: self._erase(
                c, lambda t: of_person(t, person), BY_CHOICE, now, soon=False
            ),
            _lock_of(person),
        )
        return erased[0] if erased else None

    async def erase_within(
        self, enterprise: str, team: str, user: str, now: datetime
    ) -> list[ErasedConnection]:
        """Erase what people connected, chose and began who are `within`.

        In one transaction, with what RingCentral is to be told of each: when this
        returns, nothing of them is used here any more, whatever happens then.
        """

        def whose(table: Table) -> ColumnElement[bool]:
            return of_workspace(table, enterprise, team, user)

        return await self._writer.run(
            lambda c: self._erase(c, whose, (*BY_CHOICE, home_views), now, soon=True),
            "people",
        )

    async def existing(self, ids: set[str]) -> set[str]:
        """Return which of some connections were not erased."""
        query = select(connections.c.id).where(connections.c.id.in_(ids))
        return await self._writer.run(lambda c: set(c.scalars(query)))

    async def everybody(self) -> list[tuple[Linked, bool]]:
        """Return all connections, and whether a key of ours reads the tokens of each."""
        query = select(connections).order_by(connections.c.connected_at)
        rows = await self._writer.run(lambda c: c.execute(query).all())
        return [(linked.linked(r), self._readable(r) is not None) for r in rows]

    async def prefer(self, person: Person, chosen: Preferences) -> None:
        """Store what a person has chosen."""

        def work(connection: Connection) -> None:
            connection.execute(
                delete(preferences).where(of_person(preferences, person))
            )
            row = columns(person) | {"chosen": chosen.dump()}
            connection.execute(insert(preferences).values(row))

        try:
            await self._writer.run(work, _lock_of(person))
        except IntegrityError:  # they chose twice at this very moment
            await self._writer.run(work, _lock_of(person))

    async def list_phones(
        self, identity: str, phones: tuple[Phone, ...], now: datetime
    ) -> None:
        """Remember what RingCentral lists."""
        await self._change(
            connections.c.id == identity, phones=book.dump(phones), phones_at=now
        )

    async def tokens(self, identity: str) -> Kept | None:
        """Return a connection's tokens; None if it is gone or broken."""
        query = select(connections).where(
            connections.c.id == identity, connections.c.broken_at.is_(None)
        )
        row = await self._writer.run(lambda c: c.execute(query).first())
        return None if row is None else self._kept(row)

    async def take_lease(self, identity: str, version: int, now: datetime) -> bool:
        """Take the lease to refresh; False if another process has it."""
        mine = _at(identity, version)
        free = and_(mine, connections.c.leased_until <= now)
        return await self._change(free, leased_until=now + LEASE)

    async def release_lease(self, identity: str, version: int, now: datetime) -> None:
        """Release the lease."""
        await self._change(_at(identity, version), leased_until=now)

    async def save(self, identity: str, kept: Kept, now: datetime) -> bool:
        """Store refreshed tokens over those of the version before.

        A sign-in that is not renewed any more is of another kind, and has to be warned of.
        """
        kind, warned = linked.kind_of(kept), connections.c.warned_at
        return await self._change(
            _at(identity, kept.version - 1),
            kind=kind,
            warned_at=case((connections.c.kind == kind, warned), else_=None),
            tokens=self._vault.encrypt(json.dumps(kept.secrets)),
            version=kept.version,
            fresh_until=kept.fresh_until,
            ends_at=kept.ends_at,
            leased_until=now,
        )

    async def abandon(self, kept: Kept, now: datetime) -> None:
        """Store that the session of tokens that nobody keeps is to be ended."""
        await self._writer.run(lambda c: self.revocations.owe(c, kept, now, soon=True))

    async def break_off(self, identity: str, version: int, now: datetime) -> bool:
        """Note that it can't be refreshed any more; True for whoever is the first."""
        mine = and_(_at(identity, version), connections.c.broken_at.is_(None))
        return await self._change(mine, broken_at=now)

    async def ending(self, before: datetime) -> list[Linked]:
        """Return the connections that end before then, and still work."""
        query = select(connections).where(
            connections.c.ends_at < before, connections.c.broken_at.is_(None)
        )
        rows = await self._writer.run(lambda c: c.execute(query).all())
        return [linked.linked(row) for row in rows]

    def _erase(
        self,
        connection: Connection,
        whose: Whose,
        tables: tuple[Table, ...],
        now: datetime,
        *,
        soon: bool,
    ) -> list[ErasedConnection]:
        theirs = select(connections).where(whose(connections)).with_for_update()
        rows = connection.execute(theirs).all()
        for table in tables:
            connection.execute(delete(table).where(whose(table)))
        if rows:
            ids = [{"id_": row.id} for row in rows]
            connection.execute(GONE, ids)
            connection.execute(BUDGET, ids)
        return [self._erased(connection, row, now, soon=soon) for row in rows]

    def _erased(
        self, connection: Connection, row: Row[Any], now: datetime, *, soon: bool
    ) -> ErasedConnection:
        kept = self._readable(row)
        if kept is None:
            return ErasedConnection(row.id, row.kind, None)
        owed = self.revocations.owe(connection, kept, now, soon=soon)
        return ErasedConnection(row.id, row.kind, owed)

    async def _change(self, where: ColumnElement[bool], **values: object) -> bool:
        change = sql_update(connections).where(where).values(values)
        return await self._writer.run(lambda c: c.execute(change).rowcount == 1)

    def _readable(self, row: Row[Any]) -> Kept | None:
        try:
            return self._kept(row)
        except Undecryptable:
            return None

    def _kept(self, row: Row[Any]) -> Kept:
        return Kept(
            secrets=json.loads(self._vault.decrypt(row.tokens)),
            version=row.version,
            fresh_until=row.fresh_until,
            ends_at=row.ends_at,
            owner=linked.owner_in(row.extension),
        )


def _at(identity: str, version: int) -> ColumnElement[bool]:
    return and_(connections.c.id == identity, connections.c.version == version)


def _lock_of(person: Person) -> str:
    return f"person {person.team} {person.user}"
