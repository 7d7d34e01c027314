"""Which workspaces the database knows: the command line has to name one of several."""

from __future__ import annotations

from sqlalchemy import select, union

from bot.policy.workspace import WorkspaceId
from bot.storage.calls.tables import calls
from bot.storage.database.writer import Writer
from bot.storage.people.tables import connections
from bot.storage.policy.tables import policy_states


async def known_workspaces(writer: Writer) -> list[WorkspaceId]:
    """Return the workspaces of calls, connected people and saved rules, in order.

    Reads the index of all calls. Raises `StoreUnavailable`.
    """
    tables = (calls, connections, policy_states)
    each = [select(table.c.enterprise, table.c.team).distinct() for table in tables]
    rows = await writer.run(lambda c: c.execute(union(*each)).all())
    return [WorkspaceId(*row) for row in sorted(map(tuple, rows))]
