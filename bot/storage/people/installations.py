"""Where the app is installed: one row a workspace or organization, tokens encrypted.

Every process reads the row for each request, so that an uninstall counts at once
everywhere. A workspace that has left keeps its row, without the token, until all that
belonged to it is gone; so a process that dies in between leaves nothing behind.
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
from sqlalchemy.exc import IntegrityError

from bot.calls.installation import Installation
from bot.storage.database.writer import Writer
from bot.storage.people.tables import installations
from bot.vault import Undecryptable, Vault

IN = installations.c
THERE = and_(IN.enterprise == bindparam("e_"), IN.team == bindparam("t_"))
FITS = or_(
    and_(IN.team == bindparam("t_"), IN.enterprise.in_((bindparam("e_"), ""))),
    and_(IN.team == "", IN.enterprise == bindparam("e_")),
)
"""The workspace's own, also from before it joined its organization, or the latter's."""

FIND = (
    select(installations)
    .where(FITS, IN.left_at.is_(None))
    .order_by(IN.installed_at.desc())
    .limit(1)
)
ONE = select(installations).where(THERE, IN.left_at.is_(None)).with_for_update()


class Installations:
    """The table `installations`; see `bot.errors.StoreUnavailable`."""

    def __init__(self, writer: Writer, vault: Vault) -> None:
        self._writer = writer
        self._vault = vault

    async def put(self, made: Installation) -> None:
        """Store an installation; it replaces an older one of the same place."""
        if not made.enterprise and not made.team:
            raise ValueError("an installation is somewhere")
        row = asdict(made) | {"token": self._vault.encrypt(made.token), "left_at": None}

        def work(connection: Connection) -> None:
            connection.execute(delete(installations).where(THERE), _place(made))
            connection.execute(insert(installations).values(row))

        try:
            await self._writer.run(work)
        except IntegrityError:  # the same was installed twice at this very moment
            await self._writer.run(work)

    async def find(self, enterprise: str, team: str) -> Installation | None:
        """Return what is installed for a workspace: its own, or its organization's.

        The newer of the two, where there are both: it is the one that Slack gave last.
        Raises `bot.vault.Undecryptable` too.
        """
        values = {"e_": enterprise, "t_": team}
        row = await self._writer.run(
            lambda c: c.execute(FIND, values).mappings().first()
        )
        return None if row is None else self._read(row)

    async def leave(
        self, enterprise: str, team: str, now: datetime, *, token: str = ""
    ) -> bool:
        """Forget the token of a place; False if there was none.

        With *token*, only if it still is that one: it may have been installed anew.
        """

        def work(connection: Connection) -> bool:
            row = connection.execute(ONE, {"e_": enterprise, "t_": team}).first()
            if row is None or (token and self._vault.decrypt(row.token) != token):
                return False
            gone = update(installations).where(IN.enterprise == enterprise)
            gone = gone.where(IN.team == team).values(token="", left_at=now)
            connection.execute(gone)
            return True

        return await self._writer.run(work)

    async def left(self) -> list[tuple[str, str]]:
        """Return the places whose rows are kept until what belonged to them is gone."""
        query = select(IN.enterprise, IN.team).where(IN.left_at.is_not(None))
        return await self._writer.run(
            lambda c: [(row[0], row[1]) for row in c.execute(query)]
        )

    async def erase(self, enterprise: str, team: str) -> None:
        """Erase the row of a place that has left, unless it came back."""
        gone = delete(installations).where(THERE, IN.left_at.is_not(None))
        values = {"e_": enterprise, "t_": team}
        await self._writer.run(lambda c: c.execute(gone, values))

    async def counted(self) -> int:
        """Return how many there are."""
        return await self._writer.run(lambda c: _count(c, IN.left_at.is_(None)))

    async def newest(self, most: int) -> list[tuple[str, Installation | None]]:
        """Return the newest with their ids; None for one whose token no key can read."""
        query = (
            select(installations)
            .where(IN.left_at.is_(None))
            .order_by(IN.installed_at.desc())
            .limit(most)
        )
        rows = await self._writer.run(lambda c: c.execute(query).mappings().all())
        return [(_where(row), self._try(row)) for row in rows]

    def _try(self, row: RowMapping) -> Installation | None:
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
