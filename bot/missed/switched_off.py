"""Forgets how far call logs were read, where nobody is told of missed calls any more."""

from __future__ import annotations

from datetime import timedelta

from bot.clock import Clock
from bot.errors import StoreUnavailable
from bot.storage.missed.syncs import MissedSyncs

FORGET_SYNCS_EVERY = timedelta(minutes=10)
"""A process that still has the old settings may have begun anew meanwhile. While settings
change the other way, such a process sees that a log is to be read within a minute."""

FORGET_SYNCS_AGAIN = timedelta(seconds=10)
"""While the database can't be reached."""


async def forget_syncs(syncs: MissedSyncs, clock: Clock) -> None:
    """Forget it now, and what other processes have begun since, forever.

    Otherwise people would be told of all that happened until it is switched on again.
    """
    while True:
        pause, now = FORGET_SYNCS_EVERY, clock.now()
        try:
            await syncs.keep({}, now, now)
        except StoreUnavailable:
            pause = FORGET_SYNCS_AGAIN
        await clock.sleep(pause.total_seconds())
