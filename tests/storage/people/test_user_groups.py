"""Who is in which group, for all processes: they hear of a change, and of nothing else."""

from __future__ import annotations

import asyncio

from bot.calls.people.user_group import UserGroup
from bot.policy.workspace import WorkspaceId
from bot.storage.calls.store import Store
from bot.storage.database.signals import Signals
from bot.storage.people.user_groups import UserGroups
from intents import NOON
from patience import until

ADMINS = UserGroup("", "T1", "S0ADMINS")
HERE = WorkspaceId("", "T1")


async def test_other_processes_hear_who_joined_and_nothing_else(
    postgres_url: str,
) -> None:
    """Each group is read every five minutes: a signal for each would be for nothing."""
    store = Store(postgres_url, "me")
    heard: list[WorkspaceId | None] = []
    listener = Signals(store.url, "other", lambda: None, hear_policy=heard.append)
    task = asyncio.create_task(listener.run())
    await until(lambda: heard == [None])
    groups = UserGroups(store.writer, "me")

    for members in (["U1"], ["U1"], ["U1", "U2"], ["U2", "U1"]):
        await groups.lease_due({ADMINS}, NOON, 1)
        await groups.put(ADMINS, members, NOON, NOON)
    await until(lambda: len(heard) > 2)
    # What comes last is heard last, so nothing else was in between.
    await groups.lease_due({ADMINS}, NOON, 1)
    await groups.put(ADMINS, [], NOON, NOON)
    await until(lambda: len(heard) > 3)

    assert heard == [None, HERE, HERE, HERE]
    assert await groups.by_team() == {}
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    store.close()
