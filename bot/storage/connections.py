"""Who connected which RingCentral account, and by which tokens, encrypted."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, delete, insert, select
from sqlalchemy import update as sql_update
from sqlalchemy.exc import IntegrityError

from bot.calls import phones as book
from bot.calls.person import Person, Preferences
from bot.calls.phones import Phone
from bot.storage import linked
from bot.storage.linked import Extension, Kept, Linked
from bot.storage.people import (
    connections,
    of,
    openings,
    preferences,
    signins,
    within,
)
from bot.storage.schema import credentials
from bot.storage.statements import CALLS_BY
from bot.storage.statements import of as values_of
from bot.storage.writer import Writer
from bot.vault import Unreadable, Vault

LEASE = timedelta(seconds=25)
"""Longer than a refresh takes with all its time-outs."""


__all__ = ["Connections", "Extension", "Kept", "Linked"]


class Connections:
    """The table `connections` and what hangs on it; all raise `StoreUnavailable`."""

    def __init__(self, writer: Writer, vault: Vault) -> None:
        self._writer = writer
        self._vault = vault

    async def of(self, person: Person) -> tuple[Linked | None, Preferences]:
        """Return a person's connection and preferences: one look, for an ack."""
        row = await self._writer.run(
            lambda c: c.execute(CALLS_BY, values_of(person)).one()
        )
        found = None if row.id is None else linked.linked(row)
        return found, Preferences.load(row.chosen or "")

    async def get(self, identity: str) -> Linked | None:
        """Return a connection by its id."""
        query = select(connections).where(connections.c.id == identity)
        row = await self._writer.run(lambda c: c.execute(query).first())
        return linked.linked(row) if row else None

    async def put(
        self, identity: str, person: Person, kind: str, extension: Extension,
        kept: Kept, now: datetime, phones: tuple[Phone, ...] = (),
    ) -> Kept | None:  # fmt: skip
        """Store a connection in place of the person's old one; return the old tokens.

        The same RingCentral user again keeps its id, so that open calls go on by the
        new tokens; else *identity* is the id. Old tokens that no key reads are none.
        """
        row: dict[str, Any] = {
            "id": identity, "enterprise": person.enterprise, "team": person.team,
            "user": person.user, "kind": kind, "extension": linked.dump(extension),
            "tokens": self._vault.lock(json.dumps(kept.secrets)),
            "version": kept.version, "fresh_until": kept.fresh_until,
            "ends_at": kept.ends_at, "connected_at": now,
            "phones": book.dump(phones), "phones_at": now,
        }  # fmt: skip

        def work(connection: Connection) -> Row[Any] | None:
            mine = select(connections).where(of(connections, person)).with_for_update()
            old = connection.execute(mine).first()
            new = dict(row)
            if old is not None:
                same = linked.linked(old).extension
                if (same.account, same.id) == (extension.account, extension.id):
                    new["id"], new["version"] = old.id, old.version + 1
                _erase(connection, old, keep=new["id"])
            connection.execute(insert(connections).values(new))
            return old

        try:
            old = await self._writer.run(work, _lock_of(person))
        except IntegrityError:  # they connected twice at this very moment
            old = await self._writer.run(work, _lock_of(person))
        return None if old is None else self._readable(old)

    async def remove(self, identity: str) -> Kept | None:
        """Erase a connection and what its person chose and began; return its tokens.

        None where there are none, or no key reads them.
        """

        def work(connection: Connection) -> Row[Any] | None:
            mine = connections.c.id == identity
            row = connection.execute(select(connections).where(mine)).first()
            if row is not None:
                _erase(connection, row)
                person = Person(row.enterprise, row.team, row.user)
                for table in (preferences, signins):
                    connection.execute(delete(table).where(of(table, person)))
            return row

        row = await self._writer.run(work, f"connection {identity}")
        return None if row is None else self._readable(row)

    async def ids(self, enterprise: str, team: str, user: str = "") -> list[str]:
        """Return the ids of the connections that are `within`."""
        wanted = within(connections, enterprise, team, user)
        query = select(connections.c.id).where(wanted)
        return await self._writer.run(lambda c: list(c.scalars(query)))

    async def everybody(self) -> list[tuple[Linked, bool]]:
        """Return all connections, and whether a key of ours reads the tokens of each."""
        query = select(connections).order_by(connections.c.connected_at)
        rows = await self._writer.run(lambda c: c.execute(query).all())
        return [(linked.linked(r), self._readable(r) is not None) for r in rows]

    async def forget(self, enterprise: str, team: str, user: str = "") -> None:
        """Erase what people chose, began and looked at who are `within`.

        Connected or not.
        """

        def work(connection: Connection) -> None:
            for table in (preferences, signins, openings):
                wanted = within(table, enterprise, team, user)
                connection.execute(delete(table).where(wanted))

        await self._writer.run(work)

    async def prefer(self, person: Person, chosen: Preferences) -> None:
        """Store what a person has chosen."""

        def work(connection: Connection) -> None:
            connection.execute(delete(preferences).where(of(preferences, person)))
            row = {
                "enterprise": person.enterprise, "team": person.team,
                "user": person.user, "chosen": chosen.dump(),
            }  # fmt: skip
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

    async def take_turn(self, identity: str, version: int, now: datetime) -> bool:
        """Take the turn to refresh, for a while."""
        mine = _at(identity, version)
        free = and_(mine, connections.c.leased_until <= now)
        return await self._change(free, leased_until=now + LEASE)

    async def give_turn_back(self, identity: str, version: int, now: datetime) -> None:
        """Let somebody else take it."""
        await self._change(_at(identity, version), leased_until=now)

    async def save(self, identity: str, kept: Kept, now: datetime) -> bool:
        """Store refreshed tokens over those of the version before."""
        return await self._change(
            _at(identity, kept.version - 1),
            tokens=self._vault.lock(json.dumps(kept.secrets)),
            version=kept.version,
            fresh_until=kept.fresh_until,
            ends_at=kept.ends_at,
            leased_until=now,
        )

    async def break_off(self, identity: str, version: int, now: datetime) -> bool:
        """Note that it can't be refreshed any more; True for whoever is the first."""
        mine = and_(_at(identity, version), connections.c.broken_at.is_(None))
        return await self._change(mine, broken_at=now)

    async def untold(self) -> list[Linked]:
        """Return the broken connections whose people were not told yet."""
        query = select(connections).where(
            connections.c.broken_at.is_not(None), connections.c.told_at.is_(None)
        )
        rows = await self._writer.run(lambda c: c.execute(query).all())
        return [linked.linked(row) for row in rows]

    async def told(self, identity: str, now: datetime) -> bool:
        """Take it on oneself to tell a person that it broke; True for one process."""
        mine = and_(connections.c.id == identity, connections.c.told_at.is_(None))
        return await self._change(mine, told_at=now)

    async def ending(self, before: datetime) -> list[Linked]:
        """Return the connections that end before then, and still work."""
        query = select(connections).where(
            connections.c.ends_at < before, connections.c.broken_at.is_(None)
        )
        rows = await self._writer.run(lambda c: c.execute(query).all())
        return [linked.linked(row) for row in rows]

    async def warned(self, identity: str, now: datetime) -> bool:
        """Take it on oneself to warn a person; True for one process, once."""
        mine = and_(connections.c.id == identity, connections.c.warned_at.is_(None))
        return await self._change(mine, warned_at=now)

    async def _change(self, where: ColumnElement[bool], **values: object) -> bool:
        change = sql_update(connections).where(where).values(values)
        return await self._writer.run(lambda c: c.execute(change).rowcount == 1)

    def _readable(self, row: Row[Any]) -> Kept | None:
        try:
            return self._kept(row)
        except Unreadable:
            return None

    def _kept(self, row: Row[Any]) -> Kept:
        return Kept(
            secrets=json.loads(self._vault.unlock(row.tokens)),
            version=row.version,
            fresh_until=row.fresh_until,
            ends_at=row.ends_at,
        )


def _at(identity: str, version: int) -> ColumnElement[bool]:
    return and_(connections.c.id == identity, connections.c.version == version)


def _lock_of(person: Person) -> str:
    return f"person {person.team} {person.user}"


def _erase(connection: Connection, row: Row[Any], *, keep: str = "") -> None:
    """Erase a connection, and what is known of its rate limits unless it goes on."""
    connection.execute(delete(connections).where(connections.c.id == row.id))
    if row.id != keep:
        connection.execute(delete(credentials).where(credentials.c.id == row.id))
