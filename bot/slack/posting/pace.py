"""Paces the edits of cards: the newest state replaces older ones, ends go first.

``chat.update`` is limited to about 50 a minute for a whole workspace, all cards together
(Slack docs, "Rate limits", Tier 3).
"""

from __future__ import annotations

import asyncio
import contextlib
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
"""Edits of one workspace's cards, by all processes together."""

LIVE_SHARE = 0.7
"""The part of the budget for calls that go on: the end of a call must not wait because
others are ringing."""

OVERDUE_AFTER = 40.0
"""Seconds for which a card may be out of date before its edit may use the whole budget, so
that none is for longer than a minute unless more cards change than Slack allows edits."""

BUDGET_WINDOW = 60.0
"""Seconds."""

CARD_GAP = 1.2
"""Seconds between two edits of one card: quick changes become one edit."""

EDIT_RETRY = 2.0
"""Seconds until an edit is repeated whose answer was lost."""

EDIT_WITHIN = 4.0
"""Seconds from the check that this process holds its calls to an edit's request. A
process that was paused for longer checks again: others may edit the card by then."""

SLOW_AFTER, MOST_SLOW = 1.0, 64
"""Seconds after which a workspace's other cards no longer wait for an answer of Slack's,
and the most edits that have none."""

HOLD_CHECK_EVERY = 0.2
"""Seconds between checks while this process may not hold its calls any more."""


@dataclass(frozen=True, slots=True)
class Edit:
    """An edit of a card.

    Attributes:
        call: The call's id.
        last: Whether this is the card's final state.
        ends: Whether it shows that the call is over, though its result may not be known.
        again: Whether to send it even if the card showed this already: an earlier edit
            may have landed on it since.
    """

    call: str
    place: Place
    channel: str
    ts: str
    message: Message
    last: bool = False
    again: bool = False
    ends: bool = False

    @property
    def workspace(self) -> tuple[str, str]:
        """The workspace whose budget the edit uses: enterprise and team."""
        return self.place.enterprise, self.place.team


@dataclass(slots=True)
class _Edits:
    """A workspace's recent edits, by the monotonic clock, and Slack's ``Retry-After``.

    *newest* may be answered with one, so the next edit waits for it, but not for long.
    """

    sent: deque[float] = field(default_factory=deque)
    closed_until: float = 0.0
    newest: asyncio.Task[None] | None = None
    newest_slow_at: float = 0.0

    def held_for(self, now: float) -> float:
        """Return the seconds until the next edit need not wait for the newest one."""
        is_open = self.newest is not None and not self.newest.done()
        return self.newest_slow_at - now if is_open else 0.0


