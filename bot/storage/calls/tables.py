"""The tables about calls, and how a `Call` becomes a row and back.

Each call has a row. Each call-log record that a call has adopted has a row, so that no
record belongs to two calls. Each transition has a row, written in the same transaction.
`bot.storage.database.migrations` creates the tables; a test compares the two.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    Row,
    String,
    Table,
    Text,
    false,
    or_,
)

from bot.calls.aftermath import Aftermath
from bot.calls.call import Call, End, Place, Refusal, State, Status, Why
from bot.calls.log import facts
from bot.calls.log.ending import Ending
from bot.calls.log.outcome import Outcome, Side, measurable
from bot.calls.numbers.phone import PhoneNumber
from bot.calls.people.names import Name
from bot.calls.people.person import Shows
from bot.calls.sessions.pushed import Pushed
from bot.policy.minutes import month_seconds
from bot.storage.database.schema import Moment, metadata

CHURN = {"fillfactor": 80, "autovacuum_vacuum_scale_factor": 0.02}
"""PostgreSQL's settings for a table whose rows change often, with ``next_at`` indexed."""


calls = Table(
    "calls",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("key", String(128), nullable=False, unique=True),
    Column("enterprise", String(32), nullable=False),
    Column("team", String(32), nullable=False),
    Column("channel", String(32), nullable=False),
    Column("user", String(32), nullable=False),
    Column("caller", String(20)),
    Column("callee", String(20), nullable=False),
    Column("asked_at", Moment, nullable=False),
    Column("taken_by", String(32), nullable=False),
    Column("held_by", String(32), nullable=False),
    Column("account", String(32), nullable=False),
    Column("in_name_of", String(64), nullable=False),
    Column("caller_id", String(20)),
    Column("prompt", Boolean, nullable=False),
    Column("shows", String(8), nullable=False),
    Column("state", String(16), nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("next_at", Moment, nullable=False),
    Column("tries", Integer, nullable=False),
    Column("faults", Integer, nullable=False),
    Column("failing_since", Moment),
    Column("silent_since", Moment),
    Column("limited_at", Moment),
    Column("wait_until", Moment),
    Column("sent_at", Moment),
    Column("placed_at", Moment),
    Column("ringout_id", String(128), nullable=False, index=True),
    Column("status", Text),
    Column("seen", Boolean, nullable=False),
    Column("connected", Boolean, nullable=False),
    Column("connected_at", Moment),
    Column("changed_at", Moment),
    Column("terminal_at", Moment),
    Column("log_at", Moment, index=True),
    Column("looked_at", Moment),
    Column("cancelled_at", Moment),
    Column("ended_at", Moment),
    Column("reads", Integer, nullable=False),
    Column("end", String(16)),
    Column("why", String(16)),
    Column("refusal", Text),
    Column("outcome", Text),
    Column("records", Text, nullable=False),
    Column("card_channel", String(32), nullable=False),
    Column("card_tried", Boolean, nullable=False),
    Column("card_ts", String(32), nullable=False),
    Column("card_shown", String(32), nullable=False),
    Column("reply_tried", Boolean, nullable=False),
    Column("reply_ts", String(32), nullable=False),
    Column("callee_name", Text),
    Column("seen_at", Moment),
    Column("alive_at", Moment),
    Column("logged", Text),
    Column("session_id", String(128), nullable=False, server_default="", index=True),
    Column("pushed", Text),
    Column("heard_at", Moment),
    Column("poll_at", Moment),
    Column("is_controllable", Boolean, nullable=False, server_default=false()),
    Column("hung_up_at", Moment),
    Column("message_link", String(500), nullable=False, server_default=""),
    Column("aftermath", Text),
    Column("recording", String(500), nullable=False, server_default=""),
    Column("follow_up", String(32), nullable=False, server_default=""),
    Column("month_seconds", Float(53)),
    Index("calls_due", "state", "next_at"),
    Index("calls_by_user", "enterprise", "team", "user", "asked_at"),
    Index("calls_sent", "sent_at"),
    Index("calls_to_follow_up", "enterprise", "team", "follow_up"),
    Index("calls_by_callee", "callee", "asked_at"),
    Index("calls_by_account", "account", "state", "next_at"),
    Index("calls_by_time", "enterprise", "team", "asked_at", "month_seconds"),
    postgresql_with=CHURN,
)

IS_PRIVATE = or_(calls.c.shows != Shows.CHANNEL, calls.c.channel.like("D%"))
"""Ids of DMs begin with D; see `Call.is_private`."""

call_records = Table(
    "call_records",
    metadata,
    Column("id", String(128), primary_key=True),
    Column("call", String(32), ForeignKey("calls.id"), nullable=False, index=True),
)

call_events = Table(
    "call_events",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("call", String(32), ForeignKey("calls.id"), nullable=False, index=True),
    Column("at", Moment, nullable=False),
    Column("state", String(16), nullable=False),
    Column("note", String(200), nullable=False),
)

withheld_calls = Table(
    "withheld_calls",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("account", String(32), nullable=False),
    Column("sent_at", Moment, nullable=False),
    Column("has_record", Boolean, nullable=False),
    Index("withheld_calls_sent", "sent_at"),
)
"""What lists leave out of private calls that were erased (`bot.calls.lists.withheld`)."""

declined_questions = Table(
    "declined_questions",
    metadata,
    Column("key", String(128), primary_key=True),
    Column("enterprise", String(32), nullable=False),
    Column("team", String(32), nullable=False),
    Column("user", String(32), nullable=False),
    Column("declined_at", Moment, nullable=False),
)
"""Questions that were answered with "Not now": *key* is the one that their call would have."""

WRAPPED = frozenset(
    [
        "place",
        "caller",
        "callee",
        "callee_name",
        "caller_id",
        "status",
        "refusal",
        "outcome",
        "records",
        "logged",
        "pushed",
        "aftermath",
    ]
)
"""Fields of a `Call` that are stored in another form."""

AS_THEY_ARE = tuple(
    name for name in Call.__slots__ if name in calls.columns and name not in WRAPPED
)
"""Fields of a `Call` that are columns."""

PLACE = ("enterprise", "team", "channel", "user")


def to_row(call: Call) -> dict[str, Any]:
    """Return the columns of *call*."""
    row = {name: getattr(call, name) for name in AS_THEY_ARE}
    row |= {
        "enterprise": call.place.enterprise,
        "team": call.place.team,
        "channel": call.place.channel,
        "user": call.place.user,
        "caller": call.caller.e164 if call.caller else None,
        "callee": call.callee.e164,
        "callee_name": call.callee_name.dump() if call.callee_name else None,
        "caller_id": call.caller_id.e164 if call.caller_id else None,
        "status": _dump(call.status),
        "refusal": _dump(call.refusal),
        "outcome": _dump(call.outcome),
        "records": json.dumps(call.records),
        "logged": facts.dump(call.logged),
        "pushed": call.pushed.dump() if call.pushed else None,
        "aftermath": call.aftermath.dump() if call.aftermath else None,
        "follow_up": call.aftermath.follow_up if call.aftermath else "",
        "month_seconds": month_seconds(call),
    }
    return row


def changes(old: Call, new: Call) -> dict[str, Any]:
    """Return only the columns in which *new* differs from *old*: a poll changes few."""
    names = {
        name
        for name in Call.__slots__
        if getattr(old, name) is not getattr(new, name)
        and getattr(old, name) != getattr(new, name)
    }
    plain = names - WRAPPED
    row = {name: getattr(new, name) for name in plain}
    if not names.isdisjoint(("end", "outcome")):
        row["month_seconds"] = month_seconds(new)
    if len(plain) < len(names):
        whole = to_row(new)
        part = names - {"place"}
        row |= {name: whole[name] for name in part}
        if "aftermath" in names:
            row["follow_up"] = whole["follow_up"]
        if "place" in names:
            row |= {name: whole[name] for name in PLACE}
    return row


def from_row(row: Row[Any], due_at: datetime | None = None) -> Call:
    """Return the call in *row*. *due_at*: when it was due, if it was claimed."""
    values = dict(zip(row._fields, row, strict=True))
    # These follow from others, and are there to be found and added up.
    del values["follow_up"], values["month_seconds"]
    place = Place(
        team=values.pop("team"),
        channel=values.pop("channel"),
        user=values.pop("user"),
        enterprise=values.pop("enterprise"),
    )
    values |= {
        "callee": PhoneNumber(values["callee"]),
        "callee_name": Name.load(values["callee_name"]),
        "caller": PhoneNumber(values["caller"]) if values["caller"] else None,
        "caller_id": PhoneNumber(values["caller_id"]) if values["caller_id"] else None,
        "shows": Shows(values["shows"]),
        "state": State(values["state"]),
        "end": End(values["end"]) if values["end"] else None,
        "why": Why(values["why"]) if values["why"] else None,
        "status": Status(**json.loads(values["status"])) if values["status"] else None,
        "refusal": _refusal(values["refusal"]),
        "outcome": outcome_from(values["outcome"]),
        "records": tuple(json.loads(values["records"])),
        "logged": facts.load(values["logged"]),
        "pushed": Pushed.load(values["pushed"]),
        "aftermath": Aftermath.load(values["aftermath"]),
    }
    return Call(place=place, due_at=due_at, **values)


def _dump(value: Status | Refusal | Outcome | None) -> str | None:
    if value is None:
        return None
    return json.dumps(asdict(value), default=timedelta.total_seconds)


def _refusal(text: str | None) -> Refusal | None:
    return Refusal(**json.loads(text)) if text else None


def outcome_from(text: str | None) -> Outcome | None:
    """Return what the column ``outcome`` says."""
    if not text:
        return None
    data = json.loads(text)
    seconds = data["talked"]
    talked = None if seconds is None else timedelta(seconds=seconds)
    return Outcome(
        caller=_side(data["caller"]),
        callee=_side(data["callee"]),
        talked=measurable(talked),
    )


def _side(data: dict[str, Any]) -> Side:
    return Side(**{**data, "ending": Ending(data["ending"])})
