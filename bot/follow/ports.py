"""What `bot.follow` needs from RingCentral and Slack, as Protocols."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from bot.calls.call import Call, Place, Status
from bot.calls.lag import Lag, Sighting
from bot.calls.log.leg import Record
from bot.calls.numbers.phone import PhoneNumber
from bot.calls.people.names import Name
from bot.calls.people.phones import Choice
from bot.calls.telling import Kind, Note


class Placed(Protocol):
    """RingCentral's answer to POST ring-out."""

    @property
    def id(self) -> str: ...

    @property
    def status(self) -> Status: ...

    @property
    def at(self) -> datetime | None: ...


class RingOuts(Protocol):
    """Places RingOuts and reads their status."""

    async def place(
        self, caller: str, callee: str, *, before: float, caller_id: str, prompt: bool
    ) -> Placed: ...

    async def status(self, ringout_id: str) -> Status: ...


class CallLog(Protocol):
    """Reads one account's call log."""

    async def read(self, *, since: datetime) -> tuple[Record, ...]: ...


class Telephony(Protocol):
    """One account at RingCentral; raises `RingCentralError` or `CredentialsRefused`."""

    @property
    def ring_outs(self) -> RingOuts: ...

    @property
    def call_log(self) -> CallLog: ...

    def token_scopes(self) -> frozenset[str]: ...

    def poll_interval(self, open_calls: int) -> float: ...

    def log_spacing(self, horizon: float) -> float: ...

    def clock_ahead(self) -> float: ...


class LogTurns(Protocol):
    """Lets one process at a time read an account's call log."""

    async def log_turn(self, now: datetime, until: datetime) -> bool: ...

    async def no_log_before(self, moment: datetime) -> None: ...


class LogLag(Protocol):
    """How soon an account's call log shows a call: what was learned, kept over restarts."""

    async def get(self) -> Lag: ...

    async def learn(self, seen: Sequence[Sighting], now: datetime) -> None: ...


class Accounts(Protocol):
    """The RingCentral accounts by their ids, and the phone that rings first for each."""

    def telephony(self, account: str) -> Telephony: ...

    def user_state(self, account: str) -> LogTurns: ...

    def log_lag(self, account: str) -> LogLag: ...

    async def first(self, call: Call) -> Choice: ...

    async def check(self, account: str) -> None: ...


class Names(Protocol):
    """Names of other parties; never raises."""

    async def of(self, account: str, number: PhoneNumber) -> Name | None: ...


class Board(Protocol):
    """Slack; posting raises nothing but `bot.errors.ChatError`."""

    async def post(
        self, call: Call, kind: Kind, channel: str, *, before: float
    ) -> tuple[str, str]: ...

    async def find(self, call: Call, kind: Kind, channel: str) -> str | None: ...

    async def direct(self, place: Place) -> str: ...

    async def tell(self, call: Call, note: Note) -> None: ...

    async def tell_result(self, call: Call) -> None: ...

    def show(self, call: Call, *, last: bool = False) -> None: ...
