"""The demo's page works by keyboard alone and with a screen reader."""

from __future__ import annotations

import pytest
from playwright.async_api import Locator, expect

from visitor import Visitor

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]


async def phone(visitor: Visitor, who: str) -> Locator:
    """Return a phone of the room."""
    return visitor.page.get_by_role("region", name=who, exact=True)


async def test_a_whole_call_is_played_by_keys_alone(visitor: Visitor) -> None:
    """From the first letter to both results, and back; the focus is never lost."""
    page, press = visitor.page, visitor.page.keyboard.press
    box = await visitor.tabs_to("^Message #sales")
    await page.keyboard.type("/ri")
    await press("Tab")
    await page.keyboard.type("(415) 555-0142")
    await press("Enter")
    await visitor.sees(visitor.card, "Calling", "ringing")
    await expect(box).to_have_attribute("aria-label", "Message #sales")

    await visitor.tabs_to("^Your phone: Answer")
    await press("Enter")
    await visitor.sees(visitor.card, "answered", "ringing")
    await expect(await phone(visitor, "Your phone")).to_be_focused()
    await visitor.tabs_to("^Other party: Answer")
    await press("Enter")
    await visitor.sees(visitor.card, "Talking with")
    await expect(await phone(visitor, "Other party")).to_be_focused()
    await visitor.tabs_to("^Other party: Hang up")
    await press("Enter")
    await visitor.sees(visitor.card, "Talked for", "1 reply")
    await expect(await phone(visitor, "Other party")).to_be_focused()

    await visitor.tabs_to("^1 reply", back=True)
    await press("Enter")
    await expect(page.get_by_label("Reply in thread", exact=True)).to_be_focused()
    await visitor.sees(visitor.thread, "Caller: answered", "Callee: answered")
    await visitor.tabs_to("^Close the thread", back=True)
    await press("Enter")
    await expect(visitor.thread).to_have_count(0)
    await expect(page.locator(":focus")).to_contain_text("1 reply")


async def test_a_thread_is_begun_at_any_message(visitor: Visitor) -> None:
    """A message without a button has one for the keyboard, and it is seen."""
    page = visitor.page
    await visitor.tabs_to("^Message #sales")

    tool = await visitor.tabs_to("^Reply in thread to Bob Baker", back=True)
    await expect(page.locator(".message-tools:focus-within")).to_have_css(
        "opacity", "1"
    )
    await page.keyboard.press("Enter")
    await page.keyboard.type("I will.")
    await page.keyboard.press("Enter")
    await visitor.sees(visitor.thread, "1 reply", "I will.")
    await page.keyboard.press("Escape")

    await expect(visitor.thread).to_have_count(0)
    await expect(tool).to_have_attribute("title", "Reply in thread")


async def test_a_question_gives_the_keyboard_back(visitor: Visitor) -> None:
    """To the button that asked; to its card where the answer took the button away."""
    press = visitor.page.keyboard.press
    await visitor.calls()
    await visitor.on_phone("Your phone", "Answer")
    await visitor.sees(visitor.card, "…0142: ringing")
    dialog = visitor.page.get_by_role("dialog", name="Hang up?")
    hang_up = visitor.card.get_by_role("button", name="Hang up")
    await expect(hang_up).to_be_visible()
    await visitor.tabs_to("^Hang up", back=True)
    for way in ("Escape", "Enter"):
        await press("Enter")
        await expect(dialog).to_be_visible()
        await press(way)
        await expect(dialog).to_have_count(0)
        await expect(hang_up).to_be_focused()

    await press("Enter")
    await press("Tab")
    await press("Enter")
    await expect(hang_up).to_have_count(0)

    await expect(visitor.card).to_be_focused()


async def test_a_modal_gives_the_keyboard_back(visitor: Visitor) -> None:
    """After closing the settings, people go on typing where they were."""
    await visitor.types("/ringout settings")
    form = visitor.page.get_by_role("dialog", name="RingOut settings")
    await expect(form).to_be_visible()

    await visitor.page.keyboard.press("Escape")

    await expect(form).to_have_count(0)
    await expect(visitor.page.get_by_label("Message #sales")).to_be_focused()


async def test_a_killed_bot_takes_no_focus_along(visitor: Visitor) -> None:
    """The button that killed it cannot be used meanwhile, and stays where one is."""
    kill = await visitor.tabs_to("^kill -9")

    await visitor.page.keyboard.press("Enter")

    await expect(kill).to_have_attribute("aria-disabled", "true")
    await visitor.sees(visitor.page.locator(".bot"), "bot running", "restarted 1")
    await expect(kill).to_have_text("kill -9 the bot")
