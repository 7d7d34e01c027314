"""The admin's desk, played: what it changes holds for the next call."""

from __future__ import annotations

import pytest

from bot.sandbox.slack.views import View
from bot.slack.texts.desk_forms import REASON_BLOCK
from bot.slack.texts.desk_home import PAUSE_BUTTON, RULES_BUTTON, UNDO_BUTTON
from own import modal, whispered
from town import Town


@pytest.fixture
async def ruled(closed_town: Town) -> Town:
    """Give a bot whose admin is Bob."""
    bob = closed_town.slack.workspace.user("bob").id
    await closed_town.open(RINGOUT_ADMINS=bob, RINGOUT_COUNTRIES="US,GB")
    return closed_town


async def home_saying(town: Town, part: str) -> View:
    """Open Bob's Home, and return it once it says *part*."""
    await town.slack.open_home("bob")

    def seen() -> View | None:
        home = town.slack.home_of("bob")
        return home if home and part in str(home.source["blocks"]) else None

    found = await town.until(seen)
    assert found is not None
    return found


async def test_a_rule_and_a_pause_hold_until_they_are_taken_back(ruled: Town) -> None:
    """An admin narrows, undoes, pauses and resumes without a restart."""
    home = await home_saying(ruled, "Admin desk")
    await ruled.slack.click_in_view(home, RULES_BUTTON, value="numbers")
    form = await modal(ruled, "bob")
    ruled.slack.fill_in(form, {"countries": "GB, FR"})
    wider = await ruled.slack.submit(form)
    ruled.slack.fill_in(form, {"countries": "GB"})
    saved = await ruled.slack.submit(form)
    await ruled.types()
    await whispered(ruled, "Calls to the United States aren't allowed here")
    home = await home_saying(ruled, "Undo last change")
    await ruled.slack.click_in_view(home, UNDO_BUTTON)
    home = await home_saying(ruled, "Countries: GB, US")
    await ruled.slack.click_in_view(home, PAUSE_BUTTON)
    form = await modal(ruled, "bob")
    ruled.slack.fill_in(form, {REASON_BLOCK: "phones are down"})
    paused = await ruled.slack.submit(form)
    await ruled.types()
    told = await whispered(ruled, "phones are down")
    await ruled.types("resume", command="/ringout-admin", user="bob")
    await ruled.types()
    await ruled.finished()

    assert "At most: GB, US" in str(wider)
    assert (saved.ok, paused.ok) == (True, True)
    assert f"<@{ruled.slack.workspace.user('bob').id}>" in told.text
    assert len(ruled.cards()) == 1
