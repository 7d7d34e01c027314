"""What several tests of the RingCentral client share."""

from __future__ import annotations

import pytest

from fakes import FakeClock


@pytest.fixture
def answers_clock() -> FakeClock:
    """Return the clock by which an answer is late; a test hands it in with the bounds."""
    return FakeClock()
