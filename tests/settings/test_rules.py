"""How settings depend on one another: each rule is broken once, and nothing else is."""

from __future__ import annotations

import pytest

from bot.errors import BadSettings
from bot.settings import reading, rules, settings
from bot.vault import new_key
from enough import ENOUGH

KEY = new_key()
ANY_WORKSPACE = {
    "SLACK_SIGNING_SECRET": "secret-6",
    "SLACK_CLIENT_ID": "1.2",
    "SLACK_CLIENT_SECRET": "secret-7",
    "PUBLIC_URL": "https://bot.example",
    "RC_APP_CLIENT_ID": "client-secret-3",
    "RC_APP_CLIENT_SECRET": "secret-4",
    "RC_USER_JWT": "jwt-secret-5",
    "RINGOUT_SECRET_KEY": KEY,
    "RINGOUT_ADMINS": "T1:U1",
}
"""Enough for an app that any workspace may install."""

BROKEN = [
    (ENOUGH | {"SLACK_BOT_TOKEN": ""}, "SLACK_BOT_TOKEN is missing"),
    (ENOUGH | {"SLACK_APP_TOKEN": ""}, "SLACK_APP_TOKEN (Socket Mode) or"),
    (ENOUGH | {"RC_APP_CLIENT_ID": ""}, "RC_APP_CLIENT_ID is missing"),
    (ENOUGH | {"RC_APP_CLIENT_SECRET": ""}, "RC_APP_CLIENT_SECRET is missing"),
    (
        ENOUGH | {"RINGOUT_HOOK_URL": "https://crm.example"},
        "RINGOUT_HOOK_SECRET is missing",
    ),
    (
        ENOUGH
        | {
            "RINGOUT_HOOK_URL": "HTTP://crm.example",
            "RINGOUT_HOOK_SECRET": f"whsec_{'bmV3' * 8}",
        },
        "RINGOUT_HOOK_URL must begin with https://",
    ),
    (ENOUGH | {"RC_USER_JWT": ""}, "RC_USER_JWT is missing (or RINGOUT_SECRET_KEY"),
    (
        ENOUGH
        | {
            "RC_USER_JWT": "",
            "RINGOUT_SECRET_KEY": KEY,
            "RINGOUT_SHARED_ACCOUNT": "On",
        },
        "RC_USER_JWT is missing (for RINGOUT_SHARED_ACCOUNT=on)",
    ),
    (
        ENOUGH | {"PUBLIC_URL": "https://bot.example"},
        "PUBLIC_URL needs a server: PORT is missing",
    ),
    (
        ANY_WORKSPACE | {"RINGOUT_DIGEST": "T1:C1 daily 09:00 UTC;C2 daily 9:00 UTC"},
        "RINGOUT_DIGEST needs the workspace of each channel",
    ),
    (
        ANY_WORKSPACE | {"SLACK_BOT_TOKEN": "xoxb-secret-1"},
        "SLACK_BOT_TOKEN is for one workspace, SLACK_CLIENT_ID for any",
    ),
    (
        ANY_WORKSPACE | {"SLACK_APP_TOKEN": "xapp-secret-2", "PORT": "3000"},
        "SLACK_CLIENT_ID is for signed HTTP",
    ),
    (
        ANY_WORKSPACE | {"RINGOUT_SHARED_ACCOUNT": "on"},
        "RINGOUT_SHARED_ACCOUNT=on would let any workspace call by it",
    ),
    (ENOUGH | {"SLACK_CLIENT_SECRET": "secret-7"}, "SLACK_CLIENT_ID is missing"),
    (ANY_WORKSPACE | {"SLACK_CLIENT_SECRET": ""}, "SLACK_CLIENT_SECRET is missing"),
    (ANY_WORKSPACE | {"PUBLIC_URL": ""}, "PUBLIC_URL is missing"),
    (ANY_WORKSPACE | {"RINGOUT_SECRET_KEY": ""}, "RINGOUT_SECRET_KEY is missing"),
    (ANY_WORKSPACE | {"RINGOUT_ALLOWED_USERS": "T1:U1, U2"}, "RINGOUT_ALLOWED_USERS"),
    (ANY_WORKSPACE | {"RINGOUT_ALLOWED_CHANNELS": "C1"}, "RINGOUT_ALLOWED_CHANNELS"),
    (ANY_WORKSPACE | {"RINGOUT_ADMINS": "U1"}, "RINGOUT_ADMINS needs the workspace"),
    (ANY_WORKSPACE | {"RINGOUT_AUDITORS": "S1"}, "RINGOUT_AUDITORS needs the"),
    (
        ANY_WORKSPACE | {"RINGOUT_ADMIN_CHANNEL": "C1"},
        "RINGOUT_ADMIN_CHANNEL needs the",
    ),
]


@pytest.mark.parametrize(("env", "complaint"), BROKEN)
def test_a_broken_rule_is_the_only_complaint(
    env: dict[str, str], complaint: str
) -> None:
    """A complaint must not send the operator to settings that are right."""
    with pytest.raises(BadSettings) as refused:
        reading.read(env)

    [line] = [each for each in str(refused.value).splitlines() if "  - " in each]
    assert line.startswith(f"  - {complaint}")


def test_every_rule_is_broken_once() -> None:
    """A rule that nothing breaks may as well not be there."""
    said = [complaint for _, complaint in BROKEN]
    rows = [rule.complaint for rule in rules.CONFLICTS]

    for row in rows:
        assert any(row.startswith(complaint) for complaint in said), row
    assert len(said) == len(rows) + len(rules.ID_LISTS) + 1  # of the digest


def test_every_name_in_a_rule_is_a_setting() -> None:
    """A rule with a misspelled setting would never apply."""
    for rule in rules.CONFLICTS:
        for name in f"{rule.given} {rule.missing}".split():
            assert name.partition("=")[0] in settings.NAMES


def test_what_is_enough_breaks_none() -> None:
    """For one workspace, and for any."""
    assert reading.read(ENOUGH).ringout_shared_account
    many = reading.read(ANY_WORKSPACE)
    assert many.is_for_any_workspace
    assert many.ringout_admins == {"T1:U1"}


def test_strangers_do_not_call_on_the_operators_account() -> None:
    """Where any workspace may install the app, its JWT is not shared unless that is said."""
    assert not reading.read(ANY_WORKSPACE).ringout_shared_account
    own = ENOUGH | {"RC_USER_JWT": "", "RINGOUT_SECRET_KEY": KEY}
    assert not reading.read(own).ringout_shared_account
