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
    "|ddi|did|direct dial|bus|business|tel\\.?-nr|telefonnr|rufnr|handynr|festnetz"
    "|mobiltelefon|telefoon|telefoonnummer|mobiel|tlm|telem[óo]vel|m[óo]vel|telem|fone"
    "|fixo|tfno|tlfno|teléf|telef|tel\\.? kom|kom|komórka|puhelin|matkapuhelin|tfn"
    "|växel|direkt|cep|bureau|domicile|τηλ|τηλέφωνο|κιν|κινητό|мобильный|сот"
    "|טל['\u05f3]?|טלפון|נייד|هاتف|تلفون|جوال|موبايل|تلفن|موبایل"
    "|代表|代表電話|直通|携帯電話|固定電話|座机|固话|手機|핸드폰|휴대폰|휴대전화|대표|대표전화"
)
EXTENSION_WORDS = (
    r"ext\w*|extn|xtn|local|loc|lokal|int|interno|interne|poste?|ramal|anexo|deriva\w*"
    r"|durchwahl|dw|apparat|app|nebenstelle|nst|klappe|kl|toestel|tst|anknytning|ankn"
    r"|dahili|dah|wewn\w*|wew|linka|klapka|mell[e\u00e9]k|alanumero|options?|opt|press"
    r"|m\u00e1y\s?l\u1ebb|\u03b5\u03c3\u03c9\u03c4\w*"
    r"|\u0434\u043e\u0431\w*|\u0432\u043d\w*"
    r"|\u05e9\u05dc\u05d5\u05d7\u05d4|\u0634\u0644\u0648\u062d\u0629|\u062f\u0627\u062e\u0644\u06cc"
    r"|\u062a\u062d\u0648\u064a\u0644\u0629"
    r"|\u5185\u7ebf|\u5167\u7dda|\u5185\u7dda|\u5206\u673a|\u5206\u6a5f|\u8f49|\u8f6c|\u8ee2"
    r"|\ub0b4\uc120|\uad50\ud658|\u0e15\u0e48\u0e2d"
)
"""Russian, Hebrew, Persian, Arabic, Chinese, Japanese, Korean, Thai and Greek words too."""

_SHORT = r"ph|[tpmcdhw]|n[°º](?: de t[ée]l)?|№|[or](?=\s*[.:)\]])|(?:no|nr|num|of|port|uff|т|м)(?=\s*[.:])"
"""``O`` could be a slip for a zero, and ``no`` a word: they need a dot, or brackets."""

_CAPITALS = "(?-i:[CM])"
"""Behind a number, a single letter that is no slip."""

_DIRECT = r"(?:durchwahl|direktwahl|dw|\#(?=\s*:))(?=(?:\D*\d){7})"
"""Before fewer digits they mean an extension."""

_EXTENSION_LABEL = rf"(?:{EXTENSION_WORDS})(?=[^\d+]*\+|(?:\D*\d){{8,11}}\D*$)"
"""Before as many digits as a number has: ``Local: 415-555-0142`` is a local number. More
of them are an extension and a number."""

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
        rf"^(?:{CALL}[\s:]+)?(?:(?:{_PHONE_SIGNS})|(?:{CALL}|{_DIRECT}|{_EXTENSION_LABEL}|{_LABEL})(?:\s*[.:\uff1a#]|\s)"
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
