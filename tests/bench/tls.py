"""A TLS server as a process, fast enough not to distort what is measured.

It answers every GET with one RingOut status, every POST with a token, and
``/connections`` with how many connections were made.
"""

from __future__ import annotations

import asyncio
import json
import ssl
import subprocess
import sys
from pathlib import Path

import certifi

from children import say

STATUS = {
    "uri": "https://127.0.0.1/restapi/v1.0/account/1/extension/1/ring-out/s-1",
    "id": "s-1",
    "status": {
        "callStatus": "InProgress",
        "callerStatus": "Success",
        "calleeStatus": "InProgress",
    },
}
TOKEN = {
    "access_token": "t" * 40,
    "token_type": "bearer",
    "expires_in": 3600,
    "refresh_token": "r" * 40,
    "refresh_token_expires_in": 604_800,
    "scope": "RingOut ReadCallLog ReadAccounts",
    "owner_id": "1",
}
RATE = (
    "X-Rate-Limit-Group: light\r\nX-Rate-Limit-Limit: 10000000\r\n"
    "X-Rate-Limit-Remaining: 9999999\r\nX-Rate-Limit-Window: 60\r\n"
)


def trusted(folder: Path) -> Path:
    """Return the files of the one CA that must be trusted, and of its key."""
    return folder / "both.pem"


def among_others(folder: Path) -> Path:
    """Return a file with that CA and all of certifi's, as a program usually loads."""
    return folder / "bundle.pem"


def certificate(folder: Path) -> None:
    """Make a self-signed CA certificate."""
    key, made, both = folder / "key.pem", folder / "cert.pem", trusted(folder)
    command = (
        "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes "
        f"-days 2 -subj /CN=127.0.0.1 -addext subjectAltName=IP:127.0.0.1 "
        f"-keyout {key} -out {made}"
    )
    subprocess.run(command.split(), check=True, capture_output=True)
    both.write_text(key.read_text() + made.read_text())
    among_others(folder).write_text(certifi.contents() + made.read_text())


class Server(asyncio.Protocol):
    """One connection; requests are small and come one at a time."""

    connections = 0

    def __init__(self) -> None:
        self._read = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Count the connection."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        Server.connections += 1

    def data_received(self, data: bytes) -> None:
        """Answer once a request is complete."""
        self._read += data
        head, found, body = self._read.partition(b"\r\n\r\n")
        if not found:
            return
        length = 0
        for line in head.split(b"\r\n"):
            if line.lower().startswith(b"content-length:"):
                length = int(line.split(b":")[1])
        if len(body) < length:
            return
        self._read = b""
        self._transport.write(_answer(head))


def _answer(head: bytes) -> bytes:
    if head.startswith(b"GET /connections"):
        return _encoded({"connections": Server.connections})
    return STATUS_BYTES if head.startswith(b"GET") else TOKEN_BYTES


def _encoded(body: object) -> bytes:
    text = json.dumps(body)
    return (
        "HTTP/1.1 200 OK\r\nDate: Mon, 23 Nov 2026 12:00:00 GMT\r\n"
        f"Content-Type: application/json\r\n{RATE}"
        f"Content-Length: {len(text)}\r\n\r\n{text}"
    ).encode()


STATUS_BYTES, TOKEN_BYTES = _encoded(STATUS), _encoded(TOKEN)


async def serve(folder: Path) -> None:
    """Serve until killed."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(trusted(folder))
    loop = asyncio.get_running_loop()
    server = await loop.create_server(Server, "127.0.0.1", 0, ssl=context)
    say(url=f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}")
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(serve(Path(sys.argv[1])))
