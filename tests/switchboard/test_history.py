"""The pages of a list: what the log is asked, and what of it which reader sees."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import pytest

from bot.calls.call import Call, End, Place, State
from bot.calls.lists.history import Direction
from bot.calls.lists.request import ListRequest
from bot.calls.lists.work_list import After, Recent
from bot.calls.log.ending import Ending
from bot.calls.log.leg import Leg, Party, Record
from bot.calls.log.outcome import Outcome, Side
from bot.calls.matching import matching
from bot.calls.people.person import Shows
from bot.ringcentral.call_log import LogPage
from bot.storage.calls.listed import ListedCalls
from bot.storage.calls.store import Store
from bot.storage.retention import Retention
from bot.switchboard.history import LOOK_BACK, Asker, History
from bot.switchboard.log_reads import CACHED_FOR, LONGEST_SEAM
from bot.switchboard.policy import Policy
from builders import CALLEE, CALLER, OTHER, SENT, record, two_records
from fakes import FakeClock
from intents import a_call, add_call

ANN, BOB = Place("T1", "C1", "U1"), Place("T1", "C1", "U2")
NOW = SENT + timedelta(hours=1)


@dataclass
class Log:
    """A call log that counts its reads; a page of it has *longest* records."""

    records: list[Record] = field(default_factory=list)
    longest: int = 250
    asked: list[dict[str, Any]] = field(default_factory=list)

    async def newest(self, **asked: Any) -> LogPage:
        """Return the newest records of a window, as RingCentral does."""
        self.asked.append(asked)
        since, until = asked["since"], asked["until"]
        found = sorted(
            (each for each in self.records if since <= each.started_at <= until),
            key=lambda each: each.started_at,
            reverse=True,
        )
        last = len(found) <= self.longest
        return LogPage(tuple(found[: self.longest]), is_last=last)


@dataclass
class Office:
    """A history over a real database."""

    store: Store
    log: Log = field(default_factory=Log)
    clock: FakeClock = field(default_factory=lambda: FakeClock(NOW))
    kept_for: timedelta = LOOK_BACK

    def __post_init__(self) -> None:
        self.history = History(
            lambda _: self.log, self.store, self.clock, self.kept_for
        )

    async def page(
        self,
        place: Place = ANN,
        after: After | None = None,
        *,
        account: str = "",
        **request: Any,
    ) -> Recent:
        """Return a page as somebody reads it."""
        asker = Asker(place, account, (), frozenset(), "US")
        return await self.history.page(asker, ListRequest(**request), after)

    async def ids(self, place: Place = ANN, **request: Any) -> list[str]:
        """Return the ids of the rows."""
        return [row.id for row in (await self.page(place, **request)).rows]

    async def calls(self, **changes: Any) -> Call:
        """Store a call."""
        call = a_call(**changes)
        await add_call(self.store, call, most=99, again=True)
        return call


@pytest.fixture
def office(store: Store) -> Office:
    """Return a history over the test's database."""
    return Office(store)


async def test_a_page_costs_one_read_and_lists_of_the_same_seconds_share_it(
    office: Office,
) -> None:
    """Heavy is ten a minute, and new calls need it."""
    office.log.records = [record(f"R{n:02}", start=-60 * n) for n in range(30)]

    first = await office.page()
    assert len(first.rows) == 10
    assert first.more is not None
    assert len((await office.page(BOB, count=30)).rows) == 30
    assert len((await office.page(after=first.more)).rows) == 10
    assert len(office.log.asked) == 1

    office.clock.pass_by(CACHED_FOR.total_seconds() + 1)
    await office.page(after=first.more)
    assert len(office.log.asked) == 2
    assert office.log.asked[1]["until"] == first.more.at + LONGEST_SEAM


