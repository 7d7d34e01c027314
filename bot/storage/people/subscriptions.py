"""Subscriptions to pushed events: one row an account, one process at a time for each.

A row is claimed before anything is asked of RingCentral, and changed only by the process
that has claimed it, so two processes never subscribe for the same account. A process that
dies loses its claims at once where others see that, else when they run out.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    and_,
    delete,
    insert,
    or_,
    select,
    update,
)

from bot.calls.subscription import Subscription
from bot.errors import RowRefused
from bot.storage.database.writer import Writer
from bot.storage.people.tables import connections, subscriptions
from bot.storage.shared.tables import processes

SUBSCRIPTION_CLAIM = timedelta(seconds=60)
"""How long a claim lasts unless it is renewed. What is asked of RingCentral for one
subscription takes less, with all its time-outs."""

CLAIMED_AT_ONCE = 10
"""Rows that one look claims: each costs a request or two."""


def hashed(secret: str) -> str:
    """Return what is stored of a secret: enough to recognize it."""
    return hashlib.sha256(secret.encode(errors="replace")).hexdigest()


def delete_subscriptions(connection: Connection, accounts: Iterable[str]) -> None:
    """Delete the rows of *accounts*; RingCentral is told by `bot.accounts.disconnecting`."""
    gone = subscriptions.c.account.in_(list(accounts))
    connection.execute(delete(subscriptions).where(gone))


def delete_before(connection: Connection, before: datetime) -> None:
    """Delete rows for which something has been due since a time."""
    connection.execute(delete(subscriptions).where(subscriptions.c.next_at < before))


def remote_id_of(connection: Connection, account: str) -> str:
    """Return the id at RingCentral of an account's webhook; empty if it has none."""
    query = select(subscriptions.c.remote_id).where(
        subscriptions.c.account == account, subscriptions.c.address != ""
    )
    return connection.scalar(query) or ""


@dataclass(frozen=True, slots=True)
class KnownSubscription:
    """A row as others use it; *path* and *token* are hashes of the webhook's secrets."""

    subscription: Subscription
    path: str
    token: str
    held_until: datetime
    holder: str = ""

    @property
    def account(self) -> str:
        """The account's name in the database."""
        return self.subscription.account


