"""``trigger_id``: lets the app open one modal within seconds after an interaction.

Source: Slack docs, "Handling user interaction", "trigger_id".
"""

from __future__ import annotations

import itertools
import time
from dataclasses import dataclass, field

from bot.sandbox.slack.answers import Problem
from bot.sandbox.slack.rules import Rules


@dataclass(slots=True)
class Triggers:
    """All ``trigger_id``s of a workspace."""

    rules: Rules
    team: str
    seen_from: dict[str, str] = field(default_factory=dict)
    """The conversation in which somebody was, by their trigger_id."""
    _made: dict[str, tuple[float, str]] = field(default_factory=dict)
    _used: set[str] = field(default_factory=set)
    _numbers: itertools.count[int] = field(
        default_factory=lambda: itertools.count(1_000_000)
    )

    def make(self, user: str, trigger_id: str | None = None) -> str:
        """Return a new trigger_id of *user*; *trigger_id* itself if it is given."""
        number = next(self._numbers)
        made = trigger_id or f"{number}.{self.team}.{number * 7919:x}"
        self._made[made] = (time.monotonic(), user)
        return made

    def knows(self, trigger_id: str) -> bool:
        """Whether it was made for this workspace."""
        return trigger_id in self._made

    def exchange(self, trigger_id: str) -> str:
        """Use up a trigger_id; return its user's id.

        Raises:
            Problem: It is unknown, used or expired.
        """
        if trigger_id not in self._made:
            raise Problem("invalid_trigger_id")
        at, user = self._made[trigger_id]
        if trigger_id in self._used:
            raise Problem("exchanged_trigger_id")
        if time.monotonic() - at > self.rules.trigger_seconds:
            raise Problem("expired_trigger_id")
        self._used.add(trigger_id)
        return user
