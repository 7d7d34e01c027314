"""Drops what people paste around a number: quotes, Slack's marks, labels of signatures."""

from __future__ import annotations

import re

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

_ADDRESS = re.compile(r"<([^<>|:@#!]*\d[^<>|:@#!]*)>")
"""A number in angle brackets; Slack's own links and mentions have one of those signs."""

_TRAILING = re.compile(r"[\s.,;:!?]+$")
_SPREADSHEET = re.compile(r"^'(?=[\d+(])")
"""How a spreadsheet marks a number as text."""

_WORDS = (
    "telephone|telefono|teléfono|téléphone|telefone|telefon|tel|tél|phone|fon|fono|ph"
    "|mobile|móvil|mobil|mob|cellphone|cell|celular|cellulare|cel|handy|gsm|portable"
    r"|office|work|home|direct|main|desk|landline|t|p|m|[cdohw](?=\s*[.:])"
)
"""Single letters that could be a slip (``O`` for a zero) need a colon."""

_PHONE_SIGNS = (
    "[\u260e\u260f\u2706\u2121\U0001f4de\U0001f4f1\U0001f4f2\U0001f57b\U0001f57f]"
    "|:(?:phone|telephone|telephone_receiver|iphone|calling):"
)
_QUOTES = re.escape("".join(sorted({pair[0] for pair in PAIRS})))
_LABEL = rf"(?:{_WORDS})(?:[. ]\s*(?:no|number|line|phone|\(?(?:{_WORDS})\)?))?"
_IN_FRONT = re.compile(
    rf"^(?:(?:{_PHONE_SIGNS})|{_LABEL}(?:\s*[.:]|\s)|\({_LABEL}\)|\[{_LABEL}\])"
    rf"[\s.:]*(?:-\s+)?(?=[+(\[\d{_QUOTES}])",
    re.IGNORECASE,
)
_BEHIND = re.compile(
    rf"(?<=[\d)])\s*(?:\(\s*{_LABEL}\s*\.?\s*\)|\[\s*{_LABEL}\s*\.?\s*\])$",
    re.IGNORECASE,
)

_MOST_LAYERS = 4
"""Quotes around a label around quotes: more is no usual text."""


def unwrapped(text: str) -> str:
    """Return *text*, cleaned before, without quotes and marks around it."""
    for _ in range(_MOST_LAYERS):
        inner = _TRAILING.sub("", _without_pair(text.strip()))
        if inner == text:
            break
        text = inner
    return text


def bare(text: str) -> str:
    """Return *text*, cleaned before, without wrapping, and without a signature's label.

    ``T: …``, ``Phone: …``, ``☎ …``, ``… (mobile)``. Other words stay: what they change
    nobody can know.
    """
    for _ in range(_MOST_LAYERS):
        inner = _BEHIND.sub("", _IN_FRONT.sub("", unwrapped(text)))
        inner = _SPREADSHEET.sub("", inner)
        if inner == text:
            break
        text = inner
    return text


def _without_pair(text: str) -> str:
    ends = _TRAILING.sub("", text)
    if len(ends) > 2 and f"{ends[0]}{ends[-1]}" in PAIRS:  # noqa: PLR2004 - a pair
        return ends[1:-1].strip()
    address = _ADDRESS.fullmatch(ends)
    return address[1].strip() if address else text
