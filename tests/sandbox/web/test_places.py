"""Where a visitor of the demo's page is: places, people, windows of other sizes."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import Browser, ViewportSize, expect

from visitor import NARROW, RING, Visitor, a_demo, a_visitor

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

SMALL: ViewportSize = {"width": 1024, "height": 768}


async def test_a_reload_changes_neither_person_nor_place(
    browser: Browser, address: str
) -> None:
    """Nor an open thread, nor what was being written, in each place apart."""
    async with a_visitor(browser, address) as visitor:
        page = visitor.page
        await visitor.is_("Bob Baker")
        await page.get_by_label("Message #sales").fill("To sales")
        await visitor.goes_to("general")
        box = page.get_by_label("Message #general")
        await expect(box).to_have_value("")
        await box.fill("To all")
        await visitor.goes_to("sales")
        await expect(page.get_by_label("Message #sales")).to_have_value("To sales")
        await visitor.goes_to("general")

        await page.reload()

        await expect(page.get_by_label("You are")).to_have_value("U0BOB")
        await expect(page.get_by_role("heading", level=1)).to_have_text("#general")
        await expect(box).to_have_value("To all")
        await box.press("Enter")
        await visitor.sees(page.locator(".message").last, "Bob Baker", "To all")
        await page.reload()
        await expect(box).to_have_value("")


async def test_a_reload_stays_at_home(browser: Browser, address: str) -> None:
    """The app's tab is a place, too; what is at home is asked for anew."""
    async with a_visitor(browser, address) as visitor:
        await visitor.goes_to("RingOut")
        await visitor.presses("Home")
        await visitor.page.reload()

        home = visitor.page.get_by_role("region", name="Home")
        await visitor.sees(home, "team's shared RingCentral account")


async def test_somebody_elses_phone_is_called_so(visitor: Visitor) -> None:
    """Carl sees Ann's phone ring, and not his."""
    await visitor.calls()
    await visitor.is_("Carl Cooper")

    await expect(
        visitor.page.get_by_role("region", name="Ann's phone", exact=True)
    ).to_contain_text("Ringing")
    await expect(visitor.page.get_by_label("Your phone", exact=True)).to_have_count(0)
    await visitor.presses("Ann's phone: Decline")
    await visitor.is_("Ann Archer")
    hers = visitor.page.get_by_role("region", name="Your phone", exact=True)
    await visitor.sees(hers, "Declined")


async def test_the_phones_clocks_say_what_the_card_says(visitor: Visitor) -> None:
    """Both in the seconds of the call, however fast the demo goes."""
    await visitor.plays("answered")
    await visitor.types(RING)

    await visitor.sees(visitor.card, "Talked for 42 s with …0142")

    other = visitor.page.get_by_role("region", name="Other party")
    await visitor.sees(other, "Hung up · 0:42")


@pytest.mark.parametrize(
    ("key", "phone", "result"),
    [
        ("Busy", "Line busy", r"Callee: busy"),
        ("Voicemail", "Voicemail", r"Callee: voicemail"),
        ("Let it ring out", "Rang out", r"Callee: no answer"),
    ],
)
async def test_each_key_of_a_phone_has_its_result(
    visitor: Visitor, key: str, phone: str, result: str
) -> None:
    """What somebody lets happen by hand is what the thread tells."""
    await visitor.calls()
    await visitor.on_phone("Your phone", "Answer")
    await visitor.presses(f"Other party: {key}")
    await visitor.sees(
        visitor.page.get_by_role("region", name="Other party", exact=True), phone
    )
    if key == "Voicemail":
        await visitor.on_phone("Your phone", "Hang up")

    thread = await visitor.opens_thread()

    await visitor.sees(thread, "Caller: answered", re.compile(result))


async def test_on_a_telephone_the_phones_are_everywhere(browser: Browser) -> None:
    """In the app's messages, and in a thread there, beside what one types."""
    async with (
        a_demo("--fast") as address,
        a_visitor(browser, address, size=NARROW) as visitor,
    ):
        page = visitor.page
        await page.locator(".switch button", has_text="Channels").click()
        await visitor.goes_to("deals")
        await visitor.types(RING, "Message #deals")
        await page.locator(".switch button", has_text="Channels").click()
        await visitor.goes_to("RingOut")
        await visitor.sees(visitor.card, "Calling")
        strip = page.get_by_role("group", name="Your phone")
        await expect(strip.get_by_role("button", name="Answer")).to_be_visible()

        await visitor.card.hover()
        await visitor.card.get_by_title("Reply in thread").click()

        await expect(visitor.thread).to_be_visible()
        await expect(visitor.thread.get_by_role("textbox")).to_be_visible()
        await strip.get_by_role("button", name="Decline").click()
        await visitor.sees(visitor.thread, "Caller: declined")
        await expect(strip).to_have_count(0)


async def test_on_a_telephone_a_form_can_be_sent(
    browser: Browser, address: str
) -> None:
    """Its buttons stay in sight, whatever is between them and its title."""
    async with a_visitor(browser, address, size=NARROW) as visitor:
        await visitor.types("/ringout settings")
        form = visitor.page.get_by_role("dialog", name="RingOut settings")
        again = form.get_by_role("button", name="Refresh phone list")
        for seen in (
            form.get_by_role("heading"),
            form.get_by_role("button", name="Save"),
        ):
            await expect(seen).to_be_in_viewport(ratio=1)
        await again.scroll_into_view_if_needed()
        await expect(again).to_be_in_viewport(ratio=0.9)

        await visitor.presses("Save", within=form)

        await expect(form).to_have_count(0)


async def test_a_small_desktop_is_a_desktop(browser: Browser, address: str) -> None:
    """At 1024 px a channel and the phones; a thread in their place, or in its own."""
    async with a_visitor(browser, address, size=SMALL) as visitor:
        page = visitor.page
        phones = page.get_by_role("heading", name="Phones")
        box = page.get_by_label("Message #sales")
        for part in (phones, box, page.get_by_role("navigation", name="Channels")):
            await expect(part).to_be_visible()
        await expect(page.locator(".switch")).to_be_hidden()

        await page.locator(".middle .message").first.hover()
        await page.get_by_title("Reply in thread").first.click()
        await expect(visitor.thread).to_be_visible()
        await expect(phones).to_be_visible()
        await expect(box).to_be_hidden()

        toggle = page.get_by_role("button", name="Phones and requests")
        await toggle.click()
        await expect(toggle).to_have_attribute("aria-expanded", "false")
        await expect(phones).to_be_hidden()
        await expect(box).to_be_visible()
        await expect(visitor.thread).to_be_visible()
        await visitor.types(RING)
        strip = page.locator(".middle").get_by_role("group", name="Your phone")
        await strip.get_by_role("button", name="Decline").click()
        width = await page.evaluate("document.documentElement.scrollWidth")
        assert width == SMALL["width"]
