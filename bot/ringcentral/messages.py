"""The message store of one user: voicemails, never texts or faxes, and never the audio."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

from bot.calls.voicemail import Voicemail
from bot.errors import Refused, Unreachable
from bot.ringcentral.call_log_sync import SYNCED_BACK
from bot.ringcentral.purposes import Purpose
from bot.ringcentral.sender import EXTENSION, Sender
from bot.ringcentral.transport import messages, shapes, wire

READ_MESSAGES = "ReadMessages"
"""The permission that an app needs to read messages of any kind."""

MOST_VOICEMAILS = 250
"""How many one sync asks for."""


@dataclass(frozen=True, slots=True)
class VoicemailChanges:
    """Voicemails that are new or have changed, and the token for the next look."""

    voicemails: tuple[Voicemail, ...]
    token: str = field(repr=False)


class MessagesApi:
    """Reads voicemails. Raises `Refused` where the app lacks `READ_MESSAGES`."""

    def __init__(self, sender: Sender) -> None:
        self._sender = sender

    async def voicemails_since(self, since: datetime) -> VoicemailChanges:
        """Return the newest since a moment by our clock. Costs one Light request."""
        first = max(since, self._sender.now() - SYNCED_BACK)
        query = {
            "messageType": "VoiceMail",
            "syncType": "FSync",
            "recordCount": MOST_VOICEMAILS,
            "dateFrom": wire.written(first + timedelta(seconds=self._sender.ahead)),
        }
        return await self._changes(query)

    async def voicemails_after(self, token: str) -> VoicemailChanges | None:
        """Return what has changed since *token* was given out. Costs one Light request.

        None if RingCentral can't go on from that token: its documents name no code for it.
        """
        query = {
            "messageType": "VoiceMail",
            "syncType": "ISync",
            "syncToken": token,
        }
        try:
            return await self._changes(query)
        except Refused as error:
            if error.status == HTTPStatus.BAD_REQUEST:
                return None
            raise

    async def transcription(self, voicemail: Voicemail) -> str:
        """Return what was said in a voicemail. Costs one Medium request.

        Its address is made of ids, so that the token is sent to RingCentral's media server
        alone, whatever address an answer names.
        """
        parts = (
            quote(each, safe="") for each in (voicemail.id, voicemail.transcription)
        )
        message, attachment = parts
        path = f"{EXTENSION}/message-store/{message}/content/{attachment}"
        return await self._sender.media_text(path, Purpose.TRANSCRIPTION)

    async def _changes(self, query: dict[str, Any]) -> VoicemailChanges:
        path = f"{EXTENSION}/message-sync"
        body = (await self._sender.read(path, Purpose.VOICEMAIL, query)).body
        token = shapes.inner(body, "syncInfo", "syncToken")
        if not shapes.has_list(body) or not token:
            raise Unreachable("a sync without records or token")
        return VoicemailChanges(tuple(messages.voicemails(body)), token)
