"""Erasing a number from every table, and data that people left behind long ago."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from sqlalchemy import String, Text, func, insert, select

from bot.calls.aftermath import Aftermath, Remark
from bot.calls.call import Place, State
from bot.calls.missed_card import LeftVoicemail, MissedCard
from bot.calls.numbers.phone import PhoneNumber
from bot.calls.people.person import Person, Preferences
from bot.calls.people.phones import Phone
from bot.cli import database
from bot.policy.admin_request import AdminRequest
from bot.policy.rules import Rule
from bot.policy.wish import DoNotCall
from bot.policy.workspace import AuditAction, AuditRow, WorkspaceId
from bot.storage.calls.store import Store
from bot.storage.missed.card_rows import store_card
from bot.storage.people import tables as people
from bot.storage.people.connections import Connections
from bot.storage.people.linked import Extension, StoredTokens
from bot.storage.people.pending_sign_ins import PendingSignIn, PendingSignIns
from bot.storage.policy.admin_requests import AdminRequests
from bot.storage.policy.audit import Audit
from bot.storage.policy.do_not_call import DoNotCallList
from bot.storage.retention import HOLD_NUMBERS, Retention
from bot.storage.shared.tables import user_state
from bot.vault import Vault, new_key
from every_table import METADATA
from intents import CALLEE, NOON, a_call, add_call

OTHER = PhoneNumber("+14155550143")
LONGER = PhoneNumber("+141555501420")
ANN, BOB = Person("", "T1", "U1"), Person("", "T1", "U2")
KEY = new_key()
MINE = Phone(CALLEE, "My mobile", "Mobile", rings=True, shows=True)
DESK = Phone(OTHER, "Desk", "PhoneLine", rings=True)

NO_NUMBER = {
    "calls": {
        "id",
        "key",
        "message_link",
        "enterprise",
        "team",
        "channel",
        "user",
        "taken_by",
        "held_by",
        "account",
        "in_name_of",
        "callee_name",  # `bot.calls.people.names.cleaned` masks a number in it
        "shows",
        "state",
        "ringout_id",
        "session_id",
        "pushed",  # who has left and who has answered; nobody's number
        "status",
        "end",
        "why",
        "refusal",
        "outcome",
        "records",
        "logged",
        "card_channel",
        "card_ts",
        "card_shown",
        "reply_ts",
        "follow_up",
        "recording",
    },
    "call_records": {"id", "call"},
    "call_events": {"call", "state", "note"},
    "withheld_calls": {"id", "account"},
    "digests": {"id", "enterprise", "team"},
    "hook_events": {"message", "kind", "call"},
    "missed_events": {"message", "kind", "card"},
    "hook_receivers": {"id", "trouble"},  # trouble: our own words, HTTP's status
    "processes": {"id"},
    "user_state": {"id", "budget", "sign_in"},
    "log_lags": {"account", "sightings"},
    "connections": {
        "id",
        "enterprise",
        "team",
        "user",
        "kind",
        "extension",
        "tokens",
        "broken_why",
    },
    "preferences": {"enterprise", "team", "user"},
    "home_views": {"enterprise", "team", "user", "shown"},
    "admin_alerts": {"enterprise", "team", "user"},
    "admin_requests": {
        "id",
        "enterprise",
        "team",
        "user",
        "channel",
        "rules",
        "words",  # our own, about rules
        "posted_in",
        "posted_ts",
        "answer",
        "answered_by",
    },
    "user_group_members": {"group", "enterprise", "team", "user"},
    "user_groups": {"id", "enterprise", "team", "name", "trouble"},
    "workflow_steps": {"id", "enterprise", "team", "user", "channel", "state"},
    "missed_syncs": {
        "account",
        "token",
        "trouble",
        "voicemail_token",
        "voicemail_trouble",
    },
    "missed_keys": {"account", "key"},
    "missed_tellings": {"card"},
    "missed_cards": {
        "id",
        "account",
        "enterprise",
        "team",
        "user",
        "channel",
        "extension",
        "name",
        "taken_by",
        "call",
        "posted_in",
        "ts",
        "voicemail_id",
        "voicemail_ids",
        "voicemail_address",  # it has ids alone
    },
    "policy_states": {
        "enterprise",
        "team",
        "rules",
        "previous",
        "changed_by",
        "paused_by",
        "pause_reason",
    },
    "do_not_call": {
        "enterprise",
        "team",
        "digits",  # stays, so that nobody calls the number
        "reason",
        "added_by",
    },
    "audit_rows": {
        "enterprise",
        "team",
        "user",
        "entrance",
        "action",
        "rule",
        "verdict",
        "call",
        "detail",  # a reason, or the names of rules
    },
    "declined_questions": {"key", "enterprise", "team", "user"},
    "recording_looks": {"call", "account"},
    "reminders": {"id", "call", "enterprise", "team", "user", "channel"},
    "pending_sign_ins": {
        "id",
        "kind",
        "enterprise",
        "team",
        "user",
        "label",
        "browser",
        "verifier",
    },
    "revocations": {"token", "subscription"},
    "name_books": {"account", "source", "trouble"},
    "name_pages": {"account", "source", "entries"},
    "subscriptions": {
        "account",
        "remote_id",
        "address",
        "path",
        "token",
        "trouble",
        "holder",
    },
    "installations": {
        "enterprise",
        "team",
        "token",
        "bot_user",
        "bot_id",
        "name",
        "scopes",
        "installed_by",
    },
}
"""Text columns that hold ids, our own words, names or encrypted values."""


def test_every_column_that_could_hold_a_number_was_thought_of() -> None:
    """A new table with phone numbers in it must be erased as well."""
    texts = {
        f"{table.name}.{column.name}"
        for table in METADATA.tables.values()
        for column in table.columns
        if isinstance(column.type, String | Text)
    }
    harmless = {
        f"{table}.{name}" for table, names in NO_NUMBER.items() for name in names
    }

    assert harmless | HOLD_NUMBERS == texts
    assert not harmless & HOLD_NUMBERS


def of(store: Store) -> Connections:
    """Return the table of people's connections."""
    return Connections(store.writer, Vault([KEY]))


