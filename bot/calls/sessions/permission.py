"""The app permission without which sessions are neither shown nor ended."""

from __future__ import annotations

CALL_CONTROL = "CallControl"
"""RingCentral grants it on request (developer guide, "Call Control")."""
