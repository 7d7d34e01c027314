"""No answer takes longer, or more memory, than it may, whatever it consists of."""

from __future__ import annotations

import gzip
import itertools
import json
import socket
import threading
import tracemalloc
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import NotSent, Unreachable
from bot.ringcentral.call_log import RECORDS_PER_PAGE
from bot.ringcentral.transport.bounds import (
    USUAL_BOUNDS,
    AnswerBounds,
    OutOfBounds,
    SendState,
)
from bot.ringcentral.transport.pools import HostPool, ReadResponse, ReadyRequest
from bot.weight import weight
from fakes import FakeClock

SMALL = AnswerBounds(size=300_000)
OK, BODY = b"HTTP/1.1 200 OK\r\n", b"Content-Length: 9000\r\n\r\n"
PACKED = b"Content-Encoding: gzip\r\nConnection: close\r\n\r\n"
CHUNKED = b"Transfer-Encoding: chunked\r\n\r\n"
BOMB = gzip.compress(bytes(30_000_000), 1)
GZIP_HEAD = gzip.compress(b"")[:10]
NOTHING = zlib.compressobj(wbits=-15).flush(zlib.Z_FULL_FLUSH)
"""A piece of a packed body that unpacks to nothing."""

LATE, LARGE = "no whole answer in time", "too large an answer"
DRIPS = {
    "status line": (b"", b"H"),
    "headers": (OK + b"X-A: ", b"a"),
    "header after header": (OK, b"A: b\r\n"),
    "body": (OK + BODY, b" "),
    "body that claims a terabyte": (
        OK + b"Content-Length: 1000000000000\r\n\r\n",
        b" ",
    ),
    "chunk": (OK + CHUNKED + b"ffff\r\n", b" "),
    "chunk after chunk": (OK + CHUNKED, b"1\r\n \r\n"),
    "packed body": (OK + PACKED + GZIP_HEAD, NOTHING),
}
FLOODS = {
    "body": (OK + b"Connection: close\r\n\r\n", bytes(50_000)),
    "chunks": (OK + CHUNKED, b"c350\r\n" + bytes(50_000) + b"\r\n"),
    "bomb": (OK + PACKED, BOMB),
    "bomb in a chunk": (
        OK + b"Content-Encoding: gzip\r\n" + CHUNKED,
        b"%x\r\n%b\r\n" % (len(BOMB), BOMB),
    ),
    "bomb in a bomb": (
        OK + b"Content-Encoding: gzip, gzip\r\nConnection: close\r\n\r\n",
        gzip.compress(BOMB),
    ),
    "packed nothing": (OK + PACKED + GZIP_HEAD, NOTHING * 10_000),
    "interim answers": (
        b"",
        b"HTTP/1.1 100 Continue\r\nX-A: %b\r\n\r\n" % (b"a" * 1_000) * 50,
    ),
}
"""How each answer begins, and what is sent again and again after that."""

PLAIN_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=3), inner)
    ),
    max_leaves=20,
)


@contextmanager
def far_end(begin: bytes, pieces: Iterable[bytes]) -> Iterator[tuple[str, list[bool]]]:
    """Give the URL of a server that never ends its answer, and who has hung up on it."""
    hung_up: list[bool] = []

    def answer(server: socket.socket) -> None:
        connection, _ = server.accept()
        with connection, suppress(OSError):
            connection.settimeout(5)
            connection.recv(65536)
            connection.sendall(begin)
            with suppress(BrokenPipeError, ConnectionResetError):
                for piece in pieces:
                    connection.sendall(piece)
                while connection.recv(65536):
                    pass
            hung_up.append(True)

    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=answer, args=(server,))
        thread.start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}", hung_up
        thread.join(6)


def slowly(piece: bytes, clock: FakeClock) -> Iterator[bytes]:
    """Repeat *piece* every four seconds, past the end of the time for an answer."""
    for _ in range(9):
        yield piece
        clock.pass_by(4)


@contextmanager
def answering(answer: bytes) -> Iterator[str]:
    """Give the URL of a server that answers one request with these bytes."""

    def one(server: socket.socket) -> None:
        connection, _ = server.accept()
        with connection:
            connection.settimeout(5)
            connection.recv(65536)
            connection.sendall(answer)
            connection.shutdown(socket.SHUT_WR)
            while connection.recv(65536):  # the rest of the request
                pass

    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=one, args=(server,))
        thread.start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}"
        thread.join(6)


def values_in(value: Any) -> int:
    """Return how many values there are, this one included."""
    inner = value.values() if isinstance(value, dict) else value
    return 1 + sum(map(values_in, inner)) if isinstance(value, dict | list) else 1


def ask(pool: HostPool, url: str) -> ReadResponse:
    """Send a POST there."""
    request = ReadyRequest("POST", f"{url}/ring-out", headers={}, json={"a": 1})
    return pool.exchange(
        request.prepare(), lambda _: {"proxies": {}, "verify": True}, None
    )


@pytest.fixture
def pool(answers_clock: FakeClock) -> Iterator[HostPool]:
    """Give a pool of one connection, so that one that is not returned is missed."""
    # Time stands still, unless a test lets it pass.
    pool = HostPool(1, replace(SMALL, monotonic=answers_clock.monotonic))
    yield pool
    pool.close()


