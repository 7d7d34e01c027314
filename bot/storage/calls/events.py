"""The table of a call's transitions: its rows, and what they tell."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, func, select

from bot.calls.call import Call, State
from bot.storage.calls.tables import call_events


@dataclass(frozen=True, slots=True)
class CallEvent:
    """A transition of a call, for its history."""

    at: datetime
    state: str
    note: str


def events_of(connection: Connection, call_id: str) -> list[CallEvent]:
    """Return a call's transitions, the oldest first."""
    its = call_events.c.call == call_id
    query = select(call_events).where(its).order_by(call_events.c.id)
    return [CallEvent(row.at, row.state, row.note) for row in connection.execute(query)]


def event_row(call: Call, at: datetime, note: str) -> dict[str, object]:
    """Return the row of the transition to the state that *call* is in."""
    return {"call": call.id, "at": at, "state": call.state, "note": note[:200]}


def reply_lag(
    connection: Connection, old: Call, new: Call, now: datetime
) -> timedelta | None:
    """Return how long the reply took from when the result was known; None if no reply."""
    if old.reply_ts or not new.reply_ts:
        return None
    known = select(func.min(call_events.c.at)).where(
        call_events.c.call == new.id, call_events.c.state == State.REPORTING
    )
    since = connection.scalar(known)
    return None if since is None else now - since
