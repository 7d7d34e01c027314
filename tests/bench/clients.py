"""Our RingCentral client, compared with the SDK, a pooled session, and aiohttp."""

from __future__ import annotations

import asyncio
import os
import ssl
import tempfile
import threading
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import requests
import requests.adapters
from requests.adapters import HTTPAdapter
from ringcentral import SDK

import tls
from bot.ringcentral.client import RingCentral
from bot.ringcentral.sign_in.in_memory import by_jwt
from bot.ringcentral.transport.network import Network, RingCentralApp
from children import a_child, cpu_seconds
from table import Figure, of_rounds, percentile, ratios

PATH = "/restapi/v1.0/account/~/extension/~/ring-out/s-1"
AT_ONCE = (1, 20)
SIDES = ("sdk", "spared", "pooled", "aiohttp", "ours")
NAMES = {
    "sdk": "SDK as it comes",
    "spared": "SDK that trusts one CA",
    "pooled": "pooled session",
    "aiohttp": "aiohttp",
    "ours": "ours",
}


@dataclass(frozen=True, slots=True)
class Result:
    """One client's requests in one round."""

    per_second: float
    p99_ms: float
    cpu_ms: float
    server: float
    connections: int


Ask = Callable[[], Awaitable[None]]


def threaded(work: Callable[[], Any], count: int) -> tuple[Ask, ThreadPoolExecutor]:
    """Return *work* as a coroutine that runs in a limited number of threads."""
    pool = ThreadPoolExecutor(count)

    async def ask() -> None:
        await asyncio.get_running_loop().run_in_executor(pool, work)

    return ask, pool


async def timed(
    ask: Ask, count: int, at_once: int, made: Callable[[], Awaitable[int]], pid: int
) -> Result:
    """Send *count* requests, *at_once* at a time."""
    seconds: list[float] = []
    left = iter(range(count))

    async def keep() -> None:
        for _ in left:
            begun = time.perf_counter()
            await ask()
            seconds.append(time.perf_counter() - begun)

    await ask()
    before, server = await made(), cpu_seconds(pid)
    cpu, begun = time.process_time(), time.monotonic()
    await asyncio.gather(*(keep() for _ in range(at_once)))
    took = time.monotonic() - begun
    return Result(
        per_second=count / took,
        p99_ms=percentile(seconds, 99) * 1000,
        cpu_ms=(time.process_time() - cpu) / count * 1000,
        server=(cpu_seconds(pid) - server) / took,
        connections=await made() - before,
    )


def in_threads(
    work: Callable[[], Any], count: int, at_once: int
) -> tuple[float, list[float]]:
    """Run *work* in plain threads, as a program without asyncio would."""
    seconds: list[float] = []
    left = iter(range(count))
    lock = threading.Lock()

    def keep() -> None:
        while True:
            with lock:
                if next(left, None) is None:
                    return
            begun = time.perf_counter()
            work()
            seconds.append(time.perf_counter() - begun)

    begun = time.monotonic()
    threads = [threading.Thread(target=keep) for _ in range(at_once)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return time.monotonic() - begun, seconds


class Bench:
    """All clients, created once for a server and measured in turn."""

    def __init__(
        self, url: str, pid: int, counting: aiohttp.ClientSession, folder: Path
    ) -> None:
        self._url = url
        self._folder = folder
        self._pid = pid
        self._counting = counting
        self.results: defaultdict[tuple[str, int], list[Result]] = defaultdict(list)

    async def connections(self) -> int:
        """Return how many connections the server has seen."""
        async with self._counting.get(f"{self._url}/connections") as answer:
            return int((await answer.json())["connections"])

    async def round(self, counts: dict[str, int]) -> None:
        """Measure every client once."""
        for at_once in AT_ONCE:
            for side in SIDES:
                run = getattr(self, f"_{side}")
                result = await run(counts[side], at_once)
                self.results[side, at_once].append(result)

    async def _plain(self, work: Callable[[], Any], count: int, at_once: int) -> Result:
        work()
        before, server = await self.connections(), cpu_seconds(self._pid)
        cpu = time.process_time()
        took, seconds = await asyncio.to_thread(in_threads, work, count, at_once)
        return Result(
            per_second=count / took,
            p99_ms=percentile(seconds, 99) * 1000,
            cpu_ms=(time.process_time() - cpu) / count * 1000,
            server=(cpu_seconds(self._pid) - server) / took,
            connections=await self.connections() - before,
        )

    async def _sdk(self, count: int, at_once: int) -> Result:
        """Use the SDK's defaults: it loads all of certifi's CAs for each request."""
        return await self._by_sdk(count, at_once, tls.among_others(self._folder))

    async def _spared(self, count: int, at_once: int) -> Result:
        return await self._by_sdk(count, at_once, tls.trusted(self._folder))

    async def _by_sdk(self, count: int, at_once: int, bundle: Path) -> Result:
        # The SDK ignores REQUESTS_CA_BUNDLE; it uses the bundle that requests ships.
        requests.adapters.DEFAULT_CA_BUNDLE_PATH = str(bundle)
        platform = SDK("id", "secret", self._url).platform()
        platform.login(jwt="jwt")
        return await self._plain(lambda: platform.get(PATH).json_dict(), count, at_once)

    async def _pooled(self, count: int, at_once: int) -> Result:
        session = requests.Session()
        session.mount("https://", HTTPAdapter(pool_maxsize=at_once, pool_block=True))
        session.headers["Authorization"] = "Bearer " + "t" * 40
        address = f"{self._url}{PATH}"
        try:
            return await self._plain(
                lambda: session.get(address, timeout=10).json(), count, at_once
            )
        finally:
            session.close()

    async def _aiohttp(self, count: int, at_once: int) -> Result:
        address = f"{self._url}{PATH}"
        async with aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(ssl=_trusting()),
            headers={"Authorization": "Bearer " + "t" * 40},
        ) as session:

            async def ask() -> None:
                async with session.get(address) as answer:
                    await answer.json()

            return await timed(ask, count, at_once, self.connections, self._pid)

    async def _ours(self, count: int, at_once: int) -> Result:
        network = Network(RingCentralApp(self._url, "id", "secret"))
        client = RingCentral(network, by_jwt("jwt"))
        await client.start()

        async def ask() -> None:
            await client.ring_outs.status("s-1")

        try:
            return await timed(ask, count, at_once, self.connections, self._pid)
        finally:
            network.close()


