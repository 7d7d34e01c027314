"""Waking other processes: PostgreSQL's LISTEN and NOTIFY, where waiting would cost.

A lost signal costs a quarter of a second: every process looks by itself, too.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

import psycopg
from sqlalchemy import Connection, text
from sqlalchemy.engine import make_url

log = logging.getLogger(__name__)

CHANNEL = "ringout"
AGAIN = 2.0
"""Seconds until a lost connection is made again."""

NAMED = "ringout-bot "
"""How the name begins by which PostgreSQL knows a process's sessions; its id follows
(PostgreSQL documentation, "The Cumulative Statistics System", ``pg_stat_activity``)."""


def name_of(process: str) -> str:
    """Return the ``application_name`` of the sessions of *process*; at most 63 bytes."""
    return f"{NAMED}{process}".rstrip()


def notify(connection: Connection, process: str) -> None:
    """Wake *process* once this transaction is committed; all of them if it is empty."""
    if connection.dialect.name == "postgresql":
        statement = text("SELECT pg_notify(:channel, :process)")
        connection.execute(statement, {"channel": CHANNEL, "process": process})


async def listen(
    url: str, me: str, wake: Callable[[], None], *, again: float = AGAIN
) -> None:
    """Call *wake* at every signal for this process, for ever.

    A connection that is lost is made again after *again* seconds.
    """
    address = make_url(url.replace("postgres://", "postgresql://", 1))
    plain = address.set(drivername="postgresql").render_as_string(hide_password=False)
    while True:
        try:
            connection = await psycopg.AsyncConnection.connect(
                plain, autocommit=True, application_name=name_of(me)
            )
            async with connection:
                await connection.execute(f"LISTEN {CHANNEL}")
                wake()  # something may have happened meanwhile
                async for signal in connection.notifies():
                    if signal.payload in ("", me):
                        wake()
        except (psycopg.Error, OSError) as error:
            log.info("no signals from the database: %s", type(error).__name__)
        await asyncio.sleep(again)
