"""Processes that post digests, with Slack's double and a clock that a test moves."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from slack_sdk.web.async_client import AsyncWebClient
from sqlalchemy import insert

from bot.calls.call import End, State
from bot.calls.digest_plan import DigestPlan
from bot.calls.log.ending import Ending
from bot.calls.log.outcome import Outcome, Side
from bot.reports.digests import CALLS_STORED_WITHIN, CountsMissed, Digests, Space
from bot.sandbox.slack.double import SlackDouble
from bot.sandbox.slack.messages import Message
from bot.slack.posting.marks import Marks
from bot.slack.posting.spaces import OneSpace
from bot.storage.calls.counting import Counting
from bot.storage.calls.store import Store
from bot.storage.calls.tables import calls, to_row
from bot.storage.reports.digests import DigestRows
from fakes import FakeClock
from intents import NOON, a_call

BERLIN = ZoneInfo("Europe/Berlin")
DAILY = DigestPlan("C0SALES", time(14), BERLIN)
"""Due an hour after the tests begin."""
DAY = timedelta(days=1)
ANSWERED = Outcome(Side(Ending.ANSWERED), Side(Ending.ANSWERED), timedelta(minutes=2))
BUSY = Outcome(Side(Ending.ANSWERED), Side(Ending.BUSY))
DUE = NOON + timedelta(hours=1)
BEGUN = DUE + CALLS_STORED_WITHIN


class Killed(BaseException):
    """The process was killed here."""


async def killed(*_: object, **__: object) -> None:
    """Die."""
    raise Killed


class Asked(OneSpace):
    """One workspace's client that notes for whom it was asked."""

    def __init__(self, client: AsyncWebClient) -> None:
        super().__init__(client)
        self.spaces: list[Space] = []

    async def client(self, enterprise: str, team: str) -> AsyncWebClient:
        """Return the client."""
        self.spaces.append((enterprise, team))
        return await super().client(enterprise, team)


@dataclass
class Office:
    """Processes that post digests, with Slack's double and a clock that a test moves."""

    slack: SlackDouble
    store: Store
    spaces: Asked
    clock: FakeClock = field(default_factory=FakeClock)
    served: dict[str, Space] = field(default_factory=lambda: {"": ("", "T1")})
    count: int = 0

    def process(
        self, *plans: DigestPlan, missed: CountsMissed | None = None
    ) -> Digests:
        """Return a new process."""
        return Digests(
            plans or (DAILY,),
            DigestRows(self.store.writer),
            Counting(self.store.writer, page=2),
            Marks(self.spaces, self.clock),
            self.clock,
            space_of=self.space_of,
            missed=missed,
        )

    async def space_of(self, workspace: str) -> Space | None:
        """Return a workspace that the bot serves."""
        return self.served.get(workspace)

    async def called(self, **changes: Any) -> None:
        """Store a call that is over, of just now."""
        self.count += 1
        values = {
            "id": f"c{self.count}",
            "key": f"t{self.count}",
            "asked_at": self.clock.now(),
            "state": State.DONE,
            "end": End.RECORDED,
            "outcome": ANSWERED,
        }
        row = to_row(a_call(**values | changes))
        await self.store.writer.run(lambda c: c.execute(insert(calls), [row]))

    async def at(self, moment: datetime, *processes: Digests) -> None:
        """Let time pass until then, and have what is due posted."""
        self.clock.pass_by((moment - self.clock.now()).total_seconds())
        for each in processes:
            await each.post_due()

    def told(self, channel: str = "sales") -> list[Message]:
        """Return the digests in a channel."""
        return self.slack.messages(channel)
