"""What the app may do in the workspace, and how the workspace is set up."""

from __future__ import annotations

from dataclasses import dataclass, field

from bot.sandbox.slack.answers import Problem

SCOPES = (
    "chat:write",
    "commands",
    "im:write",
    "users:read",
    "channels:history",
    "groups:history",
    "im:history",
    "mpim:history",
)
"""What a bot that posts and looks for its own posts asks for."""


@dataclass(slots=True, kw_only=True)
class Rules:
    """The settings; each may change at any time.

    Attributes:
        scopes: The bot token's. Taking one away makes its methods ``missing_scope``.
        unsupported_blocks: Block types that this workspace answers with
            ``invalid_blocks``, as one does that a new block has not reached.
        messages_tab_enabled: Whether the app's DM can be written into.
        home_tab_enabled: Whether the app has a Home tab.
        edit_window_closed: Whether messages are too old to be edited.
        revoked: Whether the tokens were revoked.
        longest_text: Characters; Slack itself cuts what is longer, here it is an
            error, so that nobody relies on the cut.
        longest_update: The same for ``chat.update``, where it is Slack's own error.
        trigger_seconds: How long a ``trigger_id`` opens a view.
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
