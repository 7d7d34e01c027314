"""Installing the app in a workspace: from a browser, by Slack's OAuth.

Source: Slack docs, "Installing with OAuth". Whoever may add apps opens our address, is
sent to Slack with a state that is good once, for ten minutes, and in that browser
alone, and comes back with a code that we turn into the workspace's bot token.
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from slack_sdk.web.async_client import AsyncWebClient

from bot.calls.installation import Installation
from bot.calls.person import Person
from bot.clock import Clock
from bot.errors import ChatError, ChatRefused
from bot.serving import oauth_errors
from bot.settings.settings import Settings
from bot.slack.posting.oauth import App, exchange
from bot.slack.posting.web import ask
from bot.storage.people.installations import Installations
from bot.storage.people.signins import SignIn, SignIns
from bot.user_errors import InstallNotBegun, InstallRefused, InstallSentBack
from bot.workspaces import manifest

log = logging.getLogger(__name__)

KIND = "install"
GOOD_FOR = timedelta(minutes=10)
NOBODY = Person("", "", "")
"""Slack says who it was when they come back."""

CALLBACK = manifest.CALLBACK


@dataclass(frozen=True, slots=True)
class Begun:
    """Where the browser goes next, and the cookie that it has to bring back."""

    url: str
    cookie: str


class Installing:
    """Makes installations; all that it asks of Slack is asked once for each."""

    def __init__(
        self,
        settings: Settings,
        plain: AsyncWebClient,
        client: Callable[[str], AsyncWebClient],
        installations: Installations,
        signins: SignIns,
        clock: Clock,
    ) -> None:
        self._settings = settings
        self._app = App(settings.slack_client_id, settings.slack_client_secret)
        self._plain = plain
        self._client = client
        self._installations = installations
        self._signins = signins
        self._clock = clock

    async def begin(self) -> Begun:
        """Return where to go on: Slack's page."""
        now = self._clock.now()
        await self._signins.forget(now - GOOD_FOR)  # anybody can begin, so none is kept
        state, cookie = secrets.token_urlsafe(32), secrets.token_urlsafe(32)
        begun = SignIn(KIND, NOBODY, "", now + GOOD_FOR, cookie)
        await self._signins.add(state, begun)
        scopes = manifest.load()["oauth_config"]["scopes"]
        query = {
            "client_id": self._app.client_id,
            "scope": ",".join([*scopes["bot"], *scopes["bot_optional"]]),
            "redirect_uri": self._callback,
            "state": state,
        }
        return Begun(f"{self._settings.slack_authorize_url}?{urlencode(query)}", cookie)

    async def finish(
        self, state: str, code: str, cookie: str, *, error: str = ""
    ) -> Installation:
        """Install the app where the person behind *state* allowed it.

        *error* is what Slack's page sent back in the place of a code.

        Raises:
            InstallNotBegun: The state is unknown, used, too old, or another browser's.
            InstallSentBack: The person canceled, or Slack's page met an *error*.
            InstallRefused: Slack refuses the code.
            ChatError: Slack could not be asked.
            StoreUnavailable: Nothing was installed here.
        """
        now = self._clock.now()
        found = await self._signins.use(KIND, state, now, browser=cookie)
        if found is None:
            raise InstallNotBegun
        if error or not code:
            raise _sent_back(error)
        try:
            data = await exchange(self._plain, self._app, code, self._callback)
            made = await self._made(data)
        except ChatRefused as refused:
            log.warning("an installation was refused by Slack: %s", refused.error)
            raise InstallRefused(refused.error) from None
        await self._installations.put(made)
        log.info("workspace %s: installed by %s", made.where, made.installed_by)
        return made

    async def _made(self, data: dict[str, Any]) -> Installation:
        """Read the answer of ``oauth.v2.access``; ask once whose the token is."""
        token = _text(data, "access_token")
        enterprise, team = _text(data, "enterprise", "id"), _text(data, "team", "id")
        is_wide = data.get("is_enterprise_install") is True
        if not token.startswith("xoxb-") or not (enterprise if is_wide else team):
            raise ChatRefused("no_bot_token")
        if "refresh_token" in data or "expires_in" in data:
            log.error("Slack's token rotation is on for this app; it must be off")
            raise ChatRefused("token_rotation_is_on")
        try:
            bot_id = _text(await ask(self._client(token).auth_test()), "bot_id")
        except ChatRefused:
            raise
        except ChatError:  # it only tells our own messages apart
            bot_id = ""
        return Installation(
            enterprise=enterprise,
            team="" if is_wide else team,
            token=token,
            bot_user=_text(data, "bot_user_id"),
            bot_id=bot_id,
            name=_text(data, "enterprise" if is_wide else "team", "name"),
            scopes=_text(data, "scope"),
            installed_by=_text(data, "authed_user", "id"),
            installed_at=self._clock.now(),
        )

    @property
    def _callback(self) -> str:
        return f"{self._settings.public_url}{CALLBACK}"


def _sent_back(error: str) -> InstallSentBack:
    reason = oauth_errors.reason(error)
    if reason != oauth_errors.CANCELLED:
        log.warning("Slack's page sent an installation back: %s", reason)
    return InstallSentBack(reason)


def _text(data: Any, *path: str) -> str:
    for name in path:
        data = data.get(name) if isinstance(data, dict) else None
    return data if isinstance(data, str) else ""
