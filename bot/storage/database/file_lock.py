"""One process at a time on a SQLite file."""

from __future__ import annotations

import fcntl
from pathlib import Path
from typing import TextIO

from bot.errors import StoreTaken, StoreUnavailable


class FileLock:
    """An exclusive lock beside a SQLite file, held until `release`.

    The system releases it however a process ends. It is on a file of its own: closing any
    handle of the database file would release SQLite's own locks on it.
    """

    def __init__(self, database: Path) -> None:
        self._database = database
        self._file: TextIO | None = None

    def take(self) -> None:
        """Take the lock.

        Raises:
            StoreTaken: Another process has it.
            StoreUnavailable: The folder does not exist or is not writable.
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
        """Release the lock."""
        if self._file is not None:
            self._file.close()
            self._file = None
