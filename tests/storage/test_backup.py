"""Backups by docs/operations.md: made while the bot runs, then restored."""

from __future__ import annotations

import asyncio
import os
import shlex
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest

from bot.sandbox.ledger import Seen
from bot.sandbox.slack.ledger import Called
from checkout import ROOT
from patience import until
from postgres import Server
from process import Process, states
from talking import TALKING, hang_up
from town import Town

GUIDE = ROOT / "docs" / "operations.md"


def documented(start: str) -> str:
    """Return the guide's one command that begins with *start*."""
    text = GUIDE.read_text(encoding="utf-8")
    (found,) = [line for line in text.splitlines() if line.startswith(start)]
    return found


def run(command: str, folder: Path, **names: str) -> None:
    """Run a command of the guide in *folder*, with its file names replaced."""
    for old, new in names.items():
        command = command.replace(old.replace("_", "."), new)
    words = [os.path.expandvars(word) for word in shlex.split(command, comments=True)]
    if words[0] == "python3":
        words[0] = sys.executable
    subprocess.run(words, cwd=folder, check=True, capture_output=True)


def _file(folder: Path) -> str:
    """Return the URL of the bot's SQLite file in *folder*."""
    return f"sqlite:///{folder}/calls.db"


def back_up(folder: Path) -> Path:
    """Make a backup of the bot's SQLite file by the guide's first command."""
    run(documented("python3 -c"), folder, ringout_db="calls.db")
    return folder / "backup.db"


class Machines:
    """A town whose bot is started on one machine after the other."""

    def __init__(self, town: Town) -> None:
        self.town = town
        self.processes: list[Process] = []

    async def start(self, folder: Path, database: str = "", **changes: str) -> Process:
        """Start a bot in *folder*, on its own SQLite file or on *database*."""
        url = database or _file(folder)
        made = Process(folder, self.town.environment(DATABASE_URL=url, **changes))
        self.processes.append(made)
        await made.ready()
        return made

    async def restored(self, backup: Path, *, sql: str = "") -> None:
        """Start a bot on *backup* elsewhere, and wait until every call has a result."""
        folder = self.town.folder / "elsewhere"
        folder.mkdir()
        shutil.copy(backup, folder / "calls.db")
        if sql:
            with sqlite3.connect(folder / "calls.db") as connection:
                connection.execute(sql)
            connection.close()
        process = await self.start(folder)
        await until(lambda: set(states(_file(folder)).values()) <= {"done", "closing"})
        assert await process.terminated() == 0

    @property
    def replies(self) -> list[str]:
        """Return the replies under the only card."""
        (card,) = self.town.cards()
        return [each.text for each in self.town.slack.thread(card)]


@pytest.fixture
async def machines(closed_town: Town) -> AsyncIterator[Machines]:
    """Build machines; stop everything that still runs on them afterward."""
    built = Machines(closed_town)
    yield built
    for process in built.processes:
        process.kill()
        await process.ended()


async def following(machines: Machines) -> Process:
    """Return a bot that is following a call, which goes on until `hang_up`."""
    folder = machines.town.folder
    machines.town.ringcentral.play(TALKING)
    process = await machines.start(folder)
    await machines.town.types()
    await until(lambda: set(states(_file(folder)).values()) == {"following"})
    return process


async def test_a_backup_made_at_work_takes_the_open_call_to_its_one_reply(
    machines: Machines,
) -> None:
    """If the machine is lost in mid-call, the person must still get one result."""
    first = await following(machines)
    backup = back_up(machines.town.folder)
    first.kill()
    await first.ended()
    await hang_up(machines.town)

    await machines.restored(backup)

    assert len(machines.replies) == 1
    assert machines.town.posts == 1


@pytest.mark.skipif(
    shutil.which("sqlite3") is None, reason="no sqlite3: apt-get install sqlite3"
)
async def test_sqlites_own_program_does_it_as_well(machines: Machines) -> None:
    """Many machines have sqlite3, and operators know it."""
    first = await following(machines)
    run(documented("sqlite3 "), machines.town.folder, ringout_db="calls.db")
    first.kill()
    await first.ended()
    await hang_up(machines.town)

    await machines.restored(machines.town.folder / "backup.db")

    assert len(machines.replies) == 1
    assert machines.town.posts == 1


