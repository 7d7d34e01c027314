"""What an error of the database means, and how it is told without a value of a row."""

from __future__ import annotations

import re
import sqlite3

from sqlalchemy.exc import DataError, DBAPIError, OperationalError

SERIALIZATION_FAILURES = ("40001", "40P01")
"""PostgreSQL's codes for a transaction that conflicted with another one."""

READ_ONLY = "25006"
"""PostgreSQL's code for writing to a server that has become read-only: a standby now."""

FROM_A_QUOTE = re.compile(r"[\"'«„“\u201a\u2018].*")
"""A value in PostgreSQL's words, in any of its languages, and what follows it."""


def has_lost_its_server(error: DBAPIError) -> bool:
    """Whether the connection has ended, or leads to a server that is read-only now."""
    code = getattr(error.orig, "sqlstate", "")
    return error.connection_invalidated or code == READ_ONLY


def may_succeed_later(error: Exception, *, alone: bool) -> bool:
    """Whether the same jobs may succeed if they are run again, or one at a time."""
    if not isinstance(error, DBAPIError) or has_lost_its_server(error):
        return False
    if getattr(error.orig, "sqlstate", "") in SERIALIZATION_FAILURES:
        return True
    # SQLite raises OperationalError for a bad statement, PostgreSQL for a lost server.
    is_sqlite = isinstance(error.orig, sqlite3.Error)
    return not alone and (is_sqlite or not isinstance(error, OperationalError))


def plain(error: BaseException) -> str:
    """Return the error without its statement and values, which hold phone numbers.

    PostgreSQL puts the row into the lines behind the first; a value of the wrong form is
    in quotation marks in the first.
    """
    cause = getattr(error, "orig", None) or error
    first = next(iter(str(cause).splitlines()), "")
    if isinstance(error, DataError):
        first = FROM_A_QUOTE.sub("…", first)
    return f"{type(cause).__name__}: {first[:200]}"
