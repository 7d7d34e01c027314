"""Posts digests in channels when they are due: each once, whichever process, whatever dies.

After an outage one digest comes, late, and covers all that time.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from functools import partial

from bot.calls.call import Place
from bot.calls.digest import Digest, DigestSums, MissedSums, days_of, people_of
from bot.calls.digest_plan import DigestPlan, last_due, next_due
from bot.calls.reminding import SAYS_LATE_AFTER
from bot.clock import Clock
from bot.errors import ChatBusy, ChatError, ChatRefused, ChatUnknown
from bot.rounds import Rounds, work_if_due
from bot.slack.entrances.adapter import UNKNOWN_BLOCK
from bot.slack.entrances.unknown_blocks import UnknownBlocks
from bot.slack.posting.marks import Mark, Marks
from bot.slack.posting.spaces import NOT_INSTALLED
from bot.slack.texts import digest as texts
from bot.slack.texts.text import Message
from bot.storage.calls.counting import CallsOf, Counting
from bot.storage.reports.digests import DigestRows, LeasedDigest

log = logging.getLogger(__name__)

LOOK_AT_DIGESTS_WITHIN = 60.0
"""Seconds until a digest is seen that a process has left which has died."""

DIGEST_WITHIN = 60.0
"""Seconds to count and post a digest: less than its lease."""

CALLS_STORED_WITHIN = timedelta(seconds=5)
"""How long after it is due a digest is begun: a call of its last moment may be stored only
now, and the next digest begins where this one ends."""

DIGEST_AGAIN = timedelta(seconds=20)
"""Retry delay where Slack surely posted nothing: it refused, or was not reached."""

DIGEST_AFTER_TOKEN = timedelta(minutes=5)
"""After Slack refused the workspace's token, or the app is not installed there."""

CountsMissed = Callable[[CallsOf, datetime, datetime], Awaitable[MissedSums]]

Space = tuple[str, str]
"""An organization's id and a workspace's, as in a `Place`; either may be empty."""


