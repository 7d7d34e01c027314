"""A person in Slack, and their settings."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, fields
from enum import StrEnum
from typing import Any


class Shows(StrEnum):
    """Where a person wants to see their calls."""

    CHANNEL = "channel"
    """The card where the command was typed, the result in its thread."""
    PRIVATE = "private"
    """The card where the command was typed, the result in their DM."""
    DM = "dm"
    """Both in their DM."""


@dataclass(frozen=True, slots=True)
class Person:
    """Who somebody is: another workspace may have the same user id for somebody else."""

    enterprise: str
    team: str
    user: str

    @property
    def space(self) -> str:
        """Their organization, or their workspace if it belongs to none."""
        return self.enterprise or self.team

    def is_also(self, other: Person) -> bool:
        """Return whether *other* is the same person.

        In an organization they have one id, whichever of its workspaces they are in.
        """
        return (self.space, self.user) == (other.space, other.user)


@dataclass(frozen=True, slots=True)
class Preferences:
    """A person's settings; what is empty or None is up to RingCentral or the bot.

    Attributes:
        first: The phone of theirs that rings first, in E.164.
        caller_id: The number of theirs that others see, in E.164.
        prompt: Whether they press 1 before the other party is called. None: only if the
            phone may be a mobile, because its voicemail would talk to the other party.
        region: Their home, an ISO region, for numbers without a country code.
        missed_since: Since when they want to be told of missed calls, in seconds since the
            epoch; 0 if they don't.
    """

    first: str = ""
    caller_id: str = ""
    prompt: bool | None = None
    region: str = ""
    shows: Shows = Shows.CHANNEL
    missed_since: float = 0.0

    def dump(self) -> str:
        """Return the settings as the database stores them."""
        return json.dumps(asdict(self))

    @classmethod
    def load(cls, text: str) -> Preferences:
        """Return the settings that `dump` wrote, in this version or another."""
        try:
            data: dict[str, Any] = json.loads(text or "{}")
        except ValueError:
            return cls()
        known = {each.name for each in fields(cls)}
        kept = {name: value for name, value in data.items() if name in known}
        shows = kept.get("shows")
        kept["shows"] = Shows(shows) if shows in set(Shows) else Shows.CHANNEL
        return cls(**kept)
