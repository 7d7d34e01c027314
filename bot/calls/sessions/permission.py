"""The app permissions by which sessions are found, shown and ended."""

from __future__ import annotations

CALL_CONTROL = "CallControl"
"""Without it, sessions are neither shown nor ended. RingCentral grants it on request
(developer guide, "Call Control")."""

READ_PRESENCE = "ReadPresence"
"""Presence tells the session of a call whose RingOut has another id (API reference,
"Presence")."""
