"""What the browser sees of installing the app: Slack's page, then one of ours."""

from __future__ import annotations

import logging

from aiohttp import web

from bot.errors import BotError
from bot.serving import page_texts, refusals
from bot.serving.page import page, sealed
from bot.serving.server import Server
from bot.user_errors import NotInstalled
from bot.workspaces.installing import CALLBACK, GOOD_FOR, Installing

log = logging.getLogger(__name__)

INSTALL = "/slack/install"
COOKIE = "ringout_install"
COOKIE_PATH = "/slack/"


class InstallPages:
    """Answers the browser; *installing* decides."""

    def __init__(self, installing: Installing, public_url: str) -> None:
        self._installing = installing
        self._secure = public_url.startswith("https://")

    def add_to(self, server: Server) -> None:
        """Let *server* show them."""
        server.get(INSTALL, self.begin)
        server.get(CALLBACK, self.finish)

    async def begin(self, request: web.Request) -> web.StreamResponse:
        """Send the browser to Slack, with a cookie that it has to bring back."""
        del request
        try:
            begun = await self._installing.begin()
        except BotError as error:
            return self._sorry(error)
        answer = web.Response(status=302, headers={"Location": begun.url})
        answer.set_cookie(
            COOKIE,
            begun.cookie,
            max_age=int(GOOD_FOR.total_seconds()),
            path=COOKIE_PATH,
            httponly=True,
            secure=self._secure,
            samesite="Lax",  # Slack sends the browser back from its own site
        )
        return sealed(answer)

    async def finish(self, request: web.Request) -> web.StreamResponse:
        """Take what Slack's page sent the browser back with."""
        query = request.query
        try:
            made = await self._installing.finish(
                query.get("state", ""),
                query.get("code", ""),
                request.cookies.get(COOKIE, ""),
                error=query.get("error", ""),
            )
        except BotError as error:
            return self._sorry(error)
        name = made.name or made.where
        body = page_texts.installed(name, everywhere=not made.team)
        answer = page(page_texts.INSTALLED_TITLE, body)
        answer.del_cookie(COOKIE, path=COOKIE_PATH)
        return answer

    def _sorry(self, error: BotError) -> web.Response:
        if isinstance(error, NotInstalled):
            said, status = refusals.words(error), 400
        else:
            log.warning("an installation failed: %s", type(error).__name__)
            said, status = refusals.INSTALL_LATER, 503
        body = page_texts.sentence(said) + page_texts.begin_again(INSTALL)
        return page(page_texts.NOT_INSTALLED_TITLE, body, status=status)
