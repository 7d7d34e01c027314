"""Deletes what is older than the operator's retention time, and a number on request."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import (
    ColumnElement,
    Connection,
    and_,
    delete,
    func,
    or_,
    select,
    update,
)

from bot.calls.call import State
from bot.calls.people import phones as book
from bot.calls.people.person import Person, Preferences
from bot.storage.calls import declining, remarks, withholding
from bot.storage.calls.tables import call_events, call_records, calls
from bot.storage.database import person_rows
from bot.storage.database.writer import Writer
from bot.storage.hooks.tables import hook_receivers
from bot.storage.missed import cards as missed
from bot.storage.people import name_books, subscriptions
from bot.storage.people.tables import (
    connections,
    home_views,
    installations,
    pending_sign_ins,
    preferences,
    revocations,
)
from bot.storage.people.user_groups import delete_unnamed_since
from bot.storage.policy.admin_requests import (
    delete_requests_before,
    erase_asked_number,
)
from bot.storage.policy.audit import delete_audit_before, erase_audited_number
from bot.storage.policy.do_not_call import erase_listed_number
from bot.storage.reports.digests import delete_unused_since
from bot.storage.reports.findings import delete_alerts_before
from bot.storage.shared.tables import log_lags, user_state
from bot.storage.steps.tables import workflow_steps

CALLS_PER_TRANSACTION = 200
"""Few enough that commands don't have to wait long for the database."""

HOLD_NUMBERS = frozenset(
    [
        "calls.caller",
        "calls.callee",
        "calls.caller_id",
        "calls.aftermath",
        "admin_requests.number",
        "admin_requests.wanted",
        "audit_rows.number",
        "connections.phones",
        "missed_cards.caller",
        "missed_cards.voicemail_text",
        "preferences.chosen",
    ]
)
"""All columns out of which a phone number is erased; a test compares them with the tables."""


@dataclass(frozen=True, slots=True)
class Erased:
    """What `Retention.erase` has erased, or would erase: how many rows, by table.

    Attributes:
        lists: People's lists of phones that contained the number.
        choices: People who had chosen it; RingCentral's default applies again.
        names: Pages of names on which the number may be; they are read again in time.
        remarks: Other calls, of which a note had the number, or the person wrote something.
        missed: Cards that told of missed calls from the number, or of a voicemail in which
            it was said.
        audited: Rows of the audit in which the number was emptied.
        asked: What admins were asked, and may be answered yet.
        still_open: Unfinished calls, which are kept: a card and a reply are still owed.
        listed: Workspaces on whose do-not-call list it was, or still is.
    """

    calls: int
    records: int
    events: int
    lists: int
    choices: int
    names: int
    remarks: int
    missed: int
    audited: int
    still_open: int
    listed: int = 0
    asked: int = 0


