"""The pages that a person's browser sees while connecting a RingCentral account.

The pages have no scripts. Only our own page may post its form, and knowing its address is
not enough: there are two cookies. One proves that this browser opened the page with the
person's name before it went to RingCentral. The other proves that the same browser comes
back.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from aiohttp import web

from bot.accounts.connecting import CONNECT_PATH, SIGN_IN_CALLBACK, Connecting
from bot.errors import BotError
from bot.serving import page_texts, refusals
from bot.serving.oauth_browser import OAuthBrowser
from bot.serving.server import Server
from bot.slack.texts.contact import NO_CONTACT, Contact
from bot.storage.people.pending_sign_ins import hashed
from bot.user_errors import NoCookie

ASKED_COOKIE, SIGN_IN_COOKIE = "ringout_asked", "ringout_signin"


class ConnectPages:
    """Answers the browser; *connecting* decides. *server* is RingCentral's address."""

    def __init__(
        self,
        connecting: Connecting,
        *,
        public_url: str,
        server: str,
        contact: Contact = NO_CONTACT,
    ) -> None:
        self._connecting = connecting
        origin = urlsplit(server)
        self._browser = OAuthBrowser(
            cookie=SIGN_IN_COOKIE,
            path="/ringcentral/",
            public_url=public_url,
            failed_title=page_texts.NOT_CONNECTED_TITLE,
            later=refusals.SIGN_IN_LATER,
            contact=contact,
            # Browsers apply this to redirects after a form too, and RingCentral's
            # address redirects to whichever of its hosts signs people in.
            forms=f"'self' https: {origin.scheme}://{origin.netloc}",
        )

    def add_to(self, server: Server) -> None:
        """Serve these pages on *server*."""
        server.get(CONNECT_PATH + "{ticket}", self.ask)
        server.post(CONNECT_PATH + "{ticket}", self.begin)
        server.get(SIGN_IN_CALLBACK, self.finish)

    async def ask(self, request: web.Request) -> web.StreamResponse:
        """Show who is about to connect RingCentral; the ticket is not used up."""
        ticket = request.match_info["ticket"]
        try:
            begun = await self._connecting.whose(ticket)
        except BotError as error:
            return self._browser.failed(error)
        body = page_texts.asked(begun.label)
        answer = self._browser.page(page_texts.ASKED_TITLE, body)
        # Strict: if another site posts the form, the browser does not send this cookie.
        self._browser.set_cookie(answer, ASKED_COOKIE, _asked(ticket), "Strict")
        return answer

    async def begin(self, request: web.Request) -> web.StreamResponse:
        """Use the ticket up and send the browser to RingCentral."""
        ticket = request.match_info["ticket"]
        try:
            self._browser.check_own(request)
            if self._browser.cookie_of(request, ASKED_COOKIE) != _asked(ticket):
                raise NoCookie
            return self._browser.depart(await self._connecting.begin(ticket))
        except BotError as error:
            return self._browser.failed(error)

    async def finish(self, request: web.Request) -> web.StreamResponse:
        """Connect the account that the browser brings back."""
        try:
            linked = await self._connecting.finish(self._browser.arrival(request))
        except BotError as error:
            return self._browser.failed(error)
        body = page_texts.connected(linked.extension.name)
        return self._browser.done(page_texts.CONNECTED_TITLE, body, ASKED_COOKIE)


def _asked(ticket: str) -> str:
    """Return the cookie that proves a ticket's page was open.

    A hash, but not the one that the database keeps of the ticket.
    """
    return hashed(f"asked {ticket}")
