"""Sign-ins that were begun: each is good once, for minutes, for one person and browser.

The secrets that stand for them, tickets and states, are signed together with their kind
and their end, so that one which somebody made up costs no query.
"""

from __future__ import annotations

import hashlib
import math
import secrets
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from bot.calls.people.person import Person
from bot.storage.database.person_rows import columns
from bot.storage.database.writer import Writer
from bot.storage.people.tables import pending_sign_ins
from bot.vault import Vault

GOOD_FOR = timedelta(minutes=10)
"""How long a link can be opened, and how long a browser may take to come back."""


@dataclass(frozen=True, slots=True)
class PendingSignIn:
    """A sign-in that was begun. *label* is the person's name as their browser shows it."""

    kind: str
    person: Person
    label: str
    ends_at: datetime
    browser: str = field(default="", repr=False)
    verifier: str = field(default="", repr=False)


class PendingSignIns:
    """The table `pending_sign_ins`; all methods raise `StoreUnavailable`.

    The secrets that people hold, a ticket, a state and a browser's cookie, are stored as
    hashes.
    """

    def __init__(self, writer: Writer, vault: Vault) -> None:
        self._writer = writer
        self._vault = vault

    async def add(self, begun: PendingSignIn) -> str:
        """Store a sign-in; return the secret (a ticket or a state) that stands for it."""
        nonce = secrets.token_urlsafe(32)
        secret = self._signed(begun.kind, nonce, begun.ends_at)
        row = self._row(secret, begun)
        await self._writer.run(
            lambda c: c.execute(insert(pending_sign_ins).values(row))
        )
        return secret

    async def begin(
        self,
        kind: str,
        person: Person,
        now: datetime,
        *,
        label: str = "",
        verifier: str = "",
    ) -> tuple[str, str]:
        """Store a sign-in for one browser; return its state and the browser's cookie."""
        cookie = secrets.token_urlsafe(32)
        begun = PendingSignIn(kind, person, label, now + GOOD_FOR, cookie, verifier)
        return await self.add(begun), cookie

    def begin_unstored(self, kind: str, now: datetime) -> tuple[str, str]:
        """Return a state and its browser's cookie as `begin` does, but store nothing.

        For an address that anybody can open: a state costs a row once it comes back.
        """
        cookie = secrets.token_urlsafe(32)
        return self._signed(kind, _nonce_of(cookie), now + GOOD_FOR), cookie

    def is_unstored(self, kind: str, secret: str, now: datetime, browser: str) -> bool:
        """Return whether *secret* is a state of `begin_unstored` that has not expired.

        *browser* must be the cookie that belongs to it. Needs no query.
        """
        nonce = secret.partition(".")[0]
        return self._is_ours(kind, secret, now) and nonce == _nonce_of(browser)

    async def use_unstored(
        self, kind: str, secret: str, person: Person, now: datetime, *, browser: str
    ) -> bool:
        """Use up a state for which `is_unstored` holds; return False if it was used.

        The row, written now, makes certain that one process uses it once.
        """
        begun = PendingSignIn(kind, person, "", _end_of(secret), browser)
        row = self._row(secret, begun) | {"used_at": now}

        def work(connection: Connection) -> bool:
            dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
            change = dialect.insert(pending_sign_ins).values(row)
            # Not by `rowcount`, which SQLAlchemy leaves at -1 here on PostgreSQL.
            new = change.on_conflict_do_nothing().returning(pending_sign_ins.c.id)
            return connection.scalar(new) is not None

        return await self._writer.run(work)

    async def look(self, kind: str, secret: str, now: datetime) -> PendingSignIn | None:
        """Return the sign-in of *secret*; None if it is unknown, used or expired.

        A secret that this program did not give out needs no query.
        """
        if not self._is_ours(kind, secret, now):
            return None
        query = select(pending_sign_ins).where(
            pending_sign_ins.c.id == hashed(secret),
            pending_sign_ins.c.kind == kind,
            pending_sign_ins.c.used_at.is_(None),
            pending_sign_ins.c.ends_at > now,
        )
        row = await self._writer.run(lambda c: c.execute(query).first())
        if row is None:
            return None
        return PendingSignIn(
            kind=row.kind,
            person=Person(row.enterprise, row.team, row.user),
            label=row.label,
            ends_at=row.ends_at,
            verifier=self._vault.decrypt(row.verifier),
        )

    async def use(
        self, kind: str, secret: str, now: datetime, *, browser: str = ""
    ) -> PendingSignIn | None:
        """Return the sign-in of *secret* and mark it used; None as in `look`.

        Also None if *browser* is not the cookie that it was begun with; the right browser
        can then still use it.
        """
        found = await self.look(kind, secret, now)
        if found is None:
            return None
        unused = update(pending_sign_ins).where(
            pending_sign_ins.c.id == hashed(secret),
            pending_sign_ins.c.used_at.is_(None),
            pending_sign_ins.c.browser == (hashed(browser) if browser else ""),
        )
        changed = await self._writer.run(
            lambda c: c.execute(unused.values(used_at=now)).rowcount
        )
        return found if changed == 1 else None

    async def succeed(
        self, kind: str, secret: str, person: Person, label: str = ""
    ) -> None:
        """Note that the used sign-in of *secret* has led to what *label* names."""
        used = update(pending_sign_ins).where(
            pending_sign_ins.c.id == hashed(secret), pending_sign_ins.c.kind == kind
        )
        done = {
            "kind": _succeeded(kind),
            "label": label[:120],
            **columns(person),
            "verifier": "",
        }
        await self._writer.run(lambda c: c.execute(used.values(done)))

    async def succeeded(
        self, kind: str, secret: str, now: datetime, *, browser: str
    ) -> PendingSignIn | None:
        """Return a sign-in after `succeed`, to the browser that began it, until it ends."""
        if not self._is_ours(kind, secret, now):
            return None
        query = select(pending_sign_ins).where(
            pending_sign_ins.c.id == hashed(secret),
            pending_sign_ins.c.kind == _succeeded(kind),
            pending_sign_ins.c.browser == hashed(browser),
            pending_sign_ins.c.ends_at > now,
        )
        row = await self._writer.run(lambda c: c.execute(query).first())
        if row is None:
            return None
        person = Person(row.enterprise, row.team, row.user)
        return PendingSignIn(row.kind, person, row.label, row.ends_at)

    async def delete_ended(self, before: datetime) -> int:
        """Delete sign-ins that ended *before* a time; return how many."""
        ended = delete(pending_sign_ins).where(pending_sign_ins.c.ends_at < before)
        return await self._writer.run(lambda c: c.execute(ended).rowcount)

    def _row(self, secret: str, begun: PendingSignIn) -> dict[str, Any]:
        return {
            "id": hashed(secret),
            "kind": begun.kind,
            "label": begun.label[:120],
            **columns(begun.person),
            "browser": hashed(begun.browser) if begun.browser else "",
            "verifier": self._vault.encrypt(begun.verifier),
            "ends_at": begun.ends_at,
        }

    def _signed(self, kind: str, nonce: str, ends_at: datetime) -> str:
        """Return a secret that `_is_ours` accepts for *kind* until *ends_at*."""
        text = f"{nonce}.{math.ceil(ends_at.timestamp())}"
        return f"{text}.{self._vault.sign(f'{kind} {text}')}"

    def _is_ours(self, kind: str, secret: str, now: datetime) -> bool:
        text, _, signature = secret.rpartition(".")
        is_signed = self._vault.has_signed(f"{kind} {text}", signature)
        return is_signed and _end_of(secret) > now


def _end_of(secret: str) -> datetime:
    """Return when a secret expires. Its signature must have been verified."""
    return datetime.fromtimestamp(int(secret.split(".")[1]), UTC)


def _nonce_of(cookie: str) -> str:
    """Return what ties a state to a browser's cookie; it reveals nothing about it."""
    return hashed(f"browser {cookie}")


def _succeeded(kind: str) -> str:
    """Return the stored kind of a sign-in that has led to something."""
    return f"{kind} done"


def hashed(secret: str) -> str:
    """Return the hash by which the database knows a secret."""
    return hashlib.sha256(secret.encode()).hexdigest()


def form_of(secret: str) -> str:
    """Return the id of the form in Slack for the sign-in of a ticket or state."""
    return hashed(f"form {secret}")
