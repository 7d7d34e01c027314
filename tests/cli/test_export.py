"""``ringout-bot export``: which calls it prints, and what it leaves out."""

from __future__ import annotations

import csv
import io
import json
import tracemalloc
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert

from bot.calls.aftermath import Aftermath, Remark
from bot.calls.call import Place
from bot.calls.exported import EXPORTED
from bot.calls.people.person import Shows
from bot.cli import export
from bot.cli.export_command import moment_of
from bot.cli.main import main
from bot.storage.calls.exporting import ExportedCalls, WantedCalls
from bot.storage.calls.store import Store
from bot.storage.calls.tables import calls, to_row
from intents import CALLEE, NOON, a_call

DAY = timedelta(days=1)


async def fill(store: Store, *made: dict[str, Any]) -> None:
    """Store calls with these values, a minute apart."""
    rows = [
        to_row(
            a_call(
                id=f"c{number}",
                key=f"t{number}",
                **{"asked_at": NOON + number * timedelta(minutes=1), **values},
            )
        )
        for number, values in enumerate(made)
    ]
    await store.writer.run(lambda c: c.execute(insert(calls), rows))


async def printed(
    store: Store, capsys: pytest.CaptureFixture[str], **wanted: Any
) -> list[dict[str, Any]]:
    """Return what an export as JSON Lines prints."""
    code = await export.export(
        store.url,
        WantedCalls(**wanted),
        as_json=True,
        full_numbers=False,
        with_private=False,
    )
    assert code == 0
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ({}, "0123"),
        ({"since": NOON + timedelta(minutes=2)}, "23"),
        ({"until": NOON + timedelta(minutes=2)}, "01"),
        ({"user": "U2"}, "1"),
        ({"channel": "C2"}, "2"),
        ({"team": "T2"}, "3"),
        ({"team": "T2", "user": "U1"}, "3"),
        ({"team": "E1"}, ""),
    ],
)
async def test_calls_are_chosen_by_time_person_channel_and_workspace(
    store: Store,
    capsys: pytest.CaptureFixture[str],
    wanted: dict[str, Any],
    found: str,
) -> None:
    """An operator exports one team's month, not everybody's life."""
    await fill(
        store,
        {},
        {"place": Place("T1", "C1", "U2")},
        {"place": Place("T1", "C2", "U1")},
        {"place": Place("T2", "C3", "U1")},
    )

    rows = await printed(store, capsys, **wanted)

    assert "".join(row["call"][1:] for row in rows) == found


async def test_an_id_that_fits_several_workspaces_is_listed_and_nothing_printed(
    store: Store, capsys: pytest.CaptureFixture[str]
) -> None:
    """The same id is somebody else there; in an organization it is the same person."""
    await fill(
        store,
        {},
        {"place": Place("T2", "C1", "U1")},
        {"place": Place("T3", "C9", "U9", "E1")},
        {"place": Place("T4", "C9", "U9", "E1")},
    )
    for ambiguous in (WantedCalls(user="U1"), WantedCalls(channel="C1")):
        code = await export.export(
            store.url,
            ambiguous,
            as_json=False,
            full_numbers=True,
            with_private=True,
        )
        said = capsys.readouterr()
        assert (code, said.out) == (2, "")
        assert said.err.splitlines()[1:] == ["  T1", "  T2"]

    assert len(await printed(store, capsys, user="U9", channel="C9")) == 2
    assert len(await printed(store, capsys, user="U1", team="T2")) == 1


async def test_a_listed_workspace_does_not_speak_to_the_terminal(
    store: Store, capsys: pytest.CaptureFixture[str]
) -> None:
    """Ids come from outside."""
    await fill(store, {}, {"place": Place("T2\x1b[2J\n  T3", "C1", "U1")})

    wanted = WantedCalls(user="U1")
    await export.export(
        store.url, wanted, as_json=True, full_numbers=True, with_private=True
    )

    said = capsys.readouterr().err
    assert said.splitlines()[1:] == ["  T1", "  T2\ufffd[2J\ufffd  T3"]


async def test_pages_are_one_list_without_gaps_or_repeats(store: Store) -> None:
    """Calls of one moment lie on both sides of a page's end."""
    await fill(store, *({"asked_at": NOON + n // 3 * DAY} for n in range(10)))
    source = ExportedCalls(store, page=2)

    found = [call.id async for page in source.pages(WantedCalls()) for call in page]

    assert found == [f"c{number}" for number in range(10)]


async def test_the_memory_of_an_export_does_not_grow_with_the_calls(
    store: Store,
) -> None:
    """A hundred thousand calls must not end a small machine's bot beside it."""
    await fill(store, *({} for _ in range(400)))
    peaks = []
    for until in (50, 400):
        wanted = WantedCalls(until=NOON + until * timedelta(minutes=1))
        tracemalloc.start()
        async for _ in ExportedCalls(store, page=25).pages(wanted):
            pass
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()

    assert peaks[1] < 2 * peaks[0]


def test_it_is_typed_with_days_and_options(
    migrated: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """CSV has its header even of no calls; a day that is none is said to be."""
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{migrated}")

    code = main(
        ["export", "--since", "2026-11-30", "--until", "2026-12-01T00:00+01:00"]
    )

    assert code == 0
    assert list(csv.reader(io.StringIO(capsys.readouterr().out))) == [list(EXPORTED)]
    for wrong in (["--since", "yesterday"], ["--person", "ann"], ["--team", "C1"]):
        with pytest.raises(SystemExit) as ended:
            main(["export", *wrong])
        assert ended.value.code == 2


@pytest.mark.parametrize("shows", [Shows.CHANNEL, Shows.PRIVATE])
async def test_numbers_and_private_calls_are_shown_only_when_asked_for(
    store: Store, capsys: pytest.CaptureFixture[str], shows: Shows
) -> None:
    """The file goes to people who may not read the database."""
    await fill(store, {"shows": shows})
    said = {}
    for numbers in (False, True):
        for private in (False, True):
            await export.export(
                store.url,
                WantedCalls(),
                as_json=False,
                full_numbers=numbers,
                with_private=private,
            )
            said[numbers, private] = capsys.readouterr().out

    kept = shows is Shows.PRIVATE
    for (numbers, private), text in said.items():
        assert (CALLEE.e164 in text) is (numbers and (private or not kept))
        assert ("0142" in text) is (private or not kept)


async def test_notes_are_shown_only_when_asked_for(
    store: Store, capsys: pytest.CaptureFixture[str]
) -> None:
    """An outcome is one of the operator's words; a note may hold anything."""
    said = Aftermath(Remark("Spoke", "U1", NOON), Remark("=sum(kept)", "U1", NOON))
    await fill(store, {"aftermath": said})
    shown = []
    for notes in (False, True):
        await export.export(
            store.url,
            WantedCalls(),
            as_json=False,
            full_numbers=False,
            with_private=False,
            with_notes=notes,
        )
        shown.append(capsys.readouterr().out)

    assert ["sum(kept)" in each for each in shown] == [False, True]
    assert '"\'=sum(kept)"' in shown[1]
    assert '"Spoke"' in shown[0]


def test_moments_are_read_in_utc_or_by_their_zone() -> None:
    """Midnight of a machine in another zone would cut a day in two."""
    assert moment_of("2026-11-30") == datetime(2026, 11, 30, tzinfo=UTC)
    assert moment_of("2026-11-30T01:00+02:00") == datetime(2026, 11, 29, 23, tzinfo=UTC)
