"""How far each account's log was read for missed calls.

``next_at`` is the timer of the next read, and the lease of the process that reads. The
token of a read is stored with the cards of its calls, in one transaction: so no process
that dies leaves a call untold, or tells one twice.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    and_,
    delete,
    func,
    insert,
    or_,
    select,
    update,
)

from bot.calls.missed_card import JOINS_WITHIN, Missed, MissedCard, told
from bot.errors import RowRefused
from bot.storage.calls.tables import calls
from bot.storage.database.writer import Writer
from bot.storage.missed.card_rows import from_row, store_card
from bot.storage.missed.tables import (
    missed_cards,
    missed_keys,
    missed_syncs,
    missed_tellings,
)

MS, MK = missed_syncs.c, missed_keys.c

SYNC_LEASE = timedelta(seconds=180)
"""Longer than a read of the log takes, with a sign-in and what is sent again."""

MOST_SYNCS_A_ROUND = 5

TellMissed = Callable[[Connection, str, datetime], None]

SAME_SWITCH_ON = timedelta(milliseconds=10)

OWN_LEG_NEAR = timedelta(seconds=5)
"""How far from the moment at which RingCentral accepted a call of ours its own first leg may
be logged as incoming."""

OWN_LEG_AFTER = timedelta(seconds=30)
"""How long after a call was sent, if it is not known when RingCentral accepted it."""


@dataclass(frozen=True, slots=True)
class Sync:
    """How far an account's log was read.

    Attributes:
        since: Nothing older is told.
        token: RingCentral's for the next read; empty before the first.
        synced_at: When it was last read; None before that.
        leased_until: Until when the process that has claimed it reads.
        trouble: Why it can't be read; empty if it can.
        back_to: How far back it is still to be read: *synced_at* is then when that began.
    """

    account: str
    since: datetime
    token: str = field(default="", repr=False)
    synced_at: datetime | None = None
    leased_until: datetime | None = None
    trouble: str = ""
    back_to: datetime | None = None


class MissedSyncs:
    """The table `missed_syncs`; all methods raise `StoreUnavailable`."""

    def __init__(self, writer: Writer) -> None:
        self._writer = writer

    async def keep(
        self,
        wanted: Mapping[str, datetime | None],
        now: datetime,
        switched_on: datetime,
    ) -> None:
        """Have the logs of these accounts read, and no others.

        Each from its moment on, None for *now*, but if none was read before, not from
        before the operator has *switched* this *on*. One whose moment is later than before
        begins anew. What was not posted of the others is not told any more.
        """

        def work(connection: Connection) -> None:
            rows = connection.execute(select(MS.account, MS.since)).all()
            known = {row.account: row.since for row in rows}
            good = {e for e, since in known.items() if _is_wanted(wanted, e, since)}
            if known.keys() - good:
                _delete(connection, known.keys() - good)
            for account in wanted.keys() - good:
                since = max(wanted[account] or now, switched_on)
                row = {"account": account, "since": since, "next_at": now}
                connection.execute(insert(missed_syncs).values(row))

        try:
            await self._writer.run(work, "missed syncs")
        except RowRefused:  # another process has just inserted it
            return

    async def lease_due(self, now: datetime) -> list[Sync]:
        """Return the accounts whose log is due; no other process reads it meanwhile."""
        due = (
            select(missed_syncs)
            .where(MS.next_at <= now)
            .order_by(MS.next_at)
            .limit(MOST_SYNCS_A_ROUND)
            .with_for_update(skip_locked=True)
        )
        until = now + SYNC_LEASE

        def work(connection: Connection) -> list[Sync]:
            rows = connection.execute(due).all()
            mine = update(missed_syncs).where(
                MS.account.in_([row.account for row in rows])
            )
            if rows:
                connection.execute(mine.values(next_at=until))
            return [_sync(row, until) for row in rows]

        return await self._writer.run(work, "missed syncs due")

    async def next_due(self) -> datetime | None:
        """Return when the next log is due; None if none is read."""
        return await self._writer.run(lambda c: c.scalar(select(func.min(MS.next_at))))

    async def soon(self, account: str, at: datetime) -> None:
        """Have an account's log read at a moment, if it is not due before."""
        mine = update(missed_syncs).where(MS.account == account, MS.next_at > at)
        await self._writer.run(lambda c: c.execute(mine.values(next_at=at)))

    async def postpone(self, sync: Sync, at: datetime, trouble: str = "") -> None:
        """Have a log that could not be read be due at a moment."""
        mine = update(missed_syncs).where(_leased(sync))
        mine = mine.values(next_at=at, trouble=trouble[:64])
        await self._writer.run(lambda c: c.execute(mine))

    async def troubles(self) -> list[str]:
        """Return why logs can't be read, one text for each that can't."""
        query = select(MS.trouble).where(MS.trouble != "")
        return await self._writer.run(lambda c: list(c.scalars(query)))

    async def store(
        self,
        sync: Sync,
        token: str,
        found: Iterable[Missed],
        now: datetime,
        next_at: datetime,
        new_id: Callable[[], str],
        tell: TellMissed,
        *,
        back_to: datetime | None = None,
    ) -> int:
        """Store what a read has found, each call once; return how many are new.

        *tell* stores in the same transaction what others are told of a card's new calls.
        *back_to* is how far back the log is still to be read.

        Nothing is stored if another process has the lease, or nobody wants it any more.
        """
        calls_found = list(found)
        began = sync.synced_at if sync.back_to is not None else None

        def work(connection: Connection) -> int:
            mine = update(missed_syncs).where(_leased(sync))
            values = {"token": token, "trouble": "", "back_to": back_to}
            if began is None or back_to is None:
                values["synced_at"] = now
            if not connection.execute(mine.values(next_at=next_at, **values)).rowcount:
                return 0
            new = [e for e in calls_found if _is_new(connection, sync.account, e)]
            if new:
                cards = _joinable(connection, sync.account, new, began)
                before = {each.id: each.count for each in cards}
                for card in told(new, cards, sync.account, now, new_id, began):
                    store_card(connection, card, now)
                    _note_telling(connection, card, before.get(card.id, 0), now)
                    tell(connection, card.id, now)
            return len(new)

        try:
            return await self._writer.run(work, f"missed calls {sync.account}")
        except RowRefused:  # another process has just told one of them
            return 0


