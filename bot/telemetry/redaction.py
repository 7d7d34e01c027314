"""The log's last net: cuts out secrets and phone numbers that a log call let through."""

from __future__ import annotations

import json
import re
from base64 import b64encode
from collections.abc import Iterable, Iterator
from urllib.parse import quote, quote_plus

CUT = "•••"

SHORTEST_SECRET = 6
"""Characters; a shorter password may be a part of many words, and is cut in URLs only."""

_TIME = r"[T ][0-2]\d:[0-5]\d(?::[0-6]\d(?:[.,]\d{1,9})?)?(?:Z|[+-]\d\d:?\d\d)?"
_ISO_DATE = r"[12](?<!\w.)[09]\d\d-(?:0\d|1[0-2])-(?:[0-2]\d|3[01])"
_KEPT = (
    r"call [0-9a-f]{12}\b",
    r"[0-9a-f](?<!\w.)[0-9a-f]{7}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b",  # a UUID
    rf"{_ISO_DATE}(?:{_TIME})?\b(?![-./ ]?\d)",
    r"1(?<!\w.)\d{9}\.\d{6}\b",  # the time of a message in Slack
)
_TOKENS = (
    r"x(?:ox[a-z.]*|app)-[\w-]+",
    r"eyJ[\w-]+\.[\w-]+\.[\w-]+",
    r"[Bb](?i:earer|asic)\s+[\w.~+/=-]{8,}",
)
_SECRET_NAMES = ("password", "secret", "token", "assertion", "verifier")
_BY_NAME = "|".join(rf"(?<={each}=)|(?<={each}['\"]:)" for each in _SECRET_NAMES)
_VALUE = rf"(?P<equals>[=:])(?i:{_BY_NAME})\s*(?:'[^']*'|\"[^\"]*\"|[^\s&'\",;)}}]+)"
_SIGN_IN = r"(?P<scheme>://)[^\s'\"<>:@/]{0,99}:[^\s'\"<>]{0,299}(?=@)"
_SPACES = " \t\u00a0\u1680\u2000-\u200d\u202f\u205f\u2060\u3000\ufeff"
_DASHES = "\\-\u2010-\u2015\u2212\ufe58\ufe63\uff0d"
_MARKS = "()./\\[\\]\uff08\uff09\uff0e\uff0f\u00b7\u2022\u2044"
_LONG_NUMBER = (
    r"[\d+(\[\uff0b\uff08](?:(?<=\d)|(?<=[+\uff0b])[(\[\uff08]?\d|(?<=[(\[\uff08])\d)"
    rf"(?:[{_SPACES}{_DASHES}{_MARKS}]{{0,4}}\d){{6,}}"
)
"""Seven digits or more of any script, with the separators of phone numbers."""

_NET = re.compile(
    "|".join(
        (*(f"({each})" for each in _KEPT), *_TOKENS, _VALUE, _SIGN_IN, _LONG_NUMBER)
    )
)
"""Each alternative begins with a character or a set of them, which makes the search fast.
A match of an unnamed group is kept as it is."""


class Redaction:
    """Cuts tokens, phone numbers, and *secrets* by their values, in any usual writing."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        written = {
            form
            for secret in secrets
            if len(secret) >= SHORTEST_SECRET
            for form in _writings(secret)
        }
        self._written = sorted(written, key=len, reverse=True)

    def __call__(self, text: str, kept: str = "") -> str:
        """Return *text* without any of them; what is *kept* stays whole."""
        for each in self._written:
            if each in text:
                text = text.replace(each, CUT)
        parts = text.split(kept) if kept else [text]
        return kept.join(_NET.sub(_cut, part) for part in parts)


def _cut(found: re.Match[str]) -> str:
    if found.lastindex and not found.lastgroup:
        return found[0]
    return (found[found.lastgroup] if found.lastgroup else "") + CUT


def _writings(secret: str) -> Iterator[str]:
    """Return *secret* as it is, as in a URL, in JSON, in a repr, and within base64."""
    yield secret
    yield quote(secret, safe="")
    yield quote(secret)
    yield quote_plus(secret)
    yield json.dumps(secret)[1:-1]
    yield repr(secret)[1:-1]
    data = secret.encode()
    for before in range(3):  # how many bytes of something else share its first digits
        digits = b64encode(bytes(before) + data).decode().rstrip("=")
        first = -(-before * 8 // 6)
        last = len(digits) - (1 if (before + len(data)) % 3 else 0)
        yield digits[first:last]
        yield digits[first:last].replace("+", "-").replace("/", "_")
