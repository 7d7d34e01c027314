"""Turns RingCentral's message store into voicemails."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from bot.calls.voicemail import Transcribed, Voicemail
from bot.ringcentral.transport.shapes import get, listed, named, text
from bot.ringcentral.transport.wire import MEDIA_FORM, moment, party

TRANSCRIBED = {
    "Completed": Transcribed.YES,
    "CompletedPartially": Transcribed.YES,
    "InProgress": Transcribed.NOT_YET,
}
"""What RingCentral's words for a transcription mean; any other one: there is none."""

LONGEST_VOICEMAIL = 86_400
"""Seconds. What is longer is taken for nonsense."""


def voicemails(body: Any) -> Iterator[Voicemail]:
    """Yield the voicemails of a sync that came in and are still there."""
    for each in listed(body, "records"):
        found = _voicemail(each)
        if found is not None:
            yield found


def _voicemail(data: Any) -> Voicemail | None:
    at, identity = moment(get(data, "creationTime")), named(data)
    is_there = text(data, "availability") in ("Alive", "")
    came_in = text(data, "direction") in ("Inbound", "")
    if at is None or not identity or not (is_there and came_in):
        return None
    if text(data, "type") != "VoiceMail":
        return None
    audio = _attachment(data, "AudioRecording")
    address = text(audio, "uri")
    return Voicemail(
        id=identity,
        at=at,
        by=party(get(data, "from")),
        length=_length(audio),
        address=address if MEDIA_FORM.fullmatch(address) else "",
        transcribed=TRANSCRIBED.get(
            text(data, "vmTranscriptionStatus"), Transcribed.NO
        ),
        transcription=named(_attachment(data, "AudioTranscription")),
    )


def _attachment(data: Any, kind: str) -> Any:
    found = (e for e in listed(data, "attachments") if text(e, "type") == kind)
    return next(found, None)


def _length(audio: Any) -> timedelta | None:
    seconds = get(audio, "vmDuration")
    if isinstance(seconds, bool) or not isinstance(seconds, int | float):
        return None
    return timedelta(seconds=seconds) if 0 < seconds < LONGEST_VOICEMAIL else None
