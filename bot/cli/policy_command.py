"""The commands ``policy show|check|import|export``, and how they are typed."""

from __future__ import annotations

import argparse
import asyncio
import re
import sys
from pathlib import Path

from bot.cli.codes import BAD_INPUT
from bot.cli.given import Commands, read_only

BOUNDS = (
    "DATABASE_URL",
    "RINGOUT_REGION",
    "RINGOUT_ALLOWED_USERS",
    "RINGOUT_ALLOWED_CHANNELS",
    "RINGOUT_GUESTS",
    "RINGOUT_COUNTRIES",
    "RINGOUT_NUMBER_TYPES",
    "RINGOUT_CALLS_PER_MINUTE",
    "RINGOUT_THROTTLE",
    "RINGOUT_QUIET_HOURS",
    "RINGOUT_CALLS_AT_ONCE",
    "RINGOUT_CALLS_PER_DAY",
    "RINGOUT_MINUTES_PER_MONTH",
    "RINGOUT_FIRST_TIME",
    "RINGOUT_FOREIGN",
    "RINGOUT_ASKABLE",
)
"""The settings that bound a workspace's own rules."""

LONGEST_POLICY_BYTES = 1_000_000
"""Bytes that are read of a file."""


def add_policy(commands: Commands) -> None:
    """Add ``policy``, which has four commands of its own."""
    policy = commands.add_parser("policy", help="a workspace's own rules on calls")
    own = policy.add_subparsers(metavar="COMMAND", required=True)
    for name, what in (
        ("show", "print all rules in force, and which are the workspace's own"),
        ("export", "print the workspace's own rules as a file"),
        ("check", "say what is wrong with a file, line by line"),
        ("import", "replace the workspace's own rules by those of a file"),
    ):
        command = own.add_parser(name, help=what)
        if name in ("check", "import"):
            command.add_argument("file", help="a TOML file, or - for standard input")
        if name != "check":
            command.add_argument(
                "--team",
                metavar="ID",
                type=workspace_of,
                help="the workspace, if there are several: T0123, or E0123:T0123",
            )
        command.set_defaults(run=_run, command=name)


def workspace_of(text: str) -> tuple[str, str]:
    """Read a workspace's id, perhaps with its organization's before it."""
    found = re.fullmatch(r"(?:(E[A-Z0-9]{1,30}):)?([TE][A-Z0-9]{1,30})", text)
    if found is None:
        raise argparse.ArgumentTypeError("a workspace looks like T0123 or E0123:T0123")
    return found[1] or "", found[2]


def _run(arguments: argparse.Namespace) -> int:
    text = ""
    if arguments.command in ("check", "import"):
        try:
            text = _read(arguments.file).removeprefix("\ufeff")  # as Notepad saves it
        except (OSError, UnicodeDecodeError) as error:
            why = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
            sys.stderr.write(f"The file can't be read: {why}\n")
            return BAD_INPUT
    settings = read_only(*BOUNDS)
    from bot.cli import policy
    from bot.settings.outer_bound import rules_of

    outer = rules_of(settings)
    if arguments.command == "check":
        return policy.check(text, outer)
    work = {
        "show": policy.show,
        "export": policy.export,
        "import": policy.import_,
    }[arguments.command]
    return asyncio.run(
        policy.with_workspace(
            settings.database_url,
            arguments.team,
            lambda states, where: work(states, where, outer, text),
        )
    )


def _read(name: str) -> str:
    if name == "-":
        return sys.stdin.read(LONGEST_POLICY_BYTES)
    with Path(name).open(encoding="utf-8") as file:
        return file.read(LONGEST_POLICY_BYTES)
