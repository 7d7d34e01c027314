"""Where the app is installed: a row for each workspace or organization, token encrypted.

Every process reads the row for each request, so an uninstall takes effect everywhere at
once. The row of a workspace that has removed the app stays, without its token, until all
else of the workspace is erased: then a process that dies in between leaves nothing behind.
"""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime

from sqlalchemy import (
    ColumnElement,
    Connection,
    RowMapping,
    and_,
    bindparam,
    delete,
    func,
    insert,
    or_,
    select,
    update,
)

from bot.calls.people.installation import Installation
from bot.errors import RowRefused
from bot.storage.database.writer import Writer
from bot.storage.people.tables import installations
from bot.vault import Undecryptable, Vault

IN = installations.c
OF_PLACE = and_(IN.enterprise == bindparam("e_"), IN.team == bindparam("t_"))
SERVES_PLACE = or_(
    and_(IN.team == bindparam("t_"), IN.enterprise.in_((bindparam("e_"), ""))),
    and_(IN.team == "", IN.enterprise == bindparam("e_")),
)
"""The workspace's own installation, also one from before it joined its organization, or
the organization's."""

FIND_INSTALLATION = (
    select(installations)
    .where(SERVES_PLACE, IN.left_at.is_(None))
    .order_by(IN.installed_at.desc())
    .limit(1)
)
FIND_TO_REMOVE = (
    select(installations).where(OF_PLACE, IN.left_at.is_(None)).with_for_update()
)


class Installations:
    """The table `installations`; all methods raise `StoreUnavailable`."""

    def __init__(self, writer: Writer, vault: Vault) -> None:
        self._writer = writer
        self._vault = vault

    async def put(self, made: Installation) -> None:
        """Store an installation in place of an older one of the same workspace."""
        if not made.enterprise and not made.team:
            raise ValueError("an installation is somewhere")
        row = asdict(made) | {"token": self._vault.encrypt(made.token), "left_at": None}

        def work(connection: Connection) -> None:
            connection.execute(delete(installations).where(OF_PLACE), _place(made))
            connection.execute(insert(installations).values(row))

        try:
            await self._writer.run(work)
        except RowRefused:  # another process has just inserted it
            await self._writer.run(work)

    async def find(self, enterprise: str, team: str) -> Installation | None:
        """Return the installation that serves a workspace: its own or its organization's.

        If there are both, the newer one, whose token Slack issued last.

        Raises:
            Undecryptable: No key decrypts the token.
        """
        values = {"e_": enterprise, "t_": team}
        row = await self._writer.run(
            lambda c: c.execute(FIND_INSTALLATION, values).mappings().first()
        )
        return None if row is None else self._read(row)

    async def leave(
        self, enterprise: str, team: str, now: datetime, *, token: str = ""
    ) -> bool:
        """Delete the token of a workspace that has removed the app; False if it had none.

        With *token*, only if it is still that one: the app may have been installed again.
        """

        def work(connection: Connection) -> bool:
            row = connection.execute(
                FIND_TO_REMOVE, {"e_": enterprise, "t_": team}
            ).first()
            if row is None or (token and self._vault.decrypt(row.token) != token):
                return False
            gone = update(installations).where(IN.enterprise == enterprise)
            gone = gone.where(IN.team == team).values(token="", left_at=now)
            connection.execute(gone)
            return True

        return await self._writer.run(work)

    async def left(self) -> list[tuple[str, str]]:
        """Return the workspaces that removed the app and are not erased yet."""
        query = select(IN.enterprise, IN.team).where(IN.left_at.is_not(None))
        return await self._writer.run(
            lambda c: [(row[0], row[1]) for row in c.execute(query)]
        )

    async def erase(self, enterprise: str, team: str) -> None:
        """Delete the row of a workspace that removed the app, unless it was installed again."""
        gone = delete(installations).where(OF_PLACE, IN.left_at.is_not(None))
        values = {"e_": enterprise, "t_": team}
        await self._writer.run(lambda c: c.execute(gone, values))

    async def space_named(self, workspace: str) -> tuple[str, str] | None:
        """Return the enterprise and team of an installation, by its workspace's id.

        Or by its organization's, if that has installed the app as a whole.
        """
        whole = and_(IN.enterprise == workspace, IN.team == "")
        query = (
            select(IN.enterprise, IN.team)
            .where(or_(IN.team == workspace, whole), IN.left_at.is_(None))
            .order_by(IN.installed_at.desc())
            .limit(1)
        )
        row = await self._writer.run(lambda c: c.execute(query).first())
        return None if row is None else (row.enterprise, row.team)

    async def teams(self) -> list[tuple[str, str]]:
        """Return the enterprise and team of each workspace with its own installation."""
        query = select(IN.enterprise, IN.team).where(
            IN.team != "", IN.left_at.is_(None)
        )
        return await self._writer.run(
            lambda c: [(row[0], row[1]) for row in c.execute(query)]
        )

    async def counted(self) -> int:
        """Return how many workspaces and organizations have the app installed."""
        return await self._writer.run(lambda c: _count(c, IN.left_at.is_(None)))

    async def newest(self, most: int) -> list[tuple[str, Installation | None]]:
        """Return the newest, each after its workspace's ids; None if no key decrypts it."""
        query = (
            select(installations)
            .where(IN.left_at.is_(None))
            .order_by(IN.installed_at.desc())
            .limit(most)
        )
        rows = await self._writer.run(lambda c: c.execute(query).mappings().all())
        return [(_where(row), self._decrypted(row)) for row in rows]

    def _decrypted(self, row: RowMapping) -> Installation | None:
        try:
            return self._read(row)
        except Undecryptable:
            return None

    def _read(self, row: RowMapping) -> Installation:
        values = {name: row[name] for name in Installation.__slots__}
        return Installation(**values | {"token": self._vault.decrypt(row["token"])})


def _place(made: Installation) -> dict[str, str]:
    return {"e_": made.enterprise, "t_": made.team}


def _where(row: RowMapping) -> str:
    return "/".join(each for each in (row["enterprise"], row["team"]) if each)


def _count(connection: Connection, which: ColumnElement[bool]) -> int:
    query = select(func.count()).select_from(installations).where(which)
    return connection.scalar(query) or 0
