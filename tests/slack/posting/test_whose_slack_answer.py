"""Slack's answer is taken for the request that it answers, never for another one."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import aiohttp
import pytest
from slack_sdk.web.async_client import AsyncWebClient

from bot.errors import ChatUnknown
from bot.slack.posting import web

HINTS = b"HTTP/1.1 103 Early Hints\r\n\r\n"
SWITCHED = b"HTTP/1.1 101 Switching Protocols\r\n\r\n"


def answer(path: str) -> bytes:
    """Return Slack's answer to a request for *path*."""
    body = json.dumps({"ok": True, "id": path}).encode()
    kind = b"Content-Type: application/json\r\n"
    return b"HTTP/1.1 200 OK\r\n%bContent-Length: %d\r\n\r\n%b" % (
        kind,
        len(body),
        body,
    )


@asynccontextmanager
async def far_end(
    say: Callable[[str], bytes],
) -> AsyncIterator[tuple[str, list[asyncio.StreamWriter]]]:
    """Give the URL of a server, and its connections."""
    open_ones: list[asyncio.StreamWriter] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        open_ones.append(writer)
        while data := await reader.read(65536):
            writer.write(say(data.split()[1].decode()))
        writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/", open_ones


async def ask(client: AsyncWebClient, name: str) -> object:
    """Ask Slack; return what its answer says."""
    return (await web.ask(client.api_call(name, http_verb="GET")))["id"]


async def arrived(session: aiohttp.ClientSession) -> None:
    """Wait until bytes have come on an idle connection."""
    assert session.connector is not None
    idle = [proto for each in session.connector._conns.values() for proto, _ in each]
    assert idle
    while not any(proto.should_close for proto in idle):
        await asyncio.sleep(0)


async def test_an_answer_behind_early_hints_is_its_own_requests() -> None:
    """A card's time stamp would be another card's."""

    def say(path: str) -> bytes:
        return HINTS + answer(path)

    async with far_end(say) as (url, _), web.session() as session:
        client = web.client("xoxb-1", url, session)
        assert [await ask(client, name) for name in "ab"] == ["/a", "/b"]


async def test_a_switch_of_protocols_is_a_lost_answer() -> None:
    """The message may be there; and what comes later on that connection is its answer."""

    def say(path: str) -> bytes:
        return SWITCHED if path == "/a" else answer(path)

    async with far_end(say) as (url, connections), web.session() as session:
        client = web.client("xoxb-1", url, session)
        with pytest.raises(ChatUnknown):
            await ask(client, "a")
        assert await ask(client, "b") == "/b"
        assert len(connections) == 2


async def test_what_came_since_the_last_request_does_not_answer_the_next() -> None:
    """A card would be edited by the time stamp that another request was answered with."""
    async with far_end(answer) as (url, connections), web.session() as session:
        client = web.client("xoxb-1", url, session)
        assert await ask(client, "a") == "/a"
        connections[0].write(answer("/mallory"))
        await arrived(session)

        assert [await ask(client, name) for name in "bc"] == ["/b", "/c"]
        assert len(connections) == 2
