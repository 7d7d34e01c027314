"""The commands ``people``, ``disconnect`` and ``erase``, and how they are typed."""

from __future__ import annotations

import argparse
import asyncio
import sys

from bot.cli.codes import BAD_INPUT
from bot.cli.given import Commands, read_only, slack_id_of

OF_A_SIGN_IN = (
    "DATABASE_URL",
    "RINGOUT_SECRET_KEY",
    "RC_APP_CLIENT_ID",
    "RC_APP_CLIENT_SECRET",
    "RC_SERVER_URL",
)
"""The settings that ending somebody's sign-in needs."""


def add_erase(commands: Commands) -> None:
    """Add ``erase``, which takes a number or a person."""
    erase = commands.add_parser(
        "erase", help="forget a number, or a person: calls, phones, choices"
    )
    what = erase.add_mutually_exclusive_group(required=True)
    what.add_argument(
        "number", metavar="NUMBER", nargs="?", help="in E.164, such as +1650…"
    )
    what.add_argument(
        "--person", metavar="ID", type=slack_id_of("UW"), help="a person's Slack id"
    )
    erase.add_argument(
        "--do-not-call",
        action="store_true",
        help="a number: take it off the do-not-call lists, too",
    )
    _whose(erase, dry="only count")
    erase.set_defaults(run=_erase)


def add_people(commands: Commands) -> None:
    """Add ``people`` and ``disconnect``."""
    people = commands.add_parser("people", help="list who is connected to RingCentral")
    people.set_defaults(run=_people)
    disconnect = commands.add_parser(
        "disconnect", help="end a person's RingCentral sign-in, and erase it"
    )
    disconnect.add_argument(
        "person", metavar="ID", type=slack_id_of("UW"), help="a person's Slack id"
    )
    _whose(disconnect, dry="only say who it would be")
    disconnect.set_defaults(run=_disconnect)


def _whose(command: argparse.ArgumentParser, *, dry: str) -> None:
    command.add_argument(
        "--team",
        metavar="ID",
        type=slack_id_of("TE"),
        help="the person's workspace or organization, if the id fits several",
    )
    command.add_argument("--dry-run", action="store_true", help=dry)


def _people(_arguments: argparse.Namespace) -> int:
    settings = read_only("DATABASE_URL", "RINGOUT_SECRET_KEY")
    from bot.cli.people import people

    return asyncio.run(people(settings))


def _disconnect(arguments: argparse.Namespace) -> int:
    return _of_person(arguments, erase=False)


def _of_person(arguments: argparse.Namespace, *, erase: bool) -> int:
    """Disconnect the person whom *arguments* name, or *erase* all about them."""
    settings = read_only(*OF_A_SIGN_IN)
    from bot.cli.people import disconnect, erase_person

    work = erase_person if erase else disconnect
    return asyncio.run(
        work(
            settings,
            arguments.person,
            team=arguments.team or "",
            dry=arguments.dry_run,
        )
    )


def _erase(arguments: argparse.Namespace) -> int:
    if arguments.person is not None:
        if arguments.do_not_call:
            sys.stderr.write("--do-not-call goes with a number\n")
            return BAD_INPUT
        return _of_person(arguments, erase=True)
    if arguments.team:
        sys.stderr.write("--team goes with --person: a number is erased everywhere\n")
        return BAD_INPUT
    settings = read_only("DATABASE_URL", "RINGOUT_REGION")
    from bot.cli.database import erase

    return asyncio.run(
        erase(
            settings.database_url,
            arguments.number,
            region=settings.ringout_region,
            dry=arguments.dry_run,
            do_not_call=arguments.do_not_call,
        )
    )
