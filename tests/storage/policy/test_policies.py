"""What admins have set is stored once, undone once, and told to every other process."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from bot.policy.wish import DoNotCall, Pause
from bot.policy.workspace import NO_STATE, AuditAction, AuditRow, WorkspaceId
from bot.storage.calls.store import Store
from bot.storage.database.signals import Signals
from bot.storage.policy.audit import (
    Audit,
    AuditFilter,
    delete_audit_before,
)
from bot.storage.policy.do_not_call import DoNotCallList
from bot.storage.policy.states import PolicyStates
from intents import NOON
from patience import until

HERE, THERE = WorkspaceId("", "T1"), WorkspaceId("", "T2")
LATER = NOON + timedelta(minutes=1)


async def test_of_two_admins_who_save_at_once_one_is_told(store: Store) -> None:
    """The second would overwrite what the first has just saved, and never see it."""
    states = PolicyStates(store.writer)

    saved = await asyncio.gather(
        *(states.save(HERE, f"rules of {by}", 0, NOON, by) for by in ("U1", "U2"))
    )

    state = await states.of(HERE)
    assert sorted(saved) == [False, True]
    assert state.rules == f"rules of {state.changed_by}"
    assert (state.version, state.previous) == (1, "")
    assert await states.of(THERE) == NO_STATE


async def test_the_last_change_is_undone_once_and_not_a_later_one(store: Store) -> None:
    """An undo pressed late must not throw away what another admin saved meanwhile."""
    states = PolicyStates(store.writer)
    await states.save(HERE, "one", 0, NOON, "U1")
    await states.save(HERE, "two", 1, NOON, "U2")

    late = await states.undo(HERE, 1, LATER, "U1")
    undone = await states.undo(HERE, 2, LATER, "U1")
    twice = await states.undo(HERE, 3, LATER, "U1")

    state = await states.of(HERE)
    assert (late, undone, twice) == (False, True, False)
    assert (state.rules, state.version, state.previous) == ("one", 3, None)
    assert state.changed_by == "U1"


async def test_a_pause_keeps_its_first_reason_until_it_ends(store: Store) -> None:
    """People are told who paused and why: a second press must not change that."""
    states = PolicyStates(store.writer)

    first, is_first = await states.pause(HERE, NOON, "U1", "a wrong list")
    second, is_second = await states.pause(HERE, LATER, "U2", "me too")

    assert (is_first, is_second) == (True, False)
    assert first == second == Pause(by="U1", since=NOON, reason="a wrong list")
    assert (await states.of(HERE)).pause == first
    assert await states.resume(HERE, LATER, "U2")
    assert not await states.resume(HERE, LATER, "U2")
    assert (await states.of(HERE)).pause is None
    assert (await states.of(HERE)).version == 0


async def test_each_change_is_in_the_audit_of_its_workspace(store: Store) -> None:
    """Who changed the rules is asked when something went wrong."""
    states, audit = PolicyStates(store.writer), Audit(store.writer)
    await states.save(HERE, "one", 0, NOON, "U1")
    await states.undo(HERE, 1, NOON, "U2")
    await states.pause(HERE, NOON, "U3", "why")
    await states.pause(HERE, NOON, "U4", "again")
    await states.resume(HERE, NOON, "U5")
    await DoNotCallList(store.writer).add(
        HERE, DoNotCall(digits="+1415", reason="asked us"), NOON, "U6"
    )

    rows = await audit.read(HERE)

    assert [(row.user, row.action, row.detail) for row in reversed(rows)] == [
        ("U1", AuditAction.RULES, ""),
        ("U2", AuditAction.RULES, "undone"),
        ("U3", AuditAction.PAUSE, "why"),
        ("U5", AuditAction.RESUME, ""),
        ("U6", AuditAction.DO_NOT_CALL, "added: asked us"),
    ]
    assert rows[0].number == "+1415"
    assert await audit.read(THERE) == []


async def test_the_audit_is_read_by_who_what_and_when(store: Store) -> None:
    """An admin asks for one person, one number, one rule, or a week."""
    audit = Audit(store.writer)
    for n, (user, rule) in enumerate(
        (("U1", "throttle"), ("U2", ""), ("U1", "country"))
    ):
        await audit.add(
            AuditRow(
                at=NOON + n * timedelta(days=1),
                where=HERE,
                user=user,
                action=AuditAction.CALL,
                number=f"+1415555014{n}",
                rule=rule,
                verdict="refuse" if rule else "allow",
            )
        )

    async def found(wanted: AuditFilter, most: int = 9) -> list[str]:
        return [row.number[-1] for row in await audit.read(HERE, wanted, most)]

    assert await found(AuditFilter()) == ["2", "1", "0"]
    assert await found(AuditFilter(user="U1")) == ["2", "0"]
    assert await found(AuditFilter(number="+14155550141")) == ["1"]
    assert await found(AuditFilter(rule="country")) == ["2"]
    assert await found(AuditFilter(rule="call", verdict="refuse")) == ["2", "0"]
    assert await found(AuditFilter(since=NOON + timedelta(hours=1))) == ["2", "1"]
    assert await found(AuditFilter(until=NOON + timedelta(hours=1))) == ["0"]
    [newest] = await audit.read(HERE, most=1)
    assert await found(AuditFilter(before=newest.id), 1) == ["1"]
    assert await store.writer.run(lambda c: delete_audit_before(c, LATER)) == 1
    assert await found(AuditFilter()) == ["2", "1"]


async def test_the_most_exact_entry_covers_a_number(store: Store) -> None:
    """The reason that people read is the one that was written about this number."""
    listed = DoNotCallList(store.writer)
    entries = [
        DoNotCall(digits="+1", is_prefix=True, reason="all"),
        DoNotCall(digits="+1415", is_prefix=True, reason="some"),
        DoNotCall(digits="+14155550142", reason="one"),
        DoNotCall(digits="+1415555", reason="no number of anybody"),
    ]
    for n, entry in enumerate(entries):
        assert await listed.add(HERE, entry, NOON + timedelta(seconds=n), "U1")
    assert not await listed.add(HERE, entries[0], LATER, "U2")

    async def reason(number: str, where: WorkspaceId = HERE) -> str:
        found = await listed.covering(where, number)
        return found.reason if found else ""

    assert await reason("+14155550142") == "one"
    assert await reason("+14155550143") == "some"
    assert await reason("+12125550143") == "all"
    assert await reason("+442071838750") == ""
    assert await reason("+14155550142", THERE) == ""
    assert await listed.remove(HERE, entries[2], LATER, "U2")
    assert not await listed.remove(HERE, entries[2], LATER, "U2")
    assert await reason("+14155550142") == "some"


async def test_the_list_is_searched_by_digits_and_by_reason(store: Store) -> None:
    """An admin looks for a number that somebody asks about, or for a whole campaign."""
    listed = DoNotCallList(store.writer)
    for n, reason in enumerate(("Asked us by mail", "50% list_a", "Ärger: 50 lists")):
        entry = DoNotCall(digits=f"+1415555014{n}", reason=reason)
        await listed.add(HERE, entry, NOON + timedelta(seconds=n), "U1")

    async def found(text: str) -> list[str]:
        return [each.digits[-1] for each in await listed.search(HERE, text)]

    assert await found("") == ["2", "1", "0"]
    assert await found("0141") == ["1"]
    assert await found("BY MAIL") == ["0"]
    assert await found("Ärger") == ["2"]
    assert await found("% list_") == ["1"]
    assert len(await listed.search(HERE, "", 2)) == 2
    assert await listed.search(THERE) == []


async def test_other_processes_hear_of_a_change_at_once(postgres_url: str) -> None:
    """A pause that another process learns of a minute later lets calls through."""
    store = Store(postgres_url, "me")
    heard: list[WorkspaceId | None] = []
    own: list[WorkspaceId | None] = []
    listeners = [
        Signals(store.url, name, lambda: None, hear_policy=told.append)
        for name, told in (("other", heard), ("me", own))
    ]
    tasks = [asyncio.create_task(each.run()) for each in listeners]
    await until(lambda: all(each.has_session for each in listeners))

    await PolicyStates(store.writer, "me").pause(HERE, NOON, "U1")
    await until(lambda: heard[-1] == HERE)

    assert heard == [None, HERE]  # before it listened, one may have been missed
    assert own == [None]
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    store.close()
