"""Settings: one complaint with everything in it, and no secret in sight."""

from __future__ import annotations

from datetime import time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.calls.aftermath import Dispositions
from bot.calls.digest_plan import DigestPlan
from bot.calls.exported import ShownNumbers
from bot.calls.missed_places import MissedPlaces
from bot.calls.numbers.phone import PhoneNumber
from bot.calls.numbers.tariff import Tariff
from bot.calls.voicemail import VoicemailShow
from bot.errors import BadSettings
from bot.policy.rules import Askable, CallCap, Limit, PolicyRules, QuietHours, Ruling
from bot.settings import readers, reading, settings
from bot.settings.outer_bound import rules_of
from bot.vault import new_key
from enough import ENOUGH, MALFORMED

KEY, OLD_KEY = new_key(), new_key()
HOOK_SECRET, OLD_HOOK_SECRET = f"whsec_{'bmV3' * 8}", f"whsec_{'b2xk' * 8}"


def test_five_values_are_enough() -> None:
    """Everything else has a default that works for a first call in the US."""
    chosen = reading.read(ENOUGH)

    assert chosen.is_socket_mode
    assert chosen.slack_api_url == "https://slack.com/api/"
    assert chosen.rc_server_url == "https://platform.ringcentral.com"
    assert chosen.database_url == "sqlite:///ringout.db"
    assert chosen.ringout_from is None
    assert rules_of(chosen) == PolicyRules()
    assert not chosen.full_numbers
    assert chosen.timing.poll == timedelta(seconds=2)
    assert chosen.timing.log_delay is None
    assert chosen.timing.log_give_up == timedelta(seconds=900)
    assert chosen.port is None
    assert chosen.ringout_log_format == "auto"
    assert chosen.otel_exporter_otlp_endpoint == ""


def test_signed_http_has_a_port_anyway_and_socket_mode_if_it_is_named() -> None:
    """Slack must reach the first port; the second is only for operators."""
    http = ENOUGH | {"SLACK_APP_TOKEN": "", "SLACK_SIGNING_SECRET": "secret-6"}

    assert reading.read(http).port == 3000
    assert reading.read(ENOUGH | {"PORT": "9000"}).port == 9000


def test_everything_that_is_missing_is_named_at_once() -> None:
    """One start reports all mistakes, so nobody has to start it five times."""
    with pytest.raises(BadSettings) as refused:
        reading.read({})

    for name in ENOUGH:
        assert name in str(refused.value)
    assert "SLACK_SIGNING_SECRET" in str(refused.value)


@pytest.mark.parametrize(("name", "value"), MALFORMED)
def test_a_malformed_value_is_named_without_being_repeated(
    name: str, value: str
) -> None:
    """A secret pasted into the wrong line must not land on the screen."""
    with pytest.raises(BadSettings) as refused:
        reading.read(ENOUGH | {name: value})

    assert f"  - {name} must " in str(refused.value)
    assert "secret-" not in str(refused.value)
    assert "7391" not in str(refused.value)


def test_every_setting_that_can_be_malformed_is_tried_so() -> None:
    """A malformed setting must fail at the start, not at the first call."""
    read = {name for name, row in settings.SETTINGS.items() if row.read != readers.text}

    assert {name for name, _ in MALFORMED} == read


@given(
    name=st.sampled_from(settings.NAMES),
    value=st.text(st.characters(codec="ascii", exclude_categories=["C"]), min_size=12),
)
def test_no_complaint_repeats_a_value(name: str, value: str) -> None:
    """A complaint never repeats the value, since it may be a secret."""
    said = ""
    try:
        reading.read(ENOUGH | {name: f"7391{value}"})
    except BadSettings as error:
        said = str(error)

    assert "7391" not in said


def test_everything_that_is_malformed_is_named_at_once() -> None:
    """One start reports all mistakes, so nobody has to start it thirty times."""
    with pytest.raises(BadSettings) as refused:
        reading.read(ENOUGH | dict(MALFORMED))

    for name, _ in MALFORMED:
        assert f"  - {name} must " in str(refused.value)


