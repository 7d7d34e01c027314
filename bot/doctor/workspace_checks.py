"""Checks of an app that any workspace may install."""

from __future__ import annotations

import asyncio

import aiohttp
from slack_sdk.web.async_client import AsyncWebClient

from bot.calls.people.installation import Installation
from bot.doctor.check import Check, CheckFailed, few
from bot.doctor.slack_checks import (
    ENTRANCE_SCOPES,
    LISTS_DECIDE,
    PEOPLE_SCOPE,
    lacking,
)
from bot.errors import ChatError, ChatRefused, StoreUnavailable
from bot.settings.settings import Settings
from bot.slack.posting import web
from bot.slack.posting.oauth import OAuthClient, exchange
from bot.storage.calls.store import Store
from bot.storage.people.installations import Installations
from bot.vault import Vault
from bot.workspaces.manifest import INSTALL_CALLBACK
from bot.workspaces.pages import INSTALL_PATH

TOKENS_TRIED = 100
"""Slack allows some hundreds of auth.test a minute (Slack docs, "auth.test", special rate
limit), and a bot that runs meanwhile needs a few of them."""

TOKENS_AT_ONCE = 10
UNKNOWN_CODE = "doctor"
"""Slack refuses it, but its error tells whether it knows the app."""


class WorkspaceChecks:
    """Installs nothing and posts nothing."""

    def __init__(self, settings: Settings, session: aiohttp.ClientSession) -> None:
        self._settings = settings
        self._session = session

    def all(self) -> dict[str, Check]:
        """Return the checks by name, in their order; none with SLACK_BOT_TOKEN."""
        if not self._settings.is_for_any_workspace:
            return {}
        return {
            "Slack app credentials": self._credentials,
            "public address": self._address,
            "installations": self._installations,
            "guests": self._guests,
            "messages to the app": self._messages,
        }

    def _client(self, token: str = "") -> AsyncWebClient:
        return web.client(token, self._settings.slack_api_url, self._session)

    async def _credentials(self) -> str:
        """Ask for a token with a code that is not valid."""
        app = OAuthClient(
            self._settings.slack_client_id, self._settings.slack_client_secret
        )
        try:
            await exchange(self._client(), app, UNKNOWN_CODE)
        except ChatRefused as error:
            if error.error != "invalid_code":
                raise CheckFailed(
                    str(error),
                    "Copy SLACK_CLIENT_ID and SLACK_CLIENT_SECRET again from Basic "
                    "Information.",
                ) from None
        return "accepted by Slack"

    async def _address(self) -> str:
        url = self._settings.public_url
        return (
            f"the app is installed at {url}{INSTALL_PATH}; {url}{INSTALL_CALLBACK} must be among its "
            "redirect URLs"
        )

    async def _installations(self) -> str:
        count, newest = await self._newest()
        gate = asyncio.Semaphore(TOKENS_AT_ONCE)
        tried = (self._tried(where, each, gate) for where, each in newest)
        bad = [found for found in await asyncio.gather(*tried) if found]
        if bad:
            raise CheckFailed(
                f"{len(bad)} of {len(newest)} can't be used: {'; '.join(bad)}",
                "Put a missing key back into RINGOUT_SECRET_KEY, or have the app "
                "installed there again.",
            )
        if not count:
            return "none yet"
        part = f"; the newest {len(newest)} were tried" if count > len(newest) else ""
        return f"{count}, with good tokens{part}"

    async def _guests(self) -> str:
        if self._settings.ringout_guests:
            return "like members: nobody is asked about"
        _, newest = await self._newest()
        without = [
            where
            for where, made in newest
            if made is not None and PEOPLE_SCOPE not in made.scopes.split(",")
        ]
        if without:
            raise CheckFailed(
                f"{PEOPLE_SCOPE} was not granted in {few(without)}",
                f"Have the app installed there again. {LISTS_DECIDE}",
                is_warning=True,
            )
        return "can be told from members"

    async def _messages(self) -> str:
        _, newest = await self._newest()
        lacks = {
            where: set(ENTRANCE_SCOPES) - set(made.scopes.split(","))
            for where, made in newest
            if made is not None
        }
        without = [where for where, scopes in lacks.items() if scopes]
        if without:
            raise CheckFailed(
                f"{lacking(set().union(*lacks.values()))}, in {few(without)}",
                "Have the app installed there again.",
                is_warning=True,
            )
        return "can be received"

    async def _newest(self) -> tuple[int, list[tuple[str, Installation | None]]]:
        """Return how many installations there are, and the newest with their ids."""
        store = Store(self._settings.database_url)
        try:
            await store.open()
            vault = Vault(self._settings.ringout_secret_key)
            installations = Installations(store.writer, vault)
            return (
                await installations.counted(),
                await installations.newest(TOKENS_TRIED),
            )
        except StoreUnavailable as error:
            raise CheckFailed(str(error), "See above.") from None
        finally:
            store.close()

    async def _tried(
        self, where: str, installation: Installation | None, gate: asyncio.Semaphore
    ) -> str:
        """Return what is wrong with a workspace's token; empty if nothing is."""
        if installation is None:
            return f"{where}: no key fits"
        async with gate:
            try:
                await web.ask(self._client(installation.token).auth_test())
            except ChatRefused as error:
                return f"{where}: {error.error}"
            except ChatError as error:
                return f"{where}: {error}"
        return ""
