"""The tables of live processes, and of what they share about RingCentral users."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, String, Table, Text, false

from bot.storage.database.schema import Moment, metadata

processes = Table(
    "processes",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("started_at", Moment, nullable=False),
    Column("seen_at", Moment, nullable=False),
    Column("has_session", Boolean, nullable=False, server_default=false()),
)
"""With ``has_session``, PostgreSQL shows a session of the process while it lives."""

user_state = Table(
    "user_state",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("budget", Text, nullable=False, server_default=""),
    Column("log_free_at", Moment, nullable=False, server_default="0"),
    Column("sign_in", Text, nullable=False, server_default=""),
    Column("used_at", Moment, nullable=False, server_default="0"),
)
"""Two kinds of rows: one for each RingCentral user, with its rate ``budget``
(`bot.accounts.clients`), and one for each account that calls run by, with the turn to read
its call log. The shared account's row also has its ``sign_in``
(`bot.accounts.shared_tokens`)."""

log_lags = Table(
    "log_lags",
    metadata,
    Column("account", String(64), primary_key=True),
    Column("sightings", Text, nullable=False),
    Column("learned_at", Moment, nullable=False),
)
"""How soon an account's call log has shown its last calls (`bot.calls.lag`). The account's
name is the one in `user_state`."""
