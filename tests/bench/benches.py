"""The list of benches: functions that measure, by name."""

from __future__ import annotations

from collections.abc import Awaitable
from pathlib import Path
from typing import Protocol

import acks
import asking
import clients
import events
import holding
import idle
import lags
import restarting
import soon
from table import Figure


class Measure(Protocol):
    """A bench's function."""

    def __call__(
        self, *, quick: bool, before: Path | None
    ) -> Awaitable[list[Figure]]: ...


BENCHES: dict[str, Measure] = {
    "acks": acks.measure,
    "asking": asking.measure,
    "clients": clients.measure,
    "events": events.measure,
    "holding": holding.measure,
    "idle": idle.measure,
    "lags": lags.measure,
    "restarting": restarting.measure,
    "soon": soon.measure,
}
