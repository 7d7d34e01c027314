"""Text for Slack: escaped, and numbers as the operator lets them be shown."""

from __future__ import annotations

import hashlib
import json
import unicodedata
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from bot.calls.phone import PhoneNumber

Block = dict[str, Any]
UNSEEN = {"Cc", "Cf", "Co", "Cs"}
"""Categories of characters: controls, formatting, private, halves of a pair."""

LONGEST_FOREIGN = 120
"""More of a foreign text (a result, a name) is no help to anybody."""


@dataclass(frozen=True, slots=True)
class Message:
    """What is posted: *text* stands alone, for notifications and screen readers."""

    text: str
    blocks: tuple[Block, ...] = ()

    plainer: tuple[Block, ...] = ()
    """Blocks for a workspace that does not know one of *blocks* yet."""

    replaces: bool = False
    """Whether it takes the place of the message whose button was pressed."""

    def bodies(self) -> list[dict[str, Any]]:
        """Return the arguments to try one after the other, the best first."""
        tries = [self.blocks, self.plainer, ()] if self.plainer else [self.blocks]
        body: dict[str, Any] = {"text": self.text}
        if self.replaces:
            body["replace_original"] = True
        return [body | ({"blocks": list(each)} if each else {}) for each in tries]

    def plainest(self) -> Message:
        """Return the form that every workspace takes."""
        return Message(self.text, self.plainer or self.blocks)

    @property
    def digest(self) -> str:
        """A short value that differs when the message would look different."""
        body = json.dumps([self.text, self.blocks], sort_keys=True)
        return hashlib.sha256(body.encode()).hexdigest()[:16]


def escape(text: str) -> str:
    """Make *text* safe in mrkdwn and ``text``: ``&``, ``<`` and ``>`` alone matter.

    Source: Slack docs, "Formatting text for app surfaces", "Escaping text".
    """
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def foreign(text: str) -> str:
    """Return a person's or the log's *text* escaped, on one line, and not too long.

    Without invisible marks: one that turns the direction of what follows could make a
    name say something about the other party.
    """
    line = " ".join(text.split())
    plain = "".join(each for each in line if unicodedata.category(each) not in UNSEEN)
    if len(plain) > LONGEST_FOREIGN:
        plain = plain[: LONGEST_FOREIGN - 1] + "…"
    return escape(plain)


def shown(number: PhoneNumber | None, *, full: bool) -> str:
    """Return *number* as a channel may see it."""
    if number is None:
        return "the caller's phone"
    return number.international if full else number.masked


def when(moment: datetime, style: str = "{date_short_pretty} at {time}") -> str:
    """Return a date token, which each reader sees in their own time zone."""
    plain = moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC")
    return f"<!date^{int(moment.timestamp())}^{style}|{plain}>"


def spoken(length: timedelta) -> str:
    """Say a length the way people do: ``1 h 2 min``, ``1 min 12 s``, ``45 s``."""
    minutes, seconds = divmod(round(length.total_seconds()), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes} min" if minutes else f"{hours} h"
    if minutes:
        return f"{minutes} min {seconds} s" if seconds else f"{minutes} min"
    return f"{seconds} s"


def section(text: str, *fields: str) -> Block:
    """Return a section of mrkdwn; *fields* stand side by side."""
    block: Block = {"type": "section"}
    if text:
        block["text"] = {"type": "mrkdwn", "text": text}
    if fields:
        block["fields"] = [{"type": "mrkdwn", "text": each} for each in fields]
    return block


def context(text: str) -> Block:
    """Return a line of small print."""
    return {"type": "context", "elements": [{"type": "mrkdwn", "text": text}]}


def button(
    label: str, action_id: str, value: str, *, style: str = "", confirm: str = ""
) -> Block:
    """Return a button; *confirm* is asked before it counts."""
    element: Block = {
        "type": "button",
        "text": {"type": "plain_text", "text": label},
        "action_id": action_id,
        "value": value,
    }
    if style:
        element["style"] = style
    if confirm:
        element["confirm"] = {
            "title": {"type": "plain_text", "text": label},
            "text": {"type": "mrkdwn", "text": confirm},
            "confirm": {"type": "plain_text", "text": label},
            "deny": {"type": "plain_text", "text": "Back"},
        }
    return element


def actions(*buttons: Block) -> Block:
    """Return a row of buttons."""
    return {"type": "actions", "elements": list(buttons)}
