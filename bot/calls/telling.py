"""What there is to tell, as values: `bot.slack` finds the words."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from bot.calls.call import Call


class Kind(Enum):
    """The two messages that a call gets; the value is their metadata's event type."""

    CARD = "ringout_card"
    REPLY = "ringout_reply"


class Note(Enum):
    """What a person is told privately about their call."""

    MOVED = "moved"
    """Its card is in their DM: the bot may not post where the command was typed."""
    NO_CALLER = "no caller"
    NO_CARD = "no card"
    NO_TOKEN = "no token"  # noqa: S105 - a note, not a token
    """There is none either, and only who runs the bot can mend that."""


@dataclass(frozen=True, slots=True)
class Shown:
    """What a card shows, by its digest.

    Attributes:
        last: Whether that is how it is to stay.
        covered: Whether an edit whose answer was lost may yet land on top of it.
    """

    digest: str
    last: bool = False
    covered: bool = False


class Verdict(Enum):
    """What became of an intent that was to be stored."""

    NEW = "new"
    REPEATED = "repeated"
    """The same command again: nothing was changed."""
    TOO_MANY = "too many"
    ALREADY_OPEN = "already open"


@dataclass(frozen=True, slots=True)
class Added:
    """An answer of the store; *call* is the new one, or the one in the way."""

    verdict: Verdict
    call: Call


class Cancelled(Enum):
    """What cancelling came to, in the person's terms."""

    NOT_SENT = "not sent"
    """It was still waiting: no phone has rung, and none will."""
    ASKED = "asked"
    """RingCentral was asked; the call's own end will tell."""
    TOO_EARLY = "too early"
    """It is being placed this very moment."""
    TOO_LATE = "too late"
    """Both are connected, or it is over."""
    TROUBLE = "trouble"
    """RingCentral could not be asked."""
