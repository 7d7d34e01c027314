"""The rows of a list of calls in Slack's three forms: data table, table, sections."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from bot.slack.texts.text import Block, escape, section, when

ROWS_A_SECTION = 5

ROWS_IN_VIEW = 10
"""A data table turns its own pages: the newest calls stay in view, however many there are."""

DATE_FORMAT = "{date_short_pretty} {time}"

MOST_CHARACTERS = 9_500
"""Of all cells together; a message's tables hold 10,000 (Slack docs, "Table block")."""

LONGEST_ELEMENTS = 90
"""Characters of a row's date and mention, as Slack may count them."""

CELL_WIDTHS = (80, 60, 40, 30, 20)
"""Characters that a cell may have: the first of these with which all rows fit."""

WRAPPED_COLUMNS = {"With", "Result"}
"""The columns whose texts may be long."""


@dataclass(frozen=True, slots=True)
class ListLine:
    """One call as texts that are not escaped: table cells must not be.

    Attributes:
        other: The other party's name and number.
        way: Which way it went: an arrow and a word.
        outcome: What somebody has chosen of what came of it; empty if nobody has.
        by: The Slack id of who placed it here; empty if that needs no word.
        who: The colleague whose call it was, in the company's list.
    """

    other: str
    way: str
    talked: str
    result: str
    at: datetime
    by: str = ""
    who: str = ""
    outcome: str = ""

    def mrkdwn(self) -> str:
        """Return the call as one line of mrkdwn."""
        said = [self.way, self.talked, self.result, self.who]
        parts = [escape(each) for each in said if each]
        parts += [f"outcome: {escape(self.outcome)}"] if self.outcome else []
        parts += [f"by <@{self.by}>"] if self.by else []
        return f"{escape(self.other)}: {', '.join(parts)}, {when(self.at, DATE_FORMAT)}"


def data_table(lines: Sequence[ListLine], caption: str) -> Block:
    """Return a ``data_table`` block: Slack's client sorts it and turns its pages."""
    return {
        "type": "data_table",
        "caption": caption,
        "page_size": min(len(lines), ROWS_IN_VIEW),
        "row_header_column_index": 0,
        "rows": _rows(lines),
    }


def table(lines: Sequence[ListLine]) -> Block:
    """Return a ``table`` block."""
    return {
        "type": "table",
        "column_settings": [
            {"is_wrapped": each in WRAPPED_COLUMNS} for each in _columns(lines)
        ],
        "rows": _rows(lines),
    }


def sections(lines: Sequence[ListLine]) -> list[Block]:
    """Return sections, for a workspace without tables."""
    return [
        section(
            "\n".join(f"• {each.mrkdwn()}" for each in lines[at : at + ROWS_A_SECTION])
        )
        for at in range(0, len(lines), ROWS_A_SECTION)
    ]


def _columns(lines: Sequence[ListLine]) -> list[str]:
    columns = ["With", "Call", "Talk time", "Result"]
    columns += ["Outcome"] if any(line.outcome for line in lines) else []
    columns += ["When"]
    columns += ["By"] if any(line.by for line in lines) else []
    columns += ["Who"] if any(line.who for line in lines) else []
    return columns


def _rows(lines: Sequence[ListLine]) -> list[list[Block]]:
    columns = _columns(lines)
    width = next((each for each in CELL_WIDTHS if _fits(lines, each)), CELL_WIDTHS[-1])
    return [
        [raw_cell(each) for each in columns],
        *([_cell(line, each, width) for each in columns] for line in lines),
    ]


def _fits(lines: Sequence[ListLine], width: int) -> bool:
    texts = (each for line in lines for each in _texts(line).values())
    used = sum(min(len(each), width) for each in texts)
    return used + len(lines) * LONGEST_ELEMENTS <= MOST_CHARACTERS


def _cell(line: ListLine, column: str, width: int) -> Block:
    if column == "When":
        return date_cell(line.at)
    if column == "By" and line.by:
        return rich_cell({"type": "user", "user_id": line.by})
    return raw_cell(_cut(_texts(line).get(column, ""), width))


def _texts(line: ListLine) -> dict[str, str]:
    return {
        "With": line.other,
        "Call": line.way,
        "Talk time": line.talked,
        "Result": line.result,
        "Who": line.who,
        "Outcome": line.outcome,
    }


def _cut(text: str, width: int) -> str:
    """Cut a text in its middle: of a number the end counts, of a result both do."""
    if len(text) <= width:
        return text
    half = (width - 1) // 2
    return f"{text[:half]}…{text[-half:]}"


def raw_cell(text: str) -> Block:
    """Return a cell of plain text; Slack takes no empty one."""
    return {"type": "raw_text", "text": text or "-"}


def date_cell(moment: datetime) -> Block:
    """Return a date; Slack shows it in the viewer's time zone."""
    return rich_cell(
        {
            "type": "date",
            "timestamp": int(moment.timestamp()),
            "format": DATE_FORMAT,
            "fallback": moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC"),
        }
    )


def rich_cell(*elements: Block) -> Block:
    """Return a cell with rich elements, such as a mention."""
    return {
        "type": "rich_text",
        "elements": [{"type": "rich_text_section", "elements": [*elements]}],
    }
