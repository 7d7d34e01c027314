"""Slack and RingCentral as a process, for the bots that are measured.

RingCentral is the double, with RingCentral's own limits. Slack's Web API is a few fixed
answers, because the double of Slack would use more processor time than the bot.
"""

from __future__ import annotations

import asyncio
import itertools
import sys
import time

from aiohttp import web

from bot.sandbox.ringcentral.double import RingCentralDouble
from children import say

TEAM = {"team_id": "T0BENCH", "user_id": "U0BOT", "bot_id": "B0BOT", "user": "ringout"}


def member(user: str) -> dict[str, object]:
    """Return a full member of the workspace, as in ``users.info``."""
    flags = {"is_restricted": False, "is_ultra_restricted": False}
    return {"id": user, "team_id": TEAM["team_id"], "deleted": False, **flags}


class Slack:
    """The Web API: every method is ok; Socket Mode connects to the load generator."""

    def __init__(self, socket: str) -> None:
        self._socket = socket
        self._numbers = itertools.count(1)
        self._begun = int(time.time())

    async def api(self, request: web.Request) -> web.Response:
        """Answer any method."""
        asked = {**request.query, **await request.post()}
        number = next(self._numbers)
        if request.match_info.get("method") == "users.info":
            return web.json_response({"ok": True, "user": member(str(asked["user"]))})
        return web.json_response(
            {
                "ok": True,
                "url": f"{self._socket}?n={number}",
                "channel": "C0SALES",
                "ts": f"{self._begun}.{number:06d}",
                **TEAM,
            }
        )


async def serve(socket: str) -> None:
    """Serve until killed."""
    slack = Slack(socket)
    app = web.Application()
    app.router.add_route("*", "/api/{method}", slack.api)
    app.router.add_route("*", "/response/{name:.+}", slack.api)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    async with RingCentralDouble() as ringcentral:
        say(
            api=f"http://127.0.0.1:{runner.addresses[0][1]}/api/",
            ringcentral=ringcentral.url,
            client_id=ringcentral.logins.client_id,
            client_secret=ringcentral.logins.client_secret,
            jwt=ringcentral.logins.jwt,
        )
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(serve(sys.argv[1]))
