"""Waiting for what a test looks at: one patience for all waits."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

PATIENCE = 60.0
"""The most seconds that a test waits for what it looks at. It asserts nothing: it only
ends a test that has failed, and a machine that is ten times slower must need less."""

LOOK_EVERY = 0.02
"""Seconds between two looks at what nobody announces."""


async def until(seen: Callable[[], T]) -> T:
    """Wait until *seen* returns something true; return that."""
    async with asyncio.timeout(PATIENCE):
        while not (found := seen()):
            await asyncio.sleep(LOOK_EVERY)
    return found
