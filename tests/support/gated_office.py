"""One person with a phone, and each way by which they may call one number."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

from bot.accounts.callers import Caller
from bot.calls.call import Place
from bot.calls.numbers.phone import PhoneNumber
from bot.calls.people.person import Preferences
from bot.calls.people.phones import Phone
from bot.calls.workflow_step import WorkflowStep
from bot.errors import UserError
from bot.missed.deeds import MissedDeeds
from bot.policy.wish import Fact, FactsNeeded, Wish
from bot.slack.entrances.seals import Seals
from bot.slack.texts.contact import NO_CONTACT
from bot.steps.steps import Steps
from bot.storage.calls.store import Store
from bot.storage.missed.cards import MissedCards
from bot.switchboard.calls import Switchboard
from bot.switchboard.policy import Policy
from fakes import FakeClock
from intents import ANN, CALLEE, NOON

SEALS = Seals("a secret")
MOBILE = Phone(PhoneNumber("+16505550101"), "Mobile", "Mobile", rings=True)
STEP = WorkflowStep.begun("Fx1", ANN, NOON)


class KnownFacts:
    """What Slack says of every wish; `asked` is what it was asked about."""

    def __init__(self, **says: Any) -> None:
        self.says = {Fact.GUEST: False, Fact.SHARED: False, Fact.ZONE: ""} | says
        self.asked: list[frozenset[Fact]] = []
        self.silent: UserError | None = None

    async def learned(self, needed: FactsNeeded) -> Wish:
        """Answer what is not known, and no more."""
        self.asked.append(needed.facts)
        if self.silent is not None:
            raise self.silent
        found: dict[str, Any] = {each: self.says[each] for each in needed.facts}
        return replace(needed.wish, **found)


class Office:
    """One person with a phone, and each way by which they may call one number."""

    def __init__(
        self, store: Store, policy: Policy, facts: KnownFacts | None = None
    ) -> None:
        self.store = store
        self.rung: list[str] = []
        anything: Any = self
        nothing: Any = SimpleNamespace()
        self.office_clock = clock = FakeClock(NOON)
        self.switchboard = Switchboard(
            store=store,
            accounts=anything,
            policy=policy,
            history=nothing,
            names=nothing,
            facts=facts or KnownFacts(),
            clock=clock,
            me="me",
            begin=lambda call: self.rung.append(call.id),
            changed=lambda _: None,
            closing=asyncio.Event(),
        )
        missed = MissedDeeds(
            MissedCards(store.writer),
            self.switchboard,
            Policy(),
            clock,
            changed=lambda: None,
        )
        self.steps = Steps(
            *(anything, nothing, self.switchboard, nothing, nothing, clock, nothing),
            admit=nothing,
            presence=anything,
        )
        self.services: Any = SimpleNamespace(
            switchboard=self.switchboard,
            seals=SEALS,
            contact=NO_CONTACT,
            missed=missed,
            steps=self.steps,
            own_account=SimpleNamespace(myself=self._myself),
            reminders=SimpleNamespace(where=self._where),
        )

    async def of(self, _person: object) -> Caller:
        """Return the person's account and phones."""
        return Caller("", "", (MOBILE,), Preferences())

    async def get(self, _step: str) -> WorkflowStep:
        """Return the step that asks."""
        return STEP

    async def change(self, *_: object) -> bool:
        """Let each press be the first."""
        return True

    async def check(self, _place: Place, _note: object) -> None:
        """Say that the person is in the channel."""

    async def _myself(self, _place: Place) -> str:
        return CALLEE.e164

    async def _where(self, place: Place, _call: str) -> Place:
        return place
