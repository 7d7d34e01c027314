"""Names from address books and directories: read rarely, kept encrypted, never in the way."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from bot.accounts.callers import Operator
from bot.accounts.clients import SHARED
from bot.accounts.names import USUAL_NAME_WAITS, NameKeys, Names, NameWaits
from bot.calls.numbers.phone import PhoneNumber
from bot.calls.people.names import Name, NameSource
from bot.calls.people.person import Preferences
from bot.cli import database
from bot.cluster.forgetting import NAMES_KEPT
from bot.ringcentral.budget import Budget
from bot.ringcentral.purposes import Purpose
from bot.ringcentral.transport.wire import Rate
from bot.sandbox.limits import Limits
from bot.sandbox.ringcentral.contacts import READ_CONTACTS, contact
from bot.sandbox.ringcentral.double import RingCentralDouble
from bot.sandbox.ringcentral.faults import Kind
from bot.storage.people.name_books import NameBooks, page_of_number
from bot.storage.retention import Retention
from bot.vault import Vault, new_key
from office import ANN, BOB, KEY, Office, an_office, beside
from openapi_check import checker

NORTH, SOUTH = PhoneNumber("+14155550142"), PhoneNumber("+14155550143")
BOOK, DIRECTORY = NameSource.ADDRESS_BOOK, NameSource.DIRECTORY
AT_ONCE = NameWaits(first=0)
BOOK_PATH, DIRECTORY_PATH = "/address-book/contact", "/directory/entries"


@pytest.fixture
async def double() -> AsyncIterator[RingCentralDouble]:
    """Give a RingCentral where Ann has two contacts and the app may read them."""
    far = RingCentralDouble(limits=Limits(auth=None), validator=checker())
    far.logins.scopes.add(READ_CONTACTS)
    ann, _ = far.add_person("ann"), far.add_person("bob", full_name="Bob Baker")
    ann.contacts += [
        contact("Nora", "North", businessPhone=NORTH.e164, mobilePhone=SOUTH.e164),
    ]
    async with far:
        yield far
        assert far.door.complaints == []


@pytest.fixture
async def office(double: RingCentralDouble, calls_url: str) -> AsyncIterator[Office]:
    """Return an office with no shared account."""
    async with an_office(double, calls_url) as made:
        yield made


@asynccontextmanager
async def sharing(double: RingCentralDouble, url: str) -> AsyncIterator[Office]:
    """Open an office where people share the service user's account."""
    operator = Operator(jwt=double.logins.jwt, is_shared=True)
    async with an_office(double, url, operator=operator) as office:
        yield office


def names_of(office: Office, *, keys: str = KEY, waits: NameWaits = AT_ONCE) -> Names:
    """Return the names that one process of the office finds."""
    jwt = office.accounts.clients._jwt
    return Names(
        NameBooks(office.store.writer),
        office.connections,
        office.accounts,
        NameKeys.of(Vault([keys]), jwt, office.network.app),
        office.clock,
        region="US",
        waits=waits,
    )


async def used(office: Office, account: str) -> None:
    """Use an account's Heavy group, as placing a call does."""
    log = office.accounts.telephony(account).call_log
    await log.read(since=office.clock.now())


async def warm(office: Office, names: Names, account: str) -> None:
    """Ask for a name for the first time, and wait until all books are read."""
    await used(office, account)
    await names.of(account, NORTH)
    await names._background.settle(10)


def asked(office: Office, path: str) -> int:
    """Count the requests to a path."""
    return len(office.double.requests_of("GET", path))


# Found


async def test_a_call_has_the_name_from_ones_own_address_book(office: Office) -> None:
    """The first call reads the books in the background, the next one has the name."""
    linked, names = await office.connect(), names_of(office)

    await used(office, linked.id)
    before = await names.of(linked.id, NORTH)
    await names._background.settle(10)

    assert before is None
    assert await names.of(linked.id, NORTH) == Name("Nora North", BOOK)
    assert await names.of(linked.id, SOUTH) == Name("Nora North", BOOK)
    assert await names.of(linked.id, PhoneNumber("+14155550144")) is None
    bob = PhoneNumber(office.double.person("bob").direct)
    assert await names.of(linked.id, bob) == Name("Bob Baker", DIRECTORY)
    assert (asked(office, BOOK_PATH), asked(office, DIRECTORY_PATH)) == (1, 1)


