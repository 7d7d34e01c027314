"""Calls begin in the demo as in Slack: at a message, in a form, in words; and are hung up."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Locator, ViewportSize, expect

from visitor import NARROW, WIDE, Visitor, a_visitor, needs_axe

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

AT = "element => element.getAttribute('aria-activedescendant')"


@pytest_asyncio.fixture(loop_scope="session")
async def visitor(browser: Browser, address: str) -> AsyncIterator[Visitor]:
    """Open the page of the one demo that the tests of this file share."""
    async with a_visitor(browser, address) as opened:
        yield opened


def dialog(visitor: Visitor, name: str) -> Locator:
    """Return the form, or the question, with this title."""
    return visitor.page.get_by_role("dialog", name=name, exact=True)


async def declines(visitor: Visitor) -> None:
    """Decline the call that rings first, so that it is over for the next test."""
    await visitor.on_phone("Your phone", "Decline")
    await visitor.sees(visitor.card, "1 reply")


async def test_a_number_in_a_thread_is_called_by_keys_alone(visitor: Visitor) -> None:
    """Its menu is there for the keyboard, and the card leads back to the message."""
    page, press = visitor.page, visitor.page.keyboard.press
    await visitor.tabs_to("1 reply")
    await press("Enter")
    more = await visitor.tabs_to("^More actions for Carl Cooper", back=True)
    tools = page.locator(".thread .message-tools:focus-within")
    await expect(tools).to_have_css("opacity", "1")
    await press("Enter")
    item = page.get_by_role("menuitem", name="Call a number")
    await expect(item).to_be_focused()
    await press("Escape")
    await expect(item).to_have_count(0)
    await expect(more).to_have_attribute("aria-expanded", "false")
    await press("Enter")
    await expect(item).to_be_focused()
    await press("Enter")

    form = dialog(visitor, "Call a number")
    await expect(form.get_by_role("radio")).to_have_count(3)
    await visitor.sees(form, "their front desk", "Ask for extension 12", "order")
    await press("Tab")
    await press("Space")
    await expect(form.get_by_role("radio").first).to_be_checked()
    await press("Enter")

    await visitor.sees(visitor.card, "Calling", "0142")
    await visitor.presses("Close the thread")
    await visitor.card.get_by_role("link", name="a message").click()
    told = page.locator(".thread .message", has_text="front desk")
    await expect(told).to_be_focused()
    await declines(visitor)


async def test_nothing_to_call_is_said(visitor: Visitor) -> None:
    """A message without a number has the menu, too; the keyboard gets back to it."""
    more = visitor.page.get_by_role("button", name="More actions for Bob Baker").first
    await more.press("Enter")
    await visitor.page.get_by_role("menuitem", name="Call a number").press("Enter")
    form = dialog(visitor, "Call a number")
    await visitor.sees(form, "I couldn't find a phone number in this message.")

    await visitor.page.keyboard.press("Escape")

    await expect(form).to_have_count(0)
    await expect(more).to_be_focused()


async def test_a_private_answer_has_no_menu(visitor: Visitor) -> None:
    """Slack shows no shortcuts where one person alone reads."""
    await visitor.types("/ringout help")
    answer = visitor.page.locator(".private").last
    await visitor.sees(answer, "Only visible to you")

    await expect(answer.locator(".message-tools")).to_have_count(0)


async def dialer(visitor: Visitor) -> tuple[Locator, Locator]:
    """Open the dialer at the composer, by keys; return it, and its first field."""
    await visitor.page.get_by_role("button", name="Shortcuts").press("Enter")
    item = visitor.page.get_by_role("menuitem", name="Place a call")
    await expect(item).to_be_focused()
    await visitor.page.keyboard.press("Enter")
    form = dialog(visitor, "Place a call")
    field = form.get_by_role("combobox", name="Call", exact=True)
    await expect(field).to_be_focused()
    return form, field


def options(form: Locator) -> Locator:
    """Return what the dialer suggests."""
    return form.get_by_role("listbox").get_by_role("option")


async def test_a_number_is_typed_in_the_dialer_and_called(visitor: Visitor) -> None:
    """By keys alone: what was typed is the first suggestion, with what it would dial."""
    page, press = visitor.page, visitor.page.keyboard.press
    form, field = await dialer(visitor)
    await expect(form.get_by_label("Show the call in")).to_have_value("C0SALES")
    await expect(field).to_have_attribute("aria-expanded", "false")
    await page.keyboard.type("415 555 0143")
    first = options(form).first
    await expect(first).to_have_text("+1 415-555-0143Call this number")
    await expect(first).to_have_attribute("aria-selected", "true")
    assert await field.evaluate(AT) == await first.get_attribute("id")

    await press("Escape")
    await expect(form.get_by_role("listbox")).to_have_count(0)
    await expect(form).to_be_visible()
    await press("ArrowDown")
    await press("Enter")
    await expect(field).to_have_value("+1 415-555-0143")
    await press("Enter")

    await expect(form).to_have_count(0)
    await visitor.sees(visitor.card, "Calling", "0143")
    await expect(page.get_by_role("button", name="Shortcuts")).to_be_focused()
    await declines(visitor)


async def test_the_dialer_begins_with_the_last_numbers(visitor: Visitor) -> None:
    """Nothing is typed yet; the arrow keys go through them, round and round."""
    await visitor.types("/ringout 415 555 0144")
    await visitor.sees(visitor.card, "0144")
    await declines(visitor)
    press = visitor.page.keyboard.press
    form, field = await dialer(visitor)
    await press("ArrowDown")
    found = options(form)
    await visitor.sees(found.first, "+1 415-555-0144", "Called before")
    last = await found.last.get_attribute("id")

    await press("ArrowUp")

    assert await field.evaluate(AT) == last
    await expect(found.last).to_have_attribute("aria-selected", "true")
    await press("ArrowDown")
    await expect(found.first).to_have_attribute("aria-selected", "true")
    await press("Escape")
    await press("Escape")
    await expect(form).to_have_count(0)


async def test_what_is_wrong_stands_at_its_field(visitor: Visitor) -> None:
    """Nothing chosen, and a number that may not be called; both can be mended there."""
    form, field = await dialer(visitor)
    await visitor.presses("Call", within=form)
    await visitor.sees(form.get_by_role("alert"), "Please complete this required field")
    await expect(field).to_be_focused()
    await expect(field).to_have_attribute("aria-invalid", "true")
    await field.fill("911")
    await options(form).first.click()
    await visitor.presses("Call", within=form)

    await visitor.sees(form.get_by_role("alert"), re.compile("[Ee]mergency"))

    await expect(field).to_be_focused()
    await field.fill("415 555 0145")
    # Before it is suggested: Enter takes it as soon as it is.
    await field.press("Enter")
    await expect(field).to_have_value("+1 415-555-0145")
    await field.press("Enter")
    await visitor.sees(visitor.card, "Calling", "0145")
    await declines(visitor)


async def test_home_opens_the_dialer(visitor: Visitor) -> None:
    """There it chooses no channel, so the card comes to the direct messages."""
    await visitor.goes_to("RingOut")
    await visitor.presses("Home")
    home = visitor.page.get_by_role("region", name="Home")
    await visitor.presses("Call…", within=home)
    form = dialog(visitor, "Place a call")
    await expect(form.get_by_label("Show the call in")).to_have_value("")
    await form.get_by_role("combobox", name="Call", exact=True).fill("415 555 0146")
    await options(form).first.click()
    await visitor.presses("Call", within=form)
    await visitor.presses("Messages")

    await visitor.sees(visitor.card, "Calling", "0146")
    await declines(visitor)


async def test_words_to_the_bot_are_asked_about_privately(visitor: Visitor) -> None:
    """In a channel by its name, in its direct messages without; a press is one call."""
    private = visitor.page.locator(".private").last
    await visitor.types("@ringout call 415 555 0147")
    said = visitor.page.locator(".message:not(.private)").last
    await visitor.sees(said, "@RingOut call 415 555 0147")
    await visitor.sees(private, "Only visible to you", "0147")
    await visitor.presses("Call", within=private)
    await visitor.sees(visitor.card, "Calling", "0147")
    await declines(visitor)

    await visitor.goes_to("RingOut")
    await visitor.types("415 555 0148", "Message RingOut")
    question = visitor.page.locator(".message", has_text="415-555-0148").last
    await visitor.presses("Call", within=question)

    await visitor.sees(visitor.card, "Calling", "0148")
    await declines(visitor)


async def test_a_call_is_hung_up_on_its_card_by_keys(visitor: Visitor) -> None:
    """From the ringing of the other party; and the page shows what the bot was told."""
    page, press = visitor.page, visitor.page.keyboard.press
    await visitor.calls()
    await visitor.on_phone("Your phone", "Answer")
    hang_up = visitor.card.get_by_role("button", name="Hang up")
    await expect(hang_up).to_be_visible()
    await visitor.on_phone("Other party", "Answer")
    await visitor.sees(visitor.card, "Talking with")
    await hang_up.press("Enter")
    await visitor.sees(dialog(visitor, "Hang up?"), "It ends the call for both sides.")
    await press("Tab")
    await press("Enter")

    await visitor.sees(visitor.card, "Talked for", "1 reply")
    await expect(page.locator(".phone.is-hung-up")).to_have_count(2)
    await visitor.presses("RingCentral")
    events = page.locator(".request.is-event")
    await visitor.sees(events.first, "RingCentral to the bot", "sent by RingCentral")
    for text in ("EVENT first phone: answered", "EVENT other party: down"):
        await expect(events.filter(has_text=text).first).to_be_visible()
    await expect(page.locator("summary", has_text="DELETE telephony")).to_have_count(1)


async def test_others_have_the_button_and_not_the_right(visitor: Visitor) -> None:
    """She is no admin; the call goes on until who placed it hangs up."""
    await visitor.is_("Carl Cooper")
    await visitor.calls()
    await visitor.on_phone("Your phone", "Answer")
    await expect(visitor.card.get_by_role("button", name="Hang up")).to_be_visible()
    await visitor.is_("Ann Archer")
    await visitor.presses("Hang up", within=visitor.card)
    await visitor.presses("Hang up", within=dialog(visitor, "Hang up?"))

    await visitor.sees(visitor.page.locator(".private").last, "Only @Carl Cooper")
    await visitor.is_("Carl Cooper")
    await visitor.on_phone("Other party", "Decline")
    await visitor.sees(visitor.card, "1 reply")


@needs_axe
@pytest.mark.parametrize("size", [WIDE, NARROW], ids=["1280", "390"])
async def test_axe_finds_nothing_in_menus_and_forms(
    browser: Browser, address: str, size: ViewportSize
) -> None:
    """Both menus, the dialer with suggestions and with an error, the numbers, the question."""
    async with a_visitor(browser, address, size=size) as visitor:
        found: list[str] = []
        page = visitor.page
        await visitor.is_("Bob Baker")  # Ann has placed her ten calls a minute

        async def judge() -> None:
            found.extend(await visitor.judged())
            await page.emulate_media(color_scheme="dark")
            found.extend(await visitor.judged("color-contrast"))
            await page.emulate_media(color_scheme="light")
            wide = await page.evaluate("document.documentElement.scrollWidth")
            assert wide == size["width"]

        await page.get_by_role("button", name="1 reply").first.click()
        more = visitor.thread.get_by_role("button", name="More actions for Carl")
        if size == NARROW:  # nothing hovers on a telephone
            await expect(more).to_be_in_viewport()
            await expect(visitor.thread.locator(".message-tools").first).to_have_css(
                "opacity", "1"
            )
        else:
            await visitor.thread.locator(".message").last.hover()
        await more.click()
        await expect(page.get_by_role("menuitem")).to_be_focused()
        await judge()
        await page.keyboard.press("Enter")
        await expect(dialog(visitor, "Call a number")).to_be_visible()
        await judge()
        await page.keyboard.press("Escape")
        await visitor.presses("Close the thread")
        await page.get_by_role("button", name="Shortcuts").click()
        await judge()
        await page.keyboard.press("Escape")
        form, field = await dialer(visitor)
        await field.fill("415 555 0149")
        await visitor.sees(options(form).first, "0149")
        await judge()
        await page.keyboard.press("Escape")
        await visitor.presses("Call", within=form)
        await visitor.sees(form.get_by_role("alert"), "required field")
        await judge()
        await page.keyboard.press("Escape")
        await expect(form).to_have_count(0)
        await visitor.calls()
        await visitor.on_phone("Your phone", "Answer")
        await visitor.presses("Hang up", within=visitor.card)
        await expect(dialog(visitor, "Hang up?")).to_be_visible()
        await judge()
        await visitor.presses("Hang up", within=dialog(visitor, "Hang up?"))
        await visitor.sees(visitor.card, "1 reply")

        assert found == []
