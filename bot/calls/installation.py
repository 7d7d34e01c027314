"""A workspace, or a whole organization, that has installed the app."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Installation:
    """Where the app is installed, and the bot token that is good there.

    Attributes:
        enterprise: The organization's id; empty outside Enterprise Grid.
        team: The workspace's id; empty where all of the organization installed it.
        bot_user: The bot's user id, as ``tokens_revoked`` names it.
        name: What the workspace or the organization is called.
        scopes: What was granted, as Slack writes it: names with commas.
    """

    enterprise: str = ""
    team: str = ""
    token: str = field(repr=False)
    bot_user: str
    bot_id: str
    name: str = ""
    scopes: str = ""
    installed_by: str = ""
    installed_at: datetime

    @property
    def where(self) -> str:
        """The ids, for a log line."""
        return "/".join(each for each in (self.enterprise, self.team) if each)