def test_a_malformed_region_is_complained_of_once() -> None:
    """The countries follow from it, and nobody has set those."""
    with pytest.raises(BadSettings) as refused:
        reading.read(ENOUGH | {"RINGOUT_REGION": "XX"})

    assert str(refused.value).count("  - ") == 1


def test_only_what_is_asked_for_is_read() -> None:
    """A migration needs no token, and must not fail because of a malformed one."""
    env = {"DATABASE_URL": "sqlite:///x.db", "SLACK_BOT_TOKEN": "token", "PORT": "x"}

    chosen = reading.read_only(env, ["DATABASE_URL"])

    assert chosen.database_url == "sqlite:///x.db"
    assert (chosen.slack_bot_token, chosen.port) == ("", 3000)
    with pytest.raises(BadSettings, match=r"  - PORT must [^-]*$"):
        reading.read_only(env, ["DATABASE_URL", "PORT"])


def test_every_default_is_well_formed() -> None:
    """A default is read as any other text, but never complained of."""
    reading.read_only({}, [])


@pytest.mark.parametrize("host", ["https://bot.example", "http://localhost:3000"])
def test_people_reach_the_bot_at_a_host_and_below_no_path(host: str) -> None:
    """Our cookies name our paths; under another path browsers would not send them."""
    serving = ENOUGH | {"PORT": "3000"}

    assert reading.read(serving | {"PUBLIC_URL": f"{host}/"}).public_url == host
    for path in ("/bot", "/bot/", "/slack/events"):
        with pytest.raises(BadSettings, match="PUBLIC_URL must end with the host"):
            reading.read(serving | {"PUBLIC_URL": f"{host}{path}"})


