"""What people do about a call that is over: say what came of it, write a note."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from typing import Any

from bot.calls.call import Call, Place
from bot.slack.entrances.handled import Handled
from bot.slack.entrances.request import Request
from bot.slack.entrances.services import Services
from bot.slack.texts import after as texts
from bot.slack.texts import forms, refusals
from bot.slack.texts.text import Message
from bot.user_errors import NoteChanged, OutdatedButton


@dataclass(frozen=True, slots=True)
class NoteOf:
    """What the form of a note keeps: its call, where it was opened, the note it shows."""

    call: str
    channel: str
    seen: datetime | None

    @classmethod
    def of(cls, call: Call, channel: str) -> NoteOf:
        """Return what the form of *call*'s note keeps."""
        note = call.aftermath.note if call.aftermath else None
        return cls(call.id, channel, note.at if note else None)

    def dump(self) -> str:
        """Return it as the form keeps it."""
        seen = self.seen.timestamp() if self.seen else None
        return json.dumps([self.call, self.channel, seen])

    @classmethod
    def load(cls, held: str) -> NoteOf:
        """Read what `dump` wrote. Raises `OutdatedButton`."""
        try:
            values: Any = json.loads(held)
            call, channel, seen = values
            at = None if seen is None else datetime.fromtimestamp(float(seen), UTC)
        except (ValueError, TypeError, OverflowError, OSError):
            raise OutdatedButton from None
        return cls(str(call), str(channel), at)


async def choose(request: Request, services: Services) -> Message | None:
    """The menu ``Outcome``: keep what came of the call, and show it on the card.

    ``No outcome`` has no word behind the call's id.
    """
    call_id, _, word = request.text.partition(" ")
    done = await services.after_call.choose(request.place, call_id, word)
    services.homes.changed(done.call.place.person)
    return texts.listed(done)


async def claim(request: Request, services: Services) -> Message | None:
    """``I'll call back``: take a call back on, unless somebody else has."""
    await _claimed(request, services, services.after_call.claim)
    return None


async def release(request: Request, services: Services) -> Message | None:
    """``Release``: leave a call back to others."""
    await _claimed(request, services, services.after_call.release)
    return None


async def called_back(request: Request, services: Services) -> Message | None:
    """``Called back``: say that nothing is left to do."""
    await _claimed(request, services, services.after_call.called_back)
    return None


async def _claimed(
    request: Request,
    services: Services,
    change: Callable[[Place, str], Awaitable[Call]],
) -> None:
    try:
        call = await change(request.place, request.text)
    finally:
        services.homes.changed(request.place.person)
    services.homes.changed(call.place.person)


async def open_note(request: Request, services: Services) -> Message | None:
    """``Note…`` in ``More``: open the form with the call's note."""
    place = request.place
    call = await services.after_call.readable(place, request.text)
    held = NoteOf.of(call, place.channel).dump()
    await services.views.open(place, request.trigger, texts.note_form(call), held)
    return None


async def write_note(request: Request, services: Services) -> Handled:
    """Keep the note of a form, and show it on the card; the form closes."""
    about = NoteOf.load(request.held)
    text = forms.values_of(request.state).get(texts.NOTE_BLOCK, "")
    place = replace(request.place, channel=about.channel)
    try:
        call = await services.after_call.note(place, about.call, text, about.seen)
    except NoteChanged as error:
        return Handled.complain({texts.NOTE_BLOCK: refusals.plain_words(error)})
    return Handled(later=partial(_shown, call, services))


async def _shown(call: Call, services: Services) -> None:
    services.homes.changed(call.place.person)