async def test_a_call_of_two_records_is_not_split_between_pages(office: Office) -> None:
    """The half that would be left alone is a call of its own, the wrong way round."""
    records = [
        each
        for n in range(12)
        for each in two_records(start=-100 * n, apart=2, session_id=10**6 + 5000 * n)
    ]
    for longest in range(3, 14):
        office = Office(office.store, Log(records, longest))
        seen: list[str] = []
        after = None
        for _ in range(30):
            page = await office.page(after=after, count=4)
            assert all(row.direction is Direction.OUT for row in page.rows)
            seen += [row.id for row in page.rows]
            after = page.more
            if after is None:
                break
        assert seen == [f"out-{10**6 + 5000 * n}" for n in range(12)]


@pytest.mark.long_table
@pytest.mark.parametrize("gap", [0.001, 0.05, 0.2, 0.3, 0.6, 20])
@pytest.mark.parametrize(
    "longest", [20, pytest.param(250, marks=pytest.mark.unmeasured)]
)
async def test_the_pages_go_on_however_dense_the_log_is(
    office: Office, gap: float, longest: int
) -> None:
    """A company may place 250 calls in half a minute: no call is twice or left out."""
    office.log.longest = longest
    count = longest * 3
    office.log.records = [record(f"R{n:05}", start=-gap * n) for n in range(count)]
    seen: list[str] = []
    after, pages = None, 0
    while (after is not None or not pages) and pages < 40:
        page = await office.page(after=after, count=50)
        seen += [row.id for row in page.rows]
        after, pages = page.more, pages + 1
        office.clock.pass_by(CACHED_FOR.total_seconds() + 1)

    assert seen == [each.id for each in office.log.records]
    assert len(office.log.asked) <= 3 * pages


async def test_a_list_looks_back_as_far_as_it_knows_what_is_private(
    store: Store,
) -> None:
    """On an account that others use too; one's own goes back ninety days."""
    office = Office(store, kept_for=timedelta(days=7))

    for account, company, days in (("", False, 7), ("a1", False, 90), ("a1", True, 7)):
        page = await office.page(account=account, company=company)
        asked = office.log.asked[-1]
        assert asked["until"] - asked["since"] == timedelta(days=days) + LONGEST_SEAM
        assert page.looked_back == timedelta(days=days)
        assert page.own == (bool(account) and not company)


async def test_a_whole_number_is_asked_of_ringcentral(office: Office) -> None:
    """Not the newest 250 calls of everybody else."""
    await office.page(e164=CALLEE.e164)
    await office.page(ending="0142")

    assert [each["number"] for each in office.log.asked] == [CALLEE.e164, ""]


async def test_a_day_is_read_from_its_end(office: Office) -> None:
    """However many calls are newer."""
    until = SENT - timedelta(hours=5)

    await office.page(since=until - timedelta(days=1), until=until)

    assert office.log.asked[-1]["until"] == until + LONGEST_SEAM


# Calls of ours that have no record yet


@pytest.mark.parametrize(
    ("state", "records", "rows"),
    [
        (State.FOLLOWING, [], [("c1", True)]),
        (State.FOLLOWING, [record("R1", session="s-1")], [("c1", True)]),
        (State.FOLLOWING, [record("R1", finished=False)], [("c1", True)]),
        (State.RECORDING, [], [("c1", False)]),
        (State.RECORDING, [record("R1", session="s-1")], [("R1", False)]),
        (State.RECORDING, [record("R1", session="other")], [("R1", False)]),
        (
            State.RECORDING,
            [record("R1", callee=OTHER)],
            [("R1", False), ("c1", False)],
        ),
        (State.DONE, [record("R1")], [("R1", False)]),
    ],
    ids=[
        "goes on",
        "goes on, logged",
        "goes on, perhaps logged",
        "over",
        "over, logged",
        "over, perhaps logged",
        "over, another logged",
        "done",
    ],
)
async def test_a_call_is_listed_once_from_its_beginning(
    office: Office, state: State, records: list[Record], rows: list[tuple[str, bool]]
) -> None:
    """Neither missing while its record is awaited, nor there twice."""
    office.log.records = records
    await office.calls(
        state=state,
        ringout_id="s-1",
        sent_at=SENT,
        asked_at=SENT - timedelta(seconds=1),
    )

    page = await office.page()

    assert [(row.id, row.in_progress) for row in page.rows] == rows


