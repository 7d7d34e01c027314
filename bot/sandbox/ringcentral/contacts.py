"""Address books, and the directory of the company.

Source: RingCentral API reference, "List Contacts", "Get Company Directory Entries".
"""

from __future__ import annotations

from http import HTTPStatus

from bot.sandbox.ringcentral.answers import Ask, Json, Reply
from bot.sandbox.ringcentral.paging import page_of
from bot.sandbox.ringcentral.people import People
from bot.sandbox.ringcentral.person import Person

READ_CONTACTS = "ReadContacts"
"""The permission that the app needs to read address books."""

CONTACTS = 623_045_004
"""The ids of contacts count up from this."""


def contact(first: str, last: str = "", **fields: str) -> Json:
    """Return a contact of an address book; *fields* are RingCentral's own."""
    names = {"firstName": first, "lastName": last}
    return {name: text for name, text in (names | fields).items() if text}


def list_contacts(person: Person, ask: Ask) -> Reply:
    """``GET extension/~/address-book/contact``."""
    here = f"{ask.base}{person.path()}/address-book/contact"
    records = [
        {"uri": f"{here}/{CONTACTS + n}", "availability": "Alive", "id": CONTACTS + n}
        | each
        for n, each in enumerate(person.contacts)
    ]
    return page_of(ask, records, longest=person.page)


class Directory:
    """The company's directory: everybody who is listed, and what a test adds."""

    def __init__(self, people: People) -> None:
        self._people = people
        self.more: list[Json] = []

    def entries(self, ask: Ask) -> Reply:
        """``GET account/~/directory/entries``; its pages have totals, but no links."""
        listed = [one for one in self._people.everybody if one.is_listed]
        reply = page_of(ask, [*map(_entry, listed), *self.more])
        if reply.status != HTTPStatus.OK:
            return reply
        size = reply.body["paging"]["perPage"]
        total = len(listed) + len(self.more)
        paging = reply.body["paging"] | {
            "totalElements": total,
            "totalPages": max(-(-total // size), 1),
        }
        return Reply(body={"records": reply.body["records"], "paging": paging})


def _entry(person: Person) -> Json:
    first, _, last = person.name.partition(" ")
    numbers = [
        {"phoneNumber": person.direct, "type": "VoiceFax", "usageType": "DirectNumber"}
    ]
    return {
        "id": person.extension_id,
        "type": "User",
        "status": "Enabled",
        "firstName": first,
        "lastName": last,
        "extensionNumber": person.extension_number,
        "email": f"{person.handle}@example.com",
        "phoneNumbers": numbers if person.direct else [],
    }
