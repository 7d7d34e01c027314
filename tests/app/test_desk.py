"""The admin's desk, played: what it changes holds for the next call."""

from __future__ import annotations

import pytest

from bot.policy.rule_fields import RuleGroup
from bot.sandbox.slack.views import View
from bot.slack.texts.desk_audit import NEWEST_AUDIT_BUTTON, OLDER_BUTTON
from bot.slack.texts.desk_forms import REASON_BLOCK
from bot.slack.texts.desk_home import (
    PAUSE_BUTTON,
    PEOPLE_BUTTON,
    RULES_BUTTON,
    UNDO_BUTTON,
)
from bot.slack.texts.desk_lists import DISCONNECT_PERSON_BUTTON, PERSON_BLOCK
from own import connects, dm, lets_connect, modal, whispered
from town import Town

ADMINS = "S0ADMINS"


@pytest.fixture
async def ruled(closed_town: Town) -> Town:
    """Give a bot whose admin is Bob."""
    bob = closed_town.slack.workspace.user("bob").id
    await closed_town.open(RINGOUT_ADMINS=bob, RINGOUT_COUNTRIES="US,GB")
    return closed_town


async def home_saying(
    town: Town, part: str, user: str = "bob", *, opens: bool = True
) -> View:
    """Open somebody's Home, if it isn't, and return it once it says *part*."""
    if opens:
        await town.slack.open_home(user)

    def seen() -> View | None:
        home = town.slack.home_of(user)
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


async def test_no_call_is_begun_where_another_company_reads_along(ruled: Town) -> None:
    """The rule is a tick in a form; Slack tells which channels are shared."""
    home = await home_saying(ruled, "Admin desk")
    [row] = [
        each["block_id"]
        for each in home.source["blocks"]
        if each.get("accessory", {}).get("value") == RuleGroup.PLACES
    ]
    await ruled.slack.click_in_view(home, RULES_BUTTON, block_id=row)
    form = await modal(ruled, "bob")
    ruled.slack.fill_in(form, {"shared_channels": "off"})
    saved = await ruled.slack.submit(form)
    ruled.slack.workspace.channel("general").is_shared = True
    await ruled.types(channel="general")
    await whispered(ruled, "in channels that are shared with another company.")
    await ruled.types(channel="deals")
    await whispered(ruled, "I'm not in this one to see")
    await ruled.types()
    await ruled.finished()

    assert saved.ok
    assert len(ruled.cards()) == 1


def carls(town: Town) -> object:
    """Return what Carl's Home shows."""
    home = town.slack.home_of("carl")
    assert home is not None
    return home.source["blocks"]


async def test_the_desks_of_a_groups_people_show_what_another_admin_does(
    closed_town: Town,
) -> None:
    """Carl looks at his desk while Bob pauses calls; then he is no admin any more."""
    town = closed_town
    town.slack.space.user_groups.put(ADMINS, ["U0BOB", "U0CARL"])
    await town.open(RINGOUT_ADMINS=ADMINS)
    await home_saying(town, "Admin desk", "carl")

    await town.types("pause phones are down", command="/ringout-admin", user="bob")
    shown = await home_saying(town, "phones are down", "carl", opens=False)
    paused = str(shown.source["blocks"])
    await town.slack.set_group(ADMINS, "bob")
    await town.until(lambda: "Admin desk" not in str(carls(town)))

    assert f"<@{town.slack.workspace.user('bob').id}>" in paused


async def test_whom_an_admin_disconnects_reads_it_in_their_messages(
    closed_town: Town,
) -> None:
    """Else their next call fails for a reason that nobody has told them."""
    town, bob = closed_town, closed_town.slack.workspace.user("bob").id
    lets_connect(town, "ann")
    await town.open(RINGOUT_ADMINS=bob)
    await connects(town)
    home = await home_saying(town, "Admin desk")
    await town.slack.click_in_view(home, PEOPLE_BUTTON)
    form = await modal(town, "bob")
    ann = town.slack.workspace.user("ann").id
    town.slack.fill_in(form, {PERSON_BLOCK: ann})
    await town.slack.submit(form)
    one = await modal(town, "bob")
    await town.slack.click_in_view(one, DISCONNECT_PERSON_BUTTON)
    told = await dm(town, f"<@{bob}>, an admin here, disconnected")

    assert "Your RingCentral sign-in has ended" in told.text
    assert "`/ringout connect`" in told.text


async def test_the_audit_turns_its_page_in_place(ruled: Town) -> None:
    """Bob looks for what Ann tried among more rows than a message holds."""
    for _ in range(26):
        assert (await ruled.types("check 415 555 0142")).ok
    await ruled.types("audit check", command="/ringout-admin", user="bob")
    shown = await whispered(ruled, "Audit for", "bob")
    assert str(shown.blocks).count("0142") == 25

    await ruled.slack.click("bob", shown, OLDER_BUTTON)
    await ruled.until(lambda: str(shown.blocks).count("0142") == 1)

    assert NEWEST_AUDIT_BUTTON in str(shown.blocks)
    assert OLDER_BUTTON not in str(shown.blocks)
