"""Pushed events in a running bot: from RingCentral's phones to the reply in Slack."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.accounts.clients import SHARED
from bot.app.bot import Bot
from bot.sandbox.ports import free_port
from patience import until
from selection import TRANSPORTS
from town import Town, a_town

SELDOM = {"RINGOUT_POLL_SECONDS": "5"}
"""Calls last less than a second here: their end is told by an event, before it is asked."""


def public(town: Town) -> dict[str, str]:
    """Return the settings of a bot with a public address."""
    port = str(free_port())
    return {
        "SLACK_APP_TOKEN": "",
        "SLACK_SIGNING_SECRET": town.slack.signing_secret,
        "PORT": port,
        "PUBLIC_URL": f"http://127.0.0.1:{port}",
    }


async def subscribed(town: Town) -> None:
    """Wait until the events of the shared account flow."""
    bot = town.bot
    assert bot is not None
    await until(lambda: bot._telephone.flows(SHARED))


@pytest.mark.parametrize("http", TRANSPORTS)
async def test_the_end_of_a_call_is_known_by_its_event(
    tmp_path: Path, calls_url: str, *, http: bool
) -> None:
    """A webhook where there is a public address, a WebSocket where there is none."""
    async with a_town(tmp_path, DATABASE_URL=calls_url, **SELDOM) as town:
        push = town.ringcentral.push
        push.permit()
        if http:
            town.env |= public(town)
        await town.open()
        await subscribed(town)
        await town.types()
        await town.finished()
        (made,) = push.subscriptions.all.values()
        await town.close()
        town.check()

    assert made.transport == ("WebHook" if http else "WebSocket")
    assert [each.status for each in push.webhooks.sent if each.status != 200] == []
    assert push.gateway.open == []


@pytest.mark.parametrize(("chosen", "asks"), [("off", False), ("on", True)])
async def test_an_operator_can_switch_it_off(
    tmp_path: Path, calls_url: str, *, chosen: str, asks: bool
) -> None:
    """RingCentral would tell of people's other calls, too."""
    async with a_town(tmp_path, DATABASE_URL=calls_url) as town:
        bot = Bot(town.settings(RINGOUT_EVENTS=chosen))
        tasks = bot._telephone.tasks()
        for each in tasks.values():
            each.close()
        await bot.stop()

    assert ("subscriptions" in tasks) is asks
