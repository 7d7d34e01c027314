"""A plain durable bot as a process: what a team would otherwise write in an afternoon.

It parses the number, stores the command before it acks, and hands it to a task that would
post a card and ring. Bolt is used as it comes, SQLAlchemy's asyncio with a transaction for
each command: a SQLite file in WAL that is synced at each commit, or PostgreSQL with a pool
of ten connections. The task takes each call and does nothing with it, so that acks are
compared with acks.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import uuid
from typing import Any

import phonenumbers
from aiohttp import web
from slack_bolt.adapter.socket_mode.async_handler import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_sdk.web.async_client import AsyncWebClient
from sqlalchemy import Column, DateTime, MetaData, String, Table, event, func, insert
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from children import say

CONNECTIONS = 10
SQLITE_CONNECTIONS = 1
"""With one connection commands queue in the bot; with more they fail to get SQLite's one
lock, sleep and try again, which is slower and has a longer tail."""

METADATA = MetaData()
CALLS = Table(
    "calls",
    METADATA,
    Column("id", String(32), primary_key=True),
    Column("trigger_id", String(64), unique=True),
    Column("team", String(32)),
    Column("channel", String(32)),
    Column("person", String(32)),
    Column("callee", String(32)),
    Column("state", String(16), index=True),
    Column("asked_at", DateTime(timezone=True), server_default=func.now()),
)


def engine_for(url: str) -> AsyncEngine:
    """Return an engine for a plain ``sqlite:///…`` or ``postgresql://…`` address."""
    scheme, _, rest = url.partition("://")
    if scheme == "postgresql":
        address = f"postgresql+asyncpg://{rest}"
        return create_async_engine(address, pool_size=CONNECTIONS, max_overflow=0)
    engine = create_async_engine(f"sqlite+aiosqlite://{rest}")

    @event.listens_for(engine.sync_engine, "connect")
    def _on_connect(connection: Any, _record: Any) -> None:
        cursor = connection.cursor()
        cursor.execute("PRAGMA journal_mode=WAL")
        cursor.execute("PRAGMA synchronous=FULL")
        cursor.close()

    return engine


class Plain:
    """Stores each command, acks it, and hands it to a task."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._new: asyncio.Queue[str] = asyncio.Queue()

    async def ringout(self, ack: AsyncAck, command: dict[str, Any]) -> None:
        """Answer ``/ringout``."""
        try:
            number = phonenumbers.parse(command["text"], "US")
        except phonenumbers.NumberParseException:
            await ack("That is no phone number.")
            return
        if not phonenumbers.is_valid_number(number):
            await ack("That number does not exist.")
            return
        row = {
            "id": uuid.uuid4().hex,
            "trigger_id": command["trigger_id"],
            "team": command["team_id"],
            "channel": command["channel_id"],
            "person": command["user_id"],
            "callee": phonenumbers.format_number(
                number, phonenumbers.PhoneNumberFormat.E164
            ),
            "state": "requested",
        }
        try:
            async with self._engine.begin() as connection:
                await connection.execute(insert(CALLS).values(row))
        except IntegrityError:
            await ack("That command came twice.")
            return
        self._new.put_nowait(row["id"])
        await ack(f"Ringing your phone, then {command['text']} …")

    async def work(self) -> None:
        """Take each new call."""
        while True:
            await self._new.get()


async def serve(options: argparse.Namespace) -> None:
    """Take commands until killed."""
    engine = engine_for(options.url)
    async with engine.begin() as connection:
        await connection.run_sync(METADATA.create_all)
    plain = Plain(engine)
    client = AsyncWebClient(token=options.token, base_url=options.api)
    app = AsyncApp(client=client, signing_secret=options.secret)
    app.command("/ringout")(plain.ringout)
    working = asyncio.create_task(plain.work())
    if options.socket:
        handler = AsyncSocketModeHandler(app, options.app_token, web_client=client)
        await handler.connect_async()  # type: ignore[no-untyped-call]
        say(ready="")
    else:
        runner = web.AppRunner(app.web_app(), access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        say(ready=f"http://127.0.0.1:{runner.addresses[0][1]}/slack/events")
    await working


def main() -> None:
    """Read the arguments, and serve."""
    logging.disable(logging.WARNING)
    parser = argparse.ArgumentParser()
    parser.add_argument("--url")
    parser.add_argument("--api")
    parser.add_argument("--token")
    parser.add_argument("--app-token")
    parser.add_argument("--secret")
    parser.add_argument("--socket", action="store_true")
    asyncio.run(serve(parser.parse_args()))


if __name__ == "__main__":
    main()
