"""Who must wait for whom: one process on a SQLite file, one command of a person."""

from __future__ import annotations

import fcntl
from pathlib import Path
from typing import TextIO

from sqlalchemy import Connection, text

from bot.calls.person import Person
from bot.errors import StoreTaken, StoreUnavailable


class FileLock:
    """An exclusive lock beside a SQLite file, held until `release`.

    The system drops it however a process ends.
    Beside it, not on it: SQLite's own locks on the file would be dropped with ours.
    """

    def __init__(self, database: Path) -> None:
        self._database = database
        self._file: TextIO | None = None

    def take(self) -> None:
        """Take it.

        Raises:
            StoreTaken: Another process has it.
            StoreUnavailable: The folder is not there or not writable.
        """
        if self._file is not None:
            return
        path = self._database.with_name(self._database.name + ".lock")
        try:
            file = path.open("a", encoding="utf-8")
        except OSError as error:
            raise StoreUnavailable(f"{path}: {error.strerror}") from None
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            file.close()
            raise StoreTaken(
                f"Another process of the bot uses {self._database}. Stop it first, or "
                "use PostgreSQL (DATABASE_URL) to run several."
            ) from None
        self._file = file

    def release(self) -> None:
        """Let it go."""
        if self._file is not None:
            self._file.close()
            self._file = None


def one_at_a_time(connection: Connection, person: Person) -> None:
    """Let a person's commands wait for one another, whichever process took them.

    Else two that come at once would not see each other's number. SQLite has one
    writer anyway.
    """
    if connection.dialect.name == "postgresql":
        statement = text("SELECT pg_advisory_xact_lock(hashtextextended(:who, 1))")
        connection.execute(statement, {"who": str(person)})
