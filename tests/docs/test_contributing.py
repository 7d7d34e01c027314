"""CONTRIBUTING's tables name files that exist, and plans that are not built yet."""

from __future__ import annotations

import re

import pytest

from checkout import ROOT

TEXT = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
PATH = re.compile(r"`((?:bot|tests|docs|deploy|manifest|\.ci)[\w./*<>-]*)`")
HERE, LATER = TEXT.split("### Where it would go")
CONSTANT = re.compile(r"`([A-Z][A-Z_]{2,})`")
NAMED = [
    (constant, paths)
    for paragraph in re.split(r"\n\n|\n(?=- )", HERE)
    if (paths := tuple(PATH.findall(paragraph)))
    for constant in CONSTANT.findall(paragraph)
]
"""The constants that stand beside files, and those files and folders."""

TABLE = re.findall(r"^\| ([^|]+) \| (`[^|]+) \| ([^|]+) \|$", LATER, re.MULTILINE)


@pytest.mark.parametrize("path", sorted(set(PATH.findall(HERE))))
def test_what_is_to_be_changed_is_there(path: str) -> None:
    """A contributor must not search for a file that has moved."""
    assert list(ROOT.glob(path.rstrip("/")))


@pytest.mark.parametrize(("constant", "paths"), NAMED, ids=[n[0] for n in NAMED])
def test_constants_are_defined_in_the_files_beside_them(
    constant: str, paths: tuple[str, ...]
) -> None:
    """A contributor must not search for a constant that was renamed."""
    found = [each for path in paths for each in ROOT.glob(path.rstrip("/"))]
    files = [
        f for each in found for f in (each.rglob("*.py") if each.is_dir() else [each])
    ]
    definition = re.compile(rf"^{constant}\b.*=", re.MULTILINE)

    assert any(definition.search(file.read_text(encoding="utf-8")) for file in files)


@pytest.mark.parametrize(("what", "new", "touched"), TABLE, ids=[r[0] for r in TABLE])
def test_what_could_be_built_is_not_there_but_its_place_is(
    what: str, new: str, touched: str
) -> None:
    """Once a plan has been carried out, its row must go."""
    del what
    for path in PATH.findall(new):
        assert not (ROOT / path).exists()
        assert (ROOT / path).parent.is_dir()
    for path in PATH.findall(touched):
        assert (ROOT / path).exists()


def test_the_table_was_found() -> None:
    """A check that finds no rows would accept any text."""
    assert TABLE
    assert len(NAMED) > 5
    assert all(PATH.findall(new) and PATH.findall(old) for _, new, old in TABLE)
