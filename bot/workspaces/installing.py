"""Installing the app in a workspace, from a browser, by Slack's OAuth.

Somebody who may add apps opens our address and is sent to Slack with a state, which works
once, for ten minutes, and in that browser only. The browser comes back with a code, which
we exchange for the workspace's bot token. Source: Slack docs, "Installing with OAuth".

Anybody can open both addresses. So the first costs no query, and the second none unless
the state is ours; only so many of those may come back.
"""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from slack_sdk.web.async_client import AsyncWebClient

from bot.calls.people.installation import Installation
from bot.calls.people.person import Person
from bot.clock import Clock
from bot.errors import BotError, ChatError, ChatRefused, StoreUnavailable
from bot.serving.allowance import Allowance
from bot.serving.oauth_flow import CANCELED, Arrival, Departure
from bot.settings.settings import Settings
from bot.slack.posting.oauth import OAuthClient, exchange
from bot.slack.posting.web import ask
from bot.storage.people.installations import Installations
from bot.storage.people.pending_sign_ins import GOOD_FOR, PendingSignIns
from bot.user_errors import InstallNotBegun, InstallRefused, InstallSentBack
from bot.workspaces import manifest

log = logging.getLogger(__name__)

INSTALL_STATE = "install"
RETURNS_AT_ONCE, RETURNS_A_SECOND = 10, 1.0
"""How many browsers may come back from Slack: each costs rows and a request to Slack, and
anybody can have a state."""

NOBODY_YET = Person("", "", "")
"""Who installs is known only once Slack has said so."""


class InstallsBusy(BotError):
    """More browsers come back from Slack than `RETURNS_A_SECOND`."""


@dataclass(frozen=True, slots=True)
class Installed:
    """Where the app works now: in a workspace, or *everywhere* in an organization."""

    name: str
    everywhere: bool


class Installing:
    """Installs the app. Costs two Slack requests each, neither of which is retried."""

    def __init__(
        self,
        settings: Settings,
        plain: AsyncWebClient,
        client: Callable[[str], AsyncWebClient],
        installations: Installations,
        sign_ins: PendingSignIns,
        clock: Clock,
    ) -> None:
        self._settings = settings
        self._app = OAuthClient(settings.slack_client_id, settings.slack_client_secret)
        self._plain = plain
        self._client = client
        self._installations = installations
        self._sign_ins = sign_ins
        self._clock = clock
        self._returns = Allowance(RETURNS_AT_ONCE, RETURNS_A_SECOND)
        scopes = manifest.load()["oauth_config"]["scopes"]
        self._scopes = ",".join([*scopes["bot"], *scopes["bot_optional"]])

    def begin(self) -> Departure:
        """Return where to go on: Slack's page."""
        now = self._clock.now()
        state, cookie = self._sign_ins.begin_unstored(INSTALL_STATE, now)
        query = {
            "client_id": self._app.client_id,
            "scope": self._scopes,
            "redirect_uri": self._callback,
            "state": state,
        }
        url = f"{self._settings.slack_authorize_url}?{urlencode(query)}"
        return Departure(url, cookie)

    async def finish(self, arrival: Arrival) -> Installed:
        """Install the app where the person who comes back has allowed it.

        If that is done already, as when the last page is reloaded, nothing is asked.

        Raises:
            InstallNotBegun: The state is unknown, used, too old, or another browser's.
            InstallSentBack: The person canceled, or Slack's page met an error.
            InstallRefused: Slack refuses the code.
            InstallsBusy: Too many come back at the same time.
            ChatError: Slack could not be asked.
            StoreUnavailable: Nothing was installed here.
        """
        if not await self._use(arrival):
            return await self._finished(arrival)
        if arrival.refusal:
            raise _sent_back(arrival.refusal)
        try:
            code, callback = arrival.code, self._callback
            data = await exchange(self._plain, self._app, code, callback)
            made = await self._made(data)
        except ChatRefused as refused:
            log.warning("an installation was refused by Slack: %s", refused.error)
            raise InstallRefused from None
        await self._installations.put(made)
        log.info("workspace %s: installed by %s", made.where, made.installed_by)
        done = Installed(made.name or made.where, everywhere=not made.team)
        by = Person(made.enterprise, made.team, made.installed_by)
        with contextlib.suppress(StoreUnavailable):  # it is installed all the same
            await self._sign_ins.succeed(INSTALL_STATE, arrival.state, by, done.name)
        return done

    async def _use(self, arrival: Arrival) -> bool:
        """Use the state up; return False if it was used before."""
        state, cookie, now = arrival.state, arrival.cookie, self._clock.now()
        if not self._sign_ins.is_unstored(INSTALL_STATE, state, now, cookie):
            raise InstallNotBegun
        if not self._returns.take(now):
            raise InstallsBusy
        await self._sign_ins.delete_ended(now - GOOD_FOR)
        return await self._sign_ins.use_unstored(
            INSTALL_STATE, state, NOBODY_YET, now, browser=cookie
        )

    async def _finished(self, arrival: Arrival) -> Installed:
        """Return what this browser has installed."""
        found = await self._sign_ins.succeeded(
            INSTALL_STATE, arrival.state, self._clock.now(), browser=arrival.cookie
        )
        if found is None:
            raise InstallNotBegun
        return Installed(found.label, everywhere=not found.person.team)

    async def _made(self, data: dict[str, Any]) -> Installation:
        """Read the answer of ``oauth.v2.access``; ask Slack for the bot's id."""
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
        except ChatError:  # the id only serves to know our own messages
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
        return f"{self._settings.public_url}{manifest.INSTALL_CALLBACK}"


def _sent_back(reason: str) -> InstallSentBack:
    if reason != CANCELED:
        check = "the client id, the redirect URLs, and whether it is distributed"
        if reason == "invalid_scope":
            check = "its scopes, which ringout-bot manifest prints"
        log.warning(
            "Slack's page sent an installation back: %s; look at the app in Slack, at %s",
            reason,
            check,
        )
    return InstallSentBack(reason)


def _text(data: Any, *path: str) -> str:
    for name in path:
        data = data.get(name) if isinstance(data, dict) else None
    return data if isinstance(data, str) else ""