def _delete(connection: Connection, accounts: Iterable[str]) -> None:
    """Forget how far logs were read, and their cards that were not posted."""
    ids = list(accounts)
    connection.execute(delete(missed_syncs).where(MS.account.in_(ids)))
    cards = missed_cards.c
    unposted = and_(cards.account.in_(ids), cards.ts == "")
    connection.execute(delete(missed_cards).where(unposted))


def _is_wanted(
    wanted: Mapping[str, datetime | None], account: str, since: datetime
) -> bool:
    """Whether a row is as it would be made; times lose microseconds in the database."""
    later = wanted.get(account)
    return account in wanted and (later is None or (later - since) < SAME_SWITCH_ON)


def _leased(sync: Sync) -> ColumnElement[bool]:
    return and_(MS.account == sync.account, MS.next_at == sync.leased_until)


def _sync(row: Row[Any], until: datetime) -> Sync:
    return Sync(
        row.account,
        row.since,
        row.token,
        row.synced_at,
        until,
        row.trouble,
        row.back_to,
    )


def _is_new(connection: Connection, account: str, missed: Missed) -> bool:
    """Note that a call is told; return False if it was before, or is one of ours."""
    of_call = and_(MK.account == account, MK.key.in_(missed.keys))
    known = set(connection.scalars(select(MK.key).where(of_call)))
    for key in sorted(missed.keys - known):
        row = {"account": account, "key": key, "at": missed.at}
        connection.execute(insert(missed_keys).values(row))
    return not known and not _is_own(connection, account, missed)


def _is_own(connection: Connection, account: str, missed: Missed) -> bool:
    """Whether it is the first leg of a RingOut of ours, which may be logged as incoming.

    That leg begins with the call: who rings back once the call is over is no leg of it.
    Channels are told of the shared account, whose id is empty in `calls`.
    """
    if missed.caller is None:
        return False
    place, at, c = missed.place, missed.at, calls.c
    sent = c.sent_at.between(at - OWN_LEG_AFTER, at + OWN_LEG_NEAR)
    accepted = c.placed_at.between(at - OWN_LEG_NEAR, at + OWN_LEG_NEAR)
    ours = select(c.id).where(
        c.callee == missed.caller.e164,
        or_(accepted, and_(c.placed_at.is_(None), sent)),
        or_(c.terminal_at.is_(None), c.terminal_at > at),
        or_(c.ended_at.is_(None), c.ended_at > at),
        c.account == (account if place.user else ""),
        c.enterprise == place.enterprise,
    )
    if not place.enterprise:
        ours = ours.where(c.team == place.team)
    return connection.scalar(ours.limit(1)) is not None


def _note_telling(
    connection: Connection, card: MissedCard, before: int, now: datetime
) -> None:
    """Note how many calls more than *before* a card tells of now."""
    row = {"card": card.id, "at": now, "calls": card.count - before}
    connection.execute(insert(missed_tellings).values(row))


def _joinable(
    connection: Connection,
    account: str,
    new: Sequence[Missed],
    began: datetime | None,
) -> list[MissedCard]:
    """Return the cards that *new* calls may join.

    *began*: when the first of several reads was, which count theirs on one card.
    """
    times = [each.at for each in new]
    near = (min(times) - JOINS_WITHIN, max(times) + JOINS_WITHIN)
    can_join: ColumnElement[bool] = missed_cards.c.first_at.between(*near)
    if began is not None:
        counts = and_(missed_cards.c.is_rest, missed_cards.c.told_at >= began)
        can_join = or_(can_join, counts)
    query = select(missed_cards).where(
        missed_cards.c.account == account, can_join, missed_cards.c.is_over.is_(False)
    )
    rows = connection.execute(query.order_by(missed_cards.c.first_at).with_for_update())
    return [from_row(row) for row in rows]
