"""The bots that are compared, each as a process of its own."""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import load
import postgres
from bot.sandbox.ports import free_port
from children import ROOT, a_child
from process import Process

TOKEN, APP_TOKEN = "xoxb-bench", "xapp-bench"
MIGRATED_WITHIN = 60.0

Kind = Literal["bare", "plain", "before", "ours"]
Database = Literal["", "sqlite", "postgresql"]


@dataclass(frozen=True, slots=True)
class Side:
    """A bot and its database. ``before`` is our bot of an earlier commit."""

    kind: Kind
    database: Database = ""

    @property
    def name(self) -> str:
        """Its name in a table."""
        words = {
            "bare": "bare Bolt",
            "plain": "plain durable bot",
            "before": "ours before",
            "ours": "ours",
        }
        where = {"": "", "sqlite": ", SQLite", "postgresql": ", PostgreSQL"}
        return words[self.kind] + where[self.database]

    @property
    def stores(self) -> bool:
        """Whether it stores what it acks."""
        return self.kind != "bare"


@dataclass(frozen=True, slots=True)
class Running:
    """A bot that runs: its process id, where it takes commands, and its database."""

    pid: int
    url: str
    database: str


@dataclass(frozen=True, slots=True)
class Ground:
    """What all bots of a run stand on.

    Attributes:
        far: The addresses and secrets of Slack and RingCentral (`far.py`).
        server: PostgreSQL.
        before: A checkout of the earlier commit; None to leave it out.
    """

    far: dict[str, Any]
    server: postgres.Server
    before: Path | None

    def address(self, side: Side, folder: Path) -> str:
        """Return the address of a new, empty database of *side*."""
        if side.database == "postgresql":
            return self.server.fresh_database()
        return f"sqlite:///{folder}/calls.db"

    @asynccontextmanager
    async def running(
        self, side: Side, folder: Path, *, socket: bool
    ) -> AsyncIterator[Running]:
        """Run a bot until the end of the block."""
        url = self.address(side, folder)
        run = self._child if side.kind in ("bare", "plain") else self._ours
        async with run(side, url, folder, socket=socket) as found:
            yield found

    @asynccontextmanager
    async def _child(
        self, side: Side, url: str, folder: Path, *, socket: bool
    ) -> AsyncIterator[Running]:
        del folder
        given = ["--socket"] if socket else []
        if side.kind == "plain":
            given += ["--url", url]
        async with bolt(f"{side.kind}_bolt", self.far, *given) as (pid, address):
            yield Running(pid, address, url)

    @asynccontextmanager
    async def _ours(
        self, side: Side, url: str, folder: Path, *, socket: bool
    ) -> AsyncIterator[Running]:
        root = self.before if side.kind == "before" else ROOT
        env = environment(self.far, folder, socket=socket)
        env |= {"DATABASE_URL": url, "PYTHONPATH": str(root)}
        if side.database == "postgresql":
            migrating = Process(folder, env)
            await migrating.start("migrate")
            await migrating.ended(MIGRATED_WITHIN)
        process = Process(folder, env)
        await process.ready()
        try:
            address = f"http://127.0.0.1:{env.get('PORT')}/slack/events"
            yield Running(process.child.pid, address, url)
        finally:
            process.kill()
            await process.ended()


def environment(far: dict[str, Any], folder: Path, *, socket: bool) -> dict[str, str]:
    """Return our bot's settings: defaults, except for the limit per person."""
    door = {"SLACK_APP_TOKEN": APP_TOKEN}
    if not socket:
        door = {"SLACK_SIGNING_SECRET": load.SECRET, "PORT": str(free_port())}
    return {
        "SLACK_BOT_TOKEN": TOKEN,
        "SLACK_API_URL": far["api"],
        "RC_SERVER_URL": far["ringcentral"],
        "RC_APP_CLIENT_ID": far["client_id"],
        "RC_APP_CLIENT_SECRET": far["client_secret"],
        "RC_USER_JWT": far["jwt"],
        "DATABASE_URL": f"sqlite:///{folder}/calls.db",
        "RINGOUT_CALLS_PER_MINUTE": "10000",
        **door,
    }


@asynccontextmanager
async def bolt(
    module: str, far: dict[str, Any], *given: object
) -> AsyncIterator[tuple[int, str]]:
    """Run one of the bots that are made for the bench; yield its pid and address."""
    slack = ("--api", far["api"], "--token", TOKEN, "--app-token", APP_TOKEN)
    async with a_child(module, *slack, "--secret", load.SECRET, *given) as child:
        said = await child.says()
        yield child.process.pid, said["ready"]


@asynccontextmanager
async def a_ground(
    server: postgres.Server, before: Path | None
) -> AsyncIterator[Ground]:
    """Start Slack's and RingCentral's stand-ins, without a line for Socket Mode."""
    async with a_child("far", "ws://127.0.0.1:9/") as child:
        yield Ground(await child.says(), server, before)


@contextmanager
def checkout(revision: str) -> Iterator[Path | None]:
    """Check an earlier commit out beside ours; nothing if *revision* is empty."""
    if not revision:
        yield None
        return
    git = ["git", "-C", str(ROOT), "worktree"]
    with tempfile.TemporaryDirectory(prefix="ringout-before-") as folder:
        place = Path(folder) / "bot"
        add = [*git, "add", "--quiet", "--detach", str(place), revision]
        subprocess.run(add, check=True, env=os.environ)
        try:
            yield place
        finally:
            remove = [*git, "remove", "--force", str(place)]
            subprocess.run(remove, check=True, env=os.environ)