async def test_the_directory_goes_before_ones_own_name_for_a_colleague(
    office: Office,
) -> None:
    """A card in the channel can show the directory's."""
    bob = office.double.person("bob").direct
    office.double.person("ann").contacts += [contact("Bobby", mobilePhone=bob)]
    linked, names = await office.connect(), names_of(office)

    await warm(office, names, linked.id)

    numbers = [PhoneNumber(bob), NORTH, PhoneNumber("+14155550199")]
    assert await names.of_all(linked.id, numbers) == {
        PhoneNumber(bob): Name("Bob Baker", DIRECTORY),
        NORTH: Name("Nora North", BOOK),
    }


async def test_the_shared_account_has_a_directory_and_no_address_book(
    double: RingCentralDouble, calls_url: str
) -> None:
    """The service user's private contacts are nobody's business."""
    double.service.contacts.append(contact("Secret", mobilePhone=NORTH.e164))
    async with sharing(double, calls_url) as office:
        names = names_of(office)
        await warm(office, names, SHARED)

        assert await names.of(SHARED, NORTH) is None
        bob = PhoneNumber(double.person("bob").direct)
        assert await names.of(SHARED, bob) == Name("Bob Baker", DIRECTORY)
        assert (asked(office, BOOK_PATH), asked(office, DIRECTORY_PATH)) == (0, 1)
        other = Names(
            NameBooks(office.store.writer),
            office.connections,
            office.accounts,
            NameKeys.of(Vault([]), "another.jwt.x", office.network.app),
            office.clock,
            region="US",
        )
        assert await other.of(SHARED, bob) is None


async def test_numbers_written_as_at_home_are_of_the_persons_home(
    office: Office,
) -> None:
    """Somebody in London has London's numbers without a country code."""
    office.double.person("ann").contacts += [
        contact("Lea", homePhone="020 7946 0958"),
        contact("Lou", homePhone="(415) 555-0199"),
    ]
    linked, names = await office.connect(), names_of(office)
    await office.connections.prefer(ANN, Preferences(region="GB"))

    await warm(office, names, linked.id)

    london, away = PhoneNumber("+442079460958"), PhoneNumber("+14155550199")
    assert await names.of(linked.id, london) == Name("Lea", BOOK)
    assert await names.of(linked.id, away) is None


async def test_nobody_reads_anothers_address_book(office: Office) -> None:
    """Also in another workspace, also if it is the same number."""
    ann, bob = await office.connect(), await office.connect(BOB, "bob")
    names = names_of(office)

    await warm(office, names, ann.id)
    await warm(office, names, bob.id)

    assert await names.of(bob.id, NORTH) is None
    assert await names.of(ann.id, NORTH) is not None


# Read rarely


async def test_a_book_is_read_once_a_day(office: Office) -> None:
    """Each reading costs Heavy requests. A new contact is found a day later."""
    linked, names = await office.connect(), names_of(office)
    await warm(office, names, linked.id)
    office.double.person("ann").contacts.clear()

    office.later(hours=23)
    await warm(office, names, linked.id)
    early = await names.of(linked.id, NORTH)
    office.later(hours=2)
    await warm(office, names, linked.id)

    assert early is not None
    assert await names.of(linked.id, NORTH) is None
    assert asked(office, BOOK_PATH) == 2


async def test_two_processes_read_a_book_once(office: Office) -> None:
    """They share its limit, and the names."""
    linked = await office.connect()
    async with beside(office) as other:
        here, there = names_of(office), names_of(other)
        for each in (office, other):
            await used(each, linked.id)
        for names in (here, there, here):
            await names.of(linked.id, NORTH)
        for names in (here, there):
            await names._background.settle(10)

        assert asked(office, BOOK_PATH) == 1
        assert await there.of(linked.id, NORTH) == Name("Nora North", BOOK)


async def test_nothing_is_read_while_a_call_begins(office: Office) -> None:
    """Its own requests come first; a stop does not wait for the books."""
    linked = await office.connect()
    names = names_of(office, waits=NameWaits(first=20))
    begun = office.clock.monotonic()

    await warm(office, names, linked.id)
    waited = office.clock.monotonic() - begun
    await names.stop()

    assert waited >= 20
    assert asked(office, BOOK_PATH) == 1


async def test_a_limit_between_two_pages_is_waited_for(office: Office) -> None:
    """A long address book is read over some minutes; no request breaks the limit."""
    ann = office.double.person("ann")
    ann.page = 1
    ann.contacts += [contact(f"C{n}", mobilePhone=f"+1415555{n:04}") for n in range(4)]
    linked, names = await office.connect(), names_of(office)
    begun = office.clock.monotonic()

    await warm(office, names, linked.id)

    assert await names.of(linked.id, PhoneNumber("+14155550003")) == Name("C3", BOOK)
    assert asked(office, BOOK_PATH) == 5
    assert office.clock.monotonic() - begun >= 60
    assert {seen.status for seen in office.double.requests} == {200, 302}


