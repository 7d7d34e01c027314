"""``ringout-bot run``: the bot, until it is told to stop."""

from __future__ import annotations

import asyncio
import gc
import logging
import os
import signal
import sys
import threading
from collections.abc import Sequence

from bot.app.bot import Bot
from bot.cli.codes import FAILED, REFUSED
from bot.errors import CredentialsRefused, StoreUnavailable
from bot.settings.settings import Settings
from bot.settings.unknown import Unknown
from bot.telemetry import logs, spans

log = logging.getLogger("bot")

POOLS = "ringcentral"
"""Prefix of the names of the threads that send requests to RingCentral."""

NEW_OBJECTS = 10_000
"""So many more than before start a garbage collection; Python's default is 700."""

IDLE_ENDS_WITHIN = 0.1
"""Seconds; a pool's thread with nothing to do ends at once when it is shut down."""


def run(settings: Settings, unknown: Sequence[Unknown]) -> int:
    """Run the bot until SIGTERM; return the exit code."""
    logs.set_up(settings.ringout_log_format, secrets=settings.secrets)
    for each in unknown:
        log.warning("an unknown setting is ignored: %s", each)
    spans.set_up(settings.otel_exporter_otlp_endpoint)
    code = 0
    try:
        code = asyncio.run(_serve(settings))
    except (CredentialsRefused, StoreUnavailable) as error:
        sys.stderr.write(f"{error}\n")
        code = REFUSED
    except OSError as error:
        sys.stderr.write(f"The bot can't listen: {error.strerror}\n")
        code = REFUSED
    spans.shut()
    _leave_threads(code)
    return code


def _leave_threads(code: int) -> None:
    """Exit at once if a request to RingCentral still hangs in its thread.

    Python would join the threads of a pool first, past the 10 s that a stop has. All
    else is closed by now, and the call is stored as one whose answer may be lost.
    """
    pools = [each for each in threading.enumerate() if each.name.startswith(POOLS)]
    for thread in pools:
        thread.join(IDLE_ENDS_WITHIN)
    if any(thread.is_alive() for thread in pools):
        logging.shutdown()
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


async def _serve(settings: Settings) -> int:
    """Run the bot until it is told to stop, or can't go on; return the exit code."""
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for each in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(each, stopping.set)
    bot = Bot(settings)
    starting = asyncio.ensure_future(bot.start())
    stopped = asyncio.ensure_future(stopping.wait())
    failed = asyncio.ensure_future(bot.failed.wait())
    first = asyncio.FIRST_COMPLETED
    try:
        await asyncio.wait({starting, stopped, failed}, return_when=first)
        if starting.done():
            await starting
            log.info("ready: %s", _how(settings))
            # What a start makes lives as long as the process. Going through it again in
            # each full garbage collection took 6 % of an ack's processor time; looking
            # at the hundreds of objects of each command in flight, which soon free
            # themselves, took 3 %.
            gc.freeze()
            gc.set_threshold(NEW_OBJECTS)
            await asyncio.wait({stopped, failed}, return_when=first)
            log.info("stopping")
    finally:
        for task in (starting, stopped, failed):
            task.cancel()
        await asyncio.gather(starting, stopped, failed, return_exceptions=True)
        await bot.stop()
    return FAILED if bot.failed.is_set() else 0


def _how(settings: Settings) -> str:
    server = f"http://{settings.host}:{settings.port}"
    if not settings.is_socket_mode:
        return f"commands come to {server}/slack/events"
    shown = "" if settings.port is None else f"; health and metrics are at {server}"
    return f"commands come by Socket Mode{shown}"
