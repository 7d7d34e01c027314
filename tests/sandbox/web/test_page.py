"""The demo's page in a real browser, with the real bot: what a visitor lives through."""

from __future__ import annotations

import re
from contextlib import AsyncExitStack

import pytest
from playwright.async_api import Browser, ViewportSize, expect

from visitor import (
    NARROW,
    RING,
    WIDE,
    Visitor,
    a_demo,
    a_visitor,
    needs_axe,
)
from witness import saw, watch

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]


async def test_a_call_is_played_on_both_phones_and_told_in_the_thread(
    visitor: Visitor,
) -> None:
    """The whole product in a minute, and then the list of calls."""
    await visitor.calls()
    await expect(visitor.page.locator(".private")).to_contain_text(
        re.compile(r"Calling you on .*0101\)?, then \+1 415-555-0142\.")
    )
    await visitor.on_phone("Your phone", "Answer")
    await visitor.sees(visitor.card, "answered", "ringing")
    await visitor.on_phone("Other party", "Answer")
    await visitor.sees(visitor.card, "Talking with …0142")
    await visitor.on_phone("Your phone", "Hang up")
    await visitor.sees(visitor.card, "Talked for", "with …0142")

    thread = await visitor.opens_thread()

    await visitor.sees(
        thread,
        "Caller: answered",
        "Callee: answered",
        "Talk time:",
        "From RingCentral's call log.",
    )
    await visitor.types("/callstatus last 10")
    table = visitor.page.get_by_role("table")
    await visitor.sees(table, "Talk time", "+1 415-555-0142", "→ out", "answered")
    await visitor.sees(table.get_by_role("row").nth(1), "+1 415-555-0142", "answered")
    await expect(visitor.page.locator(".private").last).to_contain_text(
        "Only visible to you"
    )


async def test_the_busy_story_goes_by_itself(visitor: Visitor) -> None:
    """One leg answered, the other busy; the thread says what to do."""
    await visitor.plays("callee-busy")
    await visitor.types(RING)

    thread = await visitor.opens_thread()

    await visitor.sees(
        thread,
        "Caller: answered",
        "Callee: busy",
        "Try again in a few",
    )


async def test_a_call_is_hung_up_after_a_question(visitor: Visitor) -> None:
    """`Keep the call` changes nothing; the keyboard is enough."""
    await visitor.calls()
    await visitor.on_phone("Your phone", "Answer")
    await visitor.sees(visitor.card, "…0142: ringing")
    dialog = visitor.page.get_by_role("dialog", name="Hang up?")

    await visitor.presses("Hang up", within=visitor.card)
    await visitor.sees(dialog, "It ends the call for both sides.")
    await visitor.presses("Keep the call", within=dialog)
    await expect(dialog).to_have_count(0)
    await expect(visitor.page.locator(".is-ringing")).to_have_count(1)
    await visitor.card.get_by_role("button", name="Hang up").focus()
    await visitor.page.keyboard.press("Enter")
    await expect(dialog).to_be_visible()
    await visitor.page.keyboard.press("Tab")
    await visitor.page.keyboard.press("Enter")

    thread = await visitor.opens_thread()
    await visitor.sees(thread, "Caller: answered")


async def test_one_s_own_phone_is_silenced_without_a_question(visitor: Visitor) -> None:
    """While nobody else's rings there is nothing to lose."""
    await visitor.calls()

    await visitor.presses("Cancel", within=visitor.card)

    thread = await visitor.opens_thread()
    await visitor.sees(thread, "Caller: canceled", "Callee: not called")


async def test_a_masked_number_is_shown_to_who_called(visitor: Visitor) -> None:
    """`Show number` in the menu; it answers privately."""
    await visitor.plays("callee-busy")
    await visitor.types(RING)
    await visitor.sees(visitor.card, "Busy: …0142")

    await visitor.presses("More", within=visitor.card)
    await visitor.page.get_by_role("menuitem", name="Show number").click()

    await visitor.sees(visitor.page.locator(".private").last, "+1 415-555-0142")


async def test_a_bot_that_is_killed_in_mid_call_still_tells(visitor: Visitor) -> None:
    """`kill -9`, a second of nothing, and the reply comes from what was stored."""
    await visitor.calls()
    await visitor.on_phone("Your phone", "Answer")
    await visitor.on_phone("Other party", "Answer")
    await visitor.sees(visitor.card, "Talking with")

    await watch(visitor.page)
    await visitor.presses("kill -9 the bot")
    state = visitor.page.locator(".bot")
    await saw(visitor.page, "bot is dead")
    await visitor.on_phone("Other party", "Hang up")
    await visitor.sees(state, "bot running", "restarted 1")

    thread = await visitor.opens_thread()
    await visitor.sees(thread, "Callee: answered", "1 reply")
    await expect(visitor.page.locator(".middle .card")).to_have_count(1)


