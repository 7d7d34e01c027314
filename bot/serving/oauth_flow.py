"""What RingCentral's and Slack's OAuth have in common, as values.

A browser leaves for the vendor's page with a state in the address and a cookie of ours,
and has to bring both back, with a code or with an error (RFC 6749, 4.1.2).
"""

from __future__ import annotations

from dataclasses import dataclass, field

CANCELED = "access_denied"
"""The person did not agree to it."""

LATER = frozenset({"server_error", "temporarily_unavailable"})
"""Errors that pass by themselves."""

CODES = LATER | {
    CANCELED,
    "invalid_request",
    "invalid_scope",
    "unauthorized_client",
    "unsupported_response_type",
}

OTHER_ERROR, NO_ERROR = "an error of another name", "neither code nor error"


@dataclass(frozen=True, slots=True)
class Departure:
    """The vendor's *url* that the browser goes to, and the cookie it has to bring back."""

    url: str = field(repr=False)
    cookie: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Arrival:
    """What a browser brings back. Anybody can write any of it into an address."""

    state: str = field(repr=False)
    code: str = field(repr=False)
    cookie: str = field(repr=False)
    error: str = field(default="", repr=False)

    @property
    def refusal(self) -> str:
        """Why there is no code, as `reason` has it; empty if there is one."""
        return "" if self.code and not self.error else reason(self.error)


def reason(error: str) -> str:
    """Return *error* if it is one of `CODES`, else `OTHER_ERROR` or `NO_ERROR`.

    So only the standard's own words are ever logged or shown.
    """
    if not error:
        return NO_ERROR
    return error if error in CODES else OTHER_ERROR
