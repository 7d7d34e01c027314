"""Drives the demo's page in a real Chromium, in the terms of its visitors."""

from __future__ import annotations

import asyncio
import re
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal
from weakref import WeakKeyDictionary

import pytest
from playwright.async_api import (
    Browser,
    Locator,
    Page,
    ViewportSize,
    async_playwright,
    expect,
)

from checkout import ROOT
from forked import Forked, fork, unmeasured
from patience import PATIENCE
from selection import AXE, CHROMIUM, may_skip

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
"""Chromium's options: no background requests; as root, no sandbox."""

WIDE: ViewportSize = {"width": 1280, "height": 800}
NARROW: ViewportSize = {"width": 390, "height": 844}
ZONE = "America/Los_Angeles"
MOST_TABS = 60
CALLED = """(() => {
  const at = document.activeElement;
  return at.getAttribute('aria-label') ?? at.innerText;
})()"""
"""Roughly the accessible name of the focused element."""
Theme = Literal["light", "dark"]
Motion = Literal["reduce", "no-preference"]

RING = "/ringout (415) 555-0142"


needs_axe = pytest.mark.skipif(may_skip(AXE), reason="no axe-core: npm ci --prefix web")


@dataclass
class Visitor:
    """A visitor of the page; records every error that the browser reports."""

    page: Page
    troubles: list[str] = field(default_factory=list)

    async def open(self, address: str) -> None:
        """Open the page, and wait until it shows something."""
        here = address.split("/")[2]

        def asked(url: str) -> None:
            if url.startswith("http") and url.split("/")[2] != here:
                self.troubles.append(f"asked {url}")

        self.page.on("request", lambda request: asked(request.url))
        self.page.on("pageerror", lambda error: self.troubles.append(str(error)))
        self.page.on(
            "console",
            lambda line: (
                self.troubles.append(line.text) if line.type == "error" else None
            ),
        )
        self.page.set_default_timeout(PATIENCE * 1000)
        expect.set_options(timeout=PATIENCE * 1000)
        await self.page.goto(address)
        await self.page.wait_for_selector(".composer")

    async def types(self, line: str, where: str = "Message #sales") -> None:
        """Type a line and press Enter."""
        box = self.page.get_by_label(where, exact=True)
        await box.fill(line)
        await box.press("Escape")
        await box.press("Enter")

    async def presses(self, name: str, *, within: Locator | None = None) -> None:
        """Press a button."""
        scope = within or self.page
        await scope.get_by_role("button", name=name, exact=True).last.click()

    async def chooses(
        self, menu: str | re.Pattern[str], option: str, *, within: Locator
    ) -> None:
        """Open a menu in a message and take one of its options."""
        await within.get_by_role("button", name=menu).last.click()
        await self.page.get_by_role("menuitem", name=option).click()

    async def calls(self) -> None:
        """Place a call, and wait until its first phone rings."""
        await self.types(RING)
        await self.sees(self.card, "Calling", "ringing")

    async def tabs_to(self, name: str, *, back: bool = False) -> Locator:
        """Press Tab until the focused element has this name; use no mouse."""
        at = self.page.locator(":focus")
        for _ in range(MOST_TABS):
            await self.page.keyboard.press("Shift+Tab" if back else "Tab")
            if re.search(name, await self.page.evaluate(CALLED)):
                return at
        raise AssertionError(f"no way to {name} by keys")

    async def on_phone(
        self, who: Literal["Your phone", "Other party"], do: str
    ) -> None:
        """Press a key of a phone as soon as it appears."""
        await self.presses(f"{who}: {do}")

    async def plays(self, story: str) -> None:
        """Choose the story of the next calls."""
        await self.page.get_by_label("The next calls").select_option(story)

    async def is_(self, name: str) -> None:
        """Switch to another person."""
        await self.page.get_by_label("You are").select_option(label=name)

    async def goes_to(self, place: str) -> None:
        """Open a channel."""
        sidebar = self.page.get_by_role("navigation", name="Channels")
        await sidebar.get_by_role("button", name=place).click()

    @property
    def card(self) -> Locator:
        """The newest card in the channel."""
        return self.page.locator(".middle .card").last

    @property
    def thread(self) -> Locator:
        """The thread beside the channel."""
        return self.page.get_by_role("complementary", name="Thread")

    async def sees(self, where: Locator, *texts: str | re.Pattern[str]) -> None:
        """Wait until *where* shows all of *texts*."""
        for text in texts:
            await expect(where).to_contain_text(text)

    async def connects(self, name: str = "Ann") -> None:
        """Connect the person's own account on RingCentral's page, in another tab."""
        await self.types("/ringout connect")
        async with self.page.context.expect_page() as opened:
            await self.presses("Sign in to RingCentral")
        tab = await opened.value
        await expect(tab.get_by_role("main")).to_contain_text(
            "will be able to place calls"
        )
        await tab.get_by_role("button", name="Sign in to RingCentral").click()
        await tab.get_by_label(re.compile(name)).first.check()
        await tab.get_by_role("button", name="Authorize").click()
        await expect(tab.get_by_role("heading")).to_have_text("Connected")
        await tab.close()

    async def opens_thread(self) -> Locator:
        """Open the thread of the newest card, once it has a reply."""
        await self.card.get_by_role("button", name=re.compile(r"\d repl")).click()
        return self.thread

    async def judged(self, *rules: str) -> list[str]:
        """Return axe's serious and critical findings, by all rules or only *rules*."""
        if not await self.page.evaluate("'axe' in window"):
            await self.page.evaluate(AXE.read_text(encoding="utf-8"))
        found: dict[str, Any] = await self.page.evaluate(
            "only => axe.run(document, {resultTypes: ['violations'], ...only})",
            {"runOnly": list(rules)} if rules else {},
        )
        return [
            f"{each['id']}: {node['html'][:120]} {node['failureSummary'][:200]}"
            for each in found["violations"]
            if each["impact"] in ("serious", "critical")
            for node in each["nodes"]
        ]


