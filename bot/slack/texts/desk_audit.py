"""The audit as a table, for admins and auditors: numbers are masked."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from bot.policy.desk_command import AuditRequest
from bot.policy.desk_sheet import AuditPage
from bot.policy.workspace import AuditAction, AuditRow
from bot.slack.texts import desk_rules, desk_words
from bot.slack.texts.list_buttons import Seal
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
    actions,
    button,
    context,
    escape,
    foreign,
    on_one_line,
    section,
    sections,
    when,
)
from bot.user_errors import OutdatedButton

OLDER_BUTTON = "audit_older"
NEWEST_AUDIT_BUTTON = "audit_newest"

AUDITED_ROWS = 25
"""Rows of one answer: a message's tables hold 10,000 characters (Slack docs, "Table
block")."""

AUDIT_COLUMNS = ("When", "Who", "What", "Number", "Where", "Note")
LONGEST_DETAIL = 60

ABOUT_SOMEBODY = {
    AuditAction.RULES,
    AuditAction.GRANTED,
    AuditAction.DECLINED,
    AuditAction.DISCONNECTED,
}
"""Rows whose note may end with whom it is about: no word of it is a person's."""

ABOUT_CALLS = {
    AuditAction.CALL,
    AuditAction.CHECK,
    AuditAction.ASKED,
    AuditAction.GRANTED,
    AuditAction.DECLINED,
}
"""Rows whose note names rules, and holds no word that somebody typed."""

BEFORE_RULES = {"also", "answered", "granted"}
"""Words that introduce the rules in a note."""


def audited(page: AuditPage, asked: AuditRequest, seal: Seal) -> Message:
    """Return the rows as a table, or as lines where Slack has no tables yet.

    *seal* closes the values of the buttons that turn the page.
    """
    title = f"Audit{_filters(asked)}, past {_days(asked.days)}"
    if not page.rows:
        return Message(
            f"Nothing in the audit{_filters(asked)}, past {_days(asked.days)}."
        )
    below = (
        context(f"Since {when(page.since)}, the newest first. Only you see this."),
        *_buttons(page, asked, seal),
    )
    lines = [f"• {line(row)}" for row in page.rows]
    above = section(f"*{title}*")
    plain = sections(lines, ROWS_A_SECTION)
    return Message(
        "\n".join([f"{title}.", *lines[:ROWS_IN_VIEW]]),
        (above, _table(page, f"Audit, past {_days(asked.days)}"), *below),
        plainer=((above, *plain, *below),),
    )


def _buttons(page: AuditPage, asked: AuditRequest, seal: Seal) -> tuple[Block, ...]:
    parts = []
    if page.has_more:
        value = seal(dump(asked, page.since, page.rows[-1].id))
        parts.append(button(f"Next {AUDITED_ROWS}", OLDER_BUTTON, value))
    if page.before is not None:
        value = seal(dump(asked, None, None))
        parts.append(button("Newest", NEWEST_AUDIT_BUTTON, value))
    return (actions(*parts),) if parts else ()


def dump(asked: AuditRequest, since: datetime | None, before: int | None) -> str:
    """Return a page of the audit as a text, for a button's value."""
    begins = since.isoformat() if since else None
    return json.dumps({"asked": asdict(asked), "since": begins, "before": before})


def load(text: str) -> tuple[AuditRequest, datetime | None, int | None]:
    """Read what `dump` has written, in this version or another. Raises `OutdatedButton`."""
    try:
        value: Any = json.loads(text)
        since, before = value["since"], value["before"]
        asked = AuditRequest(**value["asked"])
        begins = datetime.fromisoformat(since).astimezone(UTC) if since else None
        return asked, begins, None if before is None else int(before)
    except (ValueError, KeyError, TypeError):
        raise OutdatedButton from None


def line(row: AuditRow) -> str:
    """Return a row as a line of mrkdwn."""
    parts = [
        when(row.at, DATE_FORMAT),
        desk_words.person(row.user),
        desk_words.deed(row),
    ]
    parts += [desk_words.masked(row.number)] if row.number else []
    note, about = _note(row)
    mention = desk_words.person(about) if about else ""
    parts += [f"{escape(note)}{mention}"] if row.detail else []
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
    texts = (desk_words.deed(row), number, str(row.entrance))
    return [date_cell(row.at), who, *map(raw_cell, texts), _note_cell(row)]


def _note_cell(row: AuditRow) -> Block:
    note, about = _note(row)
    if not about:
        return raw_cell(note)
    return rich_cell({"type": "text", "text": note}, {"type": "user", "user_id": about})


def _note(row: AuditRow) -> tuple[str, str]:
    """Return a row's note, and the Slack id of the person with whom it ends, if one does."""
    plain = on_one_line(row.detail)
    said, _, about = plain.rpartition(" ")
    if row.action in ABOUT_SOMEBODY and desk_words.is_person(about):
        return f"{_with_rule_names(said)} ", about
    if row.action is AuditAction.RULES:
        plain = desk_rules.named(plain)
    elif row.action in ABOUT_CALLS:
        plain = _with_rule_names(plain)
    short = len(plain) <= LONGEST_DETAIL
    return (plain if short else f"{plain[: LONGEST_DETAIL - 1]}…"), ""


def _with_rule_names(note: str) -> str:
    """Return a note with the names of rules in place of their words."""
    parts = []
    for part in note.split("; "):
        word, _, rules = part.partition(" ")
        if word in BEFORE_RULES:
            named = ", ".join(desk_words.rule_name(each) for each in rules.split(", "))
            part = f"{word} {named}"  # noqa: PLW2901 - the same part, in words
        parts.append(part)
    return "; ".join(parts)


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
