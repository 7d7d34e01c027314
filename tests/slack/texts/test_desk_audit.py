"""The audit names people and rules as everybody does, not by the words of the program."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from bot.policy.desk_command import AuditRequest
from bot.policy.desk_sheet import AuditPage
from bot.policy.workspace import AuditAction, AuditRow, WorkspaceId
from bot.slack.texts import desk_audit
from intents import NOON

ROW = AuditRow(
    at=NOON, where=WorkspaceId("", "T1"), user="U9", action=AuditAction.GRANTED
)


def in_table(row: AuditRow) -> list[dict[str, Any]]:
    """Return the last cell of a row of the table, as its elements."""
    page = AuditPage(rows=(row,), since=NOON)
    _, table, *_ = desk_audit.audited(page, AuditRequest(), str).blocks
    cell = table["rows"][1][-1]
    if cell["type"] == "rich_text":
        [part] = cell["elements"]
        return list(part["elements"])
    return [cell]


@pytest.mark.parametrize(
    ("action", "detail", "said"),
    [
        (
            AuditAction.GRANTED,
            "also quiet-hours; asked by U0ANN",
            "also quiet hours; asked by ",
        ),
        (AuditAction.DECLINED, "asked by U0ANN", "asked by "),
        (AuditAction.RULES, "limits of U0ANN", "limits of "),
        (AuditAction.DISCONNECTED, "oauth of U0ANN", "oauth of "),
    ],
)
def test_whom_a_row_is_about_is_mentioned(
    action: AuditAction, detail: str, said: str
) -> None:
    """Nobody knows a colleague by their id."""
    row = replace(ROW, action=action, detail=detail)

    text, person = in_table(row)

    assert text["text"] == said
    assert person == {"type": "user", "user_id": "U0ANN"}
    assert desk_audit.line(row).endswith(f" · {said}<@U0ANN>")


def test_the_reason_that_somebody_typed_is_never_read_as_a_person() -> None:
    """It is theirs: it stands as it is."""
    row = replace(
        ROW, action=AuditAction.DO_NOT_CALL, detail="also foreign; asked by UPS"
    )

    assert desk_audit.line(row).endswith(" · also foreign; asked by UPS")


def test_what_an_admin_granted_is_said_in_the_rules_names() -> None:
    """The row of the call has both."""
    row = replace(
        ROW,
        action=AuditAction.CALL,
        detail="answered foreign; granted quiet-hours, calls-at-once",
    )

    assert "answered foreign number; granted quiet hours, calls at once" in (
        desk_audit.line(row)
    )
