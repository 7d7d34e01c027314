"""Missed-call cards as rows of their table."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, insert, update

from bot.calls.call import Place
from bot.calls.missed_card import LeftVoicemail, MissedCard
from bot.calls.numbers.phone import PhoneNumber
from bot.storage.missed.tables import missed_cards


def store_card(connection: Connection, card: MissedCard, now: datetime) -> None:
    """Insert a card, or store its change; either has to be shown."""
    row = _to_row(card) | {"due_at": now}
    mine = update(missed_cards).where(missed_cards.c.id == card.id).values(row)
    if not connection.execute(mine).rowcount:
        connection.execute(insert(missed_cards).values(row))


def from_row(row: Row[Any]) -> MissedCard:
    """Return the card in *row*."""
    return MissedCard(
        id=row.id,
        account=row.account,
        place=Place(row.team, row.channel, row.user, row.enterprise),
        first_at=row.first_at,
        last_at=row.last_at,
        told_at=row.told_at,
        count=row.calls,
        caller=PhoneNumber(row.caller) if row.caller else None,
        extension=row.extension,
        name=row.name,
        rang=None if row.rang is None else timedelta(seconds=row.rang),
        has_voicemail=row.has_voicemail,
        is_rest=row.is_rest,
        is_late=row.is_late,
        taken_by=row.taken_by,
        taken_at=row.taken_at,
        call=row.call,
        is_over=row.is_over,
        posted_in=row.posted_in,
        ts=row.ts,
        version=row.version,
        voicemail=_voicemail(row),
        voicemail_ids=tuple(row.voicemail_ids.split()),
    )


def _voicemail(row: Row[Any]) -> LeftVoicemail | None:
    if not row.voicemail_id or row.voicemail_at is None:
        return None
    seconds = row.voicemail_seconds
    return LeftVoicemail(
        row.voicemail_id,
        row.voicemail_at,
        None if seconds is None else timedelta(seconds=seconds),
        row.voicemail_address,
        row.voicemail_text,
    )


def _to_row(card: MissedCard) -> dict[str, Any]:
    place = card.place
    same = (
        "id account first_at last_at told_at extension name has_voicemail is_rest "
        "is_late taken_by taken_at call is_over posted_in ts version"
    )
    return {name: getattr(card, name) for name in same.split()} | {
        "enterprise": place.enterprise,
        "team": place.team,
        "user": place.user,
        "channel": place.channel,
        "calls": card.count,
        "caller": card.caller.e164 if card.caller else "",
        "rang": None if card.rang is None else card.rang.total_seconds(),
        "voicemail_ids": " ".join(card.voicemail_ids),
        **_voicemail_to_row(card.voicemail),
    }


def _voicemail_to_row(left: LeftVoicemail | None) -> dict[str, Any]:
    if left is None:
        return {}
    return {
        "voicemail_id": left.id,
        "voicemail_at": left.at,
        "voicemail_seconds": left.length.total_seconds() if left.length else None,
        "voicemail_address": left.address,
        "voicemail_text": left.text,
    }
