"""Messages: those for everybody in a channel, and those for one person alone."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from bot.sandbox.slack.answers import Json
from bot.sandbox.slack.workspace import Workspace

TOMBSTONE = "This message was deleted."
MICROSECONDS = 1_000_000


@dataclass(frozen=True, slots=True)
class Edit:
    """One version of a message; `at` is in seconds of the monotonic clock."""

    at: float
    text: str
    blocks: Sequence[Json]


@dataclass(slots=True, kw_only=True)
class Message:
    """A message in its present version.

    Attributes:
        channel: The channel's id.
        user: The author's id; the bot user's for the app's messages.
        via: ``chat.postMessage``, ``response_url``, ``ack``, or ``person``.
        thread_ts: The ``ts`` of the parent of a reply; else empty.
        at: When it was posted, in seconds of the monotonic clock.
        edits: The versions after the first, oldest first.
        is_edited: Whether people see "(edited)".
        first: The version that was posted.
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
        """All versions, oldest first."""
        return [self.first, *self.edits]

    @property
    def elements(self) -> list[Json]:
        """Its buttons, menus and other interactive elements."""
        return [element for _, element in elements(self.blocks)]

    def change(self, text: str, blocks: Sequence[Json]) -> None:
        """Replace text and blocks."""
        self.text, self.blocks = text, blocks
        self.edits.append(Edit(time.monotonic(), text, blocks))


@dataclass(slots=True, kw_only=True)
class Private(Message):
    """A message that one person alone sees (Slack: ephemeral); `user` is that person.

    ``via`` is ``ack``, ``response_url`` or ``chat.postEphemeral``.
    """


def elements(blocks: Sequence[Json]) -> Iterator[tuple[str, Json]]:
    """Yield each interactive element, as (block_id, element)."""
    for block in blocks:
        inside = [*(block.get("elements") or ()), block.get("accessory")]
        inside.append(block.get("element"))
        for element in inside:
            if isinstance(element, dict) and "action_id" in element:
                yield str(block.get("block_id", "")), element


class Messages:
    """All messages of a workspace, in the order of posting."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._last = 0
        self.all: list[Message] = []
        self.privates: list[Private] = []

    def new_ts(self) -> str:
        """Return a new ``ts``, greater than all before."""
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
        """Add a message for everybody in the channel; its author is the bot by default."""
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
        """Add a message that *user* alone sees."""
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
        """Return the message with this ``ts``, even if deleted."""
        for message in self.all:
            if message.channel == channel and message.ts == ts:
                return message
        return None

    def of(self, channel: str) -> list[Message]:
        """Return a channel's messages, replies included, without deleted ones."""
        return [one for one in self.all if one.channel == channel and not one.deleted]

    def replies(self, channel: str, root: str) -> list[Message]:
        """Return the replies in the thread of *root*, a ``ts``."""
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
