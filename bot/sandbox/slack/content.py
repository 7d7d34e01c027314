"""Slack's checks of texts, blocks and metadata.

They cover the refusals that a bot has to handle. Exact schemas are left to the
validators that a test can plug in.
"""

from __future__ import annotations

import copy
import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from bot.sandbox.slack.answers import Args, Json, Problem
from bot.sandbox.slack.element_rules import row_faults
from bot.sandbox.slack.inputs import VALUE_FIELDS
from bot.sandbox.slack.rules import Rules

MOST_BLOCKS, MOST_IN_VIEW = 50, 100
MOST_ROWS = 100
MOST_CELLS = 20
MOST_TABLE_CHARACTERS = 10_000
LONGEST_SECTION = 3_000
LONGEST_CHART_TITLE, LONGEST_CHART_LABEL = 50, 20
MOST_SERIES, MOST_POINTS = 6, 20
INTERACTIVE = {"button", "overflow", *VALUE_FIELDS}
"""Interactive elements. Slack adds an ``action_id`` to those without one."""
METADATA_KEYS = {"event_type", "event_payload", "entities"}


@dataclass(frozen=True, slots=True)
class Content:
    """A checked text and blocks. `has_blocks`: blocks were sent, maybe an empty list."""

    text: str
    blocks: Sequence[Json]
    has_blocks: bool


@dataclass(slots=True)
class Checker:
    """Raises `Problem` for content that Slack refuses."""

    rules: Rules
    _numbers: itertools.count[int] = field(default_factory=lambda: itertools.count(1))

    def content(self, args: Args, longest: int | None = None) -> Content:
        """Return a message's text and blocks.

        Raises:
            Problem: ``no_text``, ``msg_too_long``, ``invalid_blocks`` and so on.
        """
        text = args.text("text") or args.text("markdown_text")
        given = args.value("blocks")
        blocks = self.blocks(given)
        if not text and not blocks and not args.value("attachments"):
            raise Problem("no_text")
        if len(text) > (longest or self.rules.longest_text):
            raise Problem("msg_too_long")
        return Content(text, blocks, given is not None)

    def blocks(self, given: Any, *, of_view: bool = False) -> list[Json]:
        """Return checked blocks as Slack stores them, with ids for those without one.

        A view may have more blocks than a message, and another error word.
        """
        try:
            return self._stored(given, MOST_IN_VIEW if of_view else MOST_BLOCKS)
        except Problem as problem:
            if not of_view:
                raise
            raise problem.in_view() from None

    def _stored(self, given: Any, most: int) -> list[Json]:
        if given is None or given == "":
            return []
        if isinstance(given, str) or not _are_blocks(given):
            raise Problem("invalid_blocks_format")
        if len(given) > most:
            raise _invalid(f"no more than {most} items allowed", "/blocks")
        stored = copy.deepcopy(list(given))
        for at, block in enumerate(stored):
            self._check(block, f"/blocks/{at}")
            block.setdefault("block_id", f"B{next(self._numbers):04d}")
            inside = [*(block.get("elements") or ()), block.get("accessory")]
            for element in [*inside, block.get("element")]:
                if isinstance(element, dict) and element.get("type") in INTERACTIVE:
                    element.setdefault("action_id", f"A{next(self._numbers):04d}")
        ids = [block["block_id"] for block in stored]
        if len(set(ids)) < len(ids):
            raise _invalid("`block_id` values must be unique", "/blocks")
        return stored

    def _check(self, block: Json, where: str) -> None:
        kind = block["type"]
        if kind in self.rules.unsupported_blocks:
            raise _invalid(f"unsupported type: {kind}", f"{where}/type")
        if kind == "section":
            text = (block.get("text") or {}).get("text", "")
            if len(text) > LONGEST_SECTION:
                raise _invalid("must be less than 3001 characters", f"{where}/text")
        if kind in ("table", "data_table"):
            _check_rows(block.get("rows") or [], f"{where}/rows")
        if kind == "data_table":
            _check_data_table(block, where)
        if kind == "data_visualization":
            _check_chart(block, where)
        for message, pointer in row_faults(block, where):
            raise _invalid(message, pointer)


def _check_rows(rows: list[list[Json]], where: str) -> None:
    if not rows or len(rows) > MOST_ROWS or max(map(len, rows)) > MOST_CELLS:
        raise _invalid("invalid number of rows or cells", where)
    if sum(map(len, _texts(rows))) > MOST_TABLE_CHARACTERS:
        raise _invalid("too many characters", where)


def _check_data_table(block: Json, where: str) -> None:
    head, *rows = block["rows"]
    if any(len(row) != len(head) for row in rows):
        raise _invalid("rows must have equal lengths", f"{where}/rows")
    if any(cell.get("type") not in ("raw_text", "raw_number") for cell in head):
        raise _invalid("the header takes raw cells only", f"{where}/rows/0")
    if not block.get("caption"):
        raise _invalid("missing required field: caption", f"{where}/caption")
    if not 1 <= block.get("page_size", 5) <= MOST_ROWS:
        raise _invalid("must be between 1 and 100", f"{where}/page_size")


def _check_chart(block: Json, where: str) -> None:
    """Check a chart with axes. Source: Slack docs, "Data visualization block"."""
    chart = block.get("chart") or {}
    series = chart.get("series") or []
    categories = (chart.get("axis_config") or {}).get("categories") or []
    points = [[each.get("label") for each in one.get("data") or []] for one in series]
    names = [one.get("name") for one in series]
    if not 1 <= len(block.get("title") or "") <= LONGEST_CHART_TITLE:
        raise _invalid("invalid title", f"{where}/title")
    if not 1 <= len(series) <= MOST_SERIES or len(set(names)) < len(names):
        raise _invalid("invalid series", f"{where}/chart/series")
    if not 1 <= len(categories) <= MOST_POINTS or any(p != categories for p in points):
        raise _invalid("labels must be the categories", f"{where}/chart/series")
    if any(len(each) > LONGEST_CHART_LABEL for each in (*categories, *names)):
        raise _invalid("too long a label", f"{where}/chart")


def metadata(args: Args) -> Json | None:
    """Return the checked metadata; None if none was sent, empty to remove it."""
    given = args.value("metadata")
    if given is None or given == "":
        return None
    if given == {}:
        return {}
    if (
        not isinstance(given, dict)
        or not set(given) <= METADATA_KEYS
        or not isinstance(given.get("event_type"), str)
        or not isinstance(given.get("event_payload"), dict)
    ):
        raise Problem("invalid_metadata_format")
    return given


def _are_blocks(given: Any) -> bool:
    return isinstance(given, list) and all(
        isinstance(one, dict) and isinstance(one.get("type"), str) for one in given
    )


def _texts(value: Any) -> list[str]:
    """Return all strings in a block, at any depth, but no types."""
    if isinstance(value, dict):
        value = [one for key, one in value.items() if key != "type"]
    if isinstance(value, list):
        return [text for one in value for text in _texts(one)]
    return [value] if isinstance(value, str) else []


def _invalid(message: str, pointer: str) -> Problem:
    return Problem.invalid("invalid_blocks", f"{message} [json-pointer:{pointer}]")
