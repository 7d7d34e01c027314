"""An answer is taken for the request that it answers, never for somebody else's."""

from __future__ import annotations

import json
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

import tls
from bot.errors import Unreachable
from bot.ringcentral.transport.pools import HostPool, ReadyRequest

OK, INTERIM = "HTTP/1.1 200 OK", "HTTP/1.1 %s\r\nLink: </a>; rel=preload\r\n\r\n"
READ_AHEAD = 8_192
"""How many bytes Python reads from a connection at once."""

Answer = Callable[[str], bytes]
"""Returns the bytes that answer a request for this path."""


def answer(path: str, size: int = 0) -> bytes:
    """Return the answer to a request for *path*, filled up to *size* bytes."""
    body = json.dumps({"id": path}).encode()
    head = f"{OK}\r\nContent-Length: {len(body)}\r\nX-Fill: "
    return head.ljust(size - len(body) - 4, "x").encode() + b"\r\n\r\n" + body


@contextmanager
def far_end(say: Answer, certificate: Path | None = None) -> Iterator[str]:
    """Give the URL of a server that answers one request after the other."""

    def serve(connection: socket.socket) -> None:
        connection.settimeout(10)
        connections.append(connection)
        with suppress(OSError), connection:
            while data := connection.recv(65536):
                connection.sendall(say(data.split()[1].decode()))

    def listen(server: socket.socket) -> None:
        with suppress(OSError):
            while True:
                connection, _ = server.accept()
                if certificate is not None:
                    connection = context.wrap_socket(connection, server_side=True)
                threads.append(threading.Thread(target=serve, args=(connection,)))
                threads[-1].start()

    threads: list[threading.Thread] = []
    connections: list[socket.socket] = []
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    if certificate is not None:
        context.load_cert_chain(certificate)
    scheme = "http" if certificate is None else "https"
    with socket.create_server(("127.0.0.1", 0)) as server:
        threads.append(threading.Thread(target=listen, args=(server,)))
        threads[0].start()
        yield f"{scheme}://127.0.0.1:{server.getsockname()[1]}"
        for each in (server, *connections):
            with suppress(OSError):  # closed already
                each.shutdown(socket.SHUT_RDWR)
    for thread in threads:
        thread.join(10)


def ask(
    pool: HostPool, method: str, url: str, certificate: Path | None = None
) -> object:
    """Send a request over *pool*; return what its answer says."""
    request = ReadyRequest(method, url, headers={}).prepare()
    verify = str(certificate) if certificate else True
    return pool.exchange(
        request, lambda _: {"proxies": {}, "verify": verify}, None
    ).parsed


@pytest.fixture
def pool() -> Iterator[HostPool]:
    """Give a pool of one connection."""
    pool = HostPool(1)
    yield pool
    pool.close()


@pytest.mark.parametrize("method", ["POST", "GET", "DELETE"])
@pytest.mark.parametrize(
    "interim",
    [
        ["103 Early Hints"],
        ["102 Processing", "103 Early Hints"],
        ["100 Continue", "199"],
    ],
)
def test_an_answer_behind_early_hints_is_still_its_own_requests(
    pool: HostPool, method: str, interim: list[str]
) -> None:
    """Bob's call would show, cancel and report Alice's."""
    hints = "".join(INTERIM % each for each in interim).encode()

    with far_end(lambda path: hints + answer(path)) as url:
        assert ask(pool, method, f"{url}/alice") == {"id": "/alice"}
        assert ask(pool, method, f"{url}/bob") == {"id": "/bob"}


@pytest.mark.parametrize("method", ["POST", "GET", "DELETE"])
def test_a_switch_of_protocols_is_a_lost_answer(pool: HostPool, method: str) -> None:
    """A session that goes on must not count as hung up; a phone may be ringing."""

    def say(path: str) -> bytes:
        switched = (INTERIM % "101 Switching Protocols").encode()
        return switched if path == "/alice" else answer(path)

    with far_end(say) as url:
        with pytest.raises(Unreachable, match="101 is no answer"):
            ask(pool, method, f"{url}/alice")
        assert ask(pool, method, f"{url}/bob") == {"id": "/bob"}


SURPLUS = {
    "a second answer": answer("/mallory"),
    "the beginning of one": b"HTTP/1.1 200 O",
    "more of the body": b"0" * 20,
    "an end of line": b"\r\n",
}


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the far end's certificate, which is its own CA."""
    folder = tmp_path_factory.mktemp("tls")
    tls.certificate(folder)
    return folder / "both.pem"


@pytest.mark.parametrize("size", [0, READ_AHEAD - 10, READ_AHEAD])
@pytest.mark.parametrize("surplus", SURPLUS.values(), ids=SURPLUS)
@pytest.mark.parametrize("is_secure", [False, True])
def test_what_comes_behind_an_answer_answers_nobody(
    pool: HostPool, certificate: Path, surplus: bytes, size: int, *, is_secure: bool
) -> None:
    """Wherever Python's reading, or TLS's, has stopped."""
    used = certificate if is_secure else None
    with far_end(lambda path: answer(path, size) + surplus, used) as url:
        for path in ("/alice", "/bob", "/carol"):
            assert ask(pool, "GET", f"{url}{path}", used) == {"id": path}


def test_a_connection_without_surplus_is_used_again(pool: HostPool) -> None:
    """A new one for each request would cost a TLS handshake each."""
    with far_end(answer) as url:
        ask(pool, "GET", f"{url}/alice")
        ask(pool, "GET", f"{url}/bob")
        [host] = pool._hosts.values()
        assert host.pool.num_connections == 1
