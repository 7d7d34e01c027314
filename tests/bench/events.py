"""What pushed events buy: fresher cards, ends that are known at once, fewer requests.

Requests and ends are counted in virtual time, with the real follower, store and rate budget.
A card's delay is measured in real time: the bot as a process, default settings, a webhook's
delivery, Slack's double, five open calls. Beside each figure is the same without events.
"""

from __future__ import annotations

import asyncio
import random
import tempfile
import time
from pathlib import Path

from asking import callee
from bot.ringcentral.purposes import Purpose
from bot.sandbox.ports import free_port
from bot.sandbox.ringcentral.double import RingCentralDouble
from bot.sandbox.ringcentral.life import Side
from bot.sandbox.ringcentral.story import Shape, Story
from bot.sandbox.slack.double import SlackDouble
from process import Process
from simulated import Measured, Planned, Pushes, simulate
from soon import _environment
from table import Figure, of_rounds, percentile
from town import Town
from virtual_time import in_virtual_time

MINUTE, LONG = 60.0, 3600.0
AT_ONCE = 100
NO_HEAVY_LIMIT = {"heavy": 100_000}
"""So that a hundred calls can begin in a minute: RingCentral allows ten. Light's limit stays."""

SIDES = {"without events": None, "with events": Pushes()}
CALLERS_ALONE = {"with the caller's events alone": Pushes(callees=False)}
OPEN_CALLS = 5
SETTLED = 1.5
"""Real seconds between two changes of one call, so that each has an edit of its own."""

RINGS = Story(name="held", about="driven by hand", ring_limit=600.0, log=Shape(after=5))
CHANGES = ((Side.CALLER, "answer"), (Side.CALLEE, "answer"), (Side.CALLEE, "hangup"))


def _played(talks: list[float], pushes: Pushes | None, apart: float = 0.0) -> Measured:
    plans = [Planned(talk, 20.0) for talk in talks]
    limits = NO_HEAVY_LIMIT if len(talks) > 1 else {}
    return in_virtual_time(simulate([plans], pushes=pushes, limits=limits, apart=apart))


async def _simulated(
    talks: list[float], pushes: Pushes | None, apart: float = 0.0
) -> Measured:
    # In a thread: virtual time needs an event loop of its own.
    return await asyncio.to_thread(_played, talks, pushes, apart)


async def _requests(name: str, pushes: Pushes | None, *, aims: bool) -> list[Figure]:
    """Count the Light requests of a call of a minute, and of one of an hour."""
    short = await _simulated([MINUTE - 4], pushes)
    long = await _simulated([LONG], pushes)
    ends = [*short.known, *long.known]
    per_minute = long.asked[0] / (LONG / 60)
    return [
        _figure(
            f"{name}: Light, a call of a minute",
            [float(short.asked[0])],
            "",
            **({"most": 4.0} if aims else {}),
        ),
        _figure(
            f"{name}: Light a minute, a call of an hour",
            [per_minute],
            "",
            **({"most": 2.05} if aims else {}),
        ),
        _figure(
            f"{name}: hang-up to its status known, 1 call",
            ends,
            "s",
            **({"most": 1.0} if aims else {}),
        ),
    ]


async def _hundred(name: str, pushes: Pushes | None, *, aims: bool) -> list[Figure]:
    """Hold a hundred calls of one credential, which begin in one minute."""
    dice = random.Random(1)
    talks = [dice.uniform(180, 900) for _ in range(AT_ONCE)]
    found = await _simulated(talks, pushes, apart=0.6)
    waited = float(sum(each is Purpose.STATUS for each in found.waited))
    known = list(found.known)
    size = f"{name}: {AT_ONCE} calls of one credential"
    return [
        _figure(
            f"{size}: times that Light was waited for",
            [waited],
            "",
            **({"most": 0.0} if aims else {}),
        ),
        _figure(
            f"{size}: hang-up to its status known",
            known,
            "s",
            **({"most": 1.0} if aims else {}),
        ),
        _figure(f"{size}: the same, 95th percentile", [percentile(known, 95)], "s"),
        _figure(f"{size}: Light per call", [sum(found.asked) / AT_ONCE], ""),
        _figure(f"{size}: 429s", [float(found.refused)], "", most=0.0),
    ]


async def delays(*, events: bool) -> list[float]:
    """Return the real seconds from each change of five open calls to its card's edit."""
    slack, double = SlackDouble(), RingCentralDouble()
    double.play(RINGS)
    if events:
        double.push.permit()
    with tempfile.TemporaryDirectory() as folder:
        async with slack, double:
            town = Town(slack, double, Path(folder))
            port = free_port()
            env = _environment(town, Path(__file__).parents[2]) | {
                "HOST": "127.0.0.1",
                "PORT": str(port),
                "PUBLIC_URL": f"http://127.0.0.1:{port}",
            }
            process = Process(Path(folder), env)
            await process.ready()
            try:
                return await _changed(town, events=events)
            finally:
                process.kill()
                await process.ended()


async def _changed(town: Town, *, events: bool) -> list[float]:
    double = town.ringcentral
    while events and not double.push.subscriptions.active():
        await asyncio.sleep(0.05)
    for number in range(OPEN_CALLS):
        await town.types(callee(number), user=("ann", "bob", "carl")[number % 3])
    while len(double.calls) < OPEN_CALLS:
        await asyncio.sleep(0.05)
    await asyncio.sleep(3 if events else 1)
    found = []
    for side, what in CHANGES:
        for call in double.calls:
            edits = len(town.slack.calls_of("chat.update"))
            begun = time.monotonic()
            double.press(call.id, side, what)
            while len(town.slack.calls_of("chat.update")) <= edits:
                await asyncio.sleep(0.005)
                if time.monotonic() - begun > 60:
                    break
            found.append(time.monotonic() - begun)
            await asyncio.sleep(SETTLED)
    return found


async def measure(*, quick: bool, before: Path | None) -> list[Figure]:
    """Measure with events and without."""
    del before
    figures: list[Figure] = []
    for name, pushes in (SIDES | CALLERS_ALONE).items():
        aims = pushes is not None and pushes.callees
        figures += await _requests(name, pushes, aims=aims)
    for name, pushes in SIDES.items():
        figures += await _hundred(name, pushes, aims=pushes is not None)
    for name, pushes in SIDES.items():
        if quick and pushes is None:
            continue
        values = await delays(events=pushes is not None)
        aim = {"most": 1.0} if pushes is not None else {}
        what = f"{name}: a side's change to the card, {OPEN_CALLS} open calls"
        figures.append(_figure(what, values, "s", **aim))
    return figures


def _figure(name: str, values: list[float], unit: str, **aims: float) -> Figure:
    return of_rounds("events", name, values, unit, **aims)
