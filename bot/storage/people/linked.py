"""A connection as values: a person's RingCentral account, and its tokens as stored."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row

from bot.calls.people import phones as book
from bot.calls.people.person import Person
from bot.calls.people.phones import Phone


@dataclass(frozen=True, slots=True)
class Extension:
    """A RingCentral user: *id* is unique in an account, *number* is what people dial."""

    id: str
    number: str = ""
    name: str = ""
    account: str = ""


@dataclass(frozen=True, slots=True)
class Linked:
    """A person's connection, without its tokens.

    Attributes:
        kind: What renews the sign-in; see `kind_of`.
        ends_at: When it ends if nothing renews it; None if it never does.
        broken_at: When it stopped working; the person has to connect again.
        broken_why: RingCentral's code for that, such as ``OAU-236``; empty if none.
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
    broken_why: str = ""


@dataclass(frozen=True, slots=True, repr=False)
class OwedSubscription:
    """A webhook's subscription that nobody uses any more, and a token to delete it."""

    id: str
    access: str


@dataclass(frozen=True, slots=True, repr=False)
class PendingRevocation:
    """A RingCentral session to revoke: only its *token* is kept, and the *tries* so far.

    *subscription* is what has to be deleted before that; None if there is nothing. *user*
    is the extension id, whose rate limits count; empty where it was not kept.
    """

    id: int
    token: str
    tries: int = 0
    subscription: OwedSubscription | None = None
    user: str = ""


@dataclass(frozen=True, slots=True)
class ErasedConnection:
    """A connection that was erased, and the *revocation* that RingCentral is still owed.

    *revocation* is None if there was no token, or no key decrypts it.
    """

    id: str
    kind: str
    revocation: PendingRevocation | None


@dataclass(frozen=True, slots=True, repr=False, kw_only=True)
class StoredTokens:
    """Tokens as they are stored: *secrets* is JSON that the vault encrypts.

    *owner* is the RingCentral user's extension id, from the column ``extension``.
    """

    secrets: dict[str, str]
    version: int
    fresh_until: datetime
    ends_at: datetime | None
    owner: str = ""


def kind_of(tokens: StoredTokens) -> str:
    """Return what renews a sign-in: a ``jwt``, a refresh token (``oauth``), or ``once``."""
    if tokens.secrets.get("jwt"):
        return "jwt"
    return "oauth" if tokens.secrets.get("refresh") else "once"


def dump(extension: Extension) -> str:
    """Return *extension* as the column ``extension`` holds it."""
    return json.dumps(
        [extension.account, extension.id, extension.number, extension.name]
    )


def owner_in(text: str) -> str:
    """Return the extension id in the column ``extension``."""
    return str(json.loads(text)[1])


def from_row(row: Row[Any]) -> Linked:
    """Return the connection in *row*."""
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
        broken_why=row.broken_why or "",
    )
