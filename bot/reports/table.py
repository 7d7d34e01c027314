"""An export's two forms, line by line: CSV that no spreadsheet executes, and JSON Lines."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable

from bot.calls.exported import Exported

FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")  # noqa: RUF001 - a spreadsheet takes the wide ones for the others
"""A spreadsheet takes a cell that begins with one for a formula (OWASP, "CSV Injection").
Every phone number in E.164 does."""

HARMLESS = "'"
"""Spreadsheets take what follows it for text."""


def csv_lines(rows: Iterable[Iterable[object]]) -> str:
    """Return *rows* as CSV, every cell in quotes."""
    written = io.StringIO()
    writer = csv.writer(written, quoting=csv.QUOTE_ALL, lineterminator="\n")
    writer.writerows([cell(each) for each in row] for row in rows)
    return written.getvalue()


def json_lines(rows: Iterable[Exported]) -> str:
    """Return *rows* as JSON, one on a line."""
    return "".join(f"{json.dumps(row)}\n" for row in rows)


def cell(value: object) -> str:
    """Return a cell's text, which never begins with one of `FORMULA_SIGNS`.

    Spaces before the sign don't count: some spreadsheets take them away.
    """
    if isinstance(value, bool):
        return "yes" if value else "no"
    text = "" if value is None else str(value).replace("\0", "")
    begins = text.lstrip().startswith(FORMULA_SIGNS) or text.startswith(FORMULA_SIGNS)
    return f"{HARMLESS}{text}" if begins else text
