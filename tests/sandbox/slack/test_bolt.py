"""Bolt's own way of installing, authorizing and forgetting works against the double."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncBoltContext
from slack_bolt.authorization.async_authorize import AsyncInstallationStoreAuthorize
from slack_bolt.oauth.async_oauth_settings import AsyncOAuthSettings
from slack_sdk.oauth.installation_store import FileInstallationStore
from slack_sdk.oauth.state_store import FileOAuthStateStore

from bolt_bot import ECHO, a_slack, client_of
from bot.sandbox.slack.double import Enterprise, SlackDouble

# slack_sdk 3.47 sends the app's secret with what aiohttp 3.14 calls deprecated.
pytestmark = pytest.mark.filterwarnings("ignore:BasicAuth is deprecated")

CORP = Enterprise("E0CORP", "Corp")


@pytest.fixture
async def slack() -> AsyncIterator[SlackDouble]:
    """Return a running double without limits; nothing may be wrong in the end."""
    async with a_slack() as double:
        yield double


class Product:
    """An app for any workspace: a command that answers with whose token it has."""

    def __init__(self, slack: SlackDouble, folder: Path, *, is_cached: bool) -> None:
        self.slack = slack
        self.store = FileInstallationStore(
            base_dir=str(folder), client_id=slack.app.client_id
        )
        self.forgotten: list[str] = []
        self.url = ""
        self._folder = folder
        self._is_cached = is_cached

    @asynccontextmanager
    async def runs(self) -> AsyncIterator[None]:
        """Serve, and let the double know where."""
        app = self._app()
        runner = web.AppRunner(app.web_app(), access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{runner.addresses[0][1]}/slack"
        self.slack.deliveries.request_url = f"{self.url}/events"
        self.slack.oauth.redirect_urls = [f"{self.url}/oauth_redirect"]
        try:
            yield
        finally:
            await runner.cleanup()

    def _app(self) -> AsyncApp:
        slack, client = self.slack, client_of(self.slack, "")
        app = AsyncApp(
            name="teams",
            client=client,
            signing_secret=slack.signing_secret,
            process_before_response=True,
            oauth_settings=AsyncOAuthSettings(
                client_id=slack.app.client_id,
                client_secret=slack.app.client_secret,
                scopes=["chat:write", "commands"],
                installation_store=self.store,
                state_store=FileOAuthStateStore(
                    expiration_seconds=600, base_dir=str(self._folder)
                ),
                authorization_url=slack.authorize_url,
                install_page_rendering_enabled=False,
            ),
            authorize=AsyncInstallationStoreAuthorize(  # type: ignore[arg-type]
                logger=logging.getLogger("authorize"),
                installation_store=self.store,
                client=client,
                bot_only=True,
                cache_enabled=self._is_cached,
            ),
        )
        app.command(ECHO)(_say_who)
        app.enable_token_revocation_listeners()
        return app

    async def add_to(self, place: str) -> int:
        """Have Ann go all the way; return the status of the last page."""
        async with aiohttp.ClientSession() as browser:
            async with browser.get(
                f"{self.url}/install", allow_redirects=False
            ) as begun:
                cookie = begun.headers["Set-Cookie"].partition(";")[0]
                link = begun.headers["Location"]
            back = await self.slack.install(link, place, "ann")
            async with browser.get(back, headers={"Cookie": cookie}) as ended:
                return ended.status


async def _say_who(ack: AsyncAck, context: AsyncBoltContext) -> None:
    await ack(f"{context.team_id} {context.bot_token} {context.is_enterprise_install}")


def of(slack: SlackDouble, place: str) -> Any:
    """Return a workspace's token as it is now."""
    return slack.team(place).bot_token


@pytest.mark.parametrize(("is_cached", "asked"), [(False, 4), (True, 2)])
async def test_two_workspaces_install_an_app_of_bolts(
    slack: SlackDouble, tmp_path: Path, *, is_cached: bool, asked: int
) -> None:
    """Each has a token of its own; without a cache each command costs an ``auth.test``."""
    beta = slack.add_team("T0BETA", "Beta", scopes=None)
    product = Product(slack, tmp_path, is_cached=is_cached)
    async with product.runs():
        assert await product.add_to("Beta") == 200
        told = [(await beta.command("ann", "sales", ECHO)).text for _ in range(3)]
        stranger = slack.add_team("T0GAMMA", "Gamma")
        unknown = await stranger.command("ann", "sales", ECHO)

    assert told == [f"T0BETA {beta.bot_token} False"] * 3
    assert "T0GAMMA" not in unknown.text
    assert len(slack.calls_of("auth.test", "T0BETA")) == asked


async def test_an_organization_installs_it_once_for_all(
    slack: SlackDouble, tmp_path: Path
) -> None:
    """Bolt finds the organization's token for each of its workspaces."""
    for name in ("East", "West"):
        slack.add_team(f"T0{name.upper()}", name, CORP, scopes=None)
    product = Product(slack, tmp_path, is_cached=True)
    async with product.runs():
        assert await product.add_to("Corp") == 200
        east = await slack.team("East").command("ann", "sales", ECHO)
        west = await slack.team("West").command("ann", "sales", ECHO)

    assert of(slack, "East") == of(slack, "West")
    assert east.text == f"T0EAST {of(slack, 'East')} True"
    assert west.text == f"T0WEST {of(slack, 'West')} True"


@pytest.mark.parametrize("is_uninstalled_first", [False, True])
async def test_bolt_forgets_who_has_removed_it(
    slack: SlackDouble, tmp_path: Path, *, is_uninstalled_first: bool
) -> None:
    """Whichever event is first; and it can be added again."""
    beta = slack.add_team("T0BETA", "Beta", scopes=None)
    slack.app_events.is_uninstalled_first = is_uninstalled_first
    product = Product(slack, tmp_path, is_cached=True)

    def kept() -> Any:
        return product.store.find_bot(enterprise_id=None, team_id="T0BETA")

    async with product.runs():
        await product.add_to("Beta")
        before, token = kept(), beta.bot_token
        await slack.uninstall("Beta")
        assert kept() is None
        assert await product.add_to("Beta") == 200
        again = await beta.command("ann", "sales", ECHO)

    assert before.bot_token == token != beta.bot_token
    assert again.text == f"T0BETA {beta.bot_token} False"
