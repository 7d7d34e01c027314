"""Tells admins privately of what looks like fraud, or like a mistake: once an hour at most."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from bot.calls.call import Place
from bot.calls.people.person import Person
from bot.clock import Clock
from bot.errors import ChatBusy, ChatError, ChatUnknown
from bot.policy.alerts import TOLD_EVERY, Suspicion
from bot.policy.workspace import WorkspaceId
from bot.rounds import Rounds
from bot.slack.posting.marks import Mark, Marks
from bot.slack.texts import alerts as texts
from bot.storage.reports.findings import Findings, LeasedAlert

log = logging.getLogger(__name__)

LOOK_FOR_ALERTS_EVERY = 60.0
"""Seconds between looks; an admin who is told a minute later can still stop it."""

ALERT_WITHIN = 60.0
"""Seconds for looking for a message and posting it: half of its lease."""

ALERT_AGAIN = timedelta(minutes=5)
"""After Slack's limit or refusal."""

AdminsOf = Callable[[WorkspaceId], Sequence[str]]


class Alerts:
    """Looks for findings; *admins_of* returns the Slack ids of a workspace's admins."""

    def __init__(
        self,
        findings: Findings,
        marks: Marks,
        clock: Clock,
        *,
        admins_of: AdminsOf,
        every: float = LOOK_FOR_ALERTS_EVERY,
    ) -> None:
        self._findings = findings
        self._marks = marks
        self._clock = clock
        self._admins_of = admins_of
        self._every = every

    async def run(self) -> None:
        """Look every minute, forever."""
        await Rounds("looking for what admins are told").run(self._wait_and_look)

    async def _wait_and_look(self) -> float:
        await self._clock.sleep(self._every)
        await self.look()
        return 0.0

    async def look(self) -> None:
        """Tell each admin of what is new to them, if it is their hour."""
        now = self._clock.now()
        for where, found in (await self._findings.found(now)).items():
            for user in self._admins_of(where):
                await self._tell(Person(where.enterprise, where.team, user), found, now)

    async def _tell(
        self, admin: Person, found: Sequence[Suspicion], now: datetime
    ) -> None:
        leased = await self._findings.lease(admin, now)
        if leased is None:
            return
        try:
            await self._settle(leased, found, now)
        except ChatUnknown:
            return  # it may be there: looked for once the lease is over
        except ChatError as error:
            log.info("an admin can't be told just now: %s", type(error).__name__)
            pause = ALERT_AGAIN if isinstance(error, ChatBusy) else TOLD_EVERY
            await self._findings.put_off(leased, now + pause)

    async def _settle(
        self, leased: LeasedAlert, found: Sequence[Suspicion], now: datetime
    ) -> None:
        place = _dm(leased.admin)
        before = self._clock.monotonic() + ALERT_WITHIN
        channel, tried = await self._marks.open_dm(place), leased.tried_at
        if tried is not None and await self._marks.find(
            place, channel, _mark(tried), since=tried
        ):
            await self._findings.told(leased, tried)
            return
        new = [each for each in found if each.at > leased.since]
        if not new:
            await self._findings.put_off(leased, now)
            return
        if await self._findings.will_post(leased, now):
            message = texts.alert(new)
            await self._marks.post(place, channel, message, _mark(now), before=before)
            await self._findings.told(leased, now)


def _dm(admin: Person) -> Place:
    return Place(admin.team, "", admin.user, admin.enterprise)


def _mark(at: datetime) -> Mark:
    return Mark("ringout_alert", "which", f"{at.timestamp():.3f}")