async def test_who_placed_it_is_known_before_the_recorder_looks(office: Office) -> None:
    """By the RingOut's id, where the log has it."""
    office.log.records = [record("R1", session="s-1")]
    await office.calls(state=State.RECORDING, ringout_id="s-1", sent_at=SENT, place=BOB)

    [row] = (await office.page(people=frozenset({"U2"}))).rows

    assert row.call is not None


NORTHWIND = Party(CALLEE.e164, name="Northwind")


def _named(found: Record) -> Record:
    """Return a record with a name wherever the callee's number stands."""

    def ends(part: Record | Leg) -> dict[str, Any]:
        both = {"caller": part.caller, "callee": part.callee}
        return {
            end: NORTHWIND if each.number == CALLEE.e164 else each
            for end, each in both.items()
        }

    legs = tuple(replace(leg, **ends(leg)) for leg in found.legs)
    return replace(found, legs=legs, **ends(found))


OUTCOME = Outcome(
    Side(Ending.ANSWERED, "Call connected"),
    Side(Ending.ANSWERED, "Call connected"),
    timedelta(seconds=19),
)


def _recorded(call: Call, **changes: Any) -> Call:
    """Return a call whose record was found."""
    values: dict[str, Any] = {"records": ("R1",), "outcome": OUTCOME, "next_at": NOW}
    return replace(call, end=End.RECORDED, **(values | changes))


@pytest.mark.parametrize("state", [State.REPORTING, State.CLOSING, State.DONE])
@pytest.mark.parametrize(
    "before", [[], [record("R1", finished=False)], [record("R9", callee=OTHER)]]
)
async def test_a_call_that_ended_after_the_log_was_read_is_in_the_list(
    office: Office, state: State, before: list[Record]
) -> None:
    """A cached log lacks it; the call itself, by whichever process, has its results."""
    call = await office.calls(state=State.FOLLOWING, ringout_id="s-1", sent_at=SENT)
    office.log.records = before
    assert "c1" in await office.ids()

    office.clock.pass_by(5)
    await office.store.change(call.id, lambda c: _recorded(c, state=state), NOW)
    [row] = [row for row in (await office.page()).rows if row.call]

    assert len(office.log.asked) == 1
    assert not row.in_progress
    assert (row.callee_side, row.talked) == (OUTCOME.callee, OUTCOME.talked)
    assert len(await office.ids()) == 1 + bool(before and before[0].id == "R9")


async def test_a_call_is_not_listed_twice_once_the_log_has_it(office: Office) -> None:
    """However it is read: its record stands for it."""
    call = await office.calls(state=State.FOLLOWING, ringout_id="s-1", sent_at=SENT)
    office.log.records = [record("R1")]
    await office.store.change(call.id, lambda c: _recorded(c, state=State.DONE), NOW)

    assert await office.ids() == ["R1"]


async def test_a_private_call_that_ended_just_now_is_in_nobody_elses_list(
    office: Office,
) -> None:
    """Nor is one of another account, or one that was done long before the log was read."""
    kinds: dict[str, dict[str, Any]] = {
        "private": {"place": BOB, "shows": Shows.PRIVATE},
        "another account": {"account": "b1"},
        "done": {"next_at": NOW - timedelta(minutes=5)},
    }
    for name, changes in kinds.items():
        call = await office.calls(id=name, key=name, sent_at=SENT, **changes)
        done = _recorded(call, records=(f"of {name}",), state=State.DONE, **changes)
        await office.store.change(name, lambda _, done=done: done, NOW)  # type: ignore[misc]

    assert await office.ids() == []


