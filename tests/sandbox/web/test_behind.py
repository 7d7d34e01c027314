"""What is done to the bot, and what phones do, is seen where people look: at the card."""

from __future__ import annotations

import pytest
from playwright.async_api import Browser, ViewportSize, expect

from visitor import NARROW, RING, WIDE, Visitor, a_demo, a_visitor
from witness import saw, watch

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

MOST_EMPTY = 12
"""Pixels without anything at the end of a card: what parts it from the next message."""
TALLEST_LIST = 400
EMPTY = """card => {
  const within = card.querySelector('.stack').getBoundingClientRect();
  const last = card.querySelector('.said').lastElementChild.getBoundingClientRect();
  return within.bottom - last.bottom;
}"""

ROWS = "row => new Set([...row.children].map(one => one.offsetTop)).size"


async def test_a_killed_bot_is_seen_at_the_card(visitor: Visitor) -> None:
    """The card can't say it, for it is the bot's; so the page does, beside what rings."""
    behind = visitor.card.locator(".behind")
    above = visitor.page.locator(".middle .trouble")
    await visitor.calls()
    await visitor.sees(behind, "Ann's rings, theirs waits.", "Asked RingCentral at")

    await watch(visitor.page)
    await visitor.presses("kill -9 the bot")

    still = "Killed. This card stands still until it is back."
    await saw(visitor.page, still, "The bot is dead.")
    await visitor.on_phone("Your phone", "Answer")
    await visitor.sees(behind, "Ann's is answered, theirs")
    await visitor.sees(above, "All is well again. Nothing was lost.")
    await visitor.sees(behind, "Asked RingCentral at")


async def test_a_storm_is_seen_at_the_card(visitor: Visitor) -> None:
    """Which side refuses, that nothing is lost, and when it is over."""
    behind = visitor.card.locator(".behind")
    above = visitor.page.locator(".middle .trouble")
    await visitor.calls()

    await watch(visitor.page)
    await visitor.presses("429 storm")

    await saw(visitor.page, " 429. Nothing is lost.", "429 storm: the bot has to wait.")
    await visitor.on_phone("Your phone", "Decline")
    await visitor.sees(above, "All is well again. Nothing was lost.")
    await visitor.sees(behind, "Both are down since", "Told the result in the thread.")


@pytest.mark.parametrize("size", [WIDE, NARROW], ids=["1280", "390"])
async def test_no_space_is_empty_under_a_card_that_is_followed(
    browser: Browser, size: ViewportSize
) -> None:
    """The room that it keeps, so that nothing jumps, is used; in the end it is given up."""
    async with (
        a_demo("--fast") as address,
        a_visitor(browser, address, size=size) as visitor,
    ):
        await visitor.calls()
        assert await visitor.card.evaluate(EMPTY) <= MOST_EMPTY
        await visitor.on_phone("Your phone", "Answer")
        await visitor.on_phone("Other party", "Answer")
        await visitor.sees(visitor.card.locator(".behind"), "Both are connected.")
        assert await visitor.card.evaluate(EMPTY) <= MOST_EMPTY
        await visitor.on_phone("Your phone", "Hang up")
        await visitor.sees(visitor.card, "1 reply")
        assert await visitor.card.evaluate(EMPTY) <= MOST_EMPTY

        await visitor.types("Thanks!")

        await expect(visitor.card.locator(".behind")).to_have_count(0)
        assert await visitor.card.evaluate(EMPTY) <= MOST_EMPTY


async def test_under_a_refused_card_stands_nothing_of_the_next_call(
    visitor: Visitor,
) -> None:
    """It gets no reply: its room is given up once another message comes below it."""
    refused = visitor.page.locator(".middle .card", has_text="Not called: …0143")
    await visitor.plays("invalid-number")
    await visitor.types("/ringout (415) 555-0143")
    await visitor.sees(refused, "RingCentral refused the call at", "take the number.")

    await visitor.plays("callee-busy")
    await visitor.sees(refused, "RingCentral does not take the number.")
    await visitor.types(RING)

    await visitor.sees(visitor.card, "Busy: …0142")
    await expect(refused.locator(".behind")).to_have_count(0)


@pytest.mark.parametrize("outcome", ["Call back", "Left a message"])
async def test_the_buttons_of_a_card_stand_in_one_row_in_its_thread(
    visitor: Visitor, outcome: str
) -> None:
    """Beside channel and phones the thread is narrow, yet a second row hides nothing."""
    await visitor.plays("answered")
    await visitor.types(RING)
    await visitor.sees(visitor.card, "1 reply")
    await visitor.chooses("Outcome", outcome, within=visitor.card)
    await visitor.sees(visitor.card, f"Outcome: {outcome}")
    if outcome == "Call back":
        await visitor.presses("I'll call back", within=visitor.card)
        await visitor.presses("Called back", within=visitor.card)
        await visitor.sees(visitor.card, "has called back")
    await visitor.opens_thread()

    row = visitor.thread.locator(".actions").first
    await visitor.sees(row, "Call again")
    assert await row.evaluate(ROWS) == 1


async def test_ten_calls_are_in_view(browser: Browser) -> None:
    """A work list that has to be scrolled is none; on a telephone, talk time is in sight."""
    async with (
        a_demo("--fast") as address,
        a_visitor(browser, address) as visitor,
        a_visitor(browser, address, size=NARROW) as telephone,
    ):
        await telephone.is_("Bob Baker")
        await visitor.plays("named-record")
        for count in range(1, 6):
            await visitor.types(RING)
            await expect(visitor.page.locator(".middle .card")).to_have_count(count)
            await visitor.sees(visitor.card, "1 reply")
        for one in (visitor, telephone):
            await one.types("/callstatus last 10")
            table = one.page.get_by_role("table")
            await expect(table.get_by_role("row")).to_have_count(11)

            region = await one.page.locator(".table").bounding_box()
            head = table.get_by_role("columnheader", name="Talk time")
            talk = await head.bounding_box()
            assert region is not None
            assert talk is not None
            assert one is telephone or region["height"] <= TALLEST_LIST
            assert talk["x"] + talk["width"] <= region["x"] + region["width"]
