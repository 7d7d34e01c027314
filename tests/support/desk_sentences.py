"""Every sentence of the admin's desk, for `sentences`."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from bot.errors import UserError
from bot.policy.desk_command import AdminFlaw, AuditRequest, UnreadableAdminCommand
from bot.policy.desk_sheet import AuditPage, Paused
from bot.policy.rules import Rule, Ruling
from bot.policy.wish import CallEntrance, DoNotCall, Pause
from bot.policy.workspace import AuditAction, AuditRow, WorkspaceId
from bot.slack.texts import desk, desk_audit

AT = datetime(2026, 12, 1, 12, tzinfo=UTC)
NUMBER = "+14155550142"
PAUSE = Pause(by="U0ANN", since=AT, reason="phones are down")
ENTRIES = (
    DoNotCall(digits=NUMBER, reason="asked us to stop", by="U0ANN", added_at=AT),
    DoNotCall(digits="+1900", is_prefix=True),
)
ROW = AuditRow(
    at=AT,
    where=WorkspaceId("", "T1"),
    user="U0ANN",
    entrance=CallEntrance.COMMAND,
    action=AuditAction.CALL,
    number=NUMBER,
    verdict=Ruling.ALLOW,
)


def errors() -> Iterator[UserError]:
    """Yield each refusal of a command."""
    for flaw, typed in itertools.product(AdminFlaw, ("", "bob")):
        yield UnreadableAdminCommand(flaw, typed)


def rows() -> Iterator[AuditRow]:
    """Yield a row of each kind."""
    yield ROW
    for rule, verdict in itertools.product(Rule, Ruling):
        yield replace(ROW, rule=rule, verdict=verdict)
    for action in AuditAction:
        yield replace(ROW, action=action, verdict="", number="", detail="a b " * 30)
    yield replace(ROW, user="ringout-bot", number="911", rule="later-rule", verdict="x")


def answers() -> Iterator[Any]:
    """Yield the answers to ``/ringout-admin``."""
    yield from (desk.ADMIN_HELP, desk.NOT_PAUSED, desk.resumed())
    for new, pause in itertools.product(
        (True, False), (PAUSE, replace(PAUSE, reason=""))
    ):
        yield desk.paused(Paused(pause=pause, is_new=new))
    for entry, each in itertools.product(ENTRIES, (True, False)):
        yield desk.added(entry, is_new=each)
        yield desk.removed(entry, was_there=each)
    for found, searched in itertools.product(((), ENTRIES, ENTRIES * 30), ("", "0142")):
        yield desk.listed(found, searched)
    asked = AuditRequest(
        user="U0ANN", word="throttle", verdict="refuse", number=NUMBER, days=1
    )
    for narrowed, more in itertools.product((AuditRequest(), asked), (True, False)):
        page = AuditPage(rows=tuple(rows()), since=AT, has_more=more)
        yield desk_audit.audited(page, narrowed)
        yield desk_audit.audited(replace(page, rows=()), narrowed)
