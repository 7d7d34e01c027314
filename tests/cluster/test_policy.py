"""Two processes on one PostgreSQL: a rule, a pause and a role hold in both, and at once.

These processes never look for groups by themselves: what one learns of the other comes
from the database with the next call, or from a signal.
"""

from __future__ import annotations

import asyncio

import pytest

from bot.sandbox.limits import Limits
from bot.sandbox.slack.delivery import Ack
from bot.sandbox.slack.views import View
from bot.slack.texts.desk_home import RULES_BUTTON, UNDO_BUTTON
from fleet import Fleet, number
from own import modal
from patience import PATIENCE
from process import Process
from town import Town

pytestmark = [pytest.mark.twin, pytest.mark.unmeasured]

ADMINS, SALES = "S0ADMINS", "S0SALES"
NOT_ALLOWED = "You aren't allowed"
LIMIT = Limits(window=50, penalty=50)
"""Of RingCentral's: a call that meets it waits longer than a test."""


async def at_each(
    fleet: Fleet, text: str, user: str = "ann", command: str = "/ringout"
) -> list[str]:
    """Type a command once for each process; return what it says."""
    sockets = fleet.town.slack.deliveries.sockets.open
    before = [each.envelopes for each in sockets]
    acks = [await fleet.town.types(text, user=user, command=command) for _ in sockets]
    assert all(each.envelopes > had for each, had in zip(sockets, before, strict=True))
    assert all(each.ok for each in acks)
    return [each.text for each in acks]


async def as_admin(town: Town, text: str, user: str = "bob") -> Ack:
    """Type a command of an admin's."""
    return await town.types(text, user=user, command="/ringout-admin")


async def opens_home(town: Town, user: str, part: str) -> View:
    """Open somebody's Home, and return it once it says *part*."""
    await town.slack.open_home(user)
    return await home_says(town, user, part)


async def home_says(town: Town, user: str, part: str) -> View:
    """Wait until a Home that is open says *part*, and return it."""

    def seen() -> View | None:
        home = town.slack.home_of(user)
        return home if home and part in str(home.source["blocks"]) else None

    found = await town.until(seen)
    assert found is not None
    return found


def shown(fleet: Fleet, part: str) -> int:
    """Return how many cards say *part* now."""
    return sum(part in str(card.blocks) for card in fleet.cards())


async def test_a_pause_in_one_holds_in_both_and_ends_what_waits(fleet: Fleet) -> None:
    """Toll fraud is stopped by the first press, whichever process Slack brings it to."""
    town = fleet.town
    town.slack.space.user_groups.put(ADMINS, ["U0BOB", "U0CARL"])
    await fleet.start(2, RINGOUT_ADMINS=ADMINS)
    await opens_home(town, "carl", "Admin desk")
    town.ringcentral.queue("429-post")
    town.ringcentral.limits = LIMIT
    for count in (1, 2):  # one waits in each process
        await town.types(number(count))
        await town.until(lambda n=count: shown(fleet, "Waiting to call") == n)  # type: ignore[misc]

    paused = await as_admin(town, "pause toll fraud")
    refused = await at_each(fleet, number(3))
    await town.until(lambda: shown(fleet, "before this one was placed") == 2)
    await home_says(town, "carl", "toll fraud")
    asked = town.posts
    await as_admin(town, "resume")
    town.ringcentral.limits = Limits.off()
    placed = await at_each(fleet, number(4))

    assert "paused" in paused.text
    assert all("toll fraud" in each for each in refused)
    assert asked == 1
    assert not any("toll fraud" in each for each in placed)


async def test_rules_changed_in_one_hold_in_both(fleet: Fleet) -> None:
    """The next call is judged by them, and the other admins' desks show them."""
    town = fleet.town
    town.slack.space.user_groups.put(ADMINS, ["U0BOB", "U0CARL"])
    await fleet.start(2, RINGOUT_ADMINS=ADMINS, RINGOUT_COUNTRIES="US,GB")
    await opens_home(town, "carl", "Countries: GB, US")
    home = await opens_home(town, "bob", "Admin desk")
    await town.slack.click_in_view(home, RULES_BUTTON, value="numbers")
    form = await modal(town, "bob")
    town.slack.fill_in(form, {"countries": "GB"})

    saved = await town.slack.submit(form)
    refused = await at_each(fleet, f"check {number(0)}")
    await home_says(town, "bob", UNDO_BUTTON)
    carls = await home_says(town, "carl", UNDO_BUTTON)
    await town.slack.click_in_view(carls, UNDO_BUTTON)
    await town.until(lambda: UNDO_BUTTON not in str(home.source["blocks"]))
    allowed = await at_each(fleet, f"check {number(0)}")

    assert saved.ok
    assert all("You can't call" in each for each in refused)
    assert all("You can call" in each for each in allowed)


async def test_rules_of_the_command_line_hold_and_are_shown_at_once(
    fleet: Fleet,
) -> None:
    """It is a process of its own: it knows nobody's Home, and who is in which group."""
    town = fleet.town
    groups = town.slack.space.user_groups
    groups.put(ADMINS, ["U0CARL"])
    groups.put(SALES, ["U0ANN"])
    processes = await fleet.start(2, RINGOUT_ADMINS=ADMINS, RINGOUT_COUNTRIES="US,GB")
    await opens_home(town, "carl", "Countries: GB, US")
    rules = f'countries = ["GB"]\n[[section]]\nwho = ["{SALES}"]\ncountries = ["US"]\n'
    (town.folder / "rules.toml").write_text(rules)
    team = town.slack.workspace.team

    imported = Process(town.folder, processes[0].env)
    await imported.start("policy", "import", "rules.toml", "--team", team)
    code, _ = await imported.ended()
    await home_says(town, "carl", UNDO_BUTTON)
    refused = await at_each(fleet, f"check {number(0)}", "bob")
    async with asyncio.timeout(PATIENCE):
        while any(
            "You can't call" in each
            for each in await at_each(fleet, f"check {number(0)}")
        ):
            pass

    assert code == 0
    assert all("You can't call" in each for each in refused)


async def test_a_group_that_one_hears_of_counts_in_both(fleet: Fleet) -> None:
    """Slack tells one process that Bob has joined and Ann has left."""
    town = fleet.town
    town.slack.space.user_groups.put(SALES, ["U0ANN"])
    await fleet.start(2, RINGOUT_ALLOWED_USERS=SALES)
    before = await at_each(fleet, "status", user="bob")

    await town.slack.set_group(SALES, "bob")
    async with asyncio.timeout(PATIENCE):
        while any(
            NOT_ALLOWED in each for each in await at_each(fleet, "status", "bob")
        ):
            pass
    after = await at_each(fleet, "status", user="ann")

    assert all(NOT_ALLOWED in each for each in before)
    assert all(NOT_ALLOWED in each for each in after)
