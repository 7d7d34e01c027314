"""Whatever Slack sends through Bolt itself: an answer in time, no accident, no call.

Payloads of every kind, with parts missing, of another type, or not JSON at all, are
signed and sent to the real bot, on both kinds of database. RingCentral's double counts
what was dialed: once for each number that a command or a button asked for, and nothing
else.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import logging
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import AsyncExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from bot.slack.texts.account import TEST_CALL_BUTTON
from bot.slack.texts.card_buttons import CALL_AGAIN_BUTTON
from bot.storage.calls.store import Store
from bot.vault import new_key
from slack_payloads import (
    CALL,
    NUMBER,
    Json,
    asked,
    command,
    encoded,
    payloads,
    pressed,
)
from town import Town, a_town

PATIENCE = 3.0
"""Seconds in which Slack wants an answer."""

ANSWERS = {200, 400, 404}
"""400 to what is no payload of Slack's; Bolt answers 404 to what nobody listens to."""


@dataclass
class Sender:
    """Sends payloads to one bot, and knows what they have asked for."""

    town: Town
    errors: list[str] = field(default_factory=list)
    may_ring: set[str] = field(default_factory=set)
    asks: Counter[str] = field(default_factory=Counter)
    _numbers: Iterator[int] = field(default_factory=lambda: itertools.count(3300000))

    async def send(self, payload: Json, how: str) -> None:
        """Send it; hold the answer against what Slack wants."""
        number = f"+1415{next(self._numbers)}"
        text = json.dumps(payload).replace(NUMBER, number)
        whole = json.loads(text.replace(CALL, self._newest()))
        kind, value = asked(whole)
        self.asks[kind] += 1
        if number in value:
            self.may_ring.add(number)
        begun = time.monotonic()
        status = await self.post(*encoded(whole, how))

        assert status in ANSWERS, (status, text[:2000])
        assert time.monotonic() - begun < PATIENCE
        await asyncio.sleep(0.005)  # what was left for after the ack begins
        assert self.errors == []

    async def post(self, body: str, kind: str) -> int:
        """Send a body with Slack's signature; return the answer's status."""
        deliveries = self.town.slack.deliveries
        assert deliveries.session is not None
        headers = deliveries.signed(body) | {"Content-Type": kind}
        async with deliveries.session.post(
            deliveries.request_url, data=body.encode(), headers=headers
        ) as response:
            return response.status

    def check(self) -> None:
        """Hold what was dialed against what was asked for."""
        rung = Counter(str(call.callee) for call in self.town.ringcentral.calls)
        again = self.asks[CALL_AGAIN_BUTTON]
        strange = {each for each in rung if each not in self.may_ring}

        assert sum(rung[each] for each in strange) <= self.asks[TEST_CALL_BUTTON], (
            strange
        )
        assert (
            sum(rung.values())
            <= len(self.may_ring) + again + self.asks[TEST_CALL_BUTTON]
        )
        assert self.town.posts == len(self.town.ringcentral.calls)

    def _newest(self) -> str:
        for card in reversed(self.town.cards()):
            if card.metadata is not None:
                return str(card.metadata["event_payload"]["call"])
        return ""


class Alarm(logging.Handler):
    """Notes what is logged as somebody's fault here."""

    def __init__(self, errors: list[str]) -> None:
        super().__init__(logging.ERROR)
        self._errors = errors

    def emit(self, record: logging.LogRecord) -> None:
        """Note the record, its traceback included."""
        self._errors.append(logging.Formatter().format(record))


@contextmanager
def a_sender(folder: Path, url: str) -> Iterator[tuple[Sender, asyncio.Runner]]:
    """Start a bot with signed HTTP; record every error that it logs."""
    with asyncio.Runner() as runner:
        entered = AsyncExitStack()

        async def open_() -> Sender:
            town = await entered.enter_async_context(a_town(folder))
            await town.open(
                DATABASE_URL=url,
                SLACK_APP_TOKEN="",
                PORT="0",
                SLACK_SIGNING_SECRET=town.slack.signing_secret,
                RINGOUT_SECRET_KEY=new_key(),
                RINGOUT_CALLS_PER_MINUTE="10000",
            )
            return Sender(town)

        if url.startswith("postgresql"):
            store = Store(url)
            runner.run(store.migrate())
            store.close()
        sender = runner.run(open_())
        alarm = Alarm(sender.errors)
        logging.getLogger().addHandler(alarm)
        runner.get_loop().set_exception_handler(
            lambda _, context: sender.errors.append(str(context))
        )
        try:
            yield sender, runner
        finally:
            runner.run(entered.aclose())
            logging.getLogger().removeHandler(alarm)
        assert sender.errors == []


def test_any_payload_is_answered_and_nothing_is_dialed_by_accident(
    tmp_path: Path, database_url: str
) -> None:
    """Nobody has to write our code to break it: a field that Slack leaves out will do.

    What a field breaks is broken on either database, so the second one sees fewer.
    """
    most = settings().max_examples
    if database_url.startswith("postgresql"):
        most = max(most // 5, 1)
    with a_sender(tmp_path, database_url) as (sender, runner):

        @settings(max_examples=most, suppress_health_check=[HealthCheck.too_slow])
        @given(payloads(), st.sampled_from(["form", "payload", "json"]))
        @example(command("/ringout", NUMBER), "form")
        @example(pressed(CALL_AGAIN_BUTTON, CALL), "payload")
        def one(payload: Json, how: str) -> None:
            runner.run(sender.send(payload, how))

        one()
        runner.run(sender.town.finished())
        sender.check()
        assert sender.town.posts
