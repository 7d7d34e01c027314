"""Python runs this first in each bot process of the chaos bench.

SIGUSR1 sets the process's clock an hour ahead, then back, as an operator might; it is
wrong by ``CHAOS_SKEW`` seconds from the start. Slack's budget of edits is lifted: it uses
real time while the bench is compressed, so 45 cards would take a minute.
"""

from __future__ import annotations

import os
import signal
import time
from datetime import datetime, timedelta, tzinfo
from functools import partial
from types import FrameType

from bot import clock
from bot.app.bot import Bot
from bot.app.tempo import Tempo
from bot.cli import serve

HOUR = 3600.0
_real = time.time
_off = float(os.environ.get("CHAOS_SKEW", "0"))


def _jump(_number: int, _frame: FrameType | None) -> None:
    global _off  # noqa: PLW0603 - a signal handler can only set a global
    _off = 0.0 if _off else HOUR


def _shifted() -> float:
    return _real() + _off


class _Wrong(datetime):
    """The clock of a machine whose time is wrong."""

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override]
        return datetime.now(tz) + timedelta(seconds=_off)


time.time = _shifted
vars(clock)["datetime"] = _Wrong  # what the process starts with
signal.signal(signal.SIGUSR1, _jump)
vars(serve)["Bot"] = partial(Bot, tempo=Tempo(edits_per_minute=1_000_000))