@pytest.mark.parametrize(
    "changes",
    [
        {"state": State.PLACING},
        {"state": State.RECORDING},
        {"state": State.DONE},
        {"state": State.DONE, "records": ("in-1000000",)},
        {"state": State.DONE, "records": ("out-1000000",)},
    ],
    ids=lambda each: "-".join(map(str, each.values())),
)
@pytest.mark.parametrize("half", [0, 1])
async def test_a_record_that_may_be_a_colleagues_call_has_no_name_for_others(
    office: Office, changes: dict[str, Any], half: int
) -> None:
    """Its name is for who placed it, also while nobody knows yet whose record it is."""
    records = two_records(start=0, apart=2, session_id=10**6)
    office.log.records = [_named(records[half])]
    call = await office.calls(place=BOB, sent_at=SENT)
    await office.store.change(call.id, lambda c: replace(c, **changes), NOW)

    hers = [row for row in (await office.page()).rows if row.call is None]
    his = (await office.page(BOB)).rows

    assert "Northwind" not in str(hers)
    assert "Northwind" in str(his)


async def test_a_record_of_somebody_who_has_no_bot_keeps_its_name(
    office: Office,
) -> None:
    """At another time, or to another number, it is nobody's call of ours."""
    named = Party(OTHER.e164, name="Northwind")
    office.log.records = [record("R1", callee=named), record("R2", start=-300)]
    await office.calls(place=BOB, sent_at=SENT)

    assert "Northwind" in str((await office.page()).rows)


# What others keep to themselves


@pytest.mark.on_both
async def test_private_calls_without_a_record_are_found(store: Store) -> None:
    """Only those that were sent, since a moment, and have none."""

    async def add(name: str, **changes: Any) -> None:
        values = {"id": name, "key": name, "sent_at": SENT, "shows": Shows.PRIVATE}
        call = a_call(**(values | changes))
        await add_call(store, call, most=99, again=True)

    await add("private")
    await add("dm", shows=Shows.DM)
    await add("typed in a dm", shows=Shows.CHANNEL, place=replace(ANN, channel="D1"))
    await add("channel", shows=Shows.CHANNEL)
    await add("old", sent_at=SENT - timedelta(days=2))
    await add("not sent", sent_at=None)
    await add("recorded")
    recorded = await store.get("recorded")
    assert recorded is not None
    await store.change("recorded", lambda call: replace(call, records=("R1",)), NOW)

    day = timedelta(days=1)
    listed = ListedCalls(store)

    found = await listed.without_both_records(SENT - day, (NOW, NOW + day))
    near = await listed.without_both_records(SENT - day, (SENT, SENT))

    private = {"private", "dm", "typed in a dm"}
    assert {call.id for call in found} == private
    assert {call.id for call in near} - private == {"channel", "recorded"}


@pytest.mark.parametrize("known", [0, 1])
@pytest.mark.parametrize("read", [(0,), (1,), (0, 1)])
async def test_half_of_a_private_call_is_in_nobody_elses_list(
    office: Office, known: int, read: tuple[int, ...]
) -> None:
    """The bot may know one of its records, and the log be read to the other."""
    records = two_records(start=0, apart=2)
    office.log.records = [records[each] for each in read]
    call = await office.calls(place=BOB, sent_at=SENT, shows=Shows.PRIVATE)
    found = (records[known].id,)

    def done(stored: Call) -> Call:
        return replace(stored, records=found, state=State.DONE)

    await office.store.change(call.id, done, NOW)

    assert await office.ids() == []
    assert len(await office.ids(BOB)) == 1


@pytest.mark.parametrize("state", list(State))
@pytest.mark.parametrize("logged", [True, False])
async def test_a_private_call_is_in_nobody_elses_list_at_any_time(
    office: Office, state: State, *, logged: bool
) -> None:
    """While it goes on, while its record is awaited, and if none is ever found."""
    office.log.records = [record("R1")] if logged else []
    await office.calls(
        state=state,
        place=BOB,
        caller=CALLER,
        callee=CALLEE,
        sent_at=SENT,
        shows=Shows.PRIVATE,
    )

    for request in ({}, {"company": True}, {"people": frozenset({"U2"})}):
        assert await office.ids(**request) == []
    assert len(await office.ids(BOB)) >= logged