async def test_a_storm_delays_and_loses_nothing(visitor: Visitor) -> None:
    """Both sides refuse for a while; the inspector shows it, the reply comes."""
    await visitor.calls()
    await visitor.presses("429 storm")
    await visitor.on_phone("Your phone", "Decline")

    thread = await visitor.opens_thread()
    await visitor.sees(thread, "Caller: declined")
    requests = visitor.page.get_by_role("region", name="Requests, the newest first")
    await expect(requests.locator(".status.is-bad").first).to_have_text("429")
    await expect(
        requests.locator("summary", has_text="POST ring-out").first
    ).to_contain_text(re.compile(r"1 Heavy · [89] left"))


async def test_others_see_what_they_may(visitor: Visitor) -> None:
    """Private answers, private channels, the DM, and a channel without the bot."""
    page = visitor.page
    await visitor.types("/ringout help")
    await visitor.sees(page.locator(".private"), "your phone rings first, then theirs")
    await visitor.goes_to("deals")
    await expect(page.locator(".head .without")).to_be_visible()
    await visitor.types(RING, "Message #deals")
    await visitor.sees(page.locator(".private").last, "I've put this call in our DM")
    await expect(page.locator(".middle .card")).to_have_count(0)

    await visitor.sees(
        page.get_by_role("button", name="RingOut (new messages)", exact=True), "RingOut"
    )
    await visitor.goes_to("RingOut")
    await visitor.sees(visitor.card, "Calling")
    await expect(page.get_by_label("Message RingOut", exact=True)).to_be_visible()
    await visitor.is_("Carl Cooper")
    await expect(page.locator(".middle .card")).to_have_count(0)
    await visitor.goes_to("sales")
    await expect(page.locator(".private")).to_have_count(0)
    await expect(page.locator(".sidebar")).not_to_contain_text("deals")


async def test_only_who_called_can_cancel(visitor: Visitor) -> None:
    """Bob presses as Bob, whoever the page was before."""
    await visitor.calls()
    await visitor.is_("Bob Baker")
    await visitor.presses("Cancel", within=visitor.card)

    await visitor.sees(visitor.page.locator(".private"), "Only @Ann Archer can do that")
    await expect(visitor.page.locator(".is-ringing")).to_have_count(1)


async def test_a_record_that_is_late_and_an_answer_that_is_lost(
    visitor: Visitor,
) -> None:
    """What the stories behind the scenes are for: it waits, and never dials twice."""
    await visitor.plays("late-record")
    await watch(visitor.page)
    await visitor.types(RING)
    await saw(visitor.page, "not confirmed yet")
    await visitor.sees(visitor.card, "Talked for 42 s with …0142")
    await visitor.plays("lost-answer")
    await visitor.types("/ringout (415) 555-0143")
    await saw(visitor.page, "Not confirmed yet: the call to …0143", "answer was lost")

    await visitor.sees(visitor.card, "Talked for 42 s with …0143")
    await visitor.presses("RingCentral")
    dialed = visitor.page.locator("summary", has_text="POST ring-out")
    await expect(dialed).to_have_count(2)


async def test_a_whole_call_fits_on_a_telephone(browser: Browser) -> None:
    """At 390 px the phones are a row above the composer, beside the card they move."""
    async with (
        a_demo("--fast") as address,
        a_visitor(browser, address, size=NARROW) as visitor,
    ):
        await visitor.calls()
        await visitor.on_phone("Your phone", "Answer")
        await visitor.on_phone("Other party", "Answer")
        await visitor.sees(visitor.card, "Talking with")
        await visitor.on_phone("Your phone", "Hang up")
        thread = await visitor.opens_thread()
        await visitor.sees(thread, "Callee: answered")
        width = await visitor.page.evaluate("document.documentElement.scrollWidth")
        assert width == NARROW["width"]


async def test_commands_complete_as_one_types(browser: Browser, address: str) -> None:
    """Commands come from the manifest, by keyboard; Slackbot answers unknown ones."""
    async with a_visitor(browser, address) as visitor:
        await complete(visitor)


async def complete(visitor: Visitor) -> None:
    """Let commands be completed."""
    page = visitor.page
    box = page.get_by_label("Message #sales", exact=True)
    await box.press_sequentially("/")
    options = page.get_by_role("listbox", name="Commands").get_by_role("option")
    await expect(options).to_have_count(4)
    await expect(options.first).to_contain_text(
        "<number> or @someone [from <phone>] [as <number>]"
    )
    await box.press("ArrowDown")
    await expect(options.nth(1)).to_have_attribute("aria-selected", "true")
    await box.press("Tab")
    await expect(box).to_have_value("/callstatus ")
    await visitor.types("/dance")
    await visitor.sees(page.locator(".private").last, "Slackbot", "not a valid command")
    await visitor.types("Thanks, @bob <3")
    await visitor.sees(page.locator(".message").last, "Thanks, @Bob Baker <3")