class Pace:
    """Keeps the newest edit of each card until the workspace's budget allows it.

    Args:
        send: Sends an edit; raises `errors.ChatError`.
        on_shown: Called after an edit was sent, or was refused for good.
        gap: Seconds between two edits of one card.
        retry: Seconds until an edit is repeated whose answer was lost.
        per_minute: The budget of a workspace, which all processes share.
        in_flight_for: How long such an edit may still land on its card.
        slow_after: Seconds after which others of a workspace don't wait for an edit's
            answer. Those of other workspaces never do.
        holds_calls: Whether this process still holds its calls: no other process can
            have taken them over.
    """

    def __init__(
        self,
        send: Callable[[Edit], Awaitable[None]],
        on_shown: Callable[[Edit], Awaitable[None]],
        clock: Clock,
        *,
        gap: float = CARD_GAP,
        retry: float = EDIT_RETRY,
        per_minute: int = EDITS_PER_MINUTE,
        in_flight_for: timedelta = USUAL_WAITS.edit_in_flight,
        slow_after: float = SLOW_AFTER,
        holds_calls: Callable[[], bool] = lambda: True,
    ) -> None:
        self._send = send
        self._on_shown = on_shown
        self._clock = clock
        self._gap = gap
        self._retry = retry
        self._per_minute = per_minute
        self._in_flight_for = in_flight_for.total_seconds()
        self._slow_after = slow_after
        self._holds_calls = holds_calls
        self.processes = 1
        """How many processes share each workspace's budget equally."""
        # By the call's id: the edit to send; when the last edit was sent; when the
        # answer to an edit was lost last.
        self._wanted: dict[str, Edit] = {}
        self._since: dict[str, float] = {}
        """By the call's id: since when its card is out of date."""
        self._last_edit: dict[str, float] = {}
        self._lost: dict[str, float] = {}
        self._budgets: dict[tuple[str, str], _Edits] = {}
        self._sending: dict[str, asyncio.Task[None]] = {}
        """By the call's id: the edit that waits for Slack's answer."""
        self._wake = asyncio.Event()

    def __len__(self) -> int:
        return len(self._wanted)

    def want(self, edit: Edit) -> None:
        """Send *edit* as soon as the budget allows; it replaces an older edit."""
        older = self._wanted.get(edit.call)
        if older is not None and older.last and not edit.last:
            edit = older  # a final state is never replaced by a live one
        self._wanted[edit.call] = edit
        self._since.setdefault(edit.call, self._clock.monotonic())
        self._wake.set()

    def wants_last(self, call: str) -> bool:
        """Return whether the final state of this card waits to be sent."""
        wanted = self._wanted.get(call)
        return wanted is not None and wanted.last

    def drop(self, call: str) -> bool:
        """Drop the edit of a call's card; return whether there was one, and a last one."""
        dropped = self._wanted.pop(call, None)
        self._since.pop(call, None)
        return dropped is not None and dropped.last

    def clear(self) -> None:
        """Drop every edit: other processes edit these cards now."""
        self._wanted.clear()
        self._since.clear()
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
        """Send edits forever, but none while other processes may hold the calls."""
        try:
            while True:
                self._wake.clear()
                self._collect()
                if not self._holds_calls():
                    await self._clock.sleep(HOLD_CHECK_EVERY)
                    continue
                edit, wait = self._next()
                if edit is not None and len(self._sending) < MOST_SLOW:
                    self._begin(edit)
                    continue
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(wait):
                        await self._wake.wait()
        finally:
            for task in self._sending.values():
                task.cancel()

    def _begin(self, edit: Edit) -> None:
        """Send *edit*; others of its workspace wait for the answer, but not a slow one."""
        task = asyncio.create_task(self._sent(edit), name=f"card {edit.call}")
        task.add_done_callback(lambda _: self._wake.set())
        self._sending[edit.call] = task
        budget = self._budgets[edit.workspace]
        budget.newest = task
        budget.newest_slow_at = self._clock.monotonic() + self._slow_after

    def _collect(self) -> None:
        """Forget the edits that were answered. Raises what a bug of ours has raised."""
        for call in [call for call, task in self._sending.items() if task.done()]:
            self._sending.pop(call).result()

    async def _sent(self, edit: Edit) -> None:
        with spans.of_call(edit.call, "card"):
            await self._send_now(edit)

    async def flush(self, patience: float) -> None:
        """Wait until all edits are sent, *patience* seconds at most."""
        until = self._clock.monotonic() + patience
        while self._wanted and self._clock.monotonic() < until:
            await self._clock.sleep(0.05)

    def _next(self) -> tuple[Edit | None, float | None]:
        """Return an edit that may be sent now, or the seconds until one may."""
        now = self._clock.monotonic()
        wait: float | None = None
        free = (
            each for each in self._wanted.values() if each.call not in self._sending
        )
        for edit in sorted(free, key=self._rank):
            ready = self._ready_in(edit, now)
            if ready <= 0:
                return edit, None
            wait = ready if wait is None else min(wait, ready)
        return None, wait

    def _rank(self, edit: Edit) -> tuple[bool, bool, float]:
        """Return what sorts edits: final states, other ends, then the longest overdue."""
        return not edit.last, not edit.ends, self._since.get(edit.call, 0.0)

    def _ready_in(self, edit: Edit, now: float) -> float:
        """Return the seconds until *edit* may be sent; 0 or less: it may be sent now."""
        budget = self._budgets.setdefault(edit.workspace, _Edits())
        sent = budget.sent
        while sent and sent[0] <= now - BUDGET_WINDOW:
            sent.popleft()
        most = max(self._per_minute // self.processes, 1)
        share_in = 0.0
        if not (edit.last or edit.ends):
            due_in = self._since.get(edit.call, now) + OVERDUE_AFTER - now
            share = max(int(most * LIVE_SHARE), 1)
            share_in = min(_freed_in(sent, share, now), max(due_in, 0.0))
        budget_in = max(_freed_in(sent, most, now), share_in)
        card_in = self._last_edit.get(edit.call, -self._gap) + self._gap - now
        held_for = max(budget.closed_until - now, budget.held_for(now))
        return max(budget_in, card_in, held_for)

    async def _send_now(self, edit: Edit) -> None:
        now = self._clock.monotonic()
        budget = self._budgets[edit.workspace]
        budget.sent.append(now)
        self._last_edit[edit.call] = now
        edit = self._wanted.pop(edit.call, edit)  # a newer one may have come meanwhile
        since = self._since.pop(edit.call, now)
        try:
            await self._send(edit)
        except ChatBusy as error:
            budget.closed_until = self._clock.monotonic() + error.retry_after
            self._requeue(edit, since)
            return
        except ChatUnknown:  # an edit is idempotent
            self._lost[edit.call] = self._clock.monotonic()
            self._last_edit[edit.call] = self._clock.monotonic() + self._retry
            self._requeue(edit, since)
            return
        except ChatRefused as error:
            log.info("call %s: its card can't be edited: %s", edit.call, error.error)
            if error.is_operators:
                return  # with a valid token it can: the reporter asks for it again
        except Exception:  # one card's fault must not stop the others
            log.exception("call %s: its card could not be edited", edit.call)
        await self._on_shown(edit)
        if edit.last or (edit.again and not self.edit_in_flight(edit.call)):
            self._lost.pop(edit.call, None)
        if edit.last:
            self._last_edit.pop(edit.call, None)

    def _requeue(self, edit: Edit, since: float) -> None:
        """Queue *edit* again, unless a newer edit of its card is queued."""
        self._wanted.setdefault(edit.call, edit)
        self._since[edit.call] = since
        self._wake.set()


def _freed_in(sent: deque[float], most: int, now: float) -> float:
    """Return the seconds until fewer than *most* edits are in the window."""
    return sent[-most] + BUDGET_WINDOW - now if len(sent) >= most else 0.0
