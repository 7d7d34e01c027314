"""Messages and Block Kit blocks: text is escaped, phone numbers are masked.

All mrkdwn is ``verbatim``: Slack then makes no link or mention of what a foreign text
holds. Tokens that we write, such as ``<@U1>``, still work.
"""

from __future__ import annotations

import hashlib
import json
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from bot.calls.numbers.phone import PhoneNumber
from bot.calls.people.names import UNSEEN

Block = dict[str, Any]
MOST_OF_SECTION = 3_000
"""Characters of a section's text (Slack docs, "Section block")."""

LONGEST_FOREIGN = 120
"""Characters that are shown of a text from outside, such as a name or a result."""


@dataclass(frozen=True, slots=True)
class Message:
    """A message to post.

    Attributes:
        text: Says everything by itself: notifications and screen readers use it alone.
        plainer: Other forms, each instead of the one before, for a workspace that does
            not know one of its blocks yet.
        replaces: Whether it replaces the message whose button was pressed.
    """

    text: str
    blocks: tuple[Block, ...] = ()
    plainer: tuple[tuple[Block, ...], ...] = ()
    replaces: bool = False

    def bodies(self) -> list[dict[str, Any]]:
        """Return the request bodies to try in turn, each with simpler blocks."""
        tries = [self.blocks, *self.plainer, ()] if self.plainer else [self.blocks]
        body: dict[str, Any] = {"text": self.text}
        if self.replaces:
            body["replace_original"] = True
        return [body | ({"blocks": list(each)} if each else {}) for each in tries]

    def plainest(self) -> Message:
        """Return the message with blocks that every workspace accepts."""
        return Message(self.text, self.plainer[-1] if self.plainer else self.blocks)

    @property
    def digest(self) -> str:
        """A hash of what the message shows: two messages with one digest look the same."""
        body = json.dumps([self.text, self.blocks], sort_keys=True)
        return hashlib.sha256(body.encode()).hexdigest()[:16]


def escape(text: str) -> str:
    """Escape *text* for mrkdwn and for ``text``: only ``&``, ``<`` and ``>`` need it.

    Source: Slack docs, "Formatting text for app surfaces", "Escaping text".
    """
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def foreign(text: str) -> str:
    """Escape a text that others supply, put it on one line, and cut it.

    Invisible characters are removed: one that reverses the text direction could make a
    name appear to say something about the other party.
    """
    plain = on_one_line(text)
    if len(plain) > LONGEST_FOREIGN:
        plain = plain[: LONGEST_FOREIGN - 1] + "…"
    return escape(plain)


def on_one_line(text: str) -> str:
    """Return a text that others supply without line breaks and invisible characters."""
    line = " ".join(text.split())
    return "".join(each for each in line if unicodedata.category(each) not in UNSEEN)


def passage(text: str, most: int) -> str:
    """Escape a text of several lines that others supply, and cut it to *most* characters.

    Invisible characters are removed, as by `foreign`. An escape is never cut in two.
    """
    lines = (" ".join(each.split()) for each in text.splitlines())
    kept = "\n".join(lines).strip()
    parts: list[str] = []
    left = most - 1
    for each in kept:
        if each != "\n" and unicodedata.category(each) in UNSEEN:
            continue
        part = escape(each)
        if len(part) > left:
            return "".join(parts) + "…"
        parts.append(part)
        left -= len(part)
    return "".join(parts)


def shown(number: PhoneNumber | None, *, full: bool) -> str:
    """Return *number*, masked unless *full*."""
    if number is None:
        return "the caller's phone"
    return number.international if full else number.masked


def capital(text: str) -> str:
    """Return *text* with a capital letter at its start, the rest as it is."""
    return text[:1].upper() + text[1:]


def numbered(call_id: str) -> str:
    """Return a call's id with its word, which stay on one line."""
    return f"call\N{NO-BREAK SPACE}{call_id}"


def when(moment: datetime, style: str = "{date_short_pretty} at {time}") -> str:
    """Return Slack's date token: each reader sees it in their own time zone."""
    plain = moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC")
    return f"<!date^{int(moment.timestamp())}^{style}|{plain}>"


def spoken(length: timedelta) -> str:
    """Return a duration as text: ``1 h 2 min``, ``1 min 12 s``, ``45 s``."""
    minutes, seconds = divmod(round(length.total_seconds()), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes} min" if minutes else f"{hours} h"
    if minutes:
        return f"{minutes} min {seconds} s" if seconds else f"{minutes} min"
    return f"{seconds} s"


def section(text: str, *fields: str) -> Block:
    """Return a section block of mrkdwn; Slack shows *fields* side by side."""
    block: Block = {"type": "section"}
    if text:
        block["text"] = _mrkdwn(text)
    if fields:
        block["fields"] = [_mrkdwn(each) for each in fields]
    return block


def sections(lines: Sequence[str], most: int) -> list[Block]:
    """Return *lines* in sections of up to *most* lines, and of what Slack lets one hold.

    Escaping makes a line up to five times as long as what was typed.
    """
    held: list[list[str]] = []
    for line in lines:
        if (
            not held
            or len(held[-1]) == most
            or _length(held[-1], line) > MOST_OF_SECTION
        ):
            held.append([])
        held[-1].append(line)
    return [section("\n".join(each)) for each in held]


def _length(lines: Sequence[str], line: str) -> int:
    return sum(len(each) + 1 for each in lines) + len(line)


def context(text: str) -> Block:
    """Return a context block: a line of small text."""
    return {"type": "context", "elements": [_mrkdwn(text)]}


def _mrkdwn(text: str) -> Block:
    return {"type": "mrkdwn", "text": text, "verbatim": True}


@dataclass(frozen=True, slots=True)
class Confirmation:
    """What Slack asks before it sends a click; *yes* and *no* are its two buttons."""

    title: str
    text: str
    yes: str
    no: str = "Back"

    @property
    def block(self) -> Block:
        """The confirmation as Block Kit's ``confirm`` object."""
        plain = {
            "title": self.title,
            "confirm": self.yes,
            "deny": self.no,
        }
        return {
            "text": _mrkdwn(self.text),
            **{
                name: {"type": "plain_text", "text": each}
                for name, each in plain.items()
            },
        }


def button(
    label: str,
    action_id: str,
    value: str,
    *,
    style: str = "",
    confirm: str | Confirmation = "",
) -> Block:
    """Return a button; if *confirm* is given, Slack asks it before sending the click."""
    element: Block = {
        "type": "button",
        "text": {"type": "plain_text", "text": label},
        "action_id": action_id,
        "value": value,
    }
    if style:
        element["style"] = style
    if isinstance(confirm, str) and confirm:
        confirm = Confirmation(label, confirm, label)
    if confirm:
        element["confirm"] = confirm.block
    return element


def overflow(action_id: str, options: Mapping[str, str]) -> Block:
    """Return a menu behind three dots: *options* are its values and their labels."""
    return {
        "type": "overflow",
        "action_id": action_id,
        "options": [
            {"text": {"type": "plain_text", "text": label}, "value": value}
            for value, label in options.items()
        ],
    }


def menu(placeholder: str, action_id: str, options: Sequence[tuple[str, str]]) -> Block:
    """Return a menu; *options* are texts and values."""
    return {
        "type": "static_select",
        "action_id": action_id,
        "placeholder": {"type": "plain_text", "text": placeholder},
        "options": [
            {"text": {"type": "plain_text", "text": text}, "value": value}
            for text, value in options
        ],
    }


def actions(*buttons: Block) -> Block:
    """Return an actions block: a row of buttons."""
    return {"type": "actions", "elements": list(buttons)}
