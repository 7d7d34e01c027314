"""The demo's first words, said before anything slow is imported or started."""

from __future__ import annotations

import sys

WELCOME = (
    "Slack and RingCentral are imitated on this machine; no phone rings, and nothing\n"
    "leaves it. Starting the bot…\n"
)


def greet() -> None:
    """Print the demo's first words and flush, also into a pipe."""
    sys.stdout.write(WELCOME)
    sys.stdout.flush()
