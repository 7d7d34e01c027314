"""Off-boarding from the command line: who is connected, disconnect, erase a person."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from functools import partial
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Table, func, insert, select, update

from bot.accounts.person_tokens import closed
from bot.after.remarks import Remarks
from bot.calls.aftermath import CALL_BACK_WORD, Dispositions
from bot.calls.call import End, Place, State
from bot.calls.people.person import Person, Preferences
from bot.cli import people
from bot.cli.main import main
from bot.errors import Refused
from bot.ringcentral.sign_in.tokens import Tokens, why_final
from bot.sandbox.ringcentral.double import RingCentralDouble
from bot.storage.calls.store import Store
from bot.storage.people import tables
from bot.storage.people.connections import Connections
from bot.storage.people.installations import Installations
from bot.storage.people.linked import Extension
from bot.storage.people.roster import ABOUT_A_PERSON
from bot.storage.policy.tables import audit_rows
from bot.switchboard.policy import Policy
from bot.vault import Vault, new_key
from every_table import METADATA
from fakes import FakeClock
from installed import in_
from intents import NOON, a_call, add_call

KEY = new_key()
ANN, ANN_THERE = Person("", "T1", "U1"), Person("", "T2", "U1")
BOB, GRID = Person("", "T1", "U2"), Person("E1", "T3", "U1")
SECRET = "a-secret-token"


def settings(store: Store, **changes: Any) -> Any:
    """Return what the commands read; RingCentral's app is not set."""
    given = {
        "database_url": store.url,
        "ringout_secret_key": (KEY,),
        "rc_server_url": "http://127.0.0.1:9",
        "rc_app_client_id": "",
        "rc_app_client_secret": "",
        "lets_connect": True,
    }
    return SimpleNamespace(**given | changes)


async def connect(store: Store, *persons: Person) -> None:
    """Store the sign-ins of *persons*."""
    for person in persons:
        tokens = Tokens(
            access=SECRET, refresh=f"{SECRET}-2", fresh_until=NOON + timedelta(hours=1)
        )
        await Connections(store.writer, Vault([KEY])).put(
            f"c-{person.team}-{person.user}",
            person,
            "oauth",
            Extension("7", "101", "Ann \x1b[31mArcher", "9"),
            closed(tokens),
            NOON,
        )
        await Connections(store.writer, Vault([KEY])).prefer(person, Preferences())


async def rows(store: Store, *counted: Table) -> list[int]:
    """Return how many rows each table has."""
    return [
        await store.writer.run(
            lambda c, t=table: c.scalar(select(func.count()).select_from(t)) or 0  # type: ignore[misc]
        )
        for table in counted
    ]


async def call(store: Store, name: str, person: Person, **values: Any) -> None:
    """Store a call of somebody's."""
    place = Place(person.team, "C1", person.user, person.enterprise)
    made = a_call(
        id=name, key=name, place=place, account=f"c-{place.team}-{place.user}"
    )
    await add_call(store, made, most=99, again=True)
    state = values.get("state", State.DONE)
    calls = METADATA.tables["calls"]
    done = update(calls).where(calls.c.id == name).values(state=state)
    await store.writer.run(lambda c: c.execute(done))


# Who is connected


async def test_the_list_says_since_when_and_whether_it_works_and_no_secret(
    store: Store, capsys: pytest.CaptureFixture[str]
) -> None:
    """An operator sees at a glance who would lose what."""
    await connect(store, ANN, BOB, GRID)
    await call(store, "a", ANN)
    broken = Connections(store.writer, Vault([KEY]))
    await broken.tokens.mark_broken("c-T1-U2", 0, NOON, "OAU-236")

    code = await people.people(settings(store))

    day = f"{NOON:%Y-%m-%d}"
    name = "Ann \ufffd[31mArcher"
    assert code == 0
    assert capsys.readouterr().out.splitlines() == [
        f"SLACK ID  WORKSPACE  {'NAME':{len(name)}}  {'SINCE':10}  {'LAST USED':10}  STATE",
        f"U1        T1         {name}  {day}  {day}  working",
        f"U2        T1         {name}  {day}  -           ended {day} (OAU-236)",
        f"U1        E1/T3      {name}  {day}  -           working",
    ]


async def test_a_lost_key_and_nobody_at_all_are_said(
    store: Store, capsys: pytest.CaptureFixture[str]
) -> None:
    """Without a key nothing is said of it: the list does not need one."""
    await people.people(settings(store))
    await connect(store, ANN)
    await people.people(settings(store, ringout_secret_key=(new_key(),)))
    await people.people(settings(store, ringout_secret_key=()))

    nobody, _, lost, _, without = capsys.readouterr().out.splitlines()
    assert nobody == "nobody is connected"
    assert lost.endswith("no key fits")
    assert without.endswith("working")
    assert SECRET not in lost + without


