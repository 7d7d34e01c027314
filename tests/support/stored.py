"""Finds stored calls by their state, for tests that wait for one."""

from __future__ import annotations

from sqlalchemy import select

from bot.calls.call import Call, State
from bot.storage.calls.store import Store
from bot.storage.calls.tables import calls


async def in_state(store: Store, *states: State) -> list[Call]:
    """Return the readable calls in *states*, the oldest first."""
    query = select(calls).where(calls.c.state.in_(states)).order_by(calls.c.asked_at)
    return await store.writer.run(
        lambda connection: store.unreadable.calls_in(connection.execute(query))
    )
