"""The Slack double's workspaces are apart, and each delivery says where it is from."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_sdk.webhook.async_client import AsyncWebhookClient

from bolt_bot import BLOCKS, ECHO, a_slack, by_http, by_socket, client_of, refusal
from bot.sandbox.slack.double import Enterprise, SlackDouble
from bot.sandbox.slack.limits import SlackLimits

CORP = Enterprise("E0CORP", "Corp")
TITLE = {"type": "plain_text", "text": "Call"}
MODAL = {
    "type": "modal",
    "callback_id": "dial",
    "title": TITLE,
    "submit": TITLE,
    "notify_on_close": True,
    "blocks": [],
}


@pytest.fixture
async def slack() -> AsyncIterator[SlackDouble]:
    """Return a running double without limits; nothing may be wrong in the end."""
    async with a_slack() as double:
        yield double


class Listener:
    """A bot that acks and keeps what it was sent, whichever workspace it is from."""

    def __init__(self) -> None:
        self.bodies: list[dict[str, Any]] = []

    def __call__(self, app: AsyncApp) -> None:
        """Let *app* listen."""
        app.command(ECHO)(self._keep)
        app.action("cancel")(self._keep)
        app.view("dial")(self._keep)
        app.view_closed("dial")(self._keep)
        app.event("app_home_opened")(self._keep)

    async def _keep(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        self.bodies.append(body)
        await ack()


async def test_a_token_is_for_its_own_workspace(slack: SlackDouble) -> None:
    """What a bot forgets to keep apart, Slack keeps apart: there is no such channel."""
    other = slack.add_team("T0OTHER", "Other Corp")
    here, there = client_of(slack), client_of(slack, other.bot_token)
    posted = await there.chat_postMessage(channel="CT0OTHERSALES", text="Hi")
    ts = str(posted["ts"])
    who = [await each.auth_test() for each in (here, there)]

    for refused in (
        here.chat_postMessage(channel="CT0OTHERSALES", text="Hi"),
        there.chat_postMessage(channel="C0SALES", text="Hi"),
        here.chat_update(channel="CT0OTHERSALES", ts=ts, text="Ho"),
        here.conversations_history(channel="CT0OTHERSALES"),
    ):
        assert await refusal(refused) == "channel_not_found"
    assert slack.messages("sales") == []
    assert [one.text for one in other.messages("sales")] == ["Hi"]
    assert len(slack.everything()) == len(other.everything()) == 1
    assert [(one["team_id"], one["team"]) for one in who] == [
        ("T0SANDBOX", "Sandbox"),
        ("T0OTHER", "Other Corp"),
    ]
    assert who[0]["user_id"] != who[1]["user_id"]
    assert [one.team for one in slack.calls_of("auth.test")] == ["T0SANDBOX", "T0OTHER"]


async def test_what_a_workspace_hands_out_is_good_nowhere_else(
    slack: SlackDouble,
) -> None:
    """A trigger, a view, an answer's address: of one workspace alone."""
    other = slack.add_team("T0OTHER", "Other Corp")
    here, there = client_of(slack), client_of(slack, other.bot_token)
    async with by_http(slack, Listener()):
        ack = await other.command("ann", "sales", ECHO, trigger_id="9.9.9")
    assert ack.delivery is not None
    stolen = here.views_open(trigger_id="9.9.9", view=MODAL)
    assert await refusal(stolen) == "invalid_trigger_id"
    opened = await there.views_open(trigger_id="9.9.9", view=MODAL)
    theirs = here.views_update(view_id=opened["view"]["id"], view=MODAL)
    assert await refusal(theirs) == "not_found"
    url = AsyncWebhookClient(ack.delivery.payload["response_url"])

    await url.send(text="For Ann of the other workspace")

    assert slack.private("ann") == []
    assert [one.text for one in other.private("ann")] == [
        "For Ann of the other workspace"
    ]
    assert slack.modal("ann") is None
    assert other.modal("ann") is not None


@pytest.mark.parametrize("way", [by_http, by_socket])
async def test_one_bot_hears_all_workspaces(slack: SlackDouble, way: Any) -> None:
    """At one address, or over one socket; the payload says whose it is."""
    other = slack.add_team("T0OTHER", "Other Corp")
    bot = Listener()
    client = client_of(slack, other.bot_token)
    async with way(slack, bot):
        await slack.command("ann", "sales", ECHO, "x")
        await other.command("ann", "sales", ECHO, "x")
        await client.chat_postMessage(
            channel="CT0OTHERSALES", text="Ringing", blocks=BLOCKS
        )
        await other.click("ann", other.messages("sales")[0], "cancel")
        await other.open_home("ann")
    first, second, press, event = bot.bodies

    assert (first["team_id"], second["team_id"]) == ("T0SANDBOX", "T0OTHER")
    assert first["user_id"] == second["user_id"]
    assert second["team_domain"] == "other-corp"
    assert press["team"] == {"id": "T0OTHER", "domain": "other-corp"}
    assert press["user"]["team_id"] == "T0OTHER"
    assert event["team_id"] == "T0OTHER"
    assert event["authorizations"] == [
        {
            "enterprise_id": None,
            "team_id": "T0OTHER",
            "user_id": other.workspace.bot.id,
            "is_bot": True,
            "is_enterprise_install": False,
        }
    ]


