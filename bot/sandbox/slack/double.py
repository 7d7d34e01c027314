"""A Slack of our own on 127.0.0.1: for the demo, and to test against.

An imitation of what Slack documents: slack_bolt and slack_sdk work against it as they
are. A workspace with ann, bob and carl; #sales with the bot in it, #general and the
private #deals without; more workspaces by `SlackDouble.add_team`.

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
from bot.sandbox.slack.people import Workspace
from bot.sandbox.slack.rules import SCOPES
from bot.sandbox.slack.server import SlackServer
from bot.sandbox.slack.space import Space
from bot.sandbox.slack.windows import Windows

T = TypeVar("T")


class SlackTeam(Windows):
    """One workspace of the double; see `Workplace` and `Windows` for its strings."""

    def __init__(self, server: SlackServer, space: Space) -> None:
        self.space = space
        self.deliveries = server.deliveries
        self.changes = server.changes
        self._server = server

    @property
    def bot_token(self) -> str:
        """The token of what is installed here; empty if nothing is."""
        grant = self.workspace.grant
        return "" if grant is None else grant.token

    async def uninstall(self) -> list[Ack]:
        """Have an administrator remove the app, from the whole org if it is there."""
        grant = self.workspace.grant
        if grant is None:
            raise KeyError(f"nothing is installed in {self.workspace.name}")
        return await self._server.app_events.uninstall(grant)


class SlackDouble(SlackServer, Browser, Windows):
    """The double: a server, and the strings to pull.

    What belongs together is an attribute: `workspace` (people, channels), `rules`
    (scopes, settings), `door` (hooks, `check_call`), `faults`, `sockets` (Socket Mode),
    `deliveries` (what was brought to the bot, `request_url`), `urls` (response_urls),
    `views`, `app` (client id and secret, installations), `oauth` (redirect URLs).
    Limits and the life of response_urls run *speed* times as fast as Slack's.

    Its own strings are those of the first workspace; `add_team` returns another's.
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
        """Let there be one more workspace, with ann, bob and carl of its own.

        Args:
            team: Its id.
            name: What people call it.
            enterprise: The organization that it belongs to.
            scopes: With which the app is installed there; None: it is not.
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
        """Return a workspace by its id, name or domain; KeyError if there is none."""
        return SlackTeam(self, self.app.spaces[self.app.place(ref)])

    async def uninstall(self, team: str = "") -> list[Ack]:
        """Have an administrator remove the app; from the first workspace by default.

        Args:
            team: A workspace's or an organization's id or name.

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

    async def give_access(self, team: str) -> Ack:
        """Have an org's administrator let the org-wide app into one more workspace."""
        space = self.team(team).space
        org = space.workspace.enterprise
        grant = self._grant_of(org.id if org else "no organization")
        return await self.app_events.give(grant, space)

    async def take_access(self, team: str) -> Ack:
        """Have an org's administrator keep the org-wide app out of a workspace."""
        space = self.team(team).space
        if not space.workspace.is_org_wide:
            raise KeyError(f"no organization's app is in {team}")
        return await self.app_events.take(space)

    def everything(self) -> list[Message]:
        """Return every message of every workspace, private and deleted ones too."""
        found = [one.messages for one in self.app.spaces.values()]
        return [each for one in found for each in (*one.all, *one.privates)]

    async def until(self, predicate: Callable[[], T], seconds: float = 10.0) -> T:
        """Wait until *predicate* is true; return what it returned.

        Raises:
            TimeoutError: It was not within so many seconds.
        """
        return await self.changes.until(predicate, seconds)

    async def connected(self, count: int = 1, seconds: float = 10.0) -> None:
        """Wait until so many Socket Mode connections are open."""
        await self.until(lambda: len(self.sockets.open) >= count, seconds)

    # What was seen, and what goes wrong

    @property
    def connections(self) -> int:
        """How many Socket Mode connections are open."""
        return len(self.sockets.open)

    @property
    def faults(self) -> SlackFaults:
        """What is to go wrong."""
        return self.door.faults

    @property
    def limits(self) -> SlackLimits:
        """The rate limits of every workspace; may be changed at any time."""
        return self._limits

    @limits.setter
    def limits(self, limits: SlackLimits) -> None:
        self._limits = limits
        for space in self.app.spaces.values():
            space.limiter.limits = limits

    @property
    def calls(self) -> list[Called]:
        """Every Web API call and post to a response_url, the oldest first."""
        return self.door.calls

    def calls_of(self, method: str, team: str = "") -> list[Called]:
        """Return the calls of one method; of a workspace's token, if its id is given.

        Those of an organization's token count for the workspace that they are about.
        """
        return [
            one for one in self.calls if one.method == method and team in ("", one.team)
        ]

    @property
    def complaints(self) -> list[Complaint]:
        """What the validators found wrong."""
        return self.door.complaints


__all__ = ["Ack", "Complaint", "Enterprise", "Json", "SlackDouble", "SlackTeam"]
