"""``ringout-bot policy``: a workspace's own rules, from a file and back."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from bot.cli.main import main
from bot.policy.workspace import AuditAction, WorkspaceId
from bot.storage.calls.store import Store
from bot.storage.policy.audit import Audit, AuditFilter
from bot.storage.policy.states import PolicyStates
from intents import NOON

HERE, THERE = WorkspaceId("", "T1"), WorkspaceId("E1", "T2")
OWN = 'countries = ["US"]\ncalls_per_day = 40\n'

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Run:
    """Return what runs the command line: its exit code, output and errors."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path}/policy.db")
    monkeypatch.setenv("RINGOUT_COUNTRIES", "US,DE")

    def ran(*argv: str, given: str = "") -> tuple[int, str, str]:
        monkeypatch.setattr("sys.stdin", io.StringIO(given))
        code = main(["policy", *argv])
        said = capsys.readouterr()
        return code, said.out, said.err

    return ran


async def stored(tmp_path: Path, work: Callable[[Store], Awaitable[object]]) -> object:
    """Return what *work* finds in the database."""
    store = Store(f"sqlite:///{tmp_path}/policy.db")
    try:
        await store.open()
        return await work(store)
    finally:
        store.close()


def test_a_file_is_imported_shown_and_exported(run: Run) -> None:
    """Rules are kept in git, and what counts can be looked up."""
    assert run("import", "-", "--team", "T1", given=OWN)[0] == 0

    assert run("export") == (0, OWN, "")
    code, shown, _ = run("show", "--team", "T1")
    assert code == 0
    assert 'countries = ["US"]  # this workspace\'s own' in shown
    assert "version 1, by ringout-bot" in shown
    assert "guests = false  # fixed by the settings" in shown
    again = run("import", "-", "--team", "T1", given=OWN)[1]
    assert again == "These are the rules already: nothing was changed.\n"


async def test_an_import_is_in_the_audit_and_can_be_undone(
    run: Run, tmp_path: Path
) -> None:
    """An admin sees at their desk who changed the rules, and takes it back there."""
    await asyncio.to_thread(run, "import", "-", "--team", "T1", given=OWN)
    state = await stored(tmp_path, lambda s: PolicyStates(s.writer).of(HERE))
    rows = await stored(
        tmp_path, lambda s: Audit(s.writer).read(HERE, AuditFilter(), 10)
    )

    assert isinstance(rows, list)
    assert [(e.action, e.user) for e in rows] == [(AuditAction.RULES, "ringout-bot")]
    assert state.previous == ""  # type: ignore[attr-defined]


@pytest.mark.parametrize("command", ["check", "import"])
def test_what_is_wrong_is_named_by_line_and_nothing_is_saved(
    run: Run, command: str
) -> None:
    """A file with a slip must not half count."""
    wrong = '# ours\ncountries = ["FR"]\ncalls_per_day = "many"\nguests = true\n'
    team = ("--team", "T1") if command == "import" else ()
    code, said, complained = run(command, "-", *team, given=wrong)

    assert (code, said) == (2, "")
    assert [each.split(":")[0] for each in complained.splitlines()] == [
        "line 2",
        "line 3",
        "line 4",
    ]
    assert run("export", "--team", "T1") == (0, "", "")


def test_a_file_that_nothing_is_wrong_with_is_said_so(run: Run, tmp_path: Path) -> None:
    """The check is for a hook in git: its exit code counts."""
    file = tmp_path / "rules.toml"
    file.write_text(OWN, encoding="utf-8")

    assert run("check", str(file)) == (0, "Nothing is wrong with it.\n", "")
    assert run("check", str(tmp_path / "none.toml"))[0] == 2
    file.write_bytes(b"\xff")
    assert run("check", str(file))[0] == 2


async def test_one_of_several_workspaces_has_to_be_named(
    run: Run, tmp_path: Path
) -> None:
    """One company's rules must not be saved as another's."""

    async def fill(store: Store) -> None:
        for where in (HERE, THERE):
            await PolicyStates(store.writer).save(where, OWN, 0, NOON, "U1")

    await stored(tmp_path, fill)
    code, _, said = await asyncio.to_thread(run, "show")
    assert code == 2
    assert ("T1" in said, "E1:T2" in said) == (True, True)
    for name in ("T2", "E1:T2"):
        new = "calls_per_day = 3\n"
        await asyncio.to_thread(run, "import", "-", "--team", name, given=new)
        got = await asyncio.to_thread(run, "export", "--team", name)
        assert got == (0, new, "")
    assert (await asyncio.to_thread(run, "export", "--team", "T1"))[1] == OWN


def test_without_a_call_the_workspace_has_to_be_named(run: Run) -> None:
    """A new bot's rules can be there before its first call."""
    code, _, said = run("export")

    assert code == 2
    assert "--team" in said
    with pytest.raises(SystemExit):
        run("export", "--team", "here")


def test_a_file_may_begin_with_a_byte_order_mark(run: Run, tmp_path: Path) -> None:
    """Windows' Notepad writes one that nobody sees."""
    (tmp_path / "rules.toml").write_text(OWN, encoding="utf-8-sig")

    assert run("check", "rules.toml")[0] == 0
    assert run("check", "-", given=f"\ufeff{OWN}")[0] == 0


def test_show_says_what_counts_after_the_settings_were_tightened(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The file still has both countries; only one of them may be called."""
    own = 'countries = ["GB", "US"]\n'
    monkeypatch.setenv("RINGOUT_COUNTRIES", "US,GB,DE")
    run("import", "-", "--team", "T1", given=own)
    monkeypatch.setenv("RINGOUT_COUNTRIES", "US,DE")

    assert 'countries = ["US"]  # this workspace\'s own' in run("show")[1]
    assert run("export")[1] == own
