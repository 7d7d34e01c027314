"""The admin's desk on the demo's page, by keyboard alone and with a screen reader."""

from __future__ import annotations

import pytest
from playwright.async_api import expect

from visitor import NARROW, Visitor, needs_axe

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

TOO_WIDE = "element => element.scrollWidth - element.clientWidth"


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
    await visitor.tabs_to("^Change… Asking an admin", back=True)
    await press("Enter")
    await expect(page.get_by_role("dialog", name="Rules")).to_be_visible()
    faults += await visitor.judged()
    await press("Escape")
    await visitor.tabs_to("^Resume calls", back=True)
    await press("Enter")
    await visitor.sees(home, "Calls are on.")

    assert faults == []


async def test_a_number_is_put_on_the_list_without_leaving_its_field(
    visitor: Visitor,
) -> None:
    """What was done is said above it, and the keyboard is where the next number goes."""
    page, press = visitor.page, visitor.page.keyboard.press
    await visitor.is_("Bob Baker")
    await visitor.goes_to("RingOut")
    await visitor.presses("Home")
    await visitor.presses("Open list…")
    form = page.get_by_role("dialog", name="Do-not-call list")
    number = form.get_by_label("Number")
    await expect(number).to_be_focused()
    await press("Enter")
    await visitor.sees(form, "Type a number, such as 415 555 0142.")
    await page.keyboard.type("415 555 0143")
    await press("Enter")

    await visitor.sees(form, "+1 415-555-0143 is on the do-not-call list.")

    await expect(number).to_be_focused()


@needs_axe
async def test_each_group_of_rules_is_changed_on_a_telephone_by_its_own_form(
    visitor: Visitor,
) -> None:
    """What is wrong is said, what was saved is undone, and nothing is cut off at 390."""
    page, form = visitor.page, visitor.page.get_by_role("dialog", name="Rules")
    home = page.get_by_role("region", name="Home")
    change = home.get_by_role("button", name="Change…")
    await visitor.is_("Bob Baker")
    await visitor.goes_to("RingOut")
    await visitor.presses("Home")
    await page.set_viewport_size(NARROW)
    groups = ("Countries", "Quiet hours", "Calls a day", "Channels shared", "asked for")
    await expect(change).to_have_count(len(groups))
    faults = await visitor.judged()
    for at, rule in enumerate(groups):
        await change.nth(at).focus()
        await page.keyboard.press("Enter")
        await visitor.sees(form, rule)
        faults += await visitor.judged()
        assert await form.evaluate(TOO_WIDE) == 0
        await page.keyboard.press("Escape")
        await expect(form).to_have_count(0)

    await change.nth(2).click()
    await form.get_by_label("Calls a minute").fill("99")
    await form.get_by_label("Calls a day").fill("40,400")
    await visitor.presses("Save", within=form)
    await visitor.sees(form, "Your operator doesn't allow that much. At most: 10.")
    faults += await visitor.judged()
    await form.get_by_label("Calls a minute").fill("5")
    await visitor.presses("Save", within=form)
    await visitor.sees(home, "Calls a day: 40 a person, 400 for everybody")
    await visitor.presses("Undo last change", within=home)
    await visitor.presses("Undo the change")
    await visitor.sees(home, "Calls a minute: 10", "Calls a day: no limit")

    assert await page.evaluate(f"({TOO_WIDE})(document.documentElement)") == 0
    assert faults == []
