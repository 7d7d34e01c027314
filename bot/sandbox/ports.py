"""Free ports, for servers whose address must be known before they listen."""

from __future__ import annotations

import secrets
import socket

LOWEST, HIGHEST = 20_000, 32_000
"""Below the kernel's ephemeral ports, which any connection may take meanwhile."""


def free_port() -> int:
    """Return a port of 127.0.0.1 on which no process listens."""
    while True:
        port = LOWEST + secrets.randbelow(HIGHEST - LOWEST)
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) != 0:
                return port
