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

_NO_DIGIT_BEHIND = r"\b(?![\W_]?\d)"
"""The end of what looks like a date or a time; with digits behind it is a number."""
_CLOCK_TIME = r"[0-2](?<!\d.)\d:[0-5]\d:[0-6]\d(?:[.,]\d{1,9})?(?:Z|[+-]\d\d:?\d\d)?"
_TIME_BEHIND_DATE = rf"[T ](?:{_CLOCK_TIME}|[0-2]\d:[0-5]\d(?:Z|[+-]\d\d:?\d\d)?)"
_ISO_DATE = r"[12](?<!\w.)[09]\d\d-(?:0\d|1[0-2])-(?:[0-2]\d|3[01])"
_KEPT_IN_NUMBERS = (
    r"[0-9a-f](?<!\w.)[0-9a-f]{7}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b",  # a UUID
    rf"{_ISO_DATE}(?:{_TIME_BEHIND_DATE})?{_NO_DIGIT_BEHIND}",
    r"1(?<!\w.)\d{9}\.\d{6}\b",  # the time of a message in Slack
)
"""What is kept even behind other digits and signs, as in ``5, 2026-11-30``."""
_KEPT = (
    r"call (?=\d*[a-f])[0-9a-f]{12}\b",  # digits alone may be a number
    rf"{_CLOCK_TIME}{_NO_DIGIT_BEHIND}",
    rf"\u2022\u2022+ ?\d{{1,4}}{_NO_DIGIT_BEHIND}",  # the end of a masked number
    r"(?:127\.0\.0\.1|0\.0\.0\.0):\d{1,5}\b",
    *_KEPT_IN_NUMBERS,
)
_TOKENS = (
    r"x(?:ox[a-z.]*|app)-[\w-]+",
    r"eyJ[\w-]+\.[\w-]+\.[\w-]+",
    r"[Bb](?i:earer|asic)\s+[\w.~+/=-]{8,}",
)
_SECRET_NAMES = (
    *("password", "passwd", "pwd", "passphrase", "secret", "token", "assertion"),
    *("verifier", "jwt", "key", "signin", "asked", "install", "cookie"),
)
_BY_NAME = "|".join(
    (
        *(rf"(?<={each}=)|(?<={each}['\"]:)" for each in _SECRET_NAMES),
        *(rf"(?<=[?&]{each}=)" for each in ("code", "state")),
    )
)
_VALUE = (
    rf"(?P<equals>[=:])(?i:{_BY_NAME})\s*"
    r"(?:'(?:\\.|[^'\\])*+'|\"(?:\\.|[^\"\\])*+\"|[^\s&,;)}]+)"
)
_ESCAPED = (
    r"(?<=&)[A-Za-z]{2,8};|(?<=&\#)[xX]?[\dA-Fa-f]{1,6};|(?<=%)[\dA-Fa-f]{2}"
    r"|(?<=\\)(?:[nrt]|x[\dA-Fa-f]{2}|u[\dA-Fa-f]{4})"
)
"""A character as HTML, a URL, JSON or a repr write it, behind the sign it begins with."""
_SIGNS_BETWEEN = r"(?:(?!\u2022\u2022)[\W_]){0,12}"
"""Anything but letters and digits; two bullets are a part of a masked number."""
_LONG_NUMBER = (
    r"[\d+(\[\uff0b\uff08](?:(?<=\d)|(?<=[+\uff0b])[(\[\uff08]?\d|(?<=[(\[\uff08])\d)"
    rf"(?:\d|(?=[\W_]){_SIGNS_BETWEEN}(?:(?:{_ESCAPED}){_SIGNS_BETWEEN}){{0,4}}"
    rf"(?!{'|'.join(_KEPT_IN_NUMBERS)})\d){{6,}}"
)
"""Seven digits or more of any script, with any signs between them."""

_NET = re.compile(
    "|".join((*(f"({each})" for each in _KEPT), *_TOKENS, _VALUE, _LONG_NUMBER))
)
"""Each alternative begins with a character or a set of them, which makes the search fast.
A match of an unnamed group is kept as it is."""

_SPACES = re.compile(r"(\s+)")
_SIGN_IN = re.compile(r"://[^\s:@/]*+:")
"""Before the @ of an address: a user, and the beginning of their password."""


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
        text = "".join(map(_without_sign_in, _SPACES.split(text)))
        parts = text.split(kept) if kept else [text]
        return kept.join(_NET.sub(_cut, part) for part in parts)


def _without_sign_in(word: str) -> str:
    """Cut from ``://`` to the last @: a password may hold any sign, and be of any length."""
    before, at, behind = word.rpartition("@")
    if (found := _SIGN_IN.search(before)) is None:
        return word
    return f"{before[: found.start()]}://{CUT}{at}{behind}"


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
