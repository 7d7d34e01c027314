"""Whom people are told to ask: ``RINGOUT_ADMIN_CONTACT``, or "your RingOut admin"."""

from __future__ import annotations

import re
from dataclasses import dataclass

from bot.slack.texts.text import escape

UNNAMED = "your RingOut admin"
OPENLY = "the RingOut admin"
"""What a channel reads, where a mention would call the admin at each failed call."""

CONTACT_ID = re.compile(r"[UWSCG](?=[A-Z]*[0-9])[A-Z0-9]+")
"""A person, a user group or a channel. Words in capitals have no digit."""


@dataclass(frozen=True, slots=True)
class Contact:
    """A Slack id, words, or nothing: *given* is cleaned, and not escaped.

    A mention in a private answer notifies nobody.
    """

    given: str = ""

    @property
    def ask(self) -> str:
        """The last sentence of an answer that only an admin can help with, in mrkdwn."""
        return f"Ask {self._in}{self._shown}."

    @property
    def ask_plainly(self) -> str:
        """The same where no mention is shown: under an input, and in a browser."""
        return f"Ask {self._words}."

    @property
    def ask_openly(self) -> str:
        """The same where others read it: words, or a channel, and no mention of a person."""
        is_quiet = self._in or not self._is_id
        return self.ask if self.given and is_quiet else f"Ask {OPENLY}."

    def give(self, code: str) -> str:
        """Ask the person to pass *code* on, by which the admin finds the log's line."""
        if self._in:
            return f"Send this code to {self._shown}: `{code}`."
        return f"Give {self._shown} this code: `{code}`."

    @property
    def _is_id(self) -> bool:
        return CONTACT_ID.fullmatch(self.given) is not None

    @property
    def _in(self) -> str:
        return "in " if self._is_id and self.given[0] in "CG" else ""

    @property
    def _words(self) -> str:
        return UNNAMED if self._is_id else self.given or UNNAMED

    @property
    def _shown(self) -> str:
        if not self._is_id:
            return escape(self._words)
        marks = {"S": "!subteam^", "C": "#", "G": "#"}
        return f"<{marks.get(self.given[0], '@')}{self.given}>"


NO_CONTACT = Contact()
"""Where the operator has named nobody."""
