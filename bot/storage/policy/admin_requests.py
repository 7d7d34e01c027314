"""Stores what people ask admins to allow once, who answered what, and which call used it.

``next_at`` is when Slack is owed the next message about a request, and the lease of who
sends it. Whether a message may have been sent is stored before it is.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    Connection,
    Row,
    bindparam,
    delete,
    func,
    or_,
    select,
    update,
)

from bot.calls.call import Place
from bot.calls.numbers.phone import PhoneNumber
from bot.calls.people.person import Person
from bot.policy.admin_request import (
    MOST_REQUESTS,
    REQUEST_LASTS,
    AdminAnswer,
    AdminAsked,
    AdminRequest,
)
from bot.policy.rules import Rule
from bot.policy.workspace import AuditAction, AuditRow, WorkspaceId
from bot.storage.database.person_rows import columns, of_person
from bot.storage.database.writer import Writer
from bot.storage.policy.audit import insert_audit
from bot.storage.policy.tables import admin_requests

ASKED_ROW = admin_requests.c

REQUEST_LEASE = timedelta(seconds=60)
"""Longer than looking for a message and posting it take, and than a post whose answer was
lost may still need to show up."""

MOST_REQUESTS_A_ROUND = 20

AUDITED_AS = {
    AdminAnswer.APPROVED: AuditAction.GRANTED,
    AdminAnswer.DECLINED: AuditAction.DECLINED,
}

_LOCK = select(func.pg_advisory_xact_lock(func.hashtext(bindparam("key_"))))
_ONE = select(admin_requests).where(ASKED_ROW.id == bindparam("id_"))
_ONE_LOCKED = _ONE.with_for_update()
_USE = (
    update(admin_requests)
    .where(ASKED_ROW.id == bindparam("id_"), ASKED_ROW.used_at.is_(None))
    .values(used_at=bindparam("at_"))
)


@dataclass(frozen=True, slots=True)
class LeasedRequest:
    """A request about which this process sends the next message.

    Attributes:
        until: Until when no other process does.
        is_post_tried: Whether the message in the admins' channel may be there.
        is_tell_tried: Whether the person may have been told the answer.
    """

    request: AdminRequest
    until: datetime
    is_post_tried: bool
    is_tell_tried: bool


class AdminRequests:
    """The table `admin_requests`; all methods raise `StoreUnavailable`."""

    def __init__(self, writer: Writer) -> None:
        self._writer = writer

    async def add(self, new: AdminRequest) -> AdminAsked:
        """Store a request, unless one about this number, or too many others, wait already."""
        person = new.place.person
        waiting = select(ASKED_ROW.number).where(
            of_person(admin_requests, person),
            ASKED_ROW.answer == AdminAnswer.NONE,
            ASKED_ROW.asked_at > new.asked_at - REQUEST_LASTS,
        )
        key = f"asks an admin {person.enterprise} {person.team} {person.user}"

        def work(connection: Connection) -> AdminAsked:
            if connection.dialect.name == "postgresql":
                connection.execute(_LOCK, {"key_": key})
            numbers = list(connection.scalars(waiting))
            if new.number.e164 in numbers:
                return AdminAsked.WAITS
            if len(numbers) >= MOST_REQUESTS:
                return AdminAsked.TOO_MANY
            connection.execute(admin_requests.insert().values(_columns(new)))
            who = new.place.user
            insert_audit(connection, _audit(new, AuditAction.ASKED, who, new.asked_at))
            return AdminAsked.NEW

        return await self._writer.run(work, key)

    async def get(self, request_id: str) -> AdminRequest | None:
        """Return a request."""
        row = await self._writer.run(
            lambda c: c.execute(_ONE, {"id_": request_id}).first()
        )
        return None if row is None else _request(row)

    async def answer(
        self, request_id: str, answer: AdminAnswer, by: str, now: datetime
    ) -> bool:
        """Store an answer, unless there is one or its time is over; return whether it is.

        *by* is empty where nobody has answered.
        """
        is_late = answer is AdminAnswer.EXPIRED
        open_ = update(admin_requests).where(
            ASKED_ROW.id == request_id,
            ASKED_ROW.answer == AdminAnswer.NONE,
            *([] if is_late else [ASKED_ROW.asked_at > now - REQUEST_LASTS]),
        )
        values = {
            "answer": answer,
            "answered_by": by,
            "answered_at": now,
            "next_at": now,
        }

        def work(connection: Connection) -> bool:
            if not connection.execute(open_.values(values)).rowcount:
                return False
            row = connection.execute(_ONE, {"id_": request_id}).one()
            if answer in AUDITED_AS:
                told = _audit(_request(row), AUDITED_AS[answer], by, now)
                insert_audit(connection, told)
            return True

        return await self._writer.run(work, f"admin request {request_id}")

    async def first_due(self) -> datetime | None:
        """Return when Slack is owed the next message; None if it is owed none."""
        query = select(func.min(ASKED_ROW.next_at))
        return await self._writer.run(lambda c: c.scalar(query))

    async def lease_due(self, now: datetime) -> list[LeasedRequest]:
        """Return the requests that are due; no other process gets them meanwhile."""
        due = (
            select(admin_requests)
            .where(ASKED_ROW.next_at <= now)
            .order_by(ASKED_ROW.next_at)
            .limit(MOST_REQUESTS_A_ROUND)
            .with_for_update(skip_locked=True)
        )
        until = now + REQUEST_LEASE

        def work(connection: Connection) -> list[LeasedRequest]:
            rows = connection.execute(due).all()
            mine = update(admin_requests).where(
                ASKED_ROW.id.in_([row.id for row in rows])
            )
            connection.execute(mine.values(next_at=until))
            return [
                LeasedRequest(_request(row), until, row.post_tried, row.tell_tried)
                for row in rows
            ]

        return await self._writer.run(work, "admin requests due")

    async def will_post(self, leased: LeasedRequest) -> bool:
        """Store that the admins' message is about to be sent; False if the lease is lost."""
        return await self._change(leased, post_tried=True)

    async def will_tell(self, leased: LeasedRequest) -> bool:
        """Store that the person is about to be told; False if the lease is lost."""
        return await self._change(leased, tell_tried=True)

    async def posted(self, request: AdminRequest, channel: str, ts: str) -> None:
        """Store where a request is posted. It is due again when its time is over.

        An answer may have come meanwhile: what is owed about that stays owed.
        """
        mine = update(admin_requests).where(ASKED_ROW.id == request.id)
        there = mine.values(posted_in=channel, posted_ts=ts)
        waits = mine.where(ASKED_ROW.answer == AdminAnswer.NONE)
        later = waits.values(next_at=request.asked_at + REQUEST_LASTS)

        def work(connection: Connection) -> None:
            connection.execute(there)
            connection.execute(later)

        await self._writer.run(work, f"admin request {request.id}")

    async def later(self, leased: LeasedRequest, at: datetime) -> None:
        """Make a request due at *at*, unless it was answered while it was leased."""
        await self._change(leased, next_at=at)

    async def done(self, leased: LeasedRequest) -> None:
        """Store that Slack is owed no more messages about a request."""
        await self._change(leased, next_at=None)

    async def _change(self, leased: LeasedRequest, **values: Any) -> bool:
        mine = update(admin_requests).where(
            ASKED_ROW.id == leased.request.id, ASKED_ROW.next_at == leased.until
        )
        changing = mine.values(**values)
        return bool(await self._writer.run(lambda c: c.execute(changing).rowcount))