ESCAPES = "\x1b]0;own\x07\x1b[2J\nU2 T1 ok\u202e"
"""Renames the operator's terminal, clears it, begins a line, and turns one around."""


async def test_no_code_no_name_and_no_id_speaks_to_the_terminal(
    store: Store, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whoever answers in RingCentral's place could forge a line, "ok"."""
    evil = Person("", f"T9{ESCAPES}", "U1")
    await connect(store, ANN, evil)
    why = why_final(Refused(400, f"OAU{ESCAPES}", oauth="invalid_grant"))
    tokens = Connections(store.writer, Vault([KEY])).tokens
    await tokens.mark_broken("c-T1-U1", 0, NOON, why)

    await people.people(settings(store))
    for command in (people.disconnect, people.erase_person):
        await command(settings(store), "U1", team="", dry=True)
        await command(settings(store), "U1", team=evil.team, dry=True)
        await command(settings(store), f"U3{ESCAPES}", team="", dry=True)

    said = capsys.readouterr()
    lines = (said.out + said.err).splitlines()
    assert len(lines) == 3 + 2 * (3 + 1 + 1)
    assert all(line.isprintable() for line in lines)
    assert not any(line.startswith("U2") for line in lines)


@given(st.lists(st.tuples(st.text(), st.text()), min_size=1))
def test_each_row_of_a_table_is_one_line(cells: list[tuple[str, str]]) -> None:
    """Whatever stands in its cells."""
    lines = people.table(cells).split("\n")

    assert len(lines) == len(cells) + 1
    assert all(line.isprintable() for line in lines)


# Whom an id means


PLACES = st.sampled_from(["", "T1", "T2", "E1", "E2"])
PERSONS = st.lists(st.builds(Person, PLACES, PLACES, st.just("U1")), unique=True)


@given(found=PERSONS, team=PLACES)
def test_a_team_names_a_workspace_or_an_organization_and_nobody_elses(
    found: Sequence[Person], team: str
) -> None:
    """The same id is another person elsewhere."""
    chosen = people.named(found, team)

    assert all(team in ("", each.team, each.enterprise) for each in chosen)
    assert team or chosen == list(found)


@pytest.mark.parametrize("command", [people.disconnect, people.erase_person])
async def test_an_id_that_fits_several_workspaces_is_listed_and_nobody_touched(
    store: Store, capsys: pytest.CaptureFixture[str], command: Any
) -> None:
    """Otherwise a leaver's namesake would lose their sign-in."""
    await connect(store, ANN, ANN_THERE, GRID)

    codes = [
        await command(settings(store), "U1", team="", dry=dry) for dry in (True, False)
    ]

    assert codes == [2, 2]
    said = capsys.readouterr()
    assert said.out == ""
    assert "  U1 in T1\n  U1 in T2\n  U1 in E1/T3\n" in said.err
    assert await rows(store, tables.connections) == [3]


@pytest.mark.parametrize(
    ("team", "left"), [("T1", 2), ("T2", 2), ("E1", 2), ("T3", 2), ("T9", 3)]
)
async def test_with_a_team_only_its_person_is_disconnected(
    store: Store, team: str, left: int
) -> None:
    """A workspace that nobody of that id is in has nobody to disconnect."""
    await connect(store, ANN, ANN_THERE, GRID)

    await people.disconnect(settings(store), "U1", team=team, dry=False)

    assert await rows(store, tables.connections, tables.revocations) == [left, 3 - left]


# Disconnecting and erasing


@pytest.mark.parametrize("command", [people.disconnect, people.erase_person])
async def test_a_dry_run_says_who_and_touches_nothing(
    store: Store, capsys: pytest.CaptureFixture[str], command: Any
) -> None:
    """It needs no key either."""
    await connect(store, ANN, BOB)
    await call(store, "a", ANN)
    every = [table for table in METADATA.sorted_tables if table.name != "processes"]
    before = await rows(store, *every)

    given_key = settings(store, ringout_secret_key=())
    code = await command(given_key, "U1", team="", dry=True)

    assert code == 0
    assert capsys.readouterr().out.startswith("would be ")
    assert await rows(store, *every) == before


async def test_who_is_not_connected_needs_no_disconnecting(
    store: Store, capsys: pytest.CaptureFixture[str]
) -> None:
    """A script may run twice."""
    codes = [
        await people.disconnect(settings(store), "U1", team="", dry=False),
        await people.erase_person(settings(store), "U1", team="", dry=False),
    ]

    assert codes == [0, 0]
    assert capsys.readouterr().out.splitlines() == [
        "U1 is not connected: nothing to do",
        "nothing is stored about U1",
    ]


@pytest.mark.parametrize("command", [people.disconnect, people.erase_person])
async def test_without_the_key_nothing_is_erased(
    store: Store, capsys: pytest.CaptureFixture[str], command: Any
) -> None:
    """The session at RingCentral could never be ended."""
    await connect(store, ANN)

    code = await command(
        settings(store, ringout_secret_key=()), "U1", team="", dry=False
    )

    assert code == 2
    assert "RINGOUT_SECRET_KEY is missing" in capsys.readouterr().err
    assert await rows(store, tables.connections) == [1]


async def test_the_session_is_ended_at_ringcentral_too(
    double: RingCentralDouble, store: Store, capsys: pytest.CaptureFixture[str]
) -> None:
    """As ``/ringout disconnect`` does; what RingCentral refuses is tried again later."""
    await connect(store, ANN, BOB)
    app = {
        "rc_server_url": double.url,
        "rc_app_client_id": double.logins.client_id,
        "rc_app_client_secret": double.logins.client_secret,
    }

    ended = await people.disconnect(settings(store, **app), "U1", team="", dry=False)
    double.faults.add("status", path_contains="/oauth/revoke")
    later = await people.disconnect(settings(store, **app), "U2", team="", dry=False)

    assert (ended, later) == (0, 1)
    assert capsys.readouterr().out.splitlines() == [
        "disconnected: U1 in T1",
        "RingCentral has ended the session",
        "disconnected: U2 in T1",
        "RingCentral has not ended the session yet: a running bot tries again",
    ]
    assert await rows(store, tables.connections, tables.revocations) == [0, 1]


async def test_a_person_is_erased_from_every_table_and_nobody_else(
    store: Store, capsys: pytest.CaptureFixture[str]
) -> None:
    """Also their finished calls; one that is open owes somebody a reply."""
    await connect(store, ANN, BOB, ANN_THERE)
    for name, person in (("a", ANN), ("b", BOB), ("c", ANN_THERE)):
        await call(store, name, person)
    await call(store, "open", ANN, state=State.FOLLOWING)

    code = await people.erase_person(settings(store), "U1", team="T1", dry=False)

    said = capsys.readouterr().out.splitlines()
    assert code == 1
    assert said[0].startswith("erased: U1 in T1: 1 calls, 0 call-log records, ")
    assert said[0].endswith(
        "1 sign-ins, 1 choices of settings, 0 sign-ins under way, 0 Homes, "
        "0 workflow steps, 0 reminders, 0 cards of missed calls, 0 declined questions, "
        "0 memberships of user groups, 0 requests to admins, "
        "who made 0 installations"
    )
    assert said[-1] == "left: 1 calls that are still open"
    calls = METADATA.tables["calls"]
    assert await rows(store, tables.connections, tables.preferences, calls) == [2, 2, 3]
    assert await store.get("a") is None
    assert await store.get("open") is not None


async def test_no_column_of_any_table_names_who_was_erased(
    store: Store, capsys: pytest.CaptureFixture[str]
) -> None:
    """Neither that of who installed the app, which goes on, nor of who wrote of Bob's call."""
    gone, vault = Person("", "T1", "U0ERASED"), Vault([KEY])
    wide = Person("E1", "", gone.user)
    installations = Installations(store.writer, vault)
    await connect(store, gone)
    await call(store, "a", gone)
    await call(store, "b", BOB)
    await writes_of(store, "b", gone)
    await installations.put(in_("T1", installed_by=gone.user))
    await installations.put(in_("", "E1", installed_by=gone.user))
    await installations.put(in_("T2", installed_by=BOB.user))

    ask = partial(people.erase_person, settings(store), gone.user)
    ambiguous = await ask(team="", dry=True)
    before = [await ask(team=team, dry=True) for team in ("T1", "E1")]
    held = await in_every_row(store, gone.user)
    codes = [await ask(team=team, dry=False) for team in ("T1", "E1")]

    said = capsys.readouterr()
    assert (ambiguous, f"{people.where(wide)}\n" in said.err) == (2, True)
    assert "remarks on 1 calls; 1 sign-ins" in said.out
    assert said.out.count("who made 1 installations") == 4
    assert held > {"calls", "call_events", "connections", "installations"}
    assert await in_every_row(store, gone.user) == {"audit_rows"}  # its own retention
    assert await in_every_row(store, "not-to-be-kept") == set()
    assert (before, codes) == ([0, 0], [1, 0])  # no RingCentral ends the session here
    assert await installations.find("", "T1") is not None
    assert await installations.find("", "T2") == in_("T2", installed_by=BOB.user)


async def test_who_has_only_taken_a_missed_call_is_erased_from_its_card(
    store: Store, capsys: pytest.CaptureFixture[str]
) -> None:
    """With the shared account nothing else need be stored about them."""
    gone = Person("E1", "T1", "U0ERASED")
    row = dict.fromkeys(("account", "user", "caller", "extension", "name"), "")
    row |= {"enterprise": "E1", "team": "", "channel": "C1", "taken_by": gone.user}
    times = dict.fromkeys(("first_at", "last_at", "told_at"), NOON)
    cards = METADATA.tables["missed_cards"]
    made = insert(cards).values(row | times | {"id": "m1", "calls": 1, "version": 1})
    await store.writer.run(lambda c: c.execute(made))
    ask = partial(people.erase_person, settings(store), gone.user, team="")

    codes = [await ask(dry=True), await ask(dry=False)]

    assert codes == [0, 0]
    assert f"erased: {gone.user} in E1" in capsys.readouterr().out
    assert await in_every_row(store, gone.user) <= {"audit_rows"}

    await call(store, "a", gone)  # known by a workspace, too: that is the same person
    await store.writer.run(
        lambda c: c.execute(update(cards).values(taken_by=gone.user))
    )
    assert await ask(dry=False) == 0
    assert await in_every_row(store, gone.user) <= {"audit_rows"}


async def test_who_has_only_answered_a_request_is_erased_from_it(
    store: Store, capsys: pytest.CaptureFixture[str]
) -> None:
    """An admin need have no account and no call; the request is Bob's, and stays."""
    gone = "U0ERASED"
    texts = ("channel", "number", "rules", "words", "wanted", "posted_in")
    row = dict.fromkeys(texts, "") | {"id": "r1", "enterprise": "", "team": "T1"}
    row |= {"user": BOB.user, "answer": "approved", "answered_by": gone}
    asked = METADATA.tables["admin_requests"]
    made = insert(asked).values(row | {"asked_at": NOON})
    await store.writer.run(lambda c: c.execute(made))

    code = await people.erase_person(settings(store), gone, team="", dry=False)

    assert code == 0
    assert f"erased: {gone} in T1" in capsys.readouterr().out
    assert await in_every_row(store, gone) <= {"audit_rows"}
    assert await rows(store, asked) == [1]


async def test_a_call_back_of_their_own_holds_up_no_erasing(store: Store) -> None:
    """It is left to nobody, as its call is erased."""
    gone = Person("", "T1", "U0ERASED")
    await call(store, "a", gone)
    await writes_of(store, "a", gone)
    calls = METADATA.tables["calls"]
    over = update(calls).values(state=State.DONE)
    await store.writer.run(lambda c: c.execute(over))

    code = await people.erase_person(settings(store), gone.user, team="", dry=False)

    assert (code, await store.get("a")) == (0, None)
    assert await in_every_row(store, gone.user) <= {"audit_rows"}


async def writes_of(store: Store, name: str, person: Person) -> None:
    """Have *person* say all that there is to say of a call of somebody else's."""
    calls = METADATA.tables["calls"]
    over = update(calls).where(calls.c.id == name)
    over = over.values(end=End.RECORDED, card_channel="C1")
    await store.writer.run(lambda c: c.execute(over))
    words = Dispositions((CALL_BACK_WORD,), by_channel=True)
    remarks = Remarks(store, Policy(), words, FakeClock())
    place = Place(person.team, "C1", person.user, person.enterprise)
    await remarks.choose(place, name, CALL_BACK_WORD)
    await remarks.claim(place, name)
    await remarks.note(place, name, "not-to-be-kept", None)


async def in_every_row(store: Store, text: str) -> set[str]:
    """Return the tables of which a row holds *text*, encrypted values apart."""
    found = set()
    for table in METADATA.sorted_tables:
        query = select(table)
        rows = await store.writer.run(lambda c, q=query: c.execute(q).all())  # type: ignore[misc]
        if any(text in str(value) for row in rows for value in row):
            found.add(table.name)
    return found


def test_every_table_about_people_is_looked_at() -> None:
    """A new one must be erased with its person as well. The audit says who did what."""
    about = {each for each in METADATA.sorted_tables if "user" in each.columns}

    assert set(ABOUT_A_PERSON) == about - {audit_rows}


# What is typed


@pytest.mark.parametrize(
    "typed",
    [
        ["disconnect"],
        ["disconnect", "ann"],
        ["disconnect", "T1"],
        ["disconnect", "U1", "--team", "U1"],
        ["erase"],
        ["erase", "--person", "+16505550100"],
        ["erase", "+16505550100", "--person", "U1"],
        ["people", "U1"],
    ],
    ids=" ".join,
)
def test_what_is_no_id_is_refused_before_anything_is_read(typed: list[str]) -> None:
    """Exit code 2, as for every wrong argument."""
    with pytest.raises(SystemExit) as ended:
        main(typed)

    assert ended.value.code == 2


def test_a_team_does_not_narrow_the_erasing_of_a_number(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """It would be erased everywhere, which is not what was typed."""
    assert main(["erase", "+16505550100", "--team", "T1"]) == 2
    assert "--team goes with --person" in capsys.readouterr().err
