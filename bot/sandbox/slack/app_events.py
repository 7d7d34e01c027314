"""Events about the app itself: uninstalled, tokens revoked, workspaces added, removed.

Source: Slack docs, "app_uninstalled", "tokens_revoked", "team_access_granted" and
"team_access_revoked". They don't say which of the first two is sent first. The
docs of the last two suggest that an organization's events have no team id.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from bot.sandbox.slack.answers import Json
from bot.sandbox.slack.app import SlackApp
from bot.sandbox.slack.delivery import Ack, Deliveries
from bot.sandbox.slack.grants import Grant, TokenRefusal
from bot.sandbox.slack.payloads import Delivery
from bot.sandbox.slack.space import Space


@dataclass(slots=True)
class AppEvents:
    """Ends installations and sends the app the events.

    Attributes:
        is_uninstalled_first: Whether ``app_uninstalled`` is sent before
            ``tokens_revoked``.
    """

    app: SlackApp
    deliveries: Deliveries
    is_uninstalled_first: bool = False
    _tasks: set[asyncio.Task[list[Ack]]] = field(default_factory=set)

    def end(self, grant: Grant, refusal: TokenRefusal) -> None:
        """End an installation at the app's request; send the events in a task."""
        task = asyncio.create_task(self._tell(self._removed(grant, refusal)))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def uninstall(self, grant: Grant) -> list[Ack]:
        """End an installation as an administrator can; return the app's acks."""
        return await self._tell(self._removed(grant, "account_inactive"))

    async def grant_access(self, grant: Grant, space: Space) -> Ack:
        """Make an organization's token valid in one more of its workspaces."""
        scopes = {scope for one in self.app.within(grant) for scope in one.rules.scopes}
        self.app.hold(grant, [space], scopes)
        return await self._access("team_access_granted", space)

    async def revoke_access(self, space: Space) -> Ack:
        """Remove a workspace from the organization's installation."""
        space.workspace.grant = None
        return await self._access("team_access_revoked", space)

    async def settle(self) -> None:
        """Wait until all events were delivered or have failed."""
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _removed(self, grant: Grant, refusal: TokenRefusal) -> list[Delivery]:
        spaces = self.app.within(grant)
        self.app.remove(grant, refusal)
        events: list[Json] = [
            {"type": "tokens_revoked", "tokens": {"oauth": [], "bot": [grant.bot]}}
        ]
        if refusal == "account_inactive":
            events.append({"type": "app_uninstalled"})
        if self.is_uninstalled_first:
            events.reverse()
        team = grant.team or None
        return [
            space.payloads.wrapped(event, team_id=team)
            for space in spaces[:1]
            for event in events
        ]

    async def _access(self, kind: str, space: Space) -> Ack:
        event = {"type": kind, "team_ids": [space.workspace.team]}
        delivery = space.payloads.wrapped(event, team_id=None)
        return (await self._tell([delivery]))[0]

    async def _tell(self, deliveries: list[Delivery]) -> list[Ack]:
        return [await self.deliveries.bring(one) for one in deliveries]
