"""The double of Slack on 127.0.0.1, for the demo and the tests.

It behaves as Slack documents; slack_bolt and slack_sdk work with it unchanged. Its
workspace has ann, bob and carl, #sales with the bot, #general and the private #deals
without it. `SlackDouble.add_team` adds workspaces.

    async with SlackDouble() as slack:
        ...                                   # a bot with slack.api_url and its tokens
        ack = await slack.command("ann", "sales", "/ringout", "+14155550142")
        cards = await slack.until(lambda: slack.messages("sales"))
        await slack.click("ann", cards[0], "cancel")
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import TypeVar

from bot.sandbox.slack.answers import Json
from bot.sandbox.slack.browser import Browser
from bot.sandbox.slack.delivery import Ack
from bot.sandbox.slack.faults import SlackFaults
from bot.sandbox.slack.grants import Enterprise, Grant
from bot.sandbox.slack.ledger import Called, Complaint
from bot.sandbox.slack.limits import SlackLimits
from bot.sandbox.slack.messages import Message
from bot.sandbox.slack.rules import SCOPES
from bot.sandbox.slack.server import SlackServer
from bot.sandbox.slack.space import Space
from bot.sandbox.slack.view_actions import ViewActions
from bot.sandbox.slack.workspace import Workspace

T = TypeVar("T")


class SlackTeam(ViewActions):
    """One workspace; see `WorkspaceActions` and `ViewActions` for what a test can do in it."""

    def __init__(self, server: SlackServer, space: Space) -> None:
        self.space = space
        self.deliveries = server.deliveries
        self.changes = server.changes
        self._server = server

    @property
    def bot_token(self) -> str:
        """The bot token of the installation here; empty if there is none."""
        grant = self.workspace.grant
        return "" if grant is None else grant.token

    async def uninstall(self) -> list[Ack]:
        """Uninstall the app as an administrator: here, or from the whole organization."""
        grant = self.workspace.grant
        if grant is None:
            raise KeyError(f"nothing is installed in {self.workspace.name}")
        return await self._server.app_events.uninstall(grant)


class SlackDouble(SlackServer, Browser, ViewActions):
    """The server, and all that a test can look at or change while it runs.

    What `WorkspaceActions` and `ViewActions` define acts in the first workspace; `add_team` and
    `team` return others. Rate limits and the life of response_urls run *speed* times as
    fast as Slack's.

    Attributes:
        workspace: People and channels.
        rules: Scopes and settings.
        door: Hooks `on_call` and `on_effect`, the validator `check_call`.
        sockets: Socket Mode connections.
        deliveries: What was delivered to the bot, and the bot's `request_url`.
        app: Client ID and secret, installations.
        oauth: Redirect URLs.
    """

    # Workspaces

    def add_team(
        self,
        team: str,
        name: str,
        enterprise: Enterprise | None = None,
        *,
        scopes: Collection[str] | None = SCOPES,
    ) -> SlackTeam:
        """Add a workspace with its own ann, bob and carl.

        Args:
            team: Its id.
            name: Its name.
            enterprise: Its organization, if any.
            scopes: The scopes of the app's installation there; None: not installed.
        """
        if team in self.app.spaces:
            raise ValueError(f"there is a {team} already")
        space = self._open(Workspace.named(team, name, enterprise))
        if scopes is None:
            for channel in space.workspace.channels:
                channel.members.discard(space.workspace.bot.id)
        else:
            self.app.install(team, scopes)
        return SlackTeam(self, space)

    def team(self, ref: str) -> SlackTeam:
        """Return the workspace with this id, name or domain; KeyError if none."""
        return SlackTeam(self, self.app.spaces[self.app.place(ref)])

    async def uninstall(self, team: str = "") -> list[Ack]:
        """Uninstall the app as an administrator.

        Args:
            team: The id or name of a workspace (the first by default) or organization.

        Returns:
            The acks of ``tokens_revoked`` and ``app_uninstalled``.
        """
        place = self.app.place(team or self.workspace.team)
        if place in self.app.enterprises:
            return await self.app_events.uninstall(self._grant_of(place))
        return await self.team(place).uninstall()

    def _grant_of(self, enterprise: str) -> Grant:
        for grant in self.app.grants.values():
            org = grant.enterprise if grant.is_org_wide and not grant.refusal else None
            if org is not None and org.id == enterprise:
                return grant
        raise KeyError(f"nothing is installed in the whole of {enterprise}")

    async def grant_access(self, team: str) -> Ack:
        """Add a workspace to its organization's installation, as an administrator."""
        space = self.team(team).space
        org = space.workspace.enterprise
        grant = self._grant_of(org.id if org else "no organization")
        return await self.app_events.grant_access(grant, space)

    async def revoke_access(self, team: str) -> Ack:
        """Remove a workspace from its organization's installation, as an administrator."""
        space = self.team(team).space
        if not space.workspace.is_org_wide:
            raise KeyError(f"no organization's app is in {team}")
        return await self.app_events.revoke_access(space)

    def everything(self) -> list[Message]:
        """Return all messages of all workspaces, private and deleted ones included."""
        found = [one.messages for one in self.app.spaces.values()]
        return [each for one in found for each in (*one.all, *one.privates)]

    async def until(self, predicate: Callable[[], T], seconds: float = 60.0) -> T:
        """Wait until *predicate* returns something true; return that.

        Raises:
            TimeoutError: It did not within *seconds*.
        """
        return await self.changes.until(predicate, seconds)

    async def connected(self, count: int = 1, seconds: float = 60.0) -> None:
        """Wait until *count* Socket Mode connections are open."""
        await self.until(lambda: len(self.sockets.open) >= count, seconds)

    # What was seen, and what goes wrong

    @property
    def connections(self) -> int:
        """How many Socket Mode connections are open."""
        return len(self.sockets.open)

    @property
    def faults(self) -> SlackFaults:
        """The faults that are set for coming calls."""
        return self.door.faults

    @property
    def limits(self) -> SlackLimits:
        """The rate limits of every workspace. They may be changed at any time."""
        return self._limits

    @limits.setter
    def limits(self, limits: SlackLimits) -> None:
        self._limits = limits
        for space in self.app.spaces.values():
            space.limiter.limits = limits

    @property
    def calls(self) -> list[Called]:
        """All Web API calls and posts to response_urls, oldest first."""
        return self.door.calls

    def calls_of(self, method: str, team: str = "") -> list[Called]:
        """Return the calls of one method, in one workspace if *team* is its id.

        A call with an organization's token counts for the workspace that it is about.
        """
        return [
            one for one in self.calls if one.method == method and team in ("", one.team)
        ]

    @property
    def complaints(self) -> list[Complaint]:
        """All that the validators have found wrong."""
        return self.door.complaints


__all__ = ["Ack", "Complaint", "Enterprise", "Json", "SlackDouble", "SlackTeam"]
