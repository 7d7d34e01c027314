"""Several that hear of each change of a call, as one."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection

from bot.calls.call import Call
from bot.storage.calls.store import ChangeTeller


class Tellers:
    """Hands each change to all of them; see `ChangeTeller`."""

    def __init__(self, tellers: Sequence[ChangeTeller]) -> None:
        self._tellers = tellers

    def store(
        self, connection: Connection, old: Call, new: Call, now: datetime
    ) -> bool:
        """Return whether any of them has stored something."""
        stored = [each.store(connection, old, new, now) for each in self._tellers]
        return any(stored)

    def wake(self) -> None:
        """Wake them all: each finds what is its own."""
        for each in self._tellers:
            each.wake()
