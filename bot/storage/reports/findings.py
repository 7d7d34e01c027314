"""Finds what admins are told of by themselves, and keeps until when each was told."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    and_,
    delete,
    func,
    insert,
    select,
    update,
)

from bot.calls.people.person import Person
from bot.policy.alerts import (
    BUSIEST_OF,
    CALLS_OF_A_DAY,
    TOLD_EVERY,
    AlertKind,
    Suspicion,
    is_much_refused,
    is_unusual,
)
from bot.policy.rules import Rule, Ruling
from bot.policy.workspace import AuditAction, WorkspaceId
from bot.storage.calls.tables import calls
from bot.storage.database.person_rows import columns, of_person
from bot.storage.database.writer import Writer
from bot.storage.policy.tables import admin_alerts, audit_rows

AUDITED_ROW = audit_rows.c

ALERT_LEASE = timedelta(minutes=2)
"""Longer than looking for a message and posting it take."""

FOUND_WITHIN = timedelta(hours=1)
"""Older rows are told to nobody: the bot was down, or the admin has just become one."""

_REFUSED_CALL = and_(
    AUDITED_ROW.action == AuditAction.CALL, AUDITED_ROW.verdict == Ruling.REFUSE
)
_TRIED_FORBIDDEN = and_(
    _REFUSED_CALL, AUDITED_ROW.rule.in_((Rule.EMERGENCY, Rule.PREMIUM))
)
_ALLOWED_CALL = and_(
    AUDITED_ROW.action == AuditAction.CALL, AUDITED_ROW.verdict == Ruling.ALLOW
)
_WHO = (AUDITED_ROW.enterprise, AUDITED_ROW.team, AUDITED_ROW.user)

Found = dict[WorkspaceId, list[Suspicion]]


@dataclass(frozen=True, slots=True)
class LeasedAlert:
    """An admin whom this process tells.

    Attributes:
        since: Findings until then were told.
        tried_at: When a message was begun that may have been posted; None if none was.
        until: Until when no other process tells them.
    """

    admin: Person
    since: datetime
    tried_at: datetime | None
    until: datetime


class Findings:
    """Reads audit and calls, and the table `admin_alerts`; raises `StoreUnavailable`."""

    def __init__(self, writer: Writer) -> None:
        self._writer = writer

    async def found(self, now: datetime) -> Found:
        """Return what was found within an hour, by workspace, the oldest first."""

        def work(connection: Connection) -> Found:
            found: Found = {}
            for where, finding in sorted(
                _all(connection, now), key=lambda each: each[1].at
            ):
                found.setdefault(where, []).append(finding)
            return found

        return await self._writer.run(work)

    async def lease(self, admin: Person, now: datetime) -> LeasedAlert | None:
        """Return an admin who may be told now; None while it is another process's turn."""
        mine = select(admin_alerts).where(of_person(admin_alerts, admin))

        def work(connection: Connection) -> LeasedAlert | None:
            row = connection.execute(mine.with_for_update()).first()
            if row is not None and row.next_at > now:
                return None
            until = now + ALERT_LEASE
            since = row.told_until if row else now - FOUND_WITHIN
            if row is None:
                new = columns(admin) | {"told_until": since, "next_at": until}
                connection.execute(insert(admin_alerts).values(new))
            else:
                leased = update(admin_alerts).where(of_person(admin_alerts, admin))
                connection.execute(leased.values(next_at=until))
            tried = row.tried_at if row else None
            return LeasedAlert(admin, since, tried, until)

        return await self._writer.run(work, f"alerts {admin.team} {admin.user}")

    async def will_post(self, leased: LeasedAlert, at: datetime) -> bool:
        """Store that a message is about to be posted; False if the lease is lost."""
        tried = update(admin_alerts).where(_leased(leased)).values(tried_at=at)
        return bool(await self._writer.run(lambda c: c.execute(tried).rowcount))

    async def told(self, leased: LeasedAlert, at: datetime) -> None:
        """Store that an admin was told what was found until *at*: the next is in an hour."""
        values = {"told_until": at, "tried_at": None, "next_at": at + TOLD_EVERY}
        done = update(admin_alerts).where(_leased(leased)).values(values)
        await self._writer.run(lambda c: c.execute(done))

    async def put_off(self, leased: LeasedAlert, until: datetime) -> None:
        """Store that nothing was posted, and when to try again."""
        later = update(admin_alerts).where(_leased(leased))
        later = later.values(next_at=until)
        await self._writer.run(lambda c: c.execute(later))


def delete_alerts_before(connection: Connection, before: datetime) -> None:
    """Delete until when admins were told who have heard of nothing since a time."""
    old = admin_alerts.c.told_until < before
    connection.execute(delete(admin_alerts).where(old))


def _leased(leased: LeasedAlert) -> ColumnElement[bool]:
    mine = of_person(admin_alerts, leased.admin)
    return and_(mine, admin_alerts.c.next_at == leased.until)


def _all(
    connection: Connection, now: datetime
) -> Iterator[tuple[WorkspaceId, Suspicion]]:
    since = now - FOUND_WITHIN
    for row in _counted(connection, _TRIED_FORBIDDEN, since, now):
        yield _finding(AlertKind.FORBIDDEN, row)
    for row in _counted(connection, _REFUSED_CALL, since, now):
        if is_much_refused(row.times):
            yield _finding(AlertKind.REFUSED, row)
    day = now.replace(hour=0, minute=0, second=0, microsecond=0)
    for row in _counted(connection, _ALLOWED_CALL, day, now, more_than=CALLS_OF_A_DAY):
        busiest = _busiest(connection, row, day)
        if row.at > since and is_unusual(row.times, busiest):
            yield _finding(AlertKind.BUSY, row, busiest)


def _counted(
    connection: Connection,
    which: ColumnElement[bool],
    since: datetime,
    now: datetime,
    more_than: int = 0,
) -> Sequence[Row[Any]]:
    query = (
        select(*_WHO, func.count().label("times"), func.max(AUDITED_ROW.at).label("at"))
        .where(AUDITED_ROW.at > since, AUDITED_ROW.at <= now, which)
        .group_by(*_WHO)
        .having(func.count() > more_than)
    )
    return connection.execute(query).all()


def _busiest(connection: Connection, row: Row[Any], day: datetime) -> int:
    """Return how many calls of a person their busiest day before *day* had."""
    asked = select(calls.c.asked_at).where(
        of_person(calls, Person(row.enterprise, row.team, row.user)),
        calls.c.asked_at >= day - BUSIEST_OF,
        calls.c.asked_at < day,
    )
    days: dict[int, int] = {}
    for at in connection.scalars(asked):
        ago = (day - at).days
        days[ago] = days.get(ago, 0) + 1
    return max(days.values(), default=0)


def _finding(
    kind: AlertKind, row: Row[Any], busiest: int = 0
) -> tuple[WorkspaceId, Suspicion]:
    found = Suspicion(
        kind=kind, user=row.user, count=row.times, at=row.at, busiest=busiest
    )
    return WorkspaceId(row.enterprise, row.team), found
