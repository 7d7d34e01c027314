"""The pages that a person's browser sees while connecting RingCentral.

Plain, without scripts, and of no use to anybody who only has the address of one.
"""

from __future__ import annotations

import html
import logging
from urllib.parse import urlsplit

from aiohttp import web

from bot.connecting import CALLBACK, CONNECT, Connecting, NotSignedIn
from bot.errors import BotError
from bot.server import Server

log = logging.getLogger(__name__)

COOKIE = "ringout_signin"
COOKIE_LASTS = 600

STYLE = """
:root { color-scheme: light dark; }
body { font: 17px/1.5 system-ui, sans-serif; margin: 0; display: grid;
       place-items: center; min-height: 100vh; background: #f6f5f3; color: #1d1c1d; }
main { background: #fff; border: 1px solid #dcdad6; border-radius: 12px;
       padding: 2rem 2.25rem; max-width: 28rem; margin: 1rem; }
h1 { font-size: 1.35rem; margin: 0 0 .75rem; }
button { font: inherit; font-weight: 600; color: #fff; background: #0b5d46; border: 0;
         border-radius: 8px; padding: .65rem 1.2rem; cursor: pointer; }
button:focus-visible { outline: 3px solid #7fb8a4; outline-offset: 2px; }
.small { font-size: .9rem; color: #616061; }
@media (prefers-color-scheme: dark) {
  body { background: #1a1d21; color: #e8e8e8; }
  main { background: #222529; border-color: #3a3d42; }
  button { background: #2a8f6f; } .small { color: #ababad; }
}
"""


class Pages:
    """Answers the browser; *connecting* decides."""

    def __init__(self, connecting: Connecting, *, public_url: str, server: str) -> None:
        self._connecting = connecting
        self._secure = public_url.startswith("https://")
        origin = urlsplit(server)
        self._policy = (
            "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; "
            f"base-uri 'none'; form-action 'self' {origin.scheme}://{origin.netloc}"
        )

    def add_to(self, server: Server) -> None:
        """Let *server* show them."""
        server.get(CONNECT + "{ticket}", self.ask)
        server.post(CONNECT + "{ticket}", self.begin)
        server.get(CALLBACK, self.finish)

    async def ask(self, request: web.Request) -> web.StreamResponse:
        """Say for whom RingCentral is about to be connected; uses nothing up."""
        try:
            begun = await self._connecting.whose(request.match_info["ticket"])
        except BotError as error:
            return self._sorry(error)
        who = html.escape(begun.label)
        return self._page(
            "Connect RingCentral",
            f"<p>You are about to let <strong>{who}</strong> in Slack place calls by "
            "your RingCentral account. Go on only if that is you.</p>"
            '<form method="post"><button>Sign in at RingCentral</button></form>'
            '<p class="small">The bot can then ring your phones, place calls and read '
            "your call log, nothing else. <code>/ringout disconnect</code> ends it.</p>",
        )

    async def begin(self, request: web.Request) -> web.StreamResponse:
        """Send the browser to RingCentral, with a cookie that it has to bring back."""
        try:
            begun = await self._connecting.begin(request.match_info["ticket"])
        except BotError as error:
            return self._sorry(error)
        answer = web.Response(status=303, headers={"Location": begun.url})
        answer.set_cookie(
            COOKIE,
            begun.cookie,
            max_age=COOKIE_LASTS,
            path="/ringcentral/",
            httponly=True,
            secure=self._secure,
            samesite="Lax",  # RingCentral sends the browser back from its own site
        )
        return self._sealed(answer)

    async def finish(self, request: web.Request) -> web.StreamResponse:
        """Take what RingCentral's page sent the browser back with."""
        query = request.query
        try:
            linked = await self._connecting.finish(
                query.get("state", ""),
                query.get("code", ""),
                request.cookies.get(COOKIE, ""),
            )
        except BotError as error:
            return self._sorry(error)
        name = html.escape(linked.extension.name or "your account")
        answer = self._page(
            "Connected",
            f"<p>Calls that you place from Slack now run as <strong>{name}</strong>.</p>"
            "<p>You can close this page; Slack has a message for you, with a test call."
            "</p>",
        )
        answer.del_cookie(COOKIE, path="/ringcentral/")
        return answer

    def _sorry(self, error: BotError) -> web.Response:
        if isinstance(error, NotSignedIn):
            said, status = str(error), 400
        else:
            log.warning("a sign-in failed: %s", type(error).__name__)
            said = (
                "RingCentral or the bot can't do that just now. Try again in a minute."
            )
            status = 503
        return self._page("Not connected", f"<p>{html.escape(said)}</p>", status=status)

    def _page(self, title: str, body: str, *, status: int = 200) -> web.Response:
        text = (
            '<!doctype html><html lang="en"><head><meta charset="utf-8">'
            '<meta name="viewport" content="width=device-width, initial-scale=1">'
            f"<title>{title}</title><style>{STYLE}</style></head>"
            f"<body><main><h1>{title}</h1>{body}</main></body></html>"
        )
        answer = web.Response(text=text, status=status, content_type="text/html")
        return self._sealed(answer)

    def _sealed(self, answer: web.Response) -> web.Response:
        answer.headers["Cache-Control"] = "no-store"
        answer.headers["Content-Security-Policy"] = self._policy
        answer.headers["Referrer-Policy"] = "no-referrer"
        answer.headers["X-Content-Type-Options"] = "nosniff"
        return answer
