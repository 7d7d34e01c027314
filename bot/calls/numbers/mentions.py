"""Mentions in a message's text: whom they are of, and how Slack shows them.

Source: Slack docs, "Formatting text for app surfaces", "Retrieving formatted messages".
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from itertools import islice

MOST_MENTIONED = 5
"""People whose names are looked up for one message: Slack is asked about each."""

SOMEONE = "someone"

_UNNAMED_PERSON = re.compile(r"<@([UW][A-Z0-9]{1,30})>")

_UNNAMED_ONES = {"@": SOMEONE, "#": "a channel"}
"""What stands for a mention whose name is not known, by its first sign."""

_BROADCASTS = {"here", "channel", "everyone"}


def mentioned(texts: Iterable[str]) -> list[str]:
    """Return the Slack ids of the people in *texts* who stand there without a name."""
    found = (each[1] for text in texts for each in _UNNAMED_PERSON.finditer(text))
    return list(islice(dict.fromkeys(found), MOST_MENTIONED))


def is_mention(target: str) -> bool:
    """Whether what stands in Slack's angle brackets is no link."""
    return target.startswith(("@", "#", "!"))


def shown(target: str, label: str, names: Mapping[str, str]) -> str:
    """Return how people see a mention; *names* are known ones by Slack id."""
    sign, rest = target[:1], target[1:]
    if sign == "!":
        return _special(rest, label)
    name = label.lstrip(sign) or names.get(rest, "")
    return f"{sign}{name}" if name else _UNNAMED_ONES[sign]


def _special(kind: str, label: str) -> str:
    if label:
        return label
    if kind in _BROADCASTS:
        return f"@{kind}"
    return "a group" if kind.startswith("subteam^") else ""
