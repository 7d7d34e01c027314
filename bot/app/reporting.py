"""The part of the assembly for sums over calls: reports for people, digests in channels."""

from __future__ import annotations

from collections.abc import Coroutine
from datetime import timedelta
from typing import Any

from bot.clock import Clock
from bot.reports.digests import Digests
from bot.reports.own import Reports
from bot.settings.settings import Settings
from bot.slack.posting.marks import Marks
from bot.storage.calls.counting import Counting
from bot.storage.calls.store import Store
from bot.storage.missed.counting import MissedCounting
from bot.storage.reports.digests import DigestRows
from bot.switchboard.policy import Policy
from bot.workspaces.workspaces import Workspaces


class Reporting:
    """Makes these parts; digests cost nothing where ``RINGOUT_DIGEST`` is not set."""

    def __init__(
        self, settings: Settings, store: Store, clock: Clock, policy: Policy
    ) -> None:
        days = timedelta(days=settings.ringout_retention_days)
        self._plans = settings.ringout_digest
        self._rows = DigestRows(store.writer)
        self._counting = Counting(store.writer)
        self._missed = MissedCounting(store.writer)
        self._tells_missed = bool(settings.ringout_missed.by_extension)
        self._clock = clock
        self.reports = Reports(self._counting, policy, clock, days)

    def tasks(self, slack: Workspaces) -> dict[str, Coroutine[Any, Any, None]]:
        """Return the tasks to run until the bot stops, by name."""
        if not self._plans:
            return {}
        digests = Digests(
            self._plans,
            self._rows,
            self._counting,
            Marks(slack.spaces, self._clock),
            self._clock,
            space_of=slack.space_named,
            missed=self._missed.of if self._tells_missed else None,
        )
        return {"digests": digests.run()}
