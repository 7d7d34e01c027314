"""Opens a database: a SQLite file is migrated and locked, PostgreSQL only checked."""

from __future__ import annotations

from pathlib import Path

from bot.storage.database import file_modes, migrate
from bot.storage.database.file_lock import FileLock
from bot.storage.database.writer import Writer


class Opening:
    """Opens the database of *writer*."""

    def __init__(self, writer: Writer) -> None:
        self._writer = writer
        self._lock: FileLock | None = None

    async def open(self, *, alone: bool) -> None:
        """Prepare the database; see `bot.storage.calls.store.Store.open`."""
        if self._writer.is_postgres:
            await self._writer.run(migrate.check)
            return
        self._prepare_file()
        if alone and self._file is not None:
            self._lock = FileLock(self._file)
            self._lock.take()
        await self._writer.run(migrate.upgrade)

    async def migrate(self) -> tuple[str, str]:
        """Run the revisions that are missing; return the revision before and after."""
        self._prepare_file()
        return await self._writer.run(migrate.upgrade)

    def release(self) -> None:
        """Release the file's lock, if it was taken."""
        if self._lock is not None:
            self._lock.release()

    def _prepare_file(self) -> None:
        if self._file is not None:
            migrate.refuse_development(self._file)
            file_modes.narrow(self._file)

    @property
    def _file(self) -> Path | None:
        """The SQLite file; None with PostgreSQL."""
        name = self._writer.engine.url.database
        return Path(name) if name and not self._writer.is_postgres else None
