"""Ports for servers whose address must be known before they listen."""

from __future__ import annotations

import os
import random
import socket

LOWEST, HIGHEST = 20_000, 32_000
"""Below those that the kernel gives out by itself, which may be taken in between."""

_chance = random.Random(os.urandom(8))


def free_port() -> int:
    """Return a port of 127.0.0.1 that nobody listens on."""
    while True:
        port = _chance.randint(LOWEST, HIGHEST)
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) != 0:
                return port
