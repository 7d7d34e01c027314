"""What the gate counts is counted in the transaction that stores the call: exactly."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import time, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, event, update
from sqlalchemy.pool import NullPool

from bot.calls.call import Call, End, Place, State, Status
from bot.calls.log.ending import Ending
from bot.calls.log.outcome import Outcome, Side
from bot.calls.numbers.phone import PhoneNumber
from bot.policy.added import Added, Verdict
from bot.policy.decision import Decision
from bot.policy.file import write
from bot.policy.rules import CallCap, PolicyRules, QuietHours, Rule, Ruling, Section
from bot.policy.wish import CallEntrance, DoNotCall, Fact, FactsNeeded, Wish
from bot.policy.workspace import AuditAction, WorkspaceId
from bot.slack.texts import answers
from bot.storage.calls.before_adding import Counted, select_before_insert
from bot.storage.calls.store import Store
from bot.storage.calls.tables import calls
from bot.storage.database.given_rows import dumped
from bot.storage.policy.audit import Audit, AuditFilter
from bot.storage.policy.do_not_call import DoNotCallList
from bot.storage.policy.states import PolicyStates
from intents import CALLEE, NOON, a_call

HERE = WorkspaceId("", "T1")
OTHER = PhoneNumber("+14155550177")
SECOND = timedelta(seconds=1)
FREE = PolicyRules(throttle=(), calls_per_minute=999)
ANSWERED = Side(Ending.ANSWERED)
NOT_MINE = Outcome(Side(Ending.NO_ANSWER), Side(Ending.NOT_DIALED))


def wish(call: Call, **more: Any) -> Wish:
    """Return the wish of a command to place *call*."""
    values = {"entrance": CallEntrance.COMMAND} | more
    return Wish(place=call.place, number=call.callee, **values)


async def asks(
    store: Store, n: int, rules: PolicyRules, *, user: str = "U1", **more: Any
) -> Added | Decision:
    """Have somebody ask for the call number *n*."""
    changes = {key: more.pop(key) for key in ("callee", "asked_at") if key in more}
    place = Place("T1", "C1", user)
    call = a_call(id=f"c{n}", key=f"k{n}", place=place, **changes)
    found = await store.add(call, wish=wish(call, **more), bounds=rules, again=True)
    assert not isinstance(found, FactsNeeded)
    return found


async def ended(store: Store, n: int, **changes: Any) -> None:
    """Have that call end so."""
    values = {"state": State.DONE} | changes
    assert await store.change(f"c{n}", lambda c: replace(c, **values), NOON)


def said(answer: Added | Decision) -> tuple[str, Rule | None]:
    """Return what came of it, in short."""
    if isinstance(answer, Decision):
        return answer.ruling.value, answer.rule
    return answer.verdict.value, None


NEW = (Verdict.NEW.value, None)
ASKED, REFUSED = (Ruling.ASK.value, Rule.THROTTLE), (Ruling.REFUSE.value, Rule.THROTTLE)


async def test_the_throttle_counts_whoever_calls(store: Store) -> None:
    """A number that everybody calls by hand is called as often as by a machine."""
    rules, at = PolicyRules(calls_per_minute=99), NOON
    found = []
    for n in range(9):
        found.append(said(await asks(store, n, rules, user=f"U{n}", asked_at=at)))
        sure = frozenset({Rule.THROTTLE})
        await asks(store, 10 + n, rules, user=f"U{n}", asked_at=at, answered=sure)
        at += 30 * SECOND

    elsewhere = a_call(id="x", key="x", place=Place("T2", "C1", "U1"), asked_at=at)
    there = await store.add(elsewhere, wish=wish(elsewhere), bounds=rules)
    assert not isinstance(there, FactsNeeded)
    assert found == [NEW] + [ASKED] * 5 + [REFUSED] * 3
    assert said(await asks(store, 50, rules, asked_at=at, callee=OTHER)) == NEW
    assert said(there) == NEW


@pytest.mark.parametrize(
    ("changes", "counts"),
    [
        ({"state": State.REQUESTED}, True),
        ({"end": End.NOT_PLACED}, False),
        ({"end": End.REFUSED}, False),
        ({"end": End.RECORDED, "outcome": NOT_MINE}, False),
        ({"end": End.RECORDED, "outcome": Outcome(ANSWERED, ANSWERED)}, True),
        ({"end": End.UNCONFIRMED}, True),
        ({"end": End.LOST}, True),
        (
            {
                "state": State.RECORDING,
                "status": Status("CannotReach", "NoAnswer", "Success"),
            },
            False,
        ),
    ],
    ids=str,
)
async def test_a_call_that_never_got_past_its_own_phone_does_not_count(
    store: Store, changes: dict[str, Any], *, counts: bool
) -> None:
    """Whoever missed their own phone would be asked why they call again."""
    rules = PolicyRules()
    await asks(store, 1, rules)
    await ended(store, 1, **changes)

    again = await asks(store, 2, rules, asked_at=NOON + 40 * SECOND)

    assert said(again) == (ASKED if counts else NEW)


async def test_numbers_of_colleagues_are_exempt(database_url: str) -> None:
    """People of one company call each other as often as they like."""
    store = Store(
        database_url,
        "me",
        whose_number=lambda _, __, number: "U9" if number == CALLEE else "",
    )
    rules = PolicyRules(calls_per_minute=99)
    found = [said(await asks(store, n, rules)) for n in range(9)]
    strangers = [said(await asks(store, n, rules, callee=OTHER)) for n in (21, 22)]
    store.close()

    assert found == [NEW] * 9
    assert strangers == [NEW, ASKED]


@pytest.mark.parametrize(
    ("called", "number", "is_needed"),
    [
        ("", CALLEE, True),  # a connected colleague's, whoever was named
        ("U5", OTHER, True),  # of whom the person called by name, which Slack confirms
        ("", OTHER, False),
    ],
)
async def test_a_colleagues_zone_is_asked_for_where_there_are_quiet_hours(
    database_url: str, called: str, number: PhoneNumber, *, is_needed: bool
) -> None:
    """Slack is asked about colleagues alone, and only if it matters."""
    store = Store(
        database_url,
        "me",
        whose_number=lambda _, __, each: "U9" if each == CALLEE else "",
    )
    night = replace(FREE, quiet_hours=QuietHours(time(21), time(8)))
    call = a_call(id="c", key="k", callee=number)
    values = wish(call, called=called, zone=None)

    found = await store.add(call, wish=values, bounds=night)
    free = await store.add(call, wish=values, bounds=FREE)
    store.close()

    assert isinstance(found, FactsNeeded) is is_needed
    if isinstance(found, FactsNeeded):
        assert found.facts == {Fact.ZONE}
        assert found.wish.colleague == ("U9" if number == CALLEE else "")
    assert isinstance(free, Added)


async def test_a_cap_of_a_section_counts_beside_a_workspaces_own_rules(
    store: Store,
) -> None:
    """A bound for some people holds, however an admin's own rules narrow the rest."""
    some = Section(who=frozenset({"U1"}), calls_per_day=1)
    outer = replace(FREE, sections=(some,))
    own = "calls_per_minute = 99\n\n[[section]]\ncalls_per_day = 50\n"
    assert await PolicyStates(store.writer).save(HERE, own, 0, NOON, "U9")

    found = [said(await asks(store, n, outer)) for n in range(2)]
    others = [said(await asks(store, n, outer, user="U2")) for n in (7, 8)]

    assert found == [NEW, (Ruling.REFUSE.value, Rule.PER_DAY)]
    assert others == [NEW, NEW]


