"""Settings: one complaint with everything in it, and no secret in sight."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from bot.calls.phone import PhoneNumber
from bot.errors import BadSettings
from bot.settings import settings
from enough import ENOUGH


def test_five_values_are_enough() -> None:
    """Everything else has a default that works for a first call in the US."""
    chosen = settings.read(ENOUGH)

    assert chosen.is_socket_mode
    assert chosen.slack_api_url == "https://slack.com/api/"
    assert chosen.rc_server_url == "https://platform.ringcentral.com"
    assert chosen.database_url == "sqlite:///ringout.db"
    assert chosen.ringout_from is None
    assert chosen.ringout_countries == frozenset({"US"})
    assert not chosen.full_numbers
    assert chosen.timing.poll == timedelta(seconds=2)
    assert chosen.timing.log_delay == timedelta(seconds=20)
    assert chosen.timing.log_give_up == timedelta(seconds=900)
    assert chosen.port is None
    assert chosen.ringout_log_format == "auto"
    assert chosen.otlp_endpoint == ""


def test_signed_http_has_a_port_anyway_and_socket_mode_if_it_is_named() -> None:
    """Slack must find the first; the second is for operators alone."""
    http = ENOUGH | {"SLACK_APP_TOKEN": "", "SLACK_SIGNING_SECRET": "secret-6"}

    assert settings.read(http).port == 3000
    assert settings.read(ENOUGH | {"PORT": "9000"}).port == 9000


def test_everything_that_is_missing_is_named_at_once() -> None:
    """Whoever sets it up should not have to start it five times."""
    with pytest.raises(BadSettings) as refused:
        settings.read({})

    for name in ENOUGH:
        assert name in str(refused.value)
    assert "SLACK_SIGNING_SECRET" in str(refused.value)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SLACK_BOT_TOKEN", "token"),
        ("SLACK_APP_TOKEN", "xoxb-1"),
        ("PORT", "http"),
        ("PORT", "70000"),
        ("SLACK_API_URL", "slack.com/api"),
        ("RC_SERVER_URL", "ftp://platform.ringcentral.com"),
        ("DATABASE_URL", "ringout.db"),
        ("RINGOUT_FROM", "6505550101"),
        ("RINGOUT_FROM", "+1 MY PHONE"),
        ("RINGOUT_REGION", "XX"),
        ("RINGOUT_COUNTRIES", "US,Kanada"),
        ("RINGOUT_SHOW_NUMBERS", "some"),
        ("RINGOUT_ALLOWED_USERS", "ann"),
        ("RINGOUT_ALLOWED_CHANNELS", "#sales"),
        ("RINGOUT_ADMINS", "C1"),
        ("RINGOUT_CALLS_PER_MINUTE", "0"),
        ("RINGOUT_CALLS_PER_MINUTE", "many"),
        ("RINGOUT_POLL_SECONDS", "0"),
        ("RINGOUT_LOG_DELAY_SECONDS", "soon"),
        ("RINGOUT_LOG_GIVE_UP_SECONDS", "-1"),
        ("RINGOUT_LOG_FORMAT", "xml"),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "collector:4318"),
    ],
)
def test_a_malformed_value_is_named_without_being_repeated(
    name: str, value: str
) -> None:
    """A secret pasted into the wrong line must not land on the screen."""
    with pytest.raises(BadSettings) as refused:
        settings.read(ENOUGH | {name: value})

    assert name in str(refused.value)
    assert "secret" not in str(refused.value)


@pytest.mark.parametrize("host", ["https://bot.example", "http://localhost:3000"])
def test_people_reach_the_bot_at_a_host_and_below_no_path(host: str) -> None:
    """Cookies are for paths of ours: below another one no browser would send them."""
    serving = ENOUGH | {"PORT": "3000"}

    assert settings.read(serving | {"PUBLIC_URL": f"{host}/"}).public_url == host
    for path in ("/bot", "/bot/", "/slack/events"):
        with pytest.raises(BadSettings, match="PUBLIC_URL must end with the host"):
            settings.read(serving | {"PUBLIC_URL": f"{host}{path}"})


def test_every_value_can_be_set() -> None:
    """The whole table, once."""
    chosen = settings.read(
        ENOUGH
        | {
            "SLACK_APP_TOKEN": "",
            "SLACK_SIGNING_SECRET": "s",
            "HOST": "10.0.0.5",
            "PORT": "8080",
            "SLACK_API_URL": "https://slack-gov.com/api",
            "RC_SERVER_URL": "https://rc.example/",
            "DATABASE_URL": "postgresql://bot@db/calls",
            "RINGOUT_FROM": "+16505550101",
            "RINGOUT_REGION": "de",
            "RINGOUT_COUNTRIES": "de, at",
            "RINGOUT_SHOW_NUMBERS": "FULL",
            "RINGOUT_ALLOWED_USERS": "U1, W2",
            "RINGOUT_ALLOWED_CHANNELS": "C1,G2,D3",
            "RINGOUT_ADMINS": "U1",
            "RINGOUT_CALLS_PER_MINUTE": "3",
            "RINGOUT_POLL_SECONDS": "0.1",
            "RINGOUT_LOG_DELAY_SECONDS": ".5",
            "RINGOUT_LOG_GIVE_UP_SECONDS": "10",
        }
    )

    assert not chosen.is_socket_mode
    assert (chosen.host, chosen.port) == ("10.0.0.5", 8080)
    assert chosen.slack_api_url == "https://slack-gov.com/api/"
    assert chosen.rc_server_url == "https://rc.example"
    assert chosen.ringout_from == PhoneNumber("+16505550101")
    assert chosen.ringout_countries == frozenset({"DE", "AT"})
    assert chosen.full_numbers
    assert chosen.ringout_allowed_users == {"U1", "W2"}
    assert chosen.ringout_allowed_channels == {"C1", "G2", "D3"}
    assert chosen.ringout_admins == {"U1"}
    assert chosen.ringout_calls_per_minute == 3
    assert chosen.timing.log_delay == timedelta(seconds=0.5)


def test_no_country_code_but_the_homes_is_dialled_unless_told() -> None:
    """+1 809 looks like home and is billed like abroad."""
    assert settings.read(ENOUGH | {"RINGOUT_COUNTRIES": "*"}).ringout_countries is None
    at_home = settings.read(ENOUGH | {"RINGOUT_REGION": "DE"})
    assert at_home.ringout_countries == frozenset({"DE"})


def test_no_secret_is_in_the_repr() -> None:
    """Settings end up in tracebacks and issue reports."""
    chosen = settings.read(ENOUGH | {"DATABASE_URL": "postgresql://u:pw-6@db/x"})

    shown = repr(chosen)

    assert "secret" not in shown
    assert "pw-6" not in shown


def test_the_real_environment_wins_over_the_file(tmp_path: Path) -> None:
    """What the service manager sets is what counts."""
    (tmp_path / ".env").write_text("PORT=1\nHOST=10.0.0.1\nEMPTY=\n")

    env = settings.environment({"PORT": "2"}, tmp_path)

    assert env == {"PORT": "2", "HOST": "10.0.0.1"}


def test_slack_run_gives_the_tokens_of_the_app_that_it_installed(
    tmp_path: Path,
) -> None:
    """Else a trial with the Slack CLI would take another app's commands."""
    (tmp_path / ".env").write_text(
        "SLACK_BOT_TOKEN=xoxb-of-the-file\nSLACK_APP_TOKEN=xapp-\nPORT=1\n"
    )
    given = {"SLACK_CLI_XOXB": "xoxb-given", "SLACK_CLI_XAPP": "xapp-given"}

    run = settings.environment(given, tmp_path)
    told = settings.environment(given | {"SLACK_BOT_TOKEN": "xoxb-told"}, tmp_path)
    alone = settings.environment({"SLACK_APP_TOKEN": ""}, tmp_path)

    assert (run["SLACK_BOT_TOKEN"], run["SLACK_APP_TOKEN"]) == tuple(given.values())
    assert run["PORT"] == "1"
    assert told["SLACK_BOT_TOKEN"] == "xoxb-told"
    assert alone == {"SLACK_BOT_TOKEN": "xoxb-of-the-file", "PORT": "1"}
