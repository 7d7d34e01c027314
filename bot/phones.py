"""Which phone rings first when nobody says so: asked of RingCentral, and remembered."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from datetime import datetime, timedelta
from typing import Protocol

from bot.calls.phone import PhoneNumber, parse
from bot.clock import Clock
from bot.errors import UserError

REMEMBERED = timedelta(minutes=10)
"""Long enough that forty calls a day cost few Light requests, short enough that a
phone added in RingCentral's settings is found the same hour."""

RETRY = timedelta(seconds=15)
"""A person without any such phone is asked about again after this."""


class Listed(Protocol):
    """A number as RingCentral lists it."""

    @property
    def number(self) -> str: ...

    @property
    def can_ring(self) -> bool: ...


def first_of(listed: Iterable[Listed], region: str) -> PhoneNumber | None:
    """Return the first number that can ring, or None."""
    for each in listed:
        if each.can_ring:
            try:
                return parse(each.number, region=region)
            except UserError:
                continue
    return None


class DefaultPhone:
    """The RingCentral user's own first number that can ring, or the configured one."""

    def __init__(
        self,
        configured: PhoneNumber | None,
        ask: Callable[[], Awaitable[PhoneNumber | None]],
        clock: Clock,
    ) -> None:
        self._configured = configured
        self._ask = ask
        self._clock = clock
        self._known: PhoneNumber | None = None
        self._asked_at: datetime | None = None

    def known(self) -> PhoneNumber | None:
        """Return what is known without asking, for the ack must not wait."""
        return self._configured or self._known

    async def default(self) -> PhoneNumber | None:
        """Return the phone that rings first, or None if the user has none.

        Costs one Light request now and then. Raises what the asking raises.
        """
        if self._configured is not None:
            return self._configured
        now = self._clock.now()
        fresh = REMEMBERED if self._known else RETRY
        if self._asked_at is None or now - self._asked_at > fresh:
            self._known = await self._ask()
            self._asked_at = now
        return self._known