async def test_a_copy_of_the_file_alone_is_no_backup(machines: Machines) -> None:
    """The newest calls are in the WAL, so the guide warns against copying one file."""
    await following(machines)
    copy = machines.town.folder / "copy.db"
    shutil.copy(machines.town.folder / "calls.db", copy)
    connection = sqlite3.connect(copy)
    try:
        held = connection.execute("SELECT count(*) FROM calls").fetchone()[0]
    except sqlite3.OperationalError:  # not even the tables
        held = 0
    finally:
        connection.close()

    assert held == 0
    assert len(states(_file(machines.town.folder))) == 1


@pytest.mark.parametrize("looking", [False, True], ids=["as it is", "told to look"])
async def test_an_old_backup_tells_again_and_never_dials(
    machines: Machines, *, looking: bool
) -> None:
    """The guide promises at most a second reply, and never a second POST."""
    first = await following(machines)
    backup = back_up(machines.town.folder)
    await hang_up(machines.town)
    await machines.town.reply()
    await machines.town.finished()
    assert await first.terminated() == 0

    await machines.restored(backup, sql=documented("UPDATE") if looking else "")

    assert len(machines.replies) == (1 if looking else 2)
    assert machines.town.posts == 1


async def test_an_intent_in_an_old_backup_is_told_as_not_placed(
    machines: Machines,
) -> None:
    """The card is wrong if it was placed later, as the guide admits; nothing rings."""
    folder, slack = machines.town.folder, machines.town.slack
    taken = once(lambda: back_up(folder))

    async def at_the_card(called: Called) -> None:
        if called.method == "chat.postMessage":
            await taken()

    slack.door.on_call = at_the_card
    first = await machines.start(folder)
    await machines.town.types()
    await machines.town.reply()
    await machines.town.finished()
    assert await first.terminated() == 0
    await machines.restored(folder / "backup.db")
    (card,) = machines.town.cards()

    assert "restarted before this call was placed" in card.text
    assert len(machines.replies) == 1
    assert machines.town.posts == 1


async def test_a_call_since_an_old_backup_is_not_known(machines: Machines) -> None:
    """The button on its card must say so instead of dialing some number."""
    folder = machines.town.folder
    first = await machines.start(folder)
    backup = back_up(folder)
    await machines.town.types()
    card = await machines.town.finished()
    assert await first.terminated() == 0
    elsewhere = folder / "elsewhere"
    elsewhere.mkdir()
    shutil.copy(backup, elsewhere / "calls.db")
    await machines.start(elsewhere)

    await machines.town.slack.click("ann", card, "call_again")
    private = machines.town.slack.private
    await machines.town.until(
        lambda: any("don't have that call" in each.text for each in private("ann"))
    )

    assert machines.town.posts == 1
    assert states(_file(elsewhere)) == {}


async def test_a_dump_of_postgresql_does_the_same(
    machines: Machines, postgres: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """PostgreSQL users must be able to restore as well."""
    folder = machines.town.folder
    monkeypatch.setenv("PATH", f"{postgres.binaries}:{os.environ['PATH']}")
    if not (shutil.which("pg_dump") and shutil.which("pg_restore")):
        pytest.skip("no pg_dump: apt-get install postgresql-client")
    first_url, second_url = postgres.fresh_database(), postgres.fresh_database()
    homes = [folder / "one", folder / "two"]
    for home in homes:
        home.mkdir()
    migrated = Process(homes[0], machines.town.environment(DATABASE_URL=first_url))
    await migrated.start("migrate")
    assert (await migrated.ended())[0] == 0
    first = await machines.start(homes[0], first_url, HURRIED_TAKEOVER="1")

    def dump() -> None:
        monkeypatch.setenv("DATABASE_URL", first_url)
        run(documented("pg_dump"), folder)
        first.kill()

    taken = once(dump)

    async def at_the_log(seen: Seen) -> None:
        if seen.path.endswith("/call-log"):
            await taken()

    machines.town.ringcentral.door.on_request = at_the_log
    await machines.town.types()
    await until((folder / "ringout.dump").exists)
    await first.ended()
    monkeypatch.setenv("DATABASE_URL", second_url)
    run(documented("pg_restore"), folder)
    # The lost process counts as dead some seconds after its last heartbeat.
    await machines.start(homes[1], second_url, HURRIED_TAKEOVER="1")
    await machines.town.until(lambda: machines.replies)
    await machines.town.finished()

    assert len(machines.replies) == 1
    assert machines.town.posts == 1


def once(deed: Callable[[], object]) -> Callable[[], Awaitable[None]]:
    """Return a hook that runs *deed* in a thread, the first time only."""
    done = False

    async def first_time() -> None:
        nonlocal done
        if not done:
            done = True
            await asyncio.to_thread(deed)

    return first_time
