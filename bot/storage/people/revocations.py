"""Sessions that are over here and not yet at RingCentral: the one token that ends each.

A revocation is stored by the transaction that erases its connection, so that neither a
RingCentral that does not answer nor a process that dies leaves a session behind.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select, update

from bot.storage.database.writer import Writer
from bot.storage.people.linked import Kept, PendingRevocation
from bot.storage.people.tables import revocations
from bot.vault import Undecryptable, Vault

FW = revocations.c

HOUR = timedelta(hours=1)
WEEK = timedelta(days=7)
"""How long access and refresh tokens live, unless RingCentral said otherwise."""

LONGEST = timedelta(days=30)
"""No refresh token lives longer (RingCentral API reference, ``refresh_token_ttl``)."""

REVOCATION_LEASE = timedelta(minutes=1)
"""Whoever takes a revocation has this long for it, before another may: one request."""

MOST = 20
"""Revocations taken at once: a workspace that leaves shall not keep calls from asking."""


def runs_out(kept: Kept, now: datetime) -> datetime:
    """Return when a session is over by itself, though nobody ends it.

    A sign-in by a JWT credential has the credential's end, which is not the session's.
    """
    secrets = kept.secrets
    if not secrets.get("refresh"):
        return kept.fresh_until + HOUR
    ends = None if secrets.get("jwt") else kept.ends_at
    return min(ends or now + WEEK, now + LONGEST)


class Revocations:
    """The table `revocations`; all raise `StoreUnavailable`."""

    def __init__(
        self, writer: Writer, vault: Vault, lease: timedelta = REVOCATION_LEASE
    ) -> None:
        self._writer = writer
        self._vault = vault
        self._lease = lease

    def owe(
        self, connection: Connection, kept: Kept, now: datetime, *, soon: bool
    ) -> PendingRevocation | None:
        """Store that a session is to be ended; None where there is no token for it.

        By anybody, *soon*; else the turn is the caller's first. Either token ends it
        all; an access token is the shorter-lived.
        """
        token = kept.secrets.get("refresh") or kept.secrets.get("access") or ""
        if not token:
            return None
        row = {
            "token": self._vault.encrypt(token),
            "ends_at": runs_out(kept, now),
            "next_at": now if soon else now + self._lease,
            "tries": 0,
        }
        made = connection.execute(insert(revocations).values(row).returning(FW.id))
        return PendingRevocation(made.scalar_one(), token)

    async def take(self, now: datetime) -> list[PendingRevocation]:
        """Take the turn for some that are due. What no key reads waits for its key."""

        def work(connection: Connection) -> list[Row[Any]]:
            due = (
                select(revocations)
                .where(FW.next_at <= now)
                .order_by(FW.next_at)
                .limit(MOST)
                .with_for_update(skip_locked=True)
            )
            rows = connection.execute(due).all()
            mine = update(revocations).where(FW.id.in_([row.id for row in rows]))
            connection.execute(mine.values(next_at=now + self._lease))
            return list(rows)

        taken = await self._writer.run(work, "revocations")
        read = [self._read(row) for row in taken]
        return [each for each in read if each is not None]

    async def done(self, revocation: PendingRevocation) -> None:
        """Erase one: its session has ended."""
        await self._writer.run(
            lambda c: c.execute(delete(revocations).where(FW.id == revocation.id))
        )

    async def later(self, revocation: PendingRevocation, at: datetime) -> None:
        """Let it be tried again then."""
        again = update(revocations).where(FW.id == revocation.id)
        again = again.values(next_at=at, tries=revocation.tries + 1)
        await self._writer.run(lambda c: c.execute(again))

    async def forget(self, now: datetime) -> int:
        """Erase those whose sessions have run out by now; return how many."""
        over = delete(revocations).where(FW.ends_at <= now)
        return await self._writer.run(lambda c: c.execute(over).rowcount)

    def _read(self, row: Row[Any]) -> PendingRevocation | None:
        try:
            return PendingRevocation(row.id, self._vault.decrypt(row.token), row.tries)
        except Undecryptable:
            return None
