"""A stand-in for the demo's crew that starts no process."""

from __future__ import annotations

from dataclasses import dataclass, field

from bot.sandbox.slack.double import Json


@dataclass
class NoCrew:
    """A crew without a bot; it counts what it is asked for."""

    kills: int = 0
    digests: int = 0
    shown: Json = field(
        default_factory=lambda: {"state": "running", "pid": 1, "restarts": 0}
    )

    async def kill_and_restart(self) -> None:
        """Count the request."""
        self.kills += 1

    async def post_digest(self) -> None:
        """Count the request."""
        self.digests += 1
