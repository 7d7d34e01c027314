"""Checks of the database: that it can be written, and what is between it and the bot."""

from __future__ import annotations

import secrets

import psycopg

from bot.doctor.check import Check, CheckFailed
from bot.errors import StoreUnavailable
from bot.settings.settings import Settings
from bot.storage.calls.store import Store
from bot.storage.database.engine import is_postgres, may_move, postgres_arguments
from bot.storage.database.signals import is_direct

LOCAL_COMMITS = ("off", "local")
"""Values of ``synchronous_commit`` that wait for no standby."""


class DatabaseChecks:
    """The checks of *settings*' database."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._direct = settings.database_direct_url or settings.database_url

    def all(self) -> dict[str, Check]:
        """Return the checks by name; some only apply to PostgreSQL."""
        found: dict[str, Check] = {"database": self.database}
        if is_postgres(self._settings.database_url):
            found["database signals"] = self.signals
        if may_move(self._settings.database_url):
            found["database standbys"] = self.standbys
        return found

    async def database(self) -> str:
        """Open it, and write."""
        store = Store(self._settings.database_url)
        try:
            await store.open()
        except StoreUnavailable as error:
            raise CheckFailed(
                str(error), "Check DATABASE_URL, its folder or server."
            ) from None
        finally:
            store.close()
        return "can be opened and written"

    async def signals(self) -> str:
        """Look for a connection pooler in between."""
        me = f"doctor {secrets.token_hex(4)}"
        try:
            async with await _connected(self._direct, me) as connection:
                direct = await is_direct(connection, me)
                is_same = await self._is_same(connection)
        except (psycopg.Error, OSError) as error:
            name = "DATABASE_DIRECT_URL" if self._settings.database_direct_url else ""
            raise CheckFailed(
                f"no connection for signals: {type(error).__name__}",
                f"Check {name or 'DATABASE_URL'} and its server.",
            ) from None
        if not is_same:
            raise CheckFailed(
                "DATABASE_DIRECT_URL is another database than DATABASE_URL",
                "Give both the same server and name.",
            )
        if direct:
            return "processes hear each other at once, and see that one was killed"
        raise CheckFailed(
            "behind a connection pooler, so each process looks for what others have "
            "done once a second, and a killed one's calls are taken over by its missing "
            "heartbeats alone, after 6 s instead of 2 s",
            "Set DATABASE_DIRECT_URL to the server's own address, without the pooler.",
            is_warning=True,
        )

    async def _is_same(self, connection: psycopg.AsyncConnection) -> bool:
        """Return whether *connection* leads to the database that the bot writes."""
        async with await _connected(self._settings.database_url, "") as usual:
            return await _identity(connection) == await _identity(usual)

    async def standbys(self) -> str:
        """Look whether each commit waits for a standby."""
        try:
            async with await _connected(self._settings.database_url, "") as connection:
                names = await _shown(connection, "synchronous_standby_names")
                commits = await _shown(connection, "synchronous_commit")
        except (psycopg.Error, OSError) as error:
            raise CheckFailed(
                f"can't be asked: {type(error).__name__}", "Check DATABASE_URL."
            ) from None
        if names and commits not in LOCAL_COMMITS:
            return f"a commit waits for one: synchronous_standby_names = {names}"
        raise CheckFailed(
            "a commit waits for none of them, so the last ones are lost when one takes "
            "over, and a call may be placed twice",
            "Set synchronous_standby_names on the server, and synchronous_commit = on.",
            is_warning=True,
        )


async def _connected(url: str, me: str) -> psycopg.AsyncConnection:
    return await psycopg.AsyncConnection.connect(**postgres_arguments(url, me))


async def _identity(connection: psycopg.AsyncConnection) -> object:
    """Return what no two databases have in common."""
    asked = "SELECT current_database(), pg_postmaster_start_time()"
    return await (await connection.execute(asked)).fetchone()


async def _shown(connection: psycopg.AsyncConnection, name: str) -> str:
    """Return the value of one of the server's settings."""
    asked = await connection.execute("SELECT current_setting(%s)", (name,))
    return str((await asked.fetchone() or ("",))[0])
