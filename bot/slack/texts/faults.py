"""What a person is told when the bot fails them: true for whatever they asked for.

Only who wanted to call is told about a call, and that none was placed only where that is
certain. After ``Cancel`` a call is going on.
"""

from __future__ import annotations

from enum import Enum

from bot.slack.texts.contact import Contact
from bot.slack.texts.text import Message


class Wanted(Enum):
    """What somebody asked for, as far as it matters when that fails."""

    CALL = "call"
    STOP = "stop"
    OTHER = "other"


NOT_STORED = {
    Wanted.CALL: "I can't save anything right now, so no call was placed. Try again in a "
    "minute.",
    Wanted.STOP: "I can't tell whether the call was stopped. To end it, hang up your "
    "phone.",
    Wanted.OTHER: "I can't do that right now. Try again in a minute.",
}

TOO_SLOW = NOT_STORED | {
    Wanted.CALL: "I can't tell whether your call was placed. Look for its card before "
    "you call again.",
}
"""A transaction that is under way when one stops waiting for it may still be committed."""

OUR_FAULT = {
    Wanted.CALL: "Something went wrong. Look for a card of your call before you call "
    "again.",
    Wanted.STOP: "Something went wrong. To end the call, hang up your phone.",
    Wanted.OTHER: "Something went wrong.",
}
"""A call may have been stored before the fault."""


def no_store(wanted: Wanted) -> Message:
    """Say that the database can't be read or written, so nothing was done."""
    return Message(NOT_STORED[wanted])


def too_slow(wanted: Wanted) -> Message:
    """Say that an answer was not waited for, so that it isn't known what was done."""
    return Message(TOO_SLOW[wanted])


def our_fault(wanted: Wanted, reference: str, contact: Contact) -> Message:
    """Admit a fault of the bot; *reference* leads to its line in the log."""
    return Message(f"{OUR_FAULT[wanted]} {contact.give(reference)}")


def restarting() -> Message:
    """Tell somebody who asked for something else than a call that the bot restarts."""
    return Message("I'm restarting. Try again in half a minute.")


def not_installed(wanted: Wanted, url: str) -> Message:
    """Say that the app is not installed in this workspace; *url* is its install page."""
    where = f": {url}" if url else "."
    so = ", so no call was placed" if wanted is Wanted.CALL else ""
    return Message(
        f"RingOut isn't installed in this workspace{' yet' if so else ''}{so}. Someone "
        f"who can add apps can install it{where}"
    )
