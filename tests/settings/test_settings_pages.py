"""What the docs and .env.example say of the settings is what the code does."""

from __future__ import annotations

import io

from dotenv import dotenv_values

import settings_pages
from bot.settings import reading, settings
from bot.settings.sources import NOT_FILLED_IN

MAKE = "uv run python tests/support/settings_pages.py"


def test_the_docs_and_the_example_are_made_from_the_rows() -> None:
    """Operators rely on the docs for every setting and its default."""
    page = settings_pages.page().read_text("utf-8")
    found = settings_pages.BLOCK.search(page)

    assert found is not None
    assert found[0] == settings_pages.table(), f"run: {MAKE}"
    example = settings_pages.EXAMPLE.read_text("utf-8")
    assert example == settings_pages.example(), f"run: {MAKE}"


def test_every_row_is_written_once() -> None:
    """In the table, and in the file to fill in."""
    assert list(settings_pages.HELPS) == list(settings.NAMES)
    for name in settings.NAMES:
        assert settings_pages.table().count(f"\n| `{name}` |") == 1
        assert settings_pages.example().count(f"{name}=") == 1


def test_the_example_has_to_be_filled_in() -> None:
    """Copied as it is, it must not look complete."""
    example = dotenv_values(stream=io.StringIO(settings_pages.example()))

    assert set(example.values()) <= NOT_FILLED_IN
    assert len(example) == 5


def test_what_is_commented_out_is_well_formed() -> None:
    """People take the comment sign away and leave the value."""
    lines = settings_pages.example().splitlines()
    shown = "\n".join(each.removeprefix("# ") for each in lines if "=" in each)
    values = dotenv_values(stream=io.StringIO(shown))
    env = {name: text for name, text in values.items() if text not in NOT_FILLED_IN}

    reading.read_only({name: text or "" for name, text in env.items()}, list(env))
