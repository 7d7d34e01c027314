"""Reads a message that somebody chose: every text in it that people see.

Source: Slack docs, "Block Kit: blocks", "Rich text block", "Legacy: secondary attachments".
A part that is missing or has another type counts as empty; nothing here raises.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from bot.slack.entrances.payload import object_of, text_of
from bot.slack.texts.text import escape

MOST_TEXTS = 500
"""Texts of one message that are read; Slack takes fifty blocks."""

DEEPEST_BLOCK = 12
"""How far blocks are followed: Slack's own are about half as deep."""

LINES = {"rich_text_section", "rich_text_quote", "rich_text_preformatted"}
"""Elements of rich text whose own elements are pieces of one text."""

PLAIN = {"plain_text", "raw_text", "markdown"}
"""Text objects without Slack's own markup."""

UNSEEN_PARTS = {"confirm", "options", "option_groups", "placeholder"}
"""Parts of blocks that show nobody anything until they are used."""

ATTACHMENT_TEXTS = ("pretext", "text", "fallback", "footer")


@dataclass(frozen=True, slots=True)
class ChosenMessage:
    """A message: its ``ts``, and its texts with Slack's markup, the plain text first."""

    ts: str = ""
    texts: tuple[str, ...] = field(default=(), repr=False)

    @classmethod
    def of(cls, body: dict[str, Any]) -> ChosenMessage:
        """Read the message of a ``message_action`` payload."""
        message = object_of(body, "message")
        ts = text_of(body, "message_ts") or text_of(message, "ts")
        texts = (each for each in _texts(message) if each.strip())
        return cls(ts, tuple(dict.fromkeys(islice(texts, MOST_TEXTS))))


def _texts(message: dict[str, Any]) -> Iterator[str]:
    yield text_of(message, "text")
    yield from _shown(message.get("blocks"), 0)
    listed = message.get("attachments")
    for each in listed if isinstance(listed, list) else []:
        yield _link(text_of(each, "author_link"), text_of(each, "author_name"))
        yield _link(text_of(each, "title_link"), text_of(each, "title"))
        for name in ATTACHMENT_TEXTS:
            yield text_of(each, name)
        if isinstance(each, dict):
            yield from _fields(each.get("fields"))
            yield from _shown(each.get("blocks"), 0)
            yield from _shown(each.get("message_blocks"), 0)
            yield from _shown(each.get("actions"), 0)
    files = message.get("files")
    for each in files if isinstance(files, list) else []:
        yield escape(text_of(each, "title") or text_of(each, "name"))


def _fields(fields: Any) -> Iterator[str]:
    for each in fields if isinstance(fields, list) else []:
        yield f"{text_of(each, 'title')} {text_of(each, 'value')}"


def _shown(part: Any, depth: int) -> Iterator[str]:
    """Yield the texts in a block, an element, a text object, or a list of them."""
    if depth > DEEPEST_BLOCK:
        return
    if isinstance(part, list):
        for each in part:
            yield from _shown(each, depth + 1)
    if not isinstance(part, dict):
        return
    text = _own_text(part)
    if text is not None:
        yield text
        return
    for name, value in part.items():
        if name not in UNSEEN_PARTS:
            yield from _shown(value, depth + 1)


def _own_text(part: dict[str, Any]) -> str | None:
    """Return the text of a part that is one, or leads somewhere; None for others."""
    kind, url = text_of(part, "type"), text_of(part, "url")
    if kind in LINES:
        return _line(part.get("elements"))
    if kind == "mrkdwn":
        return text_of(part, "text")
    if kind in PLAIN:
        return escape(text_of(part, "text"))
    return _link(url, _label(part.get("text"))) if url else None


def _line(elements: Any) -> str:
    """Return pieces of rich text as one text, with links as mrkdwn writes them."""
    pieces = elements if isinstance(elements, list) else []
    return "".join(_piece(each) for each in pieces)


def _link(url: str, text: str) -> str:
    """Return a link with its label as mrkdwn writes it; the label alone without a url."""
    if not url:
        return text
    return f"<{escape(url)}|{text}>" if text else f"<{escape(url)}>"


def _label(text: Any) -> str:
    """Return what a button shows; those of old attachments have it as a string."""
    return escape(text if isinstance(text, str) else text_of(text, "text"))


MENTIONS = {
    "user": ("user_id", "<@{}>"),
    "usergroup": ("usergroup_id", "<!subteam^{}>"),
    "channel": ("channel_id", "<#{}>"),
    "broadcast": ("range", "<!{}>"),
    "emoji": ("name", ":{}:"),
}
"""Elements of rich text that name something by an id, as mrkdwn writes them."""


def _piece(element: Any) -> str:
    text = escape(text_of(element, "text"))
    kind, url = text_of(element, "type"), text_of(element, "url")
    if kind == "link" and url:
        return _link(url, text)
    at, form = MENTIONS.get(kind, ("", ""))
    if at and (named := text_of(element, at)):
        return form.format(escape(named))
    return text or escape(text_of(element, "fallback")) or " "
