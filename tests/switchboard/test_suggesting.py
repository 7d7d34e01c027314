"""What is suggested to one person: from what is kept here, and only what is theirs to read."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import pytest

from bot.accounts.callers import Operator
from bot.accounts.clients import SHARED
from bot.accounts.names import NameKeys, Names, NameWaits
from bot.background import Background
from bot.calls.call import Place
from bot.calls.numbers.phone import PhoneNumber
from bot.calls.people.names import NameSource
from bot.calls.people.person import Person
from bot.calls.suggestions import Suggestion, SuggestionSource
from bot.errors import NotConnected, StoreUnavailable
from bot.storage.people.name_books import NameBooks, sealed
from bot.switchboard.policy import Policy
from bot.switchboard.suggesting import Suggesting
from bot.user_errors import AccessDenied
from bot.vault import Vault
from intents import a_call, add_call
from office import ANN, BOB, KEY, Office, a_double, an_office
from patience import PATIENCE

BOOK, DIRECTORY = NameSource.ADDRESS_BOOK, NameSource.DIRECTORY
NORTH, SOUTH = "+14155550142", "+14155550143"
AT_ONCE = NameWaits(first=0)


def place_of(person: Person) -> Place:
    """Return where somebody opens the form."""
    return Place(person.team, "", person.user, person.enterprise)


def suggesting_of(office: Office, **changes: Any) -> Suggesting:
    """Return what one process of the office suggests, however long the reads take."""
    jwt = office.accounts.clients._jwt
    names = Names(
        NameBooks(office.store.writer),
        office.connections,
        office.accounts,
        NameKeys.of(Vault([KEY]), jwt, office.network.app),
        office.clock,
        region="US",
        waits=AT_ONCE,
    )
    made: dict[str, Any] = {
        "store": office.store,
        "accounts": office.accounts,
        "names": names,
        "policy": Policy(countries=None),
        "clock": office.clock,
        "background": office.background,
        "read_within": PATIENCE,
    }
    return Suggesting(**made | changes)


async def keep(office: Office, account: str, source: NameSource, **names: str) -> None:
    """Have names of an account kept, as a reading would; given as name and number."""
    vault = (
        Vault([KEY]) if account != SHARED else suggesting_of(office)._names._vault("")
    )
    key = office.accounts.clients.key(account)
    numbers = {number: name for name, number in names.items()}
    now = office.clock.now()
    await NameBooks(office.store.writer).store(
        key, source, sealed(numbers, vault), now, now, connected=account != SHARED
    )


async def found(suggesting: Suggesting, typed: str, who: Person = ANN) -> list[str]:
    """Return the names that are suggested."""
    answer = await suggesting.of(place_of(who), typed)
    return [each.name for each in answer.found]


@pytest.fixture
async def office(calls_url: str) -> AsyncIterator[Office]:
    """Give an office with no shared account, where Ann and Bob are RingCentral's users."""
    double = a_double()
    async with double, an_office(double, calls_url) as made:
        yield made


@asynccontextmanager
async def sharing(url: str) -> AsyncIterator[Office]:
    """Open an office where people share an account."""
    double = a_double()
    operator = Operator(jwt=double.logins.jwt, is_shared=True)
    async with double, an_office(double, url, operator=operator) as made:
        yield made


async def test_the_likeliest_come_first(office: Office) -> None:
    """One's last calls, then colleagues, then the books; each number once, with a name."""
    ann = await office.connect()
    bob = await office.connect(BOB, "bob")
    await office.accounts.refresh_phones(BOB)
    await keep(office, ann.id, BOOK, Zoe=NORTH, Adam=SOUTH)
    await keep(office, ann.id, DIRECTORY, Dora="+14155550144", Other=SOUTH)
    call = a_call(place=place_of(ANN), callee=PhoneNumber(NORTH), account=ann.id)
    await add_call(office.store, call, most=9, again=True)

    answer = await suggesting_of(office).of(place_of(ANN), "")

    assert [(each.name, each.source) for each in answer.found] == [
        ("Zoe", SuggestionSource.CALLED),
        (bob.extension.name, SuggestionSource.COLLEAGUE),
        ("Adam", SuggestionSource.ADDRESS_BOOK),
        ("Dora", SuggestionSource.DIRECTORY),
    ]
    assert answer.typed is None


async def test_nobody_is_suggested_anothers_names(office: Office) -> None:
    """Whoever types: only their own book, calls and workspace are looked at."""
    ann = await office.connect()
    await office.connect(BOB, "bob")
    await office.accounts.refresh_phones(BOB)
    await keep(office, ann.id, BOOK, Nora=NORTH)
    elsewhere = Person("", "T2", "UBOB")
    await office.connect(elsewhere, "bob")
    mine = suggesting_of(office)

    assert "Nora" in await found(mine, "")
    assert await found(mine, "nora", BOB) == []
    assert await found(mine, "", elsewhere) == []


