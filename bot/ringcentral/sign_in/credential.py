"""What a JWT credential says of itself; RingCentral alone can say whether it is good."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime

PARTS = 3
"""Header, claims, signature (RFC 7519, 7.2)."""


def is_like_one(text: str) -> bool:
    """Return whether *text* has the form of one."""
    parts = text.split(".")
    return text.isascii() and len(parts) == PARTS and all(parts)


def ends_at(jwt: str) -> datetime | None:
    """Return when a credential ends, by its ``exp``; None where it does not tell.

    Seconds since the epoch (RFC 7519, 4.1.4). Read without verifying: it only decides
    when the person is warned.
    """
    try:
        claims = json.loads(_decoded(jwt.split(".")[1]))
        exp = claims.get("exp")
        if isinstance(exp, bool) or not isinstance(exp, int | float) or exp <= 0:
            return None
        return datetime.fromtimestamp(exp, UTC)
    except (IndexError, AttributeError, ValueError, OverflowError, OSError):
        return None
    except RecursionError:  # claims nested without end
        return None


def _decoded(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))
