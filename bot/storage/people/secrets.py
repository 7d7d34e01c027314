"""Encrypts every secret in every table again, with the first key."""

from __future__ import annotations

from sqlalchemy import Column, Connection, Table, and_, delete, select, update

from bot.storage.database.writer import Writer
from bot.storage.people.tables import (
    connections,
    installations,
    name_books,
    name_pages,
    pending_sign_ins,
    revocations,
)
from bot.vault import Undecryptable, Vault

ENCRYPTED_COLUMNS: tuple[tuple[Table, str], ...] = (
    (connections, "tokens"),
    (pending_sign_ins, "verifier"),
    (revocations, "token"),
    (revocations, "subscription"),
    (installations, "token"),
)
"""All columns that hold secrets; a test looks for others.

The shared account's sign-in is not among them: it has a key of its own
(`bot.accounts.shared_tokens`).
"""


async def rotate(writer: Writer, vault: Vault) -> tuple[int, int]:
    """Encrypt all secrets again; return how many, and how many no key decrypts.

    A row that another process changes meanwhile is skipped: it has the first key already.
    Names are deleted instead: they are read again when they are needed.
    """

    def work(connection: Connection) -> tuple[int, int]:
        renewed = unreadable = 0
        for names in (name_pages, name_books):
            connection.execute(delete(names))
        for table, name in ENCRYPTED_COLUMNS:
            column: Column[str] = table.c[name]
            keys = list(table.primary_key.columns)
            full = select(*keys, column).where(column != "")
            for row in connection.execute(full).all():
                *identity, encrypted = row
                try:
                    fresh = vault.reencrypt(encrypted)
                except Undecryptable:
                    unreadable += 1
                    continue
                same = [key == value for key, value in zip(keys, identity, strict=True)]
                change = update(table).where(and_(*same, column == encrypted))
                connection.execute(change.values({name: fresh}))
                renewed += 1
        return renewed, unreadable

    return await writer.run(work)
