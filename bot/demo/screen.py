"""Slack messages drawn as lines of text, for the demo in a terminal."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Any

from bot.sandbox.slack.messages import Edit, Message, Private
from bot.sandbox.slack.workspace import Workspace

SCREEN_WIDTH = 78
_USER = re.compile(r"<@(\w+)>")
_CHANNEL_LINK = re.compile(r"<#(\w+)(?:\|[^>]*)?>")
_DATE = re.compile(r"<!date\^(\d+)\^[^|>]*\|[^>]*>")


class Screen:
    """Draws the messages of *workspace*."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace

    def plain(self, text: str) -> str:
        """Return *text* as a Slack client shows it: names for ids, no markup."""
        text = _USER.sub(lambda m: f"@{self._workspace.user(m[1]).name}", text)
        text = _CHANNEL_LINK.sub(
            lambda m: f"#{self._workspace.channel(m[1]).name}", text
        )
        text = _DATE.sub(lambda m: _clock(int(m[1])), text)
        return html.unescape(re.sub(r"[*`]", "", text))

    def typed(self, user: str, channel: str, line: str) -> list[str]:
        """Draw a line that somebody typed."""
        return ["", f"#{channel}  {user} types: {line}"]

    def message(self, message: Message, version: Edit | None = None) -> list[str]:
        """Draw one version of a message; its last one by default."""
        version = version or message.versions[-1]
        title = "ringout"
        if isinstance(message, Private):
            title += " (Only visible to you)"
        elif message.thread_ts:
            title += " (in the thread)"
        elif version is not message.first:
            title += " (the card, edited)"
        indent = "      " if message.thread_ts else "  "
        body = list(self._blocks(version))
        if not version.blocks:
            lines = version.text.splitlines()
            body = [part for line in lines for part in self._wrapped(line)]
        edge = "└" if message.thread_ts else "│"
        return [f"{indent}┌ {title}", *(f"{indent}{edge} {line}" for line in body)]

    def _blocks(self, version: Edit) -> Iterator[str]:
        for block in version.blocks:
            match block["type"]:
                case "section":
                    yield from self._section(block)
                case "context":
                    for each in block["elements"]:
                        yield from self._wrapped(each["text"])
                case "actions":
                    yield " ".join(f"[{_label(each)}]" for each in block["elements"])
                case "header":
                    yield from self._wrapped(block["text"]["text"])
                case "table" | "data_table":
                    yield from self._table(block["rows"])

    def _section(self, block: dict[str, Any]) -> Iterator[str]:
        if "text" in block:
            for line in block["text"]["text"].splitlines():
                yield from self._wrapped(line)
        for each in block.get("fields", ()):
            yield "  " + " : ".join(self.plain(each["text"]).splitlines())

    def _wrapped(self, text: str) -> Iterator[str]:
        line = ""
        for word in self.plain(text).split():
            if len(line) + len(word) > SCREEN_WIDTH - 6:
                yield line
                line = ""
            line = f"{line} {word}".strip()
        yield line

    def _table(self, rows: Iterable[list[dict[str, Any]]]) -> Iterator[str]:
        cells = [[self._cell(each) for each in row] for row in rows]
        widths = [max(len(row[at]) for row in cells) for at in range(len(cells[0]))]
        for number, row in enumerate(cells):
            padded = (
                text.ljust(width) for text, width in zip(row, widths, strict=True)
            )
            yield " | ".join(padded).rstrip()
            if not number:
                yield "-+-".join("-" * width for width in widths)

    def _cell(self, cell: dict[str, Any]) -> str:
        if cell["type"] != "rich_text":
            return str(cell["text"])
        parts = (part for line in cell["elements"] for part in line["elements"])
        return "".join(map(self._part, parts))

    def _part(self, part: dict[str, Any]) -> str:
        match part["type"]:
            case "date":
                return _clock(int(part["timestamp"]))
            case "user":
                return self.plain(f"<@{part['user_id']}>")
        return str(part.get("text", ""))


def choices(element: dict[str, Any]) -> dict[str, str]:
    """Return what can be pressed in *element*: labels, and the values that Slack sends."""
    options = element.get("options")
    if options is None:
        return {str(element["text"]["text"]): ""} if "text" in element else {}
    return {str(each["text"]["text"]): str(each["value"]) for each in options}


def _label(element: dict[str, Any]) -> str:
    if element["type"] == "overflow":
        return f"⋯ {', '.join(choices(element))}"
    text = element.get("text") or element.get("placeholder") or {"text": "Choose"}
    return str(text["text"])


def _clock(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).astimezone().strftime("%H:%M:%S")
