"""What several tests of Slack's double share."""

from __future__ import annotations

import pytest

from fakes import FakeClock


@pytest.fixture
def limits_clock(monkeypatch: pytest.MonkeyPatch) -> FakeClock:
    """Return the clock by which the double counts, so that no test has to hurry."""
    made = FakeClock()
    monkeypatch.setattr("bot.sandbox.slack.door.time", made)
    return made
