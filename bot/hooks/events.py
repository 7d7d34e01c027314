"""What an event says: its kind, when it was, and the call or missed call it is about."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime

from bot.calls.aftermath import Aftermath
from bot.calls.call import Call, State
from bot.calls.exported import Exported, ShownNumbers, exported, moment
from bot.calls.exported_missed import exported_missed
from bot.calls.missed_card import MissedCard
from bot.storage.hooks.outbox import EventKind


@dataclass(frozen=True, slots=True)
class ToldOfCalls:
    """What the operator lets the receiver know."""

    numbers: ShownNumbers
    with_private: bool
    """Whether also what people keep to themselves."""
    with_notes: bool = False
    """Whether also what is in their notes."""


def kinds_of(old: Call, new: Call, *, with_private: bool) -> list[EventKind]:
    """Return what is to be told of a change; a call ends once in its life.

    Who takes a call back on does not change its outcome. *with_private*: also that there
    is an outcome or a note of a call which its person keeps to themselves.
    """
    ends = new.state is State.REPORTING and old.state is not State.REPORTING
    was, said = old.aftermath or Aftermath(), new.aftermath or Aftermath()
    is_told = with_private or not new.is_private
    happened = {
        EventKind.CALL_ENDED: ends,
        EventKind.CALL_OUTCOME: is_told and said.disposition != was.disposition,
        EventKind.CALL_NOTE: is_told and said.note != was.note,
    }
    return [kind for kind, has_happened in happened.items() if has_happened]


def body(
    kind: EventKind,
    at: datetime,
    about: Call | MissedCard | None,
    told: ToldOfCalls,
) -> bytes:
    """Return an event as Standard Webhooks has it: type, timestamp, data."""
    data: Exported = {}
    if isinstance(about, MissedCard):
        data = exported_missed(about, told.numbers, with_private=told.with_private)
    elif about is not None:
        data = exported(
            about,
            told.numbers,
            with_private=told.with_private,
            with_notes=told.with_notes,
        )
    event = {"type": kind, "timestamp": moment(at), "data": data}
    return json.dumps(event).encode()