CAPS = {
    Rule.AT_ONCE: replace(FREE, calls_at_once=CallCap(everybody=5)),
    Rule.PER_DAY: replace(FREE, calls_per_day=CallCap(everybody=5)),
    Rule.MINUTES: replace(FREE, minutes_per_month=CallCap(everybody=15)),
}


@pytest.mark.parametrize("rule", CAPS)
async def test_a_cap_is_exact_under_many_commands_at_once(
    database_url: str, rule: Rule
) -> None:
    """Sixty-four people at once, by two processes if they share a database."""
    is_shared = database_url.startswith("postgresql")
    one = Store(database_url, "one")
    two = Store(database_url, "two") if is_shared else one

    found = await asyncio.gather(
        *(
            asks(
                (one, two)[n % 2],
                n,
                CAPS[rule],
                user=f"U{n}",
                callee=PhoneNumber(f"+1415555{n:04}"),
            )
            for n in range(64)
        )
    )
    rows = await Audit(one.writer).read(HERE)
    one.close()
    two.close()

    assert sorted(map(said, found)) == sorted(
        [NEW] * 5 + [(Ruling.REFUSE.value, rule)] * 59
    )
    assert len(rows) == 64
    assert len({row.call for row in rows if row.verdict == "allow"}) == 5


async def test_the_throttle_is_exact_under_many_commands_at_once(
    database_url: str,
) -> None:
    """Sixty-four people who dial one number at once ring it once, and are asked."""
    is_shared = database_url.startswith("postgresql")
    one = Store(database_url, "one")
    two = Store(database_url, "two") if is_shared else one

    found = await asyncio.gather(
        *(asks((one, two)[n % 2], n, PolicyRules(), user=f"U{n}") for n in range(64))
    )
    one.close()
    two.close()

    assert sorted(map(said, found)) == sorted([NEW] + [ASKED] * 63)


