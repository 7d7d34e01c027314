"""Stores workflow steps. ``next_at`` is a step's timer, and the lease of who works on it.

A step whose person has not answered is due when its time is over, even if its question
was not posted: Slack delivers the event again, and that delivery needs the lease.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    Connection,
    Row,
    and_,
    case,
    func,
    insert,
    select,
    update,
)
from sqlalchemy.exc import IntegrityError

from bot.calls.call import Place
from bot.calls.workflow_step import StepState, WorkflowStep
from bot.storage.database.writer import Writer
from bot.storage.steps.tables import workflow_steps

WS = workflow_steps.c

DUE_AT = case(
    (
        and_(WS.state == StepState.ASKING.value, WS.next_at < WS.ends_at),
        WS.ends_at,
    ),
    else_=WS.next_at,
)

STEP_LEASE = timedelta(seconds=45)
"""Longer than looking for a question, posting it and completing a step take."""

MOST_STEPS_A_ROUND = 20

_STEP_IS_OPEN = WS.state.in_(
    [each.value for each in StepState if each is not StepState.DONE]
)
"""Steps in a state that only a newer version of the bot knows are left to one."""


class WorkflowSteps:
    """The table `workflow_steps`; all methods raise `StoreUnavailable`."""

    def __init__(self, writer: Writer) -> None:
        self._writer = writer

    async def begin(self, step: WorkflowStep) -> bool:
        """Store a new step, leased to the caller; return False if it is known already."""
        row = {
            "id": step.id,
            "enterprise": step.place.enterprise,
            "team": step.place.team,
            "user": step.place.user,
            "channel": step.place.channel,
            "state": step.state.value,
            "begun_at": step.begun_at,
            "ends_at": step.ends_at,
            "next_at": step.begun_at + STEP_LEASE,
        }

        def work(connection: Connection) -> bool:
            if connection.scalar(select(WS.id).where(WS.id == step.id)) is not None:
                return False
            try:
                with connection.begin_nested():
                    connection.execute(insert(workflow_steps).values(row))
            except IntegrityError:  # another process was told of it at the same moment
                return False
            return True

        return await self._writer.run(work, f"step {step.id}")

    async def get(self, step_id: str) -> WorkflowStep | None:
        """Return a step; None if there is none with this id."""
        query = select(workflow_steps).where(WS.id == step_id)
        row = await self._writer.run(lambda c: c.execute(query).first())
        return None if row is None else _from_row(row)

    async def change(
        self, step_id: str, old: StepState, new: StepState, next_at: datetime
    ) -> bool:
        """Move a step from *old* to *new*, due at *next_at*; False if it is not *old*."""
        moved = update(workflow_steps).where(WS.id == step_id, WS.state == old.value)
        moved = moved.values(state=new.value, next_at=next_at)
        done = await self._writer.run(lambda c: c.execute(moved).rowcount)
        return bool(done)

    async def lease(self, step_id: str, now: datetime) -> bool:
        """Take the lease of a step that nobody works on."""
        mine = update(workflow_steps).where(WS.id == step_id, WS.next_at <= now)
        mine = mine.values(next_at=now + STEP_LEASE)
        return bool(await self._writer.run(lambda c: c.execute(mine).rowcount))

    async def lease_due(self, now: datetime) -> list[WorkflowStep]:
        """Return steps that are due; no other process gets them meanwhile.

        Call it only if `first_due` says so.
        """

        def work(connection: Connection) -> list[WorkflowStep]:
            due = (
                select(workflow_steps)
                .where(now >= DUE_AT, _STEP_IS_OPEN)
                .order_by(DUE_AT)
                .limit(MOST_STEPS_A_ROUND)
                .with_for_update(skip_locked=True)
            )
            rows = connection.execute(due).all()
            later = update(workflow_steps).where(WS.id.in_([row.id for row in rows]))
            connection.execute(later.values(next_at=now + STEP_LEASE))
            return [_from_row(row) for row in rows]

        return await self._writer.run(work, "steps")

    async def first_due(self) -> datetime | None:
        """Return when the next step is due; None if none is open."""
        query = select(func.min(DUE_AT)).where(_STEP_IS_OPEN)
        return await self._writer.run(lambda c: c.scalar(query))


def _from_row(row: Row[Any]) -> WorkflowStep:
    return WorkflowStep(
        row.id,
        Place(row.team, row.channel, row.user, row.enterprise),
        StepState(row.state),
        row.begun_at,
        row.ends_at,
        row.next_at,
    )
