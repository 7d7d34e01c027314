"""``ringout-bot doctor --trace``: what is known about one call, with masked numbers."""

from __future__ import annotations

import sys
from datetime import datetime

from bot.calls.call import Call
from bot.doctor.check import printable
from bot.errors import StoreUnavailable
from bot.storage.calls.store import Store


async def trace(database_url: str, call_id: str) -> int:
    """Print what is known about a call; return 1 if nothing is, else 0."""
    store = Store(database_url)
    try:
        await store.open()
        lines = await traced(store, call_id)
    except StoreUnavailable as error:
        sys.stdout.write(f"FAIL  database: {error}\n")
        return 1
    finally:
        store.close()
    if not lines:
        sys.stdout.write(f"No call {call_id} is in the database.\n")
        return 1
    sys.stdout.write("\n".join(printable(line) for line in lines) + "\n")
    return 0


async def traced(store: Store, call_id: str) -> list[str]:
    """Return the lines about a call; none if it is not in the database.

    Ids and times are in full, so that they can be compared with RingCentral's pages.
    """
    call = await store.get(call_id)
    if call is None:
        return []
    lines = [
        f"call            {call.id}, state {call.state}",
        f"from, to        {call.caller}, {call.callee}",
        f"RingOut id      {call.ringout_id or '(none: its answer was lost or refused)'}",
        f"log records     {', '.join(call.records) or '(none)'}",
        f"ended as        {call.end or '(open)'} {call.why or ''}".rstrip(),
        *_seconds(call, await _reported_at(store, call_id)),
        "history",
    ]
    for event in await store.history(call_id):
        at = event.at.strftime("%Y-%m-%d %H:%M:%S.%f")[:-3]
        lines.append(f"  {at}  {event.state:<10} {event.note}".rstrip())
    return lines


async def _reported_at(store: Store, call_id: str) -> datetime | None:
    for event in await store.history(call_id):
        if event.state == "reporting":
            return event.at
    return None


def _seconds(call: Call, reported_at: datetime | None) -> list[str]:
    """Return three delays that RingCentral does not document."""
    terminal, gone = call.terminal_at, call.ended_at
    return [
        f"end to 404      {_lag(terminal, gone)}",
        f"404 to record   {_lag(gone, reported_at)}",
        f"POST to end     {_lag(call.sent_at, terminal or gone)}",
    ]


def _lag(start: datetime | None, end: datetime | None) -> str:
    if start is None or end is None:
        return "(not known)"
    return f"{(end - start).total_seconds():.1f} s"
