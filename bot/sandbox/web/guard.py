"""The page's server answers only the browser that was given its address.

A page of another site can make the browser send requests to 127.0.0.1, also under a
host name of its own (DNS rebinding). So the token in the path, the Host and the Origin
must all be right.
"""

from __future__ import annotations

import hmac
import secrets
from dataclasses import dataclass, field

from aiohttp import web

HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; "
    "style-src 'self'; font-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
}
"""The page loads nothing from other sites, runs nothing inline, and can't be framed."""

OWN_SITES = {"", "none", "same-origin"}
"""``Sec-Fetch-Site`` of the page's own requests, and of an address that was typed."""


@dataclass(slots=True)
class Guard:
    """Holds the token, and the host and port once the server listens."""

    host: str = ""
    token: str = field(default_factory=lambda: secrets.token_urlsafe(24), repr=False)

    def check(self, request: web.Request) -> None:
        """Return if *request* is admitted; raise its HTTP error if not."""
        given = request.match_info.get("token", "").encode()
        if not hmac.compare_digest(given, self.token.encode()):
            raise web.HTTPNotFound
        if request.headers.get("Host", "") != self.host:
            raise web.HTTPForbidden(text="Wrong Host\n")
        if request.headers.get("Sec-Fetch-Site", "") not in OWN_SITES:
            raise web.HTTPForbidden(text="Another site\n")
        origin = request.headers.get("Origin")
        if origin != f"http://{self.host}" and (origin or request.method != "GET"):
            raise web.HTTPForbidden(text="Wrong Origin\n")
        if request.method != "GET" and request.content_type != "application/json":
            raise web.HTTPUnsupportedMediaType
