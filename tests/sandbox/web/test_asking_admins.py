"""A refused person asks an admin on the demo's page: by keys, on a telephone, in the dark."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Locator, expect

from visitor import NARROW, WIDE, Visitor, a_visitor, needs_axe

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

TOO_WIDE = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


@pytest_asyncio.fixture(loop_scope="session")
async def visitor(browser: Browser, address: str) -> AsyncIterator[Visitor]:
    """Open the page of the one demo that the tests of this file share."""
    async with a_visitor(browser, address) as opened:
        yield opened


async def judged(visitor: Visitor) -> list[str]:
    """Return axe's findings of what is shown: wide, and on a telephone, where it is dark."""
    page = visitor.page
    found = await visitor.judged()
    await page.set_viewport_size(NARROW)
    found += await visitor.judged()
    await page.emulate_media(color_scheme="dark")
    found += await visitor.judged("color-contrast")
    if await page.evaluate(TOO_WIDE):
        found.append("it is wider than a telephone")
    await page.emulate_media(color_scheme="light")
    await page.set_viewport_size(WIDE)
    return found


def messages(visitor: Visitor) -> Locator:
    """Return the conversation that is open."""
    return visitor.page.get_by_role("main")


async def reads_dm(visitor: Visitor, name: str) -> None:
    """Be somebody, and open their direct messages with the app."""
    await visitor.is_(name)
    await visitor.goes_to("RingOut")
    await visitor.presses("Messages")


@needs_axe
async def test_an_approved_call_needs_no_mouse(visitor: Visitor) -> None:
    """Ann asks, Bob approves in the admins' channel, and Ann's own press calls."""
    page, press = visitor.page, visitor.page.keyboard.press
    await visitor.types("/ringout +33 1 42 27 81 86 for Northwind")
    await visitor.sees(messages(visitor), "You can ask an admin to allow this one call")
    faults = await judged(visitor)
    await visitor.tabs_to("^Ask an admin", back=True)
    await press("Enter")
    await visitor.sees(messages(visitor), "I've asked the admins")
    await expect(page.locator(".message:focus")).to_contain_text("I've asked")
    faults += await judged(visitor)
    await expect(page.locator(".sidebar")).not_to_contain_text("admins")

    await visitor.is_("Bob Baker")
    await visitor.tabs_to("^admins")
    await press("Enter")
    await visitor.sees(
        messages(visitor), "@Ann Archer asks to call Northwind, +33", "Answer by"
    )
    faults += await judged(visitor)
    await visitor.tabs_to("^Approve")
    await press("Enter")
    await visitor.sees(messages(visitor), "@Bob Baker approved it.")
    await expect(page.locator(".message:focus")).to_contain_text("approved it.")
    faults += await judged(visitor)

    await reads_dm(visitor, "Ann Archer")
    await visitor.sees(messages(visitor), "allows your call to Northwind, +33 1 42")
    faults += await judged(visitor)
    await visitor.tabs_to("^Call$")
    await press("Enter")
    await visitor.sees(messages(visitor), "Calling you on")
    await visitor.goes_to("sales")
    await visitor.sees(visitor.card, "Calling Northwind")
    await visitor.on_phone("Your phone", "Decline")
    await visitor.sees(visitor.card, "1 reply")

    assert faults == []


@needs_axe
async def test_who_asks_in_the_form_keeps_the_keyboard_and_is_declined(
    visitor: Visitor,
) -> None:
    """Each step is on top of the form, which is still there to call somebody else."""
    page, press = visitor.page, visitor.page.keyboard.press
    await page.get_by_role("button", name="Shortcuts").press("Enter")
    await page.get_by_role("menuitem", name="Place a call").press("Enter")
    form = page.get_by_role("dialog", name="Place a call")
    await form.get_by_role("combobox", name="Call", exact=True).fill("+34 912 34 56 78")
    await form.get_by_role("listbox").get_by_role("option").first.click()
    await visitor.presses("Call", within=form)
    await visitor.sees(form.last, "Calls to Spain aren't allowed here")
    faults = await judged(visitor)
    await visitor.tabs_to("^Ask an admin")
    await press("Enter")
    await visitor.sees(form.last, "I've asked the admins")
    await expect(form.last.locator(":focus")).to_have_count(1)
    faults += await judged(visitor)
    await press("Escape")
    await expect(form).to_have_count(1)
    await press("Escape")
    await expect(form).to_have_count(0)

    await visitor.is_("Carl Cooper")
    await visitor.goes_to("admins")
    await visitor.tabs_to("^Decline")
    await press("Enter")
    await visitor.sees(messages(visitor), "@Carl Cooper declined it.")
    await reads_dm(visitor, "Ann Archer")
    await visitor.sees(messages(visitor), "@Carl Cooper declined your request to call")
    faults += await judged(visitor)

    assert faults == []


async def test_an_admin_asks_the_other_one(
    browser: Browser, address: str, visitor: Visitor
) -> None:
    """Bob's own press counts for nothing; Carl's does, and Bob's window shows it."""
    request = messages(visitor).locator(".message:not(.private)").last
    await visitor.is_("Bob Baker")
    await visitor.goes_to("admins")
    await visitor.types("/ringout +33 1 42 27 81 86", "Message #admins")
    await visitor.presses("Ask an admin")
    await visitor.sees(request, "@Bob Baker asks to call")
    await visitor.presses("Approve")
    await visitor.sees(
        messages(visitor), "That's your own request. Another admin has to answer it."
    )
    async with a_visitor(browser, address, size=NARROW, theme="dark") as other:
        await other.is_("Carl Cooper")
        await other.page.get_by_role("button", name="Channels").click()
        await other.goes_to("admins")
        await other.presses("Approve")
        await other.sees(messages(other), "@Carl Cooper approved it.")

    await visitor.sees(request, "@Carl Cooper approved it.")
    await expect(visitor.page.get_by_role("button", name="Approve")).to_have_count(0)
    await reads_dm(visitor, "Bob Baker")
    await visitor.sees(messages(visitor), re.compile(r"@Carl Cooper allows your call"))
