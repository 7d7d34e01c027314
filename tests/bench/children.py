"""Child processes measured from outside: their messages, memory and processor time."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, TypeVar

T = TypeVar("T")
HERE = Path(__file__).parent
ROOT = HERE.parents[1]
TICKS = os.sysconf("SC_CLK_TCK")
SAYS_WITHIN = 300.0
KB = 1024


class Child:
    """A Python module as a process that reports in lines of JSON."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process

    async def says(self, seconds: float = SAYS_WITHIN) -> dict[str, Any]:
        """Return its next message.

        Raises:
            RuntimeError: It has exited instead.
        """
        assert self.process.stdout is not None
        line = await asyncio.wait_for(self.process.stdout.readline(), seconds)
        if not line:
            raise RuntimeError(f"it ended with {await self.process.wait()}")
        said: dict[str, Any] = json.loads(line)
        return said

    def tell(self, word: str) -> None:
        """Write a line to the child's standard input."""
        assert self.process.stdin is not None
        self.process.stdin.write(f"{word}\n".encode())

    async def kill(self) -> None:
        """Kill it at once, as ``kill -9`` does."""
        if self.process.returncode is None:
            self.process.kill()
        await self.process.wait()


@asynccontextmanager
async def a_child(
    module: str, *arguments: object, root: Path = ROOT, **env: str
) -> AsyncIterator[Child]:
    """Run ``python -m module``; kill it at the end.

    *root* is the checkout whose bot and benches it runs; what that lacks is ours.
    """
    tests = root / "tests"
    paths = os.pathsep.join(map(str, (root, tests / "support", tests / "bench", HERE)))
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        module,
        *(str(each) for each in arguments),
        env={**os.environ, "PYTHONPATH": paths, **env},
        cwd=root,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    child = Child(process)
    try:
        yield child
    finally:
        await child.kill()


async def of_before(measured: Awaitable[T], bench: str) -> T | None:
    """Return what an earlier commit's bot gave; None if it can't be measured so."""
    try:
        return await measured
    except RuntimeError as error:
        sys.stderr.write(f"{bench}: the commit before is left out: {error}\n")
        return None


def cpu_seconds(pid: int) -> float:
    """Return the processor seconds that a process has used in all its threads."""
    words = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(words[11]) + int(words[12])) / TICKS


def rss_mb(pid: int | str = "self") -> float:
    """Return the resident memory of a process in MB."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / KB
    raise ValueError(pid)


def say(**values: Any) -> None:
    """Send a message to the parent; called by children."""
    sys.stdout.write(json.dumps(values) + "\n")
    sys.stdout.flush()
