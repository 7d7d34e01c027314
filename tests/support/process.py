"""The bot as a separate process: start it, kill it, stop it, read its log."""

from __future__ import annotations

import asyncio
import os
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar, TypeVar

from aiohttp import web
from sqlalchemy import create_engine, text
from sqlalchemy.pool import NullPool

from bot.sandbox.ledger import Seen
from bot.sandbox.slack.ledger import Called
from checkout import ROOT
from forked import Forked, fork
from patience import PATIENCE

HURRIED = Path(__file__).parent / "hurried"
Heard = TypeVar("Heard", Seen, Called)
Child = asyncio.subprocess.Process | Forked


@dataclass
class Process:
    """``python -m bot`` in its own folder; its environment is *env* alone.

    In tests it is forked from a process that has imported everything (`forked`), and is not
    measured. A *plain* one is started normally, and is measured.
    """

    folder: Path
    env: Mapping[str, str]
    plain: bool = False
    log_path: Path = field(init=False)
    ready_after: float = 0.0
    forked: ClassVar[bool] = False
    """Whether processes that are not *plain* are forked; true in tests."""
    _child: Child | None = None

    def __post_init__(self) -> None:
        """Choose a log file that does not exist yet."""
        count = len(list(self.folder.glob("bot-*.log")))
        self.log_path = self.folder / f"bot-{count}.log"
        self.log_path.touch()

    @property
    def log(self) -> str:
        """Return what it wrote to standard error."""
        return self.log_path.read_text()

    async def start(self, *arguments: str) -> None:
        """Start it, without waiting for anything."""
        env = {
            **(coverage() if self.plain else {}),
            **self.env,
            "PATH": os.environ["PATH"],
            "PYTHONPATH": os.pathsep.join(
                [self.env.get("PYTHONPATH", str(HURRIED)), str(ROOT)]
            ),
        }
        given = arguments or ("run",)
        if self.forked and not self.plain:
            self._child = await fork(
                given, folder=self.folder, env=env, log=self.log_path
            )
            return
        with self.log_path.open("wb") as log:
            self._child = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "bot",
                *given,
                cwd=self.folder,
                env=env,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.PIPE,
                stderr=log,
            )

    async def ready(self, seconds: float = PATIENCE) -> None:
        """Start it, and wait until it logs that it can take commands."""
        begun = time.monotonic()
        await self.start()
        await self.logged("ready", seconds)
        self.ready_after = time.monotonic() - begun

    async def logged(self, word: str, seconds: float = PATIENCE) -> None:
        """Wait until its log contains *word*."""
        async with asyncio.timeout(seconds):
            while word not in self.log:
                assert self.child.returncode is None, self.log
                await asyncio.sleep(0.02)

    @property
    def has_begun(self) -> bool:
        """Whether it was started."""
        return self._child is not None

    @property
    def child(self) -> Child:
        """The running child process."""
        assert self._child is not None
        return self._child

    def kill(self) -> None:
        """Kill it without warning, as a power cut would."""
        if self._child is not None and self._child.returncode is None:
            self._child.kill()

    async def ended(self, seconds: float = PATIENCE) -> tuple[int, str]:
        """Wait until it ends; return its exit code and its standard output."""
        out, _ = await asyncio.wait_for(self.child.communicate(), timeout=seconds)
        assert self.child.returncode is not None
        return self.child.returncode, out.decode()

    async def terminated(self) -> int:
        """Send SIGTERM; return its exit code."""
        self.child.terminate()
        return (await self.ended())[0]


def coverage() -> dict[str, str]:
    """Return the variables that measure a child's coverage, if ours is measured."""
    return {n: v for n, v in os.environ.items() if n.startswith("COV")}


class Trap:
    """A double's hook that kills a process once, at one request."""

    def __init__(
        self, process: Process, *, loses: bool, when: Callable[[object], bool]
    ) -> None:
        self._process = process
        self._loses = loses
        self._when = when
        self.sprung = asyncio.Event()

    async def __call__(self, heard: object) -> None:
        """Kill the process at the chosen request, which is lost too if *loses*."""
        if self.sprung.is_set() or not self._when(heard):
            return
        self.sprung.set()
        self._process.kill()
        await self._process.child.wait()
        if self._loses:  # the request was lost on its way, so it has no effect
            raise web.HTTPServiceUnavailable

    async def wait(self) -> None:
        """Wait until the process is dead."""
        await asyncio.wait_for(self.sprung.wait(), timeout=PATIENCE)
        await self._process.child.wait()


def states(url: str) -> dict[str, str]:
    """Return the state of each call in the database at *url*, by its id."""
    engine = create_engine(
        url.replace("postgresql://", "postgresql+psycopg://"), poolclass=NullPool
    )
    with engine.connect() as connection:
        rows = connection.execute(text("SELECT id, state FROM calls")).all()
        return {row.id: row.state for row in rows}
