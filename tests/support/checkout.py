"""Where this checkout is, and where the vendors' schemas may be found beside it."""

from __future__ import annotations

import os
from pathlib import Path

ROOT = Path(__file__).parents[2]
SUPPORT = ROOT / "tests" / "support"
SHARED = Path(os.environ.get("RINGOUT_TEST_DATA", ROOT.parent / "shared"))
"""Test data outside the repository; tests that need it are skipped without it."""
