"""Every block, element and view that Slack has for us, as the demo's page draws it."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from playwright.async_api import Browser, Locator, expect

from bolt_bot import a_slack, by_socket
from bot.sandbox.ringcentral.double import RingCentralDouble
from bot.sandbox.slack.double import SlackDouble
from bot.sandbox.web.server import WebServer
from bot.workspaces import manifest
from crew import NoCrew
from gallery import BARS, Gallery
from visitor import NARROW, Visitor, a_visitor, needs_axe

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]


@asynccontextmanager
async def shown(
    browser: Browser,
) -> AsyncIterator[tuple[Visitor, Gallery, SlackDouble]]:
    """Open the page of a bot that shows everything, its Home tab too."""
    described = manifest.load()
    described["features"]["app_home"]["home_tab_enabled"] = True
    bot = Gallery()
    async with (
        a_slack() as slack,
        RingCentralDouble() as ringcentral,
        by_socket(slack, bot),
    ):
        server = WebServer(
            slack=slack, ringcentral=ringcentral, crew=NoCrew(), manifest=described
        )
        address = await server.start()
        try:
            async with a_visitor(browser, address) as visitor:
                yield visitor, bot, slack
        finally:
            await server.close()


async def all_blocks(visitor: Visitor) -> Locator:
    """Have the bot show every block; return the message."""
    await visitor.types("/ringout blocks")
    message = visitor.page.locator(".middle .message", has_text="Every block")
    await expect(message.get_by_role("button", name="1 reply")).to_be_visible()
    return message


async def test_every_block_is_drawn(browser: Browser) -> None:
    """Text that stands for itself, dates in the viewer's zone, nothing from outside."""
    async with shown(browser) as (visitor, _, _):
        message = await all_blocks(visitor)

        await expect(message.get_by_role("heading")).to_have_text("Every block 👋")
        for tag, text in (
            ("strong", "Bold"),
            ("em", "italic"),
            ("s", "struck"),
            ("code", "code"),
            ("blockquote", "Quoted"),
            ("blockquote", "The app quotes"),
            ("li", "one"),
        ):
            await expect(message.locator(tag, has_text=text).first).to_be_visible()
        await visitor.sees(
            message,
            "<b>",
            "@Ann Archer in #sales",
            "2025-12-31 at 4:00 PM",
            "2026 in words",
            "code for @Bob Baker 📞",
            "*Ann* <b>",
            "Wednesday, December 31st, 2025 4:00:00 PM",
        )
        plain, data = await message.get_by_role("table").all()
        await expect(plain.get_by_role("columnheader")).to_have_text(["When", "Who"])
        await expect(data.get_by_role("rowheader")).to_have_text(
            [f"Party {at}" for at in range(1, 6)]
        )
        await expect(message.get_by_role("img", name="A chart")).to_be_visible()
        await expect(message.get_by_role("separator")).to_have_count(1)
        await expect(message.get_by_role("link", name="link")).to_have_attribute(
            "rel", "noopener noreferrer"
        )
        changed = visitor.page.locator(".message", has_text="Something new")
        await visitor.sees(changed, "(edited)")


async def test_a_charts_figures_are_read_and_heard(browser: Browser) -> None:
    """On the bars, in a sentence, and all in sight on a telephone; nothing is cut off."""
    async with shown(browser) as (visitor, _, _):
        await visitor.page.set_viewport_size(NARROW)
        chart = (await all_blocks(visitor)).get_by_role("figure", name="Calls by day")

        picture = chart.get_by_role("img")
        await expect(picture).to_have_accessible_name(
            re.compile(
                "^Fri 25: Connected 3, Other calls 1; .*Thu 1: Connected 9, Other"
            )
        )
        await expect(chart.locator(".bar-value")).to_have_text(
            [str(each) for pair in zip(*BARS.values(), strict=True) for each in pair]
        )
        await expect(chart.get_by_role("listitem")).to_have_text(list(BARS))
        plot = chart.get_by_role("region", name="Calls by day")
        assert await plot.evaluate("each => each.scrollWidth <= each.clientWidth")
        heights = await chart.locator("rect").evaluate_all(
            "all => all.map(each => each.height.baseVal.value)"
        )
        tallest = max(max(each) for each in BARS.values())
        shares = [height / max(heights) * tallest for height in heights]
        assert [round(each) for each in shares] == [
            each for pair in zip(*BARS.values(), strict=True) for each in pair
        ]


async def test_every_element_is_pressed(browser: Browser) -> None:
    """The bot hears of buttons and menus what Slack would tell it."""
    async with shown(browser) as (visitor, bot, slack):
        message = await all_blocks(visitor)

        await visitor.presses("Go", within=message)
        await visitor.chooses("Which phone", "Mobile", within=message)
        await visitor.chooses(re.compile("^More$"), "Claim", within=message)
        await visitor.presses("Stop", within=message)
        dialog = visitor.page.get_by_role("dialog", name="Stop it")
        await expect(dialog.get_by_role("strong")).to_have_text("Really")
        await visitor.presses("Stop it", within=dialog)

        await slack.until(lambda: len(bot.pressed) == 4)
        actions = [body["actions"][0] for body in bot.pressed]
        assert [each["action_id"] for each in actions] == [
            "go",
            "menu",
            "more",
            "stop",
        ]
        assert actions[0]["value"] == "7"
        assert actions[1]["selected_option"]["value"] == "mobile"
        assert actions[2]["selected_option"]["value"] == "claim 1"


