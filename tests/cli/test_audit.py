"""``ringout-bot audit export``: who did what, numbers masked, and that it was exported."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot.calls.call import Place
from bot.calls.people.person import Person
from bot.cli import export
from bot.cli.audit import AUDITED, export_audit
from bot.cli.main import main
from bot.policy.workspace import AuditAction, AuditRow, WorkspaceId
from bot.storage.calls.exporting import WantedCalls
from bot.storage.calls.store import Store
from bot.storage.people.connections import Connections
from bot.storage.people.linked import Extension, StoredTokens
from bot.storage.policy.audit import Audit, AuditFilter
from bot.storage.policy.exporting import ExportedAudit, WantedRows
from bot.vault import Vault, new_key
from intents import CALLEE, NOON, a_call, add_call

HERE, THERE = WorkspaceId("", "T1"), WorkspaceId("E1", "T2")
REFUSED = AuditRow(
    at=NOON,
    where=HERE,
    user="U1",
    entrance="command",
    action=AuditAction.CALL,
    number=CALLEE.e164,
    rule="country",
    verdict="refuse",
    detail="=not a formula",
)
ROWS = (
    REFUSED,
    replace(REFUSED, at=NOON + timedelta(days=1), user="U2", number="911"),
    replace(REFUSED, where=THERE, number=""),
)


async def fill(store: Store) -> None:
    """Store the rows."""
    for row in ROWS:
        await Audit(store.writer).add(row)


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ({}, [1, 2, 3]),
        ({"since": NOON + timedelta(hours=1)}, [2]),
        ({"until": NOON + timedelta(hours=1)}, [1, 3]),
        ({"user": "U2"}, [2]),
        ({"team": "T1"}, [1, 2]),
        ({"team": "E1"}, [3]),
    ],
)
async def test_rows_are_chosen_by_time_person_and_workspace(
    store: Store, wanted: dict[str, Any], found: list[int]
) -> None:
    """Two companies on one bot: what is handed to one must not have the other's."""
    await fill(store)

    pages = ExportedAudit(store.writer, page=1).pages(WantedRows(**wanted))

    assert [row.id async for page in pages for row in page] == found


@pytest.mark.parametrize("full", [False, True])
async def test_numbers_are_masked_unless_they_are_asked_for(
    store: Store, capsys: pytest.CaptureFixture[str], *, full: bool
) -> None:
    """The audit keeps them in clear; a file goes wherever somebody sends it."""
    await fill(store)
    wanted = WantedRows(team="T1")

    code = await export_audit(store.url, wanted, as_json=True, full_numbers=full)
    first, second, third = map(json.loads, capsys.readouterr().out.splitlines())

    assert code == 0
    assert tuple(first) == AUDITED
    assert first["number"] == (CALLEE.e164 if full else "+1 ••• ••• 0142")
    assert second["number"] == "911"
    assert (third["user"], third["action"]) == ("ringout-bot", "export")
    assert third["detail"] == ("audit, whole numbers" if full else "audit")


async def test_no_cell_is_a_formula(
    store: Store, capsys: pytest.CaptureFixture[str]
) -> None:
    """People choose some of the words, and a spreadsheet opens the file."""
    await fill(store)

    await export_audit(store.url, WantedRows(), as_json=False, full_numbers=True)
    titles, first, *_ = csv.reader(io.StringIO(capsys.readouterr().out))

    assert tuple(titles) == AUDITED
    row = dict(zip(titles, first, strict=True))
    assert (row["number"], row["detail"]) == (f"'{CALLEE.e164}", "'=not a formula")


async def test_an_id_that_fits_several_workspaces_needs_one_named(
    store: Store, capsys: pytest.CaptureFixture[str]
) -> None:
    """The same id is somebody else there."""
    await fill(store)
    wanted = WantedRows(user="U1")

    code = await export_audit(store.url, wanted, as_json=True, full_numbers=False)

    said = capsys.readouterr()
    assert (code, said.out) == (2, "")
    assert "--team" in said.err


async def test_an_export_of_calls_is_in_the_audit_of_each_of_their_workspaces(
    store: Store,
) -> None:
    """Who took all calls along is a question that comes later."""
    for number, team in enumerate(("T1", "T1", "T2")):
        call = a_call(id=f"c{number}", key=f"k{number}", place=Place(team, "C1", "U1"))
        await add_call(store, call, most=99, again=True)

    await export.export(
        store.url, WantedCalls(), as_json=True, full_numbers=True, with_private=False
    )

    for team in ("T1", "T2"):
        wanted = AuditFilter(action=AuditAction.EXPORT)
        [row] = await Audit(store.writer).read(WorkspaceId("", team), wanted)
        assert (row.user, row.detail) == ("ringout-bot", "calls, whole numbers")


async def test_sign_ins_and_their_ends_are_in_the_audit(store: Store) -> None:
    """Whose account placed a call can be told after they have disconnected, too."""
    connections = Connections(store.writer, Vault([new_key()]))
    ann, bob = Person("", "T1", "U1"), Person("", "T1", "U2")
    tokens = StoredTokens(
        secrets={}, version=1, fresh_until=NOON, ends_at=NOON + timedelta(days=1)
    )
    for person in (ann, bob):
        extension = Extension("101", person.user, "Somebody")
        await connections.put(person.user, person, "oauth", extension, tokens, NOON)

    await connections.erase(ann, NOON)
    await connections.erase(bob, NOON, by="U9")

    rows = reversed(await Audit(store.writer).read(HERE))
    assert [(each.user, each.action.value, each.detail) for each in rows] == [
        ("U1", "connected", "oauth"),
        ("U2", "connected", "oauth"),
        ("U1", "disconnected", "oauth"),
        ("U9", "disconnected", "oauth of U2"),
    ]


def test_it_is_typed_with_days_and_options(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    """As ``export`` is."""
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path}/calls.db")

    assert main(["audit", "export", "--since", "2026-11-01", "--team", "T1"]) == 0
    with pytest.raises(SystemExit):
        main(["audit"])
