"""What ends the demo ends all that it started: a signal, a closed terminal, a kill."""

from __future__ import annotations

import asyncio
import shutil
import signal
from collections.abc import Coroutine
from typing import Any

ENDING = (signal.SIGHUP, signal.SIGINT, signal.SIGQUIT, signal.SIGTERM)
"""What terminals, service managers and people send; a closed terminal sends SIGHUP."""


async def until_signal(work: Coroutine[Any, Any, int]) -> int:
    """Run *work* until it is done or a signal comes; return the exit code.

    Further signals change nothing, so that what *work* does at its end is done. A signal
    that was ignored when the demo began, as by ``nohup``, still is.
    """
    loop, ended = asyncio.get_running_loop(), asyncio.Event()
    for each in ENDING:
        if signal.getsignal(each) is not signal.SIG_IGN:
            loop.add_signal_handler(each, ended.set)
    task, waiter = asyncio.ensure_future(work), asyncio.ensure_future(ended.wait())
    await asyncio.wait({task, waiter}, return_when=asyncio.FIRST_COMPLETED)
    waiter.cancel()
    if not task.done():
        task.cancel()
        await asyncio.wait({task})
    return 0 if task.cancelled() else task.result()


def ending_with_parent() -> list[str]:
    """Return what a child's command begins with, so that a kill of its parent ends it too.

    Nothing where there is no ``setpriv``: util-linux has it, so nearly every Linux.
    """
    found = shutil.which("setpriv")
    return [found, "--pdeathsig", "TERM", "--"] if found else []