@asynccontextmanager
async def a_browser() -> AsyncIterator[Browser]:
    """Run a headless Chromium."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        try:
            yield browser
        finally:
            await browser.close()


@asynccontextmanager
async def a_visitor(
    browser: Browser,
    address: str,
    *,
    size: ViewportSize = WIDE,
    theme: Theme = "light",
    scale: float = 1,
    motion: Motion = "reduce",
) -> AsyncIterator[Visitor]:
    """Open the page, and assert at the end that the browser reported no error.

    Nothing on it moves by itself unless *motion* says so: the browser draws every frame
    of what rings or blinks, for as long as a test looks at something else.
    """
    page = await _taken(browser, scale)
    try:
        await page.set_viewport_size(size)
        await page.emulate_media(color_scheme=theme, reduced_motion=motion)
        visitor = Visitor(page)
        await visitor.open(address)
        yield visitor
        await _left(page)
    except BaseException:
        await page.context.close()
        raise
    _IDLE[browser][scale].append(page)
    assert visitor.troubles == []


_IDLE: WeakKeyDictionary[Browser, dict[float, list[Page]]] = WeakKeyDictionary()
"""Pages that their visitors have left, by scale: a new one starts three processes."""


async def _taken(browser: Browser, scale: float) -> Page:
    """Return a page in a profile of its own, in which nothing is kept."""
    idle = _IDLE.setdefault(browser, {}).setdefault(scale, [])
    if idle:
        return idle.pop()
    context = await browser.new_context(
        timezone_id=ZONE, locale="en-US", device_scale_factor=scale
    )
    return await context.new_page()


async def _left(page: Page) -> None:
    """Leave, and keep nothing: the next visitor of any demo is a stranger."""
    for tab in page.context.pages:
        if tab != page:
            await tab.close()
    await page.mouse.move(0, 0)
    await page.evaluate("localStorage.clear(), sessionStorage.clear()")
    await page.goto("about:blank")
    await page.context.clear_cookies()


@asynccontextmanager
async def a_demo(*options: str) -> AsyncIterator[str]:
    """Run ``ringout-bot demo --web`` as a process; yield the page's address.

    Coverage would slow it down; `test_demo_web` runs measured ones.
    """
    env = unmeasured() | {"PYTHONPATH": str(ROOT)}
    with tempfile.TemporaryDirectory() as name:
        log = Path(name, "demo.log")
        given = ("demo", "--web", "--no-browser", *options)
        process = await fork(given, folder=ROOT, env=env, log=log)
        try:
            async with asyncio.timeout(PATIENCE):
                address = await _address(process)
            yield address
        finally:
            begun = time.monotonic()
            process.terminate()
            await asyncio.wait_for(process.wait(), timeout=PATIENCE)
            _show(log)
        assert process.returncode == 0
        assert time.monotonic() - begun < 10


async def _address(process: Forked) -> str:
    while not (found := re.search(r"^\s*(http://\S+)\s", process.out, re.MULTILINE)):
        assert process.returncode is None, "the demo has ended"
        await asyncio.sleep(0.02)
    return found[1]


def _show(log: Path) -> None:
    """Print the demo's log, so that pytest shows it if the test fails."""
    if log.exists():
        sys.stderr.write(log.read_text())
