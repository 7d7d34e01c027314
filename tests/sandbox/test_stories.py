"""The order of the stories in the demo's menu."""

from __future__ import annotations

from itertools import groupby

from bot.sandbox.stories import STORIES
from bot.sandbox.web.deeds import stories


def test_the_menu_is_grouped_with_the_usual_stories_first() -> None:
    """Who tries the product wants to see what happens each day, not the rarest fault."""
    listed = stories()

    assert [group for group, _ in groupby(one["group"] for one in listed)] == [
        "Usual",
        "Unlucky",
        "Faults",
    ]
    assert {one["name"] for one in listed} == set(STORIES)
    assert len(listed) == len(STORIES)
    assert [one["name"] for one in listed][:3] == ["driven", "answered", "named-record"]
