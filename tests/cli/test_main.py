"""The command line before any command runs: fast help, and unsupported systems."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from bot.cli.main import _parser, main
from bot.vault import new_key
from checkout import ROOT
from command_lines import COMMAND_LINES

COMMANDS = [("--help",), (), *COMMAND_LINES.values()]


def test_every_command_is_tried() -> None:
    """What a test says of every command would not hold for one that it does not know."""
    [commands] = [each for each in _parser()._actions if isinstance(each.choices, dict)]

    assert {line[0] for line in COMMAND_LINES.values()} == set(commands.choices or ())


def python(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run this Python in the repository."""
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize("command", [(), ("demo",), ("manifest",)])
def test_help_loads_none_of_what_a_bot_needs(command: tuple[str, ...]) -> None:
    """The libraries take over a second to load; help must not wait for them."""
    done = python("-X", "importtime", "-m", "bot", *command, "--help")
    loaded = {
        line.rpartition("|")[2].strip().partition(".")[0]
        for line in done.stderr.splitlines()
        if line.startswith("import time:")
    }

    assert done.returncode == 0
    assert "bot" in loaded
    assert not loaded & {
        "aiohttp",
        "alembic",
        "cryptography",
        "phonenumbers",
        "psycopg",
        "requests",
        "ringcentral",
        "slack_bolt",
        "slack_sdk",
        "sqlalchemy",
    }


def test_the_demos_help_says_what_it_can_play() -> None:
    """Its stories are the reason to start it twice."""
    assert "answered" in python("-m", "bot", "demo", "--help").stdout


def test_the_guide_lists_exactly_the_commands_there_are(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Operators look up commands in its table."""
    with pytest.raises(SystemExit):
        main(["--help"])
    offered = set(
        re.findall(r"^    ([a-z-]+)\s", capsys.readouterr().out, re.MULTILINE)
    )
    guide = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")

    assert offered
    assert (
        set(re.findall(r"^\| `ringout-bot ([a-z-]+)", guide, re.MULTILINE)) == offered
    )


@pytest.mark.parametrize("system", ["win32", "freebsd14"])
def test_another_system_is_named_in_one_sentence(system: str) -> None:
    """Otherwise an unsupported system shows a traceback of an import or a signal."""
    faked = (
        "import sys; sys.modules['fcntl'] = None; from bot.__main__ import main; "
        f"sys.platform = {system!r}; "
        f"sys.exit({{main(each) for each in {list(map(list, COMMANDS))!r}}} != {{2}})"
    )
    done = python("-c", faked)

    assert done.returncode == 0
    assert done.stdout == ""
    assert done.stderr.splitlines() == [
        f"ringout-bot runs on Linux and macOS, not on this system ({system})."
    ] * len(COMMANDS)


@pytest.mark.parametrize("command", ["migrate", "erase +16505550100", "rotate-keys"])
def test_a_file_that_is_no_database_is_said_once(
    command: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """The same sentence twice looks like two faults."""
    file = tmp_path / "x.db"
    file.write_text("not a database at all, and long enough to be none " * 4)
    env = {"DATABASE_URL": f"sqlite:///{file}", "RINGOUT_SECRET_KEY": new_key()}
    for name, value in env.items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(tmp_path)

    assert main(command.split()) == 2
    said = capsys.readouterr().err
    assert said.count("no SQLite database") == 1
    assert said.count("DATABASE_URL") == 1


def test_a_reader_who_has_had_enough_is_no_error() -> None:
    """``ringout-bot doctor | head -1`` ended with a traceback."""
    program = (
        "import argparse, sys\n"
        "from bot.cli import main\n"
        "def much(_):\n"
        "    while True:\n"
        "        sys.stdout.write('line\\n' * 10_000)\n"
        "main._manifest = much\n"
        "sys.exit(main.main(['manifest']))\n"
    )
    reader = subprocess.Popen(
        [sys.executable, "-c", program],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert reader.stdout is not None
    assert reader.stderr is not None
    assert reader.stdout.readline() == "line\n"
    reader.stdout.close()

    assert reader.wait(30) == 1
    assert reader.stderr.read() == ""
    reader.stderr.close()
