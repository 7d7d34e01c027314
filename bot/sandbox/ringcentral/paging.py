"""The pages in which RingCentral answers every list."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from urllib.parse import urlencode

from bot.sandbox.ringcentral.answers import Ask, Json, Reply, invalid

LARGEST_PAGE = 1000
"""The most records on a page; a larger ``perPage`` is lowered to it."""


def page_of(ask: Ask, records: Sequence[Json], *, longest: int = LARGEST_PAGE) -> Reply:
    """Return the requested page of *records*, with links to other pages.

    It has no totals; RingCentral mostly omits them.
    """
    page = _number(ask, "page", 1)
    per_page = _number(ask, "perPage", 100)
    if page is None:
        return invalid("page")
    if per_page is None:
        return invalid("perPage")
    size = min(per_page, longest)
    start = (page - 1) * size
    here = list(records[start : start + size])
    paging: Json = {"page": page, "perPage": size}
    if here:
        paging |= {"pageStart": start, "pageEnd": start + len(here) - 1}
    navigation = {"firstPage": {"uri": _uri(ask, page=1, perPage=size)}}
    if start + size < len(records):
        navigation["nextPage"] = {"uri": _uri(ask, page=page + 1, perPage=size)}
    if page > 1:
        navigation["previousPage"] = {"uri": _uri(ask, page=page - 1, perPage=size)}
    return Reply(
        body={
            "uri": _uri(ask, page=page, perPage=size),
            "records": here,
            "paging": paging,
            "navigation": navigation,
        }
    )


def _number(ask: Ask, name: str, default: int) -> int | None:
    """Return a parameter as an integer from 1; None if it is invalid."""
    text = ask.seen.first(name)
    if not text:
        return default
    if text == "max" and name == "perPage":
        return LARGEST_PAGE
    return int(text) if text.isascii() and text.isdigit() and int(text) > 0 else None


def _uri(ask: Ask, **changes: int) -> str:
    query: Mapping[str, object] = {**ask.seen.query, **changes}
    return f"{ask.base}{ask.seen.path}?{urlencode(query, doseq=True)}"
