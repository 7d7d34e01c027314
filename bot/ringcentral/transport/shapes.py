"""Fields of JSON that may have any shape: of the wrong type is as good as missing."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

ID = re.compile(r"[!-~]{1,128}")
"""What an id may be: it goes into addresses and into the database."""


def get(data: Any, name: str) -> Any:
    """Return a field; None if missing."""
    return data.get(name) if isinstance(data, Mapping) else None


def listed(data: Any, name: str) -> list[Any]:
    """Return a field's list; an empty one if missing."""
    value = get(data, name)
    return value if isinstance(value, list) else []


def has_list(body: Any) -> bool:
    """Say whether it is a list's page at all: else it does not say what is not there."""
    return isinstance(get(body, "records"), list)


def text(data: Any, name: str) -> str:
    """Return a field as text: ids come as numbers in places; nothing if missing."""
    value = get(data, name)
    if isinstance(value, str):
        return value if _is_text(value) else ""
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return ""


def inner(data: Any, name: str, field: str) -> str:
    """Return a field of an object in a field, as text; nothing if missing."""
    return text(get(data, name), field)


def named(data: Any) -> str:
    """Return the ``id`` of something; nothing if it can't be one."""
    found = text(data, "id")
    return found if ID.fullmatch(found) else ""


def _is_text(value: str) -> bool:
    """Say whether a database takes it, and whether it can be sent anywhere."""
    if "\0" in value:
        return False
    try:
        value.encode()
    except UnicodeEncodeError:  # half of a surrogate pair
        return False
    return True
