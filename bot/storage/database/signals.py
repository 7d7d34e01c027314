"""Wakes other processes at once, by PostgreSQL's LISTEN and NOTIFY.

A lost signal costs 1.5 seconds: every heartbeat also asks whether a call is due.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

import psycopg
from sqlalchemy import Connection, text

from bot.settings import database_address

log = logging.getLogger(__name__)

CHANNEL = "ringout"
RECONNECT_AFTER = 2.0
"""Seconds until a lost connection is opened again."""

SESSION_NAME = "ringout-bot "
"""The beginning of the name of a process's sessions; the process's id follows (PostgreSQL
docs, "The Cumulative Statistics System", ``pg_stat_activity``)."""


def name_of(process: str) -> str:
    """Return the ``application_name`` of the sessions of *process*; at most 63 bytes."""
    return f"{SESSION_NAME}{process}".rstrip()


def notify(connection: Connection, process: str) -> None:
    """Wake *process* when this transaction commits; without a name, all processes."""
    if connection.dialect.name == "postgresql":
        statement = text("SELECT pg_notify(:channel, :process)")
        connection.execute(statement, {"channel": CHANNEL, "process": process})


async def listen(
    url: str, me: str, wake: Callable[[], None], *, again: float = RECONNECT_AFTER
) -> None:
    """Call *wake* at every signal for the process *me*, forever.

    A lost connection is opened again after *again* seconds.
    """
    plain = database_address.conninfo(database_address.address(url))
    while True:
        try:
            connection = await psycopg.AsyncConnection.connect(
                plain, autocommit=True, application_name=name_of(me)
            )
            async with connection:
                await connection.execute(f"LISTEN {CHANNEL}")
                wake()  # a signal may have been missed before
                async for signal in connection.notifies():
                    if signal.payload in ("", me):
                        wake()
        except (psycopg.Error, OSError) as error:
            log.info("no signals from the database: %s", type(error).__name__)
        await asyncio.sleep(again)
