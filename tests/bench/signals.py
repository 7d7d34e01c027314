"""A child that measures how soon a change wakes a resting follower.

The change is another process's, or with ``--own`` a command's of the same process.
"""

from __future__ import annotations

import argparse
import asyncio
import time
from dataclasses import replace
from datetime import timedelta

from bot.calls.call import Status
from bot.calls.timing import Timing
from bot.follow.follower import Follower
from bot.follow.moves import Moves
from bot.follow.placer import Placer
from bot.follow.poller import Poller
from bot.follow.recorder import Recorder
from bot.follow.reporter import Reporter
from bot.follow.waking import CallsDue
from bot.storage.calls.store import Store
from bot.storage.database.signals import Signals
from children import say
from hold import Far, filled

FAR_AHEAD = 3600.0


class Noting(Far):
    """RingCentral that says when it was asked."""

    def note(self) -> None:
        """Begin to wait for the next poll."""
        self.polled = asyncio.Event()

    async def status(self, ringout_id: str) -> Status:
        """Note a poll."""
        self.polled.set()
        return await super().status(ringout_id)


async def measured(url: str, times: int, *, own: bool) -> list[float]:
    """Return the milliseconds of each wake-up."""
    far = Noting(every=FAR_AHEAD)
    far.note()
    due = CallsDue(far.clock)
    store, other = Store(url, "one", on_change=due.changed), Store(url, "two")
    await store.migrate()
    await store.open()
    far.turns = None  # type: ignore[assignment]  # no log is read
    moves = Moves(
        store=store,
        board=far,
        clock=far.clock,
        timing=Timing(poll=timedelta(seconds=FAR_AHEAD)),
        me="one",
        calls_due=due,
    )
    [call] = await filled(store, 1, FAR_AHEAD, far.clock.now())
    await store.change(call.id, lambda c: replace(c, held_by="one"), far.clock.now())
    follower = Follower(
        moves,
        Placer(moves, far, far),
        Poller(moves, far),
        Recorder(moves, far),
        Reporter(moves),
    )
    tasks = [
        asyncio.create_task(follower.run()),
        asyncio.create_task(Signals(url, "one", due.set).run()),
    ]
    await asyncio.sleep(1)
    late = []
    changer = store if own else other
    for _ in range(times):
        now = far.clock.now()
        far.note()
        begun = time.monotonic()
        await changer.change(call.id, lambda c, now=now: replace(c, next_at=now), now)  # type: ignore[misc]
        await asyncio.wait_for(far.polled.wait(), 30)
        late.append((time.monotonic() - begun) * 1000)
        await asyncio.sleep(0.2)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    return late


def main() -> None:
    """Read the arguments, and measure."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--url", default="")
    parser.add_argument("--times", type=int, default=10)
    parser.add_argument("--own", action="store_true")
    options = parser.parse_args()
    work = measured(options.url, options.times, own=options.own)
    say(late_ms=asyncio.run(work))


if __name__ == "__main__":
    main()
