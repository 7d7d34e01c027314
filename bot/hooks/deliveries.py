"""Sends what waits in the outbox, a few events at a time, forever.

Nothing else waits for it: a receiver that hangs delays its own events alone. An event is
deleted after the receiver has taken it, so a process that dies meanwhile leaves it to be
sent again, under the same id.
"""

from __future__ import annotations

import asyncio
import logging
from datetime import timedelta

from bot.clock import Clock
from bot.hooks.events import ToldOfCalls, body
from bot.hooks.receiver import TRY_WITHIN, Receiver
from bot.hooks.schedule import HookAnswer, Receipt, next_try
from bot.rounds import SHORTEST_PAUSE, Rounds, pause_until
from bot.storage.hooks.outbox import HookEvent, Outbox
from bot.telemetry.measures import Measures

log = logging.getLogger(__name__)

LOOK_AT_OUTBOX_WITHIN = 20.0
"""Seconds until events are seen that another process has stored, or left."""

SENT_AT_ONCE = 4
"""Events, each of another call."""

DELIVERED, FAILED_TRY, DROPPED = "delivered", "failed", "dropped"


class Deliveries:
    """Tells *receiver* what waits in *outbox*; *of*: what its events are about."""

    def __init__(
        self,
        outbox: Outbox,
        receiver: Receiver,
        told: ToldOfCalls,
        clock: Clock,
        measures: Measures,
        *,
        look_within: float = LOOK_AT_OUTBOX_WITHIN,
        of: str = "calls",
    ) -> None:
        self._outbox = outbox
        self._receiver = receiver
        self._told = told
        self._clock = clock
        self._measures = measures
        self._look_within = look_within
        self._of = of
        self._rounds = Rounds("sending the hook's events")

    def wake(self) -> None:
        """Look at once: this process has stored an event."""
        self._rounds.wake()

    async def run(self) -> None:
        """Send what is due, forever; at the end, close the connections."""
        try:
            await self._rounds.run(self.look)
        finally:
            await self._receiver.close()

    async def look(self) -> float:
        """Send a few events that are due; return the seconds until the next look."""
        waiting = await self._outbox.waiting()
        self._measures.hook_waits(waiting.count, self._of)
        if waiting.is_stopped:
            await self._drop_all()
            return self._look_within
        now = self._clock.now()
        if waiting.next_at is None or waiting.next_at > now:
            return pause_until(waiting.next_at, now, self._look_within)
        return 0.0 if await self._send_due() else SHORTEST_PAUSE

    async def _send_due(self) -> bool:
        """Send a few events; return whether any was left to this process."""
        due = await self._outbox.lease_due(self._clock.now(), SENT_AT_ONCE)
        sent = await asyncio.gather(*map(self._send, due), return_exceptions=True)
        for each in sent:
            if isinstance(each, BaseException):
                raise each
        if any(sent):
            log.warning("hook: the receiver answers 410: it is sent nothing more")
            await self._outbox.stop(self._clock.now())
            await self._drop_all()
        return bool(due)

    async def _drop_all(self) -> None:
        dropped = await self._outbox.drop_all(self._clock.now())
        self._measures.hook_tried(DROPPED, dropped)

    async def _send(self, event: HookEvent) -> bool:
        """Send an event; return whether the receiver wants no more of them."""
        now = self._clock.now()
        if now + timedelta(seconds=TRY_WITHIN) > event.next_at:
            return False  # this process was paused: another one may be sending it
        answer = HookAnswer(None, "a newer version of the bot stored its call")
        if event.about is not None:
            text = body(event.kind, event.at, event.about, self._told)
            answer = await self._receiver.send(event.message, text, now)
        if answer.meaning is Receipt.TAKEN:
            self._measures.hook_tried(DELIVERED)
            await self._outbox.told(event)
        elif answer.meaning is Receipt.NOT_YET:
            self._measures.hook_tried(FAILED_TRY)
            await self._failed(event, answer)
        return answer.meaning is Receipt.GONE

    async def _failed(self, event: HookEvent, answer: HookAnswer) -> None:
        now = self._clock.now()
        next_at = next_try(event.at, event.tries, now, answer.retry_after)
        await self._outbox.failed(event, answer.words, now, next_at)
        if next_at is not None:
            log.info("hook: an event is not delivered yet: %s", answer.words)
            return
        log.warning("hook: an event was dropped after three days: %s", answer.words)
        self._measures.hook_tried(DROPPED)
