"""A call as the database stores it: the intent, its state, its live status, its result.

The states, and what is still to be done in each (`bot.calls.following` decides the
transitions; docs/how-it-works.md has the same picture)::

    requested   stored and acked; nothing was sent to RingCentral
    placing     POST ring-out may have been sent: never send it again
    following   RingCentral has accepted it: poll its status
    recording   over, or the POST's answer was lost: look for its call-log record
    reporting   how it ended is known: post the thread reply and the final card
    closing     both are posted; show the card once more, in case a lost edit lands on it
    done        nothing is left to do; what people add later brings it back to closing
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from bot.calls.aftermath import Aftermath
from bot.calls.log.facts import LogFact
from bot.calls.log.outcome import Outcome
from bot.calls.numbers.phone import PhoneNumber
from bot.calls.people.names import Name
from bot.calls.people.person import Person, Shows
from bot.calls.sessions.pushed import Pushed


@dataclass(frozen=True, slots=True)
class Status:
    """RingCentral's three live words as they come: any text, compared without case.

    Source: RingCentral developer guide, "Making Calls Using RingOut".
    """

    call: str = ""
    caller: str = ""
    callee: str = ""


class State(StrEnum):
    """What a call waits for; see the module's docstring."""

    REQUESTED = "requested"
    PLACING = "placing"
    FOLLOWING = "following"
    RECORDING = "recording"
    REPORTING = "reporting"
    CLOSING = "closing"
    DONE = "done"


class End(StrEnum):
    """How a call ended, as far as it is known."""

    RECORDED = "recorded"
    """The call log has it: `Call.outcome`."""
    UNCONFIRMED = "unconfirmed"
    """It is over, but the log showed no final record in time."""
    LOST = "lost"
    """RingCentral's answer was lost and no record was found: it may have been placed."""
    REFUSED = "refused"
    """RingCentral answered the POST with 4xx: `Call.refusal`."""
    NOT_PLACED = "not_placed"
    """No phone rang, for certain: `Call.why`."""


