"""The ids of calls."""

from __future__ import annotations

import secrets

ID_LETTERS = "bcdfghjklmnpqrstvwxz"
"""No digits, so that no id looks like a phone number, and no vowels, so that none is a
word."""

ID_LENGTH = 12


def new_id() -> str:
    """Return a call's id: twelve letters, 52 bits."""
    number = secrets.randbelow(len(ID_LETTERS) ** ID_LENGTH)  # one system call
    letters = (
        ID_LETTERS[number // len(ID_LETTERS) ** each % len(ID_LETTERS)]
        for each in range(ID_LENGTH)
    )
    return "".join(letters)
