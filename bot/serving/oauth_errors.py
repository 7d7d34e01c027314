"""Why a sign-in page sent somebody's browser back without a code. Pure.

Source: RFC 6749, 4.1.2.1. The address is anybody's to write, so of its ``error`` only
the standard's own words are ever logged or shown.
"""

from __future__ import annotations

CANCELLED = "access_denied"
"""The person pressed the button that says no."""

LATER = frozenset({"server_error", "temporarily_unavailable"})
"""Nobody's to mend: it passes."""

CODES = LATER | {
    CANCELLED,
    "invalid_request",
    "invalid_scope",
    "unauthorized_client",
    "unsupported_response_type",
}

UNKNOWN, NOTHING = "an error of another name", "neither code nor error"


def reason(error: str) -> str:
    """Return *error* if it is one of `CODES`, else `UNKNOWN` or `NOTHING`."""
    if not error:
        return NOTHING
    return error if error in CODES else UNKNOWN
