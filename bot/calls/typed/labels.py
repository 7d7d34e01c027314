"""The labels that signatures and lists put before or behind a number."""

from __future__ import annotations

import re

_LONG = (
    "telephone|telefono|teléfono|téléphone|telefone|telefonnummer|telefon|telnr|tel|tél"
    "|tlf|telf|phone|fon|fono|puh|rufnummer|mobile|móvil|mobil|mobilnummer|mob"
    "|cellphone|cell|celular|cellulare|cel|handynummer|handy|gsm|natel|portable"
    "|office|work|home|direct|main|desk|landline|switchboard|reception|toll[ -]?free"
    "|hq|headquarters|büro|buero|zentrale|privat|priv|geschäftlich|gesch|dienstlich"
    "|fixe|fijo|fisso|standard|ligne directe|ufficio|oficina|number|numéro|numero|número"
    "|contact|whatsapp|viber|телефон|тел|моб|電話番号|電話|携帯|电话|手机|전화"
)
_SHORT = r"ph|[tpmcdhw]|o(?=\s*[.:)\]])|(?:no|nr|num|of|port|uff)(?=\s*[.:])"
"""``O`` could be a slip for a zero, and ``no`` a word: they need a dot, or brackets."""

_CAPITALS = "(?-i:[CM])"
"""Behind a number, a single letter that is no slip."""

_DIRECT = r"(?:durchwahl|direktwahl|dw|\#(?=\s*:))(?=(?:\D*\d){7})"
"""Before fewer digits they mean an extension."""

CALL = (
    r"(?:(?:please|pls)\s+)?(?:call|dial|ring|phone|to)"
    r"(?:\s+(?:me|us|him|her|them|back))?(?:\s+(?:to|at|on))?"
)
"""What the command does anyway."""

_BESIDE = "telefax|fax|f|sms|text"
"""Taken only beside one of the others: a fax machine alone is not called."""

_PHONE_SIGNS = (
    "[\u260e\u260f\u2706\u2121\U0001f4de\U0001f4f1\U0001f4f2\U0001f57b\U0001f57f]"
    "|:(?:phone|telephone|telephone_receiver|iphone|calling):"
)


def _label(words: str) -> str:
    number = rf"(?:no|nr|number|nummer|line|phone|\(?(?:{_LONG}|{_SHORT})\.?\)?)"
    return rf"(?:{words})(?:[. -]\s*{number})?"


_ONE_LABEL = _label(f"{_LONG}|{_SHORT}")
_AND = r"\.?\s*(?:[/&+,]|\b(?:and|or|und|oder|et|ou|y|e)\b)\s*"
_LABEL = rf"(?:{_ONE_LABEL}{_AND}(?:{_ONE_LABEL}|{_BESIDE})|(?:{_BESIDE}){_AND}{_ONE_LABEL}|{_ONE_LABEL})"


def before(quotes: str) -> re.Pattern[str]:
    """Return the pattern of a label before a number, which may begin with *quotes*."""
    return re.compile(
        rf"^(?:{CALL}[\s:]+)?(?:(?:{_PHONE_SIGNS})|(?:{CALL}|{_DIRECT}|{_LABEL})(?:\s*[.:\uff1a#]|\s)"
        rf"|\({_LABEL}\)|\[{_LABEL}\])"
        rf"[\s.:\uff1a]*(?:-\s+)?(?=[+(\[\d{re.escape(quotes)}]|<tel:)",
        re.IGNORECASE,
    )


BEHIND = re.compile(
    rf"(?<=[\d)>])\s*(?:\(\s*{_LABEL}\s*\.?\s*\)|\[\s*{_LABEL}\s*\.?\s*\])$"
    rf"|(?<=[\d)>])\s*[-,/|]?\s+(?:{_label(_LONG)}|{_CAPITALS})\.?$",
    re.IGNORECASE,
)
"""A label behind a number: without brackets, only one that is no slip of a letter."""
