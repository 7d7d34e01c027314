"""``chat.*``: post, update and delete messages.

Source: Slack docs, "chat.postMessage", "chat.update", "chat.postEphemeral",
"chat.delete" and "chat.getPermalink".
"""

from __future__ import annotations

from dataclasses import dataclass

from bot.sandbox.slack.answers import Args, Json, Method, Problem
from bot.sandbox.slack.content import Checker, metadata
from bot.sandbox.slack.messages import Message, Messages
from bot.sandbox.slack.places import Places
from bot.sandbox.slack.workspace import Workspace

WRITE = "chat:write"


@dataclass(slots=True)
class Chat:
    """The methods ``chat.*``."""

    workspace: Workspace
    places: Places
    checker: Checker
    messages: Messages

    def methods(self) -> dict[str, Method]:
        """Return the methods by name."""
        return {
            "chat.postMessage": Method(self._post, WRITE),
            "chat.update": Method(self._update, WRITE),
            "chat.postEphemeral": Method(self._whisper, WRITE),
            "chat.delete": Method(self._delete, WRITE),
            "chat.getPermalink": Method(self._permalink),
        }

    def _post(self, args: Args) -> Json:
        channel = self.places.to_post(args.required("channel"))
        content = self.checker.content(args)
        tags = metadata(args)
        message = self.messages.post(
            channel.id,
            content.text,
            content.blocks,
            via="chat.postMessage",
            thread_ts=self._root(channel.id, args.text("thread_ts")),
            metadata=tags,
            is_broadcast=args.flag("reply_broadcast"),
        )
        return {
            "ok": True,
            "channel": channel.id,
            "ts": message.ts,
            "message": self.messages.as_json(message),
        }

    def _root(self, channel: str, ts: str) -> str:
        """Return the ``ts`` of the message to reply to; empty for no reply."""
        if not ts:
            return ""
        root = self.messages.find(channel, ts)
        if root is None or (root.deleted and not self.messages.replies(channel, ts)):
            raise Problem("thread_not_found")
        if root.thread_ts:
            raise Problem("cannot_reply_to_message")
        return ts

    def _update(self, args: Args) -> Json:
        channel = self.places.seen(args.required("channel"))
        if channel.archived:
            raise Problem("is_inactive")
        message = self._own(channel.id, args.required("ts"), "cant_update_message")
        if self.places.rules.edit_window_closed:
            raise Problem("edit_window_closed")
        if any(args.value(name) is not None for name in ("text", "blocks")):
            self._change(message, args)
        elif args.value("metadata") is None:
            raise Problem("no_text")
        tags = metadata(args)
        if tags is not None:
            message.metadata = tags
        return {
            "ok": True,
            "channel": channel.id,
            "ts": message.ts,
            "text": message.text,
            "message": self.messages.as_json(message),
        }

    def _change(self, message: Message, args: Args) -> None:
        """Replace text and blocks; a text without blocks removes the blocks."""
        content = self.checker.content(args, self.places.rules.longest_update)
        message.change(content.text, content.blocks)
        message.is_edited = message.is_edited or not content.has_blocks

    def _whisper(self, args: Args) -> Json:
        channel, user = self.places.to_whisper(
            args.required("channel"), args.required("user")
        )
        content = self.checker.content(args)
        private = self.messages.whisper(
            user.id,
            channel.id,
            content.text,
            content.blocks,
            via="chat.postEphemeral",
            thread_ts=self._root(channel.id, args.text("thread_ts")),
        )
        return {"ok": True, "message_ts": private.ts}

    def _delete(self, args: Args) -> Json:
        channel = self.places.seen(args.required("channel"))
        message = self._own(channel.id, args.required("ts"), "cant_delete_message")
        message.deleted = True
        return {"ok": True, "channel": channel.id, "ts": message.ts}

    def _permalink(self, args: Args) -> Json:
        channel = self.places.seen(args.required("channel"))
        ts = args.required("message_ts")
        message = self.messages.find(channel.id, ts)
        if message is None or message.deleted:
            raise Problem("message_not_found")
        space = f"https://{self.workspace.domain}.slack.com"
        link = f"{space}/archives/{channel.id}/p{ts.replace('.', '')}"
        if message.thread_ts:
            link += f"?thread_ts={message.thread_ts}&cid={channel.id}"
        return {"ok": True, "channel": channel.id, "permalink": link}

    def _own(self, channel: str, ts: str, refusal: str) -> Message:
        """Return the bot's own message. Private ones can't be found by ``ts``."""
        message = self.messages.find(channel, ts)
        if message is None or message.deleted:
            raise Problem("message_not_found")
        if message.user != self.workspace.bot.id:
            raise Problem(refusal)
        return message
