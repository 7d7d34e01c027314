"""What the pages point to is there: files, headings, pictures, commands."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest

from bot.__main__ import main
from checkout import ROOT

PAGES = [
    path
    for folder in ("", "docs", "deploy", "web", "tests/bench", "tests/chaos")
    for path in sorted((ROOT / folder).glob("*.md"))
]
PICTURES = ROOT / "docs" / "pictures"
LINK = re.compile(r"\]\(([^)\s]+)\)|(?:src|srcset)=\"([^\"]+)\"")
COMMAND = re.compile(r"ringout-bot (?!\[|<|\.)([a-z][a-z-]+)")


def links(page: Path) -> list[str]:
    """Return what *page* links to or shows, other sites left out."""
    found = LINK.findall(page.read_text(encoding="utf-8"))
    return [one or other for one, other in found if "://" not in one + other]


@cache
def anchors(page: Path) -> set[str]:
    """Return the headings of *page* as addresses name them."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    kept = (re.sub(r"[^\w\- ]", "", each.lower()) for each in headings)
    return {each.replace(" ", "-") for each in kept}


def named(path: Path) -> str:
    """Return how a test names a page."""
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_whatever_a_page_links_to_is_there(page: Path) -> None:
    """A reader who is sent nowhere looks for no second way."""
    for link in links(page):
        path, _, heading = link.partition("#")
        target = (page.parent / path).resolve() if path else page

        assert target.exists(), link
        assert not heading or heading in anchors(target), link


def test_the_collector_of_links_finds_each_kind() -> None:
    """A check that finds nothing would agree with any page."""
    found = {link for page in PAGES for link in links(page)}

    assert "docs/pictures/call-dark.png" in found
    assert "docs/pictures/call-light.png" in found
    assert "docs/admin.md#settings" in found
    assert "../CONTRIBUTING.md" in found


def test_every_picture_is_shown_by_a_page() -> None:
    """One that nobody sees is made anew, and kept, for nothing."""
    shown = {(page.parent / link).resolve() for page in PAGES for link in links(page)}

    assert set(PICTURES.iterdir()) <= shown


def commands(capsys: pytest.CaptureFixture[str]) -> set[str]:
    """Return the program's commands, as ``--help`` lists them."""
    with pytest.raises(SystemExit):
        main(["--help"])
    return set(
        re.findall(r"^    ([a-z][a-z-]+)", capsys.readouterr().out, re.MULTILINE)
    )


def test_every_command_that_a_page_names_is_one(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A command with a typo is the first thing that a newcomer pastes."""
    text = "\n".join(page.read_text(encoding="utf-8") for page in PAGES)
    code = "\n".join(re.findall(r"```.*?```|`[^`\n]+`", text, re.DOTALL))

    named_in_pages = set(COMMAND.findall(code))

    assert {"demo", "doctor", "migrate"} <= named_in_pages
    assert named_in_pages <= commands(capsys)


def test_the_operators_page_lists_exactly_the_commands_there_are(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """What ``--help`` has a line for, the page explains."""
    page = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
    listed = set(re.findall(r"^\| `ringout-bot ([a-z-]+)", page, re.MULTILINE))

    assert listed == commands(capsys)
