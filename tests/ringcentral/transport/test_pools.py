"""Knows whether a request's bytes may have been sent, over real TLS."""

from __future__ import annotations

import os
import socket
import ssl
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import requests
import urllib3.util.connection

import tls
from bot.errors import NotSent, Unreachable
from bot.ringcentral.transport.bounds import USUAL_BOUNDS
from bot.ringcentral.transport.pools import HostPool, PlainConnection, ReadyRequest
from fakes import FakeClock

HEADERS = {"Authorization": "Bearer x", "User-Agent": "RingOutBot/0.1"}
URL = "https://127.0.0.1/restapi/v1.0/account/~/extension/~/ring-out"


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the far end's certificate, which is its own CA."""
    folder = tmp_path_factory.mktemp("tls")
    tls.certificate(folder)
    return folder / "both.pem"


@contextmanager
def far_end(work: Callable[[socket.socket], bytes]) -> Iterator[tuple[str, Any]]:
    """Give the address of a server that does *work* with one connection; its result."""
    with (
        socket.create_server(("127.0.0.1", 0)) as server,
        ThreadPoolExecutor(1) as pool,
    ):
        server.settimeout(10)

        def one() -> bytes:
            connection, _ = server.accept()
            with connection:
                connection.settimeout(10)
                return work(connection)

        yield f"https://127.0.0.1:{server.getsockname()[1]}", pool.submit(one)


def secured(connection: socket.socket, certificate: Path) -> ssl.SSLSocket:
    """Return *connection* with TLS on it."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate)
    return context.wrap_socket(connection, server_side=True)


def send(
    url: str,
    *,
    trusted: Path | bool = True,
    before: float | None = None,
    clock: FakeClock | None = None,
) -> None:
    """Send a request there by a pool that trusts *trusted*."""
    bounds = replace(USUAL_BOUNDS, monotonic=clock.monotonic) if clock else USUAL_BOUNDS
    pools = HostPool(bounds=bounds)
    wanted: dict[str, Any] = {
        "proxies": {},
        "verify": str(trusted) if trusted is not True else True,
    }
    request = ReadyRequest("POST", f"{url}/ring-out", headers=HEADERS, json={"a": 1})
    try:
        pools.exchange(request.prepare(), lambda _: wanted, before)
    finally:
        pools.close()


def test_tls_that_breaks_after_the_request_may_have_rung_a_phone(
    certificate: Path,
) -> None:
    """If the bot called it not sent, the person would ring the phone a second time."""

    def work(connection: socket.socket) -> bytes:
        with secured(connection, certificate) as inner:
            read = inner.recv(65536)
            os.write(inner.fileno(), b"no TLS record begins like this")
            return read

    with far_end(work) as (url, read):
        with pytest.raises(Unreachable):
            send(url, trusted=certificate)
        assert read.result().startswith(b"POST /ring-out")


def test_a_far_end_that_proves_nothing_gets_nothing(certificate: Path) -> None:
    """Neither token nor numbers were sent, and the bot may tell the person so."""

    def work(connection: socket.socket) -> bytes:
        with suppress(ssl.SSLError), secured(connection, certificate) as inner:
            return inner.recv(65536)
        return b""

    with far_end(work) as (url, read):
        with pytest.raises(NotSent, match="no secure connection"):
            send(url)
        assert read.result() == b""


@pytest.mark.parametrize(
    ("before", "seconds"), [(None, 30), (4, 4), (0.5, 0.5), (60, 30)]
)
def test_a_host_of_many_addresses_is_given_up_at_the_deadline(
    answers_clock: FakeClock,
    monkeypatch: pytest.MonkeyPatch,
    before: float | None,
    seconds: float,
) -> None:
    """If all are behind a firewall that drops, each takes its three seconds."""
    many = [(2, 1, 6, "", (f"127.0.0.{each}", 1)) for each in range(1, 13)]
    tried = []

    def silent(address: tuple[str, int], timeout: float, **_: object) -> None:
        tried.append(address[0])
        answers_clock.pass_by(timeout)
        raise TimeoutError

    monkeypatch.setattr(socket, "getaddrinfo", lambda *_: many)
    monkeypatch.setattr("urllib3.util.connection.create_connection", silent)

    with pytest.raises(NotSent, match="too late"):
        send("http://many.test:1", before=before, clock=answers_clock)

    assert answers_clock.monotonic() == pytest.approx(seconds)
    assert tried == [f"127.0.0.{each}" for each in range(1, len(tried) + 1)]


def test_an_address_that_is_silent_is_left_for_the_next(
    certificate: Path, answers_clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A host often has an address that this machine can't reach."""
    connect = urllib3.util.connection.create_connection

    def first_is_silent(
        address: tuple[str, int], timeout: float, **more: Any
    ) -> socket.socket:
        if address[0] == "127.0.0.9":
            answers_clock.pass_by(timeout)
            raise TimeoutError
        return connect(address, timeout, **more)

    def work(connection: socket.socket) -> bytes:
        with secured(connection, certificate) as inner:
            return inner.recv(65536)

    with far_end(work) as (url, read):
        ends = ["127.0.0.9", "127.0.0.1"]
        monkeypatch.setattr(PlainConnection, "_addresses", lambda *_: ends)
        monkeypatch.setattr(
            "urllib3.util.connection.create_connection", first_is_silent
        )
        with pytest.raises(Unreachable):  # it hangs up without an answer
            send(url, trusted=certificate, clock=answers_clock)
        assert read.result().startswith(b"POST")


def test_what_is_late_once_it_is_connected_is_not_sent(
    certificate: Path, answers_clock: FakeClock
) -> None:
    """Connecting may take seconds; another process may have settled the call then."""
    before = answers_clock.monotonic() + 5

    def work(connection: socket.socket) -> bytes:
        answers_clock.pass_by(6)
        with secured(connection, certificate) as inner:
            return inner.recv(65536)

    with far_end(work) as (url, read):
        with pytest.raises(NotSent, match="too late"):
            send(url, trusted=certificate, before=before, clock=answers_clock)
        assert read.result() == b""


def test_a_bundle_that_is_not_there_is_said_and_nothing_sent(tmp_path: Path) -> None:
    """The operator's environment names the file; a wrong path needs a clear error."""
    with pytest.raises(NotSent):
        send("https://127.0.0.1:1", trusted=tmp_path / "none.pem")


@pytest.mark.parametrize(
    ("method", "query", "body"),
    [
        ("GET", None, None),
        ("GET", {"view": "Detailed", "dateFrom": "2026-11-23T12:00:00.000Z"}, None),
        ("POST", None, {"from": {"phoneNumber": "+16505550101"}, "playPrompt": False}),
        ("DELETE", None, None),
    ],
)
def test_a_question_leaves_as_requests_itself_would_send_it(
    method: str, query: dict[str, str] | None, body: dict[str, object] | None
) -> None:
    """The faster way to build a request must produce the same bytes."""
    how = {"params": query, "json": body}

    ours = ReadyRequest(method, URL, headers=dict(HEADERS), **how).prepare()
    theirs = requests.Request(method, URL, headers=dict(HEADERS), **how).prepare()

    assert (ours.method, ours.url, ours.body) == (
        theirs.method,
        theirs.url,
        theirs.body,
    )
    assert dict(ours.headers) == dict(theirs.headers)
