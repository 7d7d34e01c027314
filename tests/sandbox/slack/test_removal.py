"""The Slack double's org-wide installs, and the end of every kind of install."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from bolt_bot import a_slack, by_http, by_socket, client_of, refusal
from bot.sandbox.slack.double import Enterprise, SlackDouble, SlackTeam
from bot.sandbox.slack.rules import SCOPES

CORP = Enterprise("E0CORP", "Corp")
MINE = (
    "tokens_revoked",
    "app_uninstalled",
    "team_access_granted",
    "team_access_revoked",
)


@pytest.fixture
async def slack() -> AsyncIterator[SlackDouble]:
    """Return a running double without limits; nothing may be wrong in the end."""
    async with a_slack() as double:
        yield double


@pytest.fixture
def org(slack: SlackDouble) -> AsyncWebClient:
    """Return a client of an app installed for all of Corp: East and West."""
    for team in ("East", "West"):
        slack.add_team(f"T0{team.upper()}", team, CORP, scopes=None)
    return client_of(slack, slack.app.install("E0CORP", SCOPES, "U0ANN").token)


class Told:
    """A bot that records the events about its own removal."""

    def __init__(self) -> None:
        self.bodies: list[dict[str, Any]] = []

    def __call__(self, app: AsyncApp) -> None:
        """Let *app* listen."""
        for name in MINE:
            app.event(name)(self._keep)

    async def _keep(self, body: dict[str, Any]) -> None:
        self.bodies.append(body)

    @property
    def names(self) -> list[str]:
        """What happened, in order."""
        return [body["event"]["type"] for body in self.bodies]


def of(slack: SlackDouble, team: SlackTeam | SlackDouble) -> AsyncWebClient:
    """Return a client with the team's token as it is now."""
    return client_of(slack, team.bot_token)


# One token for an organization


async def test_an_organizations_token_is_good_in_its_workspaces(
    slack: SlackDouble, org: AsyncWebClient
) -> None:
    """By the channel, or by ``team_id`` where nothing else says which one."""
    east, west = slack.team("East"), slack.team("West")
    for team in (east, west):
        team.invite("sales")
    await org.chat_postMessage(channel="CT0WESTSALES", text="To the west")
    dm = await org.conversations_open(users="U0ANN", team_id="T0EAST")
    await org.chat_postMessage(channel=str(dm["channel"]["id"]), text="To Ann, east")
    foreign = org.chat_postMessage(channel="C0SALES", text="Elsewhere")
    stranger = org.conversations_open(users="U0ANN", team_id="T0SANDBOX")
    who = await org.auth_test()

    assert [one.text for one in west.messages("sales")] == ["To the west"]
    assert [one.text for one in east.dm("ann")] == ["To Ann, east"]
    assert west.dm("ann") == []
    assert await refusal(foreign) == "channel_not_found"
    assert await refusal(stranger) == "team_access_not_granted"
    assert who["is_enterprise_install"] is True
    assert (who["team_id"], who["enterprise_id"]) == ("E0CORP", "E0CORP")


async def test_its_workspaces_are_listed_in_pages(
    slack: SlackDouble, org: AsyncWebClient
) -> None:
    """``auth.teams.list``; with one workspace's own token it is that one."""
    first = await org.auth_teams_list(limit=1)
    cursor = first["response_metadata"]["next_cursor"]
    second = await org.auth_teams_list(limit=1, cursor=cursor)
    own = await client_of(slack).auth_teams_list()

    assert first["teams"] == [{"id": "T0EAST", "name": "East"}]
    assert second["teams"] == [{"id": "T0WEST", "name": "West"}]
    assert second["response_metadata"]["next_cursor"] == ""
    assert own["teams"] == [{"id": "T0SANDBOX", "name": "Sandbox"}]
    assert await refusal(org.auth_teams_list(cursor="?")) == "invalid_cursor"


async def test_an_org_wide_install_replaces_a_workspaces_own(
    slack: SlackDouble,
) -> None:
    """Its old token is revoked, so a bot that keeps both uses the right one."""
    east = slack.add_team("T0EAST", "East", CORP)
    before = of(slack, east)
    slack.app.install("E0CORP", SCOPES)

    assert await refusal(before.auth_test()) == "token_revoked"
    assert (await of(slack, east).auth_test())["is_enterprise_install"] is True


