"""How settings depend on one another."""

from __future__ import annotations

import re
from dataclasses import dataclass

from bot.settings.setting import Texts


@dataclass(frozen=True, slots=True)
class Conflict:
    """Said if all of *given* are set and none of *missing* is.

    Both are names with spaces between them; ``NAME=on`` stands for one that is ``on``,
    ``NAME=http`` for an address without encryption.
    """

    given: str
    missing: str
    complaint: str


CONFLICTS = (
    Conflict("", "SLACK_BOT_TOKEN SLACK_CLIENT_ID", "SLACK_BOT_TOKEN is missing"),
    Conflict(
        "",
        "SLACK_APP_TOKEN SLACK_SIGNING_SECRET",
        "SLACK_APP_TOKEN (Socket Mode) or SLACK_SIGNING_SECRET (HTTP) is missing",
    ),
    Conflict("", "RC_APP_CLIENT_ID", "RC_APP_CLIENT_ID is missing"),
    Conflict("", "RC_APP_CLIENT_SECRET", "RC_APP_CLIENT_SECRET is missing"),
    Conflict(
        "",
        "RC_USER_JWT RINGOUT_SECRET_KEY",
        "RC_USER_JWT is missing (or RINGOUT_SECRET_KEY, for people to connect their own "
        "accounts)",
    ),
    Conflict(
        "RINGOUT_SHARED_ACCOUNT=on",
        "RC_USER_JWT",
        "RC_USER_JWT is missing (for RINGOUT_SHARED_ACCOUNT=on)",
    ),
    Conflict(
        "PUBLIC_URL SLACK_APP_TOKEN",
        "PORT",
        "PUBLIC_URL needs a server: PORT is missing",
    ),
    Conflict(
        "SLACK_BOT_TOKEN SLACK_CLIENT_ID",
        "",
        "SLACK_BOT_TOKEN is for one workspace, SLACK_CLIENT_ID for any: leave one out",
    ),
    Conflict(
        "SLACK_APP_TOKEN SLACK_CLIENT_ID",
        "",
        "SLACK_CLIENT_ID is for signed HTTP: leave out SLACK_APP_TOKEN",
    ),
    Conflict(
        "RINGOUT_SHARED_ACCOUNT=on SLACK_CLIENT_ID",
        "",
        "RINGOUT_SHARED_ACCOUNT=on would let any workspace call by it: leave it out with "
        "SLACK_CLIENT_ID",
    ),
    Conflict(
        "SLACK_CLIENT_SECRET",
        "SLACK_CLIENT_ID",
        "SLACK_CLIENT_ID is missing (for SLACK_CLIENT_SECRET)",
    ),
    Conflict(
        "RINGOUT_HOOK_URL",
        "RINGOUT_HOOK_SECRET",
        "RINGOUT_HOOK_SECRET is missing (for RINGOUT_HOOK_URL)",
    ),
    Conflict(
        "RINGOUT_HOOK_URL=http",
        "RINGOUT_HOOK_ALLOW_PRIVATE=on",
        "RINGOUT_HOOK_URL must begin with https:// (or set RINGOUT_HOOK_ALLOW_PRIVATE=on, "
        "for a receiver in your own network)",
    ),
    *(
        Conflict("SLACK_CLIENT_ID", name, f"{name} is missing (for SLACK_CLIENT_ID)")
        for name in ("SLACK_CLIENT_SECRET", "PUBLIC_URL", "RINGOUT_SECRET_KEY")
    ),
)

MISSED_CHANNELS_ALONE = (
    "RINGOUT_MISSED can name channels only for the shared account: RC_USER_JWT is missing, "
    "or RINGOUT_SHARED_ACCOUNT is off"
)
VOICEMAIL_ALONE = "RINGOUT_MISSED is missing (for RINGOUT_VOICEMAIL)"
MISSED_PEOPLE_ALONE = (
    "RINGOUT_SECRET_KEY is missing (for RINGOUT_MISSED with people, who connect their own "
    "accounts)"
)

ID_LISTS = (
    "RINGOUT_ALLOWED_USERS",
    "RINGOUT_ALLOWED_CHANNELS",
    "RINGOUT_ADMINS",
    "RINGOUT_AUDITORS",
    "RINGOUT_ADMIN_CHANNEL",
)
"""With SLACK_CLIENT_ID, each id needs its workspace: another one may have the same id."""


def broken(texts: Texts) -> list[str]:
    """Return the complaints about *texts*."""
    given = {name for name, text in texts.items() if text}
    lower = {name: texts[name].lower() for name in given}
    given |= {f"{name}=on" for name, text in lower.items() if text == "on"}
    plain = (name for name, text in lower.items() if text.startswith("http:"))
    given |= {f"{name}=http" for name in plain}
    complaints = [
        conflict.complaint
        for conflict in CONFLICTS
        if given.issuperset(conflict.given.split())
        and given.isdisjoint(conflict.missing.split())
    ]
    complaints += _about_missed(texts)
    if texts["SLACK_CLIENT_ID"]:
        complaints += [
            f"{name} needs the workspace of each id, such as T0123:U0123"
            for name in ID_LISTS
            if any(":" not in each for each in texts[name].split(",") if each.strip())
        ]
        channels = [each.split() for each in re.split("[;,]", texts["RINGOUT_DIGEST"])]
        complaints += [
            "RINGOUT_DIGEST needs the workspace of each channel, such as T0123:C0123"
            for each in channels
            if each and ":" not in each[0]
        ][:1]
    return complaints


def _about_missed(texts: Texts) -> list[str]:
    """Return what is wrong with who is told of missed calls."""
    wanted = texts["RINGOUT_MISSED"].lower()
    shared = texts["RINGOUT_SHARED_ACCOUNT"].lower() or shares_its_account(texts)
    complaints = []
    if "=" in wanted and not (shared == "on" and texts["RC_USER_JWT"]):
        complaints.append(MISSED_CHANNELS_ALONE)
    if "people" in wanted and not texts["RINGOUT_SECRET_KEY"]:
        complaints.append(MISSED_PEOPLE_ALONE)
    if texts["RINGOUT_VOICEMAIL"].lower() not in ("", "off") and not wanted:
        complaints.append(VOICEMAIL_ALONE)
    return complaints


def shares_its_account(texts: Texts) -> str:
    """Return the default of RINGOUT_SHARED_ACCOUNT.

    If any workspace may install the app, strangers would call at the operator's expense.
    """
    return "on" if texts["RC_USER_JWT"] and not texts["SLACK_CLIENT_ID"] else "off"
