"""What every test of the demo needs."""

from __future__ import annotations

import signal
from collections.abc import Iterator

import pytest

from bot.demo.signals import ENDING


@pytest.fixture(autouse=True)
def not_ignored() -> Iterator[None]:
    """Have no signal ignored, as ``nohup`` and ``&`` in a script leave some of them."""
    ignored = [each for each in ENDING if signal.getsignal(each) is signal.SIG_IGN]
    for each in ignored:
        signal.signal(each, signal.SIG_DFL)
    yield
    for each in ignored:
        signal.signal(each, signal.SIG_IGN)
