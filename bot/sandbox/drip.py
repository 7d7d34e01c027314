"""An answer that comes byte by byte and never ends."""

from __future__ import annotations

import asyncio
from contextlib import suppress

from aiohttp import web


async def drip(
    request: web.Request, seconds: float, closing: asyncio.Event
) -> web.StreamResponse:
    """Send a byte every *seconds* until the client hangs up, or *closing* is set."""
    response = web.StreamResponse(headers={"Content-Type": "application/json"})
    with suppress(ConnectionError):
        await response.prepare(request)
        while not closing.is_set():
            await response.write(b" ")
            with suppress(TimeoutError):
                async with asyncio.timeout(seconds):
                    await closing.wait()
    if request.transport is not None:
        request.transport.abort()
    return response
