"""Encrypting again: every secret in every table, with the newest key."""

from __future__ import annotations

from sqlalchemy import Column, Connection, Table, and_, select, update

from bot.storage.database.writer import Writer
from bot.storage.people.tables import (
    connections,
    installations,
    pending_sign_ins,
    revocations,
)
from bot.vault import Undecryptable, Vault

ENCRYPTED_COLUMNS: tuple[tuple[Table, str], ...] = (
    (connections, "tokens"),
    (pending_sign_ins, "verifier"),
    (revocations, "token"),
    (installations, "token"),
)
"""Each column that holds something encrypted; a test looks for others.

Not the shared account's sign-in, which has a key of its own (`bot.accounts.token_stores`).
"""


async def rotate(writer: Writer, vault: Vault) -> tuple[int, int]:
    """Encrypt all secrets anew; return how many were, and how many no key can read.

    A row that changes meanwhile was written with the newest key anyway.
    """

    def work(connection: Connection) -> tuple[int, int]:
        renewed = unreadable = 0
        for table, name in ENCRYPTED_COLUMNS:
            column: Column[str] = table.c[name]
            keys = list(table.primary_key.columns)
            full = select(*keys, column).where(column != "")
            for row in connection.execute(full).all():
                *identity, kept = row
                try:
                    fresh = vault.reencrypt(kept)
                except Undecryptable:
                    unreadable += 1
                    continue
                same = [key == value for key, value in zip(keys, identity, strict=True)]
                change = update(table).where(and_(*same, column == kept))
                connection.execute(change.values({name: fresh}))
                renewed += 1
        return renewed, unreadable

    return await writer.run(work)
