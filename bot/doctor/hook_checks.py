"""Checks of the hook: what waits for its receiver, and what was dropped. Sends nothing."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from bot.doctor.check import Check, CheckFailed
from bot.errors import StoreUnavailable
from bot.settings.settings import Settings
from bot.storage.calls.store import Store
from bot.storage.hooks.missed_outbox import MissedOutbox
from bot.storage.hooks.outbox import Outbox, ReceiverState, Waiting

LATE_AFTER = timedelta(minutes=15)
"""How long an event may wait until the operator should look at the receiver."""

SEND_ONE = "`ringout-bot hook test` sends one event and says what comes back."


class HookChecks:
    """Reads what a running bot has stored."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def all(self) -> dict[str, Check]:
        """Return the check by its name; none if the hook is off."""
        return {"hook": self._hook} if self._settings.ringout_hook_url else {}

    async def _hook(self) -> str:
        store = Store(self._settings.database_url)
        try:
            await store.open()
            address = self._settings.ringout_hook_url
            outbox = Outbox(store.writer, address, store.unreadable)
            missed = MissedOutbox(store.writer, address, store.unreadable)
            both = await outbox.waiting(), await missed.waiting()
            state = await outbox.state()
        except StoreUnavailable as error:
            raise CheckFailed(str(error), "See above.") from None
        finally:
            store.close()
        return hook_in_words(_together(*both), state, datetime.now(UTC))


def hook_in_words(waiting: Waiting, state: ReceiverState, now: datetime) -> str:
    """Return what waits. Raises `CheckFailed`, a warning, if something is wrong."""
    why = f" ({state.trouble})" if state.trouble else ""
    dropped = f"; {state.dropped} were dropped" if state.dropped else ""
    if state.stopped_at is not None:
        raise CheckFailed(
            f"the receiver answered 410, and is sent nothing more{dropped}",
            "Correct RINGOUT_HOOK_URL, or have the receiver take events again and run "
            "`ringout-bot hook test`.",
            is_warning=True,
        )
    said = f"{waiting.count} events wait{why}{dropped}"
    is_late = waiting.oldest_at is not None and now - waiting.oldest_at > LATE_AFTER
    if is_late or state.dropped:
        raise CheckFailed(said, SEND_ONE, is_warning=True)
    return said


def _together(calls: Waiting, missed: Waiting) -> Waiting:
    """Return what waits of both kinds of events."""
    since = [each.oldest_at for each in (calls, missed) if each.oldest_at is not None]
    return Waiting(calls.count + missed.count, min(since, default=None))
