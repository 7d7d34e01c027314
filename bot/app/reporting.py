"""The part of the assembly for sums over calls."""

from __future__ import annotations

from datetime import timedelta

from bot.clock import Clock
from bot.reports.own import Reports
from bot.settings.settings import Settings
from bot.storage.calls.counting import Counting
from bot.storage.calls.store import Store
from bot.switchboard.policy import policy_of


class Reporting:
    """Makes these parts."""

    def __init__(self, settings: Settings, store: Store, clock: Clock) -> None:
        days = timedelta(days=settings.ringout_retention_days)
        counting = Counting(store.writer)
        self.reports = Reports(counting, policy_of(settings), clock, days)
