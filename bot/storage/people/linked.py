"""A person's connection as values: the account, and its tokens as they are stored."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row

from bot.calls import phones as book
from bot.calls.person import Person
from bot.calls.phones import Phone


@dataclass(frozen=True, slots=True)
class Extension:
    """A RingCentral user: *id* is unique in an account, *number* what people dial."""

    id: str
    number: str = ""
    name: str = ""
    account: str = ""


@dataclass(frozen=True, slots=True)
class Linked:
    """A person's connection, without its tokens.

    Attributes:
        kind: ``oauth``, ``jwt`` for a credential of their own, or ``once`` for one that
            nothing renews; see `kind_of`.
        ends_at: When it ends for good if nothing is done; None: not by itself.
        broken_at: Since when it can't be used; they have to connect again.
        phones_at: When the phones were listed.
    """

    id: str
    person: Person
    kind: str
    extension: Extension
    version: int
    ends_at: datetime | None
    broken_at: datetime | None
    phones: tuple[Phone, ...]
    phones_at: datetime


@dataclass(frozen=True, slots=True, repr=False)
class PendingRevocation:
    """A session to be ended; *token* is all that is kept of it, and *tries* so far."""

    id: int
    token: str
    tries: int = 0


@dataclass(frozen=True, slots=True)
class ErasedConnection:
    """A connection that was erased; *revocation* is what RingCentral is to be told.

    None where there was no token, or no key reads it.
    """

    id: str
    kind: str
    revocation: PendingRevocation | None


@dataclass(frozen=True, slots=True, repr=False, kw_only=True)
class Kept:
    """Tokens as they are stored: *secrets* is JSON, encrypted by the vault.

    *owner* is the RingCentral user's extension id, from the row's ``extension``.
    """

    secrets: dict[str, str]
    version: int
    fresh_until: datetime
    ends_at: datetime | None
    owner: str = ""


def kind_of(kept: Kept) -> str:
    """Return what keeps a sign-in alive: ``jwt``, ``oauth``, or nothing (``once``)."""
    if kept.secrets.get("jwt"):
        return "jwt"
    return "oauth" if kept.secrets.get("refresh") else "once"


def dump(extension: Extension) -> str:
    """Return what the column ``extension`` holds."""
    return json.dumps(
        [extension.account, extension.id, extension.number, extension.name]
    )


def owner_in(text: str) -> str:
    """Return the extension id in what the column ``extension`` holds."""
    return str(json.loads(text)[1])


def linked(row: Row[Any]) -> Linked:
    """Return the connection that *row* holds."""
    account, identity, number, name = json.loads(row.extension)
    return Linked(
        id=row.id,
        person=Person(row.enterprise, row.team, row.user),
        kind=row.kind,
        extension=Extension(identity, number, name, account),
        version=row.version,
        ends_at=row.ends_at,
        broken_at=row.broken_at,
        phones=book.load(row.phones),
        phones_at=row.phones_at,
    )
