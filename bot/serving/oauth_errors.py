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

OTHER_ERROR, NO_ERROR = "an error of another name", "neither code nor error"


def reason(error: str) -> str:
    """Return *error* if it is one of `CODES`, else `OTHER_ERROR` or `NO_ERROR`."""
    if not error:
        return NO_ERROR
    return error if error in CODES else OTHER_ERROR
