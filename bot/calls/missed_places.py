"""Who is told of missed calls, by the operator's setting."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

ANY_EXTENSION = "*"


@dataclass(frozen=True, slots=True)
class MissedPlaces:
    """Channels by the extension that was called, and whether people may be told in DMs."""

    by_extension: Mapping[str, str] = field(default_factory=dict)
    lets_people: bool = False

    @property
    def are_any(self) -> bool:
        """Whether anybody is told."""
        return bool(self.by_extension) or self.lets_people

    def of(self, called: str, own: str = "") -> str:
        """Return the channel of a call; empty if none is told.

        *called* is the extension that was called, *own* that of the account itself, if
        they are known.
        """
        for each in (called, own, ANY_EXTENSION):
            if each and each in self.by_extension:
                return self.by_extension[each]
        return ""


NOBODY_TOLD = MissedPlaces()