class Why(StrEnum):
    """Why a call was not placed, or is no longer followed."""

    RESTART = "restart"
    """The process that took the command ended before it had sent it."""
    LATE = "late"
    CANCELED = "cancelled"
    LIMIT = "limit"
    """RingCentral's rate limit lasted too long."""
    UNREACHABLE = "unreachable"
    """RingCentral did not answer."""
    LOGIN = "login"
    """RingCentral does not accept the account's sign-in, or no longer."""
    NO_CALLER = "no_caller"
    """The person has no phone that could ring first."""
    NO_CARD = "no_card"
    """Slack takes no message for it."""
    PAUSED = "paused"
    """An admin has paused the workspace's calls meanwhile."""
    TROUBLE = "trouble"
    """A bug of ours."""


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
    """Where a command was typed; ``enterprise`` is empty outside Enterprise Grid."""

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
        """Whether it is a DM, with the app or with a person: such ids begin with D."""
        return self.channel.startswith("D")

    def is_beside(self, other: Place) -> bool:
        """Return whether *other* is in the same workspace."""
        return (self.enterprise, self.team) == (other.enterprise, other.team)


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One intent to call and what became of it: a row of the database.

    Times are aware UTC datetimes by our own clock. ``placed_at`` alone is by
    RingCentral's clock (its ``Date`` header), because the log's start times are too.
    """

    id: str
    key: str = field(repr=False)
    """The command's ``trigger_id``: a second command with the same one is dropped."""
    place: Place
    callee: PhoneNumber
    callee_name: Name | None = None
    """The other party's name; only its owner may read one that is not public."""
    caller: PhoneNumber | None = None
    """The phone that rings first; None until the person's default is looked up."""
    account: str = ""
    """The id of the connected account that it is placed with; empty: the shared one."""
    in_name_of: str = ""
    """The name of that account's owner at RingCentral; empty for the shared one."""
    caller_id: PhoneNumber | None = None
    """The number that the callee sees; None leaves it to RingCentral."""
    prompt: bool = False
    """Whether the caller presses 1 before the callee is dialed."""
    shows: Shows = Shows.CHANNEL
    message_link: str = ""
    """The address of the message that it was begun from; empty if there was none."""
    asked_at: datetime
    taken_by: str = ""
    """The process that took the command. No other may send it, unless this one handed
    it over when it stopped; then this is empty."""
    held_by: str = ""
    """The process that works on the call; empty if any may claim it."""
    state: State = State.REQUESTED
    attempt: int = 0
    """Goes up with each claim: a process with an older number has lost the row."""
    next_at: datetime
    """When the row is due; while a process works on it, when its lease ends."""
    due_at: datetime | None = field(default=None, compare=False)
    """``next_at`` before it was claimed; not stored."""
    tries: int = 0
    """Consecutive failures in the present state that were RingCentral's or Slack's."""
    faults: int = 0
    """Failures in the present state that were bugs of ours."""
    failing_since: datetime | None = None
    """When RingCentral stopped answering about it; None once it answers again."""
    silent_since: datetime | None = None
    """The same moment, but set only once the card says so."""
    limited_at: datetime | None = None
    """When RingCentral's rate limit first kept it from being placed."""
    wait_until: datetime | None = None
    """Until when it waits for that limit."""
    sent_at: datetime | None = None
    """When its POST was about to be sent; None if it certainly was not executed."""
    placed_at: datetime | None = None
    ringout_id: str = ""
    session_id: str = ""
    """The id of its telephony session, once that is sure (`bot.calls.matching.session_match`)."""
    pushed: Pushed | None = None
    """What pushed events have said of that session. The card shows it, but no result, no
    retry and no end of the call rests on it."""
    heard_at: datetime | None = None
    """When the latest of them arrived that said anything new."""
    poll_at: datetime | None = None
    """When its status is due, if the call is due sooner, only to have its card edited by
    the process that holds it."""
    status: Status | None = None
    seen: bool = False
    """Whether a status request has ever found it."""
    connected: bool = False
    """Whether both sides have ever been seen connected at once."""
    connected_at: datetime | None = None
    """When they were first seen so; None also for calls from before version 0.2.0."""
    changed_at: datetime | None = None
    """When its status last changed."""
    seen_at: datetime | None = None
    """When a status request last found it."""
    alive_at: datetime | None = None
    """When one last found it going on; before the answer, so that it is no later."""
    terminal_at: datetime | None = None
    """When its status first said that it is over. Until its record is found, what the
    status said is not confirmed."""
    log_at: datetime | None = None
    """When the log is next read for it, while its status is still polled as well."""
    looked_at: datetime | None = None
    """When the log was last read and did not show its final record."""
    cancelled_at: datetime | None = None
    """When RingCentral was asked to cancel it."""
    is_controllable: bool = False
    """Whether the app may hang it up: its token had the permission when it was placed, and
    RingCentral has not refused that since."""
    hung_up_at: datetime | None = None
    """When RingCentral was asked to hang it up, or is being asked."""
    ended_at: datetime | None = None
    """When it was over, or its answer was lost: the wait for its record begins here."""
    reads: int = 0
    """Reads of the log that showed no record with its id."""
    end: End | None = None
    why: Why | None = None
    refusal: Refusal | None = None
    outcome: Outcome | None = None
    records: tuple[str, ...] = ()
    """Ids of the call-log records that belong to this call."""
    logged: tuple[LogFact, ...] = ()
    """What those records and their legs showed."""
    card_channel: str = ""
    card_tried: bool = False
    """Whether its card may have been posted: look for it before posting."""
    card_ts: str = ""
    card_shown: str = ""
    """A digest of what the card shows: it is edited only when this changes."""
    reply_tried: bool = False
    """The same for its reply."""
    reply_ts: str = ""
    recording: str = field(default="", repr=False)
    """Where RingCentral keeps its recording; empty while none is known."""
    aftermath: Aftermath | None = field(default=None, repr=False)
    """What people have written of it since; no log may have that."""

    @property
    def may_go_on(self) -> bool:
        """Whether neither its status nor a 404 has said that it is over.

        The store's `MAY_BE_RINGING` says the same in SQL.
        """
        match self.state:
            case State.REQUESTED | State.PLACING:
                return True
            case State.FOLLOWING:
                return self.terminal_at is None
            case State.RECORDING:
                return not self.ringout_id
        return False

    @property
    def was_stopped(self) -> bool:
        """Whether RingCentral was asked to stop it, in either way."""
        return self.cancelled_at is not None or self.hung_up_at is not None

    @property
    def is_lost(self) -> bool:
        """Whether the answer to its POST was lost, so that it may have been placed."""
        return self.sent_at is not None and not self.ringout_id

    @property
    def is_left(self) -> bool:
        """Whether it was placed, but its end can no longer be seen."""
        return self.why in {Why.LOGIN, Why.UNREACHABLE, Why.TROUBLE}

    @property
    def owes_reply(self) -> bool:
        """Whether to post a reply: a phone may have rung, or the card hides the result."""
        rang = self.end in {End.RECORDED, End.UNCONFIRMED, End.LOST}
        return rang or (self.end is not None and self.hides_result)

    @property
    def is_private(self) -> bool:
        """Whether the person who placed it keeps it to themselves.

        They chose so, or typed it in a DM. The store's `IS_PRIVATE` says the same in SQL.
        """
        return self.shows is not Shows.CHANNEL or self.place.is_direct

    @property
    def hides_result(self) -> bool:
        """Whether its card must not show the result: the person chose so, others read it.

        A DM (its id begins with D) is always with the bot itself: nobody else reads it.
        """
        return self.shows is Shows.PRIVATE and not self.is_in_dm

    @property
    def is_in_dm(self) -> bool:
        """Whether its card is in the DM of the person who placed it."""
        return self.card_channel.startswith("D")
