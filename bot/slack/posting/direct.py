"""Direct messages that a person must get once: they can be found again by their mark."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from bot.calls.call import Place
from bot.clock import Clock
from bot.errors import ChatBusy, ChatRefused
from bot.slack.posting.spaces import Spaces
from bot.slack.posting.web import ask
from bot.slack.texts.text import Message

log = logging.getLogger(__name__)

LOOK_BACK = timedelta(minutes=10)
"""A message is looked for from this long before it was first tried: clocks differ."""

PAGES = 5
PAGE = 200


@dataclass(frozen=True, slots=True)
class Mark:
    """What a message carries as its metadata: its *kind*, and *which* one it is."""

    kind: str
    which: str

    def is_on(self, message: dict[str, Any]) -> bool:
        """Return whether *message*, as Slack tells it, carries this mark."""
        return bool(message.get("metadata") == self.metadata)

    @property
    def metadata(self) -> dict[str, Any]:
        """The mark as Slack takes it."""
        return {"event_type": self.kind, "event_payload": {"which": self.which}}


class Direct:
    """Posts to people's DMs with the app; unlike `Board.whisper`, it says if it can't."""

    def __init__(self, spaces: Spaces, clock: Clock) -> None:
        self._spaces = spaces
        self._clock = clock

    async def post(
        self, place: Place, message: Message, mark: Mark, *, before: float
    ) -> None:
        """Tell the person at *place*; it leaves *before* that monotonic moment or never.

        Raises `errors.ChatError`; `errors.ChatBusy` where it was too late.
        """
        if self._clock.monotonic() > before:
            raise ChatBusy(1)
        client = await self._spaces.client(place.enterprise, place.team)
        await ask(
            client.chat_postMessage(
                channel=place.user,
                text=message.text,
                blocks=list(message.blocks) or None,
                metadata=mark.metadata,
                unfurl_links=False,
                unfurl_media=False,
            )
        )

    async def has(self, place: Place, mark: Mark, since: datetime) -> bool:
        """Return whether a message with *mark* was posted there *since* then.

        False too where the app may not read its DMs: then nobody can look, and whoever
        asks posts again. Raises `errors.ChatBusy` or `errors.ChatUnknown`.
        """
        oldest = f"{(since + self._spaces.ahead - LOOK_BACK).timestamp():.6f}"
        cursor = ""
        try:
            client = await self._spaces.client(place.enterprise, place.team)
            opened = await ask(client.conversations_open(users=[place.user]))
            for _ in range(PAGES):
                page = client.conversations_history(
                    channel=str(opened["channel"]["id"]), limit=PAGE, oldest=oldest,
                    include_all_metadata=True, cursor=cursor or None,
                )  # fmt: skip
                data = await ask(page)
                if any(mark.is_on(each) for each in data.get("messages", [])):
                    return True
                cursor = (data.get("response_metadata") or {}).get("next_cursor") or ""
                if not cursor:
                    return False
        except ChatRefused as error:
            log.info("a direct message can't be looked for: %s", error.error)
        return False