class Retention:
    """Deletes calls and expired rows about people; all methods raise `StoreUnavailable`."""

    def __init__(self, writer: Writer) -> None:
        self._writer = writer

    async def purge(self, before: datetime) -> int:
        """Delete calls that were done before a time; return how many.

        Also deletes sign-ins that were begun and never finished, connections that broke
        before that time, with their person's choices, what was learned of the lag of
        accounts that were not used since, what was kept of erased private calls,
        declined questions, workflow steps, subscriptions that nobody has kept since,
        digests that nobody has posted since, user groups that no rule has named since,
        what became of a receiver of events, and
        missed calls. The events that wait go with their calls.
        """
        await self._writer.run(lambda c: _delete_sign_ins(c, before))
        unused = delete(log_lags).where(log_lags.c.learned_at < before)
        await self._writer.run(lambda c: c.execute(unused))
        await self._writer.run(lambda c: withholding.delete_before(c, before))
        await self._writer.run(lambda c: declining.delete_declined_before(c, before))
        over = delete(workflow_steps).where(workflow_steps.c.ends_at < before)
        await self._writer.run(lambda c: c.execute(over))
        await self._writer.run(lambda c: subscriptions.delete_before(c, before))
        known = delete(hook_receivers).where(hook_receivers.c.changed_at < before)
        await self._writer.run(lambda c: c.execute(known))
        await self._writer.run(lambda c: delete_unused_since(c, before))
        await self._writer.run(lambda c: delete_unnamed_since(c, before))
        await self._writer.run(lambda c: delete_alerts_before(c, before))
        await self._writer.run(lambda c: missed.delete_before(c, before))
        old = and_(calls.c.state == State.DONE, calls.c.next_at < before)
        total = 0
        while True:
            gone = await self._writer.run(lambda c: _delete_calls(c, old))
            total += gone
            if gone < CALLS_PER_TRANSACTION:
                return total

    async def purge_user_state(self, before: datetime) -> None:
        """Delete the state of RingCentral users that was not used since a time.

        The shared account's sign-in is part of it, and has expired by then.
        """
        unused = and_(user_state.c.used_at < before, user_state.c.log_free_at < before)
        await self._writer.run(lambda c: c.execute(delete(user_state).where(unused)))

    async def purge_home_views(self, before: datetime) -> None:
        """Delete the rows of Homes that were opened before a time."""
        old = delete(home_views).where(home_views.c.opened_at < before)
        await self._writer.run(lambda c: c.execute(old))

    async def purge_names(self, before: datetime) -> None:
        """Delete names that were last read at RingCentral before a time."""
        await self._writer.run(lambda c: name_books.delete_unread_since(c, before))

    async def purge_requests(self, before: datetime) -> None:
        """Delete what admins were asked before a time."""
        await self._writer.run(lambda c: delete_requests_before(c, before))

    async def purge_audit(self, before: datetime) -> None:
        """Delete what the audit has from before a time."""
        while await self._writer.run(lambda c: delete_audit_before(c, before)):
            pass

    async def erase(
        self, number: str, *, dry: bool, do_not_call: bool = False
    ) -> Erased:
        """Erase *number* (E.164) everywhere; *dry* only counts.

        Deletes every finished call from or to it, or that showed it as the caller ID, and
        removes it from people's lists of phones, choices, address books and directories,
        what admins were asked to allow,
        every note with it, every card of its missed calls, and what was said with it in
        voicemails. The audit's rows stay without it; an entry of a do-not-call list stays,
        unless *do_not_call*. If the number is still there at RingCentral, the next reading
        brings it back. Of a private call is kept what lists need to go on leaving it out
        (`bot.calls.lists.withheld`).
        """
        about = or_(
            calls.c.callee == number,
            calls.c.caller == number,
            calls.c.caller_id == number,
        )
        notes = await remarks.erase_notes_with(self._writer, number, dry=dry)
        found = await self._erase_calls(about, dry=dry)
        lists = await self._writer.run(lambda c: _remove_from_lists(c, number, dry=dry))
        choices = await self._writer.run(
            lambda c: _remove_from_choices(c, number, dry=dry)
        )
        names = await self._writer.run(lambda c: name_books.count_pages(c, number))
        if not dry:
            await self._writer.run(lambda c: name_books.delete_pages(c, number))
        cards = await self._writer.run(
            lambda c: missed.erase_number(c, number, dry=dry)
        )
        audited = await self._writer.run(
            lambda c: erase_audited_number(c, number, dry=dry)
        )
        asked = await self._writer.run(lambda c: erase_asked_number(c, number, dry=dry))
        listed = await self._writer.run(
            lambda c: erase_listed_number(c, number, dry=dry or not do_not_call)
        )
        return replace(
            found,
            listed=listed,
            lists=lists,
            choices=choices,
            names=names,
            remarks=notes,
            missed=cards,
            audited=audited,
            asked=asked,
        )

    async def erase_calls_of(
        self, person: Person, now: datetime, *, dry: bool
    ) -> Erased:
        """Delete every finished call that *person* placed, and what they wrote of others.

        *dry* only counts.
        """
        theirs = person_rows.of_person(calls, person)
        wrote = await remarks.erase_remarks_of(self._writer, person, now, dry=dry)
        if not dry:
            await self._writer.run(lambda c: missed.release_all(c, person, now))
        found = await self._erase_calls(theirs, dry=dry)
        return replace(found, remarks=wrote)

    async def erase_installer(self, person: Person, *, dry: bool) -> int:
        """Forget that *person* installed the app; return of how many installations."""
        theirs = and_(
            installations.c.enterprise == person.enterprise,
            installations.c.team == person.team,
            installations.c.installed_by == person.user,
        )
        count = select(func.count()).select_from(installations).where(theirs)
        found = await self._writer.run(lambda c: c.scalar(count) or 0)
        if found and not dry:
            nobody = update(installations).where(theirs).values(installed_by="")
            await self._writer.run(lambda c: c.execute(nobody))
        return found

    async def _erase_calls(self, about: ColumnElement[bool], *, dry: bool) -> Erased:
        done = and_(about, calls.c.state == State.DONE)
        found = await self._writer.run(lambda c: _counted(c, about, done))
        left = 0 if dry else found.calls
        while left > 0:
            left = await self._writer.run(lambda c: _erase_calls(c, done))
        return found


