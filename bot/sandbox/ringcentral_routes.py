"""Which request is answered by whom, in which rate group, with which permission.

Source: RingCentral API reference: each operation's usage plan group and permissions.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from bot.sandbox.ringcentral_answers import Ask, Reply
from bot.sandbox.ringcentral_log import CallLog
from bot.sandbox.ringcentral_login import Logins
from bot.sandbox.ringcentral_people import Directory
from bot.sandbox.ringcentral_ringout import RingOuts

USER = "account/{account}/extension/{extension}"
COMPANY = "account/{account}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """One operation. ``scope`` is the app's, ``permission`` the user's."""

    method: str
    pattern: re.Pattern[str]
    group: str
    answer: Callable[[Ask], Reply]
    scope: str = ""
    permission: str = ""

    @property
    def is_open(self) -> bool:
        """Whether no access token is asked for."""
        return self.group == "Auth"


def route(
    method: str,
    path: str,
    group: str,
    answer: Callable[[Ask], Reply],
    scope: str = "",
    permission: str = "",
) -> Route:
    """Return the operation on *path*, which names its ids in braces."""
    whole = path if path.startswith("/") else f"/restapi/v1.0/{path}"
    pattern = re.compile(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", whole))
    return Route(
        method=method,
        pattern=pattern,
        group=group,
        answer=answer,
        scope=scope,
        permission=permission,
    )


def routes(
    logins: Logins, ringouts: RingOuts, log: CallLog, people: Directory
) -> tuple[Route, ...]:
    """Return everything that the double answers."""
    accounts = "ReadAccounts"
    user = f"{USER}/"

    def token(ask: Ask) -> Reply:
        return logins.token(ask.authorization, _form(ask), ask.now)

    def revoke(ask: Ask) -> Reply:
        named = _form(ask).get("token") or ask.seen.first("token")
        return logins.revoke(ask.authorization, named)

    return (
        route("POST", "/restapi/oauth/token", "Auth", token),
        route("POST", "/restapi/oauth/revoke", "Auth", revoke),
        route("POST", f"{user}ring-out", "Heavy", ringouts.place, "RingOut"),
        route(
            "GET", f"{user}ring-out/{{ringout}}", "Light", ringouts.status, "RingOut"
        ),
        route(
            "DELETE", f"{user}ring-out/{{ringout}}", "Heavy", ringouts.cancel, "RingOut"
        ),
        route(
            "GET",
            f"{user}call-log",
            "Heavy",
            log.list_user,
            "ReadCallLog",
            "ReadCallLog",
        ),
        route(
            "GET",
            f"{user}call-log/{{record}}",
            "Heavy",
            log.read,
            "ReadCallLog",
            "ReadCallLog",
        ),
        route(
            "GET",
            f"{COMPANY}/call-log",
            "Heavy",
            log.list_company,
            "ReadCallLog",
            "FullCompanyCallLog",
        ),
        route("GET", USER, "Light", people.extension, accounts),
        route("GET", COMPANY, "Light", people.account, accounts),
        route(
            "GET",
            f"{user}forwarding-number",
            "Light",
            people.list_forwarding_numbers,
            accounts,
        ),
        route(
            "GET", f"{user}phone-number", "Light", people.list_phone_numbers, accounts
        ),
        route("GET", f"{user}caller-id", "Light", people.caller_id, accounts),
        route("GET", f"{user}features", "Medium", people.list_features, accounts),
        route("GET", f"{user}device", "Light", people.list_devices, accounts),
    )


def _form(ask: Ask) -> dict[str, str]:
    return ask.seen.body if isinstance(ask.seen.body, dict) else {}
