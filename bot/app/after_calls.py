"""The part of the assembly for what people do after calls: outcomes, notes, reminders."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine
from datetime import timedelta
from typing import Any

from bot.after.remarks import Remarks
from bot.after.reminders import Reminders
from bot.after.to_do import HomeLists
from bot.calls.overview import ToDo
from bot.calls.people.person import Person
from bot.clock import Clock
from bot.settings.settings import Settings
from bot.slack.posting.homes import Homes
from bot.slack.posting.marks import Marks
from bot.storage.after.reminders import ReminderRows
from bot.storage.calls.follow_ups import FollowUps
from bot.storage.calls.store import Store
from bot.switchboard.policy import policy_of
from bot.workspaces.workspaces import Workspaces


class AfterCalls:
    """Makes these parts; costs nothing where ``RINGOUT_OUTCOMES`` is not set."""

    def __init__(self, settings: Settings, store: Store, clock: Clock) -> None:
        self._settings = settings
        self._store = store
        self._clock = clock
        self._dispositions = settings.ringout_outcomes
        self._reminders: Reminders | None = None
        self.remarks = Remarks(store, policy_of(settings), self._dispositions, clock)

    @property
    def to_do(self) -> Callable[[Person], Awaitable[ToDo]] | None:
        """What a Home lists as left to do; None where nobody is asked."""
        if not self._dispositions.words:
            return None
        rows = ReminderRows(self._store.writer)
        return HomeLists(rows, FollowUps(self._store), self._dispositions).of

    def reminders(self, slack: Workspaces, homes: Homes) -> Reminders:
        """Return what sets reminders, and posts them."""
        days = self._settings.ringout_retention_days
        self._reminders = Reminders(
            ReminderRows(self._store.writer),
            self.remarks,
            self._store.get,
            Marks(slack.spaces, self._clock),
            self._clock,
            self._dispositions,
            admit=slack.admission.check,
            changed=homes.changed,
            full=self._settings.full_numbers,
            kept_for=timedelta(days=days),
        )
        return self._reminders

    def tasks(self) -> dict[str, Coroutine[Any, Any, None]]:
        """Return the tasks to run until the bot stops, by name."""
        if self._reminders is None or not self._dispositions.words:
            return {}
        return {"reminders": self._reminders.run()}
