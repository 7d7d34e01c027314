"""Notices in a person's direct messages with the app, each posted once."""

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
        """Post *message* to the person at *place*; *before* as in `Marks.post`."""
        await self._marks.post(place, place.user, message, mark, before=before)

    async def has(self, place: Place, mark: Mark, since: datetime) -> bool:
        """Return whether a message with *mark* was posted after *since*.

        False too where the bot may not read direct messages; see `Marks.find`.
        """
        channel = await self._marks.open_dm(place)
        ts = await self._marks.find(place, channel, mark, since=since)
        return ts is not None
