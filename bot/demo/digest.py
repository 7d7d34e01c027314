"""Posts a digest of the demo's calls at once, as the bot would when one is due."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

from bot.calls.digest_plan import DigestPlan
from bot.clock import RealClock
from bot.reports.digests import CALLS_STORED_WITHIN, Digests
from bot.sandbox.slack.double import SlackDouble
from bot.slack.posting import web
from bot.slack.posting.marks import Marks
from bot.slack.posting.spaces import OneSpace
from bot.storage.calls.counting import Counting
from bot.storage.calls.store import Store
from bot.storage.missed.counting import MissedCounting
from bot.storage.reports.digests import DigestRows

DIGEST_SPAN = timedelta(days=1)
"""How far back its calls go."""


class _Ahead(RealClock):
    """Later by the time for which a digest waits, so that none waits here."""

    def now(self) -> datetime:
        return super().now() + CALLS_STORED_WITHIN


async def post_digest(database_url: str, slack: SlackDouble, channel: str) -> None:
    """Post in *channel* the sums of the last day's calls, by the bot's own code.

    As where the operator has set a digest for this moment of every day.
    """
    due = datetime.now().astimezone()
    zone = timezone(due.utcoffset() or timedelta(0))
    plan = DigestPlan(channel, due.time(), zone, by_person=True)
    store = Store(database_url)
    try:
        await store.open()
        rows, space = DigestRows(store.writer), ("", slack.workspace.team)
        await rows.begin(plan.id, space, due - DIGEST_SPAN, due)
        async with web.session() as session:
            spaces = OneSpace(web.client(slack.bot_token, slack.api_url, session))
            clock = _Ahead()

            async def space_of(_workspace: str) -> tuple[str, str]:
                return space

            digests = Digests(
                [plan],
                rows,
                Counting(store.writer),
                Marks(spaces, clock),
                clock,
                space_of=space_of,
                missed=MissedCounting(store.writer).of,
            )
            await digests.post_due()
    finally:
        store.close()
