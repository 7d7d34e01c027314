"""Admins hear by themselves of what looks like fraud: privately, once an hour at most."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import insert

from bot.admin.alerts import Alerts
from bot.calls.call import Place
from bot.errors import ChatBusy, ChatError, ChatRefused, ChatUnknown
from bot.policy.rules import Rule, Ruling
from bot.policy.workspace import AuditAction, AuditRow, WorkspaceId
from bot.slack.texts.text import Message
from bot.storage.calls.store import Store
from bot.storage.calls.tables import calls, to_row
from bot.storage.policy.audit import audit_values
from bot.storage.policy.tables import audit_rows
from bot.storage.reports.findings import ALERT_LEASE, Findings
from bot.workspaces.groups import GroupMembers
from fakes import FakeClock
from intents import NOON, a_call

T1, T2 = WorkspaceId("", "T1"), WorkspaceId("E1", "T2")
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
REFUSED = AuditRow(
    at=NOON, where=T1, user="U1", action=AuditAction.CALL, verdict=Ruling.REFUSE
)
PLACED = replace(REFUSED, verdict=Ruling.ALLOW, call="c1")
FORBIDDEN = replace(REFUSED, rule=Rule.EMERGENCY, number="not-to-be-told")


class Direct:
    """Direct messages of all people: each with its mark, to whom, and its text."""

    def __init__(self) -> None:
        self.posted: list[tuple[str, str, str]] = []
        self.lost: ChatError | None = None
        """Raised once, after the message was posted."""
        self.refused: ChatError | None = None

    async def open_dm(self, place: Place) -> str:
        """Return the channel of a person's direct messages."""
        return f"D-{place.team}-{place.user}"

    async def post(
        self, _: Place, channel: str, message: Message, mark: Any, *, before: float
    ) -> tuple[str, str]:
        """Post a message, or lose its answer."""
        del before
        if self.refused is not None:
            raise self.refused
        self.posted.append((channel, mark.value, str(message.blocks)))
        if self.lost is not None:
            error, self.lost = self.lost, None
            raise error
        return channel, "1.0"

    async def find(self, _: Place, channel: str, mark: Any, **__: Any) -> str | None:
        """Return the ts of a message that was posted."""
        there = [
            1 for to, value, _ in self.posted if (to, value) == (channel, mark.value)
        ]
        return "1.0" if there else None


class Watch:
    """Processes that look for what to tell, and what admins were told."""

    def __init__(self, store: Store) -> None:
        self.store, self.clock, self.slack = store, FakeClock(NOON + MINUTE), Direct()
        self.admins = {T1: ["U9"], T2: ["U8"]}

    def process(self) -> Alerts:
        """Return another process."""
        marks: Any = self.slack
        return Alerts(
            Findings(self.store.writer),
            marks,
            self.clock,
            admins_of=lambda where: self.admins[where],
        )

    async def did(self, row: AuditRow, times: int = 1) -> None:
        """Store a row, once for each of some seconds up to now."""
        now = self.clock.now()
        rows = [
            audit_values(replace(row, at=now - timedelta(seconds=ago)))
            for ago in range(times)
        ]
        await self.store.writer.run(lambda c: c.execute(insert(audit_rows), rows))

    @property
    def told(self) -> list[str]:
        """The texts of all messages."""
        return [text for _, _, text in self.slack.posted]


@pytest.fixture
def watch(store: Store) -> Watch:
    """Give a bot whose workspaces have an admin each."""
    return Watch(store)


@pytest.mark.parametrize(
    ("row", "times", "said"),
    [
        (FORBIDDEN, 1, "tried to call an emergency or premium number once"),
        (replace(FORBIDDEN, rule=Rule.PREMIUM), 2, "premium number 2 times"),
        (replace(REFUSED, rule=Rule.COUNTRY), 9, ""),
        (replace(REFUSED, rule=Rule.COUNTRY), 10, "was refused 10 times"),
        (PLACED, 20, ""),
        (PLACED, 21, "has placed 21 calls today"),
        (replace(FORBIDDEN, action=AuditAction.CHECK), 12, ""),
        (replace(FORBIDDEN, verdict=Ruling.ASK), 12, ""),
    ],
)
async def test_what_admins_hear_of(
    watch: Watch, row: AuditRow, times: int, said: str
) -> None:
    """Attempts, many refusals, many calls; a dry run calls nobody."""
    await watch.did(row, times)

    await watch.process().look()

    assert len(watch.told) == bool(said)
    for text in watch.told:
        assert said in text
        assert "<@U1>" in text
        assert "not-to-be-told" not in text


