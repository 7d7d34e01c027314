"""A connection to PostgreSQL that does not wait for ever for a server that hangs.

A server whose machine is paused, or that a firewall has cut off, may keep its connections:
its kernel, or a proxy, goes on confirming what it receives. No time-out of TCP or of the
server ends that.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from psycopg.abc import RV, PQGen
from psycopg.pq import TransactionStatus
from sqlalchemy import Connection

ANSWERS_WITHIN = 15.0
"""Seconds until a statement or a commit is given up; the server gives up after ten."""

INTERRUPTED_LOOK = 0.1
"""Seconds between two looks whether Python was interrupted; psycopg's own value."""


class WatchedConnection(psycopg.Connection):
    """Ends itself if the server takes longer than *answers_within* for one answer."""

    answers_within: float | None = ANSWERS_WITHIN

    def wait(
        self,
        gen: PQGen[RV],
        interval: float = INTERRUPTED_LOOK,
        timeout: float | None = None,
    ) -> RV:
        """Wait for an answer. Raises `psycopg.OperationalError`, and is closed then."""
        within = self.answers_within if timeout is None else timeout
        try:
            return super().wait(gen, interval, within)
        except psycopg.OperationalError:
            if self.pgconn.transaction_status != TransactionStatus.ACTIVE:
                raise  # it was answered, or has lost its server
            self.pgconn.finish()
        raise psycopg.OperationalError("the server does not answer")


@contextmanager
def unhurried(connection: Connection) -> Iterator[None]:
    """Wait as long as it takes, for a statement that has no time-out at the server."""
    watched = connection.connection.driver_connection
    if not isinstance(watched, WatchedConnection):
        yield
        return
    usual, watched.answers_within = watched.answers_within, None
    try:
        yield
    finally:
        watched.answers_within = usual
