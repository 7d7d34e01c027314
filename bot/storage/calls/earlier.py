"""What earlier calls tell about a place."""

from __future__ import annotations

from sqlalchemy import select

from bot.calls.call import Call
from bot.calls.people.person import Shows
from bot.storage.calls.statements import OF_PERSON
from bot.storage.calls.tables import calls
from bot.storage.database.person_rows import bound
from bot.storage.database.writer import Writer


async def has_moved_before(writer: Writer, call: Call) -> bool:
    """Return whether an earlier call of this person, from the same place, was moved.

    Such a card went to the DM unasked, and the person was told then.
    Raises `StoreUnavailable`.
    """
    query = (
        select(calls.c.id)
        .where(OF_PERSON, calls.c.channel == call.place.channel)
        .where(calls.c.id != call.id, calls.c.asked_at <= call.asked_at)
        .where(calls.c.shows != Shows.DM)
        .where(calls.c.card_channel.not_in(("", call.place.channel)))
        .limit(1)
    )
    found = await writer.run(lambda c: c.scalar(query, bound(call.place.person)))
    return found is not None