def granted_rules(
    connection: Connection,
    request_id: str,
    person: Person,
    number: PhoneNumber,
    now: datetime,
) -> frozenset[Rule]:
    """Return what an admin has opened for this call; other calls wait for this one.

    None for an id that is forged, another person's, or of another number.
    """
    row = connection.execute(_ONE_LOCKED, {"id_": request_id}).first()
    return frozenset() if row is None else _request(row).opens(person, number, now)


def use_grant(connection: Connection, request_id: str, at: datetime) -> None:
    """Store that the call of a request is placed: it opens nothing any more."""
    connection.execute(_USE, {"id_": request_id, "at_": at})


def delete_requests_before(connection: Connection, before: datetime) -> None:
    """Delete the requests from before a time: what came of them, the audit has."""
    connection.execute(delete(admin_requests).where(ASKED_ROW.asked_at < before))


def erase_asked_number(connection: Connection, number: str, *, dry: bool) -> int:
    """Delete the requests with *number* (E.164); return how many. *dry* only counts."""
    theirs = or_(ASKED_ROW.number == number, ASKED_ROW.wanted.contains(f'"{number}"'))
    if dry:
        count = select(func.count()).select_from(admin_requests).where(theirs)
        return connection.scalar(count) or 0
    return connection.execute(delete(admin_requests).where(theirs)).rowcount


async def answerers(writer: Writer, user: str) -> list[Person]:
    """Return everybody with this Slack id who has answered a request."""
    query = select(ASKED_ROW.enterprise, ASKED_ROW.team).distinct()
    theirs = query.where(ASKED_ROW.answered_by == user)
    rows = await writer.run(lambda c: c.execute(theirs).all())
    return [Person(row.enterprise, row.team, user) for row in rows]


def forget_who_answered(connection: Connection, person: Person) -> None:
    """Forget that somebody who leaves has answered requests of others."""
    theirs = update(admin_requests).where(
        ASKED_ROW.enterprise == person.enterprise,
        ASKED_ROW.team == person.team,
        ASKED_ROW.answered_by == person.user,
    )
    connection.execute(theirs.values(answered_by=""))


def _columns(new: AdminRequest) -> dict[str, Any]:
    return columns(new.place.person) | {
        "id": new.id,
        "channel": new.place.channel,
        "number": new.number.e164,
        "rules": " ".join(sorted(new.rules)),
        "words": new.words,
        "wanted": new.wanted,
        "asked_at": new.asked_at,
        "posted_in": new.channel,
        "next_at": new.asked_at,
    }


def _request(row: Row[Any]) -> AdminRequest:
    known = row.rules.split()
    return AdminRequest(
        id=row.id,
        place=Place(row.team, row.channel, row.user, row.enterprise),
        number=PhoneNumber(row.number),
        rules=frozenset(each for each in Rule if each.value in known),
        words=row.words,
        wanted=row.wanted,
        asked_at=row.asked_at,
        channel=row.posted_in,
        ts=row.posted_ts,
        answer=AdminAnswer(row.answer),
        answered_by=row.answered_by,
        answered_at=row.answered_at,
        used_at=row.used_at,
    )


def _audit(
    request: AdminRequest, action: AuditAction, by: str, at: datetime
) -> AuditRow:
    first, *others = sorted(request.rules, key=list(Rule).index)
    named = [f"also {', '.join(others)}"] if others else []
    if by != request.place.user:
        named.append(f"asked by {request.place.user}")
    return AuditRow(
        at=at,
        where=WorkspaceId.of(request.place),
        user=by,
        action=action,
        number=request.number.e164,
        rule=first,
        detail="; ".join(named),
    )
