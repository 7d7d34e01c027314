"""The operator's HTTP endpoints: liveness, readiness and metrics."""

from __future__ import annotations

import asyncio
import sqlite3
from dataclasses import replace
from typing import Any

import aiohttp
import pytest
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import select

from bot.sandbox.limits import Limits
from bot.serving import readiness
from bot.storage.calls.store import Store
from bot.storage.shared import tables
from bot.storage.shared.health import probe
from bot.storage.shared.processes import Processes
from bot.telemetry.measures import NO_ANSWER, Measures, Reach
from intents import a_call, add_call
from patience import PATIENCE
from town import CALLEE, CALLER, QUICK, Town


async def asked(town: Town, path: str) -> tuple[int, str]:
    """Ask the bot's server for *path*."""
    assert town.bot is not None
    assert town.bot.server is not None
    async with (
        aiohttp.ClientSession() as session,
        session.get(f"{town.bot.server.address}{path}") as response,
    ):
        return response.status, await response.text()


async def report(town: Town) -> tuple[int, dict[str, Any]]:
    """Return /readyz, read."""
    assert town.bot is not None
    assert town.bot.server is not None
    async with (
        aiohttp.ClientSession() as session,
        session.get(f"{town.bot.server.address}/readyz") as response,
    ):
        return response.status, await response.json()