async def connect(
    store: Store, person: Person, name: str, *phones: Phone, **changes: Any
) -> None:
    """Store a connection."""
    kept = StoredTokens(
        secrets={"access": "a"}, version=1, fresh_until=NOON, ends_at=None
    )
    await of(store).put(
        name,
        person,
        "oauth",
        Extension("7", "101", "Ann"),
        replace(kept, **changes),
        NOON,
        phones,
    )


async def keep(store: Store, name: str, **values: Any) -> None:
    """Store a call with its record and history."""
    await add_call(store, a_call(id=name, key=name), most=99, again=True)
    changed = await store.change(
        name,
        lambda c: replace(c, records=(f"r-{name}",), **values),
        NOON,
    )
    assert changed is not None


async def texts(store: Store) -> dict[str, str]:
    """Return the text of every column, as a thief of the database would see it."""
    found: dict[str, str] = {}
    for table in METADATA.tables.values():
        rows = await store.writer.run(
            lambda c, t=table: c.execute(select(t)).mappings().all()  # type: ignore[misc]
        )
        for column in table.columns:
            if isinstance(column.type, String | Text):
                all_of_it = "\n".join(str(row[column.name]) for row in rows)
                found[f"{table.name}.{column.name}"] = all_of_it
    return found


async def everywhere(store: Store) -> None:
    """Store the number in every place where the program would."""
    done = State.DONE
    await keep(store, "to", state=done)
    await keep(store, "from", state=done, caller=CALLEE, callee=OTHER)
    await keep(store, "shown", state=done, callee=OTHER, caller_id=CALLEE)
    await keep(store, "other", state=done, callee=OTHER)
    note = Aftermath(note=Remark(f"Ask at {CALLEE.e164}", "U2", NOON))
    await keep(store, "noted", state=done, callee=OTHER, aftermath=note)
    card = MissedCard(
        id="m1",
        account="a",
        place=Place("T1", "C1", ""),
        first_at=NOON,
        last_at=NOON,
        told_at=NOON,
        caller=CALLEE,
    )
    said = LeftVoicemail("v1", NOON, text=f"Call {CALLEE.e164}")
    for each in (card, replace(card, id="m2", caller=OTHER, voicemail=said)):
        await store.writer.run(lambda c, e=each: store_card(c, e, NOON))  # type: ignore[misc]
    placed = AuditRow(
        at=NOON,
        where=WorkspaceId("", "T1"),
        user="U1",
        action=AuditAction.CALL,
        number=CALLEE.e164,
    )
    for row in (placed, replace(placed, number=LONGER.e164)):
        await Audit(store.writer).add(row)
    value = f'{{"to": "{CALLEE.e164}"}}'
    asked = AdminRequest(
        id="r1",
        place=Place("T1", "C1", "U1"),
        number=CALLEE,
        rules=frozenset({Rule.COUNTRY}),
        words="",
        wanted=value,
        asked_at=NOON,
        channel="C9",
    )
    for request in (
        asked,
        replace(asked, id="r2", number=OTHER),
        replace(asked, id="r3", number=LONGER, wanted=""),
    ):
        await AdminRequests(store.writer).add(request)
    await connect(store, ANN, "c-ann", DESK, MINE)
    await connect(store, BOB, "c-bob", DESK, Phone(LONGER, "Far", rings=True))
    await of(store).prefer(
        ANN, Preferences(first=CALLEE.e164, caller_id=CALLEE.e164, region="GB")
    )
    await of(store).prefer(BOB, Preferences(first=LONGER.e164))


