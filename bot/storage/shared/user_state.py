"""What all processes know of a RingCentral user or credential: see `schema.user_state`."""

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
    """One row; *name* holds nothing that could be used to log in."""

    def __init__(self, writer: Writer, name: str) -> None:
        self._writer = writer
        self._name = name
        self._mine = user_state.c.id == name

    async def exchange(
        self, decide: Callable[[str], tuple[str, T]], now: datetime, *, what: What
    ) -> T:
        """Let *decide* turn the stored text into its next one; return the rest.

        The row is locked meanwhile: all processes decide one after the other.
        """
        column = user_state.c[what]

        def work(connection: Connection) -> T:
            query = select(column).where(self._mine).with_for_update()
            held = connection.scalar(query)
            if held is None:
                self._make(connection)
                held = connection.scalar(query) or ""
            text, answer = decide(held)
            if text != held:
                values = {column: text, user_state.c.used_at: now}
                connection.execute(update(user_state).where(self._mine).values(values))
            return answer

        return await self._writer.run(work, f"user state {self._name}")

    async def log_turn(self, now: datetime, until: datetime) -> bool:
        """Take the turn to read the call log for everybody, until *until*.

        False if another process has it: its read serves all waiting calls.
        """

        def work(connection: Connection) -> bool:
            self._make(connection)
            due = (self._mine, user_state.c.log_free_at <= now)
            change = update(user_state).where(*due).values(log_free_at=until)
            return connection.execute(change).rowcount == 1

        return await self._writer.run(work, f"user state {self._name}")

    async def no_log_before(self, moment: datetime) -> None:
        """Let nobody read the log before *moment*: RingCentral said so."""

        def work(connection: Connection) -> None:
            change = update(user_state).where(self._mine).values(log_free_at=moment)
            connection.execute(change)

        await self._writer.run(work, f"user state {self._name}")

    def _make(self, connection: Connection) -> None:
        kind = postgresql if connection.dialect.name == "postgresql" else sqlite
        row = kind.insert(user_state).values(id=self._name)
        connection.execute(row.on_conflict_do_nothing())
