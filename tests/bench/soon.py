"""What a person waits for, in real time, with the bot's default settings and limits.

Several bots run side by side, each with a RingCentral user of its own: some place one
call, some five at once. The records become readable after lags between 5 and 40 seconds.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import re
import sqlite3
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path
from typing import Any

from asking import callee, counted
from bot.sandbox.ringcentral.calls import PlacedCall
from bot.sandbox.ringcentral.double import RingCentralDouble
from bot.sandbox.ringcentral.story import Shape, Story, goes
from bot.sandbox.slack.double import SlackDouble
from children import ROOT
from process import Process
from table import Figure, median, of_rounds
from town import CALLER, Town

LAGS = (5.0, 15.0, 25.0, 40.0)
"""Seconds from a hang-up to the record, for the bots that place one call."""

AT_ONCE, BOTS = 5, 4
"""So many bots place so many calls at once, with lags drawn from `SEED`."""

SEED, SHORTEST, LONGEST = 705, 3.0, 45.0
TALK, QUICK_TALK = 20.0, 6.0
PATIENCE = 240.0
DEFAULTS = ("RINGOUT_POLL_SECONDS", "RINGOUT_LOG_DELAY_SECONDS")
ROWS = "SELECT ringout_id, card_ts, reply_ts FROM calls WHERE ringout_id <> ''"


@dataclass(frozen=True, slots=True)
class Waited:
    """The seconds that one person waited.

    Attributes:
        seen: From the hang-up to the card's edit that says "not confirmed yet".
        polls: The status polls from the hang-up to that edit.
        told: From the hang-up to the reply.
        late: From when the record was readable to the reply.
    """

    lag: float
    ack: float
    card: float
    post: float
    seen: float
    polls: int
    told: float
    late: float


@dataclass(frozen=True, slots=True)
class Played:
    """One bot's calls, and what they cost."""

    waited: tuple[Waited, ...]
    reads: float
    light: float
    refused: int


async def played(root: Path, lags: Sequence[float], talk: float) -> Played:
    """Run a bot from *root*, and place a call for each of *lags* at once."""
    slack, double = SlackDouble(), RingCentralDouble()
    calls = [_story(lag, talk) for lag in lags]
    for number, story in enumerate(calls):
        double.plan(callee(number), story)
    with tempfile.TemporaryDirectory() as name:
        async with slack, double:
            town = Town(slack, double, Path(name))
            process = Process(Path(name), _environment(town, root))
            await process.ready()
            begun = time.monotonic()
            try:
                acks = await asyncio.gather(
                    *(_typed(town, number) for number in range(len(lags)))
                )
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(PATIENCE):
                        while len(_rows(town)) < len(lags):
                            await asyncio.sleep(0.5)
            finally:
                process.kill()
                await process.ended()
            return _result(town, begun, acks, time.monotonic() - begun)


def _story(lag: float, talk: float) -> Story:
    moments = goes("answer", "answer", first=2, second=3, talk=talk)
    return Story(
        name=f"after-{lag:g}", about="they talk", moments=moments, log=Shape(after=lag)
    )


def _environment(town: Town, root: Path) -> dict[str, str]:
    env = town.environment(RINGOUT_FROM=CALLER, PYTHONPATH=str(root))
    ours = (*DEFAULTS, "RINGOUT_LOG_GIVE_UP_SECONDS")
    return {name: value for name, value in env.items() if name not in ours}


async def _typed(town: Town, number: int) -> float:
    begun = time.monotonic()
    await town.types(callee(number), user=("ann", "bob", "carl")[number % 3])
    return time.monotonic() - begun


def _rows(town: Town) -> list[tuple[str, str, str]]:
    """Return the RingOut id, card and reply of each call that has its reply."""
    with contextlib.closing(sqlite3.connect(town.folder / "calls.db")) as file:
        return [row for row in file.execute(ROWS).fetchall() if row[2]]


