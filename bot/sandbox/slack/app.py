"""The Slack app: its workspaces, installations and tokens.

Source: Slack docs, "Installing with OAuth", "Organization-ready apps".
"""

from __future__ import annotations

import secrets
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from bot.sandbox.slack.answers import Args, Json, Problem
from bot.sandbox.slack.grants import Enterprise, Grant, TokenRefusal
from bot.sandbox.slack.space import Space
from bot.sandbox.slack.workspace import Workspace


@dataclass(slots=True, kw_only=True)
class SlackApp:
    """The app.

    Attributes:
        client_id: The app authenticates by it and `client_secret`.
        spaces: All workspaces of the double by id; the app's own comes first.
        grants: All installations by bot token, ended ones included.
    """

    id: str = "A0RINGOUT"
    name: str = "RingOut"
    client_id: str = "5550100.5550142"
    client_secret: str = field(
        default_factory=lambda: secrets.token_hex(16), repr=False
    )
    spaces: dict[str, Space] = field(default_factory=dict)
    grants: dict[str, Grant] = field(default_factory=dict)

    @property
    def home(self) -> Space:
        """The first workspace."""
        return next(iter(self.spaces.values()))

    @property
    def enterprises(self) -> dict[str, Enterprise]:
        """All organizations by id."""
        found = [space.workspace.enterprise for space in self.spaces.values()]
        return {one.id: one for one in found if one is not None}

    def within(self, grant: Grant) -> list[Space]:
        """Return the workspaces in which *grant* is valid now."""
        return [one for one in self.spaces.values() if one.workspace.grant is grant]

    def install(self, place: str, scopes: Iterable[str], by: str = "") -> Grant:
        """Install the app in the workspace or organization with the id *place*.

        Installing it again returns the same token and adds the new scopes.
        """
        enterprise = self.enterprises.get(place)
        if enterprise is None:
            spaces = [self.spaces[place]]
        else:
            members = self.spaces.values()
            spaces = [one for one in members if one.workspace.enterprise == enterprise]
        workspace = spaces[0].workspace
        grant = workspace.grant
        if grant is None or grant.is_org_wide != (enterprise is not None):
            grant = Grant(
                bot=workspace.bot.id,
                team="" if enterprise else workspace.team,
                enterprise=workspace.enterprise,
                by=by,
            )
        self.hold(grant, spaces, scopes)
        return grant

    def hold(
        self, grant: Grant, spaces: Iterable[Space], scopes: Iterable[str]
    ) -> None:
        """Make *grant* valid in *spaces*, whose own installations it revokes."""
        self.grants[grant.token] = grant
        for space in spaces:
            before = space.workspace.grant
            if before is grant:
                space.rules.scopes |= set(scopes)
                continue
            if before is not None and before.team:
                before.refusal = "token_revoked"
            space.workspace.grant = grant
            space.rules.scopes = set(scopes)

    def remove(self, grant: Grant, refusal: TokenRefusal = "account_inactive") -> None:
        """End an installation; the bot leaves all channels."""
        grant.refusal = refusal
        for space in self.within(grant):
            for channel in space.workspace.channels:
                channel.members.discard(grant.bot)
            space.workspace.grant = None

    def space_of(self, grant: Grant | None, values: Mapping[str, Any]) -> Space:
        """Return the workspace that a call is about; the first one if unknown.

        For an organization's token it is the workspace of the channel, trigger or view
        in *values*, else the one of ``team_id``.
        """
        if grant is None:
            return self.home
        if grant.team:
            return self.spaces[grant.team]
        found = self.within(grant)
        for space in found:
            if space.has(values):
                return space
        asked = str(values.get("team_id") or "")
        for space in found:
            if asked in ("", space.workspace.team):
                return space
        return found[0] if found else self.home

    def space_of_url(self, name: str) -> Space:
        """Return the workspace of the response_url *name*."""
        _, _, rest = name.partition("/")
        return self.spaces.get(rest.partition("/")[0], self.home)

    def check_access(self, grant: Grant | None, values: Mapping[str, Any]) -> None:
        """Raise `Problem` if an organization's token is not valid in ``team_id``.

        For a workspace's token ``team_id`` is ignored.
        """
        asked = values.get("team_id")
        if grant is None or not grant.is_org_wide or not asked:
            return
        if all(asked != one.workspace.team for one in self.within(grant)):
            raise Problem("team_access_not_granted")

    def check_credentials(self, args: Args) -> None:
        """Raise `Problem` unless *args* have the app's client ID and secret."""
        if args.text("client_id") != self.client_id:
            raise Problem("invalid_client_id")
        if not secrets.compare_digest(args.text("client_secret"), self.client_secret):
            raise Problem("bad_client_secret")

    def place(self, ref: str) -> str:
        """Return the id of a workspace or organization, given its id, name or domain.

        Raises:
            KeyError: There is no such one.
        """
        for team, space in self.spaces.items():
            if ref in (team, space.workspace.name, space.workspace.domain):
                return team
        for enterprise in self.enterprises.values():
            if ref in (enterprise.id, enterprise.name):
                return enterprise.id
        raise KeyError(ref)


def team_entry(workspace: Workspace) -> Json:
    """Return a workspace as Slack's lists show it."""
    return {"id": workspace.team, "name": workspace.name}


def enterprise_entry(enterprise: Enterprise | None) -> Json | None:
    """Return an organization as Slack's answers show it."""
    if enterprise is None:
        return None
    return {"id": enterprise.id, "name": enterprise.name}


def scope_list(scopes: Collection[str]) -> str:
    """Return scopes as Slack writes them: sorted, with commas between."""
    return ",".join(sorted(scopes))
