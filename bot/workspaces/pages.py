"""The pages that a browser sees while the app is installed in a workspace."""

from __future__ import annotations

from aiohttp import web

from bot.errors import BotError
from bot.serving import page_texts, refusals
from bot.serving.oauth_browser import OAuthBrowser
from bot.serving.server import Server
from bot.slack.texts.contact import NO_CONTACT, Contact
from bot.workspaces.installing import Installing
from bot.workspaces.manifest import INSTALL_CALLBACK

INSTALL_PATH = "/slack/install"
INSTALL_COOKIE = "ringout_install"


class InstallPages:
    """Answers the browser; *installing* decides."""

    def __init__(
        self,
        installing: Installing,
        public_url: str,
        contact: Contact = NO_CONTACT,
    ) -> None:
        self._installing = installing
        self._browser = OAuthBrowser(
            cookie=INSTALL_COOKIE,
            path="/slack/",
            public_url=public_url,
            failed_title=page_texts.NOT_INSTALLED_TITLE,
            later=refusals.INSTALL_LATER,
            contact=contact,
            more=page_texts.begin_again(INSTALL_PATH),
        )

    def add_to(self, server: Server) -> None:
        """Serve these pages on *server*."""
        server.get(INSTALL_PATH, self.begin)
        server.get(INSTALL_CALLBACK, self.finish)

    async def begin(self, request: web.Request) -> web.StreamResponse:
        """Send the browser to Slack."""
        del request
        return self._browser.depart(self._installing.begin())

    async def finish(self, request: web.Request) -> web.StreamResponse:
        """Install the app where the browser comes back from."""
        try:
            made = await self._installing.finish(self._browser.arrival(request))
        except BotError as error:
            return self._browser.failed(error)
        body = page_texts.installed(made.name, everywhere=made.everywhere)
        return self._browser.done(page_texts.INSTALLED_TITLE, body)
