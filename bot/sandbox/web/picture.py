"""The Slack double's state for the page, as a flat table of small items."""

from __future__ import annotations

from collections.abc import Iterator

from bot.sandbox.slack.answers import Json
from bot.sandbox.slack.double import SlackDouble
from bot.sandbox.slack.messages import Message, Private
from bot.sandbox.slack.views import View

Item = tuple[str, Json]


def items(slack: SlackDouble) -> Iterator[Item]:
    """Yield everything that people can see in Slack, as keys and items."""
    for user in slack.workspace.users:
        yield (
            f"user:{user.id}",
            {
                "id": user.id,
                "name": user.name,
                "realName": user.real_name,
                "isBot": user.is_bot,
            },
        )
    for channel in slack.workspace.channels:
        yield (
            f"channel:{channel.id}",
            {
                "id": channel.id,
                "name": channel.name,
                "kind": channel.kind,
                "members": sorted(channel.members),
                "hasBot": slack.workspace.has_bot(channel),
            },
        )
    for message in slack.everything():
        if not message.deleted:
            yield f"message:{message.ts}", _message(message)
    for view in slack.views.all:
        if view.is_open:
            yield f"view:{view.id}", _view(view)


def _message(message: Message) -> Json:
    return {
        "ts": message.ts,
        "channel": message.channel,
        "user": "" if isinstance(message, Private) else message.user,
        "onlyFor": message.user if isinstance(message, Private) else "",
        "thread": message.thread_ts,
        "text": message.text,
        "blocks": list(message.blocks),
        "isEdited": message.is_edited,
        "version": len(message.edits),
    }


def _view(view: View) -> Json:
    return {
        "id": view.id,
        "user": view.user,
        "hash": view.hash,
        "source": view.source,
        "values": view.values,
    }
