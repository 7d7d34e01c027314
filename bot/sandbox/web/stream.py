"""The server-sent events for the page: first its whole state, then the changes."""

from __future__ import annotations

import asyncio
import itertools
import json
import time
from collections.abc import Callable, Mapping
from contextlib import suppress

from aiohttp import web

from bot.sandbox.slack.answers import Json
from bot.sandbox.slack.ledger import Changes

Picture = Callable[[], Mapping[str, Json]]

COLLECT_SECONDS = 0.03
"""Seconds for which changes are collected into one event."""
LOOK_SECONDS = 0.15
"""Seconds between looks if no change is announced: phones stop ringing by time alone."""
KEEP_ALIVE_SECONDS = 10.0
"""Seconds without an event until a comment is sent, which finds a dead connection."""


async def tell(
    request: web.Request, picture: Picture, changes: Changes, closing: asyncio.Event
) -> web.StreamResponse:
    """Send events until the browser disconnects or *closing* is set."""
    response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
    await response.prepare(request)
    told: dict[str, str] = {}
    spoken = 0.0
    with suppress(ConnectionError):
        while not closing.is_set():
            seen = {key: json.dumps(item) for key, item in picture().items()}
            event = _difference(told, seen)
            if event:
                await response.write(event)
                spoken = time.monotonic()
            elif time.monotonic() - spoken > KEEP_ALIVE_SECONDS:
                await response.write(b": still here\n\n")
                spoken = time.monotonic()
            told = seen
            await _until_changed(changes)
    return response


def _difference(told: Mapping[str, str], seen: Mapping[str, str]) -> bytes:
    """Return the event that turns the state *told* into *seen*; empty if equal."""
    fresh = [
        f"{json.dumps(key)}:{item}"
        for key, item in seen.items()
        if told.get(key) != item
    ]
    gone = [key for key in told if key not in seen]
    if told and not fresh and not gone:
        return b""
    whole = "" if told else '"whole":true,'
    body = f'{{{whole}"set":{{{",".join(fresh)}}},"gone":{json.dumps(gone)}}}'
    return f"data: {body}\n\n".encode()


async def _until_changed(changes: Changes) -> None:
    looks = itertools.count()
    with suppress(TimeoutError):
        await changes.until(lambda: next(looks) > 0, LOOK_SECONDS)
    await asyncio.sleep(COLLECT_SECONDS)
