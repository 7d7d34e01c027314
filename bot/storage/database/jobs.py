"""Jobs for the database thread: run in batches, and answered to those who wait."""

from __future__ import annotations

import asyncio
import logging
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, Insert, Update

log = logging.getLogger(__name__)


Together = Callable[[Connection, list[Any]], Sequence[Any]]
"""Returns what each of several jobs returns, given what each of them asks."""

LockAll = Callable[[Connection, set[str]], None]
"""Takes PostgreSQL's locks of these keys, in an order that is the same in all processes."""


@dataclass(frozen=True, slots=True)
class Job:
    """Work for a transaction. With *alike*, it is that statement, executed with *row*.

    With *together* it is one of several that are answered by the same queries; *asks* is
    its part. *is_read*: it writes nothing. *also* are keys of what it depends on beside
    *order*: of two jobs with one in common the second is run once the rows of the first are
    there. With *lock*, all of them are locked before any job of a transaction writes.
    """

    work: Callable[[Connection], Any]
    order: str
    done: asyncio.Future[Any]
    """Belongs to the event loop that waits; the database thread only reads it."""
    alike: Update | None = None
    row: dict[str, Any] = field(default_factory=dict, repr=False)
    together: Together | None = None
    asks: Any = None
    is_read: bool = False
    also: frozenset[str] = field(default=frozenset(), repr=False)
    lock: LockAll | None = None

    @property
    def keys(self) -> frozenset[str]:
        """What no job may have in common with one whose rows are not inserted yet."""
        return self.also | {self.order} if self.order else self.also


JobResult = tuple[Job, Any, BaseException | None]
"""A job, what it returned, and what it raised, if anything."""


@dataclass(frozen=True, slots=True)
class Later:
    """A job's result: *value*, once *rows* are inserted.

    The rows of several jobs are inserted together: before the commit, and before the next
    job with one of the same keys runs.
    """

    value: Any
    rows: list[tuple[Insert, dict[str, Any]]] = field(repr=False)


Left = defaultdict[Insert, list[dict[str, Any]]]
"""The rows that jobs have left, by how they are inserted."""


class MissedError(Exception):
    """A batched UPDATE changed too few rows; rerun one by one to find which."""


def waiter() -> asyncio.Future[Any]:
    """Return a future of the running event loop."""
    return asyncio.get_running_loop().create_future()


def answer(outcomes: list[JobResult]) -> None:
    """Settle the jobs' futures; each event loop is woken once for the whole commit."""
    loops: defaultdict[asyncio.AbstractEventLoop, list[JobResult]] = defaultdict(list)
    for outcome in outcomes:
        loops[outcome[0].done.get_loop()].append(outcome)
    for loop, its in loops.items():
        try:
            loop.call_soon_threadsafe(_settle, its)
        except RuntimeError:  # it is closed, so nobody waits
            log.debug("database: %d results that nobody waits for", len(its))


def _settle(outcomes: list[JobResult]) -> None:
    for job, value, failure in outcomes:
        if job.done.done():
            continue
        if failure is None:
            job.done.set_result(value)
        else:
            job.done.set_exception(failure)


def lock_all(connection: Connection, batch: list[Job]) -> None:
    """Take the locks of all jobs at once, so that no two processes wait for each other."""
    keys: defaultdict[LockAll, set[str]] = defaultdict(set)
    for job in batch:
        if job.lock is not None:
            keys[job.lock] |= job.keys
    for lock, its in keys.items():
        lock(connection, its)


def run_all(connection: Connection, batch: list[Job]) -> list[JobResult]:
    """Run a batch: what can run together, then the other jobs one by one."""
    updates = [job for job in batch if job.alike is not None]
    done = _updated(connection, updates)
    groups, others = _grouped([job for job in batch if job.alike is None])
    rows: Left = defaultdict(list)
    for work, jobs in groups:
        values = work(connection, [job.asks for job in jobs])
        for job, value in zip(jobs, values, strict=True):
            done.append((job, _without_rows(value, rows)))
    _insert(connection, rows)
    done += _one_by_one(connection, others)
    return [(job, value, None) for job, value in done]


def _updated(connection: Connection, batch: list[Job]) -> list[tuple[Job, Any]]:
    """Run jobs that update a row each: those with the same statement by one execution."""
    alike: defaultdict[tuple[int, frozenset[str]], list[Job]] = defaultdict(list)
    for job in batch:
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
    return done


def _grouped(batch: list[Job]) -> tuple[list[tuple[Together, list[Job]]], list[Job]]:
    """Return the jobs that are answered together, and the others.

    Of several with a key in common only the first is in a group: what it stores concerns
    the next one.
    """
    groups: defaultdict[Together, list[Job]] = defaultdict(list)
    others: list[Job] = []
    orders: set[str] = set()
    for job in batch:
        if job.together is None or not job.keys.isdisjoint(orders):
            others.append(job)
            continue
        groups[job.together].append(job)
        orders |= job.keys
    return list(groups.items()), others


def run_one(connection: Connection, job: Job) -> Any:
    """Run a job, and insert the rows that it left for later."""
    value = job.work(connection)
    if not isinstance(value, Later):
        return value
    for statement, row in value.rows:
        connection.execute(statement, row)
    return value.value


def _one_by_one(connection: Connection, batch: list[Job]) -> list[tuple[Job, Any]]:
    """Run the jobs in turn; insert the rows that they leave as late as possible."""
    done: list[tuple[Job, Any]] = []
    rows: Left = defaultdict(list)
    orders: set[str] = set()
    for job in batch:
        if not job.keys.isdisjoint(orders):
            _insert(connection, rows)
            orders.clear()
        value = job.work(connection)
        if isinstance(value, Later):
            orders |= job.keys
        done.append((job, _without_rows(value, rows)))
    _insert(connection, rows)
    return done


def _without_rows(value: Any, rows: Left) -> Any:
    """Return a job's own result; *rows* gets those that it left to be inserted."""
    if not isinstance(value, Later):
        return value
    for statement, row in value.rows:
        rows[statement].append(row)
    return value.value


def _insert(connection: Connection, rows: Left) -> None:
    for statement, its in rows.items():
        connection.execute(statement, its)
    rows.clear()