async def test_scopes_and_limits_are_a_workspaces_own() -> None:
    """One workspace's card storm leaves the other's budget alone."""
    tiers = {"users.info": 1, "auth.test": 3}
    limits = SlackLimits(tiers=tiers, posts_per_second=0)
    async with a_slack(limits=limits) as slack:
        slack.rules.scopes.discard("users:read")
        other = slack.add_team("T0OTHER", "Other", scopes={"users:read"})
        here, there = client_of(slack), client_of(slack, other.bot_token)
        unscoped = here.users_info(user="U0ANN")
        assert await refusal(unscoped) == "missing_scope"
        assert (await there.users_info(user="U0ANN"))["user"]["name"] == "ann"
        assert await refusal(there.users_info(user="U0ANN")) == "ratelimited"
        for client in (here, here, there):
            await client.auth_test()
        assert [one.left for one in slack.calls_of("auth.test")] == [2, 1, 2]
        assert len(slack.calls_of("auth.test", "T0OTHER")) == 1
        assert slack.calls_of("users.info")[0].left == 0
        unwritten = there.chat_postMessage(channel="CT0OTHERSALES", text="Hi")
        assert await refusal(unwritten) == "missing_scope"
        slack.limits = SlackLimits.off()
        assert (await there.users_info(user="U0ANN"))["ok"]


async def test_nothing_comes_from_where_the_app_is_not(slack: SlackDouble) -> None:
    """Who has not installed it has no such command."""
    empty = slack.add_team("T0EMPTY", "Empty", scopes=None)
    bot = Listener()
    async with by_http(slack, bot):
        typed = await empty.command("ann", "sales", ECHO)
        seen = await empty.open_home("ann")
        quiet = slack.add_team("T0QUIET", "Quiet", scopes={"chat:write"})
        unknown = await quiet.command("ann", "sales", ECHO)

    assert (typed.error, seen.error) == ("app_not_installed", "app_not_installed")
    assert unknown.error == "missing_scope"
    assert bot.bodies == []
    assert empty.bot_token == ""
    with pytest.raises(KeyError):
        await empty.uninstall()
    with pytest.raises(ValueError, match="already"):
        slack.add_team("T0EMPTY", "Again")
    assert slack.team("Empty").workspace is empty.workspace
    with pytest.raises(KeyError):
        slack.team("Nowhere")


async def test_an_organizations_workspace_names_it(slack: SlackDouble) -> None:
    """Installed in one workspace of an organization: both ids, and no org install."""
    east = slack.add_team("T0EAST", "East", CORP)
    bot = Listener()
    async with by_http(slack, bot):
        await east.command("ann", "sales", ECHO)
        await east.open_home("ann")
    who = await client_of(slack, east.bot_token).auth_test()
    typed, event = bot.bodies

    assert (typed["enterprise_id"], typed["enterprise_name"]) == ("E0CORP", "Corp")
    assert typed["is_enterprise_install"] == "false"
    assert event["enterprise_id"] == "E0CORP"
    [authorization] = event["authorizations"]
    assert authorization["enterprise_id"] == "E0CORP"
    assert authorization["team_id"] == "T0EAST"
    assert (who["enterprise_id"], who["team_id"]) == ("E0CORP", "T0EAST")
    assert who["is_enterprise_install"] is False


async def test_an_org_wide_install_is_told_apart_everywhere(slack: SlackDouble) -> None:
    """Commands say so in text, interactions have no team in views, events neither."""
    east = slack.add_team("T0EAST", "East", CORP, scopes=None)
    slack.add_team("T0WEST", "West", CORP, scopes=None)
    grant = slack.app.install("E0CORP", {"commands", "chat:write", "im:write"})
    client = client_of(slack, grant.token)
    bot = Listener()
    async with by_http(slack, bot):
        await east.command("ann", "sales", ECHO, trigger_id="8.8.8")
        await client.views_open(trigger_id="8.8.8", view=MODAL)
        await east.close_view(east.views.all[0])
        east.invite("sales")
        await client.chat_postMessage(channel="CT0EASTSALES", text="x", blocks=BLOCKS)
        await east.click("ann", east.messages("sales")[0], "cancel")
        await east.open_home("ann")
    typed, closed, press, event = bot.bodies

    assert typed["is_enterprise_install"] == "true"
    assert (typed["team_id"], typed["enterprise_id"]) == ("T0EAST", "E0CORP")
    assert (closed["team"], closed["enterprise"]["id"]) == (None, "E0CORP")
    assert closed["user"]["team_id"] == "T0EAST"
    assert closed["view"]["app_installed_team_id"] == "E0CORP"
    assert press["team"]["id"] == "T0EAST"
    assert press["is_enterprise_install"] is True
    [authorization] = event["authorizations"]
    assert (authorization["team_id"], event["team_id"]) == (None, "T0EAST")
    assert authorization["is_enterprise_install"] is True
