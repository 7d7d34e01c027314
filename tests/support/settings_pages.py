"""Generates the settings tables in the docs, and ``.env.example``.

After a change of the rows: ``uv run python tests/support/settings_pages.py``.
"""

from __future__ import annotations

import ast
import inspect
import re
import textwrap
from collections.abc import Iterator
from itertools import groupby, pairwise
from pathlib import Path
from typing import Any

from bot.settings.setting import Setting
from bot.settings.settings import EVERYBODY, SETTINGS, Settings
from checkout import ROOT

BEGIN = "<!-- made from bot/settings/settings.py by tests/support/settings_pages.py -->"
END = "<!-- end of what is made -->"
BLOCK = re.compile(rf"(?<={re.escape(BEGIN)}\n).*?(?={re.escape(END)})", re.DOTALL)
EXAMPLE = ROOT / ".env.example"
WIDTH = 88


def page() -> Path:
    """Return the page with the table: README.md or one of docs/."""
    pages = [ROOT / "README.md", *(ROOT / "docs").glob("*.md")]
    [found] = [each for each in pages if BLOCK.search(each.read_text("utf-8"))]
    return found


def groups() -> Iterator[tuple[str, dict[str, Setting[Any]]]]:
    """Yield the settings in groups by who needs them."""
    for who, rows in groupby(SETTINGS.items(), key=lambda item: item[1].who):
        yield who, dict(rows)


def helps() -> dict[str, str]:
    """Return what stands below each field of `Settings`, on one line."""
    [fields] = ast.parse(inspect.getsource(Settings)).body
    assert isinstance(fields, ast.ClassDef)
    found = {}
    for field, text in pairwise(fields.body):
        if isinstance(field, ast.AnnAssign) and isinstance(text, ast.Expr):
            name = ast.unparse(field.target).upper()
            found[name] = " ".join(str(ast.literal_eval(text.value)).split())
    return found


def table() -> str:
    """Return the tables, one for each group."""
    head = "| Name | Default | Meaning |\n| --- | --- | --- |"
    parts = (
        f"**{who}**\n\n{head}\n"
        + "\n".join(
            f"| `{name}` | {_default(row)} | {HELPS[name]} |"
            for name, row in rows.items()
        )
        for who, rows in groups()
    )
    return "\n" + "\n\n".join(parts) + "\n\n"


def _default(row: Setting[Any]) -> str:
    if row.shown or not isinstance(row.default, str):
        return row.shown
    return f"`{row.default}`" if row.default else ""


def example() -> str:
    """Return ``.env.example``, with the settings of a first call to fill in."""
    lines = [
        "# Run `install -m 600 .env.example .env`, and fill in that copy.",
        "# A commented line shows the default or an example. The real environment wins.",
    ]
    for who, rows in groups():
        lines += ["", f"## {who}"]
        for name, row in rows.items():
            lines += textwrap.wrap(
                HELPS[name],
                WIDTH,
                initial_indent="# ",
                subsequent_indent="# ",
                break_on_hyphens=False,
                break_long_words=False,
            )
            shown = row.example or (row.default if isinstance(row.default, str) else "")
            lines.append(f"{'' if who == EVERYBODY else '# '}{name}={shown}")
    return "\n".join(lines) + "\n"


HELPS = helps()


def main() -> None:
    """Write both files again."""
    found = page()
    text = found.read_text("utf-8")
    found.write_text(BLOCK.sub(lambda _: table(), text), "utf-8")
    EXAMPLE.write_text(example(), "utf-8")


if __name__ == "__main__":
    main()