@pytest.mark.parametrize("by_earlier_version", [False, True])
async def test_a_months_minutes_are_what_was_talked_and_a_reserve(
    store: Store, *, by_earlier_version: bool
) -> None:
    """A call that goes on may take long; once its record is read, what it took counts."""

    async def stored() -> None:
        if by_earlier_version:  # which has no such column
            unsaid = update(calls).values(month_seconds=None)
            await store.writer.run(lambda c: c.execute(unsaid))

    rules = replace(FREE, minutes_per_month=CallCap(person=7))
    talked = Outcome(ANSWERED, ANSWERED, timedelta(minutes=5))

    first = said(await asks(store, 1, rules))
    await ended(store, 1, end=End.RECORDED, outcome=talked)
    await stored()
    before = NOON - timedelta(days=25)
    await asks(store, 2, FREE, asked_at=before)
    second = said(await asks(store, 3, rules))
    third = said(await asks(store, 4, rules))
    await ended(store, 3, end=End.NOT_PLACED)
    await stored()
    fourth = said(await asks(store, 5, rules, user="U1"))
    theirs = said(await asks(store, 6, rules, user="U2"))

    over = (Ruling.REFUSE.value, Rule.MINUTES)
    assert (first, second, third, fourth, theirs) == (NEW, NEW, over, NEW, NEW)


@pytest.mark.parametrize(
    ("counted", "index"),
    [
        (Counted.OPEN_ALL, "calls_due (state=?)"),
        (Counted.DAY_ALL, "calls_by_time (enterprise=? AND team=? AND asked_at>?)"),
        (Counted.MONTH_ALL, "calls_by_time (enterprise=? AND team=? AND asked_at>?)"),
    ],
    ids=str,
)
def test_a_cap_for_all_looks_at_no_more_calls_than_it_counts(
    migrated: Path, counted: Counted, index: str
) -> None:
    """Each command would wait longer, the more calls are kept: 90 days, 60,000 calls."""
    query = select_before_insert(postgres=False, counted=counted)
    asked = dumped([(0, "k", CALLEE.e164, 0.0, 0.0, 0.0, 0.0, "", "T1", "U1")])
    sent: list[tuple[str, Any]] = []
    engine = create_engine(f"sqlite:///{migrated}", poolclass=NullPool)

    @event.listens_for(engine, "before_cursor_execute")
    def note(*given: Any) -> None:
        sent.append(given[2:4])

    with engine.connect() as connection:
        connection.execute(query, asked).all()
        statement, values = sent[-1]
        plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)
        last = plan.all()[-1]

    assert str(last[-1]).endswith(index)


async def test_a_restart_forgets_nothing(database_url: str) -> None:
    """A process that is killed has its counts in the database; a new one reads them."""
    rules = replace(FREE, calls_per_day=CallCap(person=1))
    killed = Store(database_url, "killed")
    await asks(killed, 1, rules)
    killed.close()
    fresh = Store(database_url, "fresh")

    found = await asks(fresh, 2, rules)
    fresh.close()

    assert said(found) == (Ruling.REFUSE.value, Rule.PER_DAY)


