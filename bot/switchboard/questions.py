"""Questions whether to call: each is answered once, by its ``Call`` or its ``Not now``."""

from __future__ import annotations

from bot.calls.call import Place
from bot.clock import Clock
from bot.storage.calls.declining import DeclinedQuestions
from bot.storage.database.writer import Writer


class Questions:
    """Declines questions; `Switchboard.place` places no call for one that was declined."""

    def __init__(self, writer: Writer, clock: Clock) -> None:
        self._declined = DeclinedQuestions(writer)
        self._clock = clock

    async def decline(self, place: Place, key: str) -> bool:
        """Decline the question with *key*; False if its call was placed already."""
        return await self._declined.decline(key, place.person, self._clock.now())
