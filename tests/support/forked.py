"""Bot processes that start in a third of the time, forked after all imports.

They are processes like others, with an environment, a folder and an end of their own;
`process.Process` starts them so in tests, and plainly elsewhere. The standard library's
fork server does the work, one beside each process that runs tests.
"""

from __future__ import annotations

import asyncio
import atexit
import importlib.util
import os
import runpy
import sys
from collections.abc import Mapping, Sequence
from multiprocessing import context, forkserver, get_context
from pathlib import Path
from typing import Any
from unittest.mock import patch

from checkout import ROOT, SUPPORT


class Forked:
    """One forked process, with the methods of `asyncio.subprocess.Process`."""

    def __init__(self, process: context.ForkServerProcess, out: Path) -> None:
        self._process = process
        self._out = out
        assert process.pid is not None
        self.pid = process.pid

    @property
    def returncode(self) -> int | None:
        """Its exit code, or minus the signal that ended it; None while it runs."""
        return self._process.exitcode

    def send_signal(self, signal: int) -> None:
        """Send it a signal; raises ProcessLookupError if it has ended."""
        os.kill(self.pid, signal)

    def terminate(self) -> None:
        """Send it SIGTERM if it is running."""
        self._process.terminate()

    def kill(self) -> None:
        """Send it SIGKILL if it is running."""
        self._process.kill()

    async def wait(self) -> int:
        """Wait for its end; return its exit code."""
        while self.returncode is None:
            await asyncio.sleep(0.01)
        return self.returncode

    @property
    def out(self) -> str:
        """What it has printed so far."""
        return self._out.read_text() if self._out.exists() else ""

    async def communicate(self) -> tuple[bytes, None]:
        """Wait for its end; return what it printed."""
        await self.wait()
        return self.out.encode(), None


async def fork(
    arguments: Sequence[str], *, folder: Path, env: Mapping[str, str], log: Path
) -> Forked:
    """Run ``python -m bot`` with *arguments* in *folder*; its environment is *env*.

    Standard error goes to *log*, standard output to a file beside it.
    """
    for each in (log, _out(log)):
        each.write_bytes(b"")
    _serve()
    return await _start(arguments, folder, env, log)


def _out(log: Path) -> Path:
    """Return the file for the standard output."""
    return log.with_suffix(".out")


async def _start(
    arguments: Sequence[str], folder: Path, env: Mapping[str, str], log: Path
) -> Forked:
    out = _out(log)
    method = get_context("forkserver")
    process = method.Process(
        target=_run, args=(list(arguments), str(folder), dict(env), str(log), str(out))
    )
    await asyncio.to_thread(process.start)  # the first start waits for the imports
    return Forked(process, out)


def unmeasured() -> dict[str, str]:
    """Return this process's environment without coverage's variables."""
    return {n: v for n, v in os.environ.items() if not n.startswith("COV")}


def _serve() -> None:
    """Start the fork server if it is not running yet, without coverage.

    The server does not inherit ``sys.path``, so it is passed on.
    """
    forkserver.set_forkserver_preload(["preloaded"])
    path = os.pathsep.join((str(ROOT), str(SUPPORT)))
    with patch.dict(os.environ, unmeasured() | {"PYTHONPATH": path}, clear=True):
        forkserver.ensure_running()


def _run(
    arguments: list[str], folder: str, env: dict[str, str], log: str, out: str
) -> None:
    """Run the bot's command line; this is the forked process's main function."""
    os.environ.clear()
    os.environ.update(env)
    os.chdir(folder)
    writing = os.O_WRONLY | os.O_CREAT | os.O_APPEND
    for fd, (name, how) in enumerate(
        ((os.devnull, os.O_RDONLY), (out, writing), (log, writing))
    ):
        opened = os.open(name, how, 0o600)
        os.dup2(opened, fd)
        os.close(opened)
    sys.path[:0] = env["PYTHONPATH"].split(os.pathsep)
    custom = Path(sys.path[0], "sitecustomize.py")
    spec = importlib.util.spec_from_file_location("customized", custom)
    if custom.exists() and spec is not None and spec.loader is not None:
        module = sys.modules["customized"] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
    sys.argv = ["bot", *arguments]
    if arguments[0] == "demo":
        _fork_its_bot()
    try:
        runpy.run_module("bot", run_name="__main__", alter_sys=True)
    finally:
        atexit._run_exitfuncs()


def _fork_its_bot() -> None:
    """Make a demo start its bot, and nothing else, through the same fork server."""

    async def start(*words: str, **how: Any) -> Any:
        assert words[-3:] == ("-m", "bot", "run"), words
        return await _start(["run"], how["cwd"], how["env"], Path(how["stderr"].name))

    server = forkserver._forkserver
    patch.object(server, "ensure_running", lambda: None).start()  # not our child
    patch("asyncio.create_subprocess_exec", start).start()
