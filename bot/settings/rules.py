"""How settings depend on one another."""

from __future__ import annotations

from dataclasses import dataclass

from bot.settings.setting import Texts


@dataclass(frozen=True, slots=True)
class Rule:
    """A combination that can't be: all of *given* are set, none of *missing* is.

    Both hold names with spaces between them; ``NAME=on`` for one that is switched on.
    """

    given: str
    missing: str
    complaint: str


RULES = (
    Rule("", "SLACK_BOT_TOKEN SLACK_CLIENT_ID", "SLACK_BOT_TOKEN is missing"),
    Rule(
        "",
        "SLACK_APP_TOKEN SLACK_SIGNING_SECRET",
        "SLACK_APP_TOKEN (Socket Mode) or SLACK_SIGNING_SECRET (HTTP) is missing",
    ),
    Rule("", "RC_APP_CLIENT_ID", "RC_APP_CLIENT_ID is missing"),
    Rule("", "RC_APP_CLIENT_SECRET", "RC_APP_CLIENT_SECRET is missing"),
    Rule(
        "",
        "RC_USER_JWT RINGOUT_SECRET_KEY",
        "RC_USER_JWT is missing (or RINGOUT_SECRET_KEY, for people to connect their own "
        "accounts)",
    ),
    Rule(
        "RINGOUT_SHARED_ACCOUNT=on",
        "RC_USER_JWT",
        "RC_USER_JWT is missing (for RINGOUT_SHARED_ACCOUNT=on)",
    ),
    Rule(
        "PUBLIC_URL SLACK_APP_TOKEN",
        "PORT",
        "PUBLIC_URL needs a server: PORT is missing",
    ),
    Rule(
        "SLACK_BOT_TOKEN SLACK_CLIENT_ID",
        "",
        "SLACK_BOT_TOKEN is for one workspace, SLACK_CLIENT_ID for any: leave one out",
    ),
    Rule(
        "SLACK_APP_TOKEN SLACK_CLIENT_ID",
        "",
        "SLACK_CLIENT_ID is for signed HTTP: leave out SLACK_APP_TOKEN",
    ),
    Rule(
        "RINGOUT_SHARED_ACCOUNT=on SLACK_CLIENT_ID",
        "",
        "RINGOUT_SHARED_ACCOUNT=on would let any workspace call by it: leave it out with "
        "SLACK_CLIENT_ID",
    ),
    Rule(
        "SLACK_CLIENT_SECRET",
        "SLACK_CLIENT_ID",
        "SLACK_CLIENT_ID is missing (for SLACK_CLIENT_SECRET)",
    ),
    *(
        Rule("SLACK_CLIENT_ID", name, f"{name} is missing (for SLACK_CLIENT_ID)")
        for name in ("SLACK_CLIENT_SECRET", "PUBLIC_URL", "RINGOUT_SECRET_KEY")
    ),
)

LISTS = ("RINGOUT_ALLOWED_USERS", "RINGOUT_ALLOWED_CHANNELS", "RINGOUT_ADMINS")
"""With SLACK_CLIENT_ID each id needs its workspace: elsewhere it may be another's."""


def broken(texts: Texts) -> list[str]:
    """Return a complaint for each rule that *texts* break."""
    given = {name for name, text in texts.items() if text}
    given |= {f"{name}=on" for name in given if texts[name].lower() == "on"}
    complaints = [
        rule.complaint
        for rule in RULES
        if given.issuperset(rule.given.split())
        and given.isdisjoint(rule.missing.split())
    ]
    if texts["SLACK_CLIENT_ID"]:
        complaints += [
            f"{name} needs the workspace of each id, such as T0123:U0123"
            for name in LISTS
            if any(":" not in each for each in texts[name].split(",") if each.strip())
        ]
    return complaints


def shares_its_account(texts: Texts) -> str:
    """Return what RINGOUT_SHARED_ACCOUNT is where it is not set.

    Where any workspace may install the app, strangers would call on this bill.
    """
    return "on" if texts["RC_USER_JWT"] and not texts["SLACK_CLIENT_ID"] else "off"
