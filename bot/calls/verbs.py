"""What people type after ``/ringout`` that is no number: help, again, status, cancel."""

from __future__ import annotations

import re
from typing import Literal

Verb = Literal["help", "connect", "disconnect", "settings", "again", "status", "cancel"]

_HELP = re.compile(
    r"""(?:[-/]{0,2}(?:help|usage|info|commands|how(?:\s+to)?)|[-/]?[?h]+
        |(?:please\s+)?help(?:\s+me)?(?:\s+please)?)?""",
    re.VERBOSE,
)
_AGAIN = re.compile(
    r"(?:call\s+|dial\s+|try\s+)?again|re-?dial|(?:call\s+)?last\s+number"
)
_CANCEL = re.compile(
    r"(?:cancel|stop|abort|hang\s?up|end)(?:\s+(?:it|(?:(?:the|my|this)\s+)?call))?"
)
_STATUS = re.compile(
    r"""(?:my\s+)?(?:last(?!\s+number)|recent|(?:call\s*)?(?:status|history|log|list)|calls)
        (?:\s+(?:calls?|last|today|yesterday|missed|failed|\d{1,2}))*""",
    re.VERBOSE,
)
_FILTERS = re.compile(r"today|yesterday|missed|failed")
_COUNT = re.compile(r"\d+")


def read(text: str) -> tuple[Verb, str] | None:
    """Return the verb that a cleaned *text* is, and what follows it; None if it is none."""
    word = " ".join(text.lower().split())
    if _HELP.fullmatch(word):
        return "help", ""
    for own in ("connect", "disconnect", "settings"):
        if word == own:
            return own, ""
    if _AGAIN.fullmatch(word):
        return "again", ""
    if _CANCEL.fullmatch(word):
        return "cancel", ""
    return ("status", _listed(word)) if _STATUS.fullmatch(word) else None


def _listed(word: str) -> str:
    """Return *word* as ``/callstatus`` reads it: filters, then ``last N``."""
    count = _COUNT.search(word)
    last = [f"last {count[0]}"] if count else []
    return " ".join([*_FILTERS.findall(word), *last])
