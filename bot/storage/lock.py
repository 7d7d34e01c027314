"""One process on a SQLite file: a lock that the system drops however a process ends."""

from __future__ import annotations

import fcntl
from pathlib import Path
from typing import TextIO

from bot.errors import StoreTaken, StoreUnavailable


class FileLock:
    """An exclusive lock beside a SQLite file, held until `release`.

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
