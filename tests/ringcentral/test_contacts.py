"""Address books and directories as RingCentral sends them, and as it must not."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.calls.people.contacts import BookEntry
from bot.errors import Refused, Unreachable
from bot.ringcentral.client import RingCentral
from bot.ringcentral.contacts import ContactsPage
from bot.ringcentral.sign_in.in_memory import by_jwt
from bot.ringcentral.transport import contacts
from bot.ringcentral.transport.network import Network, RingCentralApp
from bot.sandbox.limits import Limits
from bot.sandbox.ringcentral.contacts import READ_CONTACTS, contact
from bot.sandbox.ringcentral.double import RingCentralDouble
from openapi_check import checker

NORTH, SOUTH, FAX = "+14155550142", "+14155550143", "+14155550144"


@pytest.fixture
async def far() -> AsyncIterator[RingCentralDouble]:
    """Give a RingCentral double that validates each request and answer."""
    double = RingCentralDouble(limits=Limits.off(), validator=checker())
    double.logins.scopes.add(READ_CONTACTS)
    async with double:
        yield double
        assert double.complaints == []


@pytest.fixture
async def client(far: RingCentralDouble) -> AsyncIterator[RingCentral]:
    """Give a client of the double."""
    logins = far.logins
    network = Network(RingCentralApp(far.url, logins.client_id, logins.client_secret))
    client = RingCentral(network, by_jwt(logins.jwt))
    await client.call_log.read(since=client._sender.now())  # the first Heavy request
    yield client
    network.close()


def told(page: ContactsPage) -> dict[str, str]:
    """Return the names on a page by number."""
    return {n: each.name for each in page.contacts for n in each.numbers if n}


async def test_a_contact_has_the_numbers_at_which_it_answers(
    far: RingCentralDouble, client: RingCentral
) -> None:
    """A fax or an assistant is somebody else; a company's number is the company's."""
    far.service.contacts += [
        contact("Ann", "Lee", mobilePhone=NORTH, homePhone2=SOUTH, businessFax=FAX),
        contact("", nickName="Buzz", carPhone="+14155550145"),
        contact(
            "Cy",
            company="Northwind",
            companyPhone="+14155550146",
            assistantPhone="+14155550147",
        ),
        contact("", company="Southwind", businessPhone="+14155550148"),
    ]

    page = await client.contacts.address_book(1)

    assert told(page) == {
        NORTH: "Ann Lee",
        SOUTH: "Ann Lee",
        "+14155550145": "Buzz",
        "+14155550146": "Northwind",
        "+14155550148": "Southwind",
    }
    assert not page.has_more


async def test_an_address_book_has_pages(
    far: RingCentralDouble, client: RingCentral
) -> None:
    """RingCentral may put fewer on a page than it is asked for."""
    far.service.page = 2
    far.service.contacts += [contact(f"C{n}", mobilePhone=NORTH) for n in range(5)]

    pages = [await client.contacts.address_book(n) for n in (1, 2, 3)]

    assert [page.has_more for page in pages] == [True, True, False]
    assert [c.name for p in pages for c in p.contacts if c.name] == [
        f"C{n}" for n in range(5)
    ]


async def test_the_directory_shows_colleagues_with_their_numbers(
    far: RingCentralDouble, client: RingCentral
) -> None:
    """But nobody who is hidden, and no number of somebody who has left."""
    bob = far.add_person("bob", full_name="Bob Baker")
    far.add_person("eve").is_listed = False
    number = {"phoneNumber": NORTH, "usageType": "DirectNumber"}
    far.directory.more += [
        {"id": "1", "name": "Support", "phoneNumbers": [number]},
        {"id": "2", "name": "Left", "status": "Disabled", "phoneNumbers": [number]},
        {"id": "3", "name": "Secret", "hidden": True, "phoneNumbers": [number]},
        {
            "id": "4",
            "firstName": "Cy",
            "phoneNumbers": [
                {"phoneNumber": SOUTH, "hidden": True},
                {"phoneNumber": FAX, "usageType": "MobileNumber"},
            ],
        },
    ]

    page = await client.contacts.directory(1)

    assert told(page) == {
        far.service.direct: "Dana Ortiz",
        bob.direct: "Bob Baker",
        NORTH: "Support",
        FAX: "Cy",
    }
    assert not page.has_more


async def test_a_long_directory_has_pages_without_links(
    far: RingCentralDouble, client: RingCentral
) -> None:
    """It only says how many there are."""
    far.directory.more += [{"id": str(n), "name": f"Q{n}"} for n in range(1500)]

    first, second = (
        await client.contacts.directory(1),
        await client.contacts.directory(2),
    )

    assert (first.has_more, second.has_more) == (True, False)
    assert len(first.contacts) + len(second.contacts) == 1501


async def test_without_permission_an_address_book_is_refused(
    far: RingCentralDouble, client: RingCentral
) -> None:
    """The app's permission, or the user's; both are told by name."""
    far.logins.scopes.discard(READ_CONTACTS)
    with pytest.raises(Refused) as of_app:
        await client.contacts.address_book(1)
    far.logins.scopes.add(READ_CONTACTS)
    far.door.permissions.discard("ReadPersonalContacts")
    with pytest.raises(Refused) as of_user:
        await client.contacts.address_book(1)

    assert (of_app.value.code, of_app.value.permission) == ("CMN-401", READ_CONTACTS)
    assert of_user.value.permission == "ReadPersonalContacts"


@pytest.mark.parametrize("body", [{}, [], {"records": None}, {"records": {}}, "x"])
async def test_an_answer_that_is_no_list_is_no_empty_address_book(
    client: RingCentral, body: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Otherwise all names would be dropped."""

    async def ask(*_: object, **__: object) -> Any:
        return type("Answer", (), {"body": body})

    monkeypatch.setattr(client._sender, "ask", ask)

    for read in (client.contacts.address_book, client.contacts.directory):
        with pytest.raises(Unreachable):
            await read(1)


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    "records",
                    "paging",
                    "page",
                    "totalPages",
                    "perPage",
                    "firstName",
                    "phoneNumbers",
                    "phoneNumber",
                    "hidden",
                    "navigation",
                    "mobilePhone",
                ]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(st.lists(ANYTHING, max_size=4), ANYTHING)
def test_any_record_is_read_or_left_out(records: list[Any], paging: Any) -> None:
    """A broken contact must not hide the others, nor stop the bot."""
    body = {"records": records, "paging": paging}

    for read in (contacts.personal, contacts.company):
        for each in read(body):
            assert isinstance(each, BookEntry)
            assert isinstance(each.name, str)
            assert all(isinstance(number, str) for number in each.numbers)
    assert contacts.has_more(body) in {True, False}


@pytest.mark.parametrize(
    ("rest", "more"),
    [
        ({}, False),
        ({"navigation": {"nextPage": {"uri": "x"}}}, True),
        ({"navigation": {}, "paging": {"perPage": 2}}, False),
        ({"paging": {"page": 1, "totalPages": 2, "perPage": 2}}, True),
        ({"paging": {"page": 2, "totalPages": 2, "perPage": 2}}, False),
        ({"paging": {"page": 1, "perPage": 2}}, True),
        ({"paging": {"page": 1, "perPage": 3}}, False),
        ({"paging": {"page": True, "totalPages": True}}, False),
    ],
)
def test_whether_a_page_is_the_last(rest: dict[str, Any], more: bool) -> None:  # noqa: FBT001
    """Totals and links may be missing (API reference)."""
    assert contacts.has_more({"records": [{}, {}], **rest}) is more
