"""Coverage pauses during the tests that are marked `unmeasured`.

So one run has all tests: two would collect them twice, in every process.
"""

from __future__ import annotations

import os

import pytest

CHILDREN = "COVERAGE_PROCESS_CONFIG"
"""The variable by which Python processes that a test starts are measured, too."""


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item) -> None:
    """Pause or resume, before the fixtures of a test."""
    plugin = item.config.pluginmanager.getplugin("_cov")
    controller = getattr(plugin, "cov_controller", None)
    is_measured = item.get_closest_marker("unmeasured") is None
    if controller is None or controller.started == is_measured:
        return
    if is_measured:
        controller.resume()  # it sets the variable again
    else:
        controller.pause()
        os.environ.pop(CHILDREN, None)
