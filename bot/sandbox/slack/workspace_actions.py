"""What the people of one workspace do and see."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Literal

from bot.sandbox.slack.answers import Json
from bot.sandbox.slack.delivery import NOT_IN_CHANNEL, NOT_INSTALLED, Ack, Deliveries
from bot.sandbox.slack.functions import StepRun
from bot.sandbox.slack.inputs import Given
from bot.sandbox.slack.ledger import Changes
from bot.sandbox.slack.messages import Message, Messages, Private
from bot.sandbox.slack.payloads import Delivery, action_of
from bot.sandbox.slack.rules import Rules
from bot.sandbox.slack.signing import Forgery
from bot.sandbox.slack.space import Space
from bot.sandbox.slack.team import user_entry
from bot.sandbox.slack.urls import ResponseUrls
from bot.sandbox.slack.user_groups import GROUPS_SCOPE
from bot.sandbox.slack.views import Views
from bot.sandbox.slack.workspace import Channel, User, Workspace

USER_DISABLED = "user_disabled"
MISSING_SCOPE = "missing_scope"
EVENT_SCOPES = {
    "app_mention": "app_mentions:read",
    "message": "im:history",
    "subteam_members_changed": GROUPS_SCOPE,
    "subteam_updated": GROUPS_SCOPE,
    "user_change": "users:read",
    "user_profile_changed": "users:read",
}
"""The events that Slack sends only to apps with this scope."""


class WorkspaceActions:
    """What a test can do and look at in one workspace.

    People and channels are given by id or name. Where nothing is delivered, the ack has
    an error.
    """

    space: Space
    deliveries: Deliveries
    changes: Changes

    # What people do

    async def command(
        self,
        user: str,
        channel: str,
        command: str,
        text: str = "",
        *,
        trigger_id: str | None = None,
        repeat: int = 0,
        forgery: Forgery | None = None,
    ) -> Ack:
        """Type a command as *user*; return the ack.

        Args:
            user: Their id or name.
            channel: The channel; ``app`` for the person's DM with the app.
            command: The command with its slash.
            text: What follows it.
            trigger_id: The trigger_id to use; None for a new one.
            repeat: How many copies Slack delivers at the same moment.
            forgery: What is wrong with its signature; it then goes by HTTP.
        """
        person = self.workspace.user(user)
        place = self.app_dm(user) if channel == "app" else self.channel(channel)
        refusal = self._refusal(person, "commands")
        if refusal or not _is_in(person, place):
            return undelivered(refusal or NOT_IN_CHANNEL)
        payloads = self.space.payloads
        delivery = payloads.command(person, place, command, text, trigger_id)
        return await self.deliveries.bring(delivery, repeat=repeat, forgery=forgery)

    async def click(
        self,
        user: str,
        message: Message,
        action_id: str,
        *,
        block_id: str = "",
        value: Given = "",
        blocks: Sequence[Json] | None = None,
        trigger_id: str | None = None,
        repeat: int = 0,
        forgery: Forgery | None = None,
    ) -> Ack:
        """Press a button of *message* as *user*, or choose *value* in its menu.

        Args:
            user: Their id or name.
            message: The message.
            action_id: The element; KeyError if there is none.
            block_id: The element's block, if several blocks have such an element.
            value: The option of a menu.
            blocks: Older blocks that the person still sees; None for the present ones.
            trigger_id: See `command`.
            repeat: See `command`.
            forgery: See `command`.
        """
        seen = message.blocks if blocks is None else blocks
        action = action_of(seen, action_id, block_id, value)
        person = self.workspace.user(user)
        is_theirs = not isinstance(message, Private) or message.user == person.id
        refusal = self._refusal(person)
        is_there = is_theirs and _is_in(person, self.channel(message.channel))
        if refusal or not is_there:
            return undelivered(refusal or NOT_IN_CHANNEL)
        delivery = self.space.payloads.click(person, message, action, trigger_id)
        return await self.deliveries.bring(delivery, repeat=repeat, forgery=forgery)

    async def choose_on(
        self,
        user: str,
        message: Message,
        callback_id: str,
        *,
        trigger_id: str | None = None,
        repeat: int = 0,
        forgery: Forgery | None = None,
    ) -> Ack:
        """Choose a shortcut in the menu of *message* as *user*, in a thread too.

        Slack shows none on a message that one person alone sees. For *trigger_id*,
        *repeat* and *forgery* see `command`.
        """
        person = self.workspace.user(user)
        refusal = self._refusal(person, "commands")
        is_shown = not isinstance(message, Private)
        if refusal or not is_shown or not _is_in(person, self.channel(message.channel)):
            return undelivered(refusal or NOT_IN_CHANNEL)
        payloads = self.space.payloads
        delivery = payloads.on_message(person, message, callback_id, trigger_id)
        return await self.deliveries.bring(delivery, repeat=repeat, forgery=forgery)

    async def choose(
        self,
        user: str,
        callback_id: str,
        *,
        channel: str = "",
        trigger_id: str | None = None,
        repeat: int = 0,
        forgery: Forgery | None = None,
    ) -> Ack:
        """Choose a global shortcut as *user*; see `choose_on`.

        *channel*, by id or name, is where they are. Slack doesn't tell the app, but begins
        a menu of conversations with it.
        """
        person = self.workspace.user(user)
        refusal = self._refusal(person, "commands")
        if refusal:
            return undelivered(refusal)
        delivery = self.space.payloads.shortcut(person, callback_id, trigger_id)
        if channel:
            trigger = delivery.payload["trigger_id"]
            self.space.triggers.seen_from[trigger] = self.channel(channel).id
        return await self.deliveries.bring(delivery, repeat=repeat, forgery=forgery)

    async def event(self, event: Json) -> Ack:
        """Send the bot an event, such as ``{"type": "app_home_opened", …}``."""
        scope = EVENT_SCOPES.get(str(event.get("type")), "")
        refusal = self._refusal(None, scope)
        if refusal:
            return undelivered(refusal)
        return await self.deliveries.bring(self.space.payloads.event(event))

    async def open_home(
        self, user: str, tab: Literal["home", "messages"] = "home"
    ) -> Ack:
        """Open the app's Home tab, or the DM with the app, as *user*."""
        person = self.workspace.user(user)
        event: Json = {
            "type": "app_home_opened",
            "user": person.id,
            "channel": self.app_dm(user).id,
            "tab": tab,
        }
        shown = self.views.home(person.id)
        if tab == "home" and shown is not None:
            event["view"] = self.views.as_json(shown)
        return await self.event(event)

    async def deactivate(self, user: str) -> Ack:
        """Deactivate *user* as an administrator; ``user_change`` is sent to the bot."""
        person = self.workspace.user(user)
        person.deleted = True
        return await self.changed(user)

    async def changed(self, user: str) -> Ack:
        """Send the bot a ``user_change`` of *user*."""
        person = self.workspace.user(user)
        person.updated += 1
        shown = user_entry(self.workspace, person)
        return await self.event({"type": "user_change", "user": shown})

    async def set_group(self, group: str, *users: str) -> Ack:
        """Let *users* be the people of a user group; the bot is sent the event."""
        ids = [self.workspace.user(each).id for each in users]
        return await self.event(self.space.user_groups.put(group, ids))

    async def disable_group(self, group: str) -> Ack:
        """Disable a user group; the bot is sent the event."""
        return await self.event(self.space.user_groups.disable(group))

    async def redeliver(
        self,
        what: Ack | Delivery | None = None,
        retry: int = 1,
        reason: str = "timeout",
    ) -> Ack:
        """Deliver *what* again, by default the last one, with the same envelope id."""
        delivery = what.delivery if isinstance(what, Ack) else what
        delivery = delivery or self.deliveries.last
        if delivery is None:
            raise KeyError("nothing was delivered")
        return await self.deliveries.bring(delivery, retry=retry, reason=reason)

    def say(
        self,
        user: str,
        channel: str,
        text: str,
        thread_ts: str = "",
        blocks: Sequence[Json] = (),
    ) -> Message:
        """Post a message as a person. No event is sent."""
        posted = self._messages.post(
            self.channel(channel).id,
            text,
            blocks,
            via="person",
            user=self.workspace.user(user).id,
            thread_ts=thread_ts,
        )
        self.changes.tell()
        return posted

    async def write(
        self,
        user: str,
        channel: str,
        text: str,
        thread_ts: str = "",
        **more: str | bool | Json,
    ) -> Ack:
        """Post a message as *user*, and send the bot the event about it, if there is one.

        That is ``message`` in *channel* ``app``, the person's DM with the app, and
        ``app_mention`` where the bot is and the text mentions it (Slack docs,
        "message.im" and "app_mention"). *more* are further fields of the event, such as
        ``bot_id``, ``subtype`` or ``edited``.
        """
        place = self.app_dm(user) if channel == "app" else self.channel(channel)
        bot = self.workspace.bot.id
        posted = self.say(user, place.id, text, thread_ts)
        is_dm = place.kind == "app-dm"
        if not is_dm and (f"<@{bot}>" not in text or bot not in place.members):
            return undelivered(NOT_IN_CHANNEL)
        event: Json = {
            "type": "message" if is_dm else "app_mention",
            "user": posted.user,
            "text": text,
            "ts": posted.ts,
            "client_msg_id": str(uuid.uuid4()),
            "team": self.workspace.team,
            "channel": place.id,
        }
        if is_dm:
            event["channel_type"] = "im"
        if thread_ts:
            event["thread_ts"] = thread_ts
        return await self.event(event | more)

    async def run_step(self, callback: str, **inputs: str | Json) -> StepRun:
        """Have a workflow run the app's custom step; the event is sent to the bot."""
        run, event = self.space.functions.begin(
            callback, self.workspace.app, dict(inputs)
        )
        await self.event(event)
        return run

    # Who is where

    @property
    def workspace(self) -> Workspace:
        """The people and channels."""
        return self.space.workspace

    @property
    def rules(self) -> Rules:
        """The scopes and settings."""
        return self.space.rules

    @property
    def urls(self) -> ResponseUrls:
        """All response_urls that were ever made."""
        return self.space.urls

    @property
    def views(self) -> Views:
        """The modals and Home tabs."""
        return self.space.views

    @property
    def _messages(self) -> Messages:
        return self.space.messages

    def channel(self, ref: str) -> Channel:
        """Return a channel by its id or name."""
        return self.workspace.channel(ref)

    def app_dm(self, user: str) -> Channel:
        """Return a person's DM with the app."""
        return self.workspace.app_dm(self.workspace.user(user))[0]

    def invite(self, channel: str) -> None:
        """Make the bot a member of *channel*."""
        self.channel(channel).members.add(self.workspace.bot.id)

    def kick(self, channel: str) -> None:
        """Remove the bot from *channel*."""
        self.channel(channel).members.discard(self.workspace.bot.id)

    # What people see

    def messages(self, channel: str) -> list[Message]:
        """Return a channel's messages without replies, oldest first."""
        found = self._messages.of(self.channel(channel).id)
        return [one for one in found if not one.thread_ts]

    def thread(self, root: Message) -> list[Message]:
        """Return the replies to *root*."""
        return self._messages.replies(root.channel, root.ts)

    def dm(self, user: str) -> list[Message]:
        """Return the messages without replies in a person's DM with the app."""
        return self.messages(self.app_dm(user).id)

    def private(self, user: str) -> list[Private]:
        """Return what *user* alone sees, in all channels, without deleted ones."""
        person = self.workspace.user(user)
        return [
            one
            for one in self._messages.privates
            if one.user == person.id and not one.deleted
        ]

    def everything(self) -> list[Message]:
        """Return all messages, private and deleted ones included."""
        return [*self._messages.all, *self._messages.privates]

    def _refusal(self, person: User | None, scope: str = "") -> str:
        """Return the ack's error if Slack delivers nothing; else empty."""
        if self.workspace.grant is None:
            return NOT_INSTALLED
        if person is not None and person.deleted:
            return USER_DISABLED
        return MISSING_SCOPE if scope and scope not in self.rules.scopes else ""


def undelivered(error: str, errors: dict[str, str] | None = None) -> Ack:
    """Return the ack of what Slack did not deliver; *errors* are a form's, by block."""
    body = {"errors": errors} if errors else None
    return Ack(ok=False, seconds=0, error=error, status=0, body=body)


def _is_in(user: User, channel: Channel) -> bool:
    """Whether *user* can read and post in *channel*; everybody can in a public one."""
    return channel.kind == "public" or user.id in channel.members
