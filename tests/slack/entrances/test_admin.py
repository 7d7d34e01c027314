"""``/ringout-admin``: who may type it, and what it does."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from bot.admin.desk import Desk
from bot.calls.call import Place
from bot.policy.rules import Rule, Ruling
from bot.policy.workspace import AuditAction, AuditRow, WorkspaceId
from bot.slack.entrances.commands import admin
from bot.slack.entrances.request import Request
from bot.slack.entrances.seals import Seals
from bot.slack.entrances.wanted import is_for_anybody
from bot.slack.texts import desk as texts
from bot.slack.texts import desk_audit
from bot.slack.texts.text import Message
from bot.storage.calls.store import Store
from bot.storage.policy.audit import Audit
from bot.storage.policy.do_not_call import DoNotCallList
from bot.storage.policy.states import PolicyStates
from bot.switchboard.policy import Policy
from bot.user_errors import AccessDenied, AccessRule, OutdatedButton
from fakes import FakeClock
from intents import NOON

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
        told = await self.told(text, place)
        return told.text if told else ""

    async def told(self, text: str, place: Place = ADMIN) -> Message | None:
        """Type a command; return the whole answer."""
        handled = await admin.handle(Request("key", place, text), self.services)
        return await handled.told()

    async def presses(
        self, label: str, below: Message | None, place: Place = ADMIN
    ) -> Message:
        """Press a button below a list; return what is in its place then."""
        value = buttons(below)[label]
        shown = await admin.next_page(Request("key", place, value), self.services)
        assert shown is not None
        assert shown.replaces
        return shown

    @property
    def services(self) -> Any:
        """What the command needs."""
        return SimpleNamespace(desk=self.desk, seals=Seals("a secret"))


def buttons(message: Message | None) -> dict[str, str]:
    """Return the values of a message's buttons, by label."""
    rows = message.blocks if message else ()
    return {
        each["text"]["text"]: each["value"]
        for row in rows
        if row["type"] == "actions"
        for each in row["elements"]
    }


def notes(message: Message | None) -> list[str]:
    """Return the last column of an audit's table."""
    [table] = [each for each in message.blocks if each["type"] == "data_table"]  # type: ignore[union-attr]
    return [row[-1]["text"] for row in table["rows"][1:]]


def a_row(at: datetime, note: int = 0, **changes: Any) -> AuditRow:
    """Return a row of the audit: Ann was asked about a second call."""
    row = AuditRow(
        at=at,
        where=WorkspaceId.of(ADMIN),
        user="U0ANN",
        action=AuditAction.CALL,
        number="+14155550142",
        rule=Rule.THROTTLE,
        verdict=Ruling.ASK,
        detail=f"row {note}",
    )
    return replace(row, **changes)


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
    assert "already, by <@U0ADMIN> since" in again
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


async def test_the_audit_turns_its_pages_with_its_filters(office: Office) -> None:
    """Who looks into toll fraud needs each row once, while others go on calling."""
    for note in range(60):
        await office.audit.add(a_row(office.clock.now(), note))
        await office.audit.add(a_row(office.clock.now(), 99, user="U0BOB"))
    first = await office.told("audit <@U0ANN> throttle 415 555 0142 7d")
    await office.audit.add(a_row(office.clock.now(), 60))
    office.clock.pass_by(3600)
    second = await office.presses("Next 25", first)
    third = await office.presses("Next 25", second)
    newest = await office.presses("Newest", third)

    expected = [f"row {note}" for note in reversed(range(60))]
    assert notes(first) + notes(second) + notes(third) == expected
    assert list(buttons(first)) == ["Next 25"]
    assert list(buttons(second)) == ["Next 25", "Newest"]
    assert list(buttons(third)) == ["Newest"]
    assert notes(newest)[0] == "row 60"
    assert "<@U0ANN> about +1 ••• ••• 0142 for “" in third.text


@pytest.mark.parametrize(
    "other",
    [
        {"user": "U0BOB"},
        {"number": "+14155550199"},
        {"rule": Rule.COUNTRY},
        {"at": NOON - timedelta(days=8)},
    ],
    ids=str,
)
async def test_a_person_a_number_a_rule_and_a_time_count_together(
    office: Office, other: dict[str, Any]
) -> None:
    """Each alone finds too much in a company of fifty."""
    await office.audit.add(a_row(NOON, 1))
    await office.audit.add(replace(a_row(NOON, 2), **other))

    found = await office.told("audit 7d throttle <@U0ANN> +1 415-555-0142")

    assert notes(found) == ["row 1"]


async def test_only_whom_a_page_was_shown_to_turns_it(office: Office) -> None:
    """An auditor may; somebody who is none any more, or another person, may not."""
    for note in range(26):
        await office.audit.add(a_row(office.clock.now(), note))
    shown = await office.told("audit", AUDITOR)

    assert notes(await office.presses("Next 25", shown, AUDITOR)) == ["row 0"]
    with pytest.raises(AccessDenied):
        await office.presses("Next 25", shown, ADMIN)
    office.desk._policy = Policy()
    with pytest.raises(AccessDenied):
        await office.presses("Next 25", shown, AUDITOR)
    assert "U0ANN" not in str(buttons(shown))
    with pytest.raises(OutdatedButton):
        desk_audit.load("{}")


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
