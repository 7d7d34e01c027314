"""A way to a server that can turn into a hole: connections stay, and nothing gets through."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field


@dataclass
class Hole:
    """Forwards what comes to *port* of 127.0.0.1 until `swallow`."""

    port: int = 0
    _open: asyncio.Event = field(default_factory=asyncio.Event)

    def swallow(self) -> None:
        """Forward nothing from now on; new connections are taken, and hang as well."""
        self._open.clear()

    async def carry(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        """Forward one direction of a connection."""
        with suppress(ConnectionError):
            while data := await reader.read(65_536):
                await self._open.wait()
                writer.write(data)
                await writer.drain()
        writer.close()


@asynccontextmanager
async def a_hole(to: int) -> AsyncIterator[Hole]:
    """Run one in front of a port of 127.0.0.1; it forwards at first."""
    made = Hole()
    made._open.set()
    carrying: set[asyncio.Task[None]] = set()
    ends: list[asyncio.StreamWriter] = []

    async def took(near: asyncio.StreamReader, back: asyncio.StreamWriter) -> None:
        far, on = await asyncio.open_connection("127.0.0.1", to)
        ends.extend((back, on))
        for pair in ((near, on), (far, back)):
            carrying.add(asyncio.create_task(made.carry(*pair)))

    server = await asyncio.start_server(took, "127.0.0.1", 0)
    made.port = server.sockets[0].getsockname()[1]
    try:
        yield made
    finally:
        server.close()
        for each in carrying:
            each.cancel()
        await asyncio.gather(*carrying, return_exceptions=True)
        for end in ends:
            end.transport.abort()
