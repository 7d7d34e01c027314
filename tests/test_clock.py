"""Our clock does not jump when the machine's clock is set."""

from __future__ import annotations

import logging
import re
from datetime import timedelta
from pathlib import Path

import pytest

from bot import clock as clocks
from bot.clock import RealClock
from checkout import ROOT

HOUR = 3600.0


class Machine:
    """The machine's two clocks; the test sets them."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.wall, self.count = 1_000_000.0, 500.0
        monkeypatch.setattr("time.time", lambda: self.wall)
        monkeypatch.setattr(RealClock, "_elapsed", lambda _: self.count)

    def go_on(self, seconds: float) -> None:
        """Advance both."""
        self.wall += seconds
        self.count += seconds


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> Machine:
    """Return a machine whose clocks stand still by themselves."""
    return Machine(monkeypatch)


@pytest.mark.parametrize("by", [HOUR, -HOUR])
def test_a_clock_that_is_set_moves_no_call(
    machine: Machine, by: float, caplog: pytest.LogCaptureFixture
) -> None:
    """Otherwise polls would all be late or pause for an hour; the jump is logged."""
    clock = RealClock()
    before = clock.now()

    machine.wall += by
    machine.go_on(2)

    assert clock.now() - before == timedelta(seconds=2)
    with caplog.at_level(logging.WARNING):
        lost = clock.lost_since(before)
    assert lost == timedelta(seconds=max(by, 0))
    assert f"jumped by {by:+.0f} s" in caplog.text


def test_what_was_asked_before_a_standstill_is_late_and_what_comes_after_is_not(
    machine: Machine,
) -> None:
    """A machine that was put to sleep must not ring phones when it wakes."""
    clock = RealClock()
    asked = clock.now()
    machine.wall += HOUR
    machine.go_on(1)

    late = clock.lost_since(asked)
    machine.go_on(1)

    assert late == timedelta(seconds=HOUR)
    assert clock.lost_since(clock.now()) == timedelta(0)


def test_little_steps_are_no_jump(
    machine: Machine, caplog: pytest.LogCaptureFixture
) -> None:
    """Time services move clocks by fractions of a second, all the time."""
    clock = RealClock()
    before = clock.now()
    for _ in range(100):
        machine.wall += 0.3
        machine.go_on(1)
        assert clock.lost_since(before) == timedelta(0)

    assert caplog.text == ""


def test_the_common_clock_is_taken_at_once_and_then_followed_slowly(
    machine: Machine,
) -> None:
    """A database whose clock is set must not make every call late either."""
    del machine
    clock = RealClock()
    common = clock.now() + timedelta(hours=2)

    clock.align(common)
    first = clock.now()
    clock.align(common + timedelta(hours=1))

    assert first == common
    assert clock.now() - common == timedelta(seconds=clocks.SLEW_SECONDS)


REPLACED_TIME = re.compile(
    r"""setattr\(\s*(?:"bot\.[\w.]+\.(?:time|random)[".]|\w+,\s*"(?:time|monotonic)")"""
)
"""A test that replaces a module's clock or its chance, or a loop's clock."""


def test_time_is_handed_in_by_tests_as_well() -> None:
    """A clock that is replaced in a module breaks when the module reads another one."""
    replacing = [
        str(path.relative_to(ROOT))
        for path in sorted((ROOT / "tests").rglob("*.py"))
        if path != Path(__file__) and REPLACED_TIME.search(path.read_text("utf-8"))
    ]

    assert replacing == []


@pytest.mark.parametrize(
    "line",
    [
        'setattr("bot.sandbox.slack.door.time", made)',
        'setattr("bot.ringcentral.sender.random.uniform", lambda *_: 0.01)',
        'setattr(\n        loop, "time", lambda: now)',
    ],
)
def test_a_replaced_clock_is_found(line: str) -> None:
    """A pattern that matches nothing would allow everything."""
    assert REPLACED_TIME.search(line)
