"""The audit as a table, for admins and auditors: numbers are masked."""

from __future__ import annotations

from bot.policy.desk_command import AuditRequest
from bot.policy.desk_sheet import AuditPage
from bot.policy.workspace import AuditRow
from bot.slack.texts import desk_words
from bot.slack.texts.list_tables import (
    DATE_FORMAT,
    ROWS_A_SECTION,
    ROWS_IN_VIEW,
    date_cell,
    raw_cell,
    rich_cell,
)
from bot.slack.texts.text import (
    Block,
    Message,
    context,
    escape,
    foreign,
    section,
    when,
)

AUDITED_ROWS = 25
"""Rows of one answer: a message's tables hold 10,000 characters (Slack docs, "Table
block")."""

AUDIT_COLUMNS = ("When", "Who", "What", "Number", "Where", "Note")
LONGEST_DETAIL = 60


def audited(page: AuditPage, asked: AuditRequest) -> Message:
    """Return the rows as a table, or as lines where Slack has no tables yet."""
    title = f"Audit{_filters(asked)}, past {_days(asked.days)}"
    if not page.rows:
        return Message(
            f"Nothing in the audit{_filters(asked)}, past {_days(asked.days)}."
        )
    more = (
        " There are older ones: narrow it by a person or a time."
        if page.has_more
        else ""
    )
    below = context(
        f"Since {when(page.since)}, the newest first.{more} Only you see this."
    )
    lines = [f"• {line(row)}" for row in page.rows]
    above = section(f"*{title}*")
    plain = [
        section("\n".join(lines[at : at + ROWS_A_SECTION]))
        for at in range(0, len(lines), ROWS_A_SECTION)
    ]
    return Message(
        "\n".join([f"{title}.", *lines[:ROWS_IN_VIEW]]),
        (above, _table(page, f"Audit, past {_days(asked.days)}"), below),
        plainer=((above, *plain, below),),
    )


def line(row: AuditRow) -> str:
    """Return a row as a line of mrkdwn."""
    parts = [
        when(row.at, DATE_FORMAT),
        desk_words.person(row.user),
        desk_words.deed(row),
    ]
    parts += [desk_words.masked(row.number)] if row.number else []
    parts += [escape(_note(row))] if _note(row) else []
    return " · ".join(parts)


def _table(page: AuditPage, title: str) -> Block:
    rows = [[raw_cell(each) for each in AUDIT_COLUMNS], *map(_cells, page.rows)]
    return {
        "type": "data_table",
        "caption": title,
        "page_size": min(len(page.rows), ROWS_IN_VIEW),
        "row_header_column_index": 0,
        "rows": rows,
    }


def _cells(row: AuditRow) -> list[Block]:
    who = (
        rich_cell({"type": "user", "user_id": row.user})
        if desk_words.is_person(row.user)
        else raw_cell(desk_words.COMMAND_LINE)
    )
    number = desk_words.masked(row.number) if row.number else ""
    texts = (desk_words.deed(row), number, str(row.entrance), _note(row))
    return [date_cell(row.at), who, *map(raw_cell, texts)]


def _note(row: AuditRow) -> str:
    plain = " ".join(row.detail.split())
    short = len(plain) <= LONGEST_DETAIL
    return plain if short else f"{plain[: LONGEST_DETAIL - 1]}…"


def _filters(asked: AuditRequest) -> str:
    found = [f" of {desk_words.person(asked.user)}"] if asked.user else []
    if asked.number:
        found.append(f" about {desk_words.masked(asked.number)}")
    if asked.word:
        found.append(f" for “{foreign(desk_words.rule_name(asked.word))}”")
    if asked.verdict:
        found.append(f", {desk_words.verdict_name(asked.verdict)}")
    return "".join(found)


def _days(days: int) -> str:
    return "day" if days == 1 else f"{days} days"
