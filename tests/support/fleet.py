"""Several bot processes that share a PostgreSQL, one Slack and one RingCentral."""

from __future__ import annotations

import asyncio
import re
import signal
from collections.abc import AsyncIterator
from contextlib import suppress

import pytest

from bot.sandbox.slack.messages import Message
from patience import PATIENCE
from postgres import Server
from process import Process, states
from town import CALLEE, Town


class Fleet:
    """A town whose bot is several processes."""

    def __init__(self, town: Town, url: str) -> None:
        self.town = town
        self.url = url
        self.processes: list[Process] = []

    async def start(self, count: int = 2, **changes: str) -> list[Process]:
        """Start *count* more processes; Slack's double sends them envelopes in turn."""
        # Slack limits edits in real time, so few of a call's states can be shown.
        slower = {"RINGOUT_POLL_SECONDS": "0.3", **changes}
        if "HURRIED_TAKEOVER" not in changes:
            slower["UNHURRIED_TAKEOVER"] = "1"
        env = self.town.environment(DATABASE_URL=self.url, **slower)
        made = [Process(self.town.folder, env) for _ in range(count)]
        self.processes += made
        await asyncio.gather(*(each.ready() for each in made))
        return made

    def holder(self, number: int = 0) -> Process:
        """Return the process that received the command behind this card."""
        call = self.ids()[number]
        for process in self.processes:
            if f"{call}: asked by" in process.log or f'"{call}"' in process.log:
                return process
        raise LookupError(call)

    def ids(self) -> list[str]:
        """Return the ids of all calls, in the order of their cards."""
        found = [
            re.search(r"'call': '([a-z]{12})", str(c.metadata)) for c in self.cards()
        ]
        return [each.group(1) for each in found if each]

    def cards(self) -> list[Message]:
        """Return the cards."""
        return self.town.cards()

    async def done(self, count: int) -> None:
        """Wait until every call's result is posted; some cards may be edited again."""
        told = {"done", "closing"}
        async with asyncio.timeout(PATIENCE):
            while True:
                found = await asyncio.to_thread(states, self.url)
                if len(found) == count and set(found.values()) <= told:
                    return
                await asyncio.sleep(0.1)

    def check(self, count: int) -> None:
        """Assert that each call was placed once, and has one card and one reply."""
        assert self.town.posts == len(self.town.ringcentral.calls) == count
        assert len(self.cards()) == count
        for card in self.cards():
            assert "call_again" in str(card.blocks)
            assert len(self.town.slack.thread(card)) == 1

    def check_logs(self) -> None:
        """Assert that no log holds a phone number or a traceback."""
        for process in self.processes:
            assert CALLEE[2:] not in process.log
            assert "Traceback" not in process.log


@pytest.fixture
async def fleet(closed_town: Town, postgres: Server) -> AsyncIterator[Fleet]:
    """Build a fleet without processes, on a migrated database."""
    url = await asyncio.to_thread(postgres.fresh_database, migrated=True)
    built = Fleet(closed_town, url)
    yield built
    for process in built.processes:
        with suppress(ProcessLookupError):
            process.child.send_signal(signal.SIGCONT)
        process.kill()
    for process in built.processes:
        await process.ended()
    built.check_logs()


def number(index: int) -> str:
    """Return one of many numbers."""
    return f"+1415555{100 + index:04d}"


async def talking(fleet: Fleet, count: int = 1) -> None:
    """Wait until RingCentral is polled for *count* calls."""
    ids = {call.id for call in fleet.town.ringcentral.calls}
    async with asyncio.timeout(PATIENCE):
        while len(ids) < count or not all(
            fleet.town.ringcentral.requests_of("GET", f"/ring-out/{each}")
            for each in ids
        ):
            await asyncio.sleep(0.05)
            ids = {call.id for call in fleet.town.ringcentral.calls}
