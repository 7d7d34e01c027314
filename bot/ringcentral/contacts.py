"""A user's own address book, and the directory of their company."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from bot.calls.people.contacts import BookEntry
from bot.errors import Unreachable
from bot.ringcentral.purposes import Purpose
from bot.ringcentral.sender import ACCOUNT, EXTENSION, Sender
from bot.ringcentral.transport import contacts, shapes

CONTACTS_PER_PAGE = 1000
"""The largest page of either list that RingCentral documents."""

READ_CONTACTS = "ReadContacts"
"""The permission that an app needs to read address books."""


@dataclass(frozen=True, slots=True)
class ContactsPage:
    """A page of contacts, and whether another one follows."""

    contacts: tuple[BookEntry, ...]
    has_more: bool


class ContactsApi:
    """Lists contacts, a page at a time: a rate limit may come between two pages."""

    def __init__(self, sender: Sender) -> None:
        self._sender = sender

    async def address_book(self, page: int) -> ContactsPage:
        """Return a page of the user's address book. Costs one Heavy request.

        Raises `Refused` where the app lacks the permission `READ_CONTACTS`.
        """
        path = f"{EXTENSION}/address-book/contact"
        return await self._page(path, page, Purpose.ADDRESS_BOOK, contacts.personal, {})

    async def directory(self, page: int) -> ContactsPage:
        """Return a page of the company's directory. Costs one Medium request."""
        own = {"showFederated": "false"}
        path = f"{ACCOUNT}/directory/entries"
        return await self._page(path, page, Purpose.DIRECTORY, contacts.company, own)

    async def _page(
        self,
        path: str,
        page: int,
        purpose: Purpose,
        read: Callable[[Any], tuple[BookEntry, ...]],
        query: dict[str, Any],
    ) -> ContactsPage:
        asked = {**query, "page": page, "perPage": CONTACTS_PER_PAGE}
        # Asked once: an outage must not use up what calls need afterward.
        body = (await self._sender.ask("GET", path, purpose, query=asked)).body
        if not shapes.has_list(body):
            raise Unreachable("a list without records")
        return ContactsPage(read(body), contacts.has_more(body))
