"""A workspace or a whole organization that has installed the app."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Installation:
    """Where the app is installed, and the bot token for it.

    Attributes:
        enterprise: The organization's id; empty outside Enterprise Grid.
        team: The workspace's id; empty if the whole organization installed it.
        bot_user: The bot's user id there.
        name: The name of the workspace or the organization.
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
