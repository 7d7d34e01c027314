"""What there is to tell people, as values; `bot.slack.texts` has the words."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from bot.calls.aftermath import Aftermath
from bot.calls.call import Call


class Kind(Enum):
    """The two messages of a call; the value is the event type of their metadata."""

    CARD = "ringout_card"
    REPLY = "ringout_reply"


UNTRACED = "untraced"
"""Stored as the ts of a reply that was sent as a private note, which has no ts."""


class Note(Enum):
    """What a person is told privately about their call."""

    MOVED = "moved"
    """Its card is in their DM: the bot may not post where the command was typed."""
    NO_CALLER = "no caller"
    """It was not placed: no phone of theirs can ring first."""
    NO_CARD = "no card"
    """It was not placed: Slack takes no message for it, not even in their DM."""
    NO_TOKEN = "no token"  # noqa: S105 - a note, not a token
    """It was not placed: Slack does not accept the bot's token."""


@dataclass(frozen=True, slots=True)
class Shown:
    """What a card shows, as a digest.

    Attributes:
        last: Whether this is the card's final state.
        edit_in_flight: Whether an edit whose answer was lost may still overwrite it, or
            one of another process.
        edit_lost: Whether that is an edit of this process.
    """

    digest: str
    last: bool = False
    edit_in_flight: bool = False
    edit_lost: bool = False


@dataclass(frozen=True, slots=True)
class Disposed:
    """A call whose outcome somebody has chosen or removed, and what was said before."""

    call: Call
    before: Aftermath


class HungUp(Enum):
    """What came of hanging up a call."""

    ASKED = "asked"
    """RingCentral has taken it; the log tells what became of the call."""
    UNDER_WAY = "under way"
    """It was asked already: by another press, here or in another process."""
    OVER = "over"
    TOO_EARLY = "too early"
    """The callee's phone does not ring yet: the call can be canceled."""
    UNSURE = "unsure"
    """None of the person's sessions is surely this call's: none was touched."""
    CHANGING = "changing"
    """RingCentral says that the session is just being changed: nothing was done."""
    NOT_ALLOWED = "not allowed"
    """The app lacks the permission."""
    MAYBE = "maybe"
    """The answer was lost: it may have been hung up."""
    TROUBLE = "trouble"
    """RingCentral could not be asked: nothing was done."""


class Canceled(Enum):
    """What came of canceling a call."""

    NOT_SENT = "not sent"
    """It was not sent yet: no phone has rung, and none will."""
    ASKED = "asked"
    """RingCentral was asked to stop it; whether it did shows in how the call ends."""
    TOO_EARLY = "too early"
    """It is being placed at this moment."""
    TOO_LATE = "too late"
    """Both are connected, and the app may not hang up."""
    CONNECTED = "connected"
    """Both are connected; the call can be hung up, which is for a person to decide."""
    OVER = "over"
    TROUBLE = "trouble"
    """RingCentral could not be asked."""
