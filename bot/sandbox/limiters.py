"""One rate limiter for each user of each app, as RingCentral counts requests."""

from __future__ import annotations

from bot.sandbox.limits import Limiter, Limits


class UserLimiters:
    """All limiters. They share `limits`; each is made at its first use."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._each: dict[tuple[str, str], Limiter] = {}

    @property
    def limits(self) -> Limits:
        """The limits of every user. They may be changed or replaced at any time."""
        return self._limits

    @limits.setter
    def limits(self, limits: Limits) -> None:
        self._limits = limits
        for limiter in self._each.values():
            limiter.limits = limits

    def of(self, client_id: str, owner: str) -> Limiter:
        """Return the limiter of an app's user; *owner* is their extension id."""
        key = client_id, owner
        if key not in self._each:
            self._each[key] = Limiter(self._limits)
        return self._each[key]

    def forgive(self) -> None:
        """Reset all counts and end all penalties, of every user."""
        for limiter in self._each.values():
            limiter.forgive()
