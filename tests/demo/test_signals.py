"""Whatever ends the demo ends its bot: nobody finds one running days later."""

from __future__ import annotations

import asyncio
import os
import select
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from bot.demo.signals import ENDING, until_signal
from checkout import ROOT
from patience import PATIENCE

DEMO = [sys.executable, "-m", "bot", "demo"]


class Work:
    """What runs until a signal: it begins, and it ends in several steps."""

    def __init__(self) -> None:
        self.begun = asyncio.Event()
        self.is_stopped = False

    async def run(self) -> int:
        """Wait for a signal; stop what was started."""
        try:
            self.begun.set()
            await asyncio.Event().wait()
        finally:
            for _ in range(5):
                await asyncio.sleep(0)
            self.is_stopped = True
        return 1


@pytest.mark.parametrize("number", ENDING)
@pytest.mark.parametrize("times", [1, 2])
async def test_a_signal_stops_what_was_started(
    number: signal.Signals, times: int
) -> None:
    """Completely, also where somebody presses Ctrl-C twice, and without a traceback."""
    work = Work()
    running = asyncio.ensure_future(until_signal(work.run()))
    await work.begun.wait()

    for _ in range(times):
        os.kill(os.getpid(), number)
        await asyncio.sleep(0)

    assert await running == 0
    assert work.is_stopped


async def test_work_that_ends_by_itself_gives_the_exit_code() -> None:
    """Such as a bot that does not start."""

    async def work() -> int:
        return 1

    assert await until_signal(work()) == 1


async def test_nohup_keeps_the_demo_running() -> None:
    """A signal that was ignored before stays ignored."""
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    work = Work()
    running = asyncio.ensure_future(until_signal(work.run()))
    try:
        await work.begun.wait()
        os.kill(os.getpid(), signal.SIGHUP)
        assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
        assert not running.done()
    finally:
        os.kill(os.getpid(), signal.SIGTERM)
        assert await running == 0
        signal.signal(signal.SIGHUP, before)


@pytest.mark.demo
@pytest.mark.unmeasured
@pytest.mark.skipif(sys.platform != "linux", reason="looks at processes as on Linux")
@pytest.mark.parametrize(
    ("options", "number"),
    [
        (["--tour"], signal.SIGHUP),
        (["--tour"], signal.SIGKILL),
        (["--no-browser"], signal.SIGHUP),
        (["--no-browser"], signal.SIGUSR1),
    ],
)
def test_no_signal_leaves_the_bot_running(
    options: list[str], number: signal.Signals, tmp_path: Path
) -> None:
    """A closed terminal, as well as a kill that the demo can't see."""
    demo = subprocess.Popen(
        [*DEMO, *options],
        cwd=ROOT,
        env={**os.environ, "TMPDIR": str(tmp_path)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert demo.stdout is not None
    while "It is ready" not in demo.stdout.readline():
        assert demo.poll() is None
    children = Path(f"/proc/{demo.pid}/task/{demo.pid}/children").read_text("ascii")
    [bot] = [os.pidfd_open(int(each)) for each in children.split()]

    demo.send_signal(number)
    demo.communicate(timeout=PATIENCE)
    ended, _, _ = select.select([bot], [], [], PATIENCE)

    os.close(bot)
    assert ended
