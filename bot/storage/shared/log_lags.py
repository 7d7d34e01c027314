"""How soon each account's call log shows a call, for all processes and over restarts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, select
from sqlalchemy.dialects import postgresql, sqlite

from bot.calls import lag
from bot.calls.lag import Lag, Sighting
from bot.storage.database.writer import Writer
from bot.storage.shared.tables import log_lags


class LogLag:
    """One row of the table `log_lags`; all methods raise `StoreUnavailable`.

    *name* can't be used to sign in; see `bot.cluster.budget.name_of`.
    """

    def __init__(self, writer: Writer, name: str) -> None:
        self._writer = writer
        self._name = name
        mine = log_lags.c.account == name
        self._query = select(log_lags.c.sightings).where(mine)

    async def get(self) -> Lag:
        """Return what was learned so far."""
        return await self._writer.run(self._read)

    async def learn(self, seen: Sequence[Sighting], now: datetime) -> None:
        """Add what one read of the log has shown."""

        def work(connection: Connection) -> None:
            text = lag.dump(lag.learned(self._read(connection), seen))
            kind = postgresql if connection.dialect.name == "postgresql" else sqlite
            values = {"sightings": text, "learned_at": now}
            row = kind.insert(log_lags).values(account=self._name, **values)
            connection.execute(
                row.on_conflict_do_update(index_elements=["account"], set_=values)
            )

        await self._writer.run(work, f"log lag {self._name}")

    def _read(self, connection: Connection) -> Lag:
        return lag.load(connection.scalar(self._query) or "")
