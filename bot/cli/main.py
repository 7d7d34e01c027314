"""The command line: its commands and options, and which function runs each command.

Each command imports what it needs when it is run: ``--help`` loads none of that, and on a
system that lacks some of it a sentence can be printed instead of an ImportError.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
from collections.abc import Sequence

from bot.cli.audit_command import add_audit
from bot.cli.codes import BAD_INPUT, REFUSED
from bot.cli.export_command import add_export
from bot.cli.given import Commands, read_all, read_only, without_log
from bot.cli.hook_command import add_hook
from bot.cli.person_commands import add_erase, add_people
from bot.cli.policy_command import add_policy
from bot.errors import BadSettings, DevelopmentDatabase
from bot.sandbox.stories import ALIASES, STORIES

SYSTEMS = {"linux", "darwin"}
"""Elsewhere there is no ``fcntl``, which keeps two bots off one SQLite file, and asyncio
hears no SIGTERM."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line; return the exit code."""
    if sys.platform not in SYSTEMS:
        sys.stderr.write(
            f"ringout-bot runs on Linux and macOS, not on this system ({sys.platform}).\n"
        )
        return BAD_INPUT
    arguments = _parser().parse_args(argv)
    try:
        return _printed(arguments)
    except (BadSettings, DevelopmentDatabase) as error:
        sys.stderr.write(f"{error}\n")
        return BAD_INPUT


def _printed(arguments: argparse.Namespace) -> int:
    """Run a command; return quietly if whoever reads its output has had enough of it.

    ``ringout-bot doctor | head`` closes the pipe. The bot itself prints nothing there.
    """
    try:
        code: int = arguments.run(arguments)
        if sys.stdout is not None:
            sys.stdout.flush()
    except BrokenPipeError:
        if arguments.run is _run:
            raise
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())  # Python flushes once more as it ends
        return REFUSED
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
    _demo_command(commands)
    _doctor_command(commands)
    _manifest_command(commands)
    _database_commands(commands)
    add_people(commands)
    add_export(commands)
    add_audit(commands)
    add_policy(commands)
    add_hook(commands)
    return parser


def _demo_command(commands: Commands) -> None:
    demo = commands.add_parser(
        "demo", help="try it: no account, no settings, everything on this machine"
    )
    demo.add_argument("--web", action="store_true", help="as a page in a browser")
    demo.add_argument(
        "--no-browser", action="store_true", help="print the page's address, no more"
    )
    demo.add_argument("--tour", action="store_true", help="play a scripted tour")
    stories = ", ".join(sorted(STORIES))
    demo.add_argument(
        "--story",
        metavar="NAME",
        type=_story,
        help=f"how calls go (default: answered): {stories}",
    )
    demo.add_argument("--fast", action="store_true", help="compress time")
    demo.set_defaults(run=_demo)


def _story(name: str) -> str:
    known = sorted({*STORIES, *ALIASES})
    if name not in known:
        raise argparse.ArgumentTypeError(
            f"there is no story {name!r}. There are: {', '.join(known)}"
        )
    return name


def _doctor_command(commands: Commands) -> None:
    doctor = commands.add_parser("doctor", help="check settings, accounts and database")
    doctor.add_argument(
        "--trace", metavar="CALL", help="print what is known of one call, masked"
    )
    doctor.set_defaults(run=_doctor)


def _manifest_command(commands: Commands) -> None:
    manifest = commands.add_parser("manifest", help="print the Slack app's manifest")
    manifest.add_argument(
        "--url", metavar="URL", help="public https address: HTTP instead of Socket Mode"
    )
    manifest.add_argument("--json", action="store_true", help="JSON instead of YAML")
    manifest.add_argument(
        "--workflow-step",
        action="store_true",
        help='with the step "Place a call" for Workflow Builder',
    )
    manifest.set_defaults(run=_manifest)


def _database_commands(commands: Commands) -> None:
    migrate = commands.add_parser("migrate", help="bring the database to this version")
    migrate.set_defaults(run=_migrate)
    add_erase(commands)
    key = commands.add_parser("new-key", help="print a key for RINGOUT_SECRET_KEY")
    key.set_defaults(run=_new_key)
    rotate = commands.add_parser(
        "rotate-keys", help="encrypt all secrets with the first key"
    )
    rotate.set_defaults(run=_rotate_keys)


def _run(_arguments: argparse.Namespace) -> int:
    settings, unknown = read_all()
    from bot.cli import serve

    return serve.run(settings, unknown)


def _demo(arguments: argparse.Namespace) -> int:
    from bot.demo.greeting import greet

    greet()  # the imports below, and the bot's start, take seconds
    from bot.demo.terminal import play

    return play(
        tour=arguments.tour,
        story=arguments.story,
        fast=arguments.fast,
        web=arguments.web,
        no_browser=arguments.no_browser,
    )


def _doctor(arguments: argparse.Namespace) -> int:
    if arguments.trace is not None:
        return _trace(arguments.trace)
    without_log()
    settings, unknown = read_all()
    from bot.doctor.doctor import examine

    return asyncio.run(examine(settings, unknown))


def _trace(call_id: str) -> int:
    settings = read_only("DATABASE_URL")
    from bot.doctor.trace import trace

    return asyncio.run(trace(settings.database_url, call_id))


def _migrate(_arguments: argparse.Namespace) -> int:
    settings = read_only("DATABASE_URL")
    from bot.cli.database import migrate

    return asyncio.run(migrate(settings.database_url))


def _new_key(_arguments: argparse.Namespace) -> int:
    from bot.vault import new_key

    sys.stdout.write(new_key() + "\n")
    return 0


def _rotate_keys(_arguments: argparse.Namespace) -> int:
    settings = read_only("DATABASE_URL", "RINGOUT_SECRET_KEY")
    from bot.cli.database import rotate_keys

    return asyncio.run(rotate_keys(settings.database_url, settings.ringout_secret_key))


def _manifest(arguments: argparse.Namespace) -> int:
    from bot.workspaces.manifest import printed

    if arguments.workflow_step and read_only("SLACK_CLIENT_ID").slack_client_id:
        raise BadSettings(
            "--workflow-step can't go with SLACK_CLIENT_ID: Slack lets no app with a "
            "workflow step be installed in other workspaces"
        )
    sys.stdout.write(
        printed(
            url=arguments.url,
            as_json=arguments.json,
            workflow_step=arguments.workflow_step,
        )
    )
    return 0
