"""Installations of the app: a bot token for a workspace or a whole organization."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from typing import Literal

TokenRefusal = Literal["", "account_inactive", "token_revoked"]


@dataclass(frozen=True, slots=True)
class Enterprise:
    """An organization on Enterprise Grid. Its workspaces share its people."""

    id: str
    name: str


@dataclass(slots=True, kw_only=True)
class Grant:
    """One installation. Its scopes are in each workspace's `Rules.scopes`.

    Attributes:
        token: The bot token.
        bot: The bot user's id.
        team: The workspace's id; empty if for a whole organization.
        enterprise: The organization, if any.
        by: The id of the person who installed the app.
        refusal: The error that the token gets; empty while it is valid.
    """

    bot: str
    team: str = ""
    enterprise: Enterprise | None = None
    by: str = ""
    refusal: TokenRefusal = ""
    token: str = field(
        default_factory=lambda: f"xoxb-{secrets.token_hex(8)}", repr=False
    )

    @property
    def is_org_wide(self) -> bool:
        """Whether it is for a whole organization."""
        return not self.team
