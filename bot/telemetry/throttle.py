"""Keeps what a stranger can repeat from filling the log."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass

FROM_OUTSIDE = (
    "aiohttp",
    "asyncio",
    "bot.ringcentral.push.webhook",
    "bot.serving",
    "bot.slack.entrances.bad_payload",
    "bot.slack.entrances.bolt",
    "bot.slack.entrances.events",
    "bot.slack.entrances.http",
    "bot.slack.posting.spaces",
    "bot.workspaces.installing",
)
"""Loggers whose warnings and errors can be caused by whoever reaches the HTTP port, or by
people of any workspace that the app is installed in, through payloads that Slack signs."""

ONE_LINE_EVERY = 1.0
"""Seconds between two lines of one kind."""

KEY_LENGTH, MOST_KINDS = 80, 200
"""Bounds of what is remembered: characters of a kind's message, and kinds."""


@dataclass(slots=True)
class _Seen:
    at: float
    left_out: int = 0


class Throttle(logging.Filter):
    """Lets one warning a second of each kind through, which says how many were not.

    A kind is a logger, a level, and the first line of a message before its values are
    filled in.
    """

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._now = now
        self._seen: dict[tuple[str, int, str], _Seen] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Return whether *record* is logged."""
        if record.levelno < logging.WARNING or not _is_from_outside(record.name):
            return True
        first = str(record.msg).partition("\n")[0][:KEY_LENGTH]
        key, now = (record.name, record.levelno, first), self._now()
        seen = self._seen.pop(key, None)
        if seen is not None and now - seen.at < ONE_LINE_EVERY:
            seen.left_out += 1
            self._seen[key] = seen
            return False
        self._seen[key] = _Seen(now)
        if len(self._seen) > MOST_KINDS:
            del self._seen[next(iter(self._seen))]
        if seen is not None and seen.left_out:
            said = record.getMessage()
            record.msg, record.args = f"{said} (and {seen.left_out} like it)", ()
        return True


def _is_from_outside(name: str) -> bool:
    return any(name == each or name.startswith(f"{each}.") for each in FROM_OUTSIDE)
