"""Which RingCentral account a person has connected: stored, looked up, erased."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    Table,
    bindparam,
    delete,
    insert,
    select,
    update,
)

from bot.calls.people import phones as book
from bot.calls.people.person import Person, Preferences
from bot.calls.people.phones import Phone
from bot.errors import RowRefused
from bot.policy.workspace import AuditAction, AuditRow, WorkspaceId
from bot.storage.after.tables import reminders
from bot.storage.calls.releasing import release_claims
from bot.storage.calls.tables import declined_questions
from bot.storage.database.person_rows import columns, of_person, of_workspace
from bot.storage.database.writer import Writer
from bot.storage.hooks.outbox import delete_of_workspace
from bot.storage.missed.cards import delete_syncs, release_open
from bot.storage.missed.tables import missed_cards
from bot.storage.people import linked
from bot.storage.people.callers import callers
from bot.storage.people.connection_tokens import ConnectionTokens
from bot.storage.people.linked import (
    ErasedConnection,
    Extension,
    Linked,
    StoredTokens,
)
from bot.storage.people.look_ups import LOOK_UP_EVERY
from bot.storage.people.name_books import delete_books
from bot.storage.people.notices import Notices
from bot.storage.people.revocations import REVOCATION_LEASE, Revocations
from bot.storage.people.subscriptions import delete_subscriptions, remote_id_of
from bot.storage.people.tables import (
    connections,
    home_views,
    pending_sign_ins,
    preferences,
    user_group_members,
)
from bot.storage.people.user_groups import delete_groups
from bot.storage.policy.admin_requests import forget_who_answered
from bot.storage.policy.audit import insert_audit
from bot.storage.policy.tables import admin_alerts, admin_requests
from bot.storage.reports.digests import delete_digests
from bot.storage.shared.tables import log_lags, user_state
from bot.storage.steps.tables import workflow_steps
from bot.vault import Vault

ERASED_WITH_CONNECTION = (
    preferences,
    pending_sign_ins,
    reminders,
    missed_cards,
    admin_requests,
)
"""A person who stays keeps their row in `home_views`: their Home is still updated."""

DELETE_CONNECTION = delete(connections).where(connections.c.id == bindparam("id_"))
DELETE_USER_STATE = delete(user_state).where(user_state.c.id == bindparam("id_"))
DELETE_LOG_LAG = delete(log_lags).where(log_lags.c.account == bindparam("id_"))

Whose = Callable[[Table], ColumnElement[bool]]
"""Returns the condition for somebody's rows in a table about people."""