async def figures(town: Town) -> dict[tuple[str, tuple[str, ...]], float]:
    """Return each sample of /metrics by its name and its labels' values."""
    status, text = await asked(town, "/metrics")
    assert status == 200
    return {
        (sample.name, tuple(sample.labels.values())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


@pytest.fixture
async def served(closed_town: Town) -> Town:
    """Return a town with Socket Mode and a server, which looks at the database often."""
    await closed_town.open(replace(QUICK, write_every=0.0), PORT="0")
    return closed_town


@pytest.fixture
async def impatient(closed_town: Town) -> Town:
    """Return the same, but what does not answer soon is taken for away."""
    tempo = replace(QUICK, ping=0.5, write_every=0.0, write_within=0.3)
    await closed_town.open(tempo, PORT="0")
    return closed_town


async def test_a_bot_at_work_is_alive_and_fit(served: Town) -> None:
    """The two questions that every orchestrator asks."""
    assert await asked(served, "/healthz") == (200, '{"ok": true}')
    status, found = await report(served)

    assert status == 200
    assert found["ok"] is True
    assert set(found["checks"]) == {"bot", "slack", "database", "ringcentral"}
    for check in found["checks"].values():
        assert check["ok"] is True
        assert 0 <= check["age"] < 10


async def test_without_a_port_there_is_no_server(town: Town) -> None:
    """Socket Mode needs no port; an unrequested open port would be a surprise."""
    assert town.bot is not None
    assert town.bot.server is None


async def test_signed_http_has_them_on_its_own_server(closed_town: Town) -> None:
    """One port serves all; requests that are not Slack's are still refused."""
    await closed_town.open(
        SLACK_APP_TOKEN="",
        SLACK_SIGNING_SECRET=closed_town.slack.signing_secret,
        PORT="0",
    )

    assert (await report(closed_town))[0] == 200
    assert (await asked(closed_town, "/slack/events"))[0] == 405
    assert (await asked(closed_town, "/nothing"))[0] == 404
    await closed_town.types()
    await closed_town.finished()
    assert (await figures(closed_town))["ringout_ack_seconds_count", ("command",)] == 1


async def test_a_database_that_is_locked_is_said(impatient: Town) -> None:
    """Without the database no command works; readiness returns by itself."""
    await _fit_again(impatient)
    other = sqlite3.connect(impatient.folder / "calls.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    status, found = await report(impatient)
    other.execute("ROLLBACK")
    other.close()

    assert status == 503
    assert found["checks"]["database"]["ok"] is False
    assert found["checks"]["slack"]["ok"] is True
    await _fit_again(impatient)


async def test_a_slack_connection_that_is_gone_is_said(impatient: Town) -> None:
    """A bot without a connection to Slack must not look ready."""
    impatient.slack.sockets.refuse = True
    await impatient.slack.sockets.cut()

    async with asyncio.timeout(PATIENCE):
        while (await report(impatient))[1]["checks"]["slack"]["ok"]:
            await asyncio.sleep(0.05)
    assert (await report(impatient))[0] == 503
    impatient.slack.sockets.refuse = False
    await _fit_again(impatient)


async def test_readiness_asks_ringcentral_nothing(served: Town) -> None:
    """A probe every few seconds would eat the budget of calls."""
    await served.started()
    before = len(served.ringcentral.requests)

    for _ in range(5):
        await report(served)
        await figures(served)

    assert len(served.ringcentral.requests) == before


async def test_readiness_writes_once_in_a_while(
    closed_town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However many probes arrive, the database is checked once."""
    await closed_town.open(PORT="0")
    written = 0

    async def counted(*arguments: Any) -> dict[str, int]:
        nonlocal written
        written += 1
        return await probe(*arguments)

    monkeypatch.setattr("bot.serving.readiness.probe", counted)
    await asyncio.gather(*(report(closed_town) for _ in range(8)))

    assert written == 1


def test_a_failure_is_told_until_an_answer_and_forgotten_after_a_while() -> None:
    """Otherwise an idle bot taken out of service would never come back."""
    now = 100.0
    party = Reach(lambda: now)

    assert readiness._reached(party) == {"ok": True, "age": None}
    party.heard("200")
    now += 5
    party.heard(NO_ANSWER)
    now += 1
    assert readiness._reached(party) == {"ok": False, "age": 6.0, "failed_age": 1.0}
    now += readiness.FAILURE_COUNTS_FOR
    assert readiness._reached(party)["ok"] is True
    party.heard("503")
    assert readiness._reached(party)["ok"] is False
    party.heard("429")
    assert readiness._reached(party) == {"ok": True, "age": 0.0}


async def test_one_call_is_counted_everywhere(served: Town) -> None:
    """Alerts rely on these metrics; they are read after one complete call."""
    served.ringcentral.limits = Limits()  # a window that outlasts the call
    await served.types()
    await served.finished()
    await served.reply()
    found = await figures(served)

    assert found["ringout_ack_seconds_count", ("command",)] == 1
    assert found["ringout_calls_total", ("answered", "")] == 1
    assert found["ringout_reply_lag_seconds_count", ()] == 1
    assert found["ringout_follow_lag_seconds_count", ()] >= 1
    assert (
        found["ringout_slack_request_seconds_count", ("chat.postMessage", "200")] == 2
    )
    assert found["ringout_database_transaction_seconds_count", ()] > 5
    assert found["ringout_database_failures_total", ()] == 0
    assert found["ringout_open_calls", ("following",)] == 0
    asked = {
        labels: value
        for (name, labels), value in found.items()
        if name == "ringout_ringcentral_request_seconds_count"
    }
    assert sum(asked.values()) == len(served.ringcentral.requests)
    assert asked["auth", "200"] == 1
    assert asked["light", "200"] >= 1
    gone = [each for each in served.ringcentral.requests if each.status == 404]
    assert asked.get(("light", "404"), 0) == len(gone)
    assert found["ringout_ringcentral_budget_limit", ("heavy",)] == 10
    assert found["ringout_ringcentral_budget_left", ("heavy",)] < 10
    assert found["process_resident_memory_bytes", ()] > 1e6


async def test_an_open_call_and_a_limit_are_counted(served: Town) -> None:
    """Operators see which work piles up, and why, before anybody complains."""
    served.ringcentral.limits.penalty = 30.0
    served.ringcentral.play("429-post")
    await served.types()
    await served.until(lambda: any("limit" in each.text for each in served.cards()))
    found = await figures(served)

    assert found["ringout_open_calls", ("requested",)] == 1
    asked = "ringout_ringcentral_request_seconds_count"
    assert found[asked, ("heavy", "429")] == 1


async def test_no_page_tells_a_number_a_token_or_a_name(served: Town) -> None:
    """Whoever can reach the port can read it."""
    await served.types()
    await served.finished()
    pages = [await asked(served, path) for path in ("/healthz", "/readyz", "/metrics")]
    text = str(pages)
    env = served.environment()

    for word in (CALLEE[2:], CALLER[2:], "ann", "Ann", "U0", "sales"):
        assert word not in text
    for name in env:
        if "TOKEN" in name or "SECRET" in name or "JWT" in name:
            assert env[name] not in text


async def test_a_stopping_bot_takes_no_traffic(served: Town) -> None:
    """A proxy should look elsewhere before the commands are refused."""
    assert served.bot is not None
    served.bot._closing.set()
    status, found = await report(served)

    assert status == 503
    assert found["checks"]["bot"]["ok"] is False


async def test_a_probe_counts_the_calls_and_is_no_heartbeat(store: Store) -> None:
    """A probe must not make a paused process look alive to the other processes."""
    processes = Processes(store.writer, store.me)
    beat = await processes.beat()
    await add_call(store, a_call(), most=10)

    counted = [await probe(store.writer, store.me) for _ in range(2)]
    query = select(tables.processes.c.seen_at).where(tables.processes.c.id == store.me)
    seen = await store.writer.run(lambda connection: connection.scalar(query))

    assert counted == [{"requested": 1}] * 2
    assert seen == beat.at


def test_two_bots_in_one_process_count_for_themselves() -> None:
    """A shared registry would refuse the second one, or mix them up."""
    one, other = Measures(), Measures()
    one.acked("command", 0.1)

    assert b'ringout_ack_seconds_count{kind="command"} 1.0' in one.text()
    assert b'ringout_ack_seconds_count{kind="command"}' not in other.text()


async def _fit_again(town: Town) -> None:
    async with asyncio.timeout(PATIENCE):
        while (await report(town))[0] != 200:
            await asyncio.sleep(0.05)
