"""Fixtures that several files share."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

pytest.register_assert_rewrite("town")

from town import Town, a_town  # noqa: E402 - after its asserts are made to speak


@pytest.fixture
async def town(tmp_path: Path) -> AsyncIterator[Town]:
    """Build a town whose bot is running; its law is held at the end."""
    async with a_town(tmp_path) as built:
        await built.open()
        yield built
        await built.close()
        built.check()


@pytest.fixture
async def closed_town(tmp_path: Path) -> AsyncIterator[Town]:
    """Build a town whose bot each test starts by itself."""
    async with a_town(tmp_path) as built:
        yield built
        await built.close()
        built.check()