def test_every_value_can_be_set() -> None:
    """An operator can set every setting; each is tried here once."""
    env = ENOUGH | {
        "SLACK_APP_TOKEN": "",
        "SLACK_SIGNING_SECRET": "s",
        "HOST": "10.0.0.5",
        "PORT": "8080",
        "PUBLIC_URL": "https://bot.example",
        "SLACK_API_URL": "https://slack-gov.com/api",
        "SLACK_AUTHORIZE_URL": "https://slack-gov.com/oauth/v2/authorize",
        "RC_SERVER_URL": "https://rc.example/",
        "DATABASE_URL": "postgresql://bot@db/calls",
        "DATABASE_DIRECT_URL": "postgresql://bot@db-1:5432,db-2:5433/calls",
        "RINGOUT_SECRET_KEY": f"{KEY}, {OLD_KEY}",
        "RINGOUT_SHARED_ACCOUNT": "Off",
        "RINGOUT_FROM": "+16505550101",
        "RINGOUT_FROM_NUMBERS": "+16505550102, +16505550103",
        "RINGOUT_REGION": "de",
        "RINGOUT_COUNTRIES": "de, at",
        "RINGOUT_NUMBER_TYPES": "Personal, shared-cost",
        "RINGOUT_SHOW_NUMBERS": "FULL",
        "RINGOUT_ADMIN_CONTACT": " <@U0123ABCD|dana> ",
        "RINGOUT_ALLOWED_USERS": "U1, W2,S3",
        "RINGOUT_ALLOWED_CHANNELS": "C1,G2,D3",
        "RINGOUT_GUESTS": "On",
        "RINGOUT_ADMINS": "U1,S4",
        "RINGOUT_AUDITORS": "T1:S5",
        "RINGOUT_ADMIN_CHANNEL": "T1:C1, T2:C1",
        "RINGOUT_ASKABLE": "Country, first",
        "RINGOUT_THROTTLE": "1/30s, 2/10m!, 5/24h",
        "RINGOUT_CALLS_AT_ONCE": "2",
        "RINGOUT_CALLS_PER_DAY": "50, 400",
        "RINGOUT_MINUTES_PER_MONTH": "*,4000",
        "RINGOUT_QUIET_HOURS": "21:30-8:00",
        "RINGOUT_FIRST_TIME": "Ask",
        "RINGOUT_FOREIGN": "refuse",
        "RINGOUT_AUDIT_DAYS": "30",
        "RINGOUT_OUTCOMES": "channel: Spoke, Not  in",
        "RINGOUT_MISSED": "People",
        "RINGOUT_VOICEMAIL": "Transcription",
        "RINGOUT_RECORDING_URL": "https://reader.example/?media=",
        "RINGOUT_CALLS_PER_MINUTE": "3",
        "RINGOUT_RETENTION_DAYS": "7",
        "RINGOUT_POLL_SECONDS": "0.1",
        "RINGOUT_LOG_DELAY_SECONDS": ".5",
        "RINGOUT_LOG_GIVE_UP_SECONDS": "10",
        "RINGOUT_EVENTS": "off",
        "RINGOUT_HOOK_URL": "http://user:pass@10.0.0.7:8080/calls?token=x",
        "RINGOUT_HOOK_SECRET": f"{HOOK_SECRET}, {OLD_HOOK_SECRET}",
        "RINGOUT_HOOK_NUMBERS": "Full",
        "RINGOUT_HOOK_NOTES": "On",
        "RINGOUT_HOOK_PRIVATE_CALLS": "On",
        "RINGOUT_HOOK_ALLOW_PRIVATE": "On",
        "RINGOUT_DIGEST": "C1 daily 9:00 UTC; T1:G2 weekly Monday 23:59 Asia/Tokyo people",
        "RINGOUT_LOG_FORMAT": "json",
        "OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:4318/",
    }
    chosen = reading.read(env)

    assert not chosen.is_socket_mode
    assert (chosen.host, chosen.port) == ("10.0.0.5", 8080)
    assert chosen.public_url == "https://bot.example"
    assert chosen.slack_api_url == "https://slack-gov.com/api/"
    assert chosen.slack_authorize_url == "https://slack-gov.com/oauth/v2/authorize"
    assert chosen.rc_server_url == "https://rc.example"
    assert chosen.database_url == "postgresql://bot@db/calls"
    assert chosen.database_direct_url == env["DATABASE_DIRECT_URL"]
    assert chosen.ringout_secret_key == (KEY, OLD_KEY)
    assert chosen.ringout_shared_account is False
    assert chosen.ringout_from == PhoneNumber("+16505550101")
    assert chosen.ringout_from_numbers == (
        PhoneNumber("+16505550102"),
        PhoneNumber("+16505550103"),
    )
    assert chosen.ringout_region == "DE"
    assert chosen.ringout_admin_contact == "U0123ABCD"
    assert chosen.full_numbers
    assert rules_of(chosen) == PolicyRules(
        users=frozenset({"U1", "W2", "S3"}),
        channels=frozenset({"C1", "G2", "D3"}),
        admins=frozenset({"U1", "S4"}),
        auditors=frozenset({"T1:S5"}),
        guests=True,
        countries=frozenset({"DE", "AT"}),
        number_types=frozenset({Tariff.PERSONAL, Tariff.SHARED_COST}),
        calls_per_minute=3,
        throttle=(
            Limit(1, 30),
            Limit(2, 600, Ruling.REFUSE),
            Limit(5, 86400, Ruling.REFUSE),
        ),
        quiet_hours=QuietHours(time(21, 30), time(8)),
        calls_at_once=CallCap(2),
        calls_per_day=CallCap(50, 400),
        minutes_per_month=CallCap(None, 4000),
        first_time=Ruling.ASK,
        foreign=Ruling.REFUSE,
        askable=frozenset({Askable.COUNTRY, Askable.FIRST}),
    )
    assert chosen.ringout_admin_channel == {"T1:C1", "T2:C1"}
    assert chosen.ringout_audit_days == 30
    assert chosen.ringout_hook_url == env["RINGOUT_HOOK_URL"]
    assert chosen.ringout_hook_secret == (HOOK_SECRET, OLD_HOOK_SECRET)
    assert chosen.ringout_hook_numbers is ShownNumbers.FULL
    assert chosen.ringout_hook_notes is True
    assert chosen.ringout_hook_private_calls is True
    assert chosen.ringout_hook_allow_private is True
    assert chosen.ringout_outcomes == Dispositions(("Spoke", "Not in"), by_channel=True)
    assert chosen.ringout_digest == (
        DigestPlan("C1", time(9), ZoneInfo("UTC")),
        DigestPlan(
            "G2",
            time(23, 59),
            ZoneInfo("Asia/Tokyo"),
            weekday=0,
            by_person=True,
            workspace="T1",
        ),
    )
    assert chosen.ringout_recording_url == "https://reader.example/?media="
    assert chosen.ringout_missed == MissedPlaces(lets_people=True)
    assert chosen.ringout_voicemail is VoicemailShow.TRANSCRIPTION
    assert chosen.ringout_retention_days == 7
    assert chosen.ringout_events is False
    assert chosen.timing.poll == timedelta(seconds=0.1)
    assert chosen.timing.log_delay == timedelta(seconds=0.5)
    assert chosen.timing.log_give_up == timedelta(seconds=10)
    assert chosen.ringout_log_format == "json"
    assert chosen.otel_exporter_otlp_endpoint == "http://127.0.0.1:4318"
    assert set(settings.NAMES) - set(env) == {"SLACK_CLIENT_ID", "SLACK_CLIENT_SECRET"}