async def test_a_workspace_leaves_and_comes_back(
    slack: SlackDouble, org: AsyncWebClient
) -> None:
    """The events have no team of their own; the others' calls go on."""
    bot = Told()
    async with by_http(slack, bot):
        await slack.revoke_access("West")
        gone = await slack.team("West").command("ann", "sales", "/ringout")
        listed = await org.auth_teams_list()
        closed = org.conversations_open(users="U0ANN", team_id="T0WEST")
        assert await refusal(closed) == "team_access_not_granted"
        await slack.grant_access("West")
        opened = await org.conversations_open(users="U0ANN", team_id="T0WEST")

    assert gone.error == "app_not_installed"
    assert [one["id"] for one in listed["teams"]] == ["T0EAST"]
    assert opened["ok"]
    assert bot.names == ["team_access_revoked", "team_access_granted"]
    for body in bot.bodies:
        assert (body["team_id"], body["enterprise_id"]) == (None, "E0CORP")
        assert body["event"]["team_ids"] == ["T0WEST"]
    with pytest.raises(KeyError):
        await slack.revoke_access("Sandbox")
    with pytest.raises(KeyError):
        await slack.grant_access("Sandbox")


# The end


@pytest.mark.parametrize("way", [by_http, by_socket])
async def test_an_administrator_removes_the_app(slack: SlackDouble, way: Any) -> None:
    """The token dies, the bot leaves its channels, and both events come."""
    other = slack.add_team("T0OTHER", "Other")
    client, bot = of(slack, other), Told()
    async with way(slack, bot):
        acks = await slack.uninstall("T0OTHER")

    assert [ack.ok for ack in acks] == [True, True]
    assert bot.names == ["tokens_revoked", "app_uninstalled"]
    assert bot.bodies[0]["event"]["tokens"] == {
        "oauth": [],
        "bot": [other.workspace.bot.id],
    }
    assert {body["team_id"] for body in bot.bodies} == {"T0OTHER"}
    assert not any("authorizations" in body for body in bot.bodies)
    assert await refusal(client.auth_test()) == "account_inactive"
    assert not other.workspace.has_bot(other.channel("sales"))
    assert (await client_of(slack).auth_test())["ok"]


async def test_the_two_events_may_come_the_other_way_round(slack: SlackDouble) -> None:
    """Slack does not say which is first."""
    slack.app_events.is_uninstalled_first = True
    bot = Told()
    async with by_http(slack, bot):
        await slack.uninstall()

    assert bot.names == ["app_uninstalled", "tokens_revoked"]


async def test_an_organizations_end_is_told_without_a_team(
    slack: SlackDouble, org: AsyncWebClient
) -> None:
    """All its workspaces are gone at once."""
    bot = Told()
    async with by_http(slack, bot):
        await slack.uninstall("Corp")
        with pytest.raises(KeyError):
            await slack.uninstall("Corp")

    assert bot.names == ["tokens_revoked", "app_uninstalled"]
    assert {body["team_id"] for body in bot.bodies} == {None}
    assert {body["enterprise_id"] for body in bot.bodies} == {"E0CORP"}
    assert slack.team("West").workspace.grant is None
    assert await refusal(org.auth_test()) == "account_inactive"


async def test_the_app_removes_itself(slack: SlackDouble) -> None:
    """``apps.uninstall`` wants the app's own secret beside the token."""
    other = slack.add_team("T0OTHER", "Other")
    client, bot = of(slack, other), Told()
    app = slack.app
    async with by_http(slack, bot):
        careless = client.apps_uninstall(client_id=app.client_id, client_secret="no")
        assert await refusal(careless) == "bad_client_secret"
        assert (
            await client.apps_uninstall(
                client_id=app.client_id, client_secret=app.client_secret
            )
        )["ok"]
        await slack.until(lambda: len(bot.bodies) == 2)

    assert await refusal(client.auth_test()) == "account_inactive"
    assert bot.names == ["tokens_revoked", "app_uninstalled"]


async def test_a_token_is_revoked(slack: SlackDouble) -> None:
    """``auth.revoke``; a try with ``test`` does nothing."""
    other = slack.add_team("T0OTHER", "Other")
    client, bot = of(slack, other), Told()
    async with by_http(slack, bot):
        tried = await client.auth_revoke(test=True)
        assert (await client.auth_test())["ok"]
        done = await client.auth_revoke()
        await slack.until(lambda: bot.bodies)

    assert (tried["revoked"], done["revoked"]) == (False, True)
    assert await refusal(client.auth_test()) == "token_revoked"
    assert bot.names == ["tokens_revoked"]


async def test_nobody_has_to_listen(slack: SlackDouble) -> None:
    """A bot that is down when it is removed learns it from the token."""
    acks = await slack.uninstall()

    assert {ack.error for ack in acks} == {"operation_timeout"}
    assert await refusal(client_of(slack).auth_test()) == "account_inactive"
