"""Sessions that are over here and not yet at RingCentral: the one token that ends each.

A farewell is stored by the transaction that erases its connection, so that neither a
RingCentral that does not answer nor a process that dies leaves a session behind.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select, update

from bot.storage.database.writer import Writer
from bot.storage.people.linked import Farewell, Kept
from bot.storage.people.tables import farewells
from bot.vault import Undecryptable, Vault

FW = farewells.c

HOUR = timedelta(hours=1)
WEEK = timedelta(days=7)
"""How long access and refresh tokens live, unless RingCentral said otherwise."""

LONGEST = timedelta(days=30)
"""No refresh token lives longer (RingCentral API reference, ``refresh_token_ttl``)."""

TURN = timedelta(minutes=1)
"""Whoever takes a farewell has this long for it, before another may: one request."""

MOST = 20
"""Farewells taken at once: a workspace that leaves shall not keep calls from asking."""


def runs_out(kept: Kept, now: datetime) -> datetime:
    """Return when a session is over by itself, though nobody ends it.

    A sign-in by a JWT credential has the credential's end, which is not the session's.
    """
    secrets = kept.secrets
    if not secrets.get("refresh"):
        return kept.fresh_until + HOUR
    ends = None if secrets.get("jwt") else kept.ends_at
    return min(ends or now + WEEK, now + LONGEST)


def owe(
    connection: Connection, vault: Vault, kept: Kept, now: datetime, *, soon: bool
) -> Farewell | None:
    """Store that a session is to be ended; None where there is no token for it.

    By anybody, *soon*; else the turn is the caller's first. Either token ends it all; an
    access token is the shorter-lived.
    """
    token = kept.secrets.get("refresh") or kept.secrets.get("access") or ""
    if not token:
        return None
    row = {
        "token": vault.encrypt(token), "ends_at": runs_out(kept, now),
        "next_at": now if soon else now + TURN, "tries": 0,
    }  # fmt: skip
    made = connection.execute(insert(farewells).values(row).returning(FW.n))
    return Farewell(made.scalar_one(), token)


class Farewells:
    """The table `farewells`; all raise `StoreUnavailable`."""

    def __init__(self, writer: Writer, vault: Vault) -> None:
        self._writer = writer
        self._vault = vault

    async def take(self, now: datetime) -> list[Farewell]:
        """Take the turn for some that are due. What no key reads waits for its key."""

        def work(connection: Connection) -> list[Row[Any]]:
            due = (
                select(farewells)
                .where(FW.next_at <= now)
                .order_by(FW.next_at)
                .limit(MOST)
                .with_for_update(skip_locked=True)
            )
            rows = connection.execute(due).all()
            mine = update(farewells).where(FW.n.in_([row.n for row in rows]))
            connection.execute(mine.values(next_at=now + TURN))
            return list(rows)

        taken = await self._writer.run(work, "farewells")
        read = [self._read(row) for row in taken]
        return [each for each in read if each is not None]

    async def done(self, farewell: Farewell) -> None:
        """Erase one: its session has ended."""
        await self._writer.run(
            lambda c: c.execute(delete(farewells).where(FW.n == farewell.n))
        )

    async def later(self, farewell: Farewell, at: datetime) -> None:
        """Let it be tried again then."""
        again = update(farewells).where(FW.n == farewell.n)
        again = again.values(next_at=at, tries=farewell.tries + 1)
        await self._writer.run(lambda c: c.execute(again))

    async def forget(self, now: datetime) -> int:
        """Erase those whose sessions have run out by now; return how many."""
        over = delete(farewells).where(FW.ends_at <= now)
        return await self._writer.run(lambda c: c.execute(over).rowcount)

    def _read(self, row: Row[Any]) -> Farewell | None:
        try:
            return Farewell(row.n, self._vault.decrypt(row.token), row.tries)
        except Undecryptable:
            return None
