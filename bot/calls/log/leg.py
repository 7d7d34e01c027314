"""The call log as values: records, their legs, the parties of each.

`bot.ringcentral.transport.wire` makes these from JSON. The texts in them are
RingCentral's own and have to be escaped for Slack.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.calls.numbers.digits import Likeness, compare

ZERO = timedelta(0)


@dataclass(frozen=True, slots=True)
class Party:
    """One end of a record or leg; a field that the log lacks is empty.

    ``number`` is as logged: E.164, local (``(650) 555-0101``), or with its last four
    digits masked (``+3351234XXXX``).
    """

    number: str = ""
    extension: str = ""
    name: str = ""

    def is_like(self, other: Party) -> bool:
        """Return whether both have one extension, or numbers that agree."""
        by_extension = bool(self.extension) and self.extension == other.extension
        return by_extension or compare(self.number, other.number) >= Likeness.LIKE


NO_PARTY = Party()


@dataclass(frozen=True, slots=True, kw_only=True)
class Leg:
    """One phone that a call dialed, from ``legs`` of the log's Detailed view."""

    leg_type: str
    result: str = ""
    reason: str = ""
    description: str = ""
    action: str = ""
    internal_type: str = ""
    telephony_session_id: str = ""
    started_at: datetime | None = None
    duration: timedelta | None = None
    master: bool = False
    caller: Party = NO_PARTY
    """``from`` as logged; whether that is our caller depends on the leg type."""
    callee: Party = NO_PARTY
    """``to`` as logged: the phone that this leg rang."""

    @property
    def is_to_caller(self) -> bool:
        """Whether this leg rang the person who placed the RingOut."""
        return self.leg_type.endswith("ToCaller")

    @property
    def is_to_subscriber(self) -> bool:
        """Whether this leg rang the other party."""
        return self.leg_type.endswith("ToSubscriber")


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One call-log record. ``finished`` is None where the field is missing."""

    id: str
    started_at: datetime
    session_id: str = ""
    telephony_session_id: str = ""
    duration: timedelta | None = None
    type: str = "Voice"
    internal_type: str = ""
    direction: str = ""
    action: str = ""
    result: str = ""
    reason: str = ""
    description: str = ""
    finished: bool | None = None
    caller: Party = NO_PARTY
    callee: Party = NO_PARTY
    legs: tuple[Leg, ...] = ()
    recording: str = field(default="", repr=False)
    """Where RingCentral keeps what was recorded of it; empty if nothing was, or not yet."""
    voicemail: str = ""
    """The id of the voicemail that was left; empty if there is none."""

    @property
    def parts(self) -> tuple[Record | Leg, ...]:
        """The record itself, then its legs."""
        return (self, *self.legs)

    @property
    def is_ring_out(self) -> bool:
        """Whether the record or one of its legs is marked as a RingOut."""
        return (
            self.action.startswith("RingOut")
            or self.internal_type == "RingOut"
            or any(leg.leg_type.startswith("RingOut") for leg in self.legs)
        )


@dataclass(frozen=True, slots=True)
class Entry:
    """One call of the log: one record, or two that belong together.

    RingCentral logs a RingOut from a digital line as an Outbound ``RingOut …`` record
    and an Inbound ``Phone Call`` record; ``inbound`` is the second of these.
    """

    record: Record
    inbound: Record | None = None

    @property
    def records(self) -> tuple[Record, ...]:
        """Its records, the RingOut record first."""
        return (self.record,) if self.inbound is None else (self.record, self.inbound)

    @property
    def ids(self) -> tuple[str, ...]:
        """The ids of all its records."""
        return tuple(record.id for record in self.records)

    @property
    def session_ids(self) -> frozenset[str]:
        """Every ``telephonySessionId`` on its records and their legs."""
        return frozenset(
            part.telephony_session_id
            for record in self.records
            for part in record.parts
        ) - {""}

    @property
    def recording(self) -> str:
        """Where RingCentral keeps what was recorded of it; empty if that is not known."""
        return next((each.recording for each in self.records if each.recording), "")

    @property
    def started_at(self) -> datetime:
        """The start of its earlier record: two may start seconds apart."""
        return min(record.started_at for record in self.records)

    @property
    def is_ring_out(self) -> bool:
        """Whether one of its records is a RingOut."""
        return any(record.is_ring_out for record in self.records)
