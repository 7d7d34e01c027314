"""The dialer: a number or a name in one field, and a call from anywhere in Slack."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from sqlalchemy import func, select

from bot.sandbox.ringcentral.contacts import READ_CONTACTS, contact
from bot.sandbox.slack.delivery import Ack
from bot.sandbox.slack.views import View
from bot.slack.texts.dialer import (
    CALLEE_FIELD,
    CHANNEL_FIELD,
    DIALER_BUTTON,
    FOR_FIELD,
    PLACE_CALL,
)
from bot.storage.calls.store import Store
from bot.storage.people.name_books import UNREAD
from bot.storage.people.tables import name_books
from own import connects, lets_connect, modal
from patience import LOOK_EVERY, PATIENCE
from selection import TRANSPORTS
from spaces import beside
from town import CALLEE, MASKED, Town


@pytest.fixture(params=TRANSPORTS)
async def office(request: pytest.FixtureRequest, closed_town: Town) -> Town:
    """Give a town where people share an account, by either transport."""
    if request.param:
        closed_town.use_http()
    await closed_town.open()
    return closed_town


async def opened(town: Town, user: str = "ann") -> View:
    """Have somebody press ``Call…`` in their Home; return the dialer."""
    assert (await town.slack.open_home(user)).ok
    home = await town.until(lambda: town.slack.home_of(user))
    assert home is not None
    assert (await town.slack.click_in_view(home, DIALER_BUTTON)).ok
    return await modal(town, user)


async def offered(town: Town, form: View, typed: str) -> list[Any]:
    """Type in the dialer's first field; return the options that are shown."""
    ack = await town.slack.query(form, CALLEE_FIELD, typed)
    assert ack.ok, ack.error
    return list(ack.json["options"])


async def choose(town: Town, form: View, typed: str, **more: str) -> None:
    """Type, and choose the first option; fill in the other fields."""
    first = (await offered(town, form, typed))[0]
    town.slack.fill_in(form, {CALLEE_FIELD: first["value"], **more})


async def test_a_typed_number_is_called_where_one_wants_to_see_it(office: Town) -> None:
    """What it would dial is the first suggestion; the card names what it is about."""
    form = await opened(office)
    await choose(
        office,
        form,
        "(415) 555-0142",
        **{CHANNEL_FIELD: office.slack.channel("sales").id, FOR_FIELD: "Northwind"},
    )
    ack = await office.slack.submit(form)
    [card] = await office.until(office.cards)
    chose, calling = await office.until(lambda: told(office, 2))

    assert ack.ok
    assert not form.is_open
    assert "Northwind" in card.text
    assert chose == "You chose this channel for your call to +1 415-555-0142."
    assert "Calling you on" in calling
    await office.until(lambda: office.ringcentral.calls)
    assert office.posts == 1


def told(town: Town, count: int) -> list[str]:
    """Return what Ann was told privately, once that is so many notes."""
    notes = [each.text for each in town.slack.private("ann")]
    return notes if len(notes) == count else []


async def test_a_channel_that_one_has_left_shows_no_call(office: Town) -> None:
    """It was chosen when the form was opened; another one, or none, can be chosen."""
    form = await chosen(office)
    await choose(office, form, CALLEE)
    sales = office.slack.channel("sales")
    sales.members.discard("U0ANN")
    refused = await office.slack.submit(form)
    before = office.posts
    sales.members.add("U0ANN")
    taken = await office.slack.submit(form)
    await office.finished()

    assert "You aren't in this channel" in form_error(refused, CHANNEL_FIELD)
    assert (before, office.posts, taken.ok) == (0, 1, True)


# From the shortcut


async def chosen(town: Town, channel: str = "sales", user: str = "ann") -> View:
    """Have somebody choose ``Place a call`` while they look at a channel."""
    assert (await town.slack.choose(user, PLACE_CALL, channel=channel)).ok
    return await modal(town, user)


@pytest.mark.on_both
async def test_a_form_places_one_call_however_often_it_is_submitted(
    office: Town,
) -> None:
    """Twice at once, delivered again, and again by somebody who saw it fail."""
    form = await chosen(office)
    await choose(office, form, CALLEE)
    ann = office.slack.workspace.user("ann")
    sent = office.slack.space.payloads.submission(ann, form)
    again = office.slack.space.payloads.submission(ann, form)
    for delivery in (sent, again):
        ack = await office.slack.deliveries.bring(delivery, repeat=1)
        assert ack.ok
    await office.slack.redeliver(sent)
    await office.finished()

    assert sent.payload["trigger_id"] != again.payload["trigger_id"]
    assert not form.is_open
    assert office.posts == 1
    assert len(office.cards()) == 1