@pytest.mark.parametrize(("busiest", "is_told"), [(7, 1), (8, 0), (0, 1)])
async def test_a_day_is_measured_by_the_persons_busiest(
    watch: Watch, busiest: int, is_told: int
) -> None:
    """Twenty calls are a slow morning for one, and a stolen account of another."""
    for at, most in ((timedelta(days=3), busiest), (timedelta(days=31), 20)):
        rows = [
            to_row(
                a_call(id=f"{at.days}-{n}", key=f"{at.days}-{n}", asked_at=NOON - at)
            )
            for n in range(most)
        ]
        if rows:
            await watch.store.writer.run(lambda c, r=rows: c.execute(insert(calls), r))  # type: ignore[misc]
    await watch.did(PLACED, 21)

    await watch.process().look()

    assert len(watch.told) == is_told


async def test_an_admin_hears_once_an_hour_of_all_that_is_new(watch: Watch) -> None:
    """A hundred messages would be read by nobody."""
    process = watch.process()
    await watch.did(FORBIDDEN)
    await process.look()
    for _ in range(5):
        watch.clock.pass_by(60)
        await watch.did(replace(FORBIDDEN, user="U2"))
        await process.look()
    within = len(watch.told)
    watch.clock.pass_by(56 * 60)
    await process.look()
    watch.clock.pass_by(3600)
    await process.look()

    first, second = watch.told
    assert within == 1
    assert "<@U1>" in first
    assert "<@U2>" not in first
    assert "<@U2>" in second
    assert "<@U1>" not in second


async def test_two_processes_tell_once_and_each_workspace_its_own_admins(
    watch: Watch,
) -> None:
    """Whoever decides for one company hears nothing of the other."""
    await watch.did(FORBIDDEN)
    await watch.did(replace(FORBIDDEN, where=T2, user="U7"))

    for process in (watch.process(), watch.process()):
        await process.look()

    assert [channel for channel, _, _ in watch.slack.posted] == ["D-T1-U9", "D-T2-U8"]
    assert ["<@U1>" in text for text in watch.told] == [True, False]


async def test_a_message_whose_answer_was_lost_is_not_posted_again(
    watch: Watch,
) -> None:
    """It may be there: the next process looks first."""
    await watch.did(FORBIDDEN)
    watch.slack.lost = ChatUnknown("lost")
    await watch.process().look()
    await watch.process().look()
    watch.clock.pass_by(ALERT_LEASE.total_seconds() + 1)
    await watch.process().look()
    watch.clock.pass_by(1)
    await watch.process().look()

    assert len(watch.told) == 1


@pytest.mark.parametrize(
    ("error", "again_after"), [(ChatBusy(5), 5 * MINUTE), (ChatRefused("x"), HOUR)]
)
async def test_what_could_not_be_posted_is_told_later(
    watch: Watch, error: ChatError, again_after: timedelta
) -> None:
    """Slack's limit must not swallow an attempt at fraud."""
    await watch.did(FORBIDDEN)
    await watch.did(replace(FORBIDDEN, at=NOON))
    watch.slack.refused = error
    await watch.process().look()
    watch.slack.refused = None
    watch.clock.pass_by(again_after.total_seconds() - 1)
    await watch.process().look()
    before = len(watch.told)
    watch.clock.pass_by(1)
    await watch.did(FORBIDDEN)

    await watch.process().look()

    assert (before, len(watch.told)) == (0, 1)


@pytest.mark.parametrize(
    ("ids", "team", "found"),
    [
        ({"U1"}, "T1", {"U1"}),
        ({"T1:U1", "T2:U2"}, "T1", {"U1"}),
        ({"E1:U3", "U1"}, "T2", {"U1", "U3"}),
        ({"S1"}, "T1", {"U5", "U6"}),
        ({"T2:S1"}, "T1", set()),
        ({"S1"}, "T3", set()),
        (set(), "T1", set()),
    ],
)
def test_admins_are_those_whom_the_rule_names_here(
    ids: set[str], team: str, found: set[str]
) -> None:
    """By id and by group, each in its own workspace."""
    members = GroupMembers()
    members.learn({"T1": {"U5": frozenset({"S1"}), "U6": frozenset({"S1", "S2"})}})

    assert members.named_by(ids, "E1" if team == "T2" else "", team) == found