class Connections:
    """The table `connections`; all methods raise `StoreUnavailable`.

    Attributes:
        tokens: What they are signed in with.
        revocations: The revocations that RingCentral is still owed for erased ones.
        notices: The notices that people are still owed about theirs.
    """

    def __init__(
        self,
        writer: Writer,
        vault: Vault,
        revocation_lease: timedelta = REVOCATION_LEASE,
    ) -> None:
        self._writer = writer
        self.tokens = ConnectionTokens(writer, vault)
        self.revocations = Revocations(writer, vault, revocation_lease)
        self.notices = Notices(writer)

    async def of(self, person: Person) -> tuple[Linked | None, Preferences]:
        """Return a person's connection and preferences by one query: an ack waits for it.

        Commands that arrive together share the query.
        """
        row = await self._writer.read_together(callers, person)
        found = None if row.id is None else linked.from_row(row)
        return found, Preferences.load(row.chosen or "")

    async def get(self, identity: str) -> Linked | None:
        """Return a connection by its id."""
        query = select(connections).where(connections.c.id == identity)
        row = await self._writer.run(lambda c: c.execute(query).first())
        return linked.from_row(row) if row else None

    async def put(
        self,
        identity: str,
        person: Person,
        kind: str,
        extension: Extension,
        tokens: StoredTokens,
        now: datetime,
        phones: tuple[Phone, ...] = (),
    ) -> ErasedConnection | None:
        """Store a connection; return the person's old one, whose session must be revoked.

        If it is the same RingCentral user again, the old id is kept, so that open calls go
        on with the new tokens; otherwise the id is *identity*.
        """
        row: dict[str, Any] = {
            **columns(person),
            "id": identity,
            "kind": kind,
            "extension": linked.dump(extension),
            "tokens": self.tokens.encrypted(tokens),
            "version": tokens.version,
            "fresh_until": tokens.fresh_until,
            "ends_at": tokens.ends_at,
            "connected_at": now,
            "look_up_at": now + LOOK_UP_EVERY,
            "phones": book.dump(phones),
            "phones_at": now,
        }

        def work(connection: Connection) -> ErasedConnection | None:
            mine = (
                select(connections)
                .where(of_person(connections, person))
                .with_for_update()
            )
            old = connection.execute(mine).first()
            new, erased = dict(row), None
            if old is not None:
                same = linked.from_row(old).extension
                if (same.account, same.id) == (extension.account, extension.id):
                    new["id"], new["version"] = old.id, old.version + 1
                connection.execute(DELETE_CONNECTION, {"id_": old.id})
                erased = self._erased(
                    connection, old, now, soon=False, alone=new["id"] == old.id
                )
                if new["id"] != old.id:
                    _delete_account_rows(connection, [old.id])
            connection.execute(insert(connections).values(new))
            insert_audit(connection, _audited(person, AuditAction.CONNECTED, now, kind))
            return erased

        try:
            return await self._writer.run(work, _lock_of(person))
        except RowRefused:  # another process has just inserted it
            return await self._writer.run(work, _lock_of(person))

    async def erase(
        self, person: Person, now: datetime, by: str = ""
    ) -> ErasedConnection | None:
        """Erase a person's connection and choices; return the connection, if there was one.

        *by* is who does it, if not they themselves. The caller has the lease to revoke its session.
        """
        erased = await self._writer.run(
            lambda c: self._erase(
                c,
                lambda table: of_person(table, person),
                ERASED_WITH_CONNECTION,
                now,
                soon=False,
                by=by,
            ),
            _lock_of(person),
        )
        return erased[0] if erased else None

    async def erase_within(
        self, enterprise: str, team: str, user: str, now: datetime
    ) -> list[ErasedConnection]:
        """Erase all rows about people in a workspace, but their calls; see `of_workspace`.

        Without *user* the workspace has left, and nobody is told of its calls any more. What
        a *user* has taken on, and not done yet, others can take on. One
        transaction erases them and stores the revocations that RingCentral is owed, so
        nothing of theirs is used once this returns. Any process may do the revocations.
        """

        def whose(table: Table) -> ColumnElement[bool]:
            return of_workspace(table, enterprise, team, user)

        def work(connection: Connection) -> list[ErasedConnection]:
            if not user:
                delete_of_workspace(connection, enterprise, team)
                delete_digests(connection, enterprise, team)
                delete_groups(connection, enterprise, team)
            else:
                gone = Person(enterprise, team, user)
                release_open(connection, gone, now)
                release_claims(connection, gone, now)
                forget_who_answered(connection, gone)
            tables = (
                *ERASED_WITH_CONNECTION,
                home_views,
                workflow_steps,
                declined_questions,
                user_group_members,
                admin_alerts,
            )
            return self._erase(connection, whose, tables, now, soon=True)

        return await self._writer.run(work, "people")

    async def existing(self, ids: set[str]) -> set[str]:
        """Return those *ids* whose connections were not erased."""
        query = select(connections.c.id).where(connections.c.id.in_(ids))
        return await self._writer.run(lambda c: set(c.scalars(query)))

    async def all(self) -> list[tuple[Linked, bool]]:
        """Return all connections, each with whether one of our keys decrypts its tokens."""
        query = select(connections).order_by(connections.c.connected_at)
        rows = await self._writer.run(lambda c: c.execute(query).all())
        return [
            (linked.from_row(r), self.tokens.decrypted(r) is not None) for r in rows
        ]

    async def scopes(self) -> list[frozenset[str]]:
        """Return the app permissions in each token that works and can be decrypted."""
        query = select(connections).where(connections.c.broken_at.is_(None))
        rows = await self._writer.run(lambda c: c.execute(query).all())
        kept = [self.tokens.decrypted(each) for each in rows]
        return [frozenset(t.secrets.get("scope", "").split()) for t in kept if t]

    async def prefer(self, person: Person, chosen: Preferences) -> None:
        """Store a person's choices."""

        def work(connection: Connection) -> None:
            connection.execute(
                delete(preferences).where(of_person(preferences, person))
            )
            row = columns(person) | {"chosen": chosen.dump()}
            connection.execute(insert(preferences).values(row))

        try:
            await self._writer.run(work, _lock_of(person))
        except RowRefused:  # another process has just inserted it
            await self._writer.run(work, _lock_of(person))

    async def store_phones(
        self, identity: str, phones: tuple[Phone, ...], now: datetime
    ) -> None:
        """Store the phones that RingCentral lists."""
        theirs = update(connections).where(connections.c.id == identity)
        listed = theirs.values(phones=book.dump(phones), phones_at=now)
        await self._writer.run(lambda c: c.execute(listed))

    async def ending(self, before: datetime) -> list[Linked]:
        """Return the working connections that end *before* a time."""
        query = select(connections).where(
            connections.c.ends_at < before, connections.c.broken_at.is_(None)
        )
        rows = await self._writer.run(lambda c: c.execute(query).all())
        return [linked.from_row(row) for row in rows]

    def _erase(
        self,
        connection: Connection,
        whose: Whose,
        tables: tuple[Table, ...],
        now: datetime,
        *,
        soon: bool,
        by: str = "",
    ) -> list[ErasedConnection]:
        theirs = select(connections).where(whose(connections)).with_for_update()
        rows = connection.execute(theirs).all()
        for table in tables:
            connection.execute(delete(table).where(whose(table)))
        for row in rows:
            left = Person(row.enterprise, row.team, row.user)
            gone = _audited(left, AuditAction.DISCONNECTED, now, row.kind, by)
            insert_audit(connection, gone)
        if rows:
            ids = [{"id_": row.id} for row in rows]
            connection.execute(DELETE_CONNECTION, ids)
        erased = [self._erased(connection, row, now, soon=soon) for row in rows]
        _delete_account_rows(connection, [row.id for row in rows])
        return erased

    def _erased(
        self,
        connection: Connection,
        row: Row[Any],
        now: datetime,
        *,
        soon: bool,
        alone: bool = False,
    ) -> ErasedConnection:
        """Store the revocation of an old session; *alone*: its subscription goes on."""
        tokens = self.tokens.decrypted(row)
        if tokens is None:
            return ErasedConnection(row.id, row.kind, None)
        subscription = "" if alone else remote_id_of(connection, row.id)
        owed = self.revocations.add(
            connection, tokens, now, soon=soon, subscription=subscription
        )
        return ErasedConnection(row.id, row.kind, owed)


def _delete_account_rows(connection: Connection, accounts: list[str]) -> None:
    """Delete what is kept by the ids of accounts."""
    if not accounts:
        return
    ids = [{"id_": each} for each in accounts]
    connection.execute(DELETE_USER_STATE, ids)
    connection.execute(DELETE_LOG_LAG, ids)
    delete_books(connection, accounts)
    delete_subscriptions(connection, accounts)
    delete_syncs(connection, accounts)


def _audited(
    person: Person, action: AuditAction, at: datetime, kind: str, by: str = ""
) -> AuditRow:
    return AuditRow(
        at=at,
        where=WorkspaceId(person.enterprise, person.team),
        user=by or person.user,
        action=action,
        detail=f"{kind} of {person.user}" if by else kind,
    )


def _lock_of(person: Person) -> str:
    return f"person {person.team} {person.user}"
