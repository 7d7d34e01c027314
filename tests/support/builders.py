"""Builders of call-log values for tests; the default is an answered RingOut.

Numbers are 555-01xx, times count in seconds from `SENT`.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from bot.calls.log.leg import NO_PARTY, Entry, Leg, Party, Record
from bot.calls.matching.matching import Sought
from bot.calls.numbers.phone import PhoneNumber

SENT = datetime(2026, 11, 20, 17, 3, 12, tzinfo=UTC)
"""When RingCentral took the POST, by its own clock."""

CALLER = PhoneNumber("+16505550101")
CALLEE = PhoneNumber("+14155550142")
OTHER = PhoneNumber("+13125550177")
"""The number of somebody who is not on the call."""

CALLER_ID = "+16505550190"
RINGOUT_ID = "s-a0d7f2c41b9e3z1a1f9e98222z1547720000"


def at(seconds: float) -> datetime:
    """Return the moment that long after `SENT`."""
    return SENT + timedelta(seconds=seconds)


def party(number: PhoneNumber | str = "", *, extension: str = "") -> Party:
    """Return a party by a number, written in any way."""
    text = number if isinstance(number, str) else number.e164
    return Party(number=text, extension=extension)


def to_caller(
    result: str = "Accepted",
    *,
    caller: Party | PhoneNumber | str = CALLER,
    callee: Party | PhoneNumber | str = CALLEE,
    leg_type: str = "RingOutClientToCaller",
    reason: str = "",
    description: str = "",
    seconds: float = 74,
    master: bool = False,
    session: str = "",
) -> Leg:
    """Return the leg that rang the person who placed the call."""
    return Leg(
        leg_type=leg_type,
        result=result,
        reason=reason,
        description=description,
        action="RingOut Web",
        internal_type="RingOut",
        telephony_session_id=session,
        started_at=at(0),
        duration=timedelta(seconds=seconds),
        master=master,
        caller=_party(callee),
        callee=_party(caller),
    )


def to_subscriber(
    result: str = "Call connected",
    *,
    callee: Party | PhoneNumber | str = CALLEE,
    leg_type: str = "RingOutClientToSubscriber",
    reason: str = "",
    description: str = "",
    seconds: float = 62,
    master: bool = True,
    session: str = "",
) -> Leg:
    """Return the leg that rang the other party; its ``from`` is the caller ID."""
    return Leg(
        leg_type=leg_type,
        result=result,
        reason=reason,
        description=description,
        action="RingOut Web",
        internal_type="RingOut",
        telephony_session_id=session,
        started_at=at(9),
        duration=timedelta(seconds=seconds),
        master=master,
        caller=Party(number=CALLER_ID),
        callee=_party(callee),
    )


def record(
    id: str = "R1",  # noqa: A002 - named as the field is
    *,
    start: float = 0,
    legs: tuple[Leg, ...] | None = None,
    result: str = "Call connected",
    reason: str = "",
    description: str = "",
    caller: Party | PhoneNumber | str = CALLER,
    callee: Party | PhoneNumber | str = CALLEE,
    session_id: str = "1982734410016",
    session: str = "",
    seconds: float = 74,
    direction: str = "Outbound",
    action: str = "RingOut Web",
    internal_type: str = "RingOut",
    finished: bool | None = True,
) -> Record:
    """Return a RingOut's record; without *legs* both sides answered.

    *start* is in seconds from `SENT`, *session* its telephonySessionId.
    """
    if legs is None:
        legs = (
            to_subscriber(callee=callee, session=session),
            to_caller(caller=caller, callee=callee, session=session),
        )
    return Record(
        id=id,
        started_at=at(start),
        session_id=session_id,
        telephony_session_id=session,
        duration=timedelta(seconds=seconds),
        internal_type=internal_type,
        direction=direction,
        action=action,
        result=result,
        reason=reason,
        description=description,
        finished=finished,
        caller=_party(caller),
        callee=_party(callee),
        legs=legs,
    )


def inbound(
    id: str = "R2",  # noqa: A002 - named as the field is
    *,
    start: float = 0,
    result: str = "Accepted",
    reason: str = "",
    caller: Party | PhoneNumber | str = CALLER,
    callee: Party | PhoneNumber | str = CALLEE,
    session_id: str = "1982734411016",
    session: str = "",
    seconds: float = 74,
    legs: tuple[Leg, ...] | None = None,
    finished: bool | None = True,
) -> Record:
    """Return the second record of a call from a digital line: the caller's half.

    As in the log it runs from the callee to the caller's phone.
    """
    return record(
        id,
        start=start,
        legs=(Leg(leg_type="Accept", result=result),) if legs is None else legs,
        result=result,
        reason=reason,
        caller=callee,
        callee=caller,
        session_id=session_id,
        session=session,
        seconds=seconds,
        direction="Inbound",
        action="Phone Call",
        internal_type="LocalNumber",
        finished=finished,
    )


def two_records(
    *, start: float = 0, apart: float = 0, session_id: int = 1982734410016
) -> tuple[Record, Record]:
    """Return both records of one call: Outbound, reversed as in the log; Inbound."""
    outbound = record(
        f"out-{session_id}",
        start=start,
        caller=CALLEE,
        callee=CALLER,
        session_id=str(session_id),
        legs=(to_subscriber(),),
    )
    half = inbound(
        f"in-{session_id}", start=start + apart, session_id=str(session_id + 1000)
    )
    return outbound, half


def entry(
    id: str = "R1",  # noqa: A002 - named as the field is
    *,
    start: float = 0,
    legs: tuple[Leg, ...] | None = None,
    caller: Party | PhoneNumber | str = CALLER,
    callee: Party | PhoneNumber | str = CALLEE,
    session: str = "",
    finished: bool | None = True,
) -> Entry:
    """Return a RingOut of one record; `record` has more to set."""
    return Entry(
        record(
            id,
            start=start,
            legs=legs,
            caller=caller,
            callee=callee,
            session=session,
            finished=finished,
        )
    )


def busy(
    id: str = "R1",  # noqa: A002 - named as the field is
    *,
    start: float = 0,
    session: str = "",
) -> Entry:
    """Return a RingOut whose callee was busy; its result differs from `entry`'s."""
    legs = (to_subscriber("Busy", reason="Line Busy", seconds=0), to_caller())
    return entry(id, start=start, legs=legs, session=session)


def sought(
    call_id: str = "C1",
    *,
    ringout_id: str = RINGOUT_ID,
    caller: PhoneNumber = CALLER,
    callee: PhoneNumber = CALLEE,
    sent: float = 0,
    reads: int = 2,
) -> Sought:
    """Return a call that two log reads did not show yet; *sent* counts as in `at`."""
    return Sought(
        call_id=call_id,
        ringout_id=ringout_id,
        caller=caller,
        callee=callee,
        sent_at=at(sent),
        reads=reads,
    )


def _party(value: Party | PhoneNumber | str) -> Party:
    if isinstance(value, Party):
        return value
    return party(value) if value else NO_PARTY
