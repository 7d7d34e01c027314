"""Stores missed-call cards: posted, and edited after each change.

A card is marked as tried in the transaction that leases it, before it is posted. Whoever
leases it after that looks in Slack first, so it is posted once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    and_,
    case,
    delete,
    func,
    select,
    true,
    update,
)

from bot.calls.aftermath import holds
from bot.calls.missed_card import MissedCard
from bot.calls.people.person import Person
from bot.storage.calls.tables import calls
from bot.storage.database.person_rows import of_space
from bot.storage.database.writer import Writer
from bot.storage.missed.card_rows import from_row, store_card
from bot.storage.missed.tables import missed_cards, missed_keys, missed_syncs

MC = missed_cards.c

CARD_LEASE = timedelta(seconds=60)
"""Longer than looking for a card and posting it take, and than a post whose answer was
lost may still need to show up."""

MOST_CARDS_A_ROUND = 10

REFUSED_AFTER = timedelta(minutes=5)
"""A card that is due so long after it was stored was refused by Slack."""

_WAITS_UNTIL = case((MC.leased_until > MC.due_at, MC.leased_until), else_=MC.due_at)


@dataclass(frozen=True, slots=True)
class LeasedCard:
    """A card to be posted or edited; *is_tried*: it may have been posted before."""

    card: MissedCard
    leased_until: datetime
    is_tried: bool


class MissedCards:
    """The table `missed_cards`; all methods raise `StoreUnavailable`."""

    def __init__(self, writer: Writer) -> None:
        self._writer = writer

    async def get(self, card_id: str) -> MissedCard | None:
        """Return a card; None if there is none with this id."""
        query = select(missed_cards).where(MC.id == card_id)
        row = await self._writer.run(lambda c: c.execute(query).first())
        return None if row is None else from_row(row)

    async def change(
        self,
        card_id: str,
        decide: Callable[[MissedCard], MissedCard | None],
        now: datetime,
    ) -> MissedCard | None:
        """Replace a card by what *decide* makes of it, and have that shown.

        Returns None and changes nothing if *decide* returns None, or there is no such card.
        """
        query = select(missed_cards).where(MC.id == card_id).with_for_update()

        def work(connection: Connection) -> MissedCard | None:
            row = connection.execute(query).first()
            old = None if row is None else from_row(row)
            new = None if old is None else decide(old)
            if new is not None and new != old:
                store_card(connection, new, now)
            return new

        return await self._writer.run(work, f"missed card {card_id}")

    async def first_due(self) -> datetime | None:
        """Return when the next card is due; None if none is."""
        query = select(func.min(_WAITS_UNTIL)).where(MC.due_at.is_not(None))
        return await self._writer.run(lambda c: c.scalar(query))

    async def lease_due(self, now: datetime) -> list[LeasedCard]:
        """Return the cards that are due; no other process gets them meanwhile.

        They are marked as tried, and returned as they were before that.
        """
        due = (
            select(missed_cards)
            .where(MC.due_at <= now, MC.leased_until <= now)
            .order_by(MC.due_at, MC.first_at)
            .limit(MOST_CARDS_A_ROUND)
            .with_for_update(skip_locked=True)
        )
        until = now + CARD_LEASE

        def work(connection: Connection) -> list[LeasedCard]:
            rows = connection.execute(due).all()
            mine = update(missed_cards).where(MC.id.in_([row.id for row in rows]))
            connection.execute(mine.values(leased_until=until, tried=True))
            return [LeasedCard(from_row(row), until, row.tried) for row in rows]

        return await self._writer.run(work, "missed cards due")

    async def mark_late(self, leased: LeasedCard) -> None:
        """Store that a leased card says that it comes late, before it is posted."""
        mine = update(missed_cards).where(_leased(leased)).values(is_late=True)
        await self._writer.run(lambda c: c.execute(mine))

    async def posted(self, leased: LeasedCard, channel: str, ts: str) -> None:
        """Store where a card is that was posted, or found."""
        where = {"posted_in": channel, "ts": ts}
        await self._settle(leased, where)

    async def shown(self, leased: LeasedCard) -> None:
        """Store that a card was edited, or need not be any more."""
        await self._settle(leased, {})

    async def later(self, leased: LeasedCard, at: datetime, *, is_tried: bool) -> None:
        """Have a leased card be due again; *is_tried*: it may have been posted."""
        mine = update(missed_cards).where(_leased(leased))
        mine = mine.values(due_at=at, leased_until=at, tried=is_tried)
        await self._writer.run(lambda c: c.execute(mine))

    async def closed_channels(self) -> list[str]:
        """Return the channels in which cards could not be posted and wait, or waited."""
        query = select(MC.channel, MC.told_at, MC.due_at).where(
            MC.ts == "", MC.channel != ""
        )
        rows = await self._writer.run(lambda c: c.execute(query).all())
        return sorted(
            {
                row.channel
                for row in rows
                if row.due_at is None or row.due_at - row.told_at > REFUSED_AFTER
            }
        )

    async def _settle(self, leased: LeasedCard, values: dict[str, str]) -> None:
        """End a lease; what has changed since it began is still due."""
        is_shown = MC.version == leased.card.version
        mine = update(missed_cards).where(_leased(leased))
        mine = mine.values(
            due_at=case((is_shown, None), else_=MC.due_at),
            leased_until=datetime.fromtimestamp(0, leased.leased_until.tzinfo),
            **values,
        )
        await self._writer.run(lambda c: c.execute(mine))


def show_call_back(connection: Connection, call_id: str, now: datetime) -> bool:
    """Have the card show what came of its call back; return whether there is one."""
    mine = update(missed_cards).where(MC.call == call_id)
    changed = mine.values(version=MC.version + 1, due_at=now)
    return bool(connection.execute(changed).rowcount)


def delete_before(connection: Connection, before: datetime) -> None:
    """Delete what was told before a time, and logs that nobody has read since."""
    for old in (
        delete(missed_cards).where(MC.last_at < before),
        delete(missed_keys).where(missed_keys.c.at < before),
        delete(missed_syncs).where(missed_syncs.c.next_at < before),
    ):
        connection.execute(old)


def erase_number(connection: Connection, e164: str, *, dry: bool) -> int:
    """Delete the cards of a number, and what was said of it on others; return how many."""
    theirs = MC.caller == e164
    count = select(func.count()).select_from(missed_cards).where(theirs)
    found = connection.scalar(count) or 0
    if found and not dry:
        connection.execute(delete(missed_cards).where(theirs))
    return found + _erase_said(connection, e164, dry=dry)


def _erase_said(connection: Connection, e164: str, *, dry: bool) -> int:
    """Forget what was said in voicemails that name a number; return on how many cards."""
    texts = select(MC.id, MC.voicemail_text).where(
        MC.voicemail_text != "", MC.caller != e164
    )
    said = [card for card, text in connection.execute(texts) if holds(text, e164)]
    if said and not dry:
        mine = update(missed_cards).where(MC.id.in_(said))
        connection.execute(mine.values(voicemail_text=""))
    return len(said)


def release_all(connection: Connection, person: Person, now: datetime) -> None:
    """Forget which cards *person* has taken, and have them shown so."""
    _release(connection, person, now, true())


def release_open(connection: Connection, person: Person, now: datetime) -> None:
    """Leave to others what *person*, who has left, has taken and reached nobody for."""
    reached = select(calls.c.id).where(calls.c.id == MC.call, calls.c.connected)
    _release(connection, person, now, and_(MC.is_over.is_(False), ~reached.exists()))


def _release(
    connection: Connection, person: Person, now: datetime, which: ColumnElement[bool]
) -> None:
    theirs = and_(of_space(missed_cards, person), MC.taken_by == person.user, which)
    nobody = {"taken_by": "", "taken_at": None, "call": ""}
    shown = {"version": MC.version + 1, "due_at": now}
    connection.execute(update(missed_cards).where(theirs).values(nobody | shown))


async def takers(writer: Writer, user: str) -> list[Person]:
    """Return everybody with this Slack id who has taken a card, by the card's place."""
    query = select(MC.enterprise, MC.team).where(MC.taken_by == user).distinct()
    rows = await writer.run(lambda c: c.execute(query).all())
    return [Person(row.enterprise, row.team, user) for row in rows]


def delete_syncs(connection: Connection, accounts: Iterable[str]) -> None:
    """Forget how far the logs of *accounts* were read, and what was told of them."""
    ids = list(accounts)
    for table in (missed_syncs, missed_keys):
        connection.execute(delete(table).where(table.c.account.in_(ids)))


def _leased(leased: LeasedCard) -> Any:
    return and_(MC.id == leased.card.id, MC.leased_until == leased.leased_until)
