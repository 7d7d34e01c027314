"""Sessions that people have ended here and RingCentral has not revoked yet.

A revocation is stored by the transaction that erases the connection, so no session
outlives it if RingCentral does not answer or the process dies.
"""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select, update

from bot.storage.database.writer import Writer
from bot.storage.people.linked import (
    OwedSubscription,
    PendingRevocation,
    StoredTokens,
)
from bot.storage.people.tables import revocations
from bot.vault import Undecryptable, Vault

ACCESS_LIFE = timedelta(hours=1)
REFRESH_LIFE = timedelta(days=7)
"""How long tokens live unless RingCentral has said otherwise."""

LONGEST_REFRESH_LIFE = timedelta(days=30)
"""No refresh token lives longer (RingCentral API reference, ``refresh_token_ttl``)."""

REVOCATION_LEASE = timedelta(minutes=1)
"""Time for the one request that a revocation takes, before another process may try."""

REVOKED_AT_ONCE = 20
"""Revocations in one go: a workspace that leaves must not keep calls waiting."""


def expires_at(tokens: StoredTokens, now: datetime) -> datetime:
    """Return when the session of *tokens* is over even if it is never revoked.

    After a sign-in by a JWT, ``ends_at`` is the end of the JWT, not of the session.
    """
    secrets = tokens.secrets
    if not secrets.get("refresh"):
        return tokens.fresh_until + ACCESS_LIFE
    ends = None if secrets.get("jwt") else tokens.ends_at
    return min(ends or now + REFRESH_LIFE, now + LONGEST_REFRESH_LIFE)


class Revocations:
    """The table `revocations`; all methods raise `StoreUnavailable`."""

    def __init__(
        self, writer: Writer, vault: Vault, lease: timedelta = REVOCATION_LEASE
    ) -> None:
        self._writer = writer
        self._vault = vault
        self._lease = lease

    async def later(self, tokens: StoredTokens, now: datetime) -> None:
        """Store that the session of *tokens*, which are not kept, is to be revoked."""
        await self._writer.run(lambda c: self.add(c, tokens, now, soon=True))

    def add(
        self,
        connection: Connection,
        tokens: StoredTokens,
        now: datetime,
        *,
        soon: bool,
        subscription: str = "",
    ) -> PendingRevocation | None:
        """Store that the session of *tokens* is to be revoked; None if it has no token.

        *soon*: any process may do it at once; otherwise the caller has the lease. Either
        token revokes the session, and an access token expires sooner. *subscription* is
        the id of one that is to be deleted first; that needs an access token.
        """
        access = tokens.secrets.get("access") or ""
        token = tokens.secrets.get("refresh") or access
        if not token:
            return None
        owed = (
            OwedSubscription(subscription, access) if subscription and access else None
        )
        row = {
            "subscription": self._closed(owed, tokens.owner),
            "token": self._vault.encrypt(token),
            "ends_at": expires_at(tokens, now),
            "next_at": now if soon else now + self._lease,
            "tries": 0,
        }
        key = revocations.c.id
        added = connection.execute(insert(revocations).values(row).returning(key))
        return PendingRevocation(
            added.scalar_one(), token, subscription=owed, user=tokens.owner
        )

    async def lease_due(self, now: datetime) -> list[PendingRevocation]:
        """Lease some revocations that are due, without those that no key decrypts."""
        of_table = revocations.c

        def work(connection: Connection) -> list[Row[Any]]:
            due = (
                select(revocations)
                .where(of_table.next_at <= now)
                .order_by(of_table.next_at)
                .limit(REVOKED_AT_ONCE)
                .with_for_update(skip_locked=True)
            )
            rows = connection.execute(due).all()
            leased = of_table.id.in_([row.id for row in rows])
            until = now + self._lease
            connection.execute(update(revocations).where(leased).values(next_at=until))
            return list(rows)

        rows = await self._writer.run(work, "revocations")
        read = [self._read(row) for row in rows]
        return [each for each in read if each is not None]

    async def done(self, revocation: PendingRevocation) -> None:
        """Delete a revocation: RingCentral has revoked the session."""
        its = revocations.c.id == revocation.id
        await self._writer.run(lambda c: c.execute(delete(revocations).where(its)))

    async def postpone(self, revocation: PendingRevocation, at: datetime) -> None:
        """Make a revocation due again *at*, after one more try."""
        again = update(revocations).where(revocations.c.id == revocation.id)
        again = again.values(next_at=at, tries=revocation.tries + 1)
        await self._writer.run(lambda c: c.execute(again))

    async def delete_expired(self, now: datetime) -> int:
        """Delete revocations whose sessions are over anyway; return how many."""
        expired = delete(revocations).where(revocations.c.ends_at <= now)
        return await self._writer.run(lambda c: c.execute(expired).rowcount)

    def _read(self, row: Row[Any]) -> PendingRevocation | None:
        try:
            token = self._vault.decrypt(row.token)
            owed, user = self._opened(row.subscription)
        except Undecryptable:
            return None
        return PendingRevocation(row.id, token, row.tries, owed, user)

    def _closed(self, owed: OwedSubscription | None, user: str) -> str:
        if owed is None:
            return ""
        return self._vault.encrypt(json.dumps([owed.id, owed.access, user]))

    def _opened(self, text: str) -> tuple[OwedSubscription | None, str]:
        """Return the subscription and its user. Raises `Undecryptable`."""
        if not text:
            return None, ""
        identity, access, user = json.loads(self._vault.decrypt(text))
        return OwedSubscription(identity, access), user
