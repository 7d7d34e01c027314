"""Reminders alone: Slack's double, a clock that tests move, and a door."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from sqlalchemy import func, select

from bolt_bot import a_slack
from bot.after.remarks import Remarks
from bot.after.reminders import Reminders
from bot.calls.aftermath import Aftermath, Dispositions, Remark
from bot.calls.call import Call, End, Place, State
from bot.calls.people.person import Person
from bot.errors import BotError
from bot.sandbox.slack.double import SlackDouble
from bot.sandbox.slack.messages import Message
from bot.slack.posting import web
from bot.slack.posting.marks import Marks
from bot.slack.posting.spaces import OneSpace
from bot.storage.after.reminders import ReminderRows
from bot.storage.after.tables import reminders as table
from bot.storage.calls.store import Store
from bot.switchboard.policy import Policy
from fakes import FakeClock
from intents import a_call, add_call

ON = Dispositions(("Spoke",), by_channel=True)
KEPT = timedelta(days=90)


@dataclass
class Door:
    """Lets everybody in, unless a test has set a refusal; notes whose Home has changed."""

    homes: list[Person] = field(default_factory=list)
    refusal: BotError | None = None

    async def admit(self, _place: Place) -> None:
        """Raise the refusal, if there is one."""
        if self.refusal is not None:
            raise self.refusal


@dataclass
class Alarm:
    """One bot's reminders, with Slack's double and a clock that a test moves."""

    slack: SlackDouble
    store: Store
    clock: FakeClock
    marks: Marks
    reminders: Reminders
    door: Door

    def place(self, name: str = "ann", channel: str = "sales") -> Place:
        """Return where somebody presses a button."""
        here = self.slack.workspace
        where = self.slack.channel(channel).id
        return Place(here.team, where, here.user(name).id)

    async def over(self, **changes: Any) -> Call:
        """Store Ann's call, which is over."""
        note = Aftermath(note=Remark("Ask for <Bo>", "U9", self.clock.now()))
        place = self.place()
        values = {
            "place": place,
            "asked_at": self.clock.now(),
            "state": State.DONE,
            "end": End.UNCONFIRMED,
            "card_channel": place.channel,
            "card_ts": "1.1",
            "aftermath": note,
        }
        call = a_call(**values | changes)
        await add_call(self.store, call, most=99, again=True)
        return call

    async def set(self, name: str = "ann", key: str = "V1", **wait: float) -> None:
        """Have somebody set a reminder of the call."""
        at = self.clock.now() + timedelta(**(wait or {"minutes": 15}))
        await self.reminders.remind(key, self.place(name), "c1", at)

    async def later(self, **wait: float) -> None:
        """Let time pass, and post what is due then."""
        self.clock.pass_by(timedelta(**wait).total_seconds())
        await self.reminders.post_due()

    def told(self, name: str = "ann") -> list[Message]:
        """Return the reminders that somebody got."""
        return self.slack.dm(name)

    async def count(self) -> int:
        """Count the reminders that are stored."""
        query = select(func.count()).select_from(table)
        return await self.store.writer.run(lambda c: c.scalar(query) or 0)


@asynccontextmanager
async def an_alarm(store: Store) -> AsyncIterator[Alarm]:
    """Run one bot's reminders."""
    async with a_slack() as slack, web.session() as session:
        clock, door = FakeClock(), Door()
        spaces = OneSpace(web.client(slack.bot_token, slack.api_url, session))
        reminders = Reminders(
            ReminderRows(store.writer, store.unreadable),
            Remarks(store, Policy(), ON, clock),
            store.get,
            Marks(spaces, clock),
            clock,
            ON,
            admit=door.admit,
            changed=door.homes.append,
            full=False,
            kept_for=KEPT,
        )
        yield Alarm(slack, store, clock, reminders._marks, reminders, door)
