"""What the database's thread is handed: work, in groups, and who waits for it."""

from __future__ import annotations

import asyncio
import logging
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, Update

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


Outcome = tuple[Job, Any, BaseException | None]
"""A job, what it has returned, or what it has raised."""


class MissedError(Exception):
    """A row of many was not as it was expected: which one, only a second run tells."""


def waiter() -> asyncio.Future[Any]:
    """Return what the running event loop can wait for."""
    return asyncio.get_running_loop().create_future()


def answer(outcomes: list[Outcome]) -> None:
    """Let the waiters go on: an event loop is woken once for a commit, not for each."""
    loops: defaultdict[asyncio.AbstractEventLoop, list[Outcome]] = defaultdict(list)
    for outcome in outcomes:
        loops[outcome[0].done.get_loop()].append(outcome)
    for loop, its in loops.items():
        try:
            loop.call_soon_threadsafe(_settle, its)
        except RuntimeError:  # it was closed: nobody waits any more
            log.debug("database: %d answers for nobody", len(its))


def _settle(outcomes: list[Outcome]) -> None:
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
            done += [(job, job.work(connection)) for job in jobs]
            continue
        changed = connection.execute(statement, [job.row for job in jobs]).rowcount
        if changed != len(jobs):
            raise MissedError
        done += [(job, True) for job in jobs]
    done += [(job, job.work(connection)) for job in batch if job.alike is None]
    return done
