"""Small things that make the demo's page look like what people know."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest
from playwright.async_api import Browser, expect

from checkout import ROOT
from selection import may_skip
from visitor import NARROW, a_visitor

in_session = pytest.mark.asyncio(loop_scope="session")
LINES = """element => [...element.querySelectorAll('.nowrap')].map(
  one => [one.textContent, one.getClientRects().length])"""
"""Each number of a message, and on how many lines it stands."""
MIDDLE = """element => {
  const {top, height} = element.getBoundingClientRect();
  return top + height / 2;
}"""


@pytest.mark.browser
@in_session
async def test_who_is_written_to_is_named_in_full(
    browser: Browser, address: str
) -> None:
    """In the list, above the messages, and where there are none yet."""
    async with a_visitor(browser, address) as visitor:
        page = visitor.page
        group = page.get_by_role("button", name="Bob Baker, Carl Cooper")
        await expect(group.locator(".avatar")).to_have_text(["B", "C"])
        await page.get_by_role("button", name="Bob Baker", exact=True).click()
        await expect(page.get_by_role("heading", level=1)).to_contain_text("Bob Baker")
        await expect(page.locator(".intro")).to_have_text(
            "This is the very beginning of your direct messages with Bob Baker."
        )
        await group.click()
        await visitor.sees(page.locator(".intro"), "with Bob Baker and Carl Cooper.")

        await visitor.goes_to("deals")

        await expect(page.locator(".intro")).not_to_contain_text("#")
        await expect(page.locator(".intro .icon")).to_be_visible()


@pytest.mark.browser
@in_session
async def test_numbers_stay_on_one_line(browser: Browser, address: str) -> None:
    """Half a telephone number at the end of a line is read as another."""
    async with a_visitor(browser, address, size=NARROW) as visitor:
        note = visitor.page.locator(".message").last
        for number in ("+1 415-555-0142", "(415) 555-0142", "+44 20 7946 0958"):
            for words in range(1, 8):
                await visitor.types(f"{'Word ' * words}{number} and on.")
                await visitor.sees(note, f"{'Word ' * words}{number}")
                assert await note.evaluate(LINES) == [[number, 1]]
        await visitor.types("9" * 300)
        await visitor.sees(note, "9" * 300)
        width = "element => element.scrollWidth - element.clientWidth"
        assert await visitor.page.locator(".middle .scroller").evaluate(width) == 0


@pytest.mark.browser
@in_session
async def test_addresses_that_were_typed_are_links(
    browser: Browser, address: str
) -> None:
    """To the web alone, in another tab, which learns nothing of this page."""
    async with a_visitor(browser, address) as visitor:
        last = visitor.page.locator(".message").last
        await visitor.types(
            "See https://a.example/b_c?d=1&e=2, `https://f.example` javascript:alert(1)"
        )

        await visitor.sees(last, "alert(1)")
        link = last.get_by_role("link")
        await expect(link).to_have_text(["https://a.example/b_c?d=1&e=2"])
        await expect(link).to_have_attribute("href", "https://a.example/b_c?d=1&e=2")
        await expect(link).to_have_attribute("rel", "noopener noreferrer")


@pytest.mark.browser
@in_session
async def test_the_apps_name_stands_in_line(browser: Browser, address: str) -> None:
    """With its sign and its tabs."""
    async with a_visitor(browser, address) as visitor:
        await visitor.goes_to("RingOut")
        head = visitor.page.locator(".head")

        middles = [
            await head.locator(part).first.evaluate(MIDDLE)
            for part in ("h1 .avatar", "h1 span:last-child", ".tabs button")
        ]

        assert max(middles) - min(middles) <= 1


@pytest.mark.browser
@in_session
async def test_a_story_is_told_in_full(browser: Browser, address: str) -> None:
    """The menu has room for its beginning alone."""
    async with a_visitor(browser, address) as visitor:
        await visitor.plays("caller-voicemail")

        await expect(
            visitor.page.get_by_label("The next calls")
        ).to_have_accessible_description(
            "Your own voicemail answers: without the press-1 prompt it is put through."
        )
        await visitor.plays("driven")


@pytest.mark.browser
@in_session
async def test_small_faces_have_small_letters(browser: Browser, address: str) -> None:
    """Two letters fit into a face of 24 px."""
    async with a_visitor(browser, address) as visitor:
        await visitor.page.locator(".message").first.hover()
        await visitor.page.get_by_title("Reply in thread").first.click()
        reply = visitor.page.get_by_label("Reply in thread", exact=True)
        await reply.fill("Yes.")
        await reply.press("Enter")

        face = visitor.page.locator(".replies .avatar").first
        await expect(face).to_have_css("font-size", "10px")


def test_ci_leaves_out_no_test_in_a_browser(tmp_path: Path) -> None:
    """A missing browser must be seen there, and not looked over."""
    missing = tmp_path / "chromium"

    assert may_skip(missing, {})
    assert not may_skip(missing, {"CI": "true"})
    assert not may_skip(Path(__file__), {})
    assert ".ci/browser" in (ROOT / ".ci" / "run").read_text(encoding="utf-8")


@pytest.mark.parametrize(("ci", "code"), [("true", 1), ("", 0)])
def test_ci_says_what_is_missing(tmp_path: Path, ci: str, code: int) -> None:
    """And stops there; on somebody's own machine it goes on without."""
    done = subprocess.run(
        [ROOT / ".ci" / "browser"],
        check=False,
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env={
            "PATH": os.environ["PATH"],
            "CI": ci,
            "RINGOUT_TEST_CHROMIUM": str(tmp_path / "chromium"),
        },
    )

    assert done.returncode == code
    assert str(tmp_path / "chromium") in done.stderr
    assert "axe.min.js" in done.stderr
