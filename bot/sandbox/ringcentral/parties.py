"""The parties of a RingOut's telephony session, and how they change during its life.

Sources: RingCentral API reference, "Call Control", for the fields and words; RingCentral's
guide on telephony sessions for which of them a RingOut's two parties have.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from bot.sandbox.ringcentral.answers import Json
from bot.sandbox.ringcentral.calls import PlacedCall
from bot.sandbox.ringcentral.clock import iso
from bot.sandbox.ringcentral.life import Phone, Progress, Side
from bot.sandbox.ringcentral.people import People
from bot.sandbox.ringcentral.person import Person

REASONS = {
    "busy": "TargetBusy",
    "no-answer": "NoAnswer",
    "reject": "Rejected",
    "gave-up": "Cancelled",
    "cancel": "Cancelled",
    "not-accepted": "NoAnswer",
    "invalid": "InvalidNumber",
    "no-credit": "NotEnoughFunds",
    "international": "InternationalDisabled",
    "blocked": "DestinationBlocked",
}
"""RingCentral's reason for an unanswered phone, by the sandbox's name for it."""

ROLES = {Side.CALLER: "Initiator", Side.CALLEE: "Target"}
PARTY_NUMBERS = {Side.CALLER: 1, Side.CALLEE: 2}
"""The number at the end of a party's id."""

FIRST_SEQUENCE, SEQUENCE_STEP = 3, 4
"""The sequence of a session's first event, and the step to the next: there are gaps."""


@dataclass(frozen=True, slots=True)
class PartyChange:
    """A party's change of state: what an event is about.

    Attributes:
        at: Story seconds after the call was placed.
        sequence: Its place among its session's events.
    """

    at: float
    side: Side
    code: str
    reason: str = ""
    sequence: int = 0


def changes_of(call: PlacedCall) -> list[PartyChange]:
    """Return all changes of *call*'s parties up to now, in their order.

    A later call of this function returns the same ones again, and those that came since.
    """
    state = call.progress()
    found = [
        change
        for side in (Side.CALLER, Side.CALLEE)
        for change in _of_phone(side, state.phone(side), state)
    ]
    found.sort(key=lambda each: each.at)
    return [
        PartyChange(each.at, each.side, each.code, each.reason, sequence)
        for sequence, each in zip(
            range(FIRST_SEQUENCE, 10_000, SEQUENCE_STEP), found, strict=False
        )
    ]


def _of_phone(side: Side, phone: Phone, state: Progress) -> list[PartyChange]:
    if phone.rings_at is None:
        return []
    found = [PartyChange(phone.rings_at, side, "Proceeding")]
    if phone.up_at is not None:
        found.append(PartyChange(phone.up_at, side, "Answered"))
    if state.over_at is not None:
        reason = "CallFinished"
        if phone.ending:
            reason = REASONS.get(phone.ending, "InternalError")
        found.append(PartyChange(state.over_at, side, "Disconnected", reason))
    return found


def parties_of(call: PlacedCall, people: People) -> list[Json]:
    """Return the parties of *call*'s session as they are now; one whose phone has rung."""
    newest = {change.side: change for change in changes_of(call)}
    return [party(call, change, people) for change in newest.values()]


def party(call: PlacedCall, change: PartyChange, people: People) -> Json:
    """Return a party as it was right after *change*."""
    status: Json = {"code": change.code, "rcc": False}
    if change.reason:
        status["reason"] = change.reason
    owner = people.by_id(call.owner_id)
    if change.side is Side.CALLER:
        ends = {
            "from": {"phoneNumber": call.callee},
            "to": {"phoneNumber": call.caller},
        }
        whose: Person | None = owner
    else:
        shown = {"phoneNumber": call.caller_id, "name": owner.name}
        ends = {"from": shown, "to": {"phoneNumber": call.callee}}
        whose = _with_number(call.callee, people)
    return {
        "id": party_id(call, change.side),
        "direction": "Inbound",
        "ringOutRole": ROLES[change.side],
        **ends,
        "status": status,
        "muted": False,
        "standAlone": False,
        **({} if whose is None else _ids(whose)),
    }


def event_body(call: PlacedCall, change: PartyChange, people: People) -> Json:
    """Return the body of the event that tells *change*; it shows this party alone."""
    shown = party(call, change, people) | {"missedCall": False}
    at = call.created + timedelta(seconds=change.at / call.clock.speed)
    return {
        "sequence": change.sequence,
        "sessionId": str(call.session_id),
        "telephonySessionId": call.log_id,
        "serverId": "10.13.121.68.TAM",
        "eventTime": iso(at),
        "parties": [shown],
        "origin": {"type": "RingOut"},
    }


def party_id(call: PlacedCall, side: Side) -> str:
    """Return the id of a side's party, which has its session's in it."""
    return f"p-{call.log_id.removeprefix('s-')}-{PARTY_NUMBERS[side]}"


def _with_number(number: str, people: People) -> Person | None:
    """Return the person in the account who has *number*; None for anybody else."""
    return next((each for each in people.everybody if each.direct == number), None)


def _ids(person: Person) -> Json:
    return {"accountId": person.account_id, "extensionId": person.extension_id}
