"""The app's Home tab: what a person finds there, kept up to date while they look."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from bot.slack.posting.homes import HOME_DELAY
from own import PATIENT, connects, lets_connect, link_in, modal, whispered
from town import MASKED, QUICK, Town


@pytest.fixture
async def house(closed_town: Town) -> Town:
    """Give a town where Ann and Bob have RingCentral accounts; nobody shares one."""
    lets_connect(closed_town, "ann", "bob")
    await closed_town.open()
    return closed_town


async def opened(town: Town, user: str = "ann") -> None:
    """Have somebody open their Home, and wait until it is there."""
    assert (await town.slack.open_home(user)).ok
    await town.until(lambda: town.slack.home_of(user))


def says(town: Town, part: str, user: str = "ann") -> bool:
    """Whether somebody's Home says *part*."""
    home = town.slack.home_of(user)
    return home is not None and part in str(home.source["blocks"])


def blocks(town: Town, kind: str, user: str = "ann") -> list[Any]:
    """Return the blocks of a kind in somebody's Home."""
    home = town.slack.home_of(user)
    assert home is not None
    return [each for each in home.source["blocks"] if each["type"] == kind]


async def test_who_has_never_connected_finds_the_way_in(house: Town) -> None:
    """What it is for, the button, and how to type a number."""
    await opened(house)
    home = house.slack.home_of("ann")
    assert home is not None
    await house.slack.click_in_view(home, "connect_start")

    assert says(house, "Connect RingCentral")
    assert says(house, "/ringout 415 555 0142")
    assert says(house, "None yet")
    assert "/ringcentral/connect/" in link_in(await modal(house))


async def test_it_follows_what_happens_while_one_looks(house: Town) -> None:
    """Connected, ringing with a way to cancel, and both results at the end."""
    house.ringcentral.play(PATIENT)
    await opened(house)
    await connects(house)
    await house.until(lambda: says(house, "calling as *Ann Example*"))
    await house.types()
    await house.until(lambda: says(house, "In progress"))
    [call] = await house.until(lambda: house.ringcentral.calls)
    ringing = [b for b in blocks(house, "actions") if "cancel_call" in str(b)]
    for side, what in (
        ("caller", "answer"),
        ("callee", "answer"),
        ("caller", "hangup"),
    ):
        house.ringcentral.press(call.id, side, what)
    await house.reply()
    await house.until(lambda: says(house, "you: answered"))

    assert says(house, "My mobile")
    assert ringing
    assert not says(house, "In progress")
    assert says(house, "+1 415-555-0142")
    assert not says(house, "•••")


async def test_a_call_is_canceled_from_there(house: Town) -> None:
    """The button is that of the card, and the answer comes privately."""
    house.ringcentral.play(PATIENT)
    await connects(house)
    await house.types()
    await house.until(lambda: house.ringcentral.calls)
    await house.until(house.cards)
    await opened(house)
    await house.until(lambda: says(house, "cancel_call"))
    home = house.slack.home_of("ann")
    assert home is not None
    await house.slack.click_in_view(home, "cancel_call")
    await house.until(lambda: house.ringcentral.requests_of("DELETE", "/ring-out/"))


async def test_nobody_sees_anybody_elses_calls(house: Town) -> None:
    """A Home is one person's."""
    await connects(house)
    await connects(house, "bob")
    await house.types()
    await house.reply()
    await opened(house, "bob")

    assert says(house, "None yet", "bob")
    assert not says(house, "you: answered", "bob")


async def test_settings_and_disconnecting_are_there(house: Town) -> None:
    """Whoever disconnects in their Home sees the way in again."""
    await connects(house)
    await opened(house)
    home = house.slack.home_of("ann")
    assert home is not None
    await house.slack.click_in_view(home, "open_settings")
    form = await modal(house)
    await house.slack.close_view(form)
    await house.slack.click_in_view(home, "disconnect")
    await house.until(lambda: says(house, "connect_start"))
    await house.until(lambda: not house.ringcentral.sessions_of("ann"))

    assert form.source["callback_id"] == "settings_form"


async def test_with_a_shared_account_it_says_so(town: Town) -> None:
    """And offers nothing that the operator has not switched on."""
    await opened(town)
    assert says(town, "your team's shared RingCentral account")
    assert not says(town, "connect_start")


async def test_the_messages_tab_publishes_nothing(house: Town) -> None:
    """The bot updates only Home tabs that people look at, to save requests."""
    await house.slack.open_home("ann", tab="messages")
    await house.types("help")
    await whispered(house, "your phone rings first")

    assert house.slack.home_of("ann") is None


async def test_nothing_is_published_that_looks_the_same(closed_town: Town) -> None:
    """Slack allows about a hundred a minute in a workspace."""
    house = closed_town
    lets_connect(house, "ann", "bob")
    await house.open(replace(QUICK, homes=HOME_DELAY))
    await connects(house)
    await opened(house)
    await house.types()
    await house.reply()
    await house.until(lambda: says(house, MASKED))
    published = len(house.slack.calls_of("views.publish"))

    assert published <= 6
