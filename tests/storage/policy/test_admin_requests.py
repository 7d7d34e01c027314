"""What an admin allows once opens one call of one person to one number, and no other."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot.calls.call import Place
from bot.calls.numbers.phone import PhoneNumber
from bot.policy.added import Added, Verdict
from bot.policy.admin_request import (
    GRANT_LASTS,
    MOST_REQUESTS,
    REQUEST_LASTS,
    AdminAnswer,
    AdminAsked,
    AdminRequest,
)
from bot.policy.decision import Decision
from bot.policy.rules import Askable, CallCap, PolicyRules, Rule, Ruling
from bot.policy.wish import CallEntrance, DoNotCall, FactsNeeded, Wish
from bot.policy.workspace import AuditAction, WorkspaceId
from bot.storage.calls.store import Store
from bot.storage.policy.admin_requests import AdminRequests
from bot.storage.policy.audit import ALL_ROWS, Audit, AuditFilter
from bot.storage.policy.do_not_call import DoNotCallList
from bot.storage.policy.states import PolicyStates
from intents import ANN, NOON, a_call

HERE = WorkspaceId.of(ANN)
PARIS = PhoneNumber("+33142278186")
BERLIN = PhoneNumber("+493012345678")
RULES = PolicyRules(
    countries=frozenset({"US"}), throttle=(), askable=frozenset(Askable)
)
SECOND = timedelta(seconds=1)


def asked(**changes: Any) -> AdminRequest:
    """Return Ann's request to call Paris."""
    values: dict[str, Any] = {
        "id": "r1",
        "place": ANN,
        "number": PARIS,
        "rules": frozenset({Rule.COUNTRY}),
        "words": "Calls to France aren't allowed here.",
        "wanted": "{}",
        "asked_at": NOON,
        "channel": "CADMIN",
    }
    return AdminRequest(**(values | changes))


async def approved(store: Store, **changes: Any) -> AdminRequests:
    """Store a request that an admin has approved at noon."""
    rows = AdminRequests(store.writer)
    await rows.add(asked(**changes))
    await rows.answer("r1", AdminAnswer.APPROVED, "U9", NOON)
    return rows


async def place(
    store: Store,
    *,
    grant: str = "r1",
    rules: PolicyRules = RULES,
    number: PhoneNumber = PARIS,
    **changes: Any,
) -> Rule | Verdict | None:
    """Place a call by a grant; return what the store did, or the rule that refused."""
    call = a_call(callee=number, **changes)
    wish = Wish(
        place=call.place,
        entrance=CallEntrance.BUTTON,
        number=number,
        answered=frozenset({Rule.DOUBT}),
        grant=grant,
    )
    found = await store.add(call, wish=wish, bounds=rules, again=True)
    assert not isinstance(found, FactsNeeded)
    return found.verdict if isinstance(found, Added) else found.rule


async def test_an_approval_places_one_call(store: Store) -> None:
    """The second one has to be asked about again."""
    rows = await approved(store)

    before = await place(store, grant="", id="c0", key="k0")
    first = await place(store)
    double = await place(store, id="c2")
    second = await place(store, id="c3", key="k3")

    found = await rows.get("r1")
    [used] = await Audit(store.writer).read(HERE, AuditFilter(verdict="allow"))
    assert before is second is Rule.COUNTRY
    assert (first, double) == (Verdict.NEW, Verdict.REPEATED)
    assert found is not None
    assert found.used_at == NOON
    assert (used.call, used.detail) == ("c1", "granted country")


LATE = NOON + GRANT_LASTS


