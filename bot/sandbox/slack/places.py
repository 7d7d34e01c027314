"""Where the bot may post and read, and which error it gets elsewhere."""

from __future__ import annotations

from dataclasses import dataclass

from bot.sandbox.slack.answers import Problem
from bot.sandbox.slack.rules import Rules
from bot.sandbox.slack.workspace import (
    HISTORY_SCOPES,
    READ_SCOPES,
    Channel,
    User,
    Workspace,
)


@dataclass(slots=True)
class Places:
    """Finds the channels of calls; raises `Problem` if the bot may not do that there."""

    workspace: Workspace
    rules: Rules

    def to_post(self, ref: str) -> Channel:
        """Return the channel to post to; a user's id opens their DM with the app.

        Raises:
            Problem: ``channel_not_found``, ``not_in_channel``, ``is_archived``,
                ``restricted_action`` or ``messages_tab_disabled``.
        """
        channel = self._of_user(ref) or self.seen(ref)
        if channel.kind == "app-dm" and not self.rules.messages_tab_enabled:
            raise Problem("messages_tab_disabled")
        if channel.archived:
            raise Problem("is_archived")
        if not self.workspace.has_bot(channel) and not (
            channel.kind == "public" and "chat:write.public" in self.rules.scopes
        ):
            raise Problem("not_in_channel")
        if channel.restricted:
            raise Problem("restricted_action")
        return channel

    def to_whisper(self, ref: str, user_ref: str) -> tuple[Channel, User]:
        """Return the channel and the person of an ephemeral message."""
        channel = self.seen(ref)
        if channel.archived:
            raise Problem("is_archived")
        if not self.workspace.has_bot(channel):
            raise Problem("not_in_channel")
        user = self.workspace.user_by_id(user_ref)
        if user is None or user.id not in channel.members:
            raise Problem("user_not_in_channel")
        return channel, user

    def to_read(self, ref: str) -> Channel:
        """Return the channel to read messages of. Each kind has its own scope."""
        channel = self.seen(ref)
        self.rules.need(HISTORY_SCOPES[channel.kind])
        if not self.workspace.has_bot(channel):
            raise Problem("not_in_channel")
        return channel

    def to_describe(self, ref: str) -> Channel:
        """Return the channel to describe. Each kind has its own scope."""
        channel = self.seen(ref)
        self.rules.need(READ_SCOPES[channel.kind])
        return channel

    def seen(self, ref: str) -> Channel:
        """Return the channel with this id, if it is visible to the bot."""
        channel = self.workspace.by_id(ref)
        if channel is None:
            raise Problem("channel_not_found")
        if channel.kind != "public" and not self.workspace.has_bot(channel):
            raise Problem("channel_not_found")
        return channel

    def dm_with(self, user_ref: str) -> tuple[Channel, bool]:
        """Return a person's DM with the app, opened if need be; and whether it was open."""
        user = self.workspace.user_by_id(user_ref)
        if user is None:
            raise Problem("user_not_found")
        if user.is_bot:
            raise Problem("cannot_dm_bot")
        if user.deleted:
            raise Problem("user_disabled")
        return self.workspace.app_dm(user)

    def _of_user(self, ref: str) -> Channel | None:
        user = self.workspace.user_by_id(ref)
        if user is None:
            return None
        if user.is_bot:
            raise Problem("cannot_dm_bot")
        if not self.rules.messages_tab_enabled:
            raise Problem("messages_tab_disabled")
        return self.workspace.app_dm(user)[0]
