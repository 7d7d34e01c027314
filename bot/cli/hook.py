"""The command ``hook test``: one signed event to the receiver, and what comes back."""

from __future__ import annotations

import secrets
import sys
import time

from bot.app.hook import target_of
from bot.calls.exported import ShownNumbers
from bot.cli.codes import REFUSED
from bot.clock import RealClock
from bot.doctor.check import printable
from bot.errors import StoreUnavailable
from bot.hooks.events import ToldOfCalls, body
from bot.hooks.receiver import Receiver
from bot.hooks.schedule import Receipt
from bot.settings.settings import Settings
from bot.storage.calls.store import Store
from bot.storage.hooks.outbox import EventKind, Outbox

TELLS_NOTHING = ToldOfCalls(ShownNumbers.NONE, with_private=False)


async def send_test(settings: Settings) -> int:
    """Send a test event; return the exit code: 1 if the receiver did not take it.

    A receiver that had answered 410 and takes it is sent events again. Raises
    `DevelopmentDatabase` before anything is sent.
    """
    store = Store(settings.database_url)
    try:
        await store.open()
        if not await _is_taken(settings):
            return REFUSED
        await _resume(Outbox(store.writer, settings.ringout_hook_url, store.unreadable))
    except StoreUnavailable as error:
        sys.stderr.write(f"{printable(str(error))}\n")
        return REFUSED
    finally:
        store.close()
    return 0


async def _is_taken(settings: Settings) -> bool:
    """Send the event, and print what comes back."""
    now = RealClock().now()
    receiver = Receiver(target_of(settings))
    event = body(EventKind.TEST, now, None, TELLS_NOTHING)
    begun = time.monotonic()
    try:
        answer = await receiver.send(f"msg_{secrets.token_hex(16)}", event, now)
    finally:
        await receiver.close()
    seconds = time.monotonic() - begun
    is_taken = answer.meaning is Receipt.TAKEN
    said = "taken" if is_taken else "not taken"
    sys.stdout.write(f"{said}: {answer.words} ({seconds:.1f} s)\n")
    return is_taken


async def _resume(outbox: Outbox) -> None:
    if (await outbox.state()).stopped_at is not None:
        await outbox.resume(RealClock().now())
        sys.stdout.write("events are sent to it again\n")
