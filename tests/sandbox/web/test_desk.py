"""The admin's desk on the demo's page, by keyboard alone and with a screen reader."""

from __future__ import annotations

import pytest
from playwright.async_api import expect

from visitor import Visitor, needs_axe

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]


@needs_axe
async def test_an_admin_to_be_pauses_and_resumes_by_keys_alone(
    visitor: Visitor,
) -> None:
    """The visitor is Bob, the admin; what he does holds for Ann's next call."""
    page, press = visitor.page, visitor.page.keyboard.press
    await visitor.is_("Bob Baker")
    await visitor.goes_to("RingOut")
    await visitor.presses("Home")
    home = page.get_by_role("region", name="Home")
    await visitor.sees(home, "Admin desk", "Calls are on.", "Do-not-call list")
    faults = await visitor.judged()

    await visitor.tabs_to("^Pause calls")
    await press("Enter")
    form = page.get_by_role("dialog", name="Pause calls")
    await expect(form.get_by_label("Reason")).to_be_visible()
    faults += await visitor.judged()
    await visitor.tabs_to("^Reason")
    await page.keyboard.type("phones are down")
    await press("Enter")
    await visitor.sees(home, "Calls are paused", "phones are down", "Last decisions")
    for label, name in (("Open list", "Do-not-call list"), ("People", "People")):
        await visitor.tabs_to(f"^{label}")
        await press("Enter")
        await expect(page.get_by_role("dialog", name=name)).to_be_visible()
        faults += await visitor.judged()
        await press("Escape")
    await visitor.tabs_to("^Change", back=True)
    await press("Enter")
    await expect(page.get_by_role("dialog", name="Rules")).to_be_visible()
    faults += await visitor.judged()
    await press("Escape")
    await visitor.tabs_to("^Resume calls", back=True)
    await press("Enter")
    await visitor.sees(home, "Calls are on.")

    assert faults == []


async def test_a_visitor_asks_and_answers_as_the_docs_say(visitor: Visitor) -> None:
    """The walk of "Ask an admin": Ann is refused, Bob approves, Ann calls."""
    page = visitor.page
    messages = page.get_by_role("main")
    await visitor.types("/ringout +33 1 42 27 81 86")
    await visitor.sees(
        messages, "Calls to France aren't allowed", "You can ask an admin"
    )
    await visitor.presses("Ask an admin")
    await visitor.sees(messages, "I've asked the admins")
    await visitor.is_("Bob Baker")
    await visitor.goes_to("sales")
    await visitor.sees(messages, "asks to call +33", "in France")
    await visitor.presses("Approve")
    await visitor.sees(messages, "approved it.")
    await visitor.is_("Ann Archer")
    await visitor.goes_to("RingOut")
    await visitor.presses("Messages")
    await visitor.sees(messages, "allows your call to +33 1 42 27 81 86")
    await visitor.presses("Call")
    await visitor.sees(messages, "Calling you on")
