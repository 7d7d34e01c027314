"""The part of the assembly for what comes after calls: outcomes, reminders, recordings."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from bot.accounts.registry import Accounts
from bot.after.recordings import Recordings, store_look
from bot.after.remarks import Remarks
from bot.after.reminders import Reminders
from bot.after.to_do import HomeLists
from bot.calls.call import Call
from bot.calls.overview import ToDo
from bot.calls.people.person import Person
from bot.clock import Clock
from bot.settings.settings import Settings
from bot.slack.posting.board import Board
from bot.slack.posting.homes import Homes
from bot.slack.posting.marks import Marks
from bot.storage.after.recording_looks import RecordingLooks
from bot.storage.after.reminders import ReminderRows
from bot.storage.calls.follow_ups import FollowUps
from bot.storage.calls.store import ChangeTeller, Store
from bot.storage.policy.outcomes import ListsOutcomes
from bot.switchboard.policy import Policy
from bot.workspaces.workspaces import Workspaces


class LooksForRecordings:
    """Has the log be read again for the recordings of calls, if people get links to them."""

    def __init__(self, settings: Settings) -> None:
        self._is_on = bool(settings.ringout_recording_url)

    def store(
        self, connection: Connection, old: Call, new: Call, now: datetime
    ) -> bool:
        """Store the first look, if there is to be one; see `Store.change`."""
        return self._is_on and store_look(connection, old, new, now)

    def wake(self) -> None:
        """Nothing is due yet: the first look is a minute away."""


def tellers_of(settings: Settings) -> tuple[ChangeTeller, ...]:
    """Return what stores what a change of a call leads to, in its transaction."""
    return LooksForRecordings(settings), ListsOutcomes()


class AfterCalls:
    """Makes these parts; each costs nothing where its setting is not set."""

    def __init__(
        self, settings: Settings, store: Store, clock: Clock, policy: Policy
    ) -> None:
        self._settings = settings
        self._store = store
        self._clock = clock
        self._dispositions = settings.ringout_outcomes
        self._reminders: Reminders | None = None
        self.remarks = Remarks(store, policy, self._dispositions, clock)

    @property
    def to_do(self) -> Callable[[Person], Awaitable[ToDo]] | None:
        """What a Home lists as left to do; None where nobody is asked."""
        if not self._dispositions.words:
            return None
        rows = ReminderRows(self._store.writer, self._store.unreadable)
        return HomeLists(rows, FollowUps(self._store), self._dispositions).of

    def reminders(self, slack: Workspaces, homes: Homes) -> Reminders:
        """Return what sets reminders, and posts them."""
        days = self._settings.ringout_retention_days
        self._reminders = Reminders(
            ReminderRows(self._store.writer, self._store.unreadable),
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

    def tasks(
        self, accounts: Accounts, board: Board
    ) -> dict[str, Coroutine[Any, Any, None]]:
        """Return the tasks to run until the bot stops, by name."""
        found: dict[str, Coroutine[Any, Any, None]] = {}
        if self._reminders is not None and self._dispositions.words:
            found["reminders"] = self._reminders.run()
        if self._settings.ringout_recording_url:
            looks = RecordingLooks(self._store.writer, self._store.unreadable)
            recordings = Recordings(looks, self._store, accounts, board, self._clock)
            found["recordings"] = recordings.run()
        return found