async def test_a_pause_and_a_listed_number_hold_for_the_next_call(store: Store) -> None:
    """No process has to hear of them first: the call's own transaction reads them."""
    listed = DoNotCall(digits="+1415555", is_prefix=True, reason="asked us")
    states = PolicyStates(store.writer)
    await DoNotCallList(store.writer).add(HERE, listed, NOON, "U9")
    on_list = await asks(store, 1, FREE)
    free = await asks(store, 2, FREE, callee=PhoneNumber("+12125550142"))
    await states.pause(HERE, NOON, "U9", "a wrong list")
    paused = await asks(store, 3, FREE, callee=PhoneNumber("+12125550143"))
    await states.resume(HERE, NOON, "U9")
    resumed = await asks(store, 4, FREE, callee=PhoneNumber("+12125550144"))

    assert said(on_list) == (Ruling.REFUSE.value, Rule.DO_NOT_CALL)
    assert isinstance(on_list, Decision)
    assert on_list.objections[0].text == "asked us"
    assert (said(free), said(resumed)) == (NEW, NEW)
    assert said(paused) == (Ruling.REFUSE.value, Rule.PAUSED)


async def test_rules_saved_by_another_process_hold_for_the_next_call(
    database_url: str,
) -> None:
    """Also a cap for everybody, which this process did not lock for."""
    is_shared = database_url.startswith("postgresql")
    one = Store(database_url, "one")
    two = Store(database_url, "two") if is_shared else one
    text = write(CAPS[Rule.PER_DAY], FREE)
    await PolicyStates(two.writer).save(HERE, text, 0, NOON, "U9")

    found = await asyncio.gather(
        *(
            asks(one, n, FREE, user=f"U{n}", callee=PhoneNumber(f"+1415555{n:04}"))
            for n in range(20)
        )
    )
    one.close()
    two.close()

    assert [said(each) for each in found].count(NEW) == 5


async def test_each_decision_is_a_row_of_the_audit(store: Store) -> None:
    """Also a question, its answer, a refusal and a dry run; each once."""
    rules = PolicyRules()
    check = a_call(id="", key="")
    sure = frozenset({Rule.THROTTLE})

    await asks(store, 1, rules)
    await asks(store, 2, rules)
    await asks(store, 3, rules, answered=sure, entrance=CallEntrance.BUTTON)
    await asks(store, 3, rules, answered=sure, entrance=CallEntrance.BUTTON)
    await store.weigh(check, wish=wish(check), bounds=rules)
    dry = wish(check, entrance=CallEntrance.CHECK)
    await store.weigh(check, wish=dry, bounds=rules)

    rows = await Audit(store.writer).read(HERE, AuditFilter(number=CALLEE.e164))
    assert [
        (row.action, row.entrance, row.verdict, row.rule, row.call, row.detail)
        for row in reversed(rows)
    ] == [
        (AuditAction.CALL, "command", "allow", "", "c1", ""),
        (AuditAction.CALL, "command", "ask", "throttle", "", ""),
        (AuditAction.CALL, "button", "allow", "", "c3", "answered throttle"),
        (AuditAction.CHECK, "check", "ask", "throttle", "", ""),
    ]


async def test_whoever_has_little_left_of_a_cap_is_told_with_their_call(
    store: Store,
) -> None:
    """From 80 % on: who hears of it only when it is used up can't ask for more in time."""
    rules = replace(FREE, calls_per_day=CallCap(5))
    told = []
    for n in range(5):
        answer = await asks(store, n, rules)
        assert isinstance(answer, Added)
        message = answers.added(answer, most=999)
        assert message is not None
        told.append(message.text.partition(". ")[2])

    said = [f"You have placed {n} of 5 calls today." for n in (4, 5)]
    assert told == ["", "", "", *said]


async def test_the_audit_does_not_name_a_question_that_was_not_asked(
    store: Store,
) -> None:
    """Each wish says that its number was not in doubt: that tells an admin nothing."""
    sure = frozenset({Rule.DOUBT})
    await asks(store, 1, FREE, answered=sure)
    await asks(store, 2, FREE, answered=sure | {Rule.THROTTLE})

    rows = await Audit(store.writer).read(HERE, AuditFilter(), 9)
    assert sorted(each.detail for each in rows) == ["", "answered throttle"]
