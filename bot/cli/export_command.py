"""The command ``export``, and how it is typed."""

from __future__ import annotations

import argparse
import asyncio
from datetime import UTC, datetime

from bot.cli.given import Commands, read_only, slack_id_of


def add_export(commands: Commands) -> None:
    """Add ``export``."""
    export = commands.add_parser(
        "export", help="print calls as CSV or JSON Lines, numbers masked"
    )
    export.add_argument(
        "--since", metavar="DAY", type=moment_of, help="asked for then or later (UTC)"
    )
    export.add_argument(
        "--until", metavar="DAY", type=moment_of, help="asked for before then (UTC)"
    )
    export.add_argument(
        "--person", metavar="ID", type=slack_id_of("UW"), help="of one Slack id alone"
    )
    export.add_argument(
        "--channel", metavar="ID", type=slack_id_of("CGD"), help="of one channel alone"
    )
    export.add_argument(
        "--team",
        metavar="ID",
        type=slack_id_of("TE"),
        help="of one workspace or organization alone",
    )
    export.add_argument("--json", action="store_true", help="JSON Lines, not CSV")
    export.add_argument("--numbers", action="store_true", help="with whole numbers")
    export.add_argument(
        "--private",
        action="store_true",
        help="with numbers and results that people keep to themselves",
    )
    export.add_argument("--notes", action="store_true", help="with people's notes")
    export.set_defaults(run=_export)


def moment_of(text: str) -> datetime:
    """Read a day, or a moment with or without its zone, in ISO 8601."""
    try:
        at = datetime.fromisoformat(text)
        return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        raise argparse.ArgumentTypeError(
            "a day looks like 2026-11-30, a moment like 2026-11-30T09:00:00+01:00"
        ) from None


def _export(arguments: argparse.Namespace) -> int:
    settings = read_only("DATABASE_URL")
    from bot.cli.export import export
    from bot.storage.calls.exporting import WantedCalls

    wanted = WantedCalls(
        since=arguments.since,
        until=arguments.until,
        user=arguments.person or "",
        channel=arguments.channel or "",
        team=arguments.team or "",
    )
    return asyncio.run(
        export(
            settings.database_url,
            wanted,
            as_json=arguments.json,
            full_numbers=arguments.numbers,
            with_private=arguments.private,
            with_notes=arguments.notes,
        )
    )
