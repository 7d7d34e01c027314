"""The browser's side of an OAuth flow: the cookie, the way there and back, the failure."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from http import HTTPStatus
from typing import Literal

from aiohttp import web

from bot.errors import BotError, UserError
from bot.serving import page_texts, refusals
from bot.serving.oauth_flow import Arrival, Departure
from bot.serving.origin import is_own_page
from bot.serving.page import NOWHERE, page, sealed
from bot.slack.texts.contact import NO_CONTACT, Contact
from bot.storage.people.pending_sign_ins import GOOD_FOR
from bot.user_errors import OtherSite

log = logging.getLogger(__name__)

HOST_ONLY = "__Host-"
"""With this prefix, browsers take a cookie only over HTTPS and from this very host: no
other host of the same domain can plant one. Source: RFC 6265bis, 4.1.3.2."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OAuthBrowser:
    """Answers the browser in one OAuth flow.

    Attributes:
        cookie: The name of the cookie that the browser has to bring back.
        path: On plain HTTP, the cookies of this flow are sent to addresses below it only.
        public_url: The address that browsers use. If it is HTTPS, the cookies are
            `HOST_ONLY`.
        forms: Where forms on the pages may lead.
        failed_title: The title of the page for a failure.
        later: What that page says where only waiting helps.
        more: HTML at its end.
        contact: Whom people are told to ask.
    """

    cookie: str
    path: str
    public_url: str
    forms: str = NOWHERE
    failed_title: str
    later: str
    more: str = ""
    contact: Contact = NO_CONTACT

    def depart(self, departure: Departure) -> web.Response:
        """Send the browser to the vendor's page, with the cookie."""
        answer = web.Response(status=303, headers={"Location": departure.url})
        # Lax, because the vendor's site sends the browser back to ours.
        self.set_cookie(answer, self.cookie, departure.cookie, "Lax")
        return sealed(answer, forms=self.forms)

    def arrival(self, request: web.Request) -> Arrival:
        """Return what the browser brings back."""
        query, cookie = request.query, self.cookie_of(request, self.cookie)
        state, code = query.get("state", ""), query.get("code", "")
        return Arrival(state, code, cookie, query.get("error", ""))

    def done(self, title: str, body: str, *cookies: str) -> web.Response:
        """Return the last page of the flow, which deletes *cookies*.

        The flow's own cookie stays until it expires: with it the page can be reloaded.
        """
        answer = self.page(title, body)
        for name in cookies:
            # Browsers also refuse to delete a `HOST_ONLY` cookie without these.
            answer.del_cookie(
                self._full(name), path=self._cookie_path, secure=self._is_https
            )
        return answer

    def failed(self, error: BotError) -> web.Response:
        """Return the page for a flow that ended with *error*."""
        if isinstance(error, UserError):
            said, status = refusals.told(error, self.contact), HTTPStatus.BAD_REQUEST
        else:
            log.warning("a sign-in or installation failed: %s", type(error).__name__)
            said, status = self.later, HTTPStatus.SERVICE_UNAVAILABLE
        body = page_texts.sentence(said) + self.more
        return self.page(self.failed_title, body, status=status)

    def page(self, title: str, body: str, *, status: int = 200) -> web.Response:
        """Return a page of this flow; *body* is HTML."""
        return page(title, body, status=status, forms=self.forms)

    def check_own(self, request: web.Request) -> None:
        """Raise `OtherSite` unless one of our own pages has sent *request*."""
        site = request.headers.get("Sec-Fetch-Site", "")
        origin = request.headers.get("Origin", "")
        if not is_own_page(site, origin, self.public_url):
            raise OtherSite

    def cookie_of(self, request: web.Request, name: str) -> str:
        """Return the value of a cookie of this flow; empty if there is none."""
        return request.cookies.get(self._full(name), "")

    def set_cookie(
        self,
        answer: web.Response,
        name: str,
        value: str,
        samesite: Literal["Strict", "Lax"],
    ) -> None:
        """Set a cookie of this flow that no script can read."""
        answer.set_cookie(
            self._full(name),
            value,
            max_age=int(GOOD_FOR.total_seconds()),
            path=self._cookie_path,
            httponly=True,
            secure=self._is_https,
            samesite=samesite,
        )

    def _full(self, name: str) -> str:
        return f"{HOST_ONLY}{name}" if self._is_https else name

    @property
    def _cookie_path(self) -> str:
        return "/" if self._is_https else self.path

    @property
    def _is_https(self) -> bool:
        """Whether browsers use HTTPS, whatever a proxy uses behind them."""
        return self.public_url.startswith("https://")
