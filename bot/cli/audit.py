"""The command ``audit export``: who did what to standard output, page by page."""

from __future__ import annotations

import sys
from typing import Any

from bot.calls.exported import moment
from bot.cli.codes import BAD_INPUT, REFUSED
from bot.cli.export import names_several, speak_utf8
from bot.clock import RealClock
from bot.doctor.check import printable
from bot.errors import StoreUnavailable
from bot.policy.workspace import AuditRow
from bot.reports.table import csv_lines, json_lines
from bot.slack.texts import desk_words
from bot.storage.calls.store import Store
from bot.storage.policy.exporting import ExportedAudit, WantedRows, note_export

AUDITED = (
    "id",
    "at",
    "enterprise",
    "team",
    "user",
    "entrance",
    "action",
    "number",
    "rule",
    "verdict",
    "call",
    "detail",
)
"""The columns, in their order."""


async def export_audit(
    database_url: str, wanted: WantedRows, *, as_json: bool, full_numbers: bool
) -> int:
    """Print the *wanted* rows, the oldest first; return the exit code.

    It is 2 if the id of a person fits several workspaces and none is named. The audit of
    each workspace says first that it was exported.
    """
    store = Store(database_url)
    try:
        await store.open()
        source = ExportedAudit(store.writer)
        spaces = await source.workspaces(wanted)
        named = {each.enterprise or each.team for each in spaces}
        if wanted.user and not wanted.team and names_several(named):
            return BAD_INPUT
        what = "audit, whole numbers" if full_numbers else "audit"
        await note_export(store.writer, spaces, RealClock().now(), what)
        speak_utf8()
        if not as_json:
            sys.stdout.write(csv_lines([AUDITED]))
        async for page in source.pages(wanted):
            rows = [audited(row, full=full_numbers) for row in page]
            lines = json_lines(rows) if as_json else csv_lines(r.values() for r in rows)
            sys.stdout.write(lines)
    except StoreUnavailable as error:
        sys.stderr.write(f"{printable(str(error))}\n")
        return REFUSED
    finally:
        store.close()
    return 0


def audited(row: AuditRow, *, full: bool) -> dict[str, Any]:
    """Return a row as it is printed, its cells in the order of `AUDITED`."""
    number = row.number if full or not row.number else desk_words.masked(row.number)
    cells = (
        row.id,
        moment(row.at),
        row.where.enterprise,
        row.where.team,
        row.user,
        str(row.entrance),
        row.action.value,
        number,
        row.rule,
        row.verdict,
        row.call,
        row.detail,
    )
    return dict(zip(AUDITED, cells, strict=True))
