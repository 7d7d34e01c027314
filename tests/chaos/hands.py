"""What people type and press in a storm, and when, how often Slack brings it."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field

from bot.sandbox.slack.delivery import Ack
from bot.sandbox.slack.messages import Message
from bot.sandbox.slack.payloads import Delivery, action_of
from sight import tail
from town import Town

ANN, SALES = "ann", "sales"
CANCEL, AGAIN = "cancel_call", "call_again"
SOONEST = 5.0
"""Seconds; Slack tells a person after three that the app did not answer."""

LOOK_EVERY = 0.1
LATE, TWICE = 0.05, 0.15
"""The shares of deliveries whose first comes late, and that come a second time."""

CANCELS, AGAINS = 0.12, 0.12
"""The shares of cards on which each button is pressed."""


@dataclass
class Hands:
    """One person who types, and presses buttons of cards; all of it by one seed.

    Attributes:
        late: Seconds that a delivery is late at most.
        accepted: The numbers of commands whose ack promised a call.
        again: The numbers on whose card ``Call again`` was pressed: once each.
        cancelled: The same of ``Cancel``.
    """

    town: Town
    seed: int
    late: float
    numbers: list[str]
    counts: Counter[str]
    accepted: set[str] = field(default_factory=set)
    again: set[str] = field(default_factory=set)
    cancelled: set[str] = field(default_factory=set)
    _under_way: list[asyncio.Task[None]] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Decide at once which cards' buttons are pressed."""
        self._random = random.Random(f"hands {self.seed}")
        self._wishes = {
            action: {
                number[-4:]: number
                for number in self.numbers
                if self._random.random() < share
            }
            for action, share in ((CANCEL, CANCELS), (AGAIN, AGAINS))
        }

    def type(self, number: str) -> None:
        """Type a command; Slack brings it as it likes."""
        person = self.town.slack.workspace.user(ANN)
        channel = self.town.slack.channel(SALES)
        delivery = self.town.slack.deliveries.command(
            person, channel, "/ringout", number, None
        )
        self._hand_in(delivery, number)

    async def press(self) -> None:
        """Press buttons of cards as they appear, until cancelled."""
        while True:
            await asyncio.sleep(LOOK_EVERY)
            for card in self.town.slack.messages(SALES):
                digits = tail(card)
                for action, wishes in self._wishes.items():
                    if digits in wishes and action in str(card.blocks):
                        self._pressed(card, action, wishes.pop(digits))

    async def settle(self) -> None:
        """Wait until everything was brought, the latest repetition too."""
        while self._under_way:
            under_way, self._under_way = self._under_way, []
            await asyncio.gather(*under_way)

    def _pressed(self, card: Message, action: str, number: str) -> None:
        person = self.town.slack.workspace.user(ANN)
        used = action_of(card.blocks, action)
        delivery = self.town.slack.space.payloads.click(person, card, used, None)
        pressed = self.cancelled if action == CANCEL else self.again
        pressed.add(number)
        self.counts["Cancel" if action == CANCEL else "Call again"] += 1
        self._hand_in(delivery)

    def _hand_in(self, delivery: Delivery, number: str = "") -> None:
        """Have Slack bring it: at once or late, and perhaps again, at once or later."""
        first = 0.0
        if self._random.random() < LATE:
            self.counts["envelope late"] += 1
            first = self._random.uniform(SOONEST, self.late)
        pauses = [first]
        if self._random.random() < TWICE:
            later = self._random.uniform(SOONEST, self.late)
            pauses.append(first + self._random.choice((0.0, 0.5, 3.0, later)))
            self.counts["envelope again"] += 1
        for retry, pause in enumerate(pauses):
            bringing = self._bring(delivery, number, pause, retry or None)
            self._under_way.append(asyncio.create_task(bringing))

    async def _bring(
        self, delivery: Delivery, number: str, pause: float, retry: int | None
    ) -> None:
        await asyncio.sleep(pause)
        with suppress(Exception):  # nobody is there to take it: the person sees so
            ack: Ack = await self.town.slack.deliveries.bring(delivery, retry=retry)
            if number and ack.ok and ack.text.startswith("Ringing"):
                self.accepted.add(number)
