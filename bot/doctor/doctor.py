"""``ringout-bot doctor``: what works, and what to do where something does not.

A line is printed for each check, and none stops the next. Nothing is posted, nothing is
dialled. The checks are in the other modules of this folder.
"""

from __future__ import annotations

import sys

from bot.accounts.clients import network_of
from bot.doctor.account_checks import PeopleChecks
from bot.doctor.check import Check, CheckFailed, Finding, found, printable
from bot.doctor.shared_account_checks import SharedAccountChecks
from bot.doctor.slack_checks import SlackChecks
from bot.doctor.trace import traced
from bot.doctor.workspace_checks import WorkspaceChecks
from bot.errors import StoreUnavailable
from bot.settings.settings import Settings
from bot.slack.posting import web
from bot.storage.calls.store import Store


async def examine(settings: Settings, *, trace: str | None) -> int:
    """Print a line for each check; return 1 if any failed, else 0."""
    if trace is not None:
        return await _trace(settings, trace)
    network = network_of(settings)
    async with web.session() as session:
        report = Report()
        report.add(Finding("settings", "complete and well-formed"))
        await report.run(_database_checks(settings))
        await report.run(WorkspaceChecks(settings, session).all())
        await report.run(SlackChecks(settings, session).all())
        await report.run(PeopleChecks(settings, network).all())
        await report.run(SharedAccountChecks(settings, network).all(), first=True)
    network.close()
    return 1 if report.failed else 0


async def _trace(settings: Settings, call_id: str) -> int:
    store = Store(settings.database_url)
    try:
        await store.open()
        lines = await traced(store, call_id)
    except StoreUnavailable as error:
        sys.stdout.write(f"FAIL  database: {error}\n")
        return 1
    finally:
        store.close()
    if not lines:
        sys.stdout.write(f"No call {call_id} is in the database.\n")
        return 1
    sys.stdout.write("\n".join(printable(line) for line in lines) + "\n")
    return 0


class Report:
    """Prints findings as they come, and counts the failures."""

    def __init__(self) -> None:
        self.failed = 0

    def add(self, finding: Finding) -> None:
        """Print a finding."""
        self.failed += finding.is_failure
        sys.stdout.write(finding.lines)

    async def run(self, checks: dict[str, Check], *, first: bool = False) -> None:
        """Run the checks in turn; where *first* is set, only if the first one passes."""
        for name, check in checks.items():
            finding = await found(name, check)
            self.add(finding)
            if first and finding.is_failure:
                return
            first = False


def _database_checks(settings: Settings) -> dict[str, Check]:
    async def database() -> str:
        store = Store(settings.database_url)
        try:
            await store.open()
        except StoreUnavailable as error:
            raise CheckFailed(
                str(error), "Check DATABASE_URL, its folder or server."
            ) from None
        finally:
            store.close()
        return "can be opened and written"

    return {"database": database}
