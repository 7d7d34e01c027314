"""What people type after ``/ringout`` that is no number: help, again, status, hang up."""

from __future__ import annotations

import re
from typing import Literal

from bot.calls.typed import list_phrases

Verb = Literal[
    "help",
    "connect",
    "disconnect",
    "log out",
    "settings",
    "again",
    "call back",
    "status",
    "cancel",
    "hang up",
]

_FILLERS = {"please", "pls", "plz", "now", "just", "the", "my", "a", "to", "and"}
"""Words that change nothing."""

_WHICH = r"(?:(?:last|same|previous|that|this)\s+)"
_WHOM = rf"(?:\s+(?:it|him|her|them|that|this|{_WHICH}?(?:number|call|one|person)))"
_ONES_CALL = r"(?:(?:last|that|this|current|open)\s+)?(?:phone|calls?|conversation)"
_WHOM_OR_CALL = rf"(?:{_WHOM}|\s+{_ONES_CALL})"
_RINGING = rf"(?:\s+(?:calling|ringing|dial(?:l?ing)?){_WHOM_OR_CALL}?)"
_ACCOUNT_WORDS = r"(?:\s+(?:me|in|with|account|ring\s?central))*"

_VERBS_SAID: tuple[tuple[Verb, str], ...] = (
    (
        "status",
        rf"""(?:what(?:['\u2019]?s|\s+is)\s+)?(?:call\s+)?status(?:\s+of\s+{_ONES_CALL})?
                |how(?:['\u2019]?s|\s+is)\s+{_ONES_CALL}(?:\s+going)?""",
    ),
    (
        "help",
        r"""(?:[-/]{0,2}(?:help|usage|info|commands|manual)|[-/]?[?h]+|/ringout)?
                |help\s+me|(?:how|what|which|why|where|who|can\s+(?:i|you))\b[^\d<>+@\#]*""",
    ),
    (
        "again",
        rf"""(?:again|re-?dial|redo|repeat){_WHOM}?
                |(?:call|dial|ring|try){_WHOM}?\s+again
                |(?:call|dial|ring|try)\s+{_WHICH}(?:number|one|person)""",
    ),
    (
        "call back",
        r"(?:call|ring|phone)[\s-]*(?:(?:me|him|her|them)\s+)?back|return\s+call",
    ),
    ("cancel", rf"(?:cancel|stop|abort)(?:{_WHOM_OR_CALL}|{_RINGING})?"),
    (
        "hang up",
        rf"""(?:hang[\s-]?up|end|terminate)(?:\s+on)?{_WHOM_OR_CALL}?
                |hang\s+(?:it|{_ONES_CALL})\s+up|(?:disconnect|drop)\s+{_ONES_CALL}""",
    ),
    ("connect", rf"(?:connect|log[\s-]?in|sign[\s-]?in|link|auth){_ACCOUNT_WORDS}"),
    ("disconnect", rf"disconnect{_ACCOUNT_WORDS}"),
    ("log out", rf"(?:(?:log|sign)[\s-]?(?:out|off)|unlink){_ACCOUNT_WORDS}"),
    ("settings", r"settings?|preferences|prefs|options|config(?:uration)?"),
)
_VERBS = [(verb, re.compile(pattern, re.VERBOSE)) for verb, pattern in _VERBS_SAID]
"""The first pattern that matches decides; the empty text asks for help."""

_WORDLESS = re.compile(r"[+0-9() .-]*[0-9][+0-9() .-]*")
"""A number as it is usually typed. Every verb and every list has a letter, or no digit."""


def read(text: str) -> tuple[Verb, str] | None:
    """Return the verb that a cleaned *text* is, and what follows it; None if it is none."""
    # Trying all patterns takes as long as reading a number.
    if _WORDLESS.fullmatch(text):
        return None
    said = text.lower().replace(",", " ").split()
    phrase = " ".join(each for each in said if each not in _FILLERS)
    for verb, pattern in _VERBS:
        if pattern.fullmatch(phrase):
            return verb, ""
    listed = list_phrases.filters_of(text.lower())
    return None if listed is None else ("status", listed)
