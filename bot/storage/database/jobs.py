"""What the database's thread is handed: work, in groups, and who waits for it."""

from __future__ import annotations

import asyncio
import logging
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, Insert, Update

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Job:
    """Work for one transaction; *alike* and *row*: it is that statement, executed."""

    work: Callable[[Connection], Any]
    order: str
    done: asyncio.Future[Any]
    """Of the event loop that waits; the database's thread only looks at it."""
    alike: Update | None = None
    row: dict[str, Any] = field(default_factory=dict)


JobResult = tuple[Job, Any, BaseException | None]
"""A job, what it has returned, or what it has raised."""


@dataclass(frozen=True, slots=True)
class Later:
    """What a job's work returns: its *value* holds once its *rows* are inserted.

    They are inserted together with those of other jobs, before the commit, and before
    the next job with the same order looks.
    """

    value: Any
    rows: list[tuple[Insert, dict[str, Any]]]


class MissedError(Exception):
    """A row of many was not as it was expected: which one, only a second run tells."""


def waiter() -> asyncio.Future[Any]:
    """Return what the running event loop can wait for."""
    return asyncio.get_running_loop().create_future()


def answer(outcomes: list[JobResult]) -> None:
    """Let the waiters go on: an event loop is woken once for a commit, not for each."""
    loops: defaultdict[asyncio.AbstractEventLoop, list[JobResult]] = defaultdict(list)
    for outcome in outcomes:
        loops[outcome[0].done.get_loop()].append(outcome)
    for loop, its in loops.items():
        try:
            loop.call_soon_threadsafe(_settle, its)
        except RuntimeError:  # it was closed: nobody waits any more
            log.debug("database: %d answers for nobody", len(its))


def _settle(outcomes: list[JobResult]) -> None:
    for job, value, failure in outcomes:
        if job.done.done():
            continue
        if failure is None:
            job.done.set_result(value)
        else:
            job.done.set_exception(failure)


def run_all(connection: Connection, batch: list[Job]) -> list[tuple[Job, Any]]:
    """Run a batch: what is alike as one statement, the rest one by one."""
    alike: defaultdict[tuple[int, frozenset[str]], list[Job]] = defaultdict(list)
    for job in batch:
        if job.alike is not None:
            alike[id(job.alike), frozenset(job.row)].append(job)
    done: list[tuple[Job, Any]] = []
    for jobs in alike.values():
        statement = jobs[0].alike
        if len(jobs) == 1 or statement is None:
            done += [(job, run_one(connection, job)) for job in jobs]
            continue
        changed = connection.execute(statement, [job.row for job in jobs]).rowcount
        if changed != len(jobs):
            raise MissedError
        done += [(job, True) for job in jobs]
    return done + _one_by_one(connection, [job for job in batch if job.alike is None])


def run_one(connection: Connection, job: Job) -> Any:
    """Run a job with all that it has put off."""
    value = job.work(connection)
    if not isinstance(value, Later):
        return value
    for statement, row in value.rows:
        connection.execute(statement, row)
    return value.value


def _one_by_one(connection: Connection, batch: list[Job]) -> list[tuple[Job, Any]]:
    """Run what is not alike; what is put off is inserted as late as may be."""
    done: list[tuple[Job, Any]] = []
    rows: defaultdict[Insert, list[dict[str, Any]]] = defaultdict(list)
    orders: set[str] = set()
    for job in batch:
        if job.order in orders:
            _insert(connection, rows)
            orders.clear()
        value = job.work(connection)
        if isinstance(value, Later):
            for statement, row in value.rows:
                rows[statement].append(row)
            orders.add(job.order)
            value = value.value
        done.append((job, value))
    _insert(connection, rows)
    return done


def _insert(
    connection: Connection, rows: defaultdict[Insert, list[dict[str, Any]]]
) -> None:
    for statement, its in rows.items():
        connection.execute(statement, its)
    rows.clear()