def _result(town: Town, begun: float, acks: Sequence[float], took: float) -> Played:
    at = {message.ts: message.at for message in town.slack.everything()}
    rows = _rows(town)
    posts = [each.time for each in town.ringcentral.requests_of("POST", "/ring-out")]
    waited = [
        _waited(town, town.ringcentral.call(ringout), card, at[reply], at[card])
        for ringout, card, reply in rows
    ]
    first = [
        replace(each, ack=ack, card=each.card - begun, post=post - begun)
        for each, ack, post in zip(waited, acks, posts, strict=False)
    ]
    cost = counted(town.ringcentral, len(acks), len(rows), took)
    many = max(cost.finished, 1)
    return Played(tuple(first), cost.reads / many, cost.light / many, cost.refused)


def _waited(
    town: Town, call: PlacedCall, card: str, told_at: float, card_at: float
) -> Waited:
    over = call.progress().over_at
    lag = call.story.log.after
    assert over is not None
    assert lag is not None
    ended = call.placed + over
    edits = [
        each.time
        for each in town.slack.calls_of("chat.update")
        if each.args.get("ts") == card and each.time > ended and says_over(each.args)
    ]
    seen_at = min(edits, default=told_at)
    asked = town.ringcentral.requests_of("GET", f"/ring-out/{call.id}")
    polls = sum(ended < each.time <= seen_at for each in asked)
    told = told_at - ended
    return Waited(lag, 0.0, card_at, 0.0, seen_at - ended, polls, told, told - lag)


def says_over(edit: Mapping[str, Any]) -> bool:
    """Whether an edit of a card tells how the call has ended, by its last status."""
    return re.search(r"(?<!is )not confirmed yet", str(edit)) is not None


async def measure(*, quick: bool, before: Path | None) -> list[Figure]:
    """Run every bot at the same time."""
    alone = [[lag] for lag in (LAGS[:1] if quick else LAGS)]
    dice = random.Random(SEED)
    together = [
        [dice.uniform(SHORTEST, LONGEST) for _ in range(AT_ONCE)]
        for _ in range(1 if quick else BOTS)
    ]
    roots = {"ours": ROOT} | ({"ours before": before} if before else {})
    talk = QUICK_TALK if quick else TALK
    found = await asyncio.gather(
        *(
            played(root, lags, talk)
            for root in roots.values()
            for lags in (*alone, *together)
        )
    )
    figures = []
    for number, side in enumerate(roots):
        its = found[number * len(found) // len(roots) :]
        figures += _of(side, "1 call", its[: len(alone)])
        rest = its[len(alone) : len(alone) + len(together)]
        figures += _of(side, f"{AT_ONCE} at once", rest)
    return figures


def _of(side: str, size: str, bots: Sequence[Played]) -> list[Figure]:
    waited = list(chain.from_iterable(each.waited for each in bots))
    if not waited:
        raise RuntimeError(f"{side}, {size}: nobody was told")

    def figure(name: str, values: Sequence[float], unit: str, **aims: Any) -> Figure:
        what = f"{size}: {side}: {name}"
        middle = median(values)
        return Figure("soon", what, middle, unit, rounds=tuple(values), **aims)

    is_ours, is_one = side == "ours", len(bots[0].waited) == 1
    late = {"most": 4.0 if is_one else 5.0} if is_ours else {}
    longest = {"most": 8.0 if is_one else 10.0} if is_ours else {}
    reads = {"most": 6.0 if is_one else 2.0} if is_ours else {}
    lates = [each.late for each in waited]
    polls = [float(each.polls) for each in waited]
    one_poll = {"most": 1.0} if is_ours else {}
    return [
        figure("command to ack", [each.ack for each in waited], "s"),
        figure("command to card", [each.card for each in waited], "s"),
        figure("command to POST ring-out", [each.post for each in waited], "s"),
        figure("hang-up to the card", [each.seen for each in waited], "s"),
        figure("polls from hang-up to the card, most", [max(polls)], "", **one_poll),
        figure("hang-up to reply", [each.told for each in waited], "s"),
        figure("record readable to reply", lates, "s", **late),
        of_rounds("soon", f"{size}: {side}: the longest", [max(lates)], "s", **longest),
        figure("log reads per call", [each.reads for each in bots], "", **reads),
        figure("Light per call", [each.light for each in bots], ""),
        Figure(
            "soon",
            f"{size}: {side}: 429s",
            float(sum(each.refused for each in bots)),
            "",
            most=0.0 if is_ours else None,
        ),
    ]
