"""What several tests of the RingCentral client share."""

from __future__ import annotations

import pytest

from fakes import FakeClock


@pytest.fixture
def answers_clock(monkeypatch: pytest.MonkeyPatch) -> FakeClock:
    """Return the clock by which an answer is late; it does not care how busy we are."""
    made = FakeClock()
    monkeypatch.setattr("bot.ringcentral.transport.bounds.time", made)
    return made
