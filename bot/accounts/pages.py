"""The pages that a person's browser sees while connecting RingCentral.

Plain, without scripts, and of no use to anybody who only has the address of one. Two
cookies: one proves that the page with the person's name was open before RingCentral's
was, the other that RingCentral sends back the browser that went there.
"""

from __future__ import annotations

import logging
from typing import Literal
from urllib.parse import urlsplit

from aiohttp import web

from bot.accounts.connecting import CALLBACK, CONNECT, Connecting
from bot.errors import BotError
from bot.serving import page_texts, refusals
from bot.serving.page import page, sealed
from bot.serving.server import Server
from bot.storage.people.signins import hashed
from bot.user_errors import NoCookie, NotSignedIn

log = logging.getLogger(__name__)

ASKED, COOKIE = "ringout_asked", "ringout_signin"
HERE = "/ringcentral/"
COOKIE_LASTS = 600


class Pages:
    """Answers the browser; *connecting* decides."""

    def __init__(self, connecting: Connecting, *, public_url: str, server: str) -> None:
        self._connecting = connecting
        self._secure = public_url.startswith("https://")
        origin = urlsplit(server)
        # Browsers hold redirects after a form to this too, and RingCentral's address
        # leads on to whichever host it signs people in on.
        self._forms = f"'self' https: {origin.scheme}://{origin.netloc}"

    def add_to(self, server: Server) -> None:
        """Let *server* show them."""
        server.get(CONNECT + "{ticket}", self.ask)
        server.post(CONNECT + "{ticket}", self.begin)
        server.get(CALLBACK, self.finish)

    async def ask(self, request: web.Request) -> web.StreamResponse:
        """Say for whom RingCentral is about to be connected; uses nothing up."""
        ticket = request.match_info["ticket"]
        try:
            begun = await self._connecting.whose(ticket)
        except BotError as error:
            return self._sorry(error)
        answer = self._page(page_texts.ASKED_TITLE, page_texts.asked(begun.label))
        # Not sent where another site posts the form: nobody begins unasked.
        self._give(answer, ASKED, _asked(ticket), "Strict")
        return answer

    async def begin(self, request: web.Request) -> web.StreamResponse:
        """Send the browser to RingCentral, with a cookie that it has to bring back."""
        ticket = request.match_info["ticket"]
        try:
            if request.cookies.get(ASKED) != _asked(ticket):
                raise NoCookie
            begun = await self._connecting.begin(ticket)
        except BotError as error:
            return self._sorry(error)
        answer = web.Response(status=303, headers={"Location": begun.url})
        # Lax, because RingCentral sends the browser back from its own site.
        self._give(answer, COOKIE, begun.cookie, "Lax")
        return sealed(answer, forms=self._forms)

    async def finish(self, request: web.Request) -> web.StreamResponse:
        """Take what RingCentral's page sent the browser back with."""
        query = request.query
        try:
            linked = await self._connecting.finish(
                query.get("state", ""),
                query.get("code", ""),
                request.cookies.get(COOKIE, ""),
                error=query.get("error", ""),
            )
        except BotError as error:
            return self._sorry(error)
        body = page_texts.connected(linked.extension.name)
        answer = self._page(page_texts.CONNECTED_TITLE, body)
        for cookie in (ASKED, COOKIE):
            answer.del_cookie(cookie, path=HERE)
        return answer

    def _give(
        self,
        answer: web.Response,
        name: str,
        value: str,
        samesite: Literal["Strict", "Lax"],
    ) -> None:
        answer.set_cookie(
            name, value, max_age=COOKIE_LASTS, path=HERE, httponly=True,
            secure=self._secure, samesite=samesite,
        )  # fmt: skip

    def _sorry(self, error: BotError) -> web.Response:
        if isinstance(error, NotSignedIn):
            said, status = refusals.words(error), 400
        else:
            log.warning("a sign-in failed: %s", type(error).__name__)
            said, status = refusals.SIGN_IN_LATER, 503
        body = page_texts.sentence(said)
        return self._page(page_texts.NOT_CONNECTED_TITLE, body, status=status)

    def _page(self, title: str, body: str, *, status: int = 200) -> web.Response:
        return page(title, body, status=status, forms=self._forms)


def _asked(ticket: str) -> str:
    """Return what shows that a ticket's page was open: not what the database holds."""
    return hashed(f"asked {ticket}")
