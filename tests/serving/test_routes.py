"""What a stranger reaches: each route, and what it asks of whoever sends a request."""

from __future__ import annotations

import logging
import re
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any, cast

import aiohttp
import pytest

from bot.accounts.pages import ConnectPages
from bot.sandbox.ringcentral.double import RingCentralDouble
from bot.serving.server import Server
from bot.slack.entrances.http import Endpoint
from bot.slack.entrances.payload import EVENTS_PATH
from bot.storage.people.pending_sign_ins import PendingSignIns
from bot.telemetry.measures import Measures
from bot.telemetry.throttle import Throttle
from bot.vault import Vault
from bot.workspaces.installing import Installing
from bot.workspaces.pages import InstallPages
from checkout import ROOT
from fakes import FakeClock
from installs import Far, a_readiness, install_settings
from office import an_office
from pushing import made_of

ROUTES = {
    ("GET", "/healthz"): (200, "costs nothing"),
    ("GET", "/readyz"): (503, "writes once in five seconds; for operators"),
    ("GET", "/metrics"): (200, "writes once in five seconds; for operators"),
    ("POST", "/slack/events"): (401, "Slack's signature"),
    ("GET", "/slack/install"): (303, "costs a signature"),
    ("GET", "/slack/oauth_redirect"): (400, "a signed state and its cookie"),
    ("GET", "/ringcentral/connect/{ticket}"): (400, "a signed ticket"),
    ("POST", "/ringcentral/connect/{ticket}"): (400, "our own page and its cookie"),
    ("GET", "/ringcentral/callback"): (400, "a signed state and its cookie"),
    ("POST", "/ringcentral/events/{secret}"): (404, "a subscription's two secrets"),
}
"""The status that a stranger gets, and why they get no further."""

ADDING = {
    "app/listener.py",
    "workspaces/pages.py",
    "accounts/pages.py",
    "accounts/subscriptions.py",
}
"""The modules that add routes."""


@asynccontextmanager
async def without_a_database(
    double: RingCentralDouble, url: str
) -> AsyncIterator[Server]:
    """Serve all pages while whatever asks the database fails."""
    async with an_office(double, url) as office:
        server = Server("127.0.0.1", 0, a_readiness(office.store))
        endpoint, app = Endpoint("secret", Measures()), cast("Any", object())
        server.post(EVENTS_PATH, endpoint.receive)
        pages = ConnectPages(office.connecting, public_url=office.url, server="x")
        pages.add_to(server)
        installing = _installing(office.store, url)
        InstallPages(installing, office.url).add_to(server)
        made_of(office, url=office.url).subscriptions.add_to(server)
        await server.open()
        endpoint.serve(app, server.address, now=lambda: datetime.now(UTC))
        office.store.close()
        yield server
        await server.shut()


async def knock(server: Server) -> dict[tuple[str, str], int]:
    """Send each route what a stranger can; return the statuses."""
    found = {}
    async with aiohttp.ClientSession() as stranger:
        for method, path in _routes(server):
            where = server.address + path.replace("{ticket}", "made-up")
            query = {"state": "a.1.b", "code": "c"}
            sent = stranger.request(method, where, params=query, allow_redirects=False)
            async with sent as answer:
                found[method, path] = answer.status
    return found


async def test_a_stranger_costs_no_route_a_query(
    double: RingCentralDouble, calls_url: str
) -> None:
    """Without a database, nothing that a stranger can do looks any different."""
    async with without_a_database(double, calls_url) as server:
        found = await knock(server)

    assert found == {route: status for route, (status, _) in ROUTES.items()}


async def test_what_a_stranger_can_cause_is_throttled(
    double: RingCentralDouble, calls_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Asked again and again, a route writes one line of each kind a second at most."""
    caplog.set_level(logging.INFO)
    throttle, written = Throttle(lambda: 0.0), Counter[str]()
    async with without_a_database(double, calls_url) as server:
        caplog.clear()
        for _ in range(3):
            await knock(server)

    for record in caplog.records:
        if throttle.filter(record):
            written[record.msg] += 1
    assert set(written.values()) == {1}
    assert any("valid signature" in each for each in written)


def _installing(store: Any, url: str) -> Installing:
    chosen = install_settings(url)
    vault = Vault(chosen.ringout_secret_key)
    sign_ins = PendingSignIns(store.writer, vault)
    nothing: Any = None
    return Installing(chosen, Far(), nothing, nothing, sign_ins, FakeClock())


def _routes(server: Server) -> list[tuple[str, str]]:
    return [
        (route.method, route.resource.canonical)
        for route in server._application.router.routes()
        if route.resource is not None and route.method != "HEAD"
    ]


@pytest.mark.parametrize("verb", ["get", "post"])
def test_routes_are_added_where_this_test_looks(verb: str) -> None:
    """A route that is added elsewhere has to be thought of here."""
    bot = ROOT / "bot"
    adding = {
        str(path.relative_to(bot))
        for path in bot.rglob("*.py")
        if re.search(rf"\bserver\.{verb}\(", path.read_text(encoding="utf-8"))
    }

    assert adding <= ADDING
