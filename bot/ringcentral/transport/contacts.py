"""Turns RingCentral's address book and company directory into contacts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from bot.calls.people.contacts import BookEntry
from bot.ringcentral.transport.shapes import get, listed, text
from bot.ringcentral.transport.wire import next_page

PERSONAL_NUMBERS = (
    "mobilePhone",
    "businessPhone",
    "businessPhone2",
    "homePhone",
    "homePhone2",
    "otherPhone",
    "carPhone",
    "callbackPhone",
)
"""The numbers of a contact at which they answer themselves: no fax, no assistant."""

HERE = {"Enabled", "NotActivated", ""}
"""Extensions whose numbers are theirs; a disabled one's may be given to somebody else."""


def personal(body: Any) -> tuple[BookEntry, ...]:
    """Return the contacts on a page of a user's address book.

    Source: API reference, "List Contacts". A company's number has the company's name.
    """
    return tuple(_personal(listed(body, "records")))


def company(body: Any) -> tuple[BookEntry, ...]:
    """Return the contacts on a page of the company directory, without hidden ones.

    Source: API reference, "Get Company Directory Entries".
    """
    return tuple(_company(listed(body, "records")))


def has_more(body: Any) -> bool:
    """Return whether another page follows: the directory has no links to pages.

    Totals may be omitted; then a full page may be followed by another one.
    """
    if next_page(body):
        return True
    paging = get(body, "paging")
    page, pages = _count(paging, "page"), _count(paging, "totalPages")
    if pages or get(body, "navigation") is not None:
        return 0 < page < pages
    return 0 < _count(paging, "perPage") <= len(listed(body, "records"))


def _personal(records: list[Any]) -> Iterator[BookEntry]:
    for each in records:
        firm = text(each, "company")
        name = _full_name(each) or text(each, "nickName") or firm
        yield BookEntry(name, tuple(text(each, kind) for kind in PERSONAL_NUMBERS))
        yield BookEntry(firm, (text(each, "companyPhone"),))


def _company(records: list[Any]) -> Iterator[BookEntry]:
    for each in records:
        if get(each, "hidden") is True or text(each, "status") not in HERE:
            continue
        numbers = tuple(
            text(number, "phoneNumber")
            for number in listed(each, "phoneNumbers")
            if get(number, "hidden") is not True
        )
        yield BookEntry(_full_name(each) or text(each, "name"), numbers)


def _full_name(record: Any) -> str:
    return f"{text(record, 'firstName')} {text(record, 'lastName')}".strip()


def _count(data: Any, name: str) -> int:
    value = get(data, name)
    return value if isinstance(value, int) and not isinstance(value, bool) else 0
