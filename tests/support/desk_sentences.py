"""Every sentence of the admin's desk, for `sentences`."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, time
from typing import Any

from bot.errors import UserError
from bot.policy.alerts import AlertKind, Suspicion
from bot.policy.desk_command import AdminFlaw, AuditRequest, UnreadableAdminCommand
from bot.policy.desk_sheet import (
    AuditPage,
    DeskSheet,
    Paused,
    Removed,
    RulesSheet,
    SignedInPerson,
)
from bot.policy.rule_fields import RULE_FIELDS, FieldFlaw, RuleGroup
from bot.policy.rules import (
    Askable,
    CallCap,
    PolicyRules,
    QuietHours,
    Rule,
    Ruling,
    Section,
)
from bot.policy.wish import CallEntrance, DoNotCall, Pause
from bot.policy.workspace import AuditAction, AuditRow, WorkspaceId
from bot.slack.texts import (
    alerts,
    desk,
    desk_audit,
    desk_forms,
    desk_home,
    desk_lists,
    desk_rules,
)

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


WIDE = PolicyRules(
    countries=None,
    number_types=frozenset(desk_rules.COSTLY_WORDS),
    askable=frozenset(Askable),
    guests=True,
)
STRICT = PolicyRules(
    number_types=frozenset(),
    first_time=Ruling.ASK,
    foreign=Ruling.REFUSE,
    throttle=(),
    quiet_hours=QuietHours(time(21), time(8)),
    calls_at_once=CallCap(5, 40),
    calls_per_day=CallCap(None, 400),
    minutes_per_month=CallCap(600),
    shared_channels=False,
    sections=(Section(who=frozenset({"U0ANN"}), calls_per_day=3),),
)


def errors() -> Iterator[UserError]:
    """Yield each refusal of a command."""
    for flaw in AdminFlaw:
        yield UnreadableAdminCommand(flaw, "bob")


def rows() -> Iterator[AuditRow]:
    """Yield a row of each kind."""
    yield ROW
    for rule, verdict in itertools.product(Rule, Ruling):
        yield replace(ROW, rule=rule, verdict=verdict)
    for action in AuditAction:
        yield replace(ROW, action=action, verdict="", number="", detail="a b " * 30)
    yield replace(ROW, user="ringout-bot", number="911", rule="later-rule", verdict="x")


def sheets() -> Iterator[DeskSheet]:
    """Yield the desk of a busy workspace, and of one where all is well or nothing is."""
    yield DeskSheet(rules=RulesSheet(outer=PolicyRules(), rules=PolicyRules()))
    busy = DeskSheet(
        rules=RulesSheet(
            outer=WIDE,
            rules=STRICT,
            version=3,
            can_undo=True,
            changed_by="U0ANN",
            changed_at=AT,
        ),
        pause=PAUSE,
        health=dict.fromkeys(desk_home.HEALTH_NAMES, False),
        budgets={"auth": (1, 5), "heavy": (10, 10), "light": (3, 50)},
        open_calls=7,
        signed_in=60,
        broken=tuple(f"U{number}" for number in range(40)),
        hooks_waiting=3,
        blocked=1,
        decisions=tuple(itertools.islice(rows(), 8)),
    )
    yield busy
    rules = replace(busy.rules, can_undo=False, rules=WIDE)
    yield replace(busy, rules=rules, broken=("U1",), pause=None)


def forms() -> Iterator[Any]:
    """Yield the forms of the desk."""
    yield desk_forms.pause_form()
    for sheet, group in itertools.product(sheets(), RuleGroup):
        yield desk_forms.rules_form(sheet.rules, group)
        flaws = dict.fromkeys(RULE_FIELDS, FieldFlaw.TOO_WIDE)
        yield list(desk_forms.complaints(flaws, sheet.rules).values())
        flaws = dict.fromkeys(RULE_FIELDS, FieldFlaw.UNREADABLE)
        yield list(desk_forms.complaints(flaws, sheet.rules).values())
    many = PolicyRules(users=frozenset(f"U{number:010}" for number in range(300)))
    crowded = RulesSheet(outer=PolicyRules(), rules=many)
    yield desk_forms.rules_form(crowded, RuleGroup.PLACES)
    checked = {"selected_options": [{"value": "cap"}]}
    yield list(desk_forms.given_in({"values": {"askable": {"a": checked}}}).values())
    for found, said in itertools.product(((), ENTRIES), ("", "Done.")):
        yield desk_lists.entries_form(found, said=said, searched=said)
    one = SignedInPerson(user="U0ANN", name="Ann Archer", connected_at=AT)
    people = (one, replace(one, name="", is_broken=True))
    strict = RulesSheet(outer=WIDE, rules=STRICT)
    for listed in ((), people, people * 150):
        yield desk_lists.people_form(listed, strict)
    for shown in (None, *people):
        yield desk_lists.limits_form(strict, "U0ANN", shown)
    yield (desk_lists.NO_LIMIT_THAT, desk_lists.NOBODY_CHOSEN)
    yield desk_lists.TYPE_A_NUMBER
    yield (desk_lists.PERSON_DISCONNECTED, desk_lists.PERSON_NOT_CONNECTED)


def answers() -> Iterator[Any]:
    """Yield the answers to ``/ringout-admin``."""
    yield from (desk.ADMIN_HELP, desk.NOT_PAUSED, desk.resumed())
    for new, pause in itertools.product(
        (True, False), (PAUSE, replace(PAUSE, reason=""))
    ):
        yield desk.paused(Paused(pause=pause, is_new=new))
    for entry, each in itertools.product(ENTRIES, (True, False)):
        yield desk.added(entry, is_new=each)
        for left in (None, *ENTRIES):
            yield desk.removed(Removed(entry=entry, was_there=each, covered_by=left))
    for found, searched in itertools.product(((), ENTRIES, ENTRIES * 30), ("", "0142")):
        yield desk.listed(found, searched)
    odd = [
        Suspicion(kind=kind, user="U0BOB", count=count, busiest=3, at=AT)
        for kind, count in itertools.product(AlertKind, (1, 21))
    ]
    yield from (alerts.alert(odd), alerts.alert(odd * 4))
    asked = AuditRequest(
        user="U0ANN", word="throttle", verdict="refuse", number=NUMBER, days=1
    )
    for narrowed, more in itertools.product((AuditRequest(), asked), (True, False)):
        page = AuditPage(rows=tuple(rows()), since=AT, has_more=more)
        yield desk_audit.audited(replace(page, before=7), narrowed, str)
        yield desk_audit.audited(replace(page, rows=()), narrowed, str)
