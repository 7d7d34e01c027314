"""Slack's own types as a check, where they are on this machine; else None."""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

SHARED = Path(os.environ.get("RINGOUT_TEST_DATA", Path(__file__).parents[2] / "shared"))
CHECKER = SHARED / "slack_check" / "slack_check.py"


def checkers() -> tuple[
    Callable[[str, Mapping[str, Any]], list[str]] | None,
    Callable[[str, Any], list[str]] | None,
]:
    """Return the checks of outgoing calls and of incoming payloads."""
    if not CHECKER.exists():
        return None, None
    spec = importlib.util.spec_from_file_location("slack_check", CHECKER)
    if spec is None or spec.loader is None:
        return None, None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.check_call, module.check_payload
