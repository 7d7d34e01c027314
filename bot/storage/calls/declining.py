"""Stores which questions whether to call were declined, by the keys their calls would have.

`bot.storage.calls.adding` stores no call with such a key. Both hold PostgreSQL's lock of the
person meanwhile, and SQLite has one writer: of two presses the first one counts.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, delete, insert, select

from bot.calls.people.person import Person
from bot.storage.calls.statements import LOCK_KEYS, SELECT_CALL_BY_KEY
from bot.storage.calls.tables import declined_questions
from bot.storage.database.person_rows import columns
from bot.storage.database.writer import Writer

D = declined_questions.c


class DeclinedQuestions:
    """The table `declined_questions`; all methods raise `StoreUnavailable`."""

    def __init__(self, writer: Writer) -> None:
        self._writer = writer

    async def decline(self, key: str, person: Person, now: datetime) -> bool:
        """Decline a question; return False, and store nothing, if its call was placed."""

        def work(connection: Connection) -> bool:
            if connection.dialect.name == "postgresql":
                connection.execute(LOCK_KEYS, {"keys": [str(person)]})
            if connection.execute(SELECT_CALL_BY_KEY, {"key_": key}).first():
                return False
            known = select(D.key).where(D.key == key)
            if connection.scalar(known) is None:
                row = columns(person) | {"key": key, "declined_at": now}
                connection.execute(insert(declined_questions).values(row))
            return True

        return await self._writer.run(work, str(person))


def delete_declined_before(connection: Connection, before: datetime) -> None:
    """Delete what was declined before a time."""
    connection.execute(delete(declined_questions).where(D.declined_at < before))
