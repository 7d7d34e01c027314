"""Reads a call log for missed calls: what is new, or all since the last look.

One answer has no more than 250 calls. What is older comes with the next looks.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.calls.missed_card import NOT_IN_LOG_YET
from bot.ringcentral.call_log_sync import LogChanges
from bot.ringcentral.client import RingCentral
from bot.storage.missed.syncs import Sync

log = logging.getLogger(__name__)

OLDER_FOR = timedelta(minutes=30)
"""For how long a log is read further and further back: 15,000 calls."""


@dataclass(frozen=True, slots=True)
class MissedRead:
    """What a log has shown.

    Attributes:
        floor: Nothing older of it is told.
        back_to: How far back it is still to be read; None if all of it was.
    """

    changes: LogChanges
    floor: datetime
    back_to: datetime | None


async def read_missed(
    telephony: RingCentral, sync: Sync, forgotten: datetime, now: datetime
) -> MissedRead:
    """Read a log where *sync* has it go on. Costs one Heavy request, or two.

    Nothing older than *forgotten* is told.
    """
    log_sync, floor = telephony.call_log_sync, forgotten
    if sync.synced_at is not None:
        floor = max(forgotten, sync.back_to or sync.synced_at - NOT_IN_LOG_YET)
    changes, older = None, sync.back_to is not None
    if sync.token:
        changes = await log_sync.missed_after(sync.token, older=older)
    if changes is None:
        changes = await log_sync.missed_since(floor)
    elif not older:
        return MissedRead(changes, forgotten, floor if changes.has_older else None)
    ahead = timedelta(seconds=telephony.clock_ahead())
    goes_on = _goes_on(sync, changes, floor + ahead, now)
    return MissedRead(changes, floor, floor if goes_on else None)


def _goes_on(sync: Sync, changes: LogChanges, floor: datetime, now: datetime) -> bool:
    """Return whether the log may have more calls since *floor*, by RingCentral's clock.

    An answer without a single one proves nothing, unless it is the first: what is older
    was then missed before anybody wanted to know.
    """
    if not changes.has_older or (sync.synced_at is None and not changes.records):
        return False
    if any(each.started_at < floor for each in changes.records):
        return False
    began = now if sync.back_to is None else sync.synced_at
    if began is not None and now - began > OLDER_FOR:
        log.warning(
            "a call log is too long: missed calls of a long outage are not told"
        )
        return False
    return True