def _trusting() -> ssl.SSLContext:
    return ssl.create_default_context(cafile=os.environ["REQUESTS_CA_BUNDLE"])


async def measure(*, quick: bool, before: Path | None) -> list[Figure]:
    """Measure every client for several rounds."""
    del before
    counts = {"sdk": 150, "spared": 300, "pooled": 1500, "aiohttp": 3000, "ours": 1500}
    if quick:
        counts = {side: count // 3 for side, count in counts.items()}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        tls.certificate(folder)
        os.environ["REQUESTS_CA_BUNDLE"] = str(tls.trusted(folder))
        connector = aiohttp.TCPConnector(ssl=_trusting())
        async with (
            a_child("tls", name) as child,
            aiohttp.ClientSession(connector=connector) as counting,
        ):
            said = await child.says()
            bench = Bench(said["url"], child.process.pid, counting, folder)
            for _ in range(1 if quick else 5):
                await bench.round(counts)
    return [figure for at_once in AT_ONCE for figure in _figures(bench, at_once)]


def _figures(bench: Bench, at_once: int) -> list[Figure]:
    def figure(name: str, values: list[float], unit: str, **aims: float) -> Figure:
        return of_rounds("clients", f"{at_once} at once: {name}", values, unit, **aims)

    def of(side: str, key: str) -> list[float]:
        return [float(getattr(one, key)) for one in bench.results[side, at_once]]

    found: list[Figure] = []
    for side in SIDES:
        name = NAMES[side]
        found += [
            figure(f"{name}: requests a second", of(side, "per_second"), "/s"),
            figure(f"{name}: p99", of(side, "p99_ms"), "ms"),
            figure(f"{name}: CPU per request", of(side, "cpu_ms"), "ms"),
            figure(f"{name}: new connections", of(side, "connections"), ""),
            figure(f"{name}: server's share of a core", of(side, "server"), "x"),
        ]
    ours = of("ours", "per_second")
    aims = {"sdk": 4.0, "pooled": 0.9}
    for side in ("sdk", "spared", "pooled", "aiohttp"):
        least = {"least": aims[side]} if side in aims else {}
        both = ratios(ours, of(side, "per_second"))
        found.append(figure(f"ours / {NAMES[side]}", both, "x", **least))
    for side in ("sdk", "spared"):
        cpu = ratios(of("ours", "cpu_ms"), of(side, "cpu_ms"))
        found.append(figure(f"CPU per request: ours / {NAMES[side]}", cpu, "x"))
    return found
