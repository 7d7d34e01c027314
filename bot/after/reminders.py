"""Reminds people of calls: one message in their DM, once, also after an outage.

Whoever sets a reminder gets the call, its note and `Call`; nothing is dialed by itself.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Protocol

from bot.calls.after_call import may_add
from bot.calls.aftermath import Dispositions
from bot.calls.call import Call, Place
from bot.calls.people.person import Person
from bot.calls.reminding import Reminder
from bot.clock import Clock
from bot.errors import ChatBusy, ChatRefused, ChatUnknown
from bot.rounds import Rounds, work_if_due
from bot.slack.posting.marks import Mark, Marks
from bot.slack.texts import reminder as texts
from bot.storage.after.reminders import ReminderRows
from bot.user_errors import (
    AccessDenied,
    OutdatedButton,
    StandingUnknown,
    UnknownCall,
)

log = logging.getLogger(__name__)

LOOK_AT_REMINDERS_WITHIN = 60.0
"""Seconds until a reminder is seen that another process has stored: the soonest that a
person can choose is further away."""

REMIND_WITHIN = timedelta(seconds=20)
"""A reminder is sent at least so long before its lease ends: whoever has it next finds it,
also if the answer was lost."""

REMIND_AGAIN = timedelta(seconds=20)
"""After Slack could not be asked, and surely has no message, or a call that only a newer
version of the bot can read."""


class CallsToAdd(Protocol):
    """Finds a call that a person may add to; raises `UserError`."""

    async def readable(self, place: Place, call_id: str) -> Call: ...


class Reminders:
    """Reminders of all workspaces.

    *call_of* finds a call by its id, *admit* raises `UserError` for who is kept out, and
    *changed* is told of each person whose Home lists other reminders now. *full*: whether
    others' numbers are shown whole; *kept_for*: how long calls are kept.
    """

    def __init__(
        self,
        rows: ReminderRows,
        remarks: CallsToAdd,
        call_of: Callable[[str], Awaitable[Call | None]],
        marks: Marks,
        clock: Clock,
        dispositions: Dispositions,
        *,
        admit: Callable[[Place], Awaitable[None]],
        changed: Callable[[Person], None],
        full: bool,
        kept_for: timedelta,
    ) -> None:
        self._rows = rows
        self._remarks = remarks
        self._call_of = call_of
        self._marks = marks
        self._clock = clock
        self._dispositions = dispositions
        self._admit = admit
        self._changed = changed
        self._full = full
        self._kept_for = kept_for
        self._rounds = Rounds("posting reminders")

    def now(self) -> datetime:
        """Return the time by which reminders are due."""
        return self._clock.now()

    async def last(self, call_id: str) -> datetime:
        """Return until when a call is kept at least, and with it its reminders."""
        call = await self._call_of(call_id)
        return (call.asked_at if call else self.now()) + self._kept_for

    async def remind(self, key: str, place: Place, call_id: str, at: datetime) -> None:
        """Store that the person of *place* wants to be reminded; raises `UserError`.

        The same *key* once more changes nothing.
        """
        call = await self._remarks.readable(place, call_id)
        seed = f"{place.enterprise} {place.team} {place.user} {key}"
        name = hashlib.sha256(seed.encode(errors="replace")).hexdigest()[:32]
        await self._rows.add(Reminder(name, call.id, place, at))
        log.info("call %s: a reminder for %s", call.id, place.user)
        self._rounds.wake()
        self._changed(place.person)

    async def cancel(self, place: Place, reminder_id: str) -> None:
        """Drop a reminder of the person of *place*. Raises `OutdatedButton`."""
        is_gone = await self._rows.cancel(place.person, reminder_id)
        self._changed(place.person)
        if not is_gone:
            raise OutdatedButton

    async def where(self, place: Place, call_id: str) -> Place:
        """Return where a reminded person's call goes: to the channel of their first one.

        Somebody else's call goes to their DM, where they were reminded.
        """
        call = await self._call_of(call_id)
        if call is None or not call.place.person.is_also(place.person):
            return place
        return replace(place, channel=call.place.channel)

    async def run(self) -> None:
        """Post reminders when they are due, forever."""
        await self._rounds.run(self.post_due)

    async def post_due(self) -> float:
        """Post the reminders that are due; return the seconds until the next look."""
        return await work_if_due(
            self._rows.first_due,
            self._settle_due,
            self._clock,
            LOOK_AT_REMINDERS_WITHIN,
        )

    async def _settle_due(self, now: datetime) -> None:
        for reminder in await self._rows.lease_due(now):
            await self._settle(reminder)

    async def _settle(self, reminder: Reminder) -> None:
        """Post a reminder that this process has leased, or see to it later."""
        now = self._clock.now()
        left = reminder.leased_for(now) - REMIND_WITHIN
        if left <= timedelta(0):
            return  # those before it took long: another process may be posting it
        before = self._clock.monotonic() + left.total_seconds()
        again = now + REMIND_AGAIN
        try:
            await self._post(reminder, before)
        except (StandingUnknown, UnknownCall):
            await self._rows.later(reminder, again, tried=reminder.is_tried)
            return
        except ChatBusy as error:
            wait = max(timedelta(seconds=error.retry_after), REMIND_AGAIN)
            at = self._clock.now() + wait
            await self._rows.later(reminder, at, tried=reminder.is_tried)
            return
        except ChatUnknown:
            return  # it may be there: looked for once its lease is over
        except AccessDenied:
            log.info("call %s: a reminder's person may not use the bot", reminder.call)
        except ChatRefused as error:
            if error.is_operators:
                await self._rows.later(reminder, again, tried=reminder.is_tried)
                return
            log.info(
                "call %s: Slack refuses a reminder: %s", reminder.call, error.error
            )
        await self._rows.done(reminder)
        self._changed(reminder.place.person)

    async def _post(self, reminder: Reminder, before: float) -> None:
        """Post it, unless it is there or its person may not read the call any more.

        A call that is not found is one that this version can't read: a call that was
        deleted has taken its reminders with it.
        """
        call, place = await self._call_of(reminder.call), reminder.place
        if call is None:
            raise UnknownCall
        if not may_add(call, place, self._dispositions):
            return
        await self._admit(place)
        mark = Mark("ringout_reminder", "reminder", reminder.id)
        if reminder.is_tried:
            channel = await self._marks.open_dm(place)
            since = reminder.due_at
            if await self._marks.find(place, channel, mark, since=since) is not None:
                return
        is_late = reminder.is_late(self._clock.now())
        message = texts.reminder(call, reminder, full=self._full, is_late=is_late)
        await self._marks.post(place, place.user, message, mark, before=before)
