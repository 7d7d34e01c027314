"""What the doctor says of digests: whether the bot may post them where they are set."""

from __future__ import annotations

from collections.abc import AsyncIterator

import aiohttp
import pytest

from bolt_bot import a_slack
from bot.calls.people.installation import Installation
from bot.doctor.channel_checks import ChannelChecks
from bot.doctor.check import CheckFailed
from bot.sandbox.slack.double import SlackDouble
from bot.settings.reading import read
from bot.slack.posting import web
from bot.storage.calls.store import Store
from bot.storage.people.installations import Installations
from bot.vault import Vault, new_key
from enough import ENOUGH
from intents import NOON

KEY = new_key()
SALES, DEALS = "C0SALES daily 09:00 UTC", "C0DEALS daily 09:00 UTC"


@pytest.fixture
async def slack() -> AsyncIterator[SlackDouble]:
    """Give a workspace whose channel for deals does not have the bot."""
    async with a_slack() as double:
        yield double


async def said(slack: SlackDouble, session: aiohttp.ClientSession, **env: str) -> str:
    """Return what the check says with these settings."""
    whole = {"SLACK_BOT_TOKEN": slack.bot_token, "SLACK_API_URL": slack.api_url}
    checks = ChannelChecks(read(ENOUGH | whole | env), session).all()
    return await next(iter(checks.values()))() if checks else ""


async def test_a_channel_without_the_bot_is_named(slack: SlackDouble) -> None:
    """At nine nobody sees that nothing came; the operator's terminal says it before."""
    async with web.session() as session:
        assert await said(slack, session) == ""
        fine = await said(slack, session, RINGOUT_DIGEST=SALES)
        with pytest.raises(CheckFailed, match="C0DEALS: channel_not_found") as failed:
            await said(slack, session, RINGOUT_DIGEST=f"{SALES};{DEALS}")
        with pytest.raises(CheckFailed, match="its workspace is not the bot's"):
            await said(slack, session, RINGOUT_DIGEST=f"T9:{SALES}")
        slack.rules.scopes.discard("channels:history")
        unseen = await said(slack, session, RINGOUT_DIGEST=SALES)

    assert fine == "1 set, and the bot is in their channels"
    assert failed.value.is_warning
    assert unseen.endswith("can't be seen")
    assert slack.messages("sales") == []


async def test_an_admin_channel_without_the_bot_is_named(slack: SlackDouble) -> None:
    """Whoever asks is told that it failed; the operator should know before."""
    async with web.session() as session:
        checked = ChannelChecks(
            read(
                ENOUGH
                | {
                    "SLACK_BOT_TOKEN": slack.bot_token,
                    "SLACK_API_URL": slack.api_url,
                    "RINGOUT_ADMIN_CHANNEL": "C0SALES",
                }
            ),
            session,
        ).all()
        assert await checked["asking admins"]() == "the bot is in C0SALES"
        for channel, why in (
            ("C0DEALS", "channel_not_found"),
            ("T9:C0SALES", "is not"),
        ):
            with pytest.raises(CheckFailed, match=why) as failed:
                await said(slack, session, RINGOUT_ADMIN_CHANNEL=channel)
            assert failed.value.is_warning
        slack.rules.scopes.discard("channels:history")
        unseen = await said(slack, session, RINGOUT_ADMIN_CHANNEL="C0SALES")

    assert unseen.endswith("can't be seen")


async def test_where_any_workspace_may_install_each_ones_own_token_is_used(
    slack: SlackDouble, store: Store
) -> None:
    """Another workspace's token would say that the channel isn't there."""
    team = slack.workspace.team
    made = Installation(
        enterprise="",
        team=team,
        token=slack.bot_token,
        bot_user="UBOT",
        bot_id="BBOT",
        scopes="chat:write",
        installed_by="U1",
        installed_at=NOON,
    )
    await Installations(store.writer, Vault((KEY,))).put(made)
    many = {
        "SLACK_BOT_TOKEN": "",
        "SLACK_APP_TOKEN": "",
        "SLACK_SIGNING_SECRET": "secret",
        "SLACK_CLIENT_ID": "1.2",
        "SLACK_CLIENT_SECRET": "secret",
        "PUBLIC_URL": "https://bot.example",
        "RINGOUT_SECRET_KEY": KEY,
        "DATABASE_URL": store.url,
    }
    async with web.session() as session:
        fine = await said(slack, session, **many, RINGOUT_DIGEST=f"{team}:{SALES}")
        with pytest.raises(CheckFailed, match="not installed in its workspace"):
            await said(slack, session, **many, RINGOUT_DIGEST=f"T9:{SALES}")

    assert fine.startswith("1 set, and")
