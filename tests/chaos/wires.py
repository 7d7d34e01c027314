"""Faults of Slack's and RingCentral's answers, chosen by a seeded random source."""

from __future__ import annotations

import asyncio
import random
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from bot.sandbox.ringcentral import faults as ringcentral_faults
from bot.sandbox.ringcentral.faults import Fault
from bot.sandbox.slack import faults as slack_faults
from bot.sandbox.slack.faults import SlackFault
from town import Town

SLACK_METHODS = (
    "chat.postMessage",
    "chat.update",
    "conversations.history",
    "conversations.replies",
    "chat.postMessage",
    "chat.update",
    "response_url",
    "chat.postEphemeral",
    "auth.test",
    "apps.connections.open",
)
STARTING = {"auth.test", "apps.connections.open"}
"""Methods that only a starting process calls.

Their faults wait for the next start. Five of them at a time kept a process from ever
becoming ready (seed 801), and so did one after another of single ones (seed 705): the next
is put in once the last has been met.
"""

SLACK_KINDS = (
    "reset",
    "hang",
    "status",
    "ratelimited",
    "slow",
    "garbage",
    "garbage",
    "drip",
)
ABSURD_WAITS = ("0", "-1", "nan", "soon", "²", "")
"""What Slack's ``Retry-After`` says that a bot can't wait for; it waits for a second."""

PATHS = (
    ("POST", "/ring-out"),
    ("GET", "/ring-out/"),
    ("GET", "/call-log"),
    ("POST", "/oauth/token"),
    ("DELETE", "/ring-out/"),
)
KINDS = ("reset", "hang", "status", "garbage", "slow", "limited", "drip", "absurd")
EVENT_FAULTS = ("lost", "doubled", "late", "held", "cut")
"""What goes wrong with pushed events; those that are held come later, the newest first."""

DRIP_EVERY = 4.0
"""Seconds between two bytes of an answer: less than the longest silence that is borne."""

EVERY_KIND = (
    *(f"Slack {kind}" for kind in dict.fromkeys(SLACK_KINDS)),
    *(f"RingCentral {kind}" for kind in KINDS),
)
MET_WITHIN = 60.0
"""Seconds until each kind of fault must have met a request, once the last was put in;
and as long again once no process is killed any more."""

CALL_EVERY = 3.0
"""Seconds from one of the calls that are begun meanwhile to the next."""


@dataclass
class Wire:
    """Puts faults into the doubles, and counts the requests that meet them."""

    town: Town
    random: random.Random
    faults: Counter[str]
    put_in: list[tuple[str, Fault | SlackFault]] = field(default_factory=list)
    at_start: SlackFault | None = None
    """The last fault of a method in `STARTING`."""

    def met(self) -> Counter[str]:
        """Return how many requests each kind of fault has met, also if none has."""
        met = Counter(dict.fromkeys(EVERY_KIND, 0))
        for name, fault in self.put_in:
            met[name] += fault.hits
        return met

    def unmet(self) -> list[str]:
        """Return the kinds of faults that no request has met."""
        return [name for name, hits in self.met().items() if not hits]

    async def meet_all(
        self, call: Callable[[], None], spare: Callable[[], None]
    ) -> None:
        """Break the next answer of all by each kind that none has met yet, and wait.

        *call* is called every few seconds meanwhile and starts one more call: once all
        calls have ended, nobody would ask RingCentral anything. If that is not enough,
        *spare* is called to let the processes live, and the wait begins anew: who is
        killed while they sign in leaves the others without a token for 25 s, and three
        such kills in a row filled the whole wait (seed 402).
        """
        for name in self.unmet():
            party, _, kind = name.partition(" ")
            if party == "Slack":
                self._slack(kind, "", times=1, where=_is_of_a_call)
            else:
                self._ringcentral(kind, "", "", times=1)
        await self._met(call)
        if self.unmet():
            spare()
            await self._met(call)

    async def _met(self, call: Callable[[], None]) -> None:
        end = time.monotonic() + MET_WITHIN
        next_call = time.monotonic()
        while self.unmet() and time.monotonic() < end:
            if time.monotonic() >= next_call:
                call()
                next_call += CALL_EVERY
            await asyncio.sleep(0.1)

    async def events(self) -> None:
        """Break how events are pushed, from now until the next time."""
        events = self.town.ringcentral.push.events
        kind = self.random.choice(EVENT_FAULTS)
        self.faults[f"events {kind}"] += 1
        self.quiet_events()
        match kind:
            case "lost":
                share, dice = self.random.choice((0.3, 1.0)), random.Random(1)
                events.lose = lambda _: dice.random() < share
            case "doubled":
                events.copies = 3
            case "late":
                events.late = self.random.uniform(0.1, 3.0)
            case "held":
                events.held = []
            case "cut":
                await self.town.ringcentral.push.gateway.cut()

    def quiet_events(self) -> None:
        """Push events as they come again; those that were held, the newest first."""
        events = self.town.ringcentral.push.events
        events.lose, events.copies, events.late = (lambda _: False), 1, 0.0
        if events.held is not None:
            events.release(newest_first=True)

    def slack(self) -> None:
        """Break some of Slack's next answers."""
        kind, method = (
            self.random.choice(SLACK_KINDS),
            self.random.choice(SLACK_METHODS),
        )
        times = self.random.randint(1, 5)
        if method not in STARTING:
            self._slack(kind, method, times)
        elif self.at_start is None or self.at_start.hits:
            self.at_start = self._slack(kind, method, times=1)

    def _slack(
        self,
        kind: str,
        method: str,
        times: int,
        where: Callable[[Mapping[str, Any]], bool] | None = None,
    ) -> SlackFault:
        garbage = self.random.choice(list(slack_faults.GARBAGE.values()))
        before = self.random.random() < 0.5
        fault = self.town.slack.faults.add(
            kind,  # type: ignore[arg-type]  # one of the words above
            method,
            before_effect=before,
            times=times,
            where=where,
            seconds=DRIP_EVERY if kind == "drip" else self.random.choice((1.0, 12.0)),
            retry_after=self.random.choice((1, *ABSURD_WAITS)),
            body=garbage[0],
            content_type=garbage[1],
        )
        self._put_in(f"Slack {kind}", fault)
        return fault

    def ringcentral(self) -> None:
        """Break some of RingCentral's next answers."""
        kind = self.random.choice(KINDS)
        self._ringcentral(kind, *self.random.choice(PATHS), self.random.randint(1, 3))

    def _ringcentral(self, kind: str, method: str, path: str, times: int) -> None:
        garbage = self.random.choice(list(ringcentral_faults.GARBAGE.values()))
        fault = self.town.ringcentral.faults.add(
            kind,  # type: ignore[arg-type]  # one of the words above
            method=method,
            path_contains=path,
            before_effect=self.random.random() < 0.5,
            times=times,
            seconds=DRIP_EVERY if kind == "drip" else self.random.choice((1.0, 11.0)),
            headers=self.random.choice(list(ringcentral_faults.ABSURD.values())),
            body=garbage,
        )
        self._put_in(f"RingCentral {kind}", fault)

    def _put_in(self, name: str, fault: Fault | SlackFault) -> None:
        self.faults[name] += 1
        self.put_in.append((name, fault))


def _is_of_a_call(args: Mapping[str, Any]) -> bool:
    """Whether a request to Slack is about a call: a starting process has enough to meet."""
    return "channel" in args
