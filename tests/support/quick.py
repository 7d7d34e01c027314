"""What makes a run of the tests quick on any machine; `conftest` imports it first.

Bytecode is kept even where the environment says not to: a run starts a dozen Python
processes, and compiling what one of them imports takes ten seconds of a processor.
Temporary files live in memory where there is room: thousands of databases exist for a
moment each, and none has to outlast a power cut.
"""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

import pytest

MEMORY = Path("/dev/shm")  # noqa: S108 - what is made in it has folders of its own
ROOM = 2**30
"""Bytes of free memory needed; a run of all tests used a third of this at once."""


def _has_room(folder: Path) -> bool:
    return os.access(folder, os.W_OK) and shutil.disk_usage(folder).free > ROOM


sys.dont_write_bytecode = False
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
if _has_room(MEMORY):
    os.environ.setdefault("TMPDIR", str(MEMORY))
pytest.register_assert_rewrite("town", "scene")
