"""What all processes share about one RingCentral user or account."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Literal, TypeVar

from sqlalchemy import Connection, select, update
from sqlalchemy.dialects import postgresql, sqlite

from bot.storage.database.writer import Writer
from bot.storage.shared.tables import user_state

T = TypeVar("T")
What = Literal["budget", "sign_in"]


class UserState:
    """One row of the table `user_state`; all methods raise `StoreUnavailable`.

    *name* can't be used to sign in; see `bot.cluster.budget.name_of`.
    """

    def __init__(self, writer: Writer, name: str) -> None:
        self._writer = writer
        self._name = name
        self._mine = user_state.c.id == name

    async def exchange(
        self, decide: Callable[[str], tuple[str, T]], now: datetime, *, what: What
    ) -> T:
        """Replace the stored text by the first value of *decide*; return the second.

        The row is locked, so all processes decide one after the other.
        """
        column = user_state.c[what]

        def work(connection: Connection) -> T:
            query = select(column).where(self._mine).with_for_update()
            held = connection.scalar(query)
            if held is None:
                self._insert(connection)
                held = connection.scalar(query) or ""
            text, answer = decide(held)
            if text != held:
                values = {column: text, user_state.c.used_at: now}
                connection.execute(update(user_state).where(self._mine).values(values))
            return answer

        return await self._writer.run(work, f"user state {self._name}")

    async def log_turn(self, now: datetime, until: datetime) -> bool:
        """Take the turn to read the call log until *until*.

        Returns False if another process has the turn: its read serves all waiting calls.
        """

        def work(connection: Connection) -> bool:
            self._insert(connection)
            free = (self._mine, user_state.c.log_free_at <= now)
            change = update(user_state).where(*free).values(log_free_at=until)
            return connection.execute(change).rowcount == 1

        return await self._writer.run(work, f"user state {self._name}")

    async def no_log_before(self, moment: datetime) -> None:
        """Let no process read the call log before *moment*, as RingCentral demands."""

        def work(connection: Connection) -> None:
            change = update(user_state).where(self._mine).values(log_free_at=moment)
            connection.execute(change)

        await self._writer.run(work, f"user state {self._name}")

    def _insert(self, connection: Connection) -> None:
        """Insert the row if it is not there."""
        kind = postgresql if connection.dialect.name == "postgresql" else sqlite
        row = kind.insert(user_state).values(id=self._name)
        connection.execute(row.on_conflict_do_nothing())
