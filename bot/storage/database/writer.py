"""The one thread that uses the database, with group commit.

Jobs that arrive during a commit share the next one, so many of them cost one fsync. If one
fails, the batch is run again with a savepoint for each job, so only that one fails. The
event loop never waits for a disk.

Each batch is sorted by the rows that its jobs lock, so processes that share a PostgreSQL
lock rows in the same order. If two batches deadlock anyway, the one that PostgreSQL aborts
is run again, one job at a time.

A server may go away or become read-only, and another one take its place. A batch that it
has not been asked to commit is run once more on a new connection.
"""

from __future__ import annotations

import logging
import queue
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar

from sqlalchemy import Connection, Update
from sqlalchemy.exc import (
    DBAPIError,
    IntegrityError,
    OperationalError,
    SQLAlchemyError,
)

from bot.errors import MayBeStored, RowRefused, StoreUnavailable
from bot.storage.database.engine import engine_for, may_move
from bot.storage.database.failures import (
    has_lost_its_server,
    may_succeed_later,
    plain,
)
from bot.storage.database.jobs import (
    Job,
    JobResult,
    Later,
    LockAll,
    answer,
    lock_all,
    run_all,
    run_one,
    waiter,
)
from bot.storage.database.watched import ANSWERS_WITHIN
from bot.telemetry.measures import Measures

log = logging.getLogger(__name__)

T = TypeVar("T")
R = TypeVar("R")
MOST_JOBS = 256
"""At most this many jobs share a commit, which limits how long the last one waits."""

FAILOVER_PATIENCE = 2.0
FAILOVER_LOOK = 0.1
"""Seconds that jobs wait for one of several servers to take over, less than an ack has, and
between looks. Later ones are refused at once until there is one."""