@pytest.mark.parametrize(("begin", "more"), DRIPS.values(), ids=DRIPS)
def test_an_answer_that_drips_is_lost_at_the_deadline(
    pool: HostPool, answers_clock: FakeClock, begin: bytes, more: bytes
) -> None:
    """A byte every four seconds kept a request for ever; the phone may be ringing."""
    with (
        far_end(begin, slowly(more, answers_clock)) as (url, hung_up),
        pytest.raises(Unreachable, match=LATE),
    ):
        ask(pool, url)
    assert hung_up == [True]


def test_no_read_waits_past_the_deadline(answers_clock: FakeClock) -> None:
    """Silence at the end of a drip would add ten seconds to the thirty."""
    state = SendState()
    state.begin(None, replace(USUAL_BOUNDS, monotonic=answers_clock.monotonic))
    assert state.patience() == 10

    answers_clock.pass_by(25)
    assert state.patience() == 5

    answers_clock.pass_by(5)
    with pytest.raises(OutOfBounds, match=LATE):
        state.patience()


@pytest.mark.parametrize(("begin", "more"), FLOODS.values(), ids=FLOODS)
def test_an_answer_without_end_is_lost_at_its_size(
    pool: HostPool, begin: bytes, more: bytes
) -> None:
    """A packed megabyte unpacks to a gigabyte, and other people's calls need memory."""
    with far_end(begin, itertools.repeat(more)) as (url, hung_up):
        tracemalloc.start()
        with pytest.raises(Unreachable, match=LARGE):
            ask(pool, url)
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert hung_up == [True]
    assert peak < 10 * SMALL.size


def test_a_lost_answer_leaves_the_connection_free_for_the_next(
    pool: HostPool, answers_clock: FakeClock
) -> None:
    """Otherwise three drips would be the end of all requests."""
    for begin, more in itertools.islice(DRIPS.values(), 3):
        with (
            far_end(begin, slowly(more, answers_clock)) as (url, _),
            pytest.raises(Unreachable),
        ):
            ask(pool, url)


def test_what_connects_too_late_has_not_left() -> None:
    """The deadline is for connecting as well, and then certainly no phone has rung."""
    pool = HostPool(1, AnswerBounds(seconds=0))
    with socket.create_server(("127.0.0.1", 0)) as server:
        url = f"http://127.0.0.1:{server.getsockname()[1]}"
        with pytest.raises(NotSent, match="too late"):
            ask(pool, url)
    pool.close()


def test_an_answer_shorter_than_it_claims_is_lost(pool: HostPool) -> None:
    """What came of it may be half a list."""
    with (
        answering(OK + BODY + b'{"records": []}') as url,
        pytest.raises(Unreachable, match="broke"),
    ):
        ask(pool, url)


@pytest.mark.long_table
@pytest.mark.parametrize("status", [200, 400, 401, 404, 429, 500])
@pytest.mark.parametrize("piece", [b"[],", b'{"a":{}},', b"0,", b'"",'])
def test_an_answer_of_millions_of_values_is_lost_whatever_its_status(
    piece: bytes, status: int
) -> None:
    """To parse 20 kB held everything up for seconds; "refused" might be wrong."""
    usual = AnswerBounds()
    body = b"[" + piece * ((usual.size - 9) // len(piece)) + b"0]"
    head = b"HTTP/1.1 %d Odd\r\n" % status
    pool = HostPool(1)
    with (
        answering(head + PACKED + gzip.compress(body, 1)) as url,
        pytest.raises(Unreachable, match="too many values"),
    ):
        ask(pool, url)
    pool.close()


def test_four_full_pages_of_the_call_log_are_not_too_many_values() -> None:
    """A caller whose records have many legs would never be told a result."""
    side = {"phoneNumber": "+14155550142", "name": "A, B", "location": "C, D"}
    leg = {f"field {n}": "a word" for n in range(20)} | {"from": side, "to": side}
    page = {"records": [{**leg, "legs": [leg] * 4}] * 1_000}

    assert weight(json.dumps(page).encode()) < AnswerBounds().weight / 2


def test_a_page_that_the_bot_asks_for_stays_far_below_the_bounds() -> None:
    """Even if each call of it has ten legs, each with all that RingCentral documents."""
    side = {"phoneNumber": "+14155550142", "name": "A, B", "location": "C, D"}
    leg: dict[str, Any] = {f"field {n}": "a word or an id" for n in range(20)}
    leg |= {"from": side, "to": side, "extension": {"id": 1, "uri": "x" * 60}}
    page = {"records": [{**leg, "legs": [leg] * 10}] * RECORDS_PER_PAGE}
    text = json.dumps(page).encode()

    assert len(text) < AnswerBounds().size / 3
    assert weight(text) < AnswerBounds().weight / 3


@given(PLAIN_JSON)
def test_no_json_has_more_values_than_it_weighs(value: Any) -> None:
    """Else a bound on the weight would not bound what parsing costs."""
    assert values_in(value) <= weight(json.dumps(value).encode()) + 1
