"""Messages: what everybody in a channel sees, and what one person alone sees."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from bot.sandbox.slack.answers import Json
from bot.sandbox.slack.people import Workspace

TOMBSTONE = "This message was deleted."
MICROSECONDS = 1_000_000


@dataclass(frozen=True, slots=True)
class Edit:
    """What a message was changed into; `at` by the monotonic clock."""

    at: float
    text: str
    blocks: Sequence[Json]


@dataclass(slots=True, kw_only=True)
class Message:
    """A message as it is now.

    Attributes:
        channel: The channel's id.
        user: Whose message it is; the bot's user for the app's.
        thread_ts: The root's for a reply, empty for a root.
        at: When it was posted, by the monotonic clock.
        via: ``chat.postMessage``, ``response_url``, ``ack``, or ``person``.
        edits: What it was changed into, the oldest first; the last one is how it is.
        is_edited: Whether people see "(edited)".
        first: What it was when it was posted.
    """

    channel: str
    ts: str
    user: str
    text: str
    blocks: Sequence[Json]
    via: str
    thread_ts: str = ""
    metadata: Json | None = None
    at: float = field(default_factory=time.monotonic)
    edits: list[Edit] = field(default_factory=list)
    deleted: bool = False
    is_edited: bool = False
    is_broadcast: bool = False
    first: Edit = field(init=False)

    def __post_init__(self) -> None:
        self.first = Edit(self.at, self.text, self.blocks)

    @property
    def versions(self) -> list[Edit]:
        """Everything that it ever was, the oldest first."""
        return [self.first, *self.edits]

    @property
    def elements(self) -> list[Json]:
        """Its buttons and menus."""
        return [element for _, element in elements(self.blocks)]

    def change(self, text: str, blocks: Sequence[Json]) -> None:
        """Replace what it says."""
        self.text, self.blocks = text, blocks
        self.edits.append(Edit(time.monotonic(), text, blocks))


@dataclass(slots=True, kw_only=True)
class Private(Message):
    """What one person alone sees in a channel; `user` is that person.

    ``via`` is ``ack``, ``response_url`` or ``chat.postEphemeral``.
    """


def elements(blocks: Sequence[Json]) -> Iterator[tuple[str, Json]]:
    """Return each interactive element with its block's id."""
    for block in blocks:
        inside = [*(block.get("elements") or ()), block.get("accessory")]
        inside.append(block.get("element"))
        for element in inside:
            if isinstance(element, dict) and "action_id" in element:
                yield str(block.get("block_id", "")), element


class Messages:
    """All messages, in the order in which they were posted."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._last = 0
        self.all: list[Message] = []
        self.privates: list[Private] = []

    def new_ts(self) -> str:
        """Return a ``ts`` that no message has, greater than every one before."""
        self._last = max(self._last + 1, time.time_ns() // 1000)
        seconds, rest = divmod(self._last, MICROSECONDS)
        return f"{seconds}.{rest:06d}"

    def post(
        self,
        channel: str,
        text: str,
        blocks: Sequence[Json] = (),
        *,
        via: str,
        user: str = "",
        thread_ts: str = "",
        metadata: Json | None = None,
        is_broadcast: bool = False,
    ) -> Message:
        """Add a message that everybody in the channel sees; by the bot, or by *user*."""
        message = Message(
            channel=channel,
            ts=self.new_ts(),
            user=user or self._workspace.bot.id,
            text=text,
            blocks=blocks,
            via=via,
            thread_ts=thread_ts,
            metadata=metadata,
            is_broadcast=is_broadcast,
        )
        self.all.append(message)
        return message

    def whisper(
        self,
        user: str,
        channel: str,
        text: str,
        blocks: Sequence[Json] = (),
        *,
        via: str,
        thread_ts: str = "",
    ) -> Private:
        """Add a message that one person alone sees."""
        private = Private(
            channel=channel,
            ts=self.new_ts(),
            user=user,
            text=text,
            blocks=blocks,
            via=via,
            thread_ts=thread_ts,
        )
        self.privates.append(private)
        return private

    def find(self, channel: str, ts: str) -> Message | None:
        """Return the message with this ``ts``, deleted or not."""
        for message in self.all:
            if message.channel == channel and message.ts == ts:
                return message
        return None

    def of(self, channel: str) -> list[Message]:
        """Return what stands in a channel, replies included."""
        return [one for one in self.all if one.channel == channel and not one.deleted]

    def replies(self, channel: str, root: str) -> list[Message]:
        """Return what stands under a root."""
        return [one for one in self.of(channel) if one.thread_ts == root]

    def as_json(self, message: Message, *, metadata: bool = False) -> Json:
        """Return a message as Slack's answers show it."""
        replies = self.replies(message.channel, message.ts)
        if message.deleted:
            shown = _tombstone(message)
        else:
            shown = self._shown(message)
            if metadata and message.metadata:
                shown["metadata"] = message.metadata
        if replies:
            people = sorted({one.user for one in replies})
            shown |= {
                "thread_ts": message.ts,
                "reply_count": len(replies),
                "reply_users_count": len(people),
                "reply_users": people,
                "latest_reply": replies[-1].ts,
                "is_locked": False,
                "subscribed": False,
            }
        return shown

    def _shown(self, message: Message) -> Json:
        shown: dict[str, Any] = {
            "type": "message",
            "user": message.user,
            "ts": message.ts,
            "text": message.text,
            "team": self._workspace.team,
        }
        if message.user == self._workspace.bot.id:
            shown |= {
                "bot_id": self._workspace.bot_id,
                "app_id": self._workspace.app,
            }
        if message.blocks:
            shown["blocks"] = list(message.blocks)
        if message.thread_ts:
            shown["thread_ts"] = message.thread_ts
        if message.is_broadcast:
            shown["subtype"] = "thread_broadcast"
        if message.is_edited:
            shown["edited"] = {"user": message.user, "ts": f"{message.ts[:-6]}000000"}
        return shown


def _tombstone(message: Message) -> Json:
    return {
        "type": "message",
        "subtype": "tombstone",
        "user": "USLACKBOT",
        "ts": message.ts,
        "text": TOMBSTONE,
        "hidden": True,
    }
