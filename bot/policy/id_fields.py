"""Who may call, and where: Slack ids in the desk's forms and in the policy file."""

from __future__ import annotations

import re

NAMED_ID_FORM = r"(?:[TE][A-Z0-9]{{1,30}}:)?[{letters}][A-Z0-9]{{1,30}}"
WHO_LETTERS, WHERE_LETTERS = "UWS", "CGD"
"""First letters of the ids of people and user groups, and of those of channels."""

MOST_IDS = 1_000


def people_in(text: str) -> frozenset[str]:
    """Read ids of people and user groups; raise ValueError."""
    return _ids(text, WHO_LETTERS)


def channels_in(text: str) -> frozenset[str]:
    """Read ids of channels; raise ValueError."""
    return _ids(text, WHERE_LETTERS)


def ids_text(ids: frozenset[str]) -> str:
    """Write ids so that they are read as the same ones."""
    return ", ".join(sorted(ids))


def is_within(outer: frozenset[str], own: frozenset[str]) -> bool:
    """Return whether *own* may name no more than *outer*, of which empty ones name all.

    Who is in a group is not known here: beside one, *own* may name anybody, and the gate
    goes by both.
    """
    if not outer or not own:
        return not outer
    named = {plain_id(each) for each in outer}
    return any(map(_is_group, named)) or {plain_id(each) for each in own} <= named


def is_locked(outer: frozenset[str]) -> bool:
    """Return whether nothing is left to choose."""
    return len(outer) == 1 and not any(_is_group(plain_id(each)) for each in outer)


def plain_id(one: str) -> str:
    """Return an id without the workspace or organization before it."""
    return one.rpartition(":")[2]


def _is_group(one: str) -> bool:
    return one.startswith("S")


def _ids(text: str, letters: str) -> frozenset[str]:
    form = re.compile(NAMED_ID_FORM.format(letters=letters), re.ASCII)
    found = frozenset(each.upper() for each in re.split(r"[\s,;]+", text) if each)
    if len(found) > MOST_IDS or not all(map(form.fullmatch, found)):
        raise ValueError
    return found
