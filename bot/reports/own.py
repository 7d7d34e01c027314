"""Sums up the calls of one person: for themselves, or for an admin."""

from __future__ import annotations

from datetime import timedelta, tzinfo

from bot.calls.call import Place
from bot.calls.figures import Figures, figures
from bot.calls.reporting import CallReport, ReportRequest, begin_of
from bot.clock import Clock
from bot.storage.calls.counting import CallsOf, Counting
from bot.switchboard.policy import Policy

ALL_SO_FAR = timedelta(days=1)
"""Added to the present time: another process's clock may be ahead."""


class Reports:
    """Reports on people's calls. Raises `UserError` and `StoreUnavailable`."""

    def __init__(
        self, counting: Counting, policy: Policy, clock: Clock, kept_for: timedelta
    ) -> None:
        self._counting = counting
        self._policy = policy
        self._clock = clock
        self._kept_for = kept_for

    async def of(self, place: Place, asked: ReportRequest, zone: tzinfo) -> CallReport:
        """Return a report for whoever is at *place*, whose days are those of *zone*.

        Others' calls are for admins, of their own workspace alone; those that their person
        keeps to themselves are left out.
        """
        is_own = asked.user in ("", place.user)
        if is_own:
            self._policy.check(place)
        else:
            self._policy.check_admin(place)
        now = self._clock.now()
        since = begin_of(asked.period, now, zone)
        user = place.user if is_own else asked.user
        whose = CallsOf((place.enterprise,), place.team, user)
        total = Figures()
        async for page in self._counting.pages(whose, since, now + ALL_SO_FAR):
            shown = [each for each in page if is_own or not each.is_private]
            total += figures(shown, with_private=True)
        return CallReport(
            asked.period,
            "" if is_own else asked.user,
            since,
            total,
            await self._counting.to_call_back(whose, with_private=is_own),
            self._kept_for.days,
            is_whole=now - since <= self._kept_for,
        )
