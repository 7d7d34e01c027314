"""Fixtures of the tests that open the demo's page."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest_asyncio
from playwright.async_api import Browser

from visitor import Visitor, a_browser, a_demo, a_visitor


@pytest_asyncio.fixture(loop_scope="session", scope="session")
async def browser() -> AsyncIterator[Browser]:
    """Run one browser for all tests; each has a profile of its own in it."""
    async with a_browser() as running:
        yield running


@pytest_asyncio.fixture(loop_scope="session", scope="module")
async def address() -> AsyncIterator[str]:
    """Run one demo for those tests that find in it what others have left."""
    async with a_demo("--fast") as running:
        yield running


@pytest_asyncio.fixture(loop_scope="session")
async def visitor(browser: Browser) -> AsyncIterator[Visitor]:
    """Open the page of a demo that hurries."""
    async with a_demo("--fast") as address, a_visitor(browser, address) as opened:
        yield opened
