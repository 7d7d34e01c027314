"""What of a setting's text is secret."""

from __future__ import annotations

import re
from urllib.parse import unquote

_ADDRESS_SCHEME = re.compile(r"[a-z+]+://")
_PASSWORD = re.compile(r"//[^/?#@:]*:([^/?#@]*)@|[?&](?:ssl)?password=([^&#]*)")
"""Of an address; its second form is PostgreSQL's (PostgreSQL docs, libpq)."""


def passwords(text: str) -> list[str]:
    """Return the passwords in *text* if it is an address, else *text* itself."""
    if not _ADDRESS_SCHEME.match(text):
        return [text]
    return [unquote(one or other) for one, other in _PASSWORD.findall(text)]