async def test_menus_are_used_by_keys_alone(browser: Browser) -> None:
    """Nothing is taken by passing it: one of the options may dial a number."""
    async with shown(browser) as (visitor, bot, slack):
        message = await all_blocks(visitor)
        press, page = visitor.page.keyboard.press, visitor.page
        more = message.get_by_role("button", name="More", exact=True)
        await more.focus()

        await press("Enter")
        await expect(page.get_by_role("menuitem", name="Show number")).to_be_focused()
        await press("ArrowDown")
        await press("Escape")
        await expect(page.get_by_role("menu")).to_have_count(0)
        await expect(more).to_be_focused()
        await press("Enter")
        await expect(page.get_by_role("menuitem", name="Show number")).to_be_focused()
        await press("c")
        await expect(page.get_by_role("menuitem", name="Claim")).to_be_focused()
        await press("Enter")

        await slack.until(lambda: bool(bot.pressed))
        assert [
            body["actions"][0]["selected_option"]["value"] for body in bot.pressed
        ] == ["claim 1"]
        await expect(more).to_be_focused()


async def test_a_data_table_turns_its_pages(browser: Browser) -> None:
    """Slack shows so many rows at a time, by the keyboard too."""
    async with shown(browser) as (visitor, _, _):
        message = await all_blocks(visitor)
        table = message.get_by_role("region", name="Your last 7 calls")
        await expect(table.get_by_role("row")).to_have_count(6)

        await message.get_by_role("button", name="Next").press("Enter")

        await expect(table.get_by_role("rowheader")).to_have_text(
            ["Party 6", "Party 7"]
        )
        await visitor.sees(message, "6 to 7 of 7")
        await visitor.presses("Previous", within=message)
        await expect(table.get_by_role("row")).to_have_count(6)


async def test_a_modal_is_filled_in_corrected_and_closed(browser: Browser) -> None:
    """Labels, hints, what is missing, what the bot finds wrong; Escape closes it."""
    async with shown(browser) as (visitor, bot, slack):
        page = visitor.page
        await visitor.types("/ringout modal")
        modal = page.get_by_role("dialog", name="Place a call")
        await visitor.presses("Call", within=modal)
        await visitor.sees(modal, "Please complete this required field.")
        number = modal.get_by_label("Number")
        await expect(number).to_be_focused()
        await expect(number).to_have_attribute("aria-invalid", "true")
        await expect(number).to_have_css("border-color", "rgb(184, 15, 68)")
        await modal.get_by_label("Number").fill("bad")
        await modal.get_by_label("Quietly").check()
        await modal.get_by_label("Ring first").select_option("Mobile")
        await visitor.presses("Call", within=modal)
        await visitor.sees(modal, "That is no number.")
        await modal.get_by_label("Number").fill("push")
        await modal.get_by_label("Number").press("Enter")
        second = page.get_by_role("dialog", name="Really?")
        await visitor.sees(second, "It will ring.")
        await visitor.presses("Yes", within=second)
        await expect(page.get_by_role("dialog")).to_have_count(0)

        values = bot.submitted[0]["state"]["values"]
        assert values["to"]["number"]["value"] == "bad"
        assert values["from"]["menu"]["selected_option"]["value"] == "mobile"
        flags = values["how"]["flags"]["selected_options"]
        assert [each["value"] for each in flags] == ["quiet"]
        await visitor.types("/ringout modal")
        await expect(modal).to_be_visible()
        await page.keyboard.press("Escape")
        await expect(modal).to_have_count(0)
        await slack.until(lambda: bot.closed == 1)


async def test_the_home_tab_is_shown(browser: Browser) -> None:
    """Where the manifest has one."""
    async with shown(browser) as (visitor, bot, slack):
        await visitor.goes_to("RingOut")
        await visitor.presses("Home")
        home = visitor.page.get_by_role("region", name="Home")
        await expect(home.get_by_role("heading")).to_have_text("Your phones")
        await visitor.presses("Ring", within=home)
        await slack.until(lambda: len(bot.pressed) == 1)


@needs_axe
async def test_axe_finds_nothing_serious_in_any_block(browser: Browser) -> None:
    """Wide and narrow, in a message, a modal and at home."""
    async with shown(browser) as (visitor, _, _):
        await all_blocks(visitor)
        found = await visitor.judged()
        await visitor.presses("More")
        await expect(visitor.page.get_by_role("menu")).to_be_visible()
        found += await visitor.judged()
        await visitor.page.emulate_media(color_scheme="dark")
        found += await visitor.judged()
        await visitor.page.emulate_media(color_scheme="light")
        await visitor.page.keyboard.press("Escape")
        await visitor.page.set_viewport_size(NARROW)
        found += await visitor.judged()
        await visitor.types("/ringout modal")
        await expect(visitor.page.get_by_role("dialog")).to_be_visible()
        found += await visitor.judged()

        assert found == []
