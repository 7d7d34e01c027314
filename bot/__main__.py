"""The command line: run (the default), demo, doctor, manifest, and what keeps a database."""

from __future__ import annotations

import argparse
import asyncio
import logging
import os
import signal
import sys
import threading
from collections.abc import Sequence
from pathlib import Path

from bot.errors import BadSettings, CredentialsRefused, StoreUnavailable
from bot.settings import settings
from bot.telemetry import logs, spans

log = logging.getLogger("bot")

BAD_SETTINGS = 2
REFUSED = 1
FAILED = 3
"""A task that should never end has ended by a fault of ours: start it again."""

POOLS = "ringcentral"
"""What the names of the threads of `bot.ringcentral.sender` begin with."""

IDLE_ENDS_WITHIN = 0.1
"""Seconds; a pool's thread with nothing to do ends at once when it is shut down."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line; return the exit code."""
    arguments = _parser().parse_args(argv)
    code: int = arguments.run(arguments)
    return code


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="ringout-bot",
        description="RingOut calls from Slack, and how they went.",
    )
    parser.set_defaults(run=_run)
    commands = parser.add_subparsers(title="commands", metavar="COMMAND")
    run = commands.add_parser("run", help="run the bot until SIGTERM (the default)")
    run.set_defaults(run=_run)
    demo = commands.add_parser(
        "demo", help="try it: no account, no settings, everything on this machine"
    )
    _demo_options(demo)
    doctor = commands.add_parser("doctor", help="check settings, accounts and database")
    doctor.add_argument(
        "--trace", metavar="CALL", help="print what is known of one call, masked"
    )
    doctor.set_defaults(run=_doctor)
    manifest = commands.add_parser("manifest", help="print the Slack app's manifest")
    manifest.add_argument(
        "--url", metavar="URL", help="public https address: HTTP instead of Socket Mode"
    )
    manifest.add_argument("--json", action="store_true", help="JSON instead of YAML")
    manifest.set_defaults(run=_manifest)
    _database_commands(commands)
    return parser


def _database_commands(
    commands: argparse._SubParsersAction[argparse.ArgumentParser],
) -> None:
    migrate = commands.add_parser("migrate", help="bring the database to this version")
    migrate.set_defaults(run=_migrate)
    erase = commands.add_parser(
        "erase", help="forget a number: calls, people's phones and choices"
    )
    erase.add_argument("number", metavar="NUMBER", help="in E.164, such as +1650…")
    erase.add_argument("--dry-run", action="store_true", help="only count")
    erase.set_defaults(run=_erase)
    key = commands.add_parser("new-key", help="print a key for RINGOUT_SECRET_KEY")
    key.set_defaults(run=_new_key)
    rotate = commands.add_parser(
        "rotate-keys", help="encrypt all secrets with the first key"
    )
    rotate.set_defaults(run=_rotate_keys)


def _demo_options(demo: argparse.ArgumentParser) -> None:
    demo.add_argument("--web", action="store_true", help="as a page in a browser")
    demo.add_argument(
        "--no-browser", action="store_true", help="print the page's address, no more"
    )
    demo.add_argument("--tour", action="store_true", help="play a scripted tour")
    from bot.sandbox.stories import STORIES

    stories = ", ".join(sorted(STORIES))
    demo.add_argument(
        "--story", metavar="NAME", help=f"how calls go (default: answered): {stories}"
    )
    demo.add_argument("--fast", action="store_true", help="compress time")
    demo.set_defaults(run=_demo)


def _read_settings() -> settings.Settings | None:
    """Return the settings, or None after saying what is wrong with them."""
    try:
        return settings.read(settings.environment(os.environ, Path.cwd()))
    except BadSettings as error:
        sys.stderr.write(f"{error}\n")
        return None


def _run(_arguments: argparse.Namespace) -> int:
    chosen = _read_settings()
    if chosen is None:
        return BAD_SETTINGS
    logs.set_up(chosen.ringout_log_format)
    spans.set_up(chosen.otlp_endpoint)
    code = 0
    try:
        code = asyncio.run(_serve(chosen))
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


async def _serve(chosen: settings.Settings) -> int:
    """Run the bot until it is told to stop, or can't go on; return the exit code."""
    from bot.app.bot import Bot

    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for each in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(each, stopping.set)
    bot = Bot(chosen)
    starting = asyncio.ensure_future(bot.start())
    stopped = asyncio.ensure_future(stopping.wait())
    failed = asyncio.ensure_future(bot.failed.wait())
    first = asyncio.FIRST_COMPLETED
    try:
        await asyncio.wait({starting, stopped, failed}, return_when=first)
        if starting.done():
            await starting
            log.info("ready: %s", _how(chosen))
            await asyncio.wait({stopped, failed}, return_when=first)
            log.info("stopping")
    finally:
        for task in (starting, stopped, failed):
            task.cancel()
        await asyncio.gather(starting, stopped, failed, return_exceptions=True)
        await bot.stop()
    return FAILED if bot.failed.is_set() else 0


def _how(chosen: settings.Settings) -> str:
    server = f"http://{chosen.host}:{chosen.port}"
    if not chosen.is_socket_mode:
        return f"commands come to {server}/slack/events"
    shown = "" if chosen.port is None else f"; health and metrics are at {server}"
    return f"commands come by Socket Mode{shown}"


def _demo(arguments: argparse.Namespace) -> int:
    from bot.demo.terminal import play

    return play(
        tour=arguments.tour,
        story=arguments.story,
        fast=arguments.fast,
        web=arguments.web,
        no_browser=arguments.no_browser,
    )


def _doctor(arguments: argparse.Namespace) -> int:
    chosen = _read_settings()
    if chosen is None:
        return BAD_SETTINGS
    from bot.doctor.doctor import examine

    return asyncio.run(examine(chosen, trace=arguments.trace))


def _migrate(_arguments: argparse.Namespace) -> int:
    chosen = _read_settings()
    if chosen is None:
        return BAD_SETTINGS
    from bot.cli.database import migrate

    return asyncio.run(migrate(chosen))


def _erase(arguments: argparse.Namespace) -> int:
    chosen = _read_settings()
    if chosen is None:
        return BAD_SETTINGS
    from bot.cli.database import erase

    return asyncio.run(erase(chosen, arguments.number, dry=arguments.dry_run))


def _new_key(_arguments: argparse.Namespace) -> int:
    from bot.vault import new_key

    sys.stdout.write(new_key() + "\n")
    return 0


def _rotate_keys(_arguments: argparse.Namespace) -> int:
    chosen = _read_settings()
    if chosen is None:
        return BAD_SETTINGS
    from bot.cli.database import rotate_keys

    return asyncio.run(rotate_keys(chosen))


def _manifest(arguments: argparse.Namespace) -> int:
    from bot.workspaces.manifest import printed

    try:
        text = printed(url=arguments.url, as_json=arguments.json)
    except BadSettings as error:
        sys.stderr.write(f"{error}\n")
        return BAD_SETTINGS
    sys.stdout.write(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
