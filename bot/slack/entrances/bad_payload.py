"""A payload that is signed by Slack, but has not the shape of one."""

from __future__ import annotations

import logging

log = logging.getLogger(__name__)

BOLT_ERRORS = (AttributeError, LookupError, TypeError, ValueError)
"""What Bolt raises if a part of a payload is missing or has another type."""


def note(error: Exception) -> None:
    """Log that Bolt could not read a payload."""
    log.warning("a payload from Slack can't be read: %s", type(error).__name__)
