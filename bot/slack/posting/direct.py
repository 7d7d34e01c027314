"""Posts notices in a person's direct messages with the app (DM), each once."""

from __future__ import annotations

from datetime import datetime

from bot.calls.call import Place
from bot.clock import Clock
from bot.slack.posting.marks import Mark, Marks
from bot.slack.posting.spaces import Spaces
from bot.slack.texts.text import Message


class Direct:
    """Posts notices. Unlike `Board.whisper` it raises `errors.ChatError`."""

    def __init__(self, spaces: Spaces, clock: Clock) -> None:
        self._marks = Marks(spaces, clock)

    async def post(
        self, place: Place, message: Message, mark: Mark, *, before: float
    ) -> None:
        """Post *message* in the person's DM; see `Marks.post` for *before* and the errors."""
        await self._marks.post(place, place.user, message, mark, before=before)

    async def has(self, place: Place, mark: Mark, since: datetime) -> bool:
        """Return whether a message with *mark* was posted in the DM after *since*.

        False too if the bot may not read its DMs; see `Marks.find` for the errors.
        """
        channel = await self._marks.open_dm(place)
        ts = await self._marks.find(place, channel, mark, since=since)
        return ts is not None
