"""The exit codes of all commands."""

from __future__ import annotations

REFUSED = 1
"""Slack, RingCentral or the database says no; a check has failed; calls are still open."""

BAD_INPUT = 2
"""Settings or arguments are missing or wrong, the database is from before 0.1.0, or this
system is none that we run on."""

FAILED = 3
"""A task that should never end has ended because of a bug: start the bot again."""
