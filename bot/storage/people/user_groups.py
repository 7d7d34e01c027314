"""Who is in Slack's user groups, as Slack said last; kept over restarts and outages.

When somebody has joined or left a group, the other processes hear of it: they read their
members again.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, and_, delete, insert, select, update

from bot.calls.people.user_group import UserGroup
from bot.policy.workspace import WorkspaceId
from bot.storage.database.person_rows import of_workspace
from bot.storage.database.signals import tell_of_policy
from bot.storage.database.writer import Writer
from bot.storage.people.tables import user_group_members, user_groups

UG = user_groups.c
UGM = user_group_members.c

READ_LEASE = timedelta(minutes=1)
"""For one read of a group: a request to Slack ends after ten seconds."""

GroupsByUser = Mapping[str, frozenset[str]]
"""The ids of the groups (``S…``) that each person is in, by the person's."""


class UserGroups:
    """The tables `user_groups` and `user_group_members`; raises `StoreUnavailable`."""

    def __init__(self, writer: Writer, me: str = "") -> None:
        self._writer = writer
        self._me = me

    async def lease_due(
        self, named: Collection[UserGroup], now: datetime, most: int
    ) -> list[UserGroup]:
        """Return up to *most* of the *named* groups that are to be read now.

        No other process gets them meanwhile.
        """
        by_key = {each.key: each for each in named}

        def work(connection: Connection) -> list[UserGroup]:
            known = set(connection.scalars(select(UG.id).where(UG.id.in_(by_key))))
            new = [_row(by_key[key], now) for key in sorted(set(by_key) - known)]
            if new:
                connection.execute(insert(user_groups), new)
            due = (
                select(UG.id)
                .where(UG.id.in_(by_key), UG.next_at <= now)
                .order_by(UG.next_at, UG.id)
                .limit(most)
                .with_for_update(skip_locked=True)
            )
            leased = list(connection.scalars(due))
            later = update(user_groups).where(UG.id.in_(leased))
            connection.execute(later.values(next_at=now + READ_LEASE))
            return [by_key[key] for key in leased]

        return await self._writer.run(work, "user groups")

    async def by_team(self) -> dict[str, GroupsByUser]:
        """Return who is in which groups, by workspace."""
        query = select(UGM.team, UGM.user, UG.name).join(
            user_groups, UG.id == UGM.group
        )
        rows = await self._writer.run(lambda c: c.execute(query).all())
        found: dict[str, dict[str, frozenset[str]]] = defaultdict(dict)
        for team, user, name in rows:
            found[team][user] = found[team].get(user, frozenset()) | {name}
        return dict(found)

    async def put(
        self,
        group: UserGroup,
        members: Collection[str],
        leased: datetime,
        again: datetime,
        trouble: str = "",
    ) -> None:
        """Store who was in a group, and when it is to be read *again*.

        *leased* is when `lease_due` returned it. If the group has changed since, or was
        read by another process, nothing is stored: the answer may be the older one.
        """

        def work(connection: Connection) -> None:
            read = update(user_groups).where(_leased(group, leased))
            read = read.values(read_at=leased, next_at=again, trouble=trouble)
            if not connection.execute(read).rowcount:
                return
            theirs = UGM.group == group.key
            before = set(connection.scalars(select(UGM.user).where(theirs)))
            if before == set(members):
                return
            connection.execute(delete(user_group_members).where(theirs))
            rows = [_member(group, user) for user in sorted(members)]
            if rows:
                connection.execute(insert(user_group_members), rows)
            where = WorkspaceId(group.enterprise, group.team)
            tell_of_policy(connection, self._me, where)

        await self._writer.run(work, "user groups")

    async def put_off(
        self, group: UserGroup, leased: datetime, again: datetime, trouble: str
    ) -> bool:
        """Store that Slack did not say who is in a group; its last members stay.

        Returns whether that trouble is new.
        """

        def work(connection: Connection) -> bool:
            before = connection.scalar(select(UG.trouble).where(UG.id == group.key))
            later = update(user_groups).where(_leased(group, leased))
            connection.execute(later.values(next_at=again, trouble=trouble))
            return before != trouble

        return await self._writer.run(work, "user groups")

    async def expect(self, group: UserGroup, now: datetime) -> None:
        """Have a group read again at once: it has changed."""
        due = update(user_groups).where(UG.id == group.key).values(next_at=now)
        await self._writer.run(lambda c: c.execute(due), "user groups")


def delete_groups(connection: Connection, enterprise: str, team: str) -> None:
    """Delete what is known of a workspace's groups: it has removed the app."""
    theirs = of_workspace(user_groups, enterprise, team)
    connection.execute(delete(user_groups).where(theirs))


def delete_unnamed_since(connection: Connection, before: datetime) -> None:
    """Delete the groups that no rule has named since a time."""
    connection.execute(delete(user_groups).where(UG.next_at < before))


def _leased(group: UserGroup, at: datetime) -> ColumnElement[bool]:
    return and_(UG.id == group.key, UG.next_at == at + READ_LEASE)


def _row(group: UserGroup, now: datetime) -> dict[str, object]:
    return {
        "id": group.key,
        "enterprise": group.enterprise,
        "team": group.team,
        "name": group.id,
        "next_at": now,
    }


def _member(group: UserGroup, user: str) -> dict[str, object]:
    return {
        "group": group.key,
        "enterprise": group.enterprise,
        "team": group.team,
        "user": user,
    }