def test_no_country_code_but_the_homes_is_dialed_unless_told() -> None:
    """+1 809 looks like home and is billed like abroad."""
    assert reading.read(ENOUGH | {"RINGOUT_COUNTRIES": "*"}).ringout_countries is None
    at_home = reading.read(ENOUGH | {"RINGOUT_REGION": "DE"})
    assert at_home.ringout_countries == frozenset({"DE"})


def test_no_secret_is_in_the_repr() -> None:
    """Settings end up in tracebacks and issue reports."""
    passwords = {
        "SLACK_SIGNING_SECRET": "secret-6",
        "DATABASE_URL": "postgresql://u:secret-7@db/x",
        "DATABASE_DIRECT_URL": "postgresql://u:secret-9@db/x",
        "RINGOUT_SECRET_KEY": KEY,
        "OTEL_EXPORTER_OTLP_ENDPOINT": "https://u:secret-8@collector",
    }

    shown = repr(reading.read(ENOUGH | passwords))

    assert "secret-" not in shown
    assert KEY not in shown


def test_channels_of_missed_calls_are_named_by_extension() -> None:
    """A queue's calls go to its team; a star stands for all the rest."""
    env = ENOUGH | {"RINGOUT_MISSED": "101=C0123, *=G0456", "RINGOUT_SECRET_KEY": KEY}
    found = reading.read(env).ringout_missed

    assert found == MissedPlaces({"101": "C0123", "*": "G0456"})
    assert [found.of("101"), found.of("9"), found.of("", "101")] == [
        "C0123",
        "G0456",
        "C0123",
    ]


@pytest.mark.parametrize(
    ("text", "env", "complaint"),
    [
        ("101=C0123", {"RINGOUT_SHARED_ACCOUNT": "off"}, "only for the shared account"),
        ("people", {"RINGOUT_SECRET_KEY": ""}, "RINGOUT_SECRET_KEY is missing"),
        ("", {"RINGOUT_VOICEMAIL": "On"}, "RINGOUT_MISSED is missing"),
    ],
)
def test_nobody_is_told_by_an_account_that_is_not_there(
    text: str, env: dict[str, str], complaint: str
) -> None:
    """An operator must not wait for cards that nothing reads the log for."""
    given = ENOUGH | {"RINGOUT_SECRET_KEY": KEY, "RINGOUT_MISSED": text} | env
    with pytest.raises(BadSettings, match=complaint):
        reading.read(given)