class Digests:
    """The digests that the operator has set.

    *space_of* finds a workspace by its id, or the bot's one by an empty text; None if the
    bot does not serve it. It raises `ChatBusy` while that is not known. *missed* counts what
    channels were told of missed calls; None if they are told nothing.
    """

    def __init__(
        self,
        plans: Sequence[DigestPlan],
        rows: DigestRows,
        counting: Counting,
        marks: Marks,
        clock: Clock,
        *,
        space_of: Callable[[str], Awaitable[Space | None]],
        missed: CountsMissed | None = None,
    ) -> None:
        self._plans = {each.id: each for each in plans}
        self._rows = rows
        self._counting = counting
        self._marks = marks
        self._clock = clock
        self._space_of = space_of
        self._missed = missed
        self._unknown = UnknownBlocks()

    async def run(self) -> None:
        """Post digests when they are due, forever."""
        await Rounds("posting digests").run(self.post_due)

    async def post_due(self) -> float:
        """Post what is due; return the seconds until the next look."""
        await self._begin()
        return await work_if_due(
            partial(self._rows.first_due, self._plans),
            self._settle_due,
            self._clock,
            LOOK_AT_DIGESTS_WITHIN,
        )

    async def _begin(self) -> None:
        """Store the digests that are new; the first one comes when it is next due."""
        known = await self._rows.known(self._plans)
        for name, plan in self._plans.items():
            if name in known:
                continue
            space = None
            with contextlib.suppress(ChatBusy):
                space = await self._space_of(plan.workspace)
            if space is not None:
                now = self._clock.now()
                await self._rows.begin(
                    name, space, last_due(plan, now), _timer(plan, now)
                )

    async def _settle_due(self, now: datetime) -> None:
        """Post what is due; what fails for one channel holds up no other."""
        due = await self._rows.lease_due(self._plans, now)
        works = (self._settle(self._plans[each.id], each) for each in due)
        for done in await asyncio.gather(*works, return_exceptions=True):
            if isinstance(done, BaseException):
                raise done

    async def _settle(self, plan: DigestPlan, leased: LeasedDigest) -> None:
        """Post a digest that this process has leased, or see to it later."""
        before = self._clock.monotonic() + DIGEST_WITHIN
        tried = leased.tried_for
        try:
            place = await self._place_of(plan)
            if tried is not None and await self._is_there(plan, place, tried):
                await self._rows.posted(leased, tried, _timer(plan, tried))
                return
            tried = None
            await self._post(plan, leased, place, before)
        except ChatUnknown:
            return  # it may be there: looked for once its lease is over
        except ChatError as error:
            await self._rows.later(leased, self._again_at(plan, error), tried)

    async def _post(
        self, plan: DigestPlan, leased: LeasedDigest, place: Place, before: float
    ) -> None:
        now = self._clock.now()
        due_at = last_due(plan, now - CALLS_STORED_WITHIN)
        if due_at <= leased.told_until:  # the clock was set back
            await self._rows.later(leased, _timer(plan, now), None)
            return
        if not await self._rows.will_post(leased, due_at):
            return
        digest = await self._counted(plan, place, leased.told_until, due_at)
        message = texts.digest(digest, is_weekly=plan.weekday is not None)
        await self._send(place, message, _mark(plan, due_at), before)
        await self._rows.posted(leased, due_at, _timer(plan, due_at))
        log.info("digest: posted in channel %s", plan.channel)

    async def _counted(
        self, plan: DigestPlan, place: Place, since: datetime, due_at: datetime
    ) -> Digest:
        whose = _calls_of(place)
        missed = self._missed and await self._missed(whose, since, due_at)
        sums = DigestSums()
        async for page in self._counting.pages(whose, since, due_at):
            sums = sums.with_page(page, plan.zone)
        return Digest(
            since,
            due_at,
            sums.total,
            people_of(sums) if plan.by_person else (),
            days_of(sums, since, due_at, plan.zone),
            await self._counting.to_call_back(whose, with_private=False),
            missed,
            is_late=self._clock.now() - due_at > SAYS_LATE_AFTER,
        )

    async def _send(
        self, place: Place, message: Message, mark: Mark, before: float
    ) -> None:
        """Post *message*, in a plainer form if the workspace does not know a block."""
        space = place.person.space
        bodies = self._unknown.without(space, message.bodies())
        for at, body in enumerate(bodies):
            form = Message(message.text, tuple(body.get("blocks", ())))
            try:
                await self._marks.post(place, place.channel, form, mark, before=before)
            except ChatRefused as error:
                if error.error != UNKNOWN_BLOCK or body is bodies[-1]:
                    raise
            else:
                self._unknown.learn(space, bodies[:at], body)
                return

    async def _is_there(
        self, plan: DigestPlan, place: Place, tried_for: datetime
    ) -> bool:
        """Return whether a digest was posted by whoever had it before."""
        mark = _mark(plan, tried_for)
        try:
            found = await self._marks.find(place, plan.channel, mark, since=tried_for)
        except ChatUnknown:
            # A channel with too many messages would hold up all later digests.
            if last_due(plan, self._clock.now()) == tried_for:
                raise
            return False
        return found is not None

    async def _place_of(self, plan: DigestPlan) -> Place:
        space = await self._space_of(plan.workspace)
        if space is None:
            raise ChatRefused(NOT_INSTALLED)
        return Place(space[1], plan.channel, "", space[0])

    def _again_at(self, plan: DigestPlan, error: ChatError) -> datetime:
        """Return when to try again; what Slack refuses is left to the next digest."""
        now = self._clock.now()
        if isinstance(error, ChatBusy):
            return now + max(timedelta(seconds=error.retry_after), DIGEST_AGAIN)
        if isinstance(error, ChatRefused):
            if error.is_operators or error.error == NOT_INSTALLED:
                return now + DIGEST_AFTER_TOKEN
            log.warning(
                "digest: Slack takes none in channel %s: %s", plan.channel, error.error
            )
        return _timer(plan, now)


def _timer(plan: DigestPlan, after: datetime) -> datetime:
    """Return when the first digest that is due after a time is begun."""
    return next_due(plan, after) + CALLS_STORED_WITHIN


def _calls_of(place: Place) -> CallsOf:
    """Return whose calls are counted: a workspace's, also from before it joined one."""
    if not place.team:
        return CallsOf((place.enterprise,), "")
    return CallsOf(tuple({place.enterprise, ""}), place.team)


def _mark(plan: DigestPlan, due_at: datetime) -> Mark:
    return Mark("ringout_digest", "digest", f"{plan.id} {int(due_at.timestamp())}")
