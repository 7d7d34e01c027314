"""Which settings each command requires, and what it says about a misspelled one."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.cli.main import main
from bot.settings.settings import NAMES
from bot.vault import new_key
from enough import ENOUGH, MALFORMED
from scene import Scene

USED = {
    ("migrate",): ("DATABASE_URL",),
    ("erase", "030 303986300"): ("DATABASE_URL", "RINGOUT_REGION"),
    ("rotate-keys",): ("DATABASE_URL", "RINGOUT_SECRET_KEY"),
    ("people",): ("DATABASE_URL", "RINGOUT_SECRET_KEY"),
    ("disconnect", "U1"): ("DATABASE_URL", "RINGOUT_SECRET_KEY", "RC_SERVER_URL"),
    ("doctor", "--trace", "no-such-call"): ("DATABASE_URL",),
}
"""The settings of commands that only need the database."""

CODES = {
    "migrate": 0,
    "erase": 0,
    "rotate-keys": 0,
    "people": 0,
    "disconnect": 0,
    "doctor": 1,
}
GOOD = {
    "DATABASE_URL": "sqlite:///calls.db",
    "RINGOUT_REGION": "DE",
    "RINGOUT_SECRET_KEY": new_key(),
    "RC_SERVER_URL": "http://127.0.0.1:9",
}
BROKEN = dict(MALFORMED)


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in an empty folder, with no settings in the environment."""
    monkeypatch.chdir(tmp_path)
    for name in NAMES:
        monkeypatch.delenv(name, raising=False)
    return tmp_path


def write(folder: Path, values: dict[str, str]) -> None:
    """Write ``.env``."""
    lines = [f"{name}={value!r}\n" for name, value in values.items()]
    (folder / ".env").write_text("".join(lines))


@pytest.mark.long_table
@pytest.mark.parametrize(("command", "used"), USED.items(), ids=lambda it: it[0])
def test_a_command_asks_only_for_the_settings_that_it_uses(
    folder: Path,
    capsys: pytest.CaptureFixture[str],
    command: tuple[str, ...],
    used: tuple[str, ...],
) -> None:
    """A pipeline that runs the migration should not need Slack's tokens."""
    write(folder, BROKEN | {name: GOOD[name] for name in used})

    code = main(command)

    assert code == CODES[command[0]]
    assert capsys.readouterr().err == ""
    assert (folder / "calls.db").exists()


@pytest.mark.long_table
@pytest.mark.parametrize(
    "command",
    [*USED, ("doctor",), ("run",), ()],
    ids=lambda it: " ".join(it[:2]) or "without one",
)
def test_no_command_prints_a_traceback_of_the_databases_address(
    folder: Path, capsys: pytest.CaptureFixture[str], command: tuple[str, ...]
) -> None:
    """The password of a database would stand in it."""
    for url in ("postgresql://u:a@7391@h/db", "postgresql://u:7391@h:/db"):
        write(folder, GOOD | ENOUGH | {"DATABASE_URL": url})

        assert main(command) == 2
        said = "".join(capsys.readouterr())
        assert said.count("DATABASE_URL") == 1
        assert "7391" not in said


@pytest.mark.long_table
@pytest.mark.parametrize(
    ("command", "name"),
    [(command, name) for command, used in USED.items() for name in used],
)
def test_what_it_uses_is_refused_where_it_is_malformed(
    folder: Path,
    capsys: pytest.CaptureFixture[str],
    command: tuple[str, ...],
    name: str,
) -> None:
    """Exit code 2; the bad value is not printed, and nothing is changed."""
    write(folder, GOOD | {name: BROKEN[name]})

    code = main(command)
    said = capsys.readouterr()

    assert code == 2
    assert f"  - {name} must " in said.err
    assert BROKEN[name] not in said.err
    assert said.out == ""
    assert not (folder / "calls.db").exists()


@pytest.mark.parametrize("command", [("run",), (), ("doctor",)])
def test_a_bot_and_its_doctor_ask_for_all_of_them(
    capsys: pytest.CaptureFixture[str], command: tuple[str, ...]
) -> None:
    """All missing settings are named at once, with exit code 2."""
    assert main(command) == 2

    said = capsys.readouterr().err
    for name in ENOUGH:
        assert name in said


@pytest.mark.long_table
@pytest.mark.parametrize("command", USED, ids=lambda it: it[0])
def test_a_misspelled_setting_is_warned_of_before_the_work(
    folder: Path, capsys: pytest.CaptureFixture[str], command: tuple[str, ...]
) -> None:
    """Otherwise migrating the wrong database would look like a success."""
    write(folder, GOOD | {"DATABSE_URL": "sqlite:///other-7391.db"})

    code = main(command)

    assert code == CODES[command[0]]
    assert capsys.readouterr().err == (
        "an unknown setting is ignored: DATABSE_URL in .env (the nearest setting "
        "is DATABASE_URL)\n"
    )


def test_a_missing_setting_that_is_misspelled_is_named_beside_it(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Operators who just wrote the token need to see their typo."""
    settings = dict(ENOUGH)
    write(folder, settings | {"SLACK_BOT_TOKN": settings.pop("SLACK_BOT_TOKEN")})

    assert main(["run"]) == 2

    said = capsys.readouterr().err
    assert "SLACK_BOT_TOKEN is missing" in said
    assert "SLACK_BOT_TOKN in .env" in said
    assert "secret" not in said


async def test_the_start_warns_of_a_misspelled_setting(scene: Scene) -> None:
    """The bot runs with an unwanted default: the log names the setting."""
    (scene.town.folder / ".env").write_text("RINGOUT_ALOWED_USERS=U-not-to-be-logged\n")

    process = await scene.ready(
        RINGOUT_COUNTRYS="XX-not-to-be-logged", RINGOUT_TEST_DATA="/not-to-be-logged"
    )

    warnings = [each for each in process.log.splitlines() if '"WARNING"' in each]
    assert len(warnings) == 2
    for line, said in zip(
        warnings,
        (
            "RINGOUT_ALOWED_USERS in .env (the nearest setting is RINGOUT_ALLOWED_USERS)",
            "RINGOUT_COUNTRYS in the environment (the nearest setting is RINGOUT_COUNTRIES)",
        ),
        strict=True,
    ):
        assert f"an unknown setting is ignored: {said}" in line
    assert "not-to-be-logged" not in process.log
    assert await process.terminated() == 0
