"""What RingCentral tells of a call that came in: its log record, and its events.

Sources: RingCentral API reference, "Call Log" and "Telephony Sessions Event".
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from bot.sandbox.ringcentral.answers import Json
from bot.sandbox.ringcentral.clock import iso
from bot.sandbox.ringcentral.incoming import IncomingCall, IncomingState
from bot.sandbox.ringcentral.life import ENDINGS
from bot.sandbox.ringcentral.parties import (
    FIRST_SEQUENCE,
    REASONS,
    SEQUENCE_STEP,
)
from bot.sandbox.ringcentral.records import INBOUND_RESULTS

LOGGED_SECONDS = 18.0
"""Story seconds from a call's end to its record."""

LONGEST_RING = 30.0
"""The longest ring that a record tells of, in seconds. A phone on which somebody has to act
rings longer than one at RingCentral."""


def record_of(call: IncomingCall) -> Json | None:
    """Return the call's record without its ``uri``; None while the log does not have it."""
    state = call.state()
    if state.over_at is None or call.age < state.over_at + LOGGED_SECONDS:
        return None
    rang = min(LONGEST_RING, state.over_at if state.up_at is None else state.up_at)
    talked = 0.0 if state.up_at is None else state.over_at - state.up_at
    base: Json = {
        "startTime": iso(call.created),
        "type": "Voice",
        "internalType": "Local",
        "direction": "Inbound",
        "action": "Phone Call",
        "transport": "PSTN",
        "from": _caller(call),
        "to": _called(call),
        "telephonySessionId": call.id,
    }
    length = talked if state.up_at is not None else rang
    result = _result(state)
    leg = {**base, **_lasted(length), "result": result, "legType": "Accept"}
    legs = [{**leg, "master": True}]
    if state.machine:
        rung = {**base, **_lasted(rang), "result": "Stopped", "legType": "FindMe"}
        legs.append({**rung, "master": False})
    written = call.created + timedelta(seconds=rang + talked + LOGGED_SECONDS)
    return {
        "id": call.record_id,
        "sessionId": str(call.session_id),
        **base,
        **_lasted(length),
        "result": result,
        "lastModifiedTime": iso(written),
        "billing": {"costIncluded": 0.0, "costPurchased": 0.0},
        "finished": True,
        "legs": legs,
    }


def incoming_events(call: IncomingCall) -> Iterator[Json]:
    """Yield the bodies of the events up to now; later there are the same, and more."""
    state = call.state()
    changes = [(0.0, "Proceeding", "")]
    if state.up_at is not None:
        changes.append((state.up_at, "VoiceMail" if state.machine else "Answered", ""))
    if state.over_at is not None:
        reason = REASONS[state.ending] if state.ending else "CallFinished"
        changes.append((state.over_at, "Disconnected", reason))
    for number, (at, code, reason) in enumerate(changes):
        is_missed = code == "Disconnected" and state.is_missed
        sequence = FIRST_SEQUENCE + SEQUENCE_STEP * number
        yield {
            "sequence": sequence,
            "sessionId": str(call.session_id),
            "telephonySessionId": call.id,
            "serverId": "10.13.121.68.TAM",
            "eventTime": iso(call.created + timedelta(seconds=at / call.clock.speed)),
            "parties": [_party(call, code, reason) | {"missedCall": is_missed}],
            "origin": {"type": "Call"},
        }


def _party(call: IncomingCall, code: str, reason: str) -> Json:
    status: Json = {"code": code, "rcc": False}
    if reason:
        status["reason"] = reason
    return {
        "id": f"p-{call.id.removeprefix('s-')}-1",
        "accountId": call.called.account_id,
        "extensionId": call.called.extension_id,
        "direction": "Inbound",
        "from": _caller(call),
        "to": {"phoneNumber": call.number, "name": call.called.name},
        "status": status,
        "muted": False,
        "standAlone": False,
    }


def _result(state: IncomingState) -> str:
    if state.machine:
        return "Voicemail"
    if not state.ending:
        return "Accepted"
    return INBOUND_RESULTS.get(state.ending) or ENDINGS[state.ending].result


def _lasted(seconds: float) -> Json:
    return {"duration": int(seconds), "durationMs": int(seconds * 1000)}


def _caller(call: IncomingCall) -> Json:
    named = {"name": call.name} if call.name else {}
    return {"phoneNumber": call.caller, **named}


def _called(call: IncomingCall) -> Json:
    return {
        "phoneNumber": call.number,
        "extensionNumber": call.called.extension_number,
        "name": call.called.name,
    }
