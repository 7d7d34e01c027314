"""Every entrance keeps out who is no member: none of the handlers is reached."""

from __future__ import annotations

from typing import Any

import pytest

from bot.calls.call import Place
from bot.calls.people.person import Person
from bot.slack.entrances.buttons import ACTIONS
from bot.slack.entrances.entrance import tables
from bot.slack.entrances.forms import FORMS
from bot.slack.entrances.queries import QUERIES
from bot.slack.entrances.request import Request
from bot.slack.entrances.shortcuts import SHORTCUTS
from bot.slack.entrances.wanted import BUTTONS_FOR_ANYBODY
from bot.user_errors import AccessDenied, AccessRule, StandingUnknown
from own import a_browser, asks_for_link, lets_connect, to_ringcentral
from town import CALLEE, Town

TYPED = (
    "+14155550142",
    "<@U0BOB>",
    "again",
    "connect",
    "settings",
    "status",
    "last 5",
)
ROWS = [
    *[("/ringout", text) for text in TYPED],
    *[("/callstatus", text) for text in ("", "last 5", "company", "missed")],
    *[("/ringout-admin", text) for text in ("resume", "audit", "do-not-call list")],
    *[
        (name, "")
        for name in (*ACTIONS, *FORMS, *SHORTCUTS, *QUERIES)
        if name not in BUTTONS_FOR_ANYBODY
    ],
]
FOR_ANYBODY = [
    *[("/ringout", text) for text in ("help", "", "cancel", "hang up")],
    *[("/ringout", text) for text in ("disconnect", "log out")],
    ("/callstatus", "help"),
    *[("/ringout-admin", text) for text in ("help", "pause phones are down")],
    *[(name, "") for name in sorted(BUTTONS_FOR_ANYBODY)],
]


LISTENED_TO = {name: do for _, table in tables() for name, do in table.items()}
"""What Bolt calls by each name."""


class Nothing:
    """Services with nothing behind them, which let nobody in: asked for more, they fail."""

    def __init__(self, error: Exception) -> None:
        self.error = error
        self.admission = self
        self.switchboard = self

    async def note_refusal(self, *_: object) -> None:
        """Have no audit."""

    async def check(self, place: Place, within: float | None = None) -> None:
        """Keep everybody out."""
        del place, within
        raise self.error


async def comes_in(name: str, text: str, error: Exception) -> bool:
    """Use an entrance as Bolt does, after the ack too; return whether it let somebody in."""
    services: Any = Nothing(error)
    request = Request("1", Place("T1", "C1", "U1"), text)
    try:
        done = await LISTENED_TO[name](request, services)
        if done.later is not None:
            await done.later()
    except Exception as raised:  # noqa: BLE001 - a handler that was reached fails anyhow
        return raised is not error
    return True


@pytest.mark.parametrize(
    "error", [AccessDenied(AccessRule.GUESTS), StandingUnknown()], ids=["guest", "?"]
)
@pytest.mark.parametrize(("name", "text"), ROWS)
async def test_no_entrance_but_those_for_anybody_lets_a_guest_in(
    name: str, text: str, error: Exception
) -> None:
    """A row for each command, button and form of the tables: a new one has one too."""
    assert not await comes_in(name, text, error)


@pytest.mark.parametrize(("name", "text"), FOR_ANYBODY)
async def test_whoever_wants_to_stop_or_to_leave_may(name: str, text: str) -> None:
    """Nobody waits for Slack to stop a call, and a guest may take their sign-in back."""
    assert await comes_in(name, text, AccessDenied(AccessRule.GUESTS))


def test_every_entrance_has_a_row() -> None:
    """The tables are what Bolt listens to."""
    tried = {name for name, _ in (*ROWS, *FOR_ANYBODY)}

    assert tried == LISTENED_TO.keys()


async def test_a_guest_calls_nobody_and_reads_nothing(closed_town: Town) -> None:
    """Through the whole bot: nothing is stored or dialed, and they read whom to ask."""
    town = closed_town
    await town.open(RINGOUT_ADMIN_CONTACT="the help desk")
    bob = town.slack.workspace.user("bob")
    await town.types(user="bob")
    card = await town.finished()
    bob.guest = "single"
    changed = await town.slack.changed("bob")

    acks = [
        await town.types(text, user="bob", command=command)
        for command, text in (("/ringout", CALLEE), ("/callstatus", ""))
    ]
    await town.slack.click("bob", card, "call_again")
    await town.slack.open_home("bob")
    home = await town.until(lambda: town.slack.home_of("bob"))

    assert changed.ok
    said = "Guests and people from other companies can't use RingOut here. Ask the help"
    assert all(said in each.text for each in acks)
    await town.until(lambda: said in town.slack.private("bob")[-1].text)
    assert home is not None
    assert said in str(home.source["blocks"])
    assert "Last calls" not in str(home.source["blocks"])
    assert town.posts == 1


async def test_what_another_process_heard_counts_at_once(closed_town: Town) -> None:
    """Slack has told the other one alone that Bob is a guest now."""
    town = closed_town
    await town.open()
    bob = town.slack.workspace.user("bob")
    await town.types(user="bob")
    await town.finished()
    bob.guest = "single"
    assert town.bot is not None
    person = Person("", town.slack.workspace.team, bob.id)

    town.bot._member._heard_of(person)
    ack = await town.types(user="bob")

    assert "Guests and people from other companies can't use RingOut" in ack.text
    assert town.posts == 1


async def test_who_became_a_guest_on_the_way_connects_nothing(
    closed_town: Town,
) -> None:
    """A link that a member was given leads a guest to no account of RingCentral's."""
    town = closed_town
    lets_connect(town, "ann")
    await town.open()
    link = await asks_for_link(town)
    async with a_browser() as browser:
        there = await to_ringcentral(browser, link)
        back = await town.ringcentral.sign_in(there, "ann")
        town.slack.workspace.user("ann").guest = "single"
        await town.slack.changed("ann")
        async with browser.get(back) as page:
            status, said = page.status, await page.text()

    assert (status, "Guests and people from other companies" in said) == (400, True)
    assert not any("connected" in each.text for each in town.slack.dm("ann"))


async def test_a_first_command_waits_for_a_silent_slack_and_stores_nothing(
    town: Town,
) -> None:
    """Who they are is asked before the intent is stored, for a second at most."""
    town.slack.faults.add("status", "users.info")

    first, again = await town.types(), await town.types()

    assert "Try again shortly" in first.text
    assert first.ok  # in Slack's three seconds
    assert "Calling you on" in again.text
    await town.finished()
    assert town.posts == 1