async def test_a_number_is_erased_wherever_it_may_be(
    store: Store, capsys: pytest.CaptureFixture[str]
) -> None:
    """It is counted first, then deleted from every table; other numbers stay."""
    await everywhere(store)
    before = await texts(store)
    assert {
        name for name, text in before.items() if CALLEE.e164 in text
    } == HOLD_NUMBERS

    dry = await database.erase(store.url, "(415) 555-0142", region="US", dry=True)
    assert await texts(store) == before
    wet = await database.erase(store.url, CALLEE.e164, region="DE", dry=False)
    again = await database.erase(store.url, CALLEE.e164, region="DE", dry=False)
    said = capsys.readouterr().out.splitlines()

    assert (dry, wet, again) == (0, 0, 0)
    tail = "3 calls, 3 call-log records, 6 events; from 1 people's lists of phones, 1 people's choices, the notes of 1 calls, 2 cards of missed calls, 7 rows of the audit, 2 requests to admins; 0 pages of names, read again in time"
    nothing = re.sub(r"\d", "0", tail)
    assert said == [
        f"would be erased: {tail}",
        f"erased: {tail}",
        f"erased: {nothing}",
    ]
    digits = CALLEE.e164.removeprefix("+")
    left = {n: t.replace(LONGER.e164, "") for n, t in (await texts(store)).items()}
    assert not {name for name, text in left.items() if digits in text}
    assert await store.get("other") is not None
    noted = await store.get("noted")
    assert noted is not None
    assert noted.aftermath is None
    ann, hers = await of(store).of(ANN)
    bob, his = await of(store).of(BOB)
    assert ann is not None
    assert bob is not None
    assert (ann.phones, hers) == ((DESK,), Preferences(region="GB"))
    assert (len(bob.phones), his.first) == (2, LONGER.e164)


async def test_a_do_not_call_entry_stays_unless_it_is_asked_for_too(
    store: Store, capsys: pytest.CaptureFixture[str]
) -> None:
    """Who is forgotten must not be called for it; a beginning that covers others stays."""
    rows, where = DoNotCallList(store.writer), WorkspaceId("", "T1")
    await rows.add(where, DoNotCall(digits=CALLEE.e164), NOON, "U1")
    await rows.add(where, DoNotCall(digits="+1415", is_prefix=True), NOON, "U1")
    erase = partial(database.erase, store.url, CALLEE.e164, region="US")

    await erase(dry=False)
    kept = await rows.search(where)
    counted = await erase(dry=True, do_not_call=True)
    await erase(dry=False, do_not_call=True)

    said = [
        each for each in capsys.readouterr().out.splitlines() if "lists of 1" in each
    ]
    lists = "the do-not-call lists of 1 workspaces"
    assert (len(kept), counted) == (2, 0)
    assert [each.digits for each in await rows.search(where)] == ["+1415"]
    assert said == [
        f"left: on {lists}, so that nobody calls it again; --do-not-call erases it",
        f"would be erased: from {lists}",
        f"erased: from {lists}",
    ]


async def test_an_open_call_keeps_its_number_until_it_is_told(store: Store) -> None:
    """Its reply is still to be posted; the operator is told to try again later."""
    await keep(store, "open", state=State.FOLLOWING, caller_id=CALLEE, callee=OTHER)

    found = await Retention(store.writer).erase(CALLEE.e164, dry=False)

    assert (found.calls, found.still_open) == (0, 1)
    assert await store.get("open") is not None


async def test_what_people_left_behind_is_forgotten_in_time(store: Store) -> None:
    """Sign-ins that ended or were never finished must not stay for good."""
    connections, sign_ins = of(store), PendingSignIns(store.writer, Vault([KEY]))
    for person, name in ((ANN, "c-ann"), (BOB, "c-bob")):
        await connect(store, person, name, DESK)
        await connections.prefer(person, Preferences(first=OTHER.e164))
        await store.writer.run(
            lambda c, n=name: c.execute(insert(user_state).values(id=n))  # type: ignore[misc]
        )
        await sign_ins.add(PendingSignIn("ticket", person, "x", NOON))
    await connections.tokens.mark_broken("c-ann", 1, NOON)

    retention = Retention(store.writer)
    assert await retention.purge(NOON) == 0
    assert await count(store) == [2, 2, 2, 2]
    await retention.purge(NOON + timedelta(seconds=1))

    assert await count(store) == [1, 1, 1, 0]
    assert (await connections.of(ANN)) == (None, Preferences())
    linked, chosen = await connections.of(BOB)
    assert linked is not None
    assert chosen.first == OTHER.e164


async def count(store: Store) -> list[int]:
    """Return how many rows each table about people has."""
    tables = (
        people.connections,
        people.preferences,
        user_state,
        people.pending_sign_ins,
    )
    return [
        await store.writer.run(
            lambda c, t=table: c.scalar(select(func.count()).select_from(t)) or 0  # type: ignore[misc]
        )
        for table in tables
    ]