@pytest.mark.parametrize(
    ("request_", "call", "found"),
    [
        ({}, {"asked_at": LATE - SECOND}, Verdict.NEW),
        ({}, {"asked_at": LATE}, Rule.COUNTRY),
        ({}, {"grant": "r2"}, Rule.COUNTRY),
        ({}, {"place": replace(ANN, user="U2")}, Rule.COUNTRY),
        ({}, {"place": Place("T2", "C1", "U1")}, Rule.COUNTRY),
        ({}, {"place": replace(ANN, enterprise="E1")}, Rule.COUNTRY),
        ({}, {"place": replace(ANN, channel="C2")}, Verdict.NEW),
        ({}, {"number": BERLIN}, Rule.COUNTRY),
        ({"rules": frozenset({Rule.PER_DAY})}, {}, Rule.COUNTRY),
    ],
)
async def test_an_approval_is_for_a_person_a_number_and_ten_minutes(
    store: Store, request_: dict[str, Any], call: dict[str, Any], found: object
) -> None:
    """A forged id, or another's, opens nothing."""
    await approved(store, **request_)

    assert await place(store, **call) is found


@pytest.mark.parametrize(
    "answer",
    [AdminAnswer.NONE, AdminAnswer.DECLINED, AdminAnswer.EXPIRED, AdminAnswer.UNPOSTED],
)
async def test_nothing_but_an_approval_opens_a_rule(
    store: Store, answer: AdminAnswer
) -> None:
    """Whoever was declined would only have to press."""
    rows = AdminRequests(store.writer)
    await rows.add(asked())
    if answer:
        await rows.answer("r1", answer, "U9", NOON)

    assert await place(store) is Rule.COUNTRY


async def test_what_another_rule_refuses_spends_no_approval(store: Store) -> None:
    """The cap may be free a minute later, and the ten minutes are not over."""
    rows = await approved(store)
    capped = replace(RULES, calls_per_day=CallCap(person=0))
    narrower = replace(RULES, askable=frozenset({Askable.CAP}), within=RULES)

    full = await place(store, rules=capped)
    narrowed = await place(store, rules=narrower)
    await PolicyStates(store.writer).pause(HERE, NOON, "U9")
    paused = await place(store)
    await PolicyStates(store.writer).resume(HERE, NOON, "U9")
    entry = DoNotCall(digits="+33", is_prefix=True)
    await DoNotCallList(store.writer).add(HERE, entry, NOON, "U9")
    listed = await place(store)
    await DoNotCallList(store.writer).remove(HERE, entry, NOON, "U9")
    unspent = await rows.get("r1")
    placed = await place(store)

    assert (full, narrowed) == (Rule.PER_DAY, Rule.COUNTRY)
    assert (paused, listed) == (Rule.PAUSED, Rule.DO_NOT_CALL)
    assert unspent is not None
    assert unspent.used_at is None
    assert placed is Verdict.NEW


@pytest.mark.parametrize(
    ("rules", "openable"),
    [
        (RULES, {Rule.COUNTRY}),
        (
            replace(RULES, calls_per_day=CallCap(0, 0)),
            {Rule.COUNTRY, Rule.PER_DAY},
        ),
        (replace(RULES, calls_per_minute=0), set()),
        (replace(RULES, askable=frozenset({Askable.CAP})), set()),
        (replace(RULES, askable=frozenset({Askable.COUNTRY}), within=RULES), None),
        (replace(RULES, within=PolicyRules(throttle=())), set()),
    ],
)
async def test_an_admin_is_asked_to_open_all_that_refuses_or_nothing(
    store: Store, rules: PolicyRules, openable: set[Rule] | None
) -> None:
    """An approval that another rule makes worthless would be a promise broken."""
    call = a_call(callee=PARIS)
    wish = Wish(place=ANN, entrance=CallEntrance.BUTTON, number=PARIS)

    found = await store.add(call, wish=wish, bounds=rules, again=True)

    assert isinstance(found, Decision)
    assert found.ruling is Ruling.REFUSE
    wanted = {Rule.COUNTRY} if openable is None else openable
    assert {each.rule for each in found.openable} == wanted


