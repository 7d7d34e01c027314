"""Installations of the app: a bot token each, for one workspace or a whole org."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from typing import Literal

Refusal = Literal["", "account_inactive", "token_revoked"]


@dataclass(frozen=True, slots=True)
class Enterprise:
    """An organization on Enterprise Grid, whose workspaces share its people."""

    id: str
    name: str


@dataclass(slots=True, kw_only=True)
class Grant:
    """One installation; its scopes are each workspace's `Rules.scopes`.

    Attributes:
        token: The bot token.
        bot: The bot user's id.
        team: The workspace; empty for the whole organization.
        enterprise: The organization; None for a workspace that is in none.
        by: Who installed it.
        refusal: The word with which the token is refused; empty while it is good.
    """

    bot: str
    team: str = ""
    enterprise: Enterprise | None = None
    by: str = ""
    refusal: Refusal = ""
    token: str = field(
        default_factory=lambda: f"xoxb-{secrets.token_hex(8)}", repr=False
    )

    @property
    def is_org_wide(self) -> bool:
        """Whether it is for all workspaces of an organization."""
        return not self.team
