"""Deletes old calls and other expired rows, once an hour."""

from __future__ import annotations

import logging
from datetime import timedelta

from bot.clock import Clock
from bot.errors import StoreUnavailable
from bot.storage.people.home_views import HOME_KEPT_FRESH_FOR
from bot.storage.retention import Retention

log = logging.getLogger(__name__)

FORGET_EVERY = 3600.0
FORGET_FIRST = 60.0
"""Seconds between runs, and before the first one."""

LIMITS_KEPT = timedelta(days=1)
"""Longer than any window, penalty or access token."""

NAMES_KEPT = timedelta(days=7)
"""How long names are kept that can't be read again; they are read again after a day."""

REQUESTS_KEPT = timedelta(days=1)
"""How long requests to admins are kept; each is over within half an hour."""


async def forget(
    retention: Retention, clock: Clock, days: int, audit_days: int
) -> None:
    """Delete calls older than *days* days and other expired rows, once an hour, forever.

    What the audit has is kept for *audit_days*.
    """
    pause = FORGET_FIRST
    while True:
        await clock.sleep(pause)
        pause = FORGET_EVERY
        try:
            await retention.purge_home_views(clock.now() - HOME_KEPT_FRESH_FOR)
            gone = await retention.purge(clock.now() - timedelta(days=days))
            await retention.purge_user_state(clock.now() - LIMITS_KEPT)
            await retention.purge_names(clock.now() - NAMES_KEPT)
            await retention.purge_requests(clock.now() - REQUESTS_KEPT)
            await retention.purge_audit(clock.now() - timedelta(days=audit_days))
        except StoreUnavailable:
            continue
        if gone:
            log.info("%d calls older than %d days are forgotten", gone, days)
