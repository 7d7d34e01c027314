"""What RingCentral's answer to a log-in grants: tokens, and for how long."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

TOKEN = re.compile(r"[!-~]+")
"""What may stand in a header (RFC 6750, 2.1, allows less)."""

WEEK = timedelta(days=7)
"""A refresh token's life where none is told (developer guide, "Refresh tokens")."""

HOUR = timedelta(hours=1)
"""The same of an access token."""

LONGEST = 10 * 365 * 86_400.0
"""Seconds; no token lives longer, whatever an answer says."""


def token(data: Mapping[str, Any], name: str) -> str:
    """Return a token; empty where there is none that could be sent."""
    value = data.get(name)
    return value if isinstance(value, str) and TOKEN.fullmatch(value) else ""


def life(data: Mapping[str, Any], name: str, usual: timedelta) -> timedelta:
    """Return how long a token lives; *usual* where nothing sensible is told."""
    value = data.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return usual
    return timedelta(seconds=value) if 1 <= value <= LONGEST else usual
