"""The outbox of missed calls: told as events of calls are, by the card that tells of them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Connection, insert, select

from bot.calls.call import Call
from bot.calls.missed_card import MissedCard
from bot.storage.calls.unreadable import UnreadableRows
from bot.storage.database.writer import Writer
from bot.storage.hooks.outbox import EventKind, Outbox, new_event
from bot.storage.hooks.tables import missed_events
from bot.storage.missed.card_rows import from_row
from bot.storage.missed.tables import missed_cards


def add_missed(connection: Connection, card_id: str, at: datetime) -> None:
    """Have the receiver told of new calls on a card, which the transaction has locked."""
    row = new_event(EventKind.CALL_MISSED, at, card=card_id)
    connection.execute(insert(missed_events).values(row))


class MissedOutbox(Outbox):
    """The events of missed calls."""

    def __init__(
        self, writer: Writer, address: str, unreadable: UnreadableRows
    ) -> None:
        super().__init__(writer, address, unreadable)
        self._table, self._about = missed_events, missed_events.c.card

    def _known(
        self, connection: Connection, ids: set[str]
    ) -> Mapping[str, Call | MissedCard]:
        query = select(missed_cards).where(missed_cards.c.id.in_(ids))
        return {row.id: from_row(row) for row in connection.execute(query)}
