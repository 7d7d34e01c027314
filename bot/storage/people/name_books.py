"""Names by number, read at RingCentral and kept for a while.

Each account has a book of each source. A book's pages are JSON, encrypted; a number alone
decides on which page it is, so that it is found with one query, and erased without a key.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import (
    ColumnElement,
    Connection,
    and_,
    bindparam,
    delete,
    exists,
    func,
    insert,
    select,
    update,
)

from bot.calls.people.names import Name, NameSource
from bot.errors import RowRefused
from bot.storage.database.writer import Writer
from bot.storage.people.tables import connections, name_books, name_pages
from bot.vault import Undecryptable, Vault

BOOK_PAGES = 64
"""Pages of a book: one of 5,000 names holds about eighty, a few kB."""

UNREAD = datetime.fromtimestamp(0, UTC)

SELECT_BOOKS = (
    select(name_books, name_pages.c.entries)
    .select_from(
        name_books.outerjoin(
            name_pages,
            and_(
                name_pages.c.account == name_books.c.account,
                name_pages.c.source == name_books.c.source,
                name_pages.c.page.in_(bindparam("pages_", expanding=True)),
            ),
        )
    )
    .where(name_books.c.account == bindparam("account_"))
)


@dataclass(frozen=True, slots=True)
class FoundNames:
    """The names found for some numbers, and when each book of the account is due."""

    names: Mapping[str, tuple[Name, ...]]
    due: Mapping[NameSource, datetime]


def page_of_number(number: str) -> int:
    """Return the page that would have *number*, in E.164."""
    return zlib.crc32(number.encode()) % BOOK_PAGES


def delete_books(connection: Connection, accounts: Iterable[str]) -> None:
    """Delete all books of *accounts*."""
    ids = list(accounts)
    for table in (name_pages, name_books):
        connection.execute(delete(table).where(table.c.account.in_(ids)))


def count_pages(connection: Connection, number: str) -> int:
    """Return on how many pages *number* may be."""
    found = select(func.count()).where(name_pages.c.page == page_of_number(number))
    return connection.scalar(found) or 0


def delete_pages(connection: Connection, number: str) -> None:
    """Delete all pages on which *number* may be; the next reading brings others back."""
    gone = delete(name_pages).where(name_pages.c.page == page_of_number(number))
    connection.execute(gone)


def delete_unread_since(connection: Connection, before: datetime) -> None:
    """Delete names that were last read before a time, and books that nobody asks for."""
    fresh = and_(
        name_books.c.account == name_pages.c.account,
        name_books.c.source == name_pages.c.source,
        name_books.c.read_at >= before,
    )
    connection.execute(delete(name_pages).where(~exists().where(fresh)))
    unused = and_(name_books.c.read_at < before, name_books.c.next_at < before)
    connection.execute(delete(name_books).where(unused))


class NameBooks:
    """The books of all accounts; all methods raise `StoreUnavailable`."""

    def __init__(self, writer: Writer) -> None:
        self._writer = writer

    async def find(
        self, account: str, numbers: Collection[str], vault: Vault
    ) -> FoundNames:
        """Return what the books of *account* call *numbers*, in E.164. One query."""
        bound = {
            "account_": account,
            "pages_": sorted({page_of_number(each) for each in numbers}),
        }
        rows = await self._writer.run(lambda c: c.execute(SELECT_BOOKS, bound).all())
        known = [row for row in rows if row.source in set(NameSource)]
        names: dict[str, tuple[Name, ...]] = {}
        for row in known:
            entries = _opened(row.entries, vault)
            for number in numbers:
                if number in entries:
                    name = Name(entries[number], NameSource(row.source))
                    names[number] = (*names.get(number, ()), name)
        return FoundNames(names, {NameSource(row.source): row.next_at for row in known})

    async def pages(
        self, account: str, sources: Collection[NameSource]
    ) -> list[tuple[NameSource, str]]:
        """Return all pages of these books of *account*, still encrypted; see `opened`."""
        query = select(name_pages.c.source, name_pages.c.entries).where(
            name_pages.c.account == account, name_pages.c.source.in_(sources)
        )
        rows = await self._writer.run(lambda c: c.execute(query).all())
        return [(NameSource(row.source), row.entries) for row in rows]

    async def claim(
        self, account: str, source: NameSource, now: datetime, until: datetime
    ) -> bool:
        """Take the turn to read a book that is due; nobody else gets it before *until*."""

        def work(connection: Connection) -> bool:
            mine = _book(account, source)
            if not connection.scalar(select(func.count()).where(mine)):
                row = {"account": account, "source": source, "read_at": UNREAD}
                connection.execute(insert(name_books).values(row | {"next_at": until}))
                return True
            due = and_(mine, name_books.c.next_at <= now)
            taken = update(name_books).where(due).values(next_at=until)
            return connection.execute(taken).rowcount == 1

        try:
            return await self._writer.run(work)
        except RowRefused:  # another process has just taken it
            return False

    async def postpone(
        self, account: str, source: NameSource, until: datetime, trouble: str = ""
    ) -> None:
        """Note that the book could not be read. With *trouble*, its names are dropped."""

        def work(connection: Connection) -> None:
            later = update(name_books).where(_book(account, source))
            connection.execute(later.values(next_at=until, trouble=trouble[:64]))
            if trouble:
                connection.execute(delete(name_pages).where(_page(account, source)))

        await self._writer.run(work)

    async def store(
        self,
        account: str,
        source: NameSource,
        pages: Mapping[int, str],
        now: datetime,
        next_at: datetime,
        *,
        connected: bool,
    ) -> None:
        """Replace a book by what was read just now; see `sealed`.

        *connected*: it is of a connected account. Nothing is stored if that was erased.
        """

        def work(connection: Connection) -> None:
            owner = select(connections.c.id).where(connections.c.id == account)
            if connected and connection.scalar(owner.with_for_update()) is None:
                delete_books(connection, [account])
                return
            connection.execute(delete(name_pages).where(_page(account, source)))
            book = {"account": account, "source": source}
            rows = [book | {"page": n, "entries": text} for n, text in pages.items()]
            if rows:
                connection.execute(insert(name_pages), rows)
            state = {"read_at": now, "next_at": next_at, "trouble": ""}
            mine = update(name_books).where(_book(account, source)).values(state)
            if not connection.execute(mine).rowcount:  # deleted while it was read
                connection.execute(insert(name_books).values(book | state))

        await self._writer.run(work)

    async def troubles(self) -> list[tuple[NameSource, str]]:
        """Return each book's source and why it can't be read; empty if it can."""
        query = select(name_books.c.source, name_books.c.trouble)
        rows = await self._writer.run(lambda c: c.execute(query).all())
        known = [row for row in rows if row.source in set(NameSource)]
        return [(NameSource(row.source), row.trouble) for row in known]


def sealed(names: Mapping[str, str], vault: Vault) -> dict[int, str]:
    """Return the encrypted pages of a book; 10 ms of CPU for 5,000 names."""
    pages: dict[int, dict[str, str]] = {}
    for number, name in names.items():
        pages.setdefault(page_of_number(number), {})[number] = name
    return {
        page: vault.encrypt(json.dumps(entries, ensure_ascii=False))
        for page, entries in pages.items()
    }


def opened(
    pages: Iterable[tuple[NameSource, str]], vault: Vault
) -> dict[NameSource, dict[str, str]]:
    """Return the names by number of each book; 20 ms of CPU for 5,000 names."""
    books: dict[NameSource, dict[str, str]] = {}
    for source, entries in pages:
        books.setdefault(source, {}).update(_opened(entries, vault))
    return books


def _opened(entries: str | None, vault: Vault) -> dict[str, str]:
    try:
        found: dict[str, str] = json.loads(vault.decrypt(entries or "") or "{}")
    except Undecryptable:
        return {}
    return found


def _book(account: str, source: NameSource) -> ColumnElement[bool]:
    return and_(name_books.c.account == account, name_books.c.source == source)


def _page(account: str, source: NameSource) -> ColumnElement[bool]:
    return and_(name_pages.c.account == account, name_pages.c.source == source)
