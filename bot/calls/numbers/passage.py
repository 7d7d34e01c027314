"""A passage of a message as it is read: Slack's markup taken apart, characters made plain.

Source: Slack docs, "Formatting text for app surfaces", "Retrieving formatted messages".
"""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from bot.calls.numbers import mentions
from bot.calls.numbers.phone import is_number_link
from bot.calls.typed import dialing

LONGEST_PASSAGE = 20_000
"""Characters of one passage that are read: half of what Slack takes for a message."""

FEWEST_FOUND = 7
"""Digits of the shortest number that is looked for."""

LONGEST_AROUND = 100
"""Characters of the words on each side of a number: there is no room for more."""

_SLACK_MARKUP = re.compile(r"<([^<>|]*)(?:\|([^<>]*))?>")


@dataclass(frozen=True, slots=True)
class NumberLink:
    """A ``tel:`` link: where it stands in the passage, and what it leads to."""

    start: int
    end: int
    target: str = field(repr=False)
    label: str = field(repr=False)

    @property
    def typed(self) -> str:
        """The link as Slack writes it: a label with another number is then noticed."""
        label = re.sub(r"[<>|]", "", self.label)
        return f"<{self.target}|{label}>" if label else f"<{self.target}>"


@dataclass(slots=True)
class Passage:
    """A passage's text, twice and of one length.

    Attributes:
        shown: What people read.
        plain: The same with ASCII digits, spaces, dashes and brackets, and a gap in the
            place of each mention.
        links: Links to phone numbers in it.
        names: Of people who are mentioned, by Slack id.
    """

    shown: str = field(default="", repr=False)
    plain: str = field(default="", repr=False)
    links: list[NumberLink] = field(default_factory=list)
    names: Mapping[str, str] = field(default_factory=dict, repr=False)

    @classmethod
    def of(cls, text: str, names: Mapping[str, str] | None = None) -> Passage:
        """Read a text with Slack's markup and entities; *names* are people's by Slack id."""
        passage, done = cls(names=names or {}), 0
        text = text[:LONGEST_PASSAGE]
        for markup in _SLACK_MARKUP.finditer(text):
            passage._add(text[done : markup.start()])
            passage._add_markup(markup[1], markup[2] or "")
            done = markup.end()
        passage._add(text[done:])
        return passage

    def without_links(self) -> str:
        """Return `plain` with each link as one gap, so that no number runs across it."""
        parts, done = [], 0
        for link in self.links:
            parts += [self.plain[done : link.start], "\n" * (link.end - link.start)]
            done = link.end
        return "".join([*parts, self.plain[done:]])

    def around(self, start: int, end: int) -> tuple[str, str]:
        """Return the words before and after a part, in the same line."""
        before = self.shown[max(start - LONGEST_AROUND, 0) : start]
        after = self.shown[end : end + LONGEST_AROUND]
        return before.rpartition("\n")[2], after.partition("\n")[0]

    def _add(self, text: str) -> None:
        kept, plain = [], []
        for character in html.unescape(text):
            made = "\n" if character == "\n" else dialing.plain_character(character)
            if made:
                kept.append(character)
                plain.append(made)
        self.shown += "".join(kept)
        self.plain += "".join(plain)

    def _add_mention(self, name: str) -> None:
        """Add a name, in which no number is looked for."""
        seen = "".join(each for each in name if each.isprintable())
        self.shown += seen
        self.plain += "\n" * len(seen)

    def _add_markup(self, target: str, label: str) -> None:
        target = html.unescape(target)
        if is_number_link(target):
            start = len(self.plain)
            self._add(label or target.partition(":")[2].lstrip("/"))
            text = html.unescape(label)
            self.links.append(NumberLink(start, len(self.plain), target, text))
        elif target.startswith("!date^"):
            self._add(label)
        elif mentions.is_mention(target):
            self._add_mention(mentions.shown(target, html.unescape(label), self.names))
        elif label and _leads_to_more(target, html.unescape(label)):
            self._add(f"{label} ({target})")
        else:
            self._add(label or target)


def _leads_to_more(target: str, label: str) -> bool:
    """Whether a link's target may hold a number that its label does not show."""
    if _digits(target) < FEWEST_FOUND:
        return False
    return _digits(target.replace(label, "", 1)) > 0


def _digits(text: str) -> int:
    return sum(each.isdigit() for each in text)