async def test_another_accounts_private_call_hides_nothing_of_ones_own(
    office: Office,
) -> None:
    """Bob's call to the same number at the same moment is in Bob's log alone."""
    office.log.records = [record("R1")]
    await office.calls(place=BOB, account="b1", sent_at=SENT, shows=Shows.PRIVATE)

    assert await office.ids(account="a1") == ["R1"]
    assert await office.ids(account="a1", company=True) == []


# Private calls that were erased


@pytest.mark.long_table
@pytest.mark.parametrize(
    ("records", "kept"),
    [
        ((record("R1"),), ("R1",)),
        (two_records(start=0, apart=2, session_id=10**6), ("in-1000000",)),
        (two_records(start=0, apart=2, session_id=10**6), ("out-1000000",)),
        ((record("R1", session="s-1", start=90),), ()),
        ((record("R1"),), ()),
        ((record("R1", callee="", caller=""),), ()),
        ((record("R1"), record("R2", session="s-2", start=20)), ("R1",)),
    ],
    ids=[
        "found",
        "the other half",
        "half",
        "by id",
        "never found",
        "without a number",
        "a second record, apart",
    ],
)
@pytest.mark.parametrize(
    "private",
    [
        {"shows": Shows.PRIVATE},
        {"shows": Shows.DM},
        {"place": replace(BOB, channel="D1")},
    ],
)
async def test_an_erased_private_call_stays_out_of_others_lists(
    office: Office,
    records: tuple[Record, ...],
    kept: tuple[str, ...],
    private: dict[str, Any],
) -> None:
    """RingCentral's log still has it, and does not know that it was private."""
    office.log.records = list(records)
    values = {"place": BOB, "sent_at": SENT, "ringout_id": "s-1"} | private
    call = await office.calls(**values)

    def done(stored: Call) -> Call:
        return replace(stored, records=kept, state=State.DONE)

    await office.store.change(call.id, done, NOW)
    retention = Retention(office.store.writer)
    await retention.erase(CALLEE.e164, dry=True)
    assert await office.ids() == []
    await retention.erase(CALLEE.e164, dry=False)

    assert await office.store.get(call.id) is None
    assert await office.ids() == await office.ids(company=True) == []
    assert len(await office.ids(account="a1")) == len(matching.group(records))

    await retention.purge(NOW)
    assert len(await office.ids()) == len(matching.group(records))


@pytest.mark.parametrize(
    ("changes", "other"),
    [
        ({"shows": Shows.CHANNEL}, record("R1")),
        ({}, record("R9", start=300)),
        ({}, record("R9", action="VoIP Call", internal_type="", legs=())),
        ({"account": "b1"}, record("R9")),
        ({"sent_at": None}, record("R9")),
    ],
    ids=["shown", "another time", "no RingOut", "another account", "never sent"],
)
async def test_what_was_erased_withholds_nothing_else(
    office: Office, changes: dict[str, Any], other: Record
) -> None:
    """A list must not lose calls that nobody has kept to themselves."""
    office.log.records = [other]
    values = {"place": BOB, "sent_at": SENT, "shows": Shows.PRIVATE} | changes
    await office.calls(state=State.DONE, **values)

    await Retention(office.store.writer).erase(CALLEE.e164, dry=False)

    assert await office.ids() == [other.id]


# Who may see whole numbers


@pytest.mark.parametrize(
    ("policy", "sees"),
    [
        (Policy(), False),
        (Policy(full_numbers=True), True),
        (Policy(admins=frozenset({"U1"})), True),
        (Policy(admins=frozenset({"T1:U1"})), True),
        (Policy(admins=frozenset({"U2"})), False),
    ],
)
def test_admins_see_all_numbers(policy: Policy, *, sees: bool) -> None:
    """As does everybody, if the operator says so."""
    assert policy.sees_all_numbers(ANN) is sees
