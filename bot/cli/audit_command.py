"""The command ``audit export``, and how it is typed."""

from __future__ import annotations

import argparse
import asyncio

from bot.cli.export_command import moment_of
from bot.cli.given import Commands, read_only, slack_id_of


def add_audit(commands: Commands) -> None:
    """Add ``audit``, which has one command of its own."""
    audit = commands.add_parser("audit", help="who did what: print it")
    own = audit.add_subparsers(metavar="COMMAND", required=True)
    export = own.add_parser(
        "export", help="print who did what as CSV or JSON Lines, numbers masked"
    )
    export.add_argument(
        "--since", metavar="DAY", type=moment_of, help="done then or later (UTC)"
    )
    export.add_argument(
        "--until", metavar="DAY", type=moment_of, help="done before then (UTC)"
    )
    export.add_argument(
        "--person", metavar="ID", type=slack_id_of("UW"), help="by one Slack id alone"
    )
    export.add_argument(
        "--team",
        metavar="ID",
        type=slack_id_of("TE"),
        help="of one workspace or organization alone",
    )
    export.add_argument("--json", action="store_true", help="JSON Lines, not CSV")
    export.add_argument("--numbers", action="store_true", help="with whole numbers")
    export.set_defaults(run=_audit_export)


def _audit_export(arguments: argparse.Namespace) -> int:
    settings = read_only("DATABASE_URL")
    from bot.cli.audit import export_audit
    from bot.storage.policy.exporting import WantedRows

    wanted = WantedRows(
        since=arguments.since,
        until=arguments.until,
        user=arguments.person or "",
        team=arguments.team or "",
    )
    return asyncio.run(
        export_audit(
            settings.database_url,
            wanted,
            as_json=arguments.json,
            full_numbers=arguments.numbers,
        )
    )
