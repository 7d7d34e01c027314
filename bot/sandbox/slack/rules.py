"""What the app may do in a workspace, and the workspace's settings."""

from __future__ import annotations

from dataclasses import dataclass, field

from bot.sandbox.slack.answers import Problem

SCOPES = (
    "app_mentions:read",
    "chat:write",
    "commands",
    "im:write",
    "users:read",
    "channels:history",
    "groups:history",
    "im:history",
    "mpim:history",
    "channels:read",
    "groups:read",
    "mpim:read",
    "usergroups:read",
)
"""The scopes of an installation by default."""


@dataclass(slots=True, kw_only=True)
class Rules:
    """The settings. Each may be changed at any time.

    Attributes:
        scopes: The bot token's scopes here.
        unsupported_blocks: Block types that are refused with ``invalid_blocks``, as
            where Slack has not rolled out a new block yet.
        messages_tab_enabled: Whether messages can be sent in the app's DM.
        home_tab_enabled: Whether the app has a Home tab.
        edit_window_closed: Whether messages are too old to be edited.
        revoked: Whether the tokens are revoked.
        longest_text: The most characters of a message. Slack truncates a longer one;
            here it is an error, so that no bot relies on that.
        longest_update: The same for ``chat.update``; a longer text is an error at
            Slack, too.
        trigger_seconds: How long a ``trigger_id`` is valid.
    """

    scopes: set[str] = field(default_factory=lambda: set(SCOPES))
    unsupported_blocks: set[str] = field(default_factory=set)
    messages_tab_enabled: bool = True
    home_tab_enabled: bool = True
    edit_window_closed: bool = False
    revoked: bool = False
    longest_text: int = 40_000
    longest_update: int = 4_000
    trigger_seconds: float = 3.0

    def need(self, scope: str) -> None:
        """Raise ``missing_scope`` unless the bot token has *scope*."""
        if scope and scope not in self.scopes:
            provided = ",".join(sorted(self.scopes))
            raise Problem("missing_scope", needed=scope, provided=provided)
