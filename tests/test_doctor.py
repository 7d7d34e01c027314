"""The doctor: a line for each check, and what to do where one fails."""

from __future__ import annotations

import pytest
from town import Town

from bot import doctor
from bot.storage.store import Store


async def examined(
    town: Town, capsys: pytest.CaptureFixture[str], **changes: str
) -> tuple[int, str]:
    """Return the doctor's exit code and lines."""
    code = await doctor.examine(town.settings(**changes), trace=None)
    return code, capsys.readouterr().out


async def test_a_healthy_bot_has_no_failed_line(
    closed_town: Town, capsys: pytest.CaptureFixture[str]
) -> None:
    """Settings, database, both accounts, phones, the log, the clock."""
    code, out = await examined(closed_town, capsys)

    assert code == 0, out
    for name in ("settings", "database", "Slack bot token", "Slack scopes",
                 "Slack delivery", "RingCentral sign-in", "RingOut feature",
                 "phones for from", "numbers for callerId", "call log", "clock"):  # fmt: skip
        assert f"ok    {name}:" in out
    assert "6505550101" not in out
    assert closed_town.posts == 0


@pytest.mark.parametrize(
    ("changes", "line", "advice"),
    [
        ({"SLACK_BOT_TOKEN": "xoxb-x"}, "FAIL  Slack bot token", "OAuth & Permissions"),
        ({"SLACK_APP_TOKEN": "xapp-x"}, "FAIL  Slack delivery", "connections:write"),
        ({"RC_USER_JWT": "eyJ.x.y"}, "FAIL  RingCentral sign-in", "RC_USER_JWT"),
        ({"DATABASE_URL": "sqlite:////nowhere/x.db"}, "FAIL  database", "DATABASE_URL"),
    ],
)
async def test_what_is_wrong_is_named_with_what_to_do(
    closed_town: Town,
    capsys: pytest.CaptureFixture[str],
    changes: dict[str, str],
    line: str,
    advice: str,
) -> None:
    """Exit code 1; the other checks go on."""
    code, out = await examined(closed_town, capsys, **changes)

    assert code == 1
    assert line in out
    assert advice in out
    assert "ok    settings" in out


async def test_missing_scopes_permissions_and_phones_are_found(
    closed_town: Town, capsys: pytest.CaptureFixture[str]
) -> None:
    """What an admin forgets most."""
    town = closed_town
    town.slack.rules.scopes = {"chat:write", "commands"}
    town.ringcentral.logins.scopes = {"ReadCallLog", "ReadAccounts"}
    town.ringcentral.directory.forwarding_numbers.clear()

    code, out = await examined(town, capsys)

    assert code == 1
    assert "missing: im:write" in out
    assert "missing: RingOut" in out
    assert "none that can ring" in out


async def test_a_clock_that_is_off_is_found(
    closed_town: Town, capsys: pytest.CaptureFixture[str]
) -> None:
    """Matching by time would fail, and signatures too."""
    closed_town.ringcentral.clock.skew = 3600.0

    code, out = await examined(closed_town, capsys)

    assert code == 1
    assert "FAIL  clock" in out
    assert "NTP" in out


async def test_a_trace_settles_what_nobody_has_documented(
    closed_town: Town, capsys: pytest.CaptureFixture[str]
) -> None:
    """RingOut id, record ids, and the seconds between end, 404 and record."""
    town = closed_town
    await town.open()
    await town.types()
    card = await town.finished()
    await town.close()
    call = str(card.blocks).split("call `")[1].split("`")[0]

    code = await doctor.examine(town.settings(), trace=call)
    out = capsys.readouterr().out
    unknown = await doctor.examine(town.settings(), trace="nobody")

    assert (code, unknown) == (0, 1)
    assert town.ringcentral.calls[0].id in out
    for line in ("end to 404", "404 to record", "log records", "history"):
        assert line in out
    assert "4155550142" not in out
    store = Store(town.settings().database_url)
    stored = await store.get(call)
    store.close()
    assert stored is not None
    assert stored.records[0] in out
