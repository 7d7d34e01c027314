"""On the demo's page: calls that nobody took, who calls back, the hook, and a digest."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import Browser, Locator, expect

from visitor import NARROW, Visitor, a_visitor, needs_axe

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]


def missed(visitor: Visitor) -> Locator:
    """Return the cards of missed calls in the channel."""
    return visitor.page.locator(".middle .message", has_text="Missed call from")


async def is_rung(visitor: Visitor, key: str) -> None:
    """Have the other party call, and press a key of the shared phone; use no mouse."""
    for name in ("Other party: Call us", f"Shared phone: {key}"):
        button = visitor.page.get_by_role("button", name=name, exact=True)
        await button.press("Enter")


async def test_a_call_that_nobody_takes_is_called_back_by_one_person(
    browser: Browser, address: str
) -> None:
    """The second call joins the first; a colleague sees who has it, and what came of it."""
    async with a_visitor(browser, address) as ann, a_visitor(browser, address) as bob:
        await bob.is_("Bob Baker")
        await is_rung(ann, "Let it ring out")
        await ann.sees(missed(ann), "NORTHWIND TRADERS · …0142")
        await is_rung(ann, "Decline")
        await ann.sees(missed(ann), re.compile(r"\d times"))
        await expect(missed(ann)).to_have_count(1)

        await bob.presses("I'll take it", within=missed(bob))
        await ann.sees(missed(ann), "@Bob Baker has it")
        await bob.presses("Call back", within=missed(bob))
        await bob.on_phone("Your phone", "Answer")
        await bob.on_phone("Other party", "Decline")

        await ann.sees(missed(ann), "@Bob Baker called back.")
        await ann.presses("Not needed", within=missed(ann))
        await ann.sees(ann.page.locator(".middle"), "@Bob Baker calls back.")


@needs_axe
async def test_a_voicemail_is_shown_and_the_hook_tells_of_it(
    browser: Browser, address: str
) -> None:
    """What was said is a quotation; each event of the hook is verified, its JSON folded."""
    async with a_visitor(browser, address) as visitor:
        page = visitor.page
        await is_rung(visitor, "Voicemail")
        card = missed(visitor).last
        await visitor.sees(card, "left a voicemail, 0:20")
        await expect(card.locator("blockquote")).to_contain_text("about the renewal")

        await page.get_by_role("button", name="Hook").press("Enter")
        rows = page.locator(".request", has_text="call.missed")
        await visitor.sees(rows.first, "to the hook's receiver", "verified")
        json = page.get_by_role("region", name="The event as JSON")
        await expect(json).to_have_count(0)
        await rows.first.locator("summary").press("Enter")
        await visitor.sees(json, '"type": "call.missed"', '"caller": "+1 ••• ••• 01')
        assert await visitor.judged() == []


@needs_axe
async def test_a_digest_is_posted_when_the_visitor_wants_one(
    browser: Browser, address: str
) -> None:
    """The sums of the demo's calls, with a chart whose figures can be read; twice is two."""
    async with a_visitor(browser, address, theme="dark") as visitor:
        digests = visitor.page.get_by_role("figure", name="Calls by day")
        for count in (1, 2):
            button = visitor.page.get_by_role("button", name="Post digest")
            await button.press("Enter")
            await expect(digests).to_have_count(count)

        told = visitor.page.locator(".middle .message", has=digests).last
        await visitor.sees(told, "Daily digest of calls", "Answer rate", "Missed calls")
        await expect(digests.last.get_by_role("img")).to_have_accessible_name(
            re.compile(r"\w+ \d+: Connected \d+, Other calls \d+")
        )
        found = await visitor.judged()
        await visitor.page.set_viewport_size(NARROW)
        await expect(digests.last).to_be_in_viewport()
        assert found + await visitor.judged() == []


async def test_the_demo_asks_what_came_of_a_call(
    browser: Browser, address: str
) -> None:
    """A visitor sees outcomes without setting anything, and what a list then says."""
    async with a_visitor(browser, address) as visitor:
        await visitor.plays("answered")
        await visitor.types("/ringout 415 555 0142")
        await visitor.sees(visitor.card, "Talked for")
        await visitor.chooses("Outcome", "Spoke", within=visitor.card)
        await visitor.sees(visitor.card, "Outcome: Spoke")
