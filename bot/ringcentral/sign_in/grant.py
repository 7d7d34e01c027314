"""OAuth grants: what the app must allow, what a JWT says, what a token answer gives."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

IN_THE_CONSOLE = "in the app's settings at developers.ringcentral.com, under Auth"
SWITCH_ON_JWT = f"switch on the JWT auth flow {IN_THE_CONSOLE}"
SWITCH_ON_CODE = f"switch on 3-legged OAuth (authorization code) {IN_THE_CONSOLE}"
"""What to do where RingCentral answers ``unauthorized_client``, OAU-251: the app lacks the
grant. Source: developer guide, "Configuring apps to use JWT", "Authorization code flow"."""

JWT_PARTS = 3
"""Header, claims, signature (RFC 7519, 7.2)."""

TOKEN_FORM = re.compile(r"[!-~]+")
"""What can be sent in a header (RFC 6750, 2.1, allows less)."""

REFRESH_TOKEN_LIFE = timedelta(days=7)
"""Used where an answer does not say (developer guide, "Refresh tokens")."""

ACCESS_TOKEN_LIFE = timedelta(hours=1)
"""Used where an answer does not say."""

LONGEST_TOKEN_LIFE = timedelta(days=3650)
"""A longer life in an answer is taken for nonsense."""


def is_jwt(text: str) -> bool:
    """Return whether *text* has the form of a JWT; only RingCentral knows if it is good."""
    parts = text.split(".")
    return text.isascii() and len(parts) == JWT_PARTS and all(parts)


def jwt_expiry(jwt: str) -> datetime | None:
    """Return when a JWT expires, by its claim ``exp``; None if it does not say.

    ``exp`` is in seconds since the epoch (RFC 7519, 4.1.4). The signature is not checked:
    this only decides when the person is warned.
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


def token(data: Mapping[str, Any], name: str) -> str:
    """Return the token in field *name*; empty if it is missing or can't be sent."""
    value = data.get(name)
    return value if isinstance(value, str) and TOKEN_FORM.fullmatch(value) else ""


def life(data: Mapping[str, Any], name: str, default: timedelta) -> timedelta:
    """Return the life of a token from field *name*, in seconds there, else *default*."""
    value = data.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return default
    if 1 <= value <= LONGEST_TOKEN_LIFE.total_seconds():
        return timedelta(seconds=value)
    return default


def _decoded(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))
