"""Reading pages of the call log beside everything else."""

from __future__ import annotations

import threading
from collections.abc import AsyncIterator, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, cast

from bot.ringcentral.call_log import CallLogApi
from bot.ringcentral.sender import Sender

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
RECORD = {"id": "R1", "startTime": "2026-03-01T11:00:00Z"}


class WatchedPage(Mapping[str, Any]):
    """A page that notes which threads look at its records."""

    def __init__(self) -> None:
        self.held = {"records": [RECORD]}
        self.threads: set[int] = set()

    def __getitem__(self, name: str) -> Any:
        if name == "records":
            self.threads.add(threading.get_ident())
        return self.held[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.held)

    def __len__(self) -> int:
        return len(self.held)


class OnePage:
    """A sender to which RingCentral answers with one page."""

    ahead = 0.0

    def __init__(self, page: WatchedPage) -> None:
        self.page = page

    def now(self) -> datetime:
        """Return the time by our clock."""
        return NOW

    async def pages(self, *_: Any) -> AsyncIterator[WatchedPage]:
        """Yield the page."""
        yield self.page


async def test_records_are_read_off_the_event_loop() -> None:
    """One answer may hold 190,000 legs, and would stop everything for three seconds."""
    page = WatchedPage()
    log = CallLogApi(cast("Sender", OnePage(page)))
    since = NOW - timedelta(days=1)

    read = await log.read(since=since)
    newest = await log.newest(since=since, until=NOW, company=False)

    assert [each.id for each in (*read, *newest.records)] == ["R1", "R1"]
    assert page.threads
    assert threading.get_ident() not in page.threads
