"""The follower with a real store, and stand-ins for Slack and RingCentral."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from bot.calls.call import Call, Place, State, Status
from bot.calls.log.leg import Record
from bot.calls.numbers.phone import PhoneNumber
from bot.calls.people.names import Name
from bot.calls.people.phones import Choice
from bot.calls.telling import Kind, Note
from bot.calls.timing import Timing
from bot.clock import Clock
from bot.follow.follower import Follower
from bot.follow.moves import Moves
from bot.follow.placer import Placer
from bot.follow.poller import Poller
from bot.follow.pushed import PushedEvents
from bot.follow.recorder import Recorder
from bot.follow.reporter import Reporter
from bot.follow.waking import CallsDue
from bot.storage.calls.store import Store
from bot.storage.shared.log_lags import LogLag
from bot.storage.shared.user_state import UserState
from fakes import FakeClock
from intents import CALLER, a_call, add_call


class Accepted:
    """RingCentral's answer to a POST that it took."""

    id = "s-1"
    status = Status("InProgress", "InProgress", "InProgress")
    at: datetime | None = None


class Far:
    """Slack, RingCentral and the default phone; a test sets how each one fails."""

    def __init__(self) -> None:
        self.errors: dict[str, Exception] = {}
        self.told: list[Note] = []
        self.confided: list[str] = []
        self.sought: list[str] = []
        self.shown: list[tuple[State, bool]] = []
        self.posted: list[tuple[Kind, str]] = []
        self.sent = 0
        self.turns: UserState
        self.phone: PhoneNumber | None = CALLER
        self.found: str | None = None
        self.names: dict[PhoneNumber, Name] = {}

    def _meet(self, name: str) -> None:
        if name in self.errors:
            raise self.errors[name]

    def telephony(self, account: str) -> Far:
        """Return this stand-in as every account's RingCentral."""
        del account
        return self

    @property
    def ring_outs(self) -> Far:
        """Return this stand-in: it also places and polls calls."""
        return self

    @property
    def call_log(self) -> Far:
        """Return this stand-in: it also answers call-log reads."""
        return self

    def user_state(self, account: str) -> UserState:
        """Return the store's table of turns to read the call log."""
        del account
        return self.turns

    def log_lag(self, account: str) -> LogLag:
        """Return the account's row of what was learned of its log."""
        return LogLag(self.turns._writer, account or "shared")

    async def place(
        self, caller: str, callee: str, *, before: float, caller_id: str, prompt: bool
    ) -> Accepted:
        """Count a POST."""
        del caller, callee, before, caller_id, prompt
        self.sent += 1
        self._meet("ring_out")
        return Accepted()

    async def status(self, ringout_id: str) -> Status:
        """Answer a poll."""
        del ringout_id
        self._meet("status")
        return Status("Success", "Success", "Success")

    async def read(self, *, since: datetime) -> tuple[Record, ...]:
        """Answer with an empty log."""
        del since
        self._meet("log")
        return ()

    def poll_interval(self, open_calls: int) -> float:
        """Return 0: no rate limit slows polling down."""
        return 0.0 * open_calls

    def log_spacing(self, horizon: float) -> float:
        """Return 0: no rate limit slows reads of the log down."""
        return 0.0 * horizon

    def token_scopes(self) -> frozenset[str]:
        """Return nothing: the app may not hang up."""
        return frozenset()

    def clock_ahead(self) -> float:
        """Return 0: RingCentral's clock agrees with ours."""
        return 0.0

    async def first(self, call: Call) -> Choice:
        """Return the default phone."""
        del call
        self._meet("default")
        return Choice(self.phone, None, prompt=False)

    async def of(self, account: str, number: PhoneNumber) -> Name | None:
        """Return the other party's name in an address book, if a test has set one."""
        del account
        return self.names.get(number)

    async def check(self, account: str) -> None:
        """Check that the account is still connected, or fail as the test says."""
        del account
        self._meet("check")

    async def post(
        self, call: Call, kind: Kind, channel: str, *, before: float
    ) -> tuple[str, str]:
        """Accept a message."""
        del before
        self._meet(f"post {channel}" if f"post {channel}" in self.errors else "post")
        self.posted.append((kind, channel))
        return channel, f"{len(self.posted)}.{call.id}"

    async def find(self, call: Call, kind: Kind, channel: str) -> str | None:
        """Look for a message."""
        del call, kind
        self.sought.append(channel)
        self._meet("find")
        return self.found

    async def direct(self, place: Place) -> str:
        """Open the DM."""
        self._meet("direct")
        return f"D{place.user}"

    async def tell(self, call: Call, note: Note) -> None:
        """Accept a private note."""
        del call
        self.told.append(note)

    async def tell_result(self, call: Call) -> None:
        """Accept a result that could not be posted to the DM."""
        self.confided.append(call.id)

    def show(self, call: Call, *, last: bool = False) -> None:
        """Accept a card's new state."""
        self.shown.append((call.state, last))


class Desk:
    """The follower with its store; the test controls Slack and RingCentral."""

    def __init__(self, url: str, clock: Clock | None = None, me: str = "") -> None:
        self.far = Far()
        self.clock = FakeClock()
        used = clock or self.clock
        self.calls_due = CallsDue(used)
        self.store = Store(url, me, on_change=self.calls_due.changed)
        moves = Moves(
            store=self.store,
            board=self.far,
            clock=used,
            timing=Timing(),
            me="me",
            calls_due=self.calls_due,
        )
        self.far.turns = UserState(self.store.writer, "me")
        self.recorder = Recorder(moves, self.far)
        placer = Placer(moves, self.far, self.far)
        poller = Poller(moves, self.far, lambda account: account in self.flowing)
        self.flowing: set[str] = set()
        """The accounts whose pushed events arrive."""
        self.pushed = PushedEvents(moves, poller)
        self.follower = Follower(moves, placer, poller, self.recorder, Reporter(moves))

    async def read_log(self) -> None:
        """Read the call log if a read is due, and wait until the read is finished."""
        await self.recorder.read_if_due()
        await self.recorder.settle()

    async def step(self, **changes: Any) -> Call:
        """Store a call, carry out its next step, and return the call as it is then."""
        call = a_call(**changes)
        await add_call(self.store, call, most=99, again=True)
        await self.follower._step(call)
        after = await self.store.get(call.id)
        assert after is not None
        return after
