"""The command ``export``: calls to standard output, page by page."""

from __future__ import annotations

import io
import sys
from collections.abc import Collection
from dataclasses import replace

from bot.calls.exported import EXPORTED, ShownNumbers, exported
from bot.cli.codes import BAD_INPUT, REFUSED
from bot.clock import RealClock
from bot.doctor.check import printable
from bot.errors import StoreUnavailable
from bot.policy.workspace import WorkspaceId
from bot.reports.table import csv_lines, json_lines
from bot.storage.calls.exporting import ExportedCalls, WantedCalls
from bot.storage.calls.store import Store
from bot.storage.policy.exporting import note_export


async def export(
    database_url: str,
    wanted: WantedCalls,
    *,
    as_json: bool,
    full_numbers: bool,
    with_private: bool,
    with_notes: bool = False,
) -> int:
    """Print the *wanted* calls, the oldest first; return the exit code.

    The audit of each of their workspaces says first that they were exported.

    It is 2 if the id of a person or channel fits several workspaces and none is named.
    """
    numbers = ShownNumbers.FULL if full_numbers else ShownNumbers.MASKED
    store = Store(database_url)
    try:
        await store.open()
        source = ExportedCalls(store)
        if await _is_ambiguous(source, wanted):
            return BAD_INPUT
        what = "calls, whole numbers" if full_numbers else "calls"
        places = [WorkspaceId(*each) for each in await source.workspaces(wanted)]
        await note_export(store.writer, places, RealClock().now(), what)
        speak_utf8()
        if not as_json:
            sys.stdout.write(csv_lines([EXPORTED]))
        async for page in source.pages(wanted):
            rows = [
                exported(
                    call, numbers, with_private=with_private, with_notes=with_notes
                )
                for call in page
            ]
            lines = json_lines(rows) if as_json else csv_lines(r.values() for r in rows)
            sys.stdout.write(lines)
    except StoreUnavailable as error:
        sys.stderr.write(f"{printable(str(error))}\n")
        return REFUSED
    finally:
        store.close()
    return 0


async def _is_ambiguous(source: ExportedCalls, wanted: WantedCalls) -> bool:
    """Return whether an id fits several workspaces and none was named; list them then.

    In an organization a person and a channel have one id in all its workspaces.
    """
    if wanted.team or not (wanted.user or wanted.channel):
        return False
    found = await source.workspaces(replace(wanted, since=None, until=None))
    return names_several({enterprise or team for enterprise, team in found})


def names_several(spaces: Collection[str]) -> bool:
    """Return whether there are several workspaces; list them for the operator then."""
    if len(spaces) < 2:  # noqa: PLR2004 - several
        return False
    sys.stderr.write("This id fits several workspaces; name one with --team:\n")
    sys.stderr.write("".join(f"  {printable(each)}\n" for each in sorted(spaces)))
    return True


def speak_utf8() -> None:
    """Have names of any script printed, whatever the terminal's encoding."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(encoding="utf-8")
