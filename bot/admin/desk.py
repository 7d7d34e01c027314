"""What admins do at their desk: pause calls, keep the do-not-call list, read the audit.

Each method checks who asks, and is about that person's workspace alone.
"""

from __future__ import annotations

import contextlib
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta

from bot.calls.call import Place
from bot.clock import Clock
from bot.errors import StoreUnavailable
from bot.policy.desk_command import AuditRequest, read_audit_request, read_entry
from bot.policy.desk_sheet import AuditPage, Paused, Removed
from bot.policy.wish import DoNotCall
from bot.policy.workspace import WorkspaceId
from bot.slack.texts import desk_words
from bot.storage.policy.audit import Audit, AuditFilter
from bot.storage.policy.do_not_call import DoNotCallList
from bot.storage.policy.states import PolicyStates
from bot.switchboard.policy import Policy

EndWaits = Callable[[WorkspaceId, datetime], Awaitable[object]]
"""Makes due the calls that wait to be placed, so that a pause ends them at once."""


async def _nothing_waits(_: WorkspaceId, __: datetime) -> None:
    pass


class Desk:
    """Raises `UserError` for whoever is no admin, and `StoreUnavailable`.

    *changed* is called with the place where something was changed: desks that admins are
    looking at should show it.
    """

    def __init__(
        self,
        states: PolicyStates,
        do_not_call: DoNotCallList,
        audit: Audit,
        policy: Policy,
        clock: Clock,
        *,
        changed: Callable[[Place], None] = lambda _: None,
        end_waits: EndWaits = _nothing_waits,
    ) -> None:
        self._end_waits = end_waits
        self._states = states
        self._do_not_call = do_not_call
        self._audit = audit
        self._policy = policy
        self._clock = clock
        self._changed = changed

    async def pause(self, place: Place, reason: str) -> Paused:
        """Pause the workspace's calls; return the pause that holds, perhaps an earlier one."""
        self._policy.check_desk(place)
        where, now = WorkspaceId.of(place), self._clock.now()
        found, is_new = await self._states.pause(where, now, place.user, reason)
        with contextlib.suppress(StoreUnavailable):  # each ends when it is next due
            await self._end_waits(where, now)
        self._changed(place)
        return Paused(pause=found, is_new=is_new)

    async def resume(self, place: Place) -> bool:
        """Let people call again; return False if calls weren't paused."""
        self._policy.check_desk(place)
        where, now = WorkspaceId.of(place), self._clock.now()
        was_paused = await self._states.resume(where, now, place.user)
        self._changed(place)
        return was_paused

    async def audit(
        self, place: Place, typed: str, most: int
    ) -> tuple[AuditRequest, AuditPage]:
        """Return what was asked for, and up to *most* rows of it; also for auditors."""
        self._policy.check_auditor(place)
        asked = read_audit_request(typed, self._policy.region, desk_words.AUDIT_NAMES)
        return asked, await self.audit_page(place, asked, None, None, most)

    async def audit_page(
        self,
        place: Place,
        asked: AuditRequest,
        since: datetime | None,
        before: int | None,
        most: int,
    ) -> AuditPage:
        """Return up to *most* rows that are older than the one with the id *before*.

        *since* is that of the first page, or None for the first page itself.
        """
        self._policy.check_auditor(place)
        since = since or self._clock.now() - timedelta(days=asked.days)
        wanted = AuditFilter(
            before=before,
            user=asked.user,
            number=asked.number,
            rule=asked.word,
            verdict=asked.verdict,
            since=since,
        )
        where = WorkspaceId.of(place)
        rows = await self._audit.read(where, wanted, most + 1)
        shown, has_more = tuple(rows[:most]), len(rows) > most
        return AuditPage(rows=shown, since=since, before=before, has_more=has_more)

    async def entries(self, place: Place, text: str, most: int) -> Sequence[DoNotCall]:
        """Return entries of the do-not-call list that have *text* in number or reason."""
        self._policy.check_desk(place)
        return await self._do_not_call.search(WorkspaceId.of(place), text, most)

    async def add(
        self, place: Place, typed: str, reason: str = ""
    ) -> tuple[DoNotCall, bool]:
        """Put what was typed on the list; return it, and whether it is new there.

        A reason stands behind the number, or was typed apart.
        """
        self._policy.check_desk(place)
        entry = read_entry(typed, self._policy.region, reason)
        where = WorkspaceId.of(place)
        is_new = await self._do_not_call.add(
            where, entry, self._clock.now(), place.user
        )
        self._changed(place)
        return entry, is_new

    async def remove(self, place: Place, typed: str) -> Removed:
        """Take what was typed off the list."""
        self._policy.check_desk(place)
        entry, where = read_entry(typed, self._policy.region), WorkspaceId.of(place)
        was_there = await self._do_not_call.remove(
            where, entry, self._clock.now(), place.user
        )
        self._changed(place)
        left = await self._do_not_call.covering(where, entry.digits)
        return Removed(entry=entry, was_there=was_there, covered_by=left)
