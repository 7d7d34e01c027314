"""What makes a run of the tests quick on any machine; `conftest` imports it first.

Bytecode is kept even where the environment says not to: a run starts a dozen Python
processes, and compiling what one of them imports takes ten seconds of a processor.
Temporary files live in memory where there is room: thousands of databases exist for a
moment each, and none has to outlast a power cut. The garbage collector leaves alone what
was made before the first test, and works seldom: searching took a tenth of all processor
time. A report carries no keywords, which nobody reads and which cost time to send to
another process. Python keeps every regular expression that it has compiled: `phonenumbers`
has thousands of them, and a test that goes through all regions compiled them again and
again. And each process of pytest-xdist begins its
collection with other folders than the rest, so that one compiles what the others then load.
"""

from __future__ import annotations

import gc
import os
import re
import shutil
import sys
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest

MEMORY = Path("/dev/shm")  # noqa: S108 - what is made in it has folders of its own
ROOM = 2**30
"""Bytes of free memory needed; a run of all tests used a third of this at once."""
SELDOM = 20_000
"""How many new objects make the garbage collector look at the youngest."""

EXPRESSIONS = 20_000
"""How many compiled regular expressions Python keeps; 512 by itself."""


def _has_room(folder: Path) -> bool:
    return os.access(folder, os.W_OK) and shutil.disk_usage(folder).free > ROOM


sys.dont_write_bytecode = False
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
if _has_room(MEMORY):
    os.environ.setdefault("TMPDIR", str(MEMORY))
pytest.register_assert_rewrite("town", "scene")
gc.disable()
re._MAXCACHE = EXPRESSIONS  # type: ignore[attr-defined]


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Collect the tests; from then on the garbage collector works."""
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.set_threshold(SELDOM)
        gc.enable()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[
    None, pytest.TestReport, pytest.TestReport
]:
    """Drop a report's keywords before it is sent to the process that prints it."""
    report = yield
    report.keywords = {}
    return report


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Let each process of pytest-xdist begin with folders of its own."""
    worker: dict[str, Any] = getattr(config, "workerinput", {})
    tests = config.rootpath / "tests"
    if worker and [config.rootpath / each for each in config.args] == [tests]:
        places = sorted(str(each) for each in tests.iterdir() if _has_tests(each))
        number = int(worker["workerid"].removeprefix("gw"))
        first = number * len(places) // worker["workercount"]
        config.args = places[first:] + places[:first]


def _has_tests(path: Path) -> bool:
    return path.match("test_*.py") or any(path.rglob("test_*.py"))