async def test_the_shared_account_has_no_address_book(calls_url: str) -> None:
    """It would be that of one colleague, suggested to all others."""
    async with sharing(calls_url) as office:
        await keep(office, SHARED, DIRECTORY, Dora=NORTH)
        await keep(office, SHARED, BOOK, Nora=SOUTH)

        assert await found(suggesting_of(office), "") == ["Dora"]


async def test_what_is_typed_asks_nobody_and_a_new_form_has_names_soon(
    office: Office,
) -> None:
    """RingCentral allows ten reads of a book a minute, and a name has more letters."""
    await office.connect()
    mine = suggesting_of(office)
    before = len(office.double.requests)
    for typed in ("n", "no", "nor", "415 555 0142"):
        await mine.of(place_of(ANN), typed)

    assert len(office.double.requests) == before
    await mine.prepare(place_of(ANN))
    await mine._names._background.settle(10)
    assert office.double.requests_of("GET", "/directory/entries")


async def test_letters_that_follow_each_other_read_the_books_once(
    office: Office,
) -> None:
    """To decrypt 10,000 names for each of them would keep a processor busy."""
    ann = await office.connect()
    mine, read = suggesting_of(office), 0
    await keep(office, ann.id, BOOK, Nora=NORTH)
    books = mine._names.books

    async def counted(account: str) -> dict[NameSource, dict[str, str]]:
        nonlocal read
        read += 1
        return await books(account)

    mine._names.books = counted  # type: ignore[method-assign]

    assert [await found(mine, each) for each in ("n", "no", "nor")] == [["Nora"]] * 3
    assert read == 1
    office.later(seconds=31)
    assert await found(mine, "n") == ["Nora"]
    assert read == 2


async def test_what_was_just_read_is_suggested_with_the_next_letter(
    office: Office,
) -> None:
    """The form is often opened before the books are read: nobody types their name twice."""
    ann = await office.connect()
    mine = suggesting_of(office)
    before = await found(mine, "n")
    await keep(office, ann.id, BOOK, Nora=NORTH)
    office.later(seconds=1)
    first = await found(mine, "n")
    await keep(office, ann.id, BOOK, Nils=SOUTH)

    assert (before, first) == ([], ["Nora"])
    assert await found(mine, "n") == ["Nils"]


async def test_the_names_of_eight_accounts_at_most_stay_in_memory(
    office: Office,
) -> None:
    """They are decrypted, and a dump of the memory would show them all."""
    mine = suggesting_of(office)

    async def read() -> Sequence[Suggestion]:
        return []

    for number in range(9):
        await mine._books.get(f"account {number}", read)

    assert len(mine._books._kept) == 8


async def test_what_cant_be_read_in_time_is_left_out(office: Office) -> None:
    """The typed number is worth more than a name that comes too late."""
    await office.connect()
    background = Background()
    mine = suggesting_of(office, read_within=0, background=background)

    class Slow:
        async def stamp(self, _account: str) -> None:
            await asyncio.Event().wait()

    class Broken:
        async def of(self, _person: Person) -> None:
            raise StoreUnavailable("away")

    mine._names, mine._colleagues = Slow(), Broken()  # type: ignore[assignment]
    answer = await mine.of(place_of(ANN), "415 555 0142")

    assert answer.typed is not None
    assert answer.typed.number == PhoneNumber(NORTH)
    assert answer.found == ()
    assert await background.settle(0)


async def test_who_may_not_call_is_suggested_nothing(office: Office) -> None:
    """Nor who has no account: the form says how to connect one."""
    allowed = suggesting_of(office, policy=Policy(users=frozenset({"UBOB"})))

    with pytest.raises(AccessDenied):
        await allowed.of(place_of(ANN), "nora")
    with pytest.raises(NotConnected):
        await suggesting_of(office).of(place_of(ANN), "nora")


async def test_five_thousand_contacts_cost_less_than_a_second(office: Office) -> None:
    """The first letter, which decrypts them, and the next ones.

    Counted in processor time: others may use this machine too.
    """
    ann = await office.connect()
    names = {f"Person {n:04d} Contact": f"+1415{5550000 + n}" for n in range(5_000)}
    await keep(office, ann.id, BOOK, **names)
    mine = suggesting_of(office)
    took = []
    for typed in ("", "person 4", "415 555 4999"):
        begun = time.process_time()
        await mine.of(place_of(ANN), typed)
        took.append(time.process_time() - begun)

    assert max(took) < 1, took
    assert await found(mine, "contact 4999") == ["Person 4999 Contact"]
