"""What the following of a call needs of the two outsiders, RingCentral and Slack."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from bot.calls.call import Call, Place, Status
from bot.calls.leg import Record
from bot.calls.phone import PhoneNumber
from bot.calls.telling import Kind, Note


class Placed(Protocol):
    """RingCentral's answer to POST ring-out."""

    @property
    def id(self) -> str: ...

    @property
    def status(self) -> Status: ...

    @property
    def at(self) -> datetime | None: ...


class Telephony(Protocol):
    """RingCentral; raises `errors.RingCentralError` or `errors.CredentialsRefused`."""

    async def ring_out(self, caller: str, callee: str, *, before: float) -> Placed: ...

    async def ring_out_status(self, ringout_id: str) -> Status: ...

    async def call_log(self, *, since: datetime) -> tuple[Record, ...]: ...

    def poll_interval(self, open_calls: int) -> float: ...

    def clock_ahead(self) -> float: ...


class Phones(Protocol):
    """Which phone rings first when nobody says so."""

    async def default(self) -> PhoneNumber | None: ...


class Board(Protocol):
    """Slack; posting raises `bot.errors.ChatError` alone."""

    async def post(
        self, call: Call, kind: Kind, channel: str, *, before: float
    ) -> tuple[str, str]: ...

    async def find(self, call: Call, kind: Kind) -> str | None: ...

    async def direct(self, place: Place) -> str: ...

    async def tell(self, call: Call, note: Note) -> None: ...

    def show(self, call: Call, *, last: bool = False) -> None: ...
