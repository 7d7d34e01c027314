"""What somebody reads or is about to press on the demo's page stays where it is."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Locator, ViewportSize, expect

from visitor import NARROW, RING, WIDE, Visitor, a_demo, a_visitor

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

STORIES = (
    "driven",
    "late-record",
    "429-post",
    "lost-answer",
    "callee-busy",
    "voicemail",
)
TALLEST = ("driven", "late-record", "429-post")
"""Those whose cards say most; in a narrow column that is what counts."""
FULL_HD: ViewportSize = {"width": 1920, "height": 1080}
WATCH = """
window.tops = {};
const look = () => {
  for (const message of document.querySelectorAll('.middle .message'))
    (window.tops[message.dataset.ts] ??= []).push(
      Math.round(message.getBoundingClientRect().top));
  window.frame = requestAnimationFrame(look);
};
cancelAnimationFrame(window.frame);
look();
"""
"""Notes, at each frame that is drawn, how high every message stands."""


@pytest_asyncio.fixture(loop_scope="session")
async def visitor(browser: Browser) -> AsyncIterator[Visitor]:
    """Open the page of a demo that hurries; what moves by itself moves."""
    async with (
        a_demo("--fast") as address,
        a_visitor(browser, address, motion="no-preference") as opened,
    ):
        yield opened


@dataclass(frozen=True)
class Box:
    """Where something is drawn."""

    left: float
    top: float
    right: float
    bottom: float


async def box(locator: Locator) -> Box:
    """Return where it is."""
    found = await locator.bounding_box()
    assert found is not None
    x, y = found["x"], found["y"]
    return Box(x, y, x + found["width"], y + found["height"])


async def moved(visitor: Visitor) -> list[list[int]]:
    """Return the heights of all messages that stood at more than one.

    One pixel more or less is half a pixel that was rounded.
    """
    tops = await visitor.page.evaluate("window.tops")
    assert len(tops) >= 4
    return [
        seen for seen in map(sorted, map(set, tops.values())) if seen[-1] - seen[0] > 1
    ]


@pytest.mark.parametrize(
    ("size", "with_thread", "stories"),
    [(WIDE, False, STORIES), (WIDE, True, TALLEST), (NARROW, False, TALLEST)],
    ids=["1280", "1280 beside a thread", "390"],
)
async def test_nothing_jumps_while_a_card_is_edited(
    browser: Browser, size: ViewportSize, stories: tuple[str, ...], *, with_thread: bool
) -> None:
    """Text and buttons must not move while people read or are about to click."""
    async with (
        a_demo("--fast") as address,
        a_visitor(browser, address) as guide,
        a_visitor(browser, address, size=size, motion="no-preference") as visitor,
    ):
        await visitor.is_("Bob Baker")
        if with_thread:
            await visitor.page.locator(".middle .message").first.hover()
            await visitor.page.get_by_title("Reply in thread").first.click()
        for count, story in enumerate(stories, start=1):
            await guide.plays(story)
            await guide.types(RING)
            await expect(visitor.page.locator(".middle .card")).to_have_count(count)
            await guide.types(f"That was {story}.")
            line = visitor.page.locator(".middle .message").last
            await visitor.sees(line, f"That was {story}.")
            await visitor.page.evaluate(WATCH)

            if story == "driven":
                await talks(guide)
            await visitor.sees(visitor.card, "1 reply")

            assert (story, await moved(visitor)) == (story, [])


async def talks(guide: Visitor) -> None:
    """Play a call by hand: the longest way through a card."""
    await guide.on_phone("Your phone", "Answer")
    await guide.on_phone("Other party", "Answer")
    await guide.sees(guide.card, "Talking with")
    await guide.on_phone("Other party", "Hang up")


async def test_what_one_sends_is_seen_and_what_others_send_is_told(
    browser: Browser,
) -> None:
    """People who have scrolled up stay there, and miss no new message."""
    async with (
        a_demo("--fast") as address,
        a_visitor(browser, address) as guide,
        a_visitor(browser, address) as visitor,
    ):
        await visitor.is_("Bob Baker")
        page = visitor.page
        scroller = page.locator(".middle .scroller")
        for number in range(9):
            await visitor.types(f"Line {number}\n\n\n")
        mine, theirs = (
            page.locator(".message", has_text=text) for text in ("Mine", "Theirs")
        )
        for number in range(30):
            await guide.types(f"More {number}")
        await visitor.sees(page.locator(".message").last, "More 29")
        await expect(page.locator(".message").last).to_be_in_viewport()

        await scroller.evaluate("element => element.scrollTop = 0")
        await guide.types("Theirs")
        pill = page.get_by_role("button", name="1 new message")
        await expect(pill).to_be_visible()
        assert await scroller.evaluate("element => element.scrollTop") == 0
        await pill.click()
        await expect(theirs).to_be_in_viewport()
        await expect(pill).to_have_count(0)

        await scroller.evaluate("element => element.scrollTop = 0")
        await visitor.types("Mine")
        await expect(mine).to_be_in_viewport()
        await scroller.evaluate("element => element.scrollTop = 0")
        await visitor.types(RING)
        await visitor.sees(visitor.card, "Calling")
        await expect(visitor.card).to_be_in_viewport()


async def test_the_state_of_a_killed_bot_fits(visitor: Visitor) -> None:
    """It says how often it was restarted, and runs out of no panel."""
    state, panel = (visitor.page.locator(name) for name in (".bot", ".backstage"))
    await visitor.presses("kill -9 the bot")
    await visitor.sees(state, "bot running", "restarted 1")
    for size in (WIDE, FULL_HD):
        await visitor.page.set_viewport_size(size)

        assert (await box(state)).right <= (await box(panel)).right - 10
        assert (await box(panel)).right <= size["width"]
        assert await state.evaluate("one => one.scrollWidth <= one.clientWidth")


async def test_a_request_that_is_read_stays(visitor: Visitor) -> None:
    """While the bot asks on: what is newer is counted, and shown when one wants it."""
    page = visitor.page
    requests = page.get_by_role("region", name="Requests, the newest first")
    begun = (await box(requests)).top
    await visitor.calls()
    assert (await box(requests)).top == begun  # no gauge that came has moved it
    await visitor.sees(page.locator(".gauge").nth(2), "postMessage")
    polls = requests.locator("summary", has_text="GET ring-out").first
    await visitor.sees(polls, re.compile(r"GET ring-out/\{id\}\W+\d"))

    row = requests.locator("summary", has_text="POST ring-out").first
    await row.click()
    place = await box(row)
    await visitor.on_phone("Your phone", "Answer")
    newer = page.get_by_role("button", name="newer")
    # Two at least: the first may be one more of the polls that are shown already.
    await visitor.sees(newer, re.compile(r"^\W*([2-9]|\d\d) newer$"))
    assert await box(row) == place
    await visitor.sees(requests.locator("[open]"), "playPrompt")
    shown = await requests.locator("summary").count()

    await newer.click()
    await expect(newer).to_have_count(0)
    await expect(requests.locator("[open]")).to_have_count(0)
    assert await requests.locator("summary").count() > shown


async def test_a_phone_that_rings_moves_nothing_of_itself(visitor: Visitor) -> None:
    """Its sign stays in the middle, and its number off the keys."""
    page = visitor.page
    phone = page.locator(".phone").first
    before = (await box(phone.locator(".phone-sign"))).top

    await visitor.calls()

    assert (await box(phone.locator(".phone-sign"))).top == before
    number, keys = phone.locator(".phone-other"), phone.locator(".keys")
    assert (await box(keys)).top - (await box(number)).bottom >= 4
    assert (await box(keys)).bottom <= (await box(phone)).bottom - 8


async def test_what_completes_covers_no_proposal(visitor: Visitor) -> None:
    """The list of commands ends where the row of examples begins."""
    await visitor.page.get_by_label("Message #sales").fill("/")

    offers = await box(visitor.page.get_by_role("listbox"))
    chip = await box(visitor.page.locator(".hints .chip").first)

    assert offers.bottom <= chip.top
