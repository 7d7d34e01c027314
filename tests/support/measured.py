"""Coverage pauses during the tests that are marked `unmeasured`.

So one run has all tests: two would collect them twice, in every process.
"""

from __future__ import annotations

import os
from collections.abc import Generator

import pytest
from coverage.collector import Collector

CHILDREN = "COVERAGE_PROCESS_CONFIG"
"""The variable by which Python processes that a test starts are measured, too."""

PAUSED = pytest.StashKey[str]()
"""What that variable held, while coverage pauses."""


@pytest.hookimpl(wrapper=True)
def pytest_collection(session: pytest.Session) -> Generator[None, object, object]:
    """Pause while all processes of pytest-xdist but one collect: each imports the same."""
    worker = getattr(session.config, "workerinput", {})
    if worker.get("workerid", "gw0") != "gw0":
        _pause(session.config)
    try:
        return (yield)
    finally:
        _resume(session.config)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item) -> None:
    """Pause or resume, before the fixtures of a test."""
    if item.get_closest_marker("unmeasured") is None:
        _resume(item.config)
    else:
        _pause(item.config)


def _pause(config: pytest.Config) -> None:
    # pytest-cov's own pause stops one collector and so resumes the one that coverage has
    # started in this process before: both would go on tracing.
    if PAUSED in config.stash or not Collector._collectors:
        return
    config.stash[PAUSED] = os.environ.pop(CHILDREN, "")
    Collector._collectors[-1].pause()


def _resume(config: pytest.Config) -> None:
    if PAUSED not in config.stash:
        return
    if children := config.stash[PAUSED]:
        os.environ[CHILDREN] = children
    del config.stash[PAUSED]
    Collector._collectors[-1].resume()
