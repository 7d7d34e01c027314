"""Free ports, for servers whose address must be known before they listen."""

from __future__ import annotations

import os
import secrets
import socket
from collections import deque

LOWEST, HIGHEST = 20_000, 32_000
"""Below the kernel's ephemeral ports, which any connection may take meanwhile."""

MOST_HELD = 50
"""More than wait for their server at a time; each costs a descriptor."""

_held: deque[int] = deque()
"""Descriptors of UDP sockets on the newest ports. While one is open, no process that
asks for a free port is given the same one, though no server listens on it yet."""


def free_port() -> int:
    """Return a port of 127.0.0.1 on which no process listens, or is about to."""
    while True:
        port = LOWEST + secrets.randbelow(HIGHEST - LOWEST)
        with socket.socket() as probe:
            is_free = probe.connect_ex(("127.0.0.1", port)) != 0
        if is_free and _hold(port):
            return port


def _hold(port: int) -> bool:
    """Keep *port* from others that ask for one; return whether nobody has it yet."""
    with socket.socket(type=socket.SOCK_DGRAM) as claim:
        try:
            claim.bind(("127.0.0.1", port))
        except OSError:
            return False
        _held.append(claim.detach())
    if len(_held) > MOST_HELD:
        os.close(_held.popleft())
    return True
