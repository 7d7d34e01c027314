"""The words behind ``for`` in a command: whom, or what, a call is about.

They are shown and nothing else. A number among them is not dialed.
"""

from __future__ import annotations

import html
import re

from bot.calls.typed import wrapping

QUOTED = "|".join(
    f"{re.escape(pair[0])}.+?{re.escape(pair[1])}" for pair in wrapping.PAIRS
)
"""Matches text in quotes of any language; what follows has to be checked for a space."""

_IN_QUOTES = re.compile(rf"({QUOTED})(?!\S)(.*)", re.DOTALL)
_MARKUP = re.compile(r"<([^<>|]*)(?:\|([^<>]*))?>")
_UNREADABLE = re.compile(r"[@!][A-Za-z0-9^]+")
"""A user's id or a broadcast: without a label there is nothing to read."""


def split(value: str) -> tuple[str, str]:
    """Return the quoted words at the beginning of *value*, and the text behind them.

    Without quotes all of it are words, and the text behind is empty.
    """
    quoted = _IN_QUOTES.fullmatch(value)
    return (quoted[1], quoted[2].strip()) if quoted else (value, "")


def is_quoted(value: str) -> bool:
    """Whether all of *value* is in quotes: then it is plain where it ends."""
    quoted = _IN_QUOTES.fullmatch(value)
    return quoted is not None and not quoted[2].strip()


def words(value: str) -> str:
    """Return *value* without quotes around it, and with Slack's markup as plain text."""
    plain = html.unescape(_MARKUP.sub(_label, value))
    return wrapping.unwrapped(plain)


def _label(markup: re.Match[str]) -> str:
    """Return what a person reads of ``<@U1|ann>``, ``<#C1|sales>``, ``<https://…|…>``."""
    target, label = markup[1], markup[2]
    if label:
        return f"#{label}" if target.startswith("#") else label
    return "" if _UNREADABLE.fullmatch(target) else target
