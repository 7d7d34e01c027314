"""Rate limits as RingCentral counts them: one limiter for each user of each app."""

from __future__ import annotations

from bot.sandbox.limits import Limiter, Limits


class Limiters:
    """All limiters, under the same `limits`; one is made when it is first needed."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._each: dict[tuple[str, str], Limiter] = {}

    @property
    def limits(self) -> Limits:
        """What everybody is held to; may be changed, or replaced, at any time."""
        return self._limits

    @limits.setter
    def limits(self, limits: Limits) -> None:
        self._limits = limits
        for limiter in self._each.values():
            limiter.limits = limits

    def of(self, client_id: str, owner: str) -> Limiter:
        """Return the limiter of the user with the extension id *owner* in an app."""
        key = client_id, owner
        if key not in self._each:
            self._each[key] = Limiter(self._limits)
        return self._each[key]

    def forgive(self) -> None:
        """Empty every bucket and end every penalty of everybody."""
        for limiter in self._each.values():
            limiter.forgive()