async def test_names_are_there_seconds_after_somebody_has_connected(
    office: Office,
) -> None:
    """Nothing was asked before that tells the limit, and no call need come first."""
    linked, begun = await office.connect(), office.clock.monotonic()
    names = names_of(office, waits=USUAL_NAME_WAITS)

    await names.refresh(linked.id)
    await names._background.settle(10)

    assert await names.of(linked.id, NORTH) == Name("Nora North", BOOK)
    assert office.clock.monotonic() - begun < 5


async def test_a_book_is_read_soon_after_a_first_call(office: Office) -> None:
    """A person who was connected before: after the wait for the call, and no minute more."""
    linked, begun = await office.connect(), office.clock.monotonic()
    names = names_of(office, waits=USUAL_NAME_WAITS)

    await names.of(linked.id, NORTH)
    await names._background.settle(10)

    assert await names.of(linked.id, NORTH) == Name("Nora North", BOOK)
    # The clock of a test adds up the waits of both books.
    assert office.clock.monotonic() - begun < 2 * USUAL_NAME_WAITS.first + 5


def test_while_the_first_answer_is_on_its_way_an_address_book_waits_a_second() -> None:
    """Not a minute: that answer tells the limit. Nor so often that it gives up."""
    budget = Budget()
    assert budget.ready_in(Purpose.ADDRESS_BOOK, 0) == 0
    budget.take(Purpose.PLACE, 0)
    assert budget.ready_in(Purpose.ADDRESS_BOOK, 0.5) == 1
    budget.done(Purpose.PLACE, 0.6, Rate("heavy", 10, 9, 60.0))
    assert budget.ready_in(Purpose.ADDRESS_BOOK, 0.7) == 0


def test_an_address_book_leaves_three_of_a_minutes_heavy_to_calls() -> None:
    """However many of them others have used; its own first request tells the limit."""
    for limit in range(13):
        budget = Budget()
        assert budget.ready_in(Purpose.ADDRESS_BOOK, 0) == 0
        for n in range(limit):
            wait = budget.ready_in(Purpose.ADDRESS_BOOK, 1)
            free = limit - n
            assert (wait == 0) == (n == 0 or free > 3), (limit, n)
            budget.take(Purpose.PLACE, 1)
            rate = Rate("heavy", limit, free - 1, 60.0)
            budget.done(Purpose.PLACE, 1, rate)


async def test_a_429_costs_no_name_and_no_call(office: Office) -> None:
    """The old names stay; it is tried again later."""
    linked, names = await office.connect(), names_of(office)
    await warm(office, names, linked.id)
    office.double.faults.add("limited", path_contains=BOOK_PATH, times=1)

    office.later(hours=25)
    await warm(office, names, linked.id)

    assert await names.of(linked.id, NORTH) == Name("Nora North", BOOK)


@pytest.mark.parametrize("fault", ["status", "garbage", "reset"])
async def test_what_cannot_be_read_is_as_it_was(office: Office, fault: Kind) -> None:
    """In an outage of RingCentral the names of the day before are right."""
    linked, names = await office.connect(), names_of(office)
    await warm(office, names, linked.id)
    office.double.faults.add(fault, path_contains=BOOK_PATH, times=None)

    office.later(hours=25)
    await warm(office, names, linked.id)
    still = await names.of(linked.id, NORTH)
    count = asked(office, BOOK_PATH)
    await warm(office, names, linked.id)

    assert still == Name("Nora North", BOOK)
    assert asked(office, BOOK_PATH) == count


async def test_without_the_permission_nothing_is_asked(office: Office) -> None:
    """The app has not got ReadContacts: that is known from the token."""
    office.double.logins.scopes.discard(READ_CONTACTS)
    linked, names = await office.connect(), names_of(office)

    await warm(office, names, linked.id)

    assert asked(office, BOOK_PATH) == 0
    bob = PhoneNumber(office.double.person("bob").direct)
    assert await names.of(linked.id, bob) == Name("Bob Baker", DIRECTORY)
    found = dict(await NameBooks(office.store.writer).troubles())
    assert found == {BOOK: READ_CONTACTS, DIRECTORY: ""}


async def test_who_lost_the_permission_has_no_names_any_more(office: Office) -> None:
    """An administrator who takes it away means it."""
    linked, names = await office.connect(), names_of(office)
    await warm(office, names, linked.id)
    office.double.door.permissions.discard("ReadPersonalContacts")

    office.later(hours=25)
    await warm(office, names, linked.id)

    assert await names.of(linked.id, NORTH) is None
    found = dict(await NameBooks(office.store.writer).troubles())
    assert found[BOOK] == "ReadPersonalContacts"


