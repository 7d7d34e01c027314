"""``conversations.*``: channels and their messages.

Source: Slack docs, "conversations.history", "conversations.replies",
"conversations.open" and "conversations.info".
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass

from bot.sandbox.slack.answers import Args, Json, Method, Problem
from bot.sandbox.slack.messages import Message, Messages
from bot.sandbox.slack.places import Places
from bot.sandbox.slack.workspace import READ_SCOPES, Channel, Workspace

LARGEST_PAGE = 999
PAGE = {"history": 100, "replies": 999}
CURSOR = "next_ts:"


@dataclass(slots=True)
class Conversations:
    """The methods ``conversations.*`` and ``users.conversations``."""

    workspace: Workspace
    places: Places
    messages: Messages

    def methods(self) -> dict[str, Method]:
        """Return the methods by name; most scopes depend on the kind of channel."""
        return {
            "conversations.history": Method(self._history),
            "conversations.replies": Method(self._replies),
            "conversations.info": Method(self._info),
            "conversations.open": Method(self._open, "im:write"),
            "users.conversations": Method(self._mine),
        }

    def _history(self, args: Args) -> Json:
        """Return top-level messages and broadcast replies, newest first."""
        channel = self.places.to_read(args.required("channel"))
        found = [
            one
            for one in self.messages.all
            if one.channel == channel.id
            and (not one.thread_ts or one.is_broadcast)
            and self._is_left(one)
            and _is_between(one, args)
        ]
        before = _cursor(args)
        if before:
            found = [one for one in found if one.ts <= before]
        return self._page(found[::-1], args, PAGE["history"])

    def _replies(self, args: Args) -> Json:
        """Return the parent, whatever ``oldest`` and ``latest`` are, and its replies."""
        channel = self.places.to_read(args.required("channel"))
        root = self.messages.find(channel.id, args.required("ts"))
        if root is None or not self._is_left(root):
            raise Problem("thread_not_found")
        replies = self.messages.replies(channel.id, root.ts)
        found = [one for one in replies if _is_between(one, args)]
        after = _cursor(args)
        if after:
            found = [one for one in found if one.ts >= after]
        else:
            found.insert(0, root)
        return self._page(found, args, PAGE["replies"])

    def _is_left(self, message: Message) -> bool:
        """Whether Slack still shows it; a deleted message with replies is a tombstone."""
        return not message.deleted or bool(
            self.messages.replies(message.channel, message.ts)
        )

    def _page(self, found: Sequence[Message], args: Args, size: int) -> Json:
        most = args.number("limit", size, LARGEST_PAGE)
        tags = args.flag("include_all_metadata")
        page: Json = {
            "ok": True,
            "messages": [
                self.messages.as_json(one, metadata=tags) for one in found[:most]
            ],
            "has_more": len(found) > most,
            "pin_count": 0,
        }
        if len(found) > most:
            page["response_metadata"] = {"next_cursor": _encoded(found[most].ts)}
        return page

    def _info(self, args: Args) -> Json:
        channel = self.places.to_describe(args.required("channel"))
        return {"ok": True, "channel": self._described(channel)}

    def _open(self, args: Args) -> Json:
        if args.text("channel"):
            channel, was_open = self.places.seen(args.text("channel")), True
        else:
            users = args.required("users").split(",")
            if len(users) > 1:
                self.places.rules.need("mpim:write")
                raise Problem("too_many_users")
            channel, was_open = self.places.dm_with(users[0])
        shown = {"id": channel.id}
        if args.flag("return_im"):
            shown = self._described(channel)
        return {
            "ok": True,
            "no_op": was_open,
            "already_open": was_open,
            "channel": shown,
        }

    def _mine(self, args: Args) -> Json:
        """Return the bot's channels of the requested types; public ones by default."""
        kinds = {"public_channel": "public", "private_channel": "private"}
        kinds |= {"im": "app-dm", "mpim": "mpim"}
        asked = (args.text("types") or "public_channel").split(",")
        if not set(asked) <= set(kinds):
            raise Problem("invalid_types")
        wanted = {kinds[one] for one in asked}
        for kind, scope in READ_SCOPES.items():
            if kind in wanted:
                self.places.rules.need(scope)
        mine = [
            self._described(one)
            for one in self.workspace.channels
            if one.kind in wanted and self.workspace.has_bot(one)
        ]
        return {"ok": True, "channels": mine, "response_metadata": {"next_cursor": ""}}

    def _described(self, channel: Channel) -> Json:
        shown: Json = {
            "id": channel.id,
            "is_channel": channel.kind == "public",
            "is_group": False,
            "is_im": channel.kind in ("im", "app-dm"),
            "is_mpim": channel.kind == "mpim",
            "is_private": channel.kind != "public",
            "is_archived": channel.archived,
            "is_member": self.workspace.has_bot(channel),
            "is_shared": channel.is_shared,
            "is_ext_shared": channel.is_shared,
            "is_org_shared": False,
            "context_team_id": self.workspace.team,
        }
        if channel.kind == "app-dm":
            others = channel.members - {self.workspace.bot.id}
            return shown | {"user": next(iter(others))}
        return shown | {"name": channel.name, "name_normalized": channel.name}


def _is_between(message: Message, args: Args) -> bool:
    """Whether the message is newer than ``oldest`` and older than ``latest``."""
    oldest, latest = args.text("oldest"), args.text("latest")
    if args.flag("inclusive") and message.ts in (oldest, latest):
        return True
    at = _micros(message.ts)
    return (not oldest or at > _micros(oldest)) and (not latest or at < _micros(latest))


def _micros(ts: str) -> int:
    """Return a ``ts`` in microseconds, to compare exactly."""
    seconds, _, rest = ts.partition(".")
    if not seconds.isdigit() or not (rest or "0").isdigit():
        raise Problem("invalid_ts_oldest")
    return int(seconds) * 1_000_000 + int(rest.ljust(6, "0")[:6])


def _encoded(ts: str) -> str:
    return base64.b64encode(f"{CURSOR}{ts}".encode()).decode()


def _cursor(args: Args) -> str:
    """Return the ``ts`` of the page's first message; empty for the first page."""
    if not args.text("cursor"):
        return ""
    try:
        text = base64.b64decode(args.text("cursor"), validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        raise Problem("invalid_cursor") from None
    if not text.startswith(CURSOR):
        raise Problem("invalid_cursor")
    return text.removeprefix(CURSOR)
