"""What people type and press in a storm, and when and how often Slack delivers it."""

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
"""Seconds; then Slack tells a person that the app did not answer."""

LOOK_EVERY = 0.1
LATE, TWICE = 0.05, 0.15
"""The shares of deliveries that come late, and that come twice."""

CANCELS, AGAINS = 0.12, 0.12
"""The shares of cards on which people press each button."""


@dataclass
class Hands:
    """One person who types commands and presses buttons, determined by one seed.

    Attributes:
        late: The most seconds that a delivery may be late.
        accepted: The numbers of commands whose ack promised a call.
        again: The numbers on whose card ``Call again`` was pressed, once each.
        canceled: The numbers on whose card ``Cancel`` was pressed.
    """

    town: Town
    seed: int
    late: float
    numbers: list[str]
    counts: Counter[str]
    accepted: set[str] = field(default_factory=set)
    again: set[str] = field(default_factory=set)
    canceled: set[str] = field(default_factory=set)
    _under_way: list[asyncio.Task[None]] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Choose in advance on which cards buttons are pressed."""
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
        """Type a command; Slack delivers it late, or twice."""
        person = self.town.slack.workspace.user(ANN)
        channel = self.town.slack.channel(SALES)
        delivery = self.town.slack.deliveries.command(
            person, channel, "/ringout", number, None
        )
        self._hand_in(delivery, number)

    async def press(self) -> None:
        """Press buttons of cards as they appear, until this task is canceled."""
        while True:
            await asyncio.sleep(LOOK_EVERY)
            for card in self.town.slack.messages(SALES):
                digits = tail(card)
                for action, wishes in self._wishes.items():
                    if digits in wishes and action in str(card.blocks):
                        self._pressed(card, action, wishes.pop(digits))

    async def settle(self) -> None:
        """Wait until everything is delivered, including repetitions."""
        while self._under_way:
            under_way, self._under_way = self._under_way, []
            await asyncio.gather(*under_way)

    def _pressed(self, card: Message, action: str, number: str) -> None:
        person = self.town.slack.workspace.user(ANN)
        used = action_of(card.blocks, action)
        delivery = self.town.slack.space.payloads.click(person, card, used, None)
        pressed = self.canceled if action == CANCEL else self.again
        pressed.add(number)
        self.counts["Cancel" if action == CANCEL else "Call again"] += 1
        self._hand_in(delivery)

    def _hand_in(self, delivery: Delivery, number: str = "") -> None:
        """Have Slack deliver it, now or late, once or twice."""
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
        with suppress(Exception):  # no process took it; Slack shows the person that
            ack: Ack = await self.town.slack.deliveries.bring(delivery, retry=retry)
            if number and ack.ok and ack.text.startswith("Calling you on "):
                self.accepted.add(number)
