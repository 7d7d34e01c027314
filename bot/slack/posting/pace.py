"""Card edits within Slack's budget: newest state wins, final states first.

Slack docs, "Rate limits": chat.update is Tier 3, about 50 a minute for a whole
workspace, all cards together.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta

from bot.calls.call import Place
from bot.calls.timing import USUAL_WAITS
from bot.clock import Clock
from bot.errors import ChatBusy, ChatRefused, ChatUnknown
from bot.slack.texts.text import Message
from bot.telemetry import spans

log = logging.getLogger(__name__)

EDITS_PER_MINUTE = 45
LIVE_SHARE = 0.7
"""The part of it that passing states may use: how a call ended must not wait for how
others ring."""

BUDGET_WINDOW = 60.0
CARD_GAP = 1.2
"""Seconds between two edits of one card; quick changes become one."""

EDIT_RETRY = 2.0
EDIT_WITHIN = 4.0
"""Seconds from the look whether a card is still ours to the request: a process that was
paused for longer looks again, for others may edit the card by now."""

LEASE_CHECK_EVERY = 0.2
"""Seconds between looks whether the cards are still this process's."""


@dataclass(frozen=True, slots=True)
class Edit:
    """What a card shall show; *last* ones pass first and are reported when shown."""

    call: str
    place: Place
    channel: str
    ts: str
    message: Message
    last: bool = False
    again: bool = False
    """Whether to send it though the card showed it: something may have landed on it."""

    @property
    def team(self) -> tuple[str, str]:
        """Whose budget it comes from."""
        return self.place.enterprise, self.place.team


@dataclass(slots=True)
class _Team:
    sent: deque[float] = field(default_factory=deque)
    closed_until: float = 0.0


class Pace:
    """Holds the newest edit of each card until the workspace's budget admits it."""

    def __init__(
        self,
        send: Callable[[Edit], Awaitable[None]],
        shown: Callable[[Edit], Awaitable[None]],
        clock: Clock,
        *,
        gap: float = CARD_GAP,
        retry: float = EDIT_RETRY,
        in_flight_for: timedelta = USUAL_WAITS.edit_in_flight,
        fresh: Callable[[], bool] = lambda: True,
    ) -> None:
        self._send = send
        self._shown = shown
        self._clock = clock
        self._gap = gap
        self._retry = retry
        self._in_flight_for = in_flight_for.total_seconds()
        self._fresh = fresh
        self.processes = 1
        """How many share the workspace's budget; each takes its part."""
        self._wanted: dict[str, Edit] = {}
        self._teams: dict[tuple[str, str], _Team] = {}
        self._last_edit: dict[str, float] = {}
        self._lost: dict[str, float] = {}
        """When the answer to an edit of a card was lost last."""
        self._wake = asyncio.Event()

    def __len__(self) -> int:
        return len(self._wanted)

    def want(self, edit: Edit) -> None:
        """Show *edit* as soon as the budget lets it; it replaces an older one."""
        older = self._wanted.pop(edit.call, None)
        if older is not None and older.last and not edit.last:
            edit = older  # what is final stays final
        self._wanted[edit.call] = edit
        self._wake.set()

    def drop(self, call: str) -> bool:
        """Forget an edit that is not needed any more; return whether it was a last one."""
        dropped = self._wanted.pop(call, None)
        return dropped is not None and dropped.last

    def clear(self) -> None:
        """Forget every edit: others edit these cards now."""
        self._wanted.clear()
        self._lost.clear()

    def has_lost_edit(self, call: str) -> bool:
        """Return whether the answer to an edit of this card was lost.

        True until the card has been shown once more, after that edit can no longer land.
        """
        return call in self._lost

    def edit_in_flight(self, call: str) -> bool:
        """Return whether an edit whose answer was lost may still land on this card."""
        lost = self._lost.get(call)
        if lost is None:
            return False
        return self._clock.monotonic() - lost < self._in_flight_for

    async def run(self) -> None:
        """Send edits for ever; none while others may have taken the cards over."""
        while True:
            if not self._fresh():
                await self._clock.sleep(LEASE_CHECK_EVERY)
                continue
            edit, wait = self._next()
            if edit is not None:
                with spans.of_call(edit.call, "card"):
                    await self._one(edit)
                continue
            self._wake.clear()
            try:
                await asyncio.wait_for(self._wake.wait(), timeout=wait)
            except TimeoutError:
                continue

    async def flush(self, patience: float) -> None:
        """Wait until everything wanted is shown, *patience* seconds at most."""
        until = self._clock.monotonic() + patience
        while self._wanted and self._clock.monotonic() < until:
            await self._clock.sleep(0.05)

    def _next(self) -> tuple[Edit | None, float | None]:
        """Return the edit that may go now, or how long until one may."""
        now = self._clock.monotonic()
        wait: float | None = None
        for edit in sorted(self._wanted.values(), key=lambda each: not each.last):
            ready = self._ready_in(edit, now)
            if ready <= 0:
                return edit, None
            wait = ready if wait is None else min(wait, ready)
        return None, wait

    def _ready_in(self, edit: Edit, now: float) -> float:
        team = self._teams.setdefault(edit.team, _Team())
        while team.sent and team.sent[0] <= now - BUDGET_WINDOW:
            team.sent.popleft()
        most = max(EDITS_PER_MINUTE // self.processes, 1)
        if not edit.last:
            most = max(int(most * LIVE_SHARE), 1)
        full = len(team.sent) >= most
        budget = team.sent[-most] + BUDGET_WINDOW - now if full else 0.0
        card = self._last_edit.get(edit.call, -self._gap) + self._gap - now
        return max(budget, card, team.closed_until - now)

    async def _one(self, edit: Edit) -> None:
        now = self._clock.monotonic()
        team = self._teams[edit.team]
        team.sent.append(now)
        self._last_edit[edit.call] = now
        self._wanted.pop(edit.call, None)
        try:
            await self._send(edit)
        except ChatBusy as error:
            team.closed_until = self._clock.monotonic() + error.retry_after
            self._again(edit)
            return
        except ChatUnknown:  # an edit is idempotent
            self._lost[edit.call] = self._clock.monotonic()
            self._last_edit[edit.call] = self._clock.monotonic() + self._retry
            self._again(edit)
            return
        except ChatRefused as error:
            log.info("call %s: its card can't be edited: %s", edit.call, error.error)
            if error.is_operators:
                return  # with a good token it can: whoever tells the end wants it again
        except Exception:  # one bad card must not stop all others
            log.exception("call %s: its card could not be edited", edit.call)
        await self._shown(edit)
        if edit.last or (edit.again and not self.edit_in_flight(edit.call)):
            self._lost.pop(edit.call, None)
        if edit.last:
            self._last_edit.pop(edit.call, None)

    def _again(self, edit: Edit) -> None:
        """Want *edit* again unless a newer one is wanted by now."""
        self._wanted.setdefault(edit.call, edit)
        self._wake.set()
