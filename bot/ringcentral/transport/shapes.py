"""Reads fields of JSON that may have any shape. A wrong type counts as missing."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

ID_FORM = re.compile(r"[!-~]{1,128}")
"""What an id may look like: it goes into URLs and into the database."""

MOST_IN_LIST = 1000
"""The longest list that is read. No page that is asked for is longer; half a million
records, of a server in trouble, would stop everything for seconds."""


def get(data: Any, name: str) -> Any:
    """Return a field, or None."""
    return data.get(name) if isinstance(data, Mapping) else None


def listed(data: Any, name: str) -> list[Any]:
    """Return a field that is a list, or an empty list; no more than `MOST_IN_LIST` of it."""
    value = get(data, name)
    return value[:MOST_IN_LIST] if isinstance(value, list) else []


def has_list(body: Any) -> bool:
    """Return whether *body* is a page of a list.

    If it is not, nothing may be concluded from what it does not contain.
    """
    return isinstance(get(body, "records"), list)


def text(data: Any, name: str) -> str:
    """Return a field as text, or an empty text. RingCentral sends some ids as numbers."""
    value = get(data, name)
    if isinstance(value, str):
        return value if _is_text(value) else ""
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return ""


def inner(data: Any, name: str, field: str) -> str:
    """Return *field* of the object in field *name*, as text, or an empty text."""
    return text(get(data, name), field)


def named(data: Any) -> str:
    """Return the ``id`` of an object; empty if it is not fit to be one."""
    found = text(data, "id")
    return found if ID_FORM.fullmatch(found) else ""


def _is_text(value: str) -> bool:
    """Return whether *value* can be stored in a database and encoded as UTF-8."""
    if "\0" in value:
        return False
    try:
        value.encode()
    except UnicodeEncodeError:  # half of a surrogate pair
        return False
    return True