async def test_it_opens_where_calls_are_not_allowed_and_says_so_at_the_channel(
    closed_town: Town,
) -> None:
    """A shortcut names no channel; the one that is chosen decides, and may be changed."""
    sales = closed_town.slack.channel("sales").id
    await closed_town.open(RINGOUT_ALLOWED_CHANNELS=sales)
    form = await chosen(closed_town, "general")
    await choose(closed_town, form, CALLEE)
    refused = await closed_town.slack.submit(form)
    closed_town.slack.fill_in(form, {CHANNEL_FIELD: sales})
    taken = await closed_town.slack.submit(form)
    await closed_town.finished()

    assert "aren't allowed in this channel" in form_error(refused, CHANNEL_FIELD)
    assert taken.ok
    assert closed_town.posts == 1


def form_error(ack: Ack, field: str) -> str:
    """Return what stands under a field."""
    return ack.errors.get(field, "")


async def test_a_doubtful_number_is_asked_about_on_top_of_the_form(
    closed_town: Town,
) -> None:
    """Back leads to the form, with all that was filled in; Call dials."""
    town = closed_town
    await town.open(RINGOUT_COUNTRIES="US,DE")
    form = await chosen(town)
    await choose(town, form, "+49 30 12", **{FOR_FIELD: "Berlin"})
    await town.slack.submit(form)
    question = await modal(town)
    await town.slack.close_view(question)
    back = await modal(town)
    await town.slack.submit(form)
    question = await modal(town)
    before = town.posts
    done = await town.slack.submit(question)
    await town.until(lambda: town.posts)

    assert "too short for Germany" in str(question.source["blocks"])
    assert back is form
    assert (before, town.posts) == (0, 1)
    assert done.ok
    assert town.slack.modal("ann") is None


async def test_without_a_channel_the_card_is_in_ones_dm(town: Town) -> None:
    """Begun from Home or from a conversation where the bot can't be."""
    form = await chosen(town, "ann-bob")
    await choose(town, form, CALLEE)
    await town.slack.submit(form)
    [card] = await town.until(lambda: town.slack.dm("ann"))

    assert MASKED in card.text
    assert town.cards() == []
    assert town.slack.private("ann") == []


async def have_names(town: Town) -> None:
    """Wait until the books of Ann and of Bob are kept: two of each."""
    async with beside(town) as store, asyncio.timeout(PATIENCE):
        while await read_books(store) < 4:
            await asyncio.sleep(LOOK_EVERY)


async def read_books(store: Store) -> int:
    """Count the books that were read."""
    query = select(func.count()).where(name_books.c.read_at > UNREAD)
    return await store.writer.run(lambda c: c.scalar(query)) or 0


def heard_of_books(town: Town) -> int:
    """Count the requests to RingCentral for names."""
    paths = ("/address-book/contact", "/directory/entries")
    return sum(len(town.ringcentral.requests_of("GET", each)) for each in paths)


async def test_a_name_of_ones_own_address_book_is_called_and_not_told(
    closed_town: Town,
) -> None:
    """Read once she has connected, and suggested whole; the channel reads no name of it.

    The usual waits hold: nothing is called or opened before.
    """
    lets_connect(closed_town, "ann", "bob")
    far = closed_town.ringcentral
    far.logins.scopes.add(READ_CONTACTS)
    far.person("ann").contacts.append(contact("Nora", "North", businessPhone=CALLEE))
    await closed_town.open()
    await connects(closed_town)
    await connects(closed_town, "bob")
    await have_names(closed_town)
    form, bobs = await chosen(closed_town), await chosen(closed_town, user="bob")
    asked = heard_of_books(closed_town)
    texts = [each["text"]["text"] for each in await offered(closed_town, form, "nor")]
    theirs = [each["text"]["text"] for each in await offered(closed_town, bobs, "nor")]
    heard = heard_of_books(closed_town)
    option = (await offered(closed_town, form, "nor"))[0]
    closed_town.slack.fill_in(form, {CALLEE_FIELD: option["value"]})
    await closed_town.slack.submit(form)
    card = await closed_town.finished()

    assert texts == ["Nora North · +1 415-555-0142"]
    assert theirs == ["“nor”"]
    assert heard == asked
    assert "Nora" not in card.text
    assert MASKED in card.text
