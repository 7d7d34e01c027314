"""The tokens in the table `connections`: encrypted, and refreshed by one process at a time."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, case, or_, select, update

from bot.storage.database.writer import Writer
from bot.storage.people import linked
from bot.storage.people.linked import StoredTokens
from bot.storage.people.tables import connections
from bot.vault import Undecryptable, Vault

REFRESH_LEASE = timedelta(seconds=25)
"""Longer than a refresh takes, with all its time-outs."""


class ConnectionTokens:
    """Each connection's tokens; all methods that wait raise `StoreUnavailable`."""

    def __init__(self, writer: Writer, vault: Vault) -> None:
        self._writer = writer
        self._vault = vault

    async def of(self, identity: str) -> StoredTokens | None:
        """Return a connection's tokens; None if it was erased or is broken."""
        query = select(connections).where(
            connections.c.id == identity, connections.c.broken_at.is_(None)
        )
        row = await self._writer.run(lambda c: c.execute(query).first())
        return None if row is None else self._opened(row)

    async def take_lease(self, identity: str, version: int, now: datetime) -> bool:
        """Take the lease to refresh; False if another process has it."""
        mine = _at(identity, version)
        until = connections.c.leased_until
        # One that ends later than any lease was taken while a clock was wrong.
        free = and_(mine, or_(until <= now, until > now + REFRESH_LEASE))
        return await self._change(free, leased_until=now + REFRESH_LEASE)

    async def release_lease(self, identity: str, version: int, now: datetime) -> None:
        """Release the lease now, unless the tokens are of another *version* by now."""
        await self._change(_at(identity, version), leased_until=now)

    async def save(self, identity: str, tokens: StoredTokens, now: datetime) -> bool:
        """Replace the tokens of the version before; return whether they were stored.

        If nothing renews the sign-in any more, its kind changes and a warning is due.
        """
        kind, warned = linked.kind_of(tokens), connections.c.warned_at
        return await self._change(
            _at(identity, tokens.version - 1),
            kind=kind,
            warned_at=case((connections.c.kind == kind, warned), else_=None),
            tokens=self.encrypted(tokens),
            version=tokens.version,
            fresh_until=tokens.fresh_until,
            ends_at=tokens.ends_at,
            leased_until=now,
        )

    async def mark_broken(
        self, identity: str, version: int, now: datetime, why: str = ""
    ) -> bool:
        """Store that the tokens can't be refreshed any more; True only the first time.

        *why* is RingCentral's code, if it has given one.
        """
        mine = and_(_at(identity, version), connections.c.broken_at.is_(None))
        return await self._change(mine, broken_at=now, broken_why=why[:32])

    def encrypted(self, tokens: StoredTokens) -> str:
        """Return what is stored of *tokens*' secrets."""
        return self._vault.encrypt(json.dumps(tokens.secrets))

    def decrypted(self, row: Row[Any]) -> StoredTokens | None:
        """Return a row's tokens, whatever their state; None if no key decrypts them."""
        try:
            return self._opened(row)
        except Undecryptable:
            return None

    def _opened(self, row: Row[Any]) -> StoredTokens:
        return StoredTokens(
            secrets=json.loads(self._vault.decrypt(row.tokens)),
            version=row.version,
            fresh_until=row.fresh_until,
            ends_at=row.ends_at,
            owner=linked.owner_in(row.extension),
        )

    async def _change(self, where: ColumnElement[bool], **values: object) -> bool:
        change = update(connections).where(where).values(values)
        return await self._writer.run(lambda c: c.execute(change).rowcount == 1)


def _at(identity: str, version: int) -> ColumnElement[bool]:
    return and_(connections.c.id == identity, connections.c.version == version)
