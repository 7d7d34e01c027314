"""Seals the values of buttons and menus: nobody can read, change or reuse them.

The key comes from secrets that all processes have, so a button works in each of them,
and after a restart.
"""

from __future__ import annotations

import hashlib

from bot.calls.people.person import Person
from bot.user_errors import AccessDenied, AccessRule, OutdatedButton
from bot.vault import Undecryptable, Vault, derived_key

MARK_LENGTH = 12
"""Characters that stand for a person. The rest of an option's 150 is for a number."""


class Seals:
    """Encrypts texts for one person each; *secrets* are the operator's."""

    def __init__(self, *secrets: str) -> None:
        self._vault = Vault([derived_key(*secrets, purpose="button values")])

    def close(self, person: Person, text: str) -> str:
        """Return *text* encrypted, for *person* alone; never the same one twice."""
        return self._vault.encrypt(_mark(person) + text)

    def open(self, person: Person, sealed: str) -> str:
        """Return the text in *sealed*.

        Raises:
            OutdatedButton: It was not sealed with these secrets.
            AccessDenied: It was sealed for somebody else.
        """
        try:
            text = self._vault.decrypt(sealed)
        except (Undecryptable, UnicodeError):
            raise OutdatedButton from None
        if not text:
            raise OutdatedButton
        if text[:MARK_LENGTH] != _mark(person):
            raise AccessDenied(AccessRule.SHOWN)
        return text[MARK_LENGTH:]


def _mark(person: Person) -> str:
    seed = f"{person.space} {person.user}".encode()
    return hashlib.sha256(seed).hexdigest()[:MARK_LENGTH]