async def test_a_call_does_without_names_while_the_database_is_away(
    office: Office,
) -> None:
    """A name is never worth a call."""
    linked, names = await office.connect(), names_of(office)
    office.store.close()

    assert await names.of(linked.id, NORTH) is None


# Kept, and forgotten


async def test_a_thief_of_the_database_reads_no_name_and_no_number(
    office: Office,
) -> None:
    """Contacts are other people's data."""
    linked, names = await office.connect(), names_of(office)
    await warm(office, names, linked.id)

    rows = str(await office.rows("name_books", "name_pages"))

    # What is shorter may be in any ciphertext.
    for trace in ("Nora North", "'Nora", '"Nora', NORTH.e164[2:], SOUTH.e164[2:]):
        assert trace not in rows
    other = names_of(office, keys=new_key())
    assert await other.of(linked.id, NORTH) is None


@pytest.mark.parametrize("way", ["disconnect", "leave", "uninstall", "replace"])
async def test_names_go_with_the_connection(office: Office, way: str) -> None:
    """All that the bot knows by somebody's sign-in."""
    linked, names = await office.connect(), names_of(office)
    await warm(office, names, linked.id)

    if way == "disconnect":
        await office.disconnecting.disconnect(ANN)
    elif way == "replace":
        await office.connect(ANN, "bob")
    else:
        user = ANN.user if way == "leave" else ""
        await office.disconnecting.disconnect_all("", ANN.team, user)

    assert await office.rows("name_books", "name_pages") == {
        "name_books": [],
        "name_pages": [],
    }


async def test_who_connects_again_keeps_the_names(office: Office) -> None:
    """It is the same RingCentral user."""
    linked, names = await office.connect(), names_of(office)
    await warm(office, names, linked.id)

    again = await office.connect()

    assert await names.of(again.id, NORTH) == Name("Nora North", BOOK)


async def test_what_was_read_meanwhile_is_not_kept(office: Office) -> None:
    """Somebody disconnects while their address book is on its way."""
    linked, names = await office.connect(), names_of(office)
    await used(office, linked.id)
    books = NameBooks(office.store.writer)
    contacts = await names._contacts(linked.id, BOOK)
    await office.disconnecting.disconnect(ANN)

    await names._store(linked.id, BOOK, contacts)

    assert await office.rows("name_books", "name_pages") == {
        "name_books": [],
        "name_pages": [],
    }
    assert await books.troubles() == []


async def test_names_that_are_not_read_again_are_forgotten(office: Office) -> None:
    """Nobody calls by that account any more, or its sign-in has ended."""
    linked, names = await office.connect(), names_of(office)
    await warm(office, names, linked.id)
    retention = Retention(office.store.writer)

    await retention.purge_names(office.clock.now() - NAMES_KEPT)
    kept = await names.of(linked.id, NORTH)
    office.later(days=NAMES_KEPT.days, hours=1)
    await retention.purge_names(office.clock.now() - NAMES_KEPT)

    assert kept is not None
    assert (await office.rows("name_pages"))["name_pages"] == []
    office.later(days=1)
    await retention.purge_names(office.clock.now() - NAMES_KEPT)
    assert (await office.rows("name_books"))["name_books"] == []


async def test_a_number_is_erased_from_the_names(
    office: Office, capsys: pytest.CaptureFixture[str]
) -> None:
    """Without a key: with its page, whose other names are read again."""
    linked, names = await office.connect(), names_of(office)
    await warm(office, names, linked.id)
    url = office.store.url

    assert await database.erase(url, NORTH.e164, region="US", dry=True) == 0
    dry = await names.of(linked.id, NORTH)
    assert await database.erase(url, NORTH.e164, region="US", dry=False) == 0
    wet = await names.of(linked.id, NORTH)

    assert (dry, wet) == (Name("Nora North", BOOK), None)
    assert capsys.readouterr().out.count("1 pages of names") == 2
    assert page_of_number(NORTH.e164) != page_of_number(SOUTH.e164)
    assert await names.of(linked.id, SOUTH) is not None


async def test_a_new_key_drops_the_names(office: Office) -> None:
    """They are read again with the next call."""
    linked, names = await office.connect(), names_of(office)
    await warm(office, names, linked.id)
    key = new_key()

    await database.rotate_keys(office.store.url, [key, KEY])

    assert not any((await office.rows("name_books", "name_pages")).values())
    renewed = names_of(office, keys=key)
    await warm(office, renewed, linked.id)
    assert await renewed.of(linked.id, NORTH) == Name("Nora North", BOOK)