class SubscriptionRows:
    """The table `subscriptions`; all methods raise `StoreUnavailable`."""

    def __init__(
        self, writer: Writer, me: str, claim: timedelta = SUBSCRIPTION_CLAIM
    ) -> None:
        self._writer = writer
        self._me = me
        self._claim = claim

    async def all(self) -> list[KnownSubscription]:
        """Return all rows."""
        query = select(subscriptions)
        rows = await self._writer.run(lambda c: c.execute(query).all())
        return [_known(row) for row in rows]

    async def follow(
        self, others: Collection[str], now: datetime
    ) -> list[KnownSubscription]:
        """Have a row for each connected account and for *others*, and none for the rest.

        Returns all rows, by the same transaction.
        """
        connected = select(connections.c.id).where(connections.c.broken_at.is_(None))

        def work(connection: Connection) -> list[Row[Any]]:
            wanted = {*connection.scalars(connected), *others}
            there = set(connection.scalars(select(subscriptions.c.account)))
            if there - wanted:
                delete_subscriptions(connection, there - wanted)
            new = [{"account": a, "next_at": now} for a in sorted(wanted - there)]
            if new:
                connection.execute(insert(subscriptions), new)
            return list(connection.execute(select(subscriptions)).all())

        try:
            rows = await self._writer.run(work, "subscriptions")
        except RowRefused:  # another process has just inserted some
            return await self.all()
        return [_known(row) for row in rows]

    def may_claim(self, row: KnownSubscription, now: datetime) -> bool:
        """Whether it is worth a look whether this process can claim *row*."""
        return row.subscription.next_at <= now and row.holder != self._me

    async def make_due(self, address: str, now: datetime) -> None:
        """Have those rows due whose events were asked to go elsewhere than *address*."""
        elsewhere = and_(
            subscriptions.c.remote_id != "",
            subscriptions.c.address != address,
            subscriptions.c.next_at > now,
        )
        change = update(subscriptions).where(elsewhere).values(next_at=now)
        await self._writer.run(lambda c: c.execute(change), "subscriptions")

    async def claim(
        self, now: datetime, most: int, first: str | None = None
    ) -> list[Subscription]:
        """Claim up to *most* rows that are due and that no living process holds.

        Before these, and not counted, that of the account *first*, if it is such a row.
        """
        account = subscriptions.c.account
        due = and_(subscriptions.c.next_at <= now, self._is_free(now))
        free = select(subscriptions).where(due).with_for_update(skip_locked=True)
        oldest = free.order_by(subscriptions.c.next_at)
        others = oldest.where(account != first) if first is not None else oldest

        def work(connection: Connection) -> list[Row[Any]]:
            rows: list[Row[Any]] = []
            if first is not None:
                rows.extend(connection.execute(free.where(account == first)))
            rows.extend(connection.execute(others.limit(min(most, CLAIMED_AT_ONCE))))
            taken = subscriptions.c.account.in_([row.account for row in rows])
            mine = {"holder": self._me, "held_until": now + self._claim}
            if rows:
                connection.execute(update(subscriptions).where(taken).values(mine))
            return rows

        rows = await self._writer.run(work, "subscriptions")
        return [_known(row).subscription for row in rows]

    async def keep(self, accounts: Collection[str], now: datetime) -> set[str]:
        """Prolong this process's claims; return those of *accounts* that it still has."""
        mine = and_(
            subscriptions.c.holder == self._me,
            subscriptions.c.account.in_(list(accounts)),
        )

        def work(connection: Connection) -> set[str]:
            until = update(subscriptions).where(mine)
            connection.execute(until.values(held_until=now + self._claim))
            return set(connection.scalars(select(subscriptions.c.account).where(mine)))

        return await self._writer.run(work)

    async def prepare(self, account: str, path: str, token: str) -> bool:
        """Store the secrets of a webhook that is about to be made; False if it lost it."""
        return await self._change(
            account,
            remote_id="",
            expires_at=None,
            path=hashed(path),
            token=hashed(token),
        )

    async def store(self, new: Subscription, *, release: bool) -> bool:
        """Store what has become of it; False if another process has it now.

        *release*: any process may do what comes next.
        """
        values: dict[str, Any] = {
            "remote_id": new.remote_id,
            "address": new.address,
            "expires_at": new.expires_at,
            "next_at": new.next_at,
            "trouble": new.trouble[:64],
            "tries": new.tries,
        }
        if release:
            values["holder"] = ""
        return await self._change(new.account, **values)

    async def release(self) -> None:
        """Give up all claims: this process stops."""
        mine = subscriptions.c.holder == self._me
        free = update(subscriptions).where(mine).values(holder="")
        await self._writer.run(lambda c: c.execute(free))

    def _is_free(self, now: datetime) -> ColumnElement[bool]:
        """Return the condition for rows that no living process holds.

        A claim that lasts longer than any was made while a clock was wrong. On SQLite no
        process is registered, and an earlier one is dead.
        """
        until, holder = subscriptions.c.held_until, subscriptions.c.holder
        return or_(
            until <= now,
            until > now + self._claim,
            and_(holder != self._me, holder.not_in(select(processes.c.id))),
        )

    async def _change(self, account: str, **values: object) -> bool:
        mine = and_(
            subscriptions.c.account == account, subscriptions.c.holder == self._me
        )
        change = update(subscriptions).where(mine).values(values)
        return await self._writer.run(lambda c: c.execute(change).rowcount == 1)


def _known(row: Row[Any]) -> KnownSubscription:
    subscription = Subscription(
        account=row.account,
        next_at=row.next_at,
        remote_id=row.remote_id,
        address=row.address,
        expires_at=row.expires_at,
        trouble=row.trouble,
        tries=row.tries,
    )
    return KnownSubscription(
        subscription, row.path, row.token, row.held_until, row.holder
    )
