"""Puts a number on the do-not-call list when somebody says so as their call's outcome."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from bot.calls.aftermath import Remark
from bot.calls.call import Call
from bot.policy.wish import DoNotCall
from bot.policy.workspace import WorkspaceId
from bot.storage.policy.do_not_call import put_entry

BY_OUTCOME = "outcome of a call"
"""The entry's reason; the audit has the call's id beside it."""


class ListsOutcomes:
    """Stores the entry in the transaction of the outcome: neither is there alone."""

    def store(
        self, connection: Connection, old: Call, new: Call, now: datetime
    ) -> bool:
        """Store it if *new* has the outcome and *old* had not; see `Store.change`."""
        said = _forbids(new)
        if said is None or _forbids(old) is not None:
            return False
        where, entry = WorkspaceId.of(new.place), _entry(new)
        try:
            with connection.begin_nested():
                put_entry(connection, where, entry, now, said.by, new.id)
        except IntegrityError:  # another process has just put it on the list
            return False
        return True

    def wake(self) -> None:
        """Nobody waits for it: each new call reads the list."""


def _entry(call: Call) -> DoNotCall:
    return DoNotCall(digits=call.callee.e164, reason=BY_OUTCOME)


def _forbids(call: Call) -> Remark | None:
    said = call.aftermath
    return said.disposition if said is not None and said.forbids_calls else None
