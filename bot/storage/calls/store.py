"""Calls in the database: added once, claimed by lease, changed by pure functions.

`Store.change` is a read-modify-write in one transaction of the one writer: a function gets
the stored call, checks that it is still the one it meant (state, attempt), and returns the
next version, or None to change nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Protocol

from sqlalchemy import Connection, Select, case, func, insert, select

from bot.calls.call import Call, Place, State
from bot.calls.log_schedule import read_at
from bot.calls.people.person import Person
from bot.errors import MayBeStored, RowRefused, StoreUnavailable
from bot.policy.added import Added, Verdict
from bot.policy.decision import ALLOWED, Decision
from bot.policy.rules import PolicyRules
from bot.policy.wish import FactsNeeded, Wish
from bot.policy.workspace import AuditRow, WorkspaceId
from bot.storage.calls.adding import Adding, NewCall, RulesChanged, WhoseNumber
from bot.storage.calls.claiming import (
    Claim,
    Claimed,
    claim_due,
    free_all,
    make_due,
    make_waiting_due,
)
from bot.storage.calls.events import CallEvent, event_row, events_of, reply_lag
from bot.storage.calls.statements import (
    END_LEASES,
    INSERT_EVENT,
    MAY_BE_RINGING,
    OF_PERSON,
    SELECT_AWAITING_RECORD,
    SELECT_CALL,
    SELECT_CALL_BY_KEY,
    SELECT_CALL_FOR_UPDATE,
    SELECT_DUE_BY_ACCOUNT,
    SELECT_MAY_HAVE_SESSION,
    SELECT_WITH_SESSION,
    UPDATE_CALL,
    UPDATE_UNCHANGED,
)
from bot.storage.calls.tables import call_records, calls, changes
from bot.storage.calls.takeover import USUAL_TAKEOVER, Takeover
from bot.storage.calls.unreadable import UnreadableRows
from bot.storage.database.opening import Opening
from bot.storage.database.person_rows import bound
from bot.storage.database.signals import notify
from bot.storage.database.writer import Writer
from bot.storage.policy.audit import insert_audit
from bot.storage.policy.in_force import RulesInForce
from bot.storage.policy.states import PolicyStates
from bot.telemetry.measures import Measures

WAKE_AHEAD = timedelta(seconds=2)
"""The process that holds a call is woken if it becomes due within this time."""

CONFUSABLE_WITHIN = timedelta(minutes=10)
"""Calls sent within this time of each other may be mistaken for one another."""


class ChangeTeller(Protocol):
    """Tells others of changes of calls."""

    def store(
        self, connection: Connection, old: Call, new: Call, now: datetime
    ) -> bool:
        """Store what is to be told of a change; return whether anything is.

        Called in the change's own transaction, which may be run again.
        """

    def wake(self) -> None:
        """Tell it: the transaction is committed."""


class Store:
    """The calls in the database behind *url*; *me* is this process's id.

    *direct_url* is the same PostgreSQL's without a connection pooler, if *url* has one.
    All methods raise `bot.errors.StoreUnavailable` if the database can't be reached. Calls
    that this program can't read are left out of every list. *on_change* is called with each
    call that was stored here and that this process may take the next step of; *teller*
    hears of each change. *whose_number* knows the numbers of colleagues.
    """

    def __init__(
        self,
        url: str,
        me: str = "",
        measures: Measures | None = None,
        takeover: Takeover = USUAL_TAKEOVER,
        *,
        direct_url: str = "",
        on_change: Callable[[Call], None] = lambda _: None,
        teller: ChangeTeller | None = None,
        whose_number: WhoseNumber = lambda _, __, ___: "",
    ) -> None:
        self.url = url
        self.direct_url = direct_url or url
        self._on_change = on_change
        self._teller = teller
        self.takeover = takeover
        self._measures = measures or Measures()
        # A pooler would keep a named session after the process has died.
        self.writer = Writer(url, self._measures, "" if direct_url else me)
        self._opening = Opening(self.writer)
        self.unreadable = UnreadableRows(self._measures)
        self._adding = Adding(self.unreadable, RulesInForce(), whose_number)
        self.me = me

    async def open(self, *, alone: bool = False) -> None:
        """Prepare the database: SQLite is migrated here, PostgreSQL only checked.

        *alone* locks a SQLite file against other processes until `close`.

        Raises:
            DevelopmentDatabase, SchemaBehind, StoreTaken: See `bot.errors`.
        """
        await self._opening.open(alone=alone)

    async def migrate(self) -> tuple[str, str]:
        """Run the revisions that are missing; return the revision before and after.

        Raises:
            DevelopmentDatabase: See `bot.errors`.
        """
        return await self._opening.migrate()

    def close(self) -> None:
        """Finish what is being written, and release the file."""
        self.writer.close()
        self._opening.release()

    async def add(
        self, call: Call, *, wish: Wish, bounds: PolicyRules, again: bool = False
    ) -> Added | Decision | FactsNeeded:
        """Store the intent *call* unless it is a duplicate, or the gate objects.

        Committed when this returns, so the command may be acked. If the answer to the
        commit was lost, the call is looked for. A decision is returned if it is not to
        allow the call. `FactsNeeded`: nothing was stored, Slack has to be asked first.

        Args:
            call: The new call.
            wish: What the gate needs to know of it.
            bounds: The operator's rules; a workspace's own narrow them.
            again: Store it even if a call of this person already rings that number.

        Raises:
            MayBeStored: It is not known whether the call is there.
        """
        new = NewCall(call, wish, bounds, again)
        try:
            added = await self._judged(new, str(call.place.person))
        except RowRefused:  # another process has just stored the same command
            return Added(Verdict.REPEATED, call)
        except MayBeStored:
            if not await self._is_there(call):
                raise  # a server that hangs may still commit it
            added = Added(Verdict.NEW, call)
        if isinstance(added, Added) and added.verdict is Verdict.NEW:
            self._changed(call)
        return added

    async def weigh(
        self, call: Call, *, wish: Wish, bounds: PolicyRules
    ) -> Decision | FactsNeeded:
        """Return what the gate says to *call*; nothing is stored but the audit's row."""
        found = await self._judged(NewCall(call, wish, bounds, is_dry=True))
        return ALLOWED if isinstance(found, Added) else found

    async def is_paused(self, place: Place) -> bool:
        """Return whether an admin has paused the calls of a place's workspace."""
        state = await PolicyStates(self.writer).of(WorkspaceId.of(place))
        return state.pause is not None

    async def audit(self, row: AuditRow) -> None:
        """Store what was refused before the gate was asked."""
        await self.writer.run(lambda c: insert_audit(c, row))

    async def _judged(
        self, new: NewCall, order: str = ""
    ) -> Added | Decision | FactsNeeded:
        """Have a call judged, by the rules that are in force when it is stored."""
        adding = self._adding
        while True:
            keys = frozenset() if new.is_dry else adding.keys_of(new.call, new.bounds)
            asks = replace(new, keys=keys)
            lock = None if new.is_dry else adding.lock
            try:
                return await self.writer.run_together(
                    adding, asks, order, also=keys, lock=lock
                )
            except RulesChanged:
                continue

    async def _is_there(self, call: Call) -> bool:
        try:
            return await self.get(call.id) is not None
        except StoreUnavailable:
            return False

    async def claim(
        self, me: str, now: datetime, lease: timedelta, most: int
    ) -> Claimed:
        """Claim up to *most* due calls for *me* until *lease* has passed.

        A call stays with the process that holds it, so that one process edits its card,
        until that process hands it over or is taken for dead
        (`bot.storage.shared.processes`). A call that can't be read is released at once,
        and skipped for a while.
        """
        wanted = Claim(me, now, lease, most)
        found = await self.writer.run(
            lambda connection: claim_due(connection, self.unreadable, wanted)
        )
        self._measures.polls_began(found.late)
        return found

    async def end_leases(self, me: str, until: datetime, now: datetime) -> None:
        """Make the calls due *now* whose lease by *me* ends exactly at *until*."""
        leased = {"until_": until, "me_": me, "now_": now}
        await self.writer.run(lambda connection: connection.execute(END_LEASES, leased))

    async def change(
        self,
        call_id: str,
        decide: Callable[[Call], Call | None],
        now: datetime,
        note: str = "",
    ) -> Call | None:
        """Replace the stored call by what *decide* makes of it; return the new version.

        Returns None and changes nothing if *decide* returns None, if the call is unknown
        or can't be read, or if one of its records already belongs to another call.
        """

        def work(connection: Connection) -> Call | None:
            old = self._first(connection, SELECT_CALL_FOR_UPDATE, id_=call_id)
            new = decide(old) if old is not None else None
            if old is None or new is None or new == old:
                return new
            for record in set(new.records) - set(old.records):
                row = {"id": record, "call": call_id}
                connection.execute(insert(call_records).values(row))
            connection.execute(UPDATE_CALL, {"id_": call_id, **changes(old, new)})
            if note or new.state is not old.state:
                connection.execute(INSERT_EVENT, event_row(new, now, note))
            if new.held_by not in ("", self.me) and _is_sooner(old, new, now):
                notify(connection, new.held_by)
            made[:] = [(old, new, reply_lag(connection, old, new, now))]
            if self._teller is not None:
                told[:] = [self._teller.store(connection, old, new, now)]
            return new

        made: list[tuple[Call, Call, timedelta | None]] = []
        told: list[bool] = []
        try:
            changed = await self.writer.run(work, f"call {call_id}")
        except RowRefused:
            return None
        self._measures.moved(made)
        if changed is not None:
            self._changed(changed)
        if self._teller is not None and any(told):
            self._teller.wake()
        return changed

    async def update_unchanged(self, old: Call, new: Call) -> bool:
        """Replace *old* by *new* if the row is still *old*; return whether it was.

        One statement, which is executed together with others like it. It covers changes
        that are no transition, such as most polls; for all others use `change`.
        """
        unchanged = {
            "id_": old.id,
            "state_": old.state,
            "attempt_": old.attempt,
            "next_at_": old.next_at,
            "cancelled_at_": old.cancelled_at,
            "hung_up_at_": old.hung_up_at,
            "card_shown_": old.card_shown,
            "heard_at_": old.heard_at,
            "aftermath_": old.aftermath.dump() if old.aftermath else None,
        }
        row = unchanged | changes(old, new)
        order = f"call {old.id}"
        is_stored = await self.writer.run_alike(UPDATE_UNCHANGED, row, order)
        if is_stored:
            self._changed(new)
        return is_stored

    async def resume(self, now: datetime) -> int:
        """Free all leases; return how many calls are unfinished.

        Only for SQLite, which one process at a time uses: whatever is leased was leased by
        a process that is gone, and only its posts may still be in flight.
        """
        landing = self.takeover.post_in_flight
        return await self.writer.run(
            lambda connection: free_all(connection, now, landing)
        )

    async def make_due(self, account: str, now: datetime) -> int:
        """Have the status of an account's calls asked for at once; return of how many."""
        return await self.writer.run(lambda c: make_due(c, account, now))

    async def end_waits(self, where: WorkspaceId, now: datetime) -> int:
        """Have a workspace's calls looked at that wait to be placed; return how many."""
        waiting = await self.writer.run(
            lambda c: self.unreadable.calls_in(make_waiting_due(c, where, now))
        )
        for call in waiting:
            self._changed(call)
        return len(waiting)

    async def get(self, call_id: str) -> Call | None:
        """Return a call; None if there is none with this id, or it can't be read."""
        return await self.writer.run(
            lambda connection: self._first(connection, SELECT_CALL, id_=call_id)
        )

    async def with_key(self, key: str) -> Call | None:
        """Return the call that was stored under *key*, as `get` does."""
        return await self.writer.run(
            lambda connection: self._first(connection, SELECT_CALL_BY_KEY, key_=key)
        )

    async def is_stored(self, key: str) -> bool:
        """Return whether there is a call under *key*, also one that can't be read."""
        query = select(calls.c.id).where(calls.c.key == key)
        return await self.writer.run(lambda c: c.scalar(query)) is not None

    async def due_by_account(self) -> list[tuple[str, datetime]]:
        """Return the accounts whose call log is read, and when that is due, in order."""

        def work(connection: Connection) -> list[tuple[str, datetime]]:
            values = {"except_": self.unreadable.skipped()}
            rows = connection.execute(SELECT_DUE_BY_ACCOUNT, values)
            return [(row.account, row.first) for row in rows]

        return await self.writer.run(work)

    async def awaiting_record(self, account: str) -> list[Call]:
        """Return an account's calls for which its log is read, the oldest first."""
        values = {"account_": account}
        return await self.writer.run(
            lambda connection: self.unreadable.calls_in(
                connection.execute(SELECT_AWAITING_RECORD, values)
            )
        )

    async def of_person(
        self, person: Person, most: int, *, open_first: bool = False
    ) -> list[Call]:
        """Return up to *most* calls of a person, the newest first.

        *open_first*: before these, those that may be going on, however old they are.
        """
        newest = calls.c.asked_at.desc()
        order = [case((MAY_BE_RINGING, 0), else_=1), newest] if open_first else [newest]
        query = select(calls).where(OF_PERSON).order_by(*order).limit(most)
        return await self.writer.run(
            lambda c: self.unreadable.calls_in(c.execute(query, bound(person)))
        )

    async def with_session(
        self, account: str, session_id: str, since: datetime
    ) -> list[Call]:
        """Return the calls of *account* that the telephony session may be of.

        Those with this id, if there are any; else all without a session that were sent
        *since* then and are not reported yet.
        """

        def work(connection: Connection) -> list[Call]:
            values: dict[str, object] = {"account_": account, "session_": session_id}
            found = connection.execute(SELECT_WITH_SESSION, values).all()
            if not found:
                values = {"account_": account, "since_": since}
                found = connection.execute(SELECT_MAY_HAVE_SESSION, values).all()
            return self.unreadable.calls_in(found)

        return await self.writer.run(work)

    async def counted_by_account(self, state: State) -> dict[str, int]:
        """Return how many calls of each account are in *state*."""
        query = (
            select(calls.c.account, func.count())
            .where(calls.c.state == state)
            .group_by(calls.c.account)
        )
        return await self.writer.run(
            lambda connection: {row[0]: row[1] for row in connection.execute(query)}
        )

    async def adopted(self, ids: Iterable[str]) -> set[str]:
        """Return those call-log record *ids* that already belong to a call."""
        query = select(call_records.c.id).where(call_records.c.id.in_(list(ids)))
        return await self.writer.run(lambda connection: set(connection.scalars(query)))

    async def ringout_ids(self, since: datetime) -> set[str]:
        """Return the RingOut ids of the calls that one sent at *since* may be mistaken for."""
        query = select(calls.c.ringout_id).where(
            calls.c.ringout_id != "", calls.c.sent_at >= since - CONFUSABLE_WITHIN
        )
        return await self.writer.run(lambda connection: set(connection.scalars(query)))

    async def history(self, call_id: str) -> list[CallEvent]:
        """Return a call's transitions, the oldest first."""
        return await self.writer.run(lambda connection: events_of(connection, call_id))

    def _changed(self, call: Call) -> None:
        # One process reads the log for the calls of all.
        if call.held_by in ("", self.me) or read_at(call) is not None:
            self._on_change(call)

    def _first(
        self, connection: Connection, query: Select[Any], **values: object
    ) -> Call | None:
        row = connection.execute(query, values).first()
        return None if row is None else self.unreadable.call_in(row)


def _is_sooner(old: Call, new: Call, now: datetime) -> bool:
    """Whether the process that holds the call has to be woken for it."""
    return new.next_at <= now + WAKE_AHEAD or new.next_at < old.next_at
