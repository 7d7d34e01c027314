"""What the desk counts: of one workspace alone."""

from __future__ import annotations

from datetime import UTC, datetime

from bot.calls.call import Place
from bot.policy.wish import DoNotCall
from bot.policy.workspace import WorkspaceId
from bot.storage.calls.store import Store
from bot.storage.desk_rows import DeskCounts, DeskRows
from bot.storage.hooks.outbox import EventKind, add_event
from bot.storage.policy.do_not_call import DoNotCallList
from intents import a_call, add_call

NOW = datetime(2026, 12, 1, tzinfo=UTC)
HERE, THERE = WorkspaceId("", "T1"), WorkspaceId("", "T2")


async def test_a_workspace_counts_what_is_its_own(store: Store) -> None:
    """An admin of one workspace learns nothing of how busy another one is."""
    rows, blocked = DeskRows(store.writer), DoNotCallList(store.writer)
    await add_call(store, a_call())
    await add_call(store, a_call(id="c2", key="t2", place=Place("T2", "C1", "U1")))
    await store.writer.run(lambda c: add_event(c, EventKind.CALL_ENDED, "c2", NOW))
    for number in ("+14155550142", "+14155550143"):
        await blocked.add(THERE, DoNotCall(digits=number), NOW, "U1")

    assert await rows.counts(HERE) == DeskCounts(1, 0, 0)
    assert await rows.counts(THERE) == DeskCounts(1, 2, 1)
    assert await rows.signed_in(HERE) == []
