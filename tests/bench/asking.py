"""How many requests to RingCentral a finished call costs, compared with a naive loop.

The real bot as a process, both doubles here, RingCentral's own limits. Time runs
`SPEED` times as fast for all three; only Slack's budget for edits stays in real time.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import sqlite3
import tempfile
import time
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import psycopg

import postgres
from bot.sandbox.ledger import Seen
from bot.sandbox.ringcentral.double import RingCentralDouble
from bot.sandbox.slack.double import SlackDouble
from bot.sandbox.slack.limits import SlackLimits
from bot.storage.calls.store import Store
from process import Process
from table import Figure, median, of_rounds, percentile
from town import CALLER, Town, speed_of

SPEED = 20.0
SIZES = (1, 5, 20, 100)
ON_POSTGRES = 20
"""Once with the rate budget in a database that several processes could share."""

PATIENCE = 150.0
"""Real seconds after which a run is stopped, finished or not."""

LIGHT, WINDOW = 50, 60.0
READABLE_AFTER = 18.0
"""Story seconds from a call's end to its record, as in the double's stories."""

NAIVE_POLL, NAIVE_LOG = 2.5, 15.0
NAIVE_PATIENCE = 60.0
"""The same for the naive loop; twenty story minutes are enough to see it fail."""

EXTENSION = "/restapi/v1.0/account/~/extension/~"


@dataclass(frozen=True, slots=True)
class Cost:
    """The requests of one run to RingCentral; times in story seconds."""

    calls: int
    finished: int
    posts: int
    reads: int
    light: int
    refused: int
    in_penalty: int
    took: float
    gaps: tuple[float, ...] = ()
    stretch: tuple[float, ...] = ()
    lags: tuple[float, ...] = ()


def callee(number: int) -> str:
    """Return a different number for each call."""
    return f"+1415{2_000_000 + number}"


def counted(
    double: RingCentralDouble, calls: int, finished: int, took: float, **more: Any
) -> Cost:
    """Count the requests that *double* received."""
    seen = [one for one in double.requests if one.group in ("Heavy", "Light")]
    heavy = [one for one in seen if one.group == "Heavy"]
    return Cost(
        calls=calls,
        finished=finished,
        posts=sum(one.method == "POST" for one in heavy),
        reads=sum(one.method == "GET" for one in heavy),
        light=sum(one.group == "Light" for one in seen),
        refused=sum(one.status == 429 for one in double.requests),
        in_penalty=sum(one.in_penalty for one in double.requests),
        took=took,
        **more,
    )


def polls(double: RingCentralDouble) -> tuple[list[float], list[float]]:
    """Return the story seconds between polls of a call, and those beyond the minimum.

    The minimum is two seconds, or the time in which the Light limit allows one poll of
    each open call, whichever is longer.
    """
    times: defaultdict[str, list[Seen]] = defaultdict(list)
    for seen in double.requests_of("GET", "/ring-out/"):
        times[seen.path].append(seen)
    spans = [(each[0].time, each[-1].time) for each in times.values()]
    gaps, stretch = [], []
    for each in times.values():
        for one, other in itertools.pairwise(each):
            gap = (other.time - one.time) * SPEED
            live = sum(begun <= one.time <= ended for begun, ended in spans)
            gaps.append(gap)
            stretch.append(gap / max(2.0, live * WINDOW / LIGHT))
    return gaps, stretch


async def ours(count: int, database: str = "") -> Cost:
    """Have *count* people call at once; wait until each has their reply.

    Uses a SQLite file, or the PostgreSQL database at *database*.
    """
    slack = SlackDouble(limits=SlackLimits.off())
    double = RingCentralDouble(speed=SPEED, limits=speed_of(SPEED))
    with tempfile.TemporaryDirectory() as name:
        async with slack, double:
            town = Town(slack, double, Path(name))
            if database:
                town.env["DATABASE_URL"] = database
            process = Process(Path(name), _environment(town))
            await process.ready()
            begun = time.monotonic()
            try:
                await asyncio.gather(
                    *(town.types(callee(number)) for number in range(count))
                )
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(PATIENCE):
                        while len(_replies(town, database)) < count:
                            await asyncio.sleep(0.2)
                took = (time.monotonic() - begun) * SPEED
                replies = _replies(town, database)
            finally:
                process.kill()
                await process.ended()
            gaps, stretch = polls(double)
            return counted(
                double,
                count,
                sum(reply != "" for reply in replies.values()),
                took,
                gaps=tuple(gaps),
                stretch=tuple(stretch),
                lags=_lags(town, replies),
            )


def _environment(town: Town) -> dict[str, str]:
    return town.environment(
        RINGOUT_POLL_SECONDS=f"{2 / SPEED:g}",
        RINGOUT_LOG_DELAY_SECONDS=f"{20 / SPEED:g}",
        RINGOUT_LOG_GIVE_UP_SECONDS=f"{900 / SPEED:g}",
        RINGOUT_CALLS_PER_MINUTE="10000",
        RINGOUT_FROM=CALLER,
    )


TOLD = (
    'SELECT id, ringout_id, reply_ts, "end" FROM calls '
    "WHERE state IN ('reporting', 'done') AND (reply_ts <> '' "
    "OR \"end\" NOT IN ('recorded', 'unconfirmed', 'lost'))"
)


def _replies(town: Town, database: str) -> dict[str, str]:
    """Return the reply's ts of each call that has one, by RingOut id.

    A call that was not placed has none; its card tells the result.
    """
    rows: list[Any]
    if database:
        with psycopg.connect(database) as server:
            rows = server.execute(TOLD).fetchall()
    else:
        with contextlib.closing(
            sqlite3.connect(town.folder / "calls.db", timeout=5)
        ) as file:
            rows = file.execute(TOLD).fetchall()
    return {
        ringout or identity: reply if end == "recorded" else ""
        for identity, ringout, reply, end in rows
    }


def _lags(town: Town, replies: dict[str, str]) -> tuple[float, ...]:
    """Return the story seconds from when each record was readable to its reply."""
    at = {message.ts: message.at for message in town.slack.everything()}
    lags = []
    for ringout_id, reply in replies.items():
        if reply:
            call = town.ringcentral.call(ringout_id)
            over = call.progress().over_at
            assert over is not None
            readable = call.placed + over + READABLE_AFTER
            lags.append(at[reply] * SPEED - readable)
    return tuple(lags)


class Naive:
    """A loop per call as a first version: it waits as a 429 demands, no more."""

    def __init__(self, double: RingCentralDouble, session: Any) -> None:
        self._double = double
        self._session = session
        self._token = ""
        self.finished = 0

    async def log_in(self) -> None:
        """Get a token."""
        logins = self._double.logins
        form = {
            "grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer",
            "assertion": logins.jwt,
        }
        basic = aiohttp.BasicAuth(logins.client_id, logins.client_secret)
        address = f"{self._double.url}/restapi/oauth/token"
        async with self._session.post(address, data=form, auth=basic) as answer:
            self._token = (await answer.json())["access_token"]

    async def ask(self, method: str, path: str, **more: Any) -> tuple[int, Any]:
        """Repeat a request until the answer is not 429."""
        headers = {"Authorization": f"Bearer {self._token}"}
        while True:
            async with self._session.request(
                method, f"{self._double.url}{EXTENSION}{path}", headers=headers, **more
            ) as answer:
                if answer.status != 429:
                    return answer.status, await answer.json()
                await asyncio.sleep(float(answer.headers.get("Retry-After", "1")))

    async def call(self, number: int) -> None:
        """Place one call, follow it, and look for its record."""
        body = {
            "from": {"phoneNumber": CALLER},
            "to": {"phoneNumber": callee(number)},
            "playPrompt": False,
        }
        _, placed = await self.ask("POST", "/ring-out", json=body)
        while True:
            await asyncio.sleep(NAIVE_POLL / SPEED)
            status, _ = await self.ask("GET", f"/ring-out/{placed['id']}")
            if status == 404:
                break
        while True:
            await asyncio.sleep(NAIVE_LOG / SPEED)
            _, log = await self.ask("GET", "/call-log?view=Detailed&perPage=250")
            found = {one.get("telephonySessionId") for one in log["records"]}
            if placed["id"] in found:
                self.finished += 1
                return


async def naive(count: int) -> Cost:
    """Run the naive loop for each of *count* calls at once."""
    double = RingCentralDouble(speed=SPEED, limits=speed_of(SPEED))
    async with double, aiohttp.ClientSession() as session:
        loop = Naive(double, session)
        await loop.log_in()
        begun = time.monotonic()
        calls = [asyncio.create_task(loop.call(number)) for number in range(count)]
        await asyncio.wait(calls, timeout=NAIVE_PATIENCE)
        took = (time.monotonic() - begun) * SPEED
        for each in calls:
            each.cancel()
        await asyncio.gather(*calls, return_exceptions=True)
        return counted(double, count, loop.finished, took)


async def measure(*, quick: bool, before: Path | None) -> list[Figure]:
    """Run each size: the naive loop once, since its failure is certain, and our bot."""
    del before
    sizes = SIZES[:3] if quick else SIZES
    figures: list[Figure] = []
    for size in sizes:
        rounds = 1 if quick or size == SIZES[-1] else 3
        theirs = [await naive(size)]
        mine = [await ours(size) for _ in range(rounds)]
        figures += _of_size(size, mine, theirs)
    figures += _of_size(ON_POSTGRES, [await _on_postgres()], [], ", PostgreSQL")
    return figures


async def _on_postgres() -> Cost:
    with postgres.server() as server:
        database = server.fresh_database()
        store = Store(database)
        await store.migrate()
        store.close()
        return await ours(ON_POSTGRES, database)


def _of_size(
    size: int, mine: list[Cost], theirs: list[Cost], where: str = ""
) -> list[Figure]:
    def figure(name: str, values: list[float], unit: str, **aims: float) -> Figure:
        what = f"{size} at once{where}: {name}"
        return of_rounds("asking", what, values, unit, **aims)

    def per_call(costs: list[Cost], key: str) -> list[float]:
        return [getattr(one, key) / max(one.finished, 1) for one in costs]

    reads = {"most": 0.3} if size == 20 else {}
    found = []
    for side, costs in (("naive loop", theirs), ("ours", mine)):
        if not costs:
            continue
        own = costs is mine
        none = {"most": 0.0} if own else {}
        found += [
            figure(
                f"{side}: calls that got their result",
                [one.finished / one.calls for one in costs],
                "x",
                **({"least": 1.0} if own else {}),
            ),
            figure(
                f"{side}: POSTs per finished call",
                per_call(costs, "posts"),
                "",
                **({"most": 1.0} if own else {}),
            ),
            figure(
                f"{side}: log reads per finished call",
                per_call(costs, "reads"),
                "",
                **(reads if own else {}),
            ),
            figure(f"{side}: Light per finished call", per_call(costs, "light"), ""),
            figure(f"{side}: 429s", [float(one.refused) for one in costs], "", **none),
            figure(
                f"{side}: requests inside a penalty",
                [float(one.in_penalty) for one in costs],
                "",
                **none,
            ),
            figure(f"{side}: until all were told", [one.took for one in costs], "s*"),
        ]
    heavy = [(one.posts + one.reads) / (one.finished + 1) for one in mine]
    found.append(figure("ours: Heavy / the floor (POSTs + one read)", heavy, "x"))
    if all(one.gaps for one in mine):
        found += [
            figure("ours: seconds between polls", _middle(mine, "gaps"), "s*"),
            figure(
                "ours: that / what the budget allows", _middle(mine, "stretch"), "x"
            ),
        ]
    if all(one.lags for one in mine):
        worst = [percentile(one.lags, 95) for one in mine]
        found += [
            figure("ours: record readable to reply, p50", _middle(mine, "lags"), "s*"),
            figure("ours: record readable to reply, p95", worst, "s*"),
        ]
    return found


def _middle(costs: list[Cost], key: str) -> list[float]:
    return [median(getattr(one, key)) for one in costs]
