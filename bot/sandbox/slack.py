"""A Slack of our own on 127.0.0.1: for the demo, and to test against.

An imitation of what Slack documents: slack_bolt and slack_sdk work against it as they
are. A workspace with ann, bob and carl; #sales with the bot in it, #general and the
private #deals without.

    async with SlackDouble() as slack:
        ...                                   # a bot with slack.api_url and its tokens
        ack = await slack.command("ann", "sales", "/ringout", "+14155550142")
        cards = await slack.until(lambda: slack.messages("sales"))
        await slack.click("ann", cards[0], "cancel")
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from bot.sandbox.slack_answers import Json
from bot.sandbox.slack_delivery import NOT_THERE, Ack
from bot.sandbox.slack_faults import SlackFaults
from bot.sandbox.slack_ledger import Called, Complaint
from bot.sandbox.slack_limits import SlackLimits
from bot.sandbox.slack_messages import Message, Private
from bot.sandbox.slack_payloads import Delivery, action_of
from bot.sandbox.slack_people import Channel, User
from bot.sandbox.slack_server import SlackServer
from bot.sandbox.slack_signing import Forgery
from bot.sandbox.slack_views import View

T = TypeVar("T")


class SlackDouble(SlackServer):
    """The double: a server, and the strings to pull.

    What belongs together is an attribute: `workspace` (people, channels), `rules`
    (scopes, settings), `door` (hooks, `check_call`), `faults`, `sockets` (Socket Mode),
    `deliveries` (what was brought to the bot, `request_url`), `urls` (response_urls),
    `views`. Limits and the life of response_urls run *speed* times as fast as Slack's.
    """

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
        """Have *user* type a command in *channel* (ids or names); return the ack.

        ``app`` is the person's DM with the app. With *repeat* Slack delivers it so many
        more times at once; with *forgery* somebody else sends it over HTTP.
        """
        person = self.workspace.user(user)
        place = self.app_dm(user) if channel == "app" else self.channel(channel)
        if not _is_in(person, place):
            return Ack(ok=False, seconds=0, error=NOT_THERE, status=0)
        delivery = self.deliveries.command(person, place, command, text, trigger_id)
        return await self.deliveries.bring(delivery, repeat=repeat, forgery=forgery)

    async def click(
        self,
        user: str,
        message: Message,
        action_id: str,
        *,
        block_id: str = "",
        value: str = "",
        blocks: Sequence[Json] | None = None,
        trigger_id: str | None = None,
        repeat: int = 0,
        forgery: Forgery | None = None,
    ) -> Ack:
        """Have *user* press a button of *message*, or choose *value* in its menu.

        Args:
            user: Their id or name.
            message: What they look at.
            action_id: The element; KeyError if it isn't there.
            block_id: Its block, where several blocks have such an element.
            value: A menu's option.
            blocks: What they still see, if the message has changed since.
            trigger_id: The one to use.
            repeat: How many more times Slack delivers it.
            forgery: See `command`.
        """
        seen = message.blocks if blocks is None else blocks
        action = action_of(seen, action_id, block_id, value)
        person = self.workspace.user(user)
        is_theirs = not isinstance(message, Private) or message.user == person.id
        if not is_theirs or not _is_in(person, self.channel(message.channel)):
            return Ack(ok=False, seconds=0, error=NOT_THERE, status=0)
        payloads = self.deliveries.payloads
        delivery = payloads.click(person, message, action, trigger_id)
        return await self.deliveries.bring(delivery, repeat=repeat, forgery=forgery)

    async def submit(self, view: View, values: Json) -> Ack:
        """Have the person who sees a modal submit it with *values* (Slack's shape)."""
        person = self.workspace.user(view.user)
        return await self.deliveries.bring(
            self.deliveries.payloads.submission(person, view, values)
        )

    async def close_view(self, view: View) -> Ack | None:
        """Have a person close a modal; the bot hears of it if it wanted to."""
        if not view.source.get("notify_on_close"):
            return None
        person = self.workspace.user(view.user)
        payloads = self.deliveries.payloads
        return await self.deliveries.bring(payloads.closing(person, view))

    async def click_in_view(
        self, view: View, action_id: str, values: Json, *, value: str = ""
    ) -> Ack:
        """Have the person who sees *view* press a button in it, or choose *value*."""
        person = self.workspace.user(view.user)
        action = action_of(view.source["blocks"], action_id, value=value)
        payloads = self.deliveries.payloads
        return await self.deliveries.bring(
            payloads.click_in_view(person, view, action, values)
        )

    async def event(self, event: Json) -> Ack:
        """Tell the bot of an event, ``{"type": "app_home_opened", …}`` say."""
        return await self.deliveries.bring(self.deliveries.payloads.event(event))

    async def redeliver(
        self,
        what: Ack | Delivery | None = None,
        retry: int = 1,
        reason: str = "timeout",
    ) -> Ack:
        """Deliver *what* (the last, if None) again, with the same envelope id."""
        delivery = what.delivery if isinstance(what, Ack) else what
        delivery = delivery or self.deliveries.last
        if delivery is None:
            raise KeyError("nothing was delivered")
        return await self.deliveries.bring(delivery, retry=retry, reason=reason)

    def say(self, user: str, channel: str, text: str, thread_ts: str = "") -> Message:
        """Have a person write a message; the bot is not told."""
        posted = self._messages.post(
            self.channel(channel).id,
            text,
            via="person",
            user=self.workspace.user(user).id,
            thread_ts=thread_ts,
        )
        self.changes.tell()
        return posted

    # Who is where

    def channel(self, ref: str) -> Channel:
        """Return a channel by its id or name."""
        return self.workspace.channel(ref)

    def app_dm(self, user: str) -> Channel:
        """Return a person's DM with the app."""
        return self.workspace.app_dm(self.workspace.user(user))[0]

    def invite(self, channel: str) -> None:
        """Make the bot a member."""
        self.channel(channel).members.add(self.workspace.bot.id)

    def kick(self, channel: str) -> None:
        """Make the bot a stranger."""
        self.channel(channel).members.discard(self.workspace.bot.id)

    # What people see

    def messages(self, channel: str) -> list[Message]:
        """Return the roots in a channel (id or name), the oldest first."""
        found = self._messages.of(self.channel(channel).id)
        return [one for one in found if not one.thread_ts]

    def thread(self, root: Message) -> list[Message]:
        """Return the replies under *root*."""
        return self._messages.replies(root.channel, root.ts)

    def dm(self, user: str) -> list[Message]:
        """Return the roots in a person's DM with the app."""
        return self.messages(self.app_dm(user).id)

    def private(self, user: str) -> list[Private]:
        """Return what *user* alone sees, wherever it is."""
        person = self.workspace.user(user)
        return [
            one
            for one in self._messages.privates
            if one.user == person.id and not one.deleted
        ]

    def everything(self) -> list[Message]:
        """Return every message, private and deleted ones too."""
        return [*self._messages.all, *self._messages.privates]

    async def until(self, predicate: Callable[[], T], seconds: float = 10.0) -> T:
        """Wait until *predicate* is true; return what it returned.

        Raises:
            TimeoutError: It was not within so many seconds.
        """
        return await self.changes.until(predicate, seconds)

    async def connected(self, count: int = 1, seconds: float = 10.0) -> None:
        """Wait until so many Socket Mode connections are open."""
        await self.until(lambda: len(self.sockets.open) >= count, seconds)

    # What was seen, and what goes wrong

    @property
    def connections(self) -> int:
        """How many Socket Mode connections are open."""
        return len(self.sockets.open)

    @property
    def faults(self) -> SlackFaults:
        """What is to go wrong."""
        return self.door.faults

    @property
    def limits(self) -> SlackLimits:
        """The rate limits; may be changed at any time."""
        return self.door.limiter.limits

    @limits.setter
    def limits(self, limits: SlackLimits) -> None:
        self.door.limiter.limits = limits

    @property
    def calls(self) -> list[Called]:
        """Every Web API call and post to a response_url, the oldest first."""
        return self.door.calls

    def calls_of(self, method: str) -> list[Called]:
        """Return the calls of one method."""
        return [one for one in self.calls if one.method == method]

    @property
    def complaints(self) -> list[Complaint]:
        """What the validators found wrong."""
        return self.door.complaints


def _is_in(user: User, channel: Channel) -> bool:
    """Whether somebody can type and read there; all can join a public channel."""
    return channel.kind == "public" or user.id in channel.members


__all__ = ["Ack", "Complaint", "Json", "SlackDouble"]
