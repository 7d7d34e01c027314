"""Reads the call logs for missed calls, every few minutes, and stores a card for each.

One process reads an account's log at a time. After an outage RingCentral's token brings
what was missed meanwhile; if the token is too old, all is read again, and only what is
newer than the last look is told.
"""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.accounts.clients import SHARED
from bot.accounts.registry import Accounts
from bot.calls.call import Place
from bot.calls.log.missed_calls import MissedCall, missed_in
from bot.calls.missed_card import Missed
from bot.calls.missed_places import MissedPlaces
from bot.calls.people.person import Person
from bot.clock import Clock
from bot.errors import (
    BotError,
    ChatBusy,
    Disconnected,
    RateLimited,
    Refused,
    StoreUnavailable,
)
from bot.missed.caller import known_caller
from bot.missed.reading import read_missed
from bot.missed.voicemails import VoicemailReading
from bot.ringcentral.client import RingCentral
from bot.rounds import Rounds, work_if_due
from bot.storage.missed.syncs import MissedSyncs, Sync, TellMissed
from bot.storage.people.missed_wishes import MissedWishes
from bot.switchboard.call_ids import new_id

log = logging.getLogger(__name__)

LOOK_EVERY_MISSED = timedelta(minutes=3)
"""How often a log is read: 20 Heavy requests an hour, of 600 that RingCentral admits."""

LOGGED_AFTER = timedelta(seconds=30)
"""From the end of a call to its record (RingCentral guide, "Call log": 15 to 30 s)."""

LOOK_AGAIN_REFUSED = timedelta(minutes=15)
"""After RingCentral has refused: an admin has to grant something first."""

SHORTEST_MISSED_WAIT = timedelta(seconds=10)

LOOK_FOR_OLDER = timedelta(seconds=30)
"""Between the looks at a log that has more than one of them returns: two Heavy requests a
minute, as many as looks for missed calls may use."""

LOOK_FOR_PEOPLE = 60.0
"""Seconds until it is seen that somebody has switched this on."""


def logged_after(longest: timedelta | None) -> timedelta:
    """Return how long after a missed call the log is read.

    *longest*: the operator's bound for calls that were placed (None: there is none).
    """
    return LOGGED_AFTER if longest is None else min(LOGGED_AFTER, longest)


@dataclass(frozen=True, slots=True)
class _LogReader:
    """Whose log is read: the account's id, and the person who is told; None: channels."""

    account: str
    person: Person | None = None


