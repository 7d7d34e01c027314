"""``/ringout-admin``: who may type it, and what it does."""

from __future__ import annotations

from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import pytest

from bot.admin.desk import Desk
from bot.calls.call import Place
from bot.policy.workspace import AuditAction, WorkspaceId
from bot.slack.entrances.commands import admin
from bot.slack.entrances.request import Request
from bot.slack.entrances.wanted import is_for_anybody
from bot.slack.texts import desk as texts
from bot.storage.calls.store import Store
from bot.storage.policy.audit import Audit
from bot.storage.policy.do_not_call import DoNotCallList
from bot.storage.policy.states import PolicyStates
from bot.switchboard.policy import Policy
from bot.user_errors import AccessDenied, AccessRule
from fakes import FakeClock

ADMIN = Place("T1", "C1", "U0ADMIN")
AUDITOR = Place("T1", "C1", "U0AUDITOR")
ELSEWHERE = Place("T2", "C1", "U0ADMIN")
STRANGER = Place("T1", "C1", "U0BOB")


@dataclass
class Office:
    """The command, with a desk on a store of its own."""

    desk: Desk
    states: PolicyStates
    audit: Audit
    clock: FakeClock

    async def types(self, text: str, place: Place = ADMIN) -> str:
        """Type a command; return its answer, from before or after the ack."""
        services: Any = SimpleNamespace(desk=self.desk)
        handled = await admin.handle(Request("key", place, text), services)
        told = await handled.told()
        return told.text if told else ""


@pytest.fixture
def office(store: Store) -> Office:
    """A desk of a workspace with one admin and one auditor."""
    clock = FakeClock()
    policy = Policy(
        users=frozenset({"U0ANN"}),
        channels=frozenset({"C9"}),
        admins=frozenset({"T1:U0ADMIN"}),
        auditors=frozenset({"U0AUDITOR"}),
    )
    states, audit = PolicyStates(store.writer), Audit(store.writer)
    entries = DoNotCallList(store.writer)
    return Office(Desk(states, entries, audit, policy, clock), states, audit, clock)


async def test_a_pause_holds_until_an_admin_resumes(office: Office) -> None:
    """Everybody who tries to call is told who paused calls, since when, and why."""
    said = await office.types("pause phones &amp; internet are down")
    again = await office.types("pause")
    state = await office.states.of(WorkspaceId.of(ADMIN))

    assert said.startswith("Calls are paused.")
    assert "already: by <@U0ADMIN> since" in again
    assert "phones &amp; internet are down" in again
    assert state.pause is not None
    assert state.pause.reason == "phones & internet are down"
    assert await office.types("resume") == texts.resumed().text
    assert await office.types("resume") == texts.NOT_PAUSED.text
    assert (await office.states.of(WorkspaceId.of(ADMIN))).pause is None


@pytest.mark.parametrize(
    ("text", "auditors_may"),
    [
        ("pause", False),
        ("resume", False),
        ("do-not-call add 415 555 0142", False),
        ("do-not-call remove 415 555 0142", False),
        ("do-not-call list", False),
        ("audit", True),
    ],
)
@pytest.mark.parametrize("place", [STRANGER, ELSEWHERE, AUDITOR])
async def test_only_those_who_are_named_may(
    office: Office, text: str, place: Place, *, auditors_may: bool
) -> None:
    """An admin named with a workspace has no say in another one on the same bot."""
    if auditors_may and place is AUDITOR:
        assert "Nothing in the audit" in await office.types(text, place)
        return
    with pytest.raises(AccessDenied) as caught:
        await office.types(text, place)

    assert caught.value.rule is (AccessRule.AUDIT if auditors_may else AccessRule.DESK)
    for each in (ADMIN, ELSEWHERE):
        assert not await office.audit.read(WorkspaceId.of(each))


async def test_each_change_is_in_the_audit_with_its_number_masked(
    office: Office,
) -> None:
    """Who answers for a wrong list has to see who changed it."""
    for text in (
        "do-not-call add 415 555 0142 asked us to stop",
        "do-not-call add 415 555 0142",
        "pause",
        "resume",
        "do-not-call remove 415 555 0142",
    ):
        await office.types(text)
    rows = await office.audit.read(WorkspaceId.of(ADMIN))
    shown = await office.types("audit <@U0ADMIN> do-not-call 30d")

    assert [row.action for row in reversed(rows)] == [
        AuditAction.DO_NOT_CALL,
        AuditAction.PAUSE,
        AuditAction.RESUME,
        AuditAction.DO_NOT_CALL,
    ]
    assert {row.user for row in rows} == {"U0ADMIN"}
    assert shown.count("+1 ••• ••• 0142") == 2
    assert "4155550142" not in shown.replace("-", "")
    assert "Nothing" in await office.types("audit throttle")


async def test_the_list_is_searched_by_digits_and_words(office: Office) -> None:
    """An admin has a number in the form in which somebody wrote it."""
    await office.types("do-not-call add 415 555 0142 Northwind")
    await office.types("do-not-call add +1900* dear")

    assert "+1 415-555-0142" in await office.types("do-not-call list 555-0142")
    assert "+1900" in await office.types("do-not-call list DEAR")
    assert "Nothing" in await office.types("do-not-call list 0199")


@pytest.mark.parametrize(
    ("text", "anybody"),
    [
        ("pause it", True),
        ("help", True),
        ("resume", False),
        ("audit", False),
        ("x", False),
    ],
)
def test_calls_can_be_paused_while_slack_does_not_answer(
    text: str, *, anybody: bool
) -> None:
    """An admin is known by the settings alone; guests are told by asking Slack."""
    assert is_for_anybody("/ringout-admin", text) is anybody
