"""Files, headings, pictures and commands named in the docs must exist."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest

from bot.cli.main import main
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
    """Return the links and pictures of *page*, except those of other sites."""
    found = LINK.findall(page.read_text(encoding="utf-8"))
    return [one or other for one, other in found if "://" not in one + other]


@cache
def anchors(page: Path) -> set[str]:
    """Return the headings of *page* as links name them."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    kept = (re.sub(r"[^\w\- ]", "", each.lower()) for each in headings)
    return {each.replace(" ", "-") for each in kept}


def named(path: Path) -> str:
    """Return the test id of a page."""
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_whatever_a_page_links_to_is_there(page: Path) -> None:
    """A reader who follows a broken link gives up."""
    for link in links(page):
        path, _, heading = link.partition("#")
        target = (page.parent / path).resolve() if path else page

        assert target.exists(), link
        assert not heading or heading in anchors(target), link


def test_the_collector_of_links_finds_each_kind() -> None:
    """A check that finds no links would accept any page."""
    found = {link for page in PAGES for link in links(page)}

    assert "docs/pictures/call-dark.png" in found
    assert "docs/pictures/call-light.png" in found
    assert "docs/admin.md#settings" in found
    assert "../CONTRIBUTING.md" in found


def test_every_picture_is_shown_by_a_page() -> None:
    """A picture that no page shows is regenerated and stored for nothing."""
    shown = {(page.parent / link).resolve() for page in PAGES for link in links(page)}

    assert set(PICTURES.iterdir()) <= shown


def test_the_readme_is_read_in_one_go() -> None:
    """What only some readers need belongs to docs/, where its kind of reader looks."""
    assert len((ROOT / "README.md").read_text(encoding="utf-8").split()) < 1500


def commands(capsys: pytest.CaptureFixture[str]) -> set[str]:
    """Return the commands that ``--help`` lists."""
    with pytest.raises(SystemExit):
        main(["--help"])
    return set(
        re.findall(r"^    ([a-z][a-z-]+)", capsys.readouterr().out, re.MULTILINE)
    )


def test_every_command_that_a_page_names_is_one(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Newcomers paste commands from the docs, typos included."""
    text = "\n".join(page.read_text(encoding="utf-8") for page in PAGES)
    code = "\n".join(re.findall(r"```.*?```|`[^`\n]+`", text, re.DOTALL))

    named_in_pages = set(COMMAND.findall(code))

    assert {"demo", "doctor", "migrate"} <= named_in_pages
    assert named_in_pages <= commands(capsys)


def test_the_operators_page_lists_exactly_the_commands_there_are(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Every command listed by ``--help`` must be explained there."""
    page = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
    listed = set(re.findall(r"^\| `ringout-bot ([a-z-]+)", page, re.MULTILINE))

    assert listed == commands(capsys)