class MissedSyncing:
    """Reads logs for the channels of *places*, and for people if those let them.

    *workspace* returns the enterprise and team of the channels, for an empty name; it
    raises `ChatError` while they are not known. *tell* stores in a card's transaction what
    others are told of it, *told* is called after that. *voicemails* is None if none are
    shown.
    """

    def __init__(
        self,
        syncs: MissedSyncs,
        wishes: MissedWishes,
        accounts: Accounts,
        clock: Clock,
        places: MissedPlaces,
        *,
        region: str,
        kept_for: timedelta,
        workspace: Callable[[str], Awaitable[tuple[str, str] | None]],
        tell: TellMissed,
        told: Callable[[], None],
        count: Callable[[int], None],
        voicemails: VoicemailReading | None = None,
        logged_after: timedelta = LOGGED_AFTER,
        every: timedelta = LOOK_EVERY_MISSED,
    ) -> None:
        self._syncs = syncs
        self._wishes = wishes
        self._accounts = accounts
        self._clock = clock
        self._places = places
        self._region = region
        self._kept_for = kept_for
        self._workspace = workspace
        self._tell = tell
        self._told = told
        self._count = count
        self._voicemails = voicemails
        self._logged_after = logged_after
        self._every = every
        self._older_every = min(every, LOOK_FOR_OLDER)
        self._most = min(LOOK_FOR_PEOPLE, every.total_seconds())
        self._extension = ""
        self._switched_on = clock.now()
        self._rounds = Rounds("reading missed calls")

    async def on_missed(self, account: str) -> None:
        """Read an account's log once it shows a call that was missed now. Never raises.

        If it is lost, the log is read a few minutes later all the same.
        """
        key = self._accounts.clients.key(account)
        try:
            await self._syncs.soon(key, self._clock.now() + self._logged_after)
        except StoreUnavailable:
            log.info("an event of a missed call was dropped: no database")
            return
        self._rounds.wake()

    async def run(self) -> None:
        """Read what is due, forever."""
        await self._rounds.run(self.look)

    async def look(self) -> float:
        """Read the logs that are due; return the seconds until the next one is."""
        readers, wanted = await self._wanted()
        await self._syncs.keep(wanted, self._clock.now(), self._switched_on)

        async def read_due(now: datetime) -> None:
            for sync in await self._syncs.lease_due(now):
                await self._read(sync, readers.get(sync.account))

        return await work_if_due(
            self._syncs.next_due, read_due, self._clock, self._most
        )

    async def _wanted(
        self,
    ) -> tuple[Mapping[str, _LogReader], Mapping[str, datetime | None]]:
        """Return whose logs are read, and since when; None for from now on."""
        readers: dict[str, _LogReader] = {}
        wanted: dict[str, datetime | None] = {}
        if self._places.by_extension:
            key = self._accounts.clients.key(SHARED)
            readers[key], wanted[key] = _LogReader(SHARED), None
        if self._places.lets_people:
            for wish in await self._wishes.all():
                readers[wish.account] = _LogReader(wish.account, wish.person)
                wanted[wish.account] = wish.since
        return readers, wanted

    async def _read(self, sync: Sync, reader: _LogReader | None) -> None:
        """Read a log that this process has leased, and store when it is read again."""
        if reader is None:
            return  # just switched off: the next round deletes it
        now = self._clock.now()
        try:
            await self._read_now(sync, reader, now)
        except StoreUnavailable:
            raise
        except RateLimited as error:
            wait = max(timedelta(seconds=error.retry_after), SHORTEST_MISSED_WAIT)
            await self._syncs.postpone(sync, now + min(wait, self._every))
        except Refused as error:
            log.info("missed calls can't be read: %s", error)
            trouble = error.permission or error.feature or error.code or "refused"
            await self._syncs.postpone(sync, now + LOOK_AGAIN_REFUSED, trouble)
        except Disconnected:
            await self._syncs.postpone(sync, now + self._every)
        except BotError as error:
            log.info("missed calls can't be read: %s", type(error).__name__)
            await self._syncs.postpone(sync, now + self._every)

    async def _read_now(self, sync: Sync, reader: _LogReader, now: datetime) -> None:
        telephony = self._accounts.telephony(reader.account)
        forgotten = max(sync.since, now - self._kept_for)
        read = await read_missed(telephony, sync, forgotten, now)
        ahead = timedelta(seconds=telephony.clock_ahead())
        calls = missed_in(read.changes.records)
        here = await self._here(reader)
        if reader.person is None:
            await self._learn_extension(telephony, calls)
        found = [self._missed(each, here, ahead) for each in calls]
        recent = [each for each in found if each is not None and each.at >= read.floor]
        is_read = read.back_to is None
        number = await self._syncs.store(
            sync,
            read.changes.token,
            recent,
            now,
            now + (self._every if is_read else self._older_every),
            new_id,
            self._tell,
            back_to=read.back_to,
        )
        try:
            if self._voicemails is not None:
                new = [each.at for each in recent] if number else []
                await self._voicemails.look(sync.account, telephony, new)
        finally:
            self._count(number)
            self._told()

    async def _learn_extension(
        self, telephony: RingCentral, calls: list[MissedCall]
    ) -> None:
        """Read the account's own extension once, if the log does not name it."""
        if self._extension or all(self._places.of(e.extension) for e in calls):
            return
        with contextlib.suppress(Refused):
            self._extension = (await telephony.account.user()).number

    async def _here(self, reader: _LogReader) -> Place:
        """Return who is told, or the workspace whose channels are. Raises `ChatError`."""
        if reader.person is not None:
            person = reader.person
            return Place(person.team, "", person.user, person.enterprise)
        found = await self._workspace("")
        if found is None:
            raise ChatBusy(1)
        enterprise, team = found
        return Place(team, "", "", enterprise)

    def _missed(self, call: MissedCall, here: Place, ahead: timedelta) -> Missed | None:
        """Return a call with the place that is told of it; None if none is."""
        if not here.user:
            channel = self._places.of(call.extension, self._extension)
            if not channel:
                return None
            here = replace(here, channel=channel)
        return known_caller(call, here, call.at - ahead, self._region)
