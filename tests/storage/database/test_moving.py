"""For a moment no server is ready: jobs wait for it where several may be, else not."""

from __future__ import annotations

from pathlib import Path
from typing import cast

import pytest
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import OperationalError

from bot.errors import StoreUnavailable
from bot.storage.database.engine import engine_for
from bot.storage.database.writer import Writer


class TakingOver:
    """An engine whose server is ready at the third look."""

    def __init__(self, file: Path) -> None:
        self._ready = engine_for(f"sqlite:///{file}")
        self.looks = 0

    def connect(self) -> Connection:
        """Connect, or fail as psycopg does."""
        self.looks += 1
        if self.looks < 3:
            raise OperationalError("", {}, Exception("connection refused"))
        return self._ready.connect()

    def dispose(self) -> None:
        """Do as an engine does."""
        self._ready.dispose()


@pytest.mark.parametrize(("hosts", "is_refused"), [("h:1", True), ("h:1,h:2", False)])
async def test_a_job_waits_for_one_of_several_servers_to_take_over(
    tmp_path: Path,
    hosts: str,
    is_refused: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    """A failover of a second need not be seen by anybody."""
    writer = Writer(f"postgresql://{hosts}/db")
    engine = TakingOver(tmp_path / "x.db")
    writer.engine = cast("Engine", engine)
    answer: int | None = None
    try:
        answer = await writer.run(
            lambda connection: connection.scalar(text("SELECT 7"))
        )
    except StoreUnavailable:
        answer = None
    finally:
        writer.close()

    assert answer == (None if is_refused else 7)
    assert engine.looks == (1 if is_refused else 3)
