"""Drops what people paste around a number: quotes, Slack's marks, labels of signatures."""

from __future__ import annotations

import re

from bot.calls.typed import labels

PAIRS = (
    "**",
    "__",
    "~~",
    "``",
    '""',
    "''",
    "||",
    "\u201c\u201d",
    "\u201e\u201c",
    "\u201e\u201d",
    "\u201d\u201d",
    "\u2018\u2019",
    "\u201a\u2018",
    "\u201a\u2019",
    "\u2019\u2019",
    "\u00ab\u00bb",
    "\u00bb\u00ab",
    "\u2039\u203a",
    "\u203a\u2039",
    "\u300c\u300d",
    "\u300e\u300f",
    "{}",
)
"""Quotes of several languages, Slack's bold, italic, strike and code, a table's cell."""

_IN_ANGLES = re.compile(r"<(?=[^<>|:@#!\d]*\d)([^<>|:@#!]*)>")
"""A number in angle brackets; Slack's own links and mentions have one of those signs."""

_NAME = r"[A-Z\u00c0-\u00de][^\W\d_]*\.?"
_WITH_NAME = re.compile(
    rf"""^(?!(?i:telefax|fax|sms|text|not|never)\b)
        (?:["'\u201c][^<>\d]{{1,60}}["'\u201d]\s*(?=<tel:)
          |(?:["'\u201c][^<>\d]{{1,60}}["'\u201d]|{_NAME}(?:[ '-]{_NAME}){{0,4}})\s*(?!<tel:))
        (<[^<>]*>)$""",
    re.VERBOSE,
)
"""``Bob Smith <415-555-0142>``, ``"Bob" <tel:…>``: a name and an address, as mail has them.
Without quotes it begins with a capital, and no link follows: Slack makes those."""

_TRAILING = ".,;:!?\u2026\u3001\u3002" + "".join(
    filter(str.isspace, map(chr, range(0x3001)))
)
"""Marks at the end of a sentence, and every space: the last one is U+3000."""

_DASH_BEHIND = re.compile(r"\s-+$")

_SPREADSHEET = re.compile(r"^(?:['\u2018\u2019](?=[\d+(])|=(?=[\"\d+(]))")
"""How a spreadsheet marks a number as text: ``'415…``, ``="415…"``. Phones and word
processors turn its apostrophe into a curly one."""

_SEPARATORS = re.compile(r"^[\s|,;`]+|[\s|`]+$")
"""What is left at either end of a number that was cut out of a table, a list or code."""

_BRACKETED_LINK = re.compile(r"\(\s*(<tel:[^<>]*>)\s*\)|\[\s*(<tel:[^<>]*>)\s*\]")

_BULLET = re.compile(
    r"^(?:[->\u2022\u2023\u25e6\u25aa\u25cf\u25cb\u2192]|\*(?!\s*\d{1,2}\b))\s+(?=\S)"
)
"""How a list marks a line. ``* 67 …`` may be a dialing code."""

_QUOTES = "".join(sorted({pair[0] for pair in PAIRS}))
_IN_FRONT = labels.before(_QUOTES)

_MOST_LAYERS = 4
"""Quotes around a label around quotes: more is no usual text."""


def unwrapped(text: str) -> str:
    """Return *text*, cleaned before, without quotes and marks around it."""
    for _ in range(_MOST_LAYERS):
        inner = _without_pair(text.strip()).rstrip(_TRAILING)
        if inner == text:
            break
        text = inner
    return text


def bare(text: str) -> str:
    """Return *text*, cleaned before, without wrapping, and without a signature's label.

    ``• …``, ``T: …``, ``Tel/Fax: …``, ``☎ …``, ``… (mobile)``, ``Bob <…>``, ``call …``.
    Other words stay, because their effect is unknown.
    """
    text = _WITH_NAME.sub(r"\1", text.rstrip(_TRAILING))
    for _ in range(_MOST_LAYERS):
        plain = _DASH_BEHIND.sub("", _BULLET.sub("", unwrapped(text)))
        inner = labels.BEHIND.sub("", _IN_FRONT.sub("", plain))
        inner = _SEPARATORS.sub("", _SPREADSHEET.sub("", inner))
        if inner == text:
            break
        text = inner
    return text


def _without_pair(text: str) -> str:
    ends = text.rstrip(_TRAILING)
    if len(ends) > 2 and f"{ends[0]}{ends[-1]}" in PAIRS:  # noqa: PLR2004 - a pair
        return ends[1:-1].strip()
    if link := _BRACKETED_LINK.fullmatch(ends):
        return link[1] or link[2]
    address = _IN_ANGLES.fullmatch(ends)
    return address[1].strip() if address else text
