"""What leaves the bot about a call, by name: a row of an export, the data of a hook's event.

Of a call that its person keeps to themselves only that there was one, and when, is told,
unless the operator asks for more.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from bot.calls.aftermath import Aftermath
from bot.calls.call import Call
from bot.calls.log.outcome import Side
from bot.calls.numbers.phone import PhoneNumber
from bot.calls.people.names import masked

Exported = dict[str, str | int | bool | None]
"""Values by name, always the same names in the same order; None where there is nothing."""

EXPORTED = (
    "call",
    "enterprise",
    "team",
    "channel",
    "user",
    "private",
    "asked_at",
    "sent_at",
    "ended_at",
    "caller",
    "callee",
    "caller_id",
    "callee_name",
    "end",
    "why",
    "connected_at",
    "caller_result",
    "caller_ringcentral_result",
    "caller_ringcentral_reason",
    "callee_result",
    "callee_ringcentral_result",
    "callee_ringcentral_reason",
    "talk_seconds",
    "ringout_id",
    "session_id",
    "record_ids",
    "outcome",
    "outcome_by",
    "outcome_at",
    "note",
    "note_by",
    "note_at",
)
"""The names, in their order; docs/hooks.md explains them."""


class ShownNumbers(StrEnum):
    """How phone numbers leave the bot."""

    NONE = "none"
    MASKED = "masked"
    FULL = "full"


def exported(
    call: Call, numbers: ShownNumbers, *, with_private: bool, with_notes: bool = False
) -> Exported:
    """Return what is told of *call*; *with_private* also what its person keeps private.

    *with_notes*: also a note's text, and not only that there is one.
    """
    result = _result(call, numbers) | _said(call, with_notes=with_notes)
    if call.is_private and not with_private:
        result = dict.fromkeys(result)
    return _about(call) | result


def _about(call: Call) -> Exported:
    return {
        "call": call.id,
        "enterprise": call.place.enterprise,
        "team": call.place.team,
        "channel": call.place.channel,
        "user": call.place.user,
        "private": call.is_private,
        "asked_at": moment(call.asked_at),
        "sent_at": moment(call.sent_at),
        "ended_at": moment(call.ended_at),
    }


def _result(call: Call, numbers: ShownNumbers) -> Exported:
    found = call.outcome
    talked = found.talked if found else None
    name = call.callee_name
    return {
        "caller": shown_number(call.caller, numbers),
        "callee": shown_number(call.callee, numbers),
        "caller_id": shown_number(call.caller_id, numbers),
        "callee_name": name.text if name and name.is_public else None,
        "end": str(call.end) if call.end else None,
        "why": str(call.why) if call.why else None,
        "connected_at": moment(call.connected_at),
        **_side("caller", found.caller if found else None),
        **_side("callee", found.callee if found else None),
        "talk_seconds": None if talked is None else round(talked.total_seconds()),
        "ringout_id": call.ringout_id or None,
        "session_id": call.session_id or None,
        "record_ids": " ".join(call.records) or None,
    }


def _said(call: Call, *, with_notes: bool) -> Exported:
    """Return what people have written of it: their outcome, which is not RingCentral's."""
    said = call.aftermath or Aftermath()
    chosen, note = said.disposition, said.note
    return {
        "outcome": chosen.text if chosen else None,
        "outcome_by": chosen.by if chosen else None,
        "outcome_at": moment(chosen.at if chosen else None),
        "note": note.text if note and with_notes else None,
        "note_by": note.by if note else None,
        "note_at": moment(note.at if note else None),
    }


def _side(name: str, side: Side | None) -> Exported:
    """Return a side's result in our word and in RingCentral's."""
    return {
        f"{name}_result": str(side.ending) if side else None,
        f"{name}_ringcentral_result": masked(side.result) or None if side else None,
        f"{name}_ringcentral_reason": masked(side.reason) or None if side else None,
    }


def shown_number(number: PhoneNumber | None, numbers: ShownNumbers) -> str | None:
    """Return a number as the operator lets it leave the bot."""
    if number is None or numbers is ShownNumbers.NONE:
        return None
    return number.e164 if numbers is ShownNumbers.FULL else number.masked


def moment(at: datetime | None) -> str | None:
    """Return a moment in ISO 8601, UTC, with seconds."""
    return f"{at:%Y-%m-%dT%H:%M:%SZ}" if at else None
