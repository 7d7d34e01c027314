"""Calls that come in: one phone rings, and a person takes the call, or nobody does.

Like a RingOut, a call is a list of moments; its state at a time follows from those before.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from bot.sandbox.ringcentral.calls import Exchange
from bot.sandbox.ringcentral.clock import StoryClock
from bot.sandbox.ringcentral.life import RING_LIMIT
from bot.sandbox.ringcentral.people import SERVICE, People
from bot.sandbox.ringcentral.person import Person

MESSAGE_SECONDS = 20.0
"""Story seconds for which a caller speaks to the voicemail, unless they hang up."""

UNTAKEN = frozenset({"no-answer", "reject", "gave-up"})
"""How a call ends that neither a person nor a machine takes: keys of `life.ENDINGS`."""

TAKEN_BY = frozenset({"answer", "voicemail"})


@dataclass(frozen=True, slots=True)
class IncomingState:
    """A call that came in, at one moment. Times are story seconds after it began to ring.

    Attributes:
        up_at: When a person or a machine took it.
        machine: Whether that was a machine.
        over_at: When it was over.
        ending: One of `UNTAKEN`; empty if it was taken, or still rings.
    """

    up_at: float | None = None
    machine: bool = False
    over_at: float | None = None
    ending: str = ""

    @property
    def is_missed(self) -> bool:
        """Whether it is over, and no person took it."""
        return self.over_at is not None and (self.machine or self.up_at is None)


@dataclass(slots=True, kw_only=True)
class IncomingCall:
    """One call that came in.

    Attributes:
        id: Its telephony session id.
        caller: The number that calls.
        name: The caller's name as RingCentral has it; empty for none.
        called: Whose phone rings.
        number: The number of that phone.
        created: When it came in, by RingCentral's clock.
        rings_for: Story seconds until nobody has taken it.
        says: What the caller says to the voicemail, as RingCentral transcribes it.
        moments: What happens on the phones: the time, and what.
        placed: When it came in, in story seconds.
    """

    id: str
    session_id: int
    record_id: str
    caller: str
    name: str
    called: Person
    number: str
    created: datetime
    rings_for: float
    says: str = ""
    placed: float
    moments: list[tuple[float, str]] = field(default_factory=list)
    clock: StoryClock = field(repr=False)

    @property
    def age(self) -> float:
        """The story seconds since it came in."""
        return self.clock.story() - self.placed

    def state(self) -> IncomingState:
        """Return its state now."""
        return _state(self.moments, self.rings_for, self.age)

    def press(self, what: str) -> bool:
        """Do *what* on a phone now: take it, decline it, hang up; False if impossible."""
        now, before = self.age, self.state()
        if before.over_at is not None or (before.up_at is None) == (what == "hangup"):
            return False
        self.moments.append((now, what))
        return True


def _state(
    moments: list[tuple[float, str]], rings_for: float, now: float
) -> IncomingState:
    taken = next((one for one in moments if one[1] in TAKEN_BY), None)
    if taken is None:
        ends = [(at, what) for at, what in moments if what in UNTAKEN]
        at, ending = min([*ends, (rings_for, "no-answer")])
        return (
            IncomingState(over_at=at, ending=ending) if at <= now else IncomingState()
        )
    up_at, machine = taken[0], taken[1] == "voicemail"
    hung_up = [at for at, what in moments if what == "hangup"]
    if machine:
        hung_up.append(up_at + MESSAGE_SECONDS)
    over_at = min(hung_up, default=None)
    is_over = over_at is not None and over_at <= now
    return IncomingState(up_at, machine, over_at if is_over else None)


class IncomingCalls:
    """Makes such calls, and keeps them, the oldest first."""

    def __init__(self, clock: StoryClock, exchange: Exchange, people: People) -> None:
        self.all: list[IncomingCall] = []
        self._clock = clock
        self._exchange = exchange
        self._people = people

    def ring(
        self,
        caller: str,
        *,
        name: str = "",
        person: str = SERVICE,
        rings_for: float = RING_LIMIT,
        says: str = "",
    ) -> IncomingCall:
        """Have the first phone of *person* ring."""
        called, created = self._people.find(person), self._clock.utc()
        session_id, record_id, telephony = self._exchange.ids(created)
        call = IncomingCall(
            id=telephony,
            session_id=session_id,
            record_id=record_id,
            caller=caller,
            name=name,
            called=called,
            number=called.forwarding_numbers[0]["phoneNumber"],
            created=created,
            rings_for=rings_for,
            says=says,
            placed=self._clock.story(),
            clock=self._clock,
        )
        self.all.append(call)
        return call

    def find(self, call_id: str) -> IncomingCall | None:
        """Return the call with this id."""
        return next((call for call in self.all if call.id == call_id), None)

    def press(self, call_id: str, what: str) -> bool:
        """Act on a call's phones, as `IncomingCall.press` does.

        Raises:
            KeyError: There is no such call.
            ValueError: Nothing of the kind can be done.
        """
        call = self.find(call_id)
        if call is None:
            raise KeyError(call_id)
        if what not in UNTAKEN | TAKEN_BY | {"hangup"}:
            raise ValueError(f"{what!r} can't be done about a call that came in")
        return call.press(what)
