"""``ringout-bot doctor``: what works, and what to do about the rest.

Each check prints a line, and a failed one does not stop the next. Nothing is posted or
dialed. The checks are in the other modules of this folder.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from bot.accounts.clients import network_of
from bot.doctor.account_checks import PeopleChecks
from bot.doctor.channel_checks import ChannelChecks
from bot.doctor.check import Check, Finding, found
from bot.doctor.database_checks import DatabaseChecks
from bot.doctor.event_checks import EventChecks
from bot.doctor.hook_checks import HookChecks
from bot.doctor.missed_checks import MissedChecks
from bot.doctor.policy import policy
from bot.doctor.private_files import private_files
from bot.doctor.shared_account_checks import SharedAccountChecks
from bot.doctor.slack_checks import SlackChecks
from bot.doctor.workspace_checks import WorkspaceChecks
from bot.settings.settings import Settings
from bot.settings.unknown import Unknown
from bot.slack.posting import web


async def examine(settings: Settings, unknown: Sequence[Unknown]) -> int:
    """Print a line for each check; return 1 if any failed, else 0.

    *unknown* are names that may be misspelled settings.
    """
    network = network_of(settings)
    async with web.session() as session:
        report = Report()
        for finding in (*_settings(unknown), *policy(settings)):
            report.add(finding)
        await report.run(DatabaseChecks(settings).all())
        report.add(private_files(settings, Path.cwd()))
        await report.run(WorkspaceChecks(settings, session).all())
        await report.run(SlackChecks(settings, session).all())
        await report.run(PeopleChecks(settings, network).all())
        await report.run(EventChecks(settings).all())
        await report.run(HookChecks(settings).all())
        await report.run(ChannelChecks(settings, session).all())
        await report.run(MissedChecks(settings).all())
        await report.run(SharedAccountChecks(settings, network).all(), first=True)
    network.close()
    return 1 if report.failed else 0


class Report:
    """Prints findings as they come, and counts the failures."""

    def __init__(self) -> None:
        self.failed = 0

    def add(self, finding: Finding) -> None:
        """Print a finding."""
        self.failed += finding.is_failure
        sys.stdout.write(finding.lines)

    async def run(self, checks: dict[str, Check], *, first: bool = False) -> None:
        """Run the checks in turn. With *first*, stop if the first one fails."""
        for name, check in checks.items():
            finding = await found(name, check)
            self.add(finding)
            if first and finding.is_failure:
                return
            first = False


def _settings(unknown: Sequence[Unknown]) -> list[Finding]:
    """Return a warning for each unknown name, or that all is well."""
    return [
        Finding(
            "settings",
            f"an unknown one is ignored: {each}",
            "Correct its name, or remove it.",
            is_warning=True,
        )
        for each in unknown
    ] or [Finding("settings", "complete and well-formed")]
