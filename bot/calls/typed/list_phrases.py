"""How people ask for a list of calls, after ``/callstatus`` as after ``/ringout``."""

from __future__ import annotations

import re

NARROWING = frozenset({"today", "yesterday", "missed", "failed", "company"})
"""Words that are filters."""

NAMING_LISTS = frozenset(
    {
        *("last", "latest", "recent", "recents", "calls"),
        *("status", "history", "log", "list", "callstatus", "/callstatus"),
    }
)
"""Words that ask for a list, and change nothing in it."""

LIST_FILLERS = NAMING_LISTS | {
    *("show", "see", "view", "give", "me", "my", "the", "a", "call", "please", "pls"),
    *("plz", "now", "just", "only", "all", "and", "or", "also", "&"),
    *("'s", "\u2019s"),
    *("to", "from", "with", "of", "by", "for", "on"),
}
"""Words that change nothing: a list is what everybody gets. Several filters of one kind
are joined by "or" anyway, and a number or a person is looked for on both sides."""

_AS_SAID = (
    (re.compile(r"\b(to|yester)day['\u2019]?s\b", re.IGNORECASE), r"\1day"),
    (re.compile(r"\bcall\s+(?=log|list|history|status)", re.IGNORECASE), ""),
    (
        re.compile(
            r"\blast\s+((?:(?:missed|failed|company)\s+)*)call\b", re.IGNORECASE
        ),
        r"last 1 \1",
    ),
    (
        re.compile(
            r"^((?:show|give|my|me|the|\s)*)"
            r"([1-9]\d{0,2}\s+(?:(?:missed|failed|company)\s+)*calls)\b",
            re.IGNORECASE,
        ),
        r"\1last \2",
    ),
    (
        re.compile(
            r"\b(?:(?:the\s+)?numbers?\s+)?(?:(?:that\s+)?ends?|ending)"
            r"\s+(?:in|with|on)[\s:]+(?:\.{2,}\s*)?(?=\d{2,4}\b)"
            r"|\blast\s+(?:(?:[34]|three|four)\s+digits|three|four)(?:\s+(?:are|is))?[\s:]+"
            r"(?=\d{3,4}\b)",
            re.IGNORECASE,
        ),
        "…",
    ),
    (
        re.compile(
            r"(?<![^\s,;])(?<!\d\s)(?:extension|extn?\.?|x)[\s.:#]*(?=\d{3,4}\b)",
            re.IGNORECASE,
        ),
        "",
    ),
)
"""How people say what the filters mean."""

MARKS_BEHIND = ",;.:!?"
"""What may follow a word; in front of one it may mean something."""

_COUNT = re.compile(r"\d{1,2}")


def in_filters(text: str) -> str:
    """Return *text* with what people say of days and counts put as the filters have it."""
    for pattern, meant in _AS_SAID:
        text = pattern.sub(meant, text)
    return text


def is_count(word: str) -> bool:
    """Whether a number among other words says how many calls: no phone's is as short."""
    return _COUNT.fullmatch(word) is not None


def filters_of(text: str) -> str | None:
    """Return the filters in *text*, in lower case; None if it asks for no list.

    A number of more than two digits may be a phone number.
    """
    said = in_filters(text).replace(",", " ").split()
    words = [word for each in said if (word := each.rstrip(MARKS_BEHIND))]
    counts = [each for each in words if is_count(each)]
    rest = {each for each in words if each not in counts}
    is_list = not (NARROWING | NAMING_LISTS).isdisjoint(rest)
    if not is_list or not rest <= NARROWING | LIST_FILLERS or len(counts) > 1:
        return None
    narrows = [each for each in words if each in NARROWING]
    return " ".join([*narrows, *(f"last {each}" for each in counts)])