async def test_a_request_is_answered_once_and_in_time(store: Store) -> None:
    """Two admins press at the same moment: one of them decides, the audit names them."""
    rows = AdminRequests(store.writer)
    await rows.add(asked())
    late = NOON + REQUEST_LASTS

    too_late = await rows.answer("r1", AdminAnswer.APPROVED, "U9", late)
    won = await asyncio.gather(
        *(
            rows.answer("r1", answer, by, late - SECOND)
            for by, answer in [
                ("U8", AdminAnswer.DECLINED),
                ("U9", AdminAnswer.APPROVED),
            ]
        )
    )
    again = await rows.answer("r1", AdminAnswer.APPROVED, "U9", late - SECOND)

    told = await Audit(store.writer).read(HERE, ALL_ROWS)
    assert (too_late, sorted(won), again) == (False, [False, True], False)
    assert [row.user for row in told][1:] == ["U1"]
    assert told[0].action in {AuditAction.GRANTED, AuditAction.DECLINED}
    assert told[0].user == {True: "U8", False: "U9"}[won[0]]
    assert (told[0].detail, told[0].rule) == ("asked by U1", Rule.COUNTRY)
    assert told[1].action is AuditAction.ASKED


async def test_one_request_waits_for_one_person_and_number(store: Store) -> None:
    """Ten presses must not fill the admins' channel."""
    rows = AdminRequests(store.writer)

    first = await rows.add(asked())
    same = await rows.add(asked(id="r2"))
    others = [
        await rows.add(asked(id="r3", number=BERLIN)),
        await rows.add(asked(id="r4", place=replace(ANN, user="U2"))),
        await rows.add(asked(id="r5", place=Place("T2", "C1", "U1"))),
    ]
    later = await rows.add(asked(id="r6", asked_at=NOON + REQUEST_LASTS))
    await rows.answer("r6", AdminAnswer.DECLINED, "U9", NOON + REQUEST_LASTS)
    once_more = await rows.add(asked(id="r7", asked_at=NOON + REQUEST_LASTS))

    assert (first, same) == (AdminAsked.NEW, AdminAsked.WAITS)
    assert {*others, later, once_more} == {AdminAsked.NEW}


async def test_one_person_does_not_fill_the_admins_channel(store: Store) -> None:
    """Of many numbers, those are asked about that an admin can still read."""
    rows = AdminRequests(store.writer)
    numbers = [PhoneNumber(f"+3314227818{n}") for n in range(MOST_REQUESTS + 1)]

    came_of = [
        await rows.add(asked(id=number.e164, number=number)) for number in numbers
    ]
    await rows.answer(numbers[0].e164, AdminAnswer.DECLINED, "U9", NOON)
    after = await rows.add(asked(number=numbers[-1]))

    assert came_of == [AdminAsked.NEW] * MOST_REQUESTS + [AdminAsked.TOO_MANY]
    assert after is AdminAsked.NEW


async def test_two_processes_answer_and_use_a_request_once(postgres_url: str) -> None:
    """Each reads the row before the other has written it."""
    stores = [Store(postgres_url, name) for name in ("one", "two")]
    for each in stores:
        await each.open()
    one, two = (AdminRequests(each.writer) for each in stores)

    stored = await asyncio.gather(one.add(asked()), two.add(asked(id="r2")))
    id_ = "r1" if stored[0] is AdminAsked.NEW else "r2"
    answered = await asyncio.gather(
        one.answer(id_, AdminAnswer.APPROVED, "U8", NOON),
        two.answer(id_, AdminAnswer.APPROVED, "U9", NOON),
    )
    leased = await asyncio.gather(one.lease_due(NOON), two.lease_due(NOON))
    placed = await asyncio.gather(
        *(
            place(store, id=f"c{n}", key=f"k{n}", grant=id_)
            for n, store in enumerate(stores * 4)
        )
    )
    for each in stores:
        each.close()

    assert sorted(stored) == [AdminAsked.NEW, AdminAsked.WAITS]
    assert sorted(answered) == [False, True]
    assert sum(map(len, leased)) == 1
    assert sorted(placed, key=str).count(Verdict.NEW) == 1
