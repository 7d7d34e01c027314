"""A call as we know it: the intent, its place in its life, its live status.

The states, and what each still owes the person (`bot.calls.following` decides the
moves; docs/how-it-works.md shows the same picture)::

    requested   stored and acked; nothing was sent to RingCentral
    placing     POST ring-out may have been sent: never sent again
    following   RingCentral knows it: its status is polled
    recording   over (or its answer was lost): its call-log record is looked for
    reporting   how it ended is known: thread reply and final card are owed
    done        everything was told
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from bot.calls.outcome import Outcome
from bot.calls.person import Person, Shows
from bot.calls.phone import PhoneNumber


@dataclass(frozen=True, slots=True)
class Status:
    """RingCentral's three live words, raw: open text, compared without case.

    Source: RingCentral developer guide, "Making Calls Using RingOut".
    """

    call: str = ""
    caller: str = ""
    callee: str = ""


class State(StrEnum):
    """Where a call is in its life; see the module's docstring."""

    REQUESTED = "requested"
    PLACING = "placing"
    FOLLOWING = "following"
    RECORDING = "recording"
    REPORTING = "reporting"
    CLOSING = "closing"
    """Told; its card is shown once more, for a lost edit may land on it yet."""
    DONE = "done"


class End(StrEnum):
    """What there is to tell once nothing more is awaited."""

    RECORDED = "recorded"
    """The call log has it: `Call.outcome`."""
    UNCONFIRMED = "unconfirmed"
    """It is over, but the log showed no final record within the limit."""
    LOST = "lost"
    """RingCentral's answer was lost and no record was found: it may have been placed."""
    REFUSED = "refused"
    """RingCentral refused it: `Call.refusal`."""
    NOT_PLACED = "not_placed"
    """Certain that no phone rang: `Call.why`."""


class Why(StrEnum):
    """Why a call was not placed, or is not followed any more."""

    RESTART = "restart"
    LATE = "late"
    CANCELLED = "cancelled"
    LIMIT = "limit"
    UNREACHABLE = "unreachable"
    LOGIN = "login"
    NO_CALLER = "no_caller"
    NO_CARD = "no_card"
    TROUBLE = "trouble"


@dataclass(frozen=True, slots=True)
class Refusal:
    """RingCentral's 4xx to POST ring-out, in its own codes (see `errors.Refused`)."""

    status: int
    code: str = ""
    parameter: str = ""
    feature: str = ""
    permission: str = ""


@dataclass(frozen=True, slots=True)
class Place:
    """Where in Slack a command was typed; ``enterprise`` is empty outside Grid."""

    team: str
    channel: str
    user: str
    enterprise: str = ""

    @property
    def person(self) -> Person:
        """Who typed it."""
        return Person(self.enterprise, self.team, self.user)

    @property
    def is_direct(self) -> bool:
        """Whether it is a DM, with the app or with a person; their ids begin with D."""
        return self.channel.startswith("D")

    def is_beside(self, other: Place) -> bool:
        """Return whether *other* is in the same workspace."""
        return (self.enterprise, self.team) == (other.enterprise, other.team)


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One intent to call and all that became of it: the row of the database.

    Times are aware UTC datetimes by our own clock, except ``placed_at``, which is by
    RingCentral's (its ``Date`` header), as the log's start times are.
    """

    id: str
    key: str
    """What makes a command unique: its ``trigger_id``. A second one is dropped."""
    place: Place
    callee: PhoneNumber
    caller: PhoneNumber | None = None
    """The phone that rings first; None until the default is looked up."""
    account: str = ""
    """The connection by which it runs; empty for the shared account."""
    in_name_of: str = ""
    """What RingCentral calls the owner of that account; empty for the shared one."""
    caller_id: PhoneNumber | None = None
    """What the callee sees; None for RingCentral's own choice."""
    prompt: bool = False
    """Whether the caller presses 1 before the callee is dialled."""
    shows: Shows = Shows.CHANNEL
    asked_at: datetime
    taken_by: str = ""
    """The process that took the command: only this one may send it, unless it handed
    the intent over as it stopped; then this is empty."""
    held_by: str = ""
    """The process that carries the call on; empty if any may take it."""
    state: State = State.REQUESTED
    attempt: int = 0
    """Grows with each claim; a holder of an older number has lost the row."""
    next_at: datetime
    """When the row is due; while somebody works on it, when their lease ends."""
    due_at: datetime | None = field(default=None, compare=False)
    """When it was due, for who claimed it; no column."""
    tries: int = 0
    """Failures of the present state in a row, by whoever's fault but ours."""
    faults: int = 0
    """Failures of the present state by faults of ours."""
    failing_since: datetime | None = None
    """When RingCentral first gave no answer about it; None once it gives one."""
    silent_since: datetime | None = None
    """The same, from when that has lasted so long that the card says so."""
    limited_at: datetime | None = None
    """Since when RingCentral's limit is in the way of placing it."""
    wait_until: datetime | None = None
    sent_at: datetime | None = None
    placed_at: datetime | None = None
    ringout_id: str = ""
    status: Status | None = None
    seen: bool = False
    """Whether a status request ever found it."""
    connected: bool = False
    """Whether both sides were ever seen connected at once."""
    changed_at: datetime | None = None
    terminal_at: datetime | None = None
    """When its status first said that it can't go on."""
    cancelled_at: datetime | None = None
    ended_at: datetime | None = None
    reads: int = 0
    """Log reads that showed no record with its id."""
    end: End | None = None
    why: Why | None = None
    refusal: Refusal | None = None
    outcome: Outcome | None = None
    records: tuple[str, ...] = ()
    """Ids of the call-log records that are this call's, and no other's."""
    card_channel: str = ""
    card_tried: bool = False
    card_ts: str = ""
    card_shown: str = ""
    """A digest of what the card shows, so that it is edited only on a change."""
    reply_tried: bool = False
    reply_ts: str = ""

    @property
    def is_open(self) -> bool:
        """Whether it may still be ringing, going on, or be sent."""
        return self.state not in {State.REPORTING, State.CLOSING, State.DONE}

    @property
    def is_lost(self) -> bool:
        """Whether RingCentral's answer to its POST was lost."""
        return self.sent_at is not None and not self.ringout_id

    @property
    def is_left(self) -> bool:
        """Whether a call that was placed is followed no more, its end unseen."""
        return self.why in {Why.LOGIN, Why.UNREACHABLE, Why.TROUBLE}

    @property
    def owes_reply(self) -> bool:
        """Whether a reply is owed: if a phone may have rung, or the card can't tell why not."""
        rang = self.end in {End.RECORDED, End.UNCONFIRMED, End.LOST}
        return rang or (self.end is not None and self.hides_result)

    @property
    def hides_result(self) -> bool:
        """Whether its card may not tell how it went, for others can read it there.

        Not in a DM, whose ids begin with D: the bot is in none but those with itself.
        """
        return self.shows is Shows.PRIVATE and not self.card_channel.startswith("D")
