"""Looks for recordings that come after their call's record, and shows them on the reply.

The record that tells a call's result often has no recording yet. The log is read again at
most three times, with requests that lists would use, for all calls of an account at once.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Protocol

from sqlalchemy import Connection

from bot.accounts.registry import Accounts
from bot.calls.call import Call
from bot.calls.recorded import may_be_recorded, next_look
from bot.clock import Clock
from bot.errors import (
    BotError,
    ChatBusy,
    ChatRefused,
    ChatUnknown,
    RateLimited,
    StoreUnavailable,
)
from bot.rounds import Rounds, work_if_due
from bot.storage.after.recording_looks import (
    RecordingLook,
    RecordingLooks,
    add_look,
    after,
)
from bot.storage.calls.store import Store

log = logging.getLogger(__name__)

LOOK_AT_RECORDINGS_WITHIN = 60.0
"""Seconds until a new call is seen: its first look is no sooner."""

READ_EARLIER_BY = timedelta(minutes=1)
"""From the start of a call's record to the moment when it was sent, by our clock."""

SHOW_WITHIN = 20.0
"""Seconds to edit a reply: less than the lease."""

SHOW_AGAIN = timedelta(seconds=20)


class Replies(Protocol):
    """Shows replies, as `bot.slack.posting.board.Board` does."""

    async def edit_reply(self, call: Call, *, before: float) -> None: ...


class Recordings:
    """The looks for recordings of all accounts."""

    def __init__(
        self,
        looks: RecordingLooks,
        store: Store,
        accounts: Accounts,
        replies: Replies,
        clock: Clock,
    ) -> None:
        self._looks = looks
        self._store = store
        self._accounts = accounts
        self._replies = replies
        self._clock = clock

    async def run(self) -> None:
        """Look for recordings when it is time, forever."""
        await Rounds("looking for recordings").run(self.look)

    async def look(self) -> float:
        """Look for what is due; return the seconds until the next look."""
        return await work_if_due(
            self._looks.first_due,
            self._look_for_due,
            self._clock,
            LOOK_AT_RECORDINGS_WITHIN,
        )

    async def _look_for_due(self, now: datetime) -> None:
        due = await self._looks.lease_due(now)
        wanted = [each for each in due if not each.call.recording]
        try:
            found = await self._found(wanted, now) if wanted else {}
        except RateLimited as error:
            wait = timedelta(seconds=max(error.retry_after, 1.0))
            for each in due:
                await self._looks.later(each, now + wait)
            return
        except StoreUnavailable:
            raise
        except BotError as error:
            log.info("recordings can't be looked for: %s", type(error).__name__)
            found = {}
        for each in due:
            recording = each.call.recording or _of(each.call, found)
            await (self._show(each, recording) if recording else self._not_yet(each))

    async def _found(
        self, wanted: Sequence[RecordingLook], now: datetime
    ) -> dict[str, str]:
        """Return the recordings of the log by the ids of their records; one request."""
        since = min(each.call.sent_at or each.call.asked_at for each in wanted)
        telephony = self._accounts.telephony(wanted[0].call.account)
        page = await telephony.call_log.newest(
            since=since - READ_EARLIER_BY, until=now, company=False
        )
        return {each.id: each.recording for each in page.records}

    async def _not_yet(self, look: RecordingLook) -> None:
        looked = after(look)
        at = next_look(look.call, looked.looks, self._clock.now())
        if at is None:
            await self._looks.done(look)
        else:
            await self._looks.later(looked, at)

    async def _show(self, look: RecordingLook, recording: str) -> None:
        """Store a recording, then show it: a process that dies meanwhile leaves a look."""
        call_id, now = look.call.id, self._clock.now()
        call = await self._store.change(
            call_id, lambda c: replace(c, recording=recording), now
        )
        try:
            if call is not None:
                before = self._clock.monotonic() + SHOW_WITHIN
                await self._replies.edit_reply(call, before=before)
        except ChatBusy as error:
            wait = max(timedelta(seconds=error.retry_after), SHOW_AGAIN)
            await self._looks.later(look, now + wait)
            return
        except ChatUnknown:
            return  # it is shown again once the lease is over: an edit does no harm
        except ChatRefused as error:
            log.info("call %s: its recording can't be shown: %s", call_id, error.error)
        await self._looks.done(look)


def store_look(connection: Connection, old: Call, new: Call, now: datetime) -> bool:
    """Have a call's recording be looked for, if a change ends it and it may have one."""
    at = next_look(new, 0, now) if may_be_recorded(old, new) else None
    if at is not None:
        add_look(connection, new, at)
    return at is not None


def _of(call: Call, found: dict[str, str]) -> str:
    return next((found[each] for each in call.records if found.get(each)), "")