def _delete_calls(connection: Connection, which: ColumnElement[bool]) -> int:
    ids = _some(connection, which)
    _delete(connection, ids)
    return len(ids)


def _erase_calls(connection: Connection, which: ColumnElement[bool]) -> int:
    """Delete calls whose records the log goes on listing; private ones are withheld."""
    ids = _some(connection, which)
    withholding.withhold(connection, ids)
    _delete(connection, ids)
    return len(ids)


def _some(connection: Connection, which: ColumnElement[bool]) -> list[str]:
    query = (
        select(calls.c.id)
        .where(which)
        .limit(CALLS_PER_TRANSACTION)
        .with_for_update(skip_locked=True)
    )
    return list(connection.scalars(query))


def _delete(connection: Connection, ids: list[str]) -> None:
    for table in (call_records, call_events):
        connection.execute(delete(table).where(table.c.call.in_(ids)))
    connection.execute(delete(calls).where(calls.c.id.in_(ids)))


def _delete_sign_ins(connection: Connection, before: datetime) -> None:
    for table in (pending_sign_ins, revocations):
        connection.execute(delete(table).where(table.c.ends_at < before))
    broken = connections.c.broken_at < before
    query = select(connections).where(broken).with_for_update()
    for row in connection.execute(query).mappings().all():
        theirs = (preferences.c[each] == row[each] for each in person_rows.COLUMNS)
        connection.execute(delete(preferences).where(*theirs))
        connection.execute(delete(user_state).where(user_state.c.id == row["id"]))
        name_books.delete_books(connection, [row["id"]])
        subscriptions.delete_subscriptions(connection, [row["id"]])
        missed.delete_syncs(connection, [row["id"]])
        connection.execute(delete(log_lags).where(log_lags.c.account == row["id"]))
        connection.execute(delete(connections).where(connections.c.id == row["id"]))


def _remove_from_lists(connection: Connection, number: str, *, dry: bool) -> int:
    """Remove *number* from people's lists of phones; return from how many."""
    column = connections.c.phones
    query = select(connections.c.id, column).where(column.contains(number))
    changed = 0
    for identity, text in connection.execute(query.with_for_update()).all():
        listed = book.load(text)
        left = [each for each in listed if each.number.e164 != number]
        changed += len(left) < len(listed)
        if not dry:
            mine = update(connections).where(connections.c.id == identity)
            connection.execute(mine.values(phones=book.dump(left)))
    return changed


def _remove_from_choices(connection: Connection, number: str, *, dry: bool) -> int:
    """Remove *number* from people's choices; return from how many."""
    column = preferences.c.chosen
    query = select(preferences).where(column.contains(number)).with_for_update()
    changed = 0
    for row in connection.execute(query).mappings().all():
        old = Preferences.load(row["chosen"])
        new = replace(
            old,
            first="" if old.first == number else old.first,
            caller_id="" if old.caller_id == number else old.caller_id,
        )
        changed += new != old
        if not dry:
            theirs = (preferences.c[each] == row[each] for each in person_rows.COLUMNS)
            mine = update(preferences).where(*theirs)
            connection.execute(mine.values(chosen=new.dump()))
    return changed


def _counted(
    connection: Connection, about: ColumnElement[bool], done: ColumnElement[bool]
) -> Erased:
    ids = select(calls.c.id).where(done)

    def count(table: ColumnElement[bool], source: object) -> int:
        query = select(func.count()).select_from(source).where(table)  # type: ignore[arg-type]
        return connection.scalar(query) or 0

    return Erased(
        calls=count(done, calls),
        records=count(call_records.c.call.in_(ids), call_records),
        events=count(call_events.c.call.in_(ids), call_events),
        lists=0,
        choices=0,
        names=0,
        remarks=0,
        missed=0,
        audited=0,
        still_open=count(and_(about, calls.c.state != State.DONE), calls),
    )
