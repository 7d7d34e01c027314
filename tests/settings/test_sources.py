"""Sources of settings: the environment, then `slack run`, then .env."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.errors import BadSettings
from bot.settings import sources
from bot.settings.sources import Sources


def test_the_real_environment_wins_over_the_file(tmp_path: Path) -> None:
    """What the service manager sets is what counts."""
    (tmp_path / ".env").write_text("PORT=1\nHOST=10.0.0.1\nEMPTY=\n")

    env = Sources.of({"PORT": "2"}, tmp_path).texts

    assert env == {"PORT": "2", "HOST": "10.0.0.1"}


def test_slack_run_gives_the_tokens_of_the_app_that_it_installed(
    tmp_path: Path,
) -> None:
    """Otherwise a trial with the Slack CLI would receive another app's commands."""
    (tmp_path / ".env").write_text(
        "SLACK_BOT_TOKEN=xoxb-of-the-file\nSLACK_APP_TOKEN=xapp-\nPORT=1\n"
    )
    given = {"SLACK_CLI_XOXB": "xoxb-given", "SLACK_CLI_XAPP": "xapp-given"}

    run = Sources.of(given, tmp_path).texts
    told = Sources.of(given | {"SLACK_BOT_TOKEN": "xoxb-told"}, tmp_path).texts
    alone = Sources.of({"SLACK_APP_TOKEN": ""}, tmp_path).texts

    assert (run["SLACK_BOT_TOKEN"], run["SLACK_APP_TOKEN"]) == tuple(given.values())
    assert run["PORT"] == "1"
    assert told["SLACK_BOT_TOKEN"] == "xoxb-told"
    assert alone == {"SLACK_BOT_TOKEN": "xoxb-of-the-file", "PORT": "1"}


def test_a_folder_without_a_file_is_as_good(tmp_path: Path) -> None:
    """A service manager sets everything, so no .env is needed."""
    sources = Sources.of({"PORT": "2"}, tmp_path)

    assert sources.texts == {"PORT": "2"}
    assert sources.unknown == []


def test_a_name_that_is_no_setting_is_found_in_both(tmp_path: Path) -> None:
    """Unknown names are ignored, and only the .env file belongs to the bot alone."""
    (tmp_path / ".env").write_text("RINGOUT_COUNTRYS=US\nTZ=UTC\n")

    found = Sources.of({"TZ": "UTC", "SLACK_BOT_TOKN": "xoxb-1"}, tmp_path).unknown

    assert [(each.name, each.where) for each in found] == [
        ("RINGOUT_COUNTRYS", ".env"),
        ("TZ", ".env"),
        ("SLACK_BOT_TOKN", "the environment"),
    ]


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    """A traceback would show its lines."""
    (tmp_path / ".env").write_bytes(b"RC_USER_JWT=7391\xff\n")

    with pytest.raises(BadSettings, match=r"^\.env can't be read: it is not UTF-8$"):
        Sources.of({}, tmp_path)


def test_a_folder_named_like_the_file_is_named(tmp_path: Path) -> None:
    """Docker makes one where a file to be mounted is missing; no setting is read then."""
    (tmp_path / ".env").mkdir()

    with pytest.raises(BadSettings, match=r"^\.env can't be read: it is a folder$"):
        Sources.of({}, tmp_path)


def test_a_file_that_may_not_be_read_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Root may read every file, so the system's refusal is played."""

    def refused(_: Path) -> dict[str, str]:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(sources, "dotenv_values", refused)

    with pytest.raises(BadSettings, match=r"^\.env can't be read: Permission denied$"):
        Sources.of({}, tmp_path)