@needs_axe
@pytest.mark.parametrize("size", [WIDE, NARROW], ids=["1280", "390"])
async def test_axe_finds_nothing_serious(
    browser: Browser, address: str, size: ViewportSize
) -> None:
    """Live card, question, list, thread, completion, phones, requests, home, settings.

    Light and dark: the latter differs in its colors alone.
    """
    async with a_visitor(browser, address, size=size) as visitor:
        found: list[str] = []

        async def judge() -> None:
            found.extend(await visitor.judged())
            await visitor.page.emulate_media(color_scheme="dark")
            found.extend(await visitor.judged("color-contrast"))
            await visitor.page.emulate_media(color_scheme="light")

        page = visitor.page
        await visitor.calls()
        await visitor.types("/callstatus last 10")
        await expect(page.get_by_role("table").last).to_be_visible()
        await judge()
        await visitor.presses("Cancel", within=visitor.card)
        await visitor.opens_thread()
        await judge()
        await visitor.presses("Close the thread")
        await visitor.calls()
        await visitor.on_phone("Your phone", "Answer")
        await visitor.sees(visitor.card, "…0142: ringing")
        await visitor.presses("Hang up", within=visitor.card)
        await judge()
        await visitor.presses("Keep the call", within=page.get_by_role("dialog"))
        # Else the next test, in the same demo, would find this call still open.
        await visitor.on_phone("Other party", "Decline")
        await page.get_by_label("Message #sales").fill("/")
        await judge()
        if size == NARROW:
            for part in ("Phones", "Requests", "Channels"):
                await page.locator(".switch button", has_text=part).click()
                await judge()
        await visitor.goes_to("RingOut")
        await visitor.presses("About")
        await judge()
        await visitor.presses("Home")
        home = page.get_by_role("region", name="Home")
        await visitor.presses("Settings", within=home)
        form = page.get_by_role("dialog", name="RingOut settings")
        await form.get_by_label("Home country").fill("XX")
        await visitor.presses("Save", within=form)
        await expect(form.locator(".error")).to_be_visible()
        await judge()
        await visitor.presses("Cancel", within=form)
        await expect(form).to_have_count(0)
        await judge()

        assert found == []


async def test_a_demo_that_has_ended_is_noticed(browser: Browser) -> None:
    """Nobody should wait for a phone that rings no more."""
    async with AsyncExitStack() as running:
        address = await running.enter_async_context(a_demo("--fast"))
        async with a_visitor(browser, address) as visitor:
            alert = visitor.page.get_by_role("alert")
            await expect(alert).to_have_count(0)

            await running.aclose()

            await expect(alert).to_have_text("No connection to the demo")
            await visitor.types("Hello?")
            await visitor.sees(visitor.page.locator(".private"), "still running?")
            visitor.troubles.clear()


async def test_the_theme_can_be_switched_and_stays(
    browser: Browser, address: str
) -> None:
    """It begins as the system is; a choice is remembered."""
    async with a_visitor(browser, address) as visitor:
        await switch(visitor)


async def switch(visitor: Visitor) -> None:
    """Let the theme be switched."""
    page = visitor.page
    html = page.locator("html")
    await expect(html).to_have_attribute("data-theme", "light")

    await visitor.presses("Dark colors")
    await page.reload()

    await expect(html).to_have_attribute("data-theme", "dark")
    await expect(page.get_by_role("button", name="Light colors")).to_be_visible()
    assert re.fullmatch(
        r"rgb\(26, 29, 33\)",
        await page.evaluate("getComputedStyle(document.body).backgroundColor"),
    )


async def test_a_visitor_connects_an_account_of_their_own(visitor: Visitor) -> None:
    """RingCentral's sign-in in a tab of its own; then calls run in their name."""
    await visitor.connects()

    await visitor.calls()

    await visitor.sees(visitor.card, "as Ann")


async def test_the_home_tab_follows_and_settings_are_chosen(visitor: Visitor) -> None:
    """What the app shows of itself, and the form behind its button."""
    page = visitor.page
    await visitor.goes_to("RingOut")
    await visitor.presses("Home")
    home = page.get_by_role("region", name="Home")
    await visitor.sees(home, "team's shared RingCentral account", "None yet")
    await visitor.presses("Settings", within=home)
    form = page.get_by_role("dialog", name="RingOut settings")
    await form.get_by_label("Always", exact=True).check()
    await form.get_by_label("Caller ID").select_option(
        label="Direct number (+1 650-555-0190)"
    )
    await visitor.presses("Save", within=form)
    await expect(form).to_have_count(0)
    await visitor.plays("callee-busy")
    await visitor.goes_to("sales")

    await visitor.types(RING)
    await visitor.sees(visitor.card, "Busy: …0142")
    await visitor.goes_to("RingOut")
    await visitor.presses("Home")

    await visitor.sees(home, "you: answered; they: busy")
