"""Which calls somebody has to call back, for one person's Home."""

from __future__ import annotations

from sqlalchemy import and_, or_, select

from bot.calls.aftermath import UNCLAIMED
from bot.calls.call import Call
from bot.calls.people.person import Person
from bot.storage.calls.store import Store
from bot.storage.calls.tables import calls
from bot.storage.database.person_rows import of_person

MOST_FOLLOW_UPS = 20
"""The newest; a Home has room for about a hundred blocks."""


class FollowUps:
    """Reads them from the database of *store*. Raises `StoreUnavailable`."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def of(self, person: Person) -> list[Call]:
        """Return those that *person* has taken on, and the open ones of their channels.

        Their channels are those in which they have placed calls: the app can't ask Slack
        in which ones they are. Who may read which call is decided by its card.
        """
        theirs = select(calls.c.card_channel).where(of_person(calls, person))
        is_open = and_(calls.c.follow_up == UNCLAIMED, calls.c.card_channel.in_(theirs))
        query = (
            select(calls)
            .where(
                calls.c.enterprise == person.enterprise,
                calls.c.team == person.team,
                calls.c.follow_up.in_((UNCLAIMED, person.user)),
                or_(calls.c.follow_up == person.user, is_open),
            )
            .order_by(calls.c.asked_at.desc())
            .limit(MOST_FOLLOW_UPS)
        )
        unreadable = self._store.unreadable
        return await self._store.writer.run(
            lambda c: unreadable.calls_in(c.execute(query))
        )

    async def has_called_in(self, person: Person, channel: str) -> bool:
        """Return whether *person* has placed a call whose card is in *channel*."""
        query = select(calls.c.id).where(
            of_person(calls, person), calls.c.card_channel == channel
        )
        found = await self._store.writer.run(lambda c: c.scalar(query.limit(1)))
        return found is not None
