"""``ringout-bot demo --web``: the demo on a page in the browser."""

from __future__ import annotations

import asyncio
import sys
import webbrowser
from collections.abc import Mapping

from bot.demo.stage import Stage
from bot.sandbox.web.server import WebServer
from bot.workspaces import manifest

FIRST_MESSAGES = (
    (
        "sales",
        "bob",
        "Northwind rang this morning about the renewal, and nobody was in.",
        (
            "carl",
            (
                "Call 415 555 0142, or their front desk, +1 415 555 0143 ext. 12. It's "
                "about order 4155550199."
            ),
        ),
    ),
    ("sales", "bob", "Could you ring them back, @ann? It's (415) 555-0142."),
    ("general", "bob", "Ann and I dial from the team's shared RingCentral account."),
    (
        "general",
        "bob",
        (
            "Carl and I are our RingOut admins. Be me, and type `/ringout-admin help`, or look "
            "at the desk on RingOut's Home tab."
        ),
    ),
    (
        "admins",
        "bob",
        "When somebody asks us to allow a call, it comes here. Whoever sees it first answers.",
    ),
    (
        "general",
        "carl",
        (
            "I'm in London. With my own account (`/ringout connect`) and my home country "
            "(`/ringout settings`), 020 7946 0958 is enough for me."
        ),
    ),
)
"""Channel, person and line of the messages before the first call, and who replied what."""


def can_open(environment: Mapping[str, str]) -> bool:
    """Whether a browser can be opened on the screen of the person at this terminal."""
    if not sys.stdin.isatty() or "CI" in environment:
        return False
    if environment.get("BROWSER"):
        return True
    if "SSH_CONNECTION" in environment:
        return False
    if sys.platform.startswith(("win", "darwin")):
        return True
    return bool(environment.get("DISPLAY") or environment.get("WAYLAND_DISPLAY"))


async def show(stage: Stage, story: str | None, *, opens: bool) -> int:
    """Serve the page for good; return the exit code if the bot does not start."""
    try:
        async with stage.opened():
            await _serve(stage, story or "driven", opens=opens)
    except TimeoutError:
        sys.stderr.write("The bot does not answer:\n" + stage.log[-2000:])
    return 1


async def _serve(stage: Stage, story: str, *, opens: bool) -> None:
    server = WebServer(
        slack=stage.slack,
        ringcentral=stage.ringcentral,
        crew=stage,
        hook=stage.hook,
        manifest=manifest.load(),
        story=story,
    )
    for channel, user, line, *replies in FIRST_MESSAGES:
        written = server.deeds.typed.written
        root = stage.slack.say(user, channel, written(line))
        for who, reply in replies:
            stage.slack.say(who, channel, written(reply), root.ts)
    address = await server.start()
    try:
        _say(
            "It is ready. Open this address in a browser; Ctrl-C ends the demo.",
            f"\n  {address}\n",
        )
        if opens:
            await asyncio.to_thread(webbrowser.open, address)
        await asyncio.Event().wait()  # until a signal cancels this
    finally:
        await server.close()


def _say(*lines: str) -> None:
    sys.stdout.write("\n".join(lines) + "\n")
    sys.stdout.flush()
