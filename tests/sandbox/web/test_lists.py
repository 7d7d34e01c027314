"""A list of calls on the demo's page: how tall it is, and what is in sight."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import pytest
from playwright.async_api import Browser, Locator, ViewportSize, expect

from bolt_bot import a_slack, client_of
from bot.calls.call import Place
from bot.calls.lists.history import Direction, Row, row_of
from bot.calls.lists.request import ListRequest
from bot.calls.lists.work_list import After, Recent
from bot.calls.log.ending import Ending
from bot.calls.log.leg import Entry, Party
from bot.calls.log.outcome import Side
from bot.sandbox.ringcentral.double import RingCentralDouble
from bot.sandbox.web.server import WebServer
from bot.slack.texts import call_list
from bot.slack.texts.call_list import Viewer
from bot.slack.texts.text import Message
from bot.workspaces import manifest
from builders import SENT, record
from crew import NoCrew
from intents import a_call
from visitor import NARROW, WIDE, a_visitor, needs_axe

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

ANN = Place("T0TOWN", "C0SALES", "U0ANN")
NAMES = (
    "",
    "Northwind Traders",
    "Acme",
    "Contoso Pharmaceuticals Ltd",
    "",
    "Maximiliana Featherstonehaugh",
)
ENDS = (
    (Side(Ending.ANSWERED, "Accepted"), Side(Ending.ANSWERED, "Accepted"), 3_723),
    (Side(Ending.ANSWERED, "Accepted"), Side(Ending.NO_ANSWER), None),
    (Side(Ending.DECLINED), Side(Ending.NOT_DIALED), None),
    (Side(Ending.ANSWERED), Side(Ending.VOICEMAIL), None),
)
TALLEST = 400
RIGHT = "element => element.getBoundingClientRect().right"


def a_list(count: int, *, own: bool) -> Message:
    """Return a list with names of every length, and every kind of result."""
    rows = []
    for number in range(count):
        caller, callee, seconds = ENDS[number % len(ENDS)]
        party = Party(f"+1415555{100 + number:04}", name=NAMES[number % len(NAMES)])
        row = row_of(Entry(record(f"R{number:02}", start=-4_000 * number)))
        came_in = number % 5 == 4
        rows.append(
            Row(
                id=row.id,
                started_at=row.started_at,
                caller=party if came_in else row.caller,
                callee=row.caller if came_in else party,
                caller_side=None if came_in else caller,
                callee_side=Side(Ending.NO_ANSWER) if came_in else callee,
                talked=timedelta(seconds=seconds) if seconds and not came_in else None,
                in_progress=False,
                direction=Direction.MISSED if came_in else Direction.OUT,
                call=None if came_in else a_call(place=ANN),
            )
        )
    recent = Recent(
        request=ListRequest(count=count),
        rows=tuple(rows),
        read_at=SENT,
        looked_back=timedelta(days=90),
        region="US",
        own=own,
        more=After(SENT, "R"),
    )
    viewer = Viewer(
        person=ANN.person,
        whole=True,
        seal=lambda text: f"sealed {hash(text)}",
        may_call=lambda _: True,
    )
    return call_list.listed(recent, viewer)


@asynccontextmanager
async def shown(
    browser: Browser, size: ViewportSize, *bodies: dict[str, Any]
) -> AsyncIterator[Locator]:
    """Open the page with these messages on it; yield their tables."""
    async with a_slack() as slack, RingCentralDouble() as far:
        server = WebServer(
            slack=slack, ringcentral=far, crew=NoCrew(), manifest=manifest.load()
        )
        address = await server.start()
        try:
            for body in bodies:
                await client_of(slack).chat_postMessage(channel="C0SALES", **body)
            async with a_visitor(browser, address, size=size) as visitor:
                tables = visitor.page.locator(".middle .table")
                await expect(tables).to_have_count(len(bodies))
                yield tables
                assert await visitor.judged() == []
        finally:
            await server.close()


@needs_axe
async def test_ten_calls_are_seen_at_a_glance(browser: Browser) -> None:
    """One line each, however long the names are; of fifty, the newest ten.

    The page stands at its end: a taller table would begin out of sight.
    """
    lists = [a_list(10, own=True), a_list(10, own=False), a_list(50, own=True)]
    async with shown(browser, WIDE, *(each.bodies()[0] for each in lists)) as tables:
        for at in range(3):
            box = await tables.nth(at).bounding_box()
            assert box is not None
            assert box["height"] <= TALLEST
            await expect(tables.nth(at).get_by_role("row")).to_have_count(11)
        newest = tables.last.get_by_role("row").nth(1)
        await expect(newest).to_be_in_viewport()
        await expect(newest).to_contain_text("+1 415-555-0100")


@needs_axe
async def test_on_a_telephone_the_talk_time_is_in_sight(browser: Browser) -> None:
    """Without moving the table to the side, in either form."""
    lists = [a_list(10, own=True), a_list(10, own=False)]
    forms = [body for each in lists for body in each.bodies()[:2]]
    async with shown(browser, NARROW, *forms) as tables:
        for at in range(4):
            edge = await tables.nth(at).evaluate(RIGHT)
            talked = tables.nth(at).get_by_role("cell", name="1 h 2 min").first
            head = tables.nth(at).get_by_role("columnheader", name="Talk time")
            assert await talked.evaluate(RIGHT) <= edge
            assert await head.evaluate(RIGHT) <= edge