class Writer:
    """Runs jobs in the database, by one thread and one connection."""

    def __init__(
        self,
        url: str,
        measures: Measures | None = None,
        me: str = "",
        answers_within: float = ANSWERS_WITHIN,
    ) -> None:
        self._measures = measures or Measures()
        self.engine = engine_for(url, me, answers_within)
        self.is_postgres = self.engine.dialect.name == "postgresql"
        self._closed = False
        self._jobs: queue.SimpleQueue[Job | None] = queue.SimpleQueue()
        self._connection: Connection | None = None
        self._may_move = may_move(url)
        self._missing_since: float | None = None
        """When, on the monotonic clock, no server could be found first."""
        self._is_committing = False
        """Whether the server may have been asked to commit the present transaction."""
        self._thread = threading.Thread(target=self._loop, name="database", daemon=True)
        self._thread.start()

    async def run(self, work: Callable[[Connection], T | Later], order: str = "") -> T:
        """Run *work* in a transaction; return its result once that is on disk.

        *order* names the row that *work* locks, if any. *work* may be run again from its
        start, so it must have no effect but on the database.

        Raises:
            MayBeStored: The server was lost at the commit.
            RowRefused: A row breaks a rule of its table; nothing was changed.
            StoreUnavailable: The database can't be reached or written, and nothing was
                changed.
        """
        return await self._submit(Job(work, order, waiter()))  # type: ignore[no-any-return]

    async def run_alike(
        self, statement: Update, row: dict[str, Any], order: str
    ) -> bool:
        """Execute *statement* with *row*; return whether it changed a row.

        Calls with the same statement and the same keys in *row* that share a commit are
        executed together. Raises as `run` does.
        """

        def alone(connection: Connection) -> bool:
            return connection.execute(statement, row).rowcount == 1

        job = Job(alone, order, waiter(), statement, row)
        return await self._submit(job)  # type: ignore[no-any-return]

    async def run_together(
        self,
        work: Callable[[Connection, list[T]], Sequence[R | Later]],
        asks: T,
        order: str = "",
        *,
        also: frozenset[str] = frozenset(),
        lock: LockAll | None = None,
    ) -> R:
        """Return what *work* returns for *asks*, in a transaction.

        *work* answers a list, and is called once for all calls with the same *work* that
        share a commit, but not for two with the same *order* (see `run`) or a key in
        *also* in common. *lock* takes the locks of these. Raises as `run` does, and what
        *work* raises.
        """

        def alone(connection: Connection) -> R | Later:
            return work(connection, [asks])[0]

        job = Job(
            alone, order, waiter(), together=work, asks=asks, also=also, lock=lock
        )
        return await self._submit(job)  # type: ignore[no-any-return]

    async def read_together(
        self, work: Callable[[Connection, list[T]], Sequence[R]], asks: T
    ) -> R:
        """Return what *work*, which writes nothing, returns for *asks*.

        As `run_together` does, but as soon as it is read: what other jobs write in the same
        transaction is not seen, and its commit is not waited for.
        """

        def alone(connection: Connection) -> R:
            return work(connection, [asks])[0]

        job = Job(alone, "", waiter(), together=work, asks=asks, is_read=True)
        return await self._submit(job)  # type: ignore[no-any-return]

    async def _submit(self, job: Job) -> Any:
        if self._closed:
            raise StoreUnavailable("the database is closed")
        self._jobs.put(job)
        return await job.done

    def close(self) -> None:
        """Run the jobs that were submitted, then end the thread."""
        self._closed = True
        self._jobs.put(None)
        self._thread.join(timeout=10)
        self.engine.dispose()

    def _loop(self) -> None:
        while (first := self._jobs.get()) is not None:
            batch, ending = [first], False
            while len(batch) < MOST_JOBS and not self._jobs.empty():
                job = self._jobs.get()
                if job is None:
                    ending = True
                    break
                batch.append(job)
            with self._measures.transaction():
                self._commit(batch)
            if ending:
                break
        self._drop_connection()

    def _commit(self, batch: list[Job]) -> None:
        """Run a batch, and answer each job once it is committed.

        Jobs that were canceled before they began are not run.
        """
        batch = [job for job in batch if not job.done.cancelled()]
        batch.sort(key=lambda job: job.order)
        if self._try(batch, again=len(batch) > 1):
            return
        for job in batch:
            if not self._try([job], again=True):
                self._try([job], again=False)

    def _try(self, batch: list[Job], *, again: bool) -> bool:
        """Run a batch in one transaction; return False if it should be run again.

        *again* allows that. It helps after a conflict with another transaction or a fault
        of one job, but not if the database is gone.
        """
        try:
            outcomes = self._outcomes(batch)
        except Exception as error:  # noqa: BLE001 - every waiter must be answered
            if again and may_succeed_later(error, alone=len(batch) == 1):
                log.info("database: %s; trying again, one job at a time", plain(error))
                return False
            self._measures.transaction_failed()
            log.warning("database: %s", plain(error))
            self._drop_connection()
            kind = MayBeStored if self._may_be_committed(error) else StoreUnavailable
            answer([(job, None, kind(plain(error))) for job in batch])
            return True
        answer(outcomes)
        return True

    def _outcomes(self, batch: list[Job]) -> list[JobResult]:
        """Run a batch; once more if its server is gone and was not asked to commit."""
        try:
            return self._transaction(batch)
        except DBAPIError as error:
            if self._is_committing or not has_lost_its_server(error):
                raise
            log.info("database: %s; connecting again", plain(error))
        self._drop_connection()
        return self._transaction(batch)

    def _transaction(self, batch: list[Job]) -> list[JobResult]:
        """Run a batch without savepoints, and if a job fails, again with one for each.

        A savepoint costs as much as a job, and few jobs fail.
        """
        connection = self._connect()
        try:
            with self._begin(connection):
                # First, so that an ack that reads does not wait for another one's commit.
                answer(run_all(connection, [job for job in batch if job.is_read]))
                writing = [job for job in batch if not job.is_read]
                lock_all(connection, writing)
                return run_all(connection, writing)
        except DBAPIError as error:
            if not isinstance(error, IntegrityError):
                raise
        except Exception:  # noqa: BLE001, S110 - the second run finds whose it is
            pass
        with self._begin(connection):
            lock_all(connection, batch)
            return [(job, *self._one(connection, job)) for job in batch]

    @contextmanager
    def _begin(self, connection: Connection) -> Iterator[None]:
        """Run a transaction; note when it is to be committed."""
        self._is_committing = False
        with connection.begin():
            yield
            self._is_committing = True
        self._is_committing = False

    def _may_be_committed(self, error: Exception) -> bool:
        """Whether *error* took the server's answer to a commit away."""
        is_lost = isinstance(error, DBAPIError) and has_lost_its_server(error)
        return is_lost and self._is_committing

    def _one(
        self, connection: Connection, job: Job
    ) -> tuple[Any, BaseException | None]:
        """Run one job in a savepoint; if the database is gone, raise for the whole batch."""
        try:
            with connection.begin_nested():
                return run_one(connection, job), None
        except IntegrityError as error:
            return None, RowRefused(plain(error))
        except DBAPIError:
            raise
        except Exception as error:  # noqa: BLE001 - only this job fails
            return None, error

    def _connect(self) -> Connection:
        """Return the connection.

        If several servers may have it, none is ready for a moment while one takes over.
        """
        while self._connection is None:
            try:
                self._connection = self.engine.connect()
            except OperationalError:
                now = time.monotonic()
                self._missing_since = self._missing_since or now
                if not self._may_move or now - self._missing_since > FAILOVER_PATIENCE:
                    raise
                time.sleep(FAILOVER_LOOK)
        self._missing_since = None
        return self._connection

    def _drop_connection(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            try:
                connection.close()
            except SQLAlchemyError:
                log.debug("database: the connection was already broken")
