"""How far voicemails were read, and the cards that show them.

The token of a read is stored with what its cards show, in one transaction, and only if no
other process has stored another one meanwhile: so each voicemail is shown once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import Connection, and_, exists, select, update

from bot.calls.missed_card import MissedCard
from bot.calls.voicemail import Voicemail, card_of, span_of, with_voicemail
from bot.storage.database.writer import Writer
from bot.storage.missed.card_rows import from_row, store_card
from bot.storage.missed.tables import missed_cards, missed_syncs

VS, VC = missed_syncs.c, missed_cards.c

AWAITED_FOR = timedelta(minutes=30)
"""A call is so old at most when its voicemail is still looked for."""


@dataclass(frozen=True, slots=True)
class VoicemailSync:
    """How far an account's voicemails were read.

    Attributes:
        token: RingCentral's for the next read; empty before the first.
        until: Until when each look at the log also looks for voicemails; None: not.
        trouble: Why they can't be read; empty if they can.
    """

    account: str
    token: str = field(default="", repr=False)
    until: datetime | None = None
    trouble: str = ""


class VoicemailSyncs:
    """The columns about voicemails of two tables; all methods raise `StoreUnavailable`."""

    def __init__(self, writer: Writer) -> None:
        self._writer = writer

    async def of(self, account: str) -> VoicemailSync | None:
        """Return how far an account's voicemails were read; None if its log is not read."""
        query = select(missed_syncs).where(VS.account == account)
        row = await self._writer.run(lambda c: c.execute(query).first())
        if row is None:
            return None
        return VoicemailSync(
            account, row.voicemail_token, row.voicemail_until, row.voicemail_trouble
        )

    async def await_until(self, account: str, until: datetime) -> None:
        """Have each look at the log also look for voicemails, until a moment."""
        mine = update(missed_syncs).where(VS.account == account)
        mine = mine.values(voicemail_until=until)
        await self._writer.run(lambda c: c.execute(mine))

    async def refused(self, account: str, trouble: str) -> None:
        """Store why voicemails can't be read; they are not awaited any more."""
        mine = update(missed_syncs).where(VS.account == account)
        mine = mine.values(voicemail_trouble=trouble[:64], voicemail_until=None)
        await self._writer.run(lambda c: c.execute(mine))

    async def troubles(self) -> list[str]:
        """Return why voicemails can't be read, one text for each account."""
        query = select(VS.voicemail_trouble).where(VS.voicemail_trouble != "")
        return await self._writer.run(lambda c: list(c.scalars(query)))

    async def cards(
        self, account: str, voicemails: Sequence[Voicemail]
    ) -> list[MissedCard]:
        """Return the cards that *voicemails* may belong to."""
        if not voicemails:
            return []
        return await self._writer.run(lambda c: _cards(c, account, voicemails))

    async def store(
        self,
        sync: VoicemailSync,
        token: str,
        found: Sequence[tuple[Voicemail, str]],
        now: datetime,
        *,
        is_waiting: bool,
    ) -> None:
        """Show voicemails, each with what was said, on their cards.

        *is_waiting*: they are looked for again even if no card lacks one.
        """
        mine = and_(VS.account == sync.account, VS.voicemail_token == sync.token)

        def work(connection: Connection) -> None:
            values = {
                "voicemail_token": token,
                "voicemail_until": None,
                "voicemail_trouble": "",
            }
            changed = update(missed_syncs).where(mine)
            if not connection.execute(changed.values(values)).rowcount:
                return
            if found:
                _show(connection, sync.account, found, now)
            if is_waiting or _awaits(connection, sync.account, now):
                again = update(missed_syncs).where(VS.account == sync.account)
                connection.execute(again.values(voicemail_until=sync.until))

        await self._writer.run(work, f"missed calls {sync.account}")


def _show(
    connection: Connection,
    account: str,
    found: Sequence[tuple[Voicemail, str]],
    now: datetime,
) -> None:
    cards = {e.id: e for e in _cards(connection, account, [each for each, _ in found])}
    before = dict(cards)
    for voicemail, text in found:
        card = card_of(voicemail, list(cards.values()))
        if card is not None:
            cards[card.id] = with_voicemail(card, voicemail, text)
    for each in cards.values():
        if each != before[each.id]:
            store_card(connection, each, now)


def _cards(
    connection: Connection, account: str, voicemails: Sequence[Voicemail]
) -> list[MissedCard]:
    first, last = span_of(voicemails)
    near = and_(VC.last_at >= first, VC.first_at <= last, VC.is_rest.is_(False))
    query = select(missed_cards).where(VC.account == account, near)
    rows = connection.execute(query.order_by(VC.first_at).with_for_update())
    return [from_row(row) for row in rows]


def _awaits(connection: Connection, account: str, now: datetime) -> bool:
    """Whether a card says that a caller was taken to the voicemail, and shows none."""
    lacks = and_(VC.has_voicemail, VC.voicemail_id == "", VC.is_rest.is_(False))
    recent = and_(VC.account == account, VC.last_at > now - AWAITED_FOR)
    return bool(connection.scalar(select(exists().where(lacks, recent))))
