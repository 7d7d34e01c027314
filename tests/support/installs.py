"""Stand-ins to test installing the app: Slack's Web API, and a browser."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import aiohttp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.serving.readiness import Readiness
from bot.settings import reading
from bot.settings.settings import Settings
from bot.storage.calls.store import Store
from bot.telemetry.measures import Measures
from bot.vault import new_key

KEY = new_key()
GRANTED: dict[str, Any] = {
    "ok": True,
    "access_token": "xoxb-new-token",
    "token_type": "bot",
    "scope": "commands,chat:write",
    "bot_user_id": "UBOT",
    "app_id": "A1",
    "team": {"id": "T1", "name": "Acme"},
    "enterprise": None,
    "authed_user": {"id": "U1"},
    "is_enterprise_install": False,
}


WIDE = GRANTED | {
    "team": None,
    "enterprise": {"id": "E1", "name": "Acme & <b>Sons"},
    "is_enterprise_install": True,
}


class Far(AsyncWebClient):
    """Slack's Web API: gives the answers that a test sets, and records requests."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[dict[str, Any]] = []
        self.answers: dict[str, Any] = {
            "oauth.v2.access": GRANTED,
            "auth.test": {"ok": True, "bot_id": "BBOT"},
        }

    async def api_call(self, api_method: str, **options: Any) -> Any:
        """Return the answer that the test set, or raise its error."""
        self.asked.append({"method": api_method, "token": self.token, **options})
        answer = self.answers[api_method]
        if isinstance(answer, Exception):
            raise answer
        return SimpleNamespace(data=answer, headers={}, status_code=200)


def install_settings(url: str) -> Settings:
    """Return the settings of a bot that any workspace may install; *url* is its database."""
    return reading.read(
        {
            "SLACK_CLIENT_ID": "1.2",
            "SLACK_CLIENT_SECRET": "client-secret",
            "SLACK_SIGNING_SECRET": "s",
            "PUBLIC_URL": "http://127.0.0.1:1",
            "SLACK_AUTHORIZE_URL": "https://slack.example/oauth/v2/authorize",
            "RINGOUT_SECRET_KEY": KEY,
            "RC_APP_CLIENT_ID": "i",
            "RC_APP_CLIENT_SECRET": "s",
            "DATABASE_URL": url,
        }
    )


def refused(word: str) -> SlackApiError:
    """Return what slack_sdk raises for an answer that is not ok."""
    data = {"ok": False, "error": word}
    response = SimpleNamespace(data=data, headers={}, status_code=200)
    return SlackApiError(word, response)  # type: ignore[no-untyped-call]


def a_readiness(store: Store) -> Readiness:
    """Return the readiness check that the web server needs beside its pages."""

    async def link() -> None:
        return None

    return Readiness(store, Measures(), link=link, working=lambda: True, budget=dict)


def a_stranger() -> aiohttp.ClientSession:
    """Return a browser without cookies."""
    return aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True))
