"""What the bot writes can be read by its own user alone."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot import __main__ as program
from bot.storage.calls.store import Store
from bot.vault import new_key
from command_lines import HOOK_ENV, OPENS_DATABASE
from scene import Scene

STARTS = {"run", "doctor"}
"""They need all settings, and a Slack; `test_a_running_bots_files_are_for_its_user_alone`."""

COMMANDS = {name: line for name, line in OPENS_DATABASE.items() if name not in STARTS}


@pytest.fixture(autouse=True)
def _usual_umask() -> Iterator[None]:
    """Have the umask of most shells."""
    before = os.umask(0o022)
    yield
    os.umask(before)


def modes(folder: Path) -> dict[str, int]:
    """Return the mode of each file whose name begins as the database's."""
    return {
        each.name: stat.S_IMODE(each.stat().st_mode)
        for each in folder.iterdir()
        if ".db" in each.name
    }


@pytest.mark.parametrize("arguments", COMMANDS.values(), ids=COMMANDS)
def test_every_command_makes_its_files_for_this_user_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...]
) -> None:
    """Whichever command runs first creates the database with everybody's numbers."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DATABASE_URL", "sqlite:///calls.db")
    monkeypatch.setenv("RINGOUT_SECRET_KEY", new_key())
    for name, value in HOOK_ENV.items():
        monkeypatch.setenv(name, value)

    program.main(arguments)
    (tmp_path / "later.db").touch()  # as whatever else it may write

    assert modes(tmp_path) == {"calls.db": 0o600, "later.db": 0o600}


async def test_a_running_bots_files_are_for_its_user_alone(scene: Scene) -> None:
    """The WAL holds the newest numbers, and a lock could be held by others."""
    process = await scene.ready()
    store = Store(scene.town.database_url)  # keeps the WAL there while we look
    await store.open()
    found = modes(scene.town.folder)
    store.close()

    name = Path(store.url.removeprefix("sqlite:///")).name
    assert found == {f"{name}{end}": 0o600 for end in ("", "-wal", "-shm", ".lock")}
    assert await process.terminated() == 0
