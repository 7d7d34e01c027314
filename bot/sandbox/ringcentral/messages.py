"""The message store: voicemails that callers left, their sync, and what was said.

Source: RingCentral API reference, "Sync Messages" and "Get Message Content".
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import timedelta

from bot.sandbox.ringcentral.answers import Ask, Json, Reply, error, invalid, not_found
from bot.sandbox.ringcentral.calls import Exchange
from bot.sandbox.ringcentral.clock import StoryClock, iso
from bot.sandbox.ringcentral.log import DEFAULT_WINDOW, date_of
from bot.sandbox.ringcentral.people import SERVICE, People

READ_MESSAGES = "ReadMessages"
"""The permission that the app needs; the double's app has it once a test gives it."""

MESSAGES = 1_724_099_032_020
"""The ids of messages count up from this."""

MEDIA_SERVER = "https://media.ringcentral.com"

MOST_MESSAGES = 250
"""The most messages of one sync."""


@dataclass(slots=True)
class LeftMessage:
    """A voicemail: RingCentral's JSON, its owner's extension id, and what was said."""

    body: Json
    owner: str
    said: str = ""


@dataclass(slots=True)
class MessageStore:
    """Answers requests for messages.

    Attributes:
        left: All voicemails, the oldest first.
        tokens: What each token has shown: forgotten ones are stale.
    """

    clock: StoryClock
    exchange: Exchange
    people: People
    left: list[LeftMessage] = field(default_factory=list)
    tokens: dict[str, set[str]] = field(default_factory=dict)

    def leave(
        self,
        caller: str,
        *,
        seconds: int = 42,
        ago: timedelta = timedelta(0),
        said: str = "",
        transcription: str = "",
        person: str = SERVICE,
    ) -> Json:
        """Leave a voicemail; no *caller*: with a withheld number. Return the message.

        *transcription* is how far RingCentral's is: ``Completed`` if something was *said*.
        """
        owner = self.people.find(person)
        identity = MESSAGES + 10 * len(self.left)
        at = iso(self.clock.utc() - ago)
        home = f"{owner.path()}/message-store/{identity}"
        body: Json = {
            "uri": f"https://platform.ringcentral.com{home}",
            "id": identity,
            "type": "VoiceMail",
            "direction": "Inbound",
            "availability": "Alive",
            "readStatus": "Unread",
            "priority": "Normal",
            "messageStatus": "Received",
            "creationTime": at,
            "lastModifiedTime": at,
            "from": {"phoneNumber": caller} if caller else {},
            "to": [{"extensionNumber": owner.extension_number, "name": owner.name}],
            "attachments": [_attachment(home, identity, "AudioRecording", seconds)],
        }
        message = LeftMessage(body, owner.extension_id)
        self.left.append(message)
        self.transcribe(body, said, transcription)
        return body

    def transcribe(self, body: Json, said: str, status: str = "") -> None:
        """Have RingCentral's transcription of a voicemail be there, or be on its way."""
        message = next(each for each in self.left if each.body is body)
        message.said = said
        body["vmTranscriptionStatus"] = status or (
            "Completed" if said else "NotAvailable"
        )
        if said:
            home, identity = body["uri"].partition(".com")[2], body["id"] + 1
            body["attachments"][1:] = [
                _attachment(home, identity, "AudioTranscription")
            ]

    def sync(self, ask: Ask) -> Reply:
        """``GET extension/~/message-sync``."""
        is_full = ask.seen.first("syncType") != "ISync"
        mine = [each.body for each in self.left if each.owner == ask.owner]
        known: set[str] | None = set()
        since = date_of(ask.seen.first("dateFrom"), self.clock.utc() - DEFAULT_WINDOW)
        count = ask.seen.first("recordCount") or str(MOST_MESSAGES)
        if not is_full:
            known = self.tokens.get(ask.seen.first("syncToken"))
        if known is None:
            return error(400, "CMN-101", "Parameter [syncToken] value is invalid")
        if since is None:
            return invalid("dateFrom")
        if not count.isdigit() or not 1 <= int(count) <= MOST_MESSAGES:
            return invalid("recordCount")
        token = f"messages-{len(self.tokens)}-{self.exchange.hex(16)}"
        self.tokens[token] = {_state(each) for each in mine}
        kinds = ask.seen.query.get("messageType")
        shown = [
            each
            for each in mine
            if _state(each) not in known
            and (not is_full or each["creationTime"] >= iso(since))
            and (not kinds or each["type"] in kinds)
        ]
        shown.sort(key=lambda each: str(each["creationTime"]), reverse=True)
        return Reply(
            body={
                "uri": f"{ask.base}{ask.seen.path}",
                "records": shown[: int(count)],
                "syncInfo": {
                    "syncType": "FSync" if is_full else "ISync",
                    "syncToken": token,
                    "syncTime": iso(self.clock.utc()),
                },
            }
        )

    def content(self, ask: Ask) -> Reply:
        """``GET extension/~/message-store/{id}/content/{attachment}``."""
        for each in self.left:
            ids = [str(one["id"]) for one in each.body["attachments"]]
            is_it = str(each.body["id"]) == ask.ids["message"]
            if each.owner == ask.owner and is_it and ask.ids["attachment"] in ids:
                is_audio = ask.ids["attachment"] == ids[0]
                kind = "audio/wav" if is_audio else "text/plain"
                return Reply(text="RIFF" if is_audio else each.said, kind=kind)
        return not_found("attachmentId")


def _attachment(home: str, identity: int, kind: str, seconds: int = 0) -> Json:
    is_audio = kind == "AudioRecording"
    found: Json = {
        "id": identity,
        "uri": f"{MEDIA_SERVER}{home}/content/{identity}",
        "type": kind,
        "contentType": "audio/wav" if is_audio else "text/plain",
    }
    return found | ({"vmDuration": seconds} if is_audio else {"fileName": "text"})


def _state(body: Json) -> str:
    """Return what a token stands for: a message that has changed is shown again."""
    return json.dumps(body, sort_keys=True)
