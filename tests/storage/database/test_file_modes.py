"""A database that an older version made for everybody to read."""

from __future__ import annotations

import logging
import os
from pathlib import Path
from typing import NoReturn

import pytest

from bot.storage.calls.store import Store
from bot.storage.database.file_modes import files_of, mode_of, narrow


def widened(database: Path) -> list[Path]:
    """Return the files of a *database*, each as older versions made it."""
    found = files_of(database)
    for file in found:
        file.touch()
        file.chmod(0o644)
    return found


async def test_files_of_a_version_before_are_narrowed(tmp_path: Path) -> None:
    """An upgrade must not leave everybody's numbers readable."""
    database = tmp_path / "calls.db"
    database.with_name("link.db").symlink_to(database)
    files = {*widened(database), *widened(tmp_path / "link.db")}

    store = Store(f"sqlite:///{tmp_path}/link.db")
    await store.open(alone=True)
    found = {file.name: mode_of(file) for file in files if file.exists()}
    store.close()

    assert {"calls.db", "link.db.lock"} <= set(found)
    assert {name for name, mode in found.items() if mode != 0o600} == {"calls.db.lock"}


def test_a_journal_of_before_the_wal_is_one_of_the_files(tmp_path: Path) -> None:
    """A process that died as it made the database may have left one, with its rows."""
    database = tmp_path / "calls.db"
    widened(database)

    narrow(database)

    modes = {file.name: mode_of(file) for file in tmp_path.iterdir()}
    ends = ("", "-wal", "-shm", "-journal", ".lock")
    assert modes == {f"calls.db{end}": 0o600 for end in ends}


async def test_what_cannot_be_narrowed_is_warned_of_and_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A file of another user's, or a file system without modes, must not end the bot."""
    database = tmp_path / "calls.db"
    database.touch()
    os.chmod(database, 0o640)  # noqa: PTH101 - the other one is refused below

    def refuse(*_: object, **__: object) -> NoReturn:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(Path, "chmod", refuse)
    store = Store(f"sqlite:///{database}")
    with caplog.at_level(logging.WARNING):
        await store.open(alone=True)
    store.close()

    assert caplog.messages[:1] == [
        "other users may read calls.db: Operation not permitted"
    ]
