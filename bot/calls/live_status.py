"""What RingCentral's three live words say: over, failed, connected.

Source: RingCentral developer guide, "Making Calls Using RingOut".
"""

from __future__ import annotations

from bot.calls.call import Status

LONGEST_NOTE = 200
"""Characters of a line of a call's history: the database's column holds no more."""

FINAL_WORDS = frozenset(
    word.lower()
    for word in (
        "Busy",
        "NoAnswer",
        "Rejected",
        "GenericError",
        "Error",
        "Finished",
        "InternationalDisabled",
        "NoAnsweringMachine",
        "DestinationBlocked",
        "NotEnoughFunds",
        "NoSuchUser",
        "CannotReach",
        "RingOutFromThisNumberIsNotSupported",
    )
)
"""If the call or a side has one of these live words, the call is over.

``Invalid`` is not among them: it stands for an internal failure at RingCentral, which a
later status may correct.
"""

FINISHED = "finished"
"""The one of them that is no failure: somebody hung up."""


def is_over(status: Status) -> bool:
    """Whether *status* is final, though RingCentral still shows it."""
    return any(is_final_word(word) for word in _words(status))


def is_final_word(word: str) -> bool:
    """Whether *word*, said of the call or of one side, means that the call is over."""
    return word.lower() in FINAL_WORDS


def has_failed(status: Status | None) -> bool:
    """Whether *status* says that the call did not get through."""
    return status is not None and bool(failing(status))


def has_missed(status: Status) -> bool:
    """Whether *status* says that the callee was not reached, and nothing against it."""
    return has_failed(status) and status.callee.lower() not in {"success", FINISHED}


def failing(status: Status) -> set[str]:
    """Return the words of *status*, in lower case, by which the call has failed."""
    said = {word.lower() for word in _words(status)}
    return (said & FINAL_WORDS) - {FINISHED}


def _words(status: Status) -> tuple[str, str, str]:
    return status.call, status.caller, status.callee


def is_gone(status: Status) -> bool:
    """Whether *status* is ``NoSessionFound``, which means the same as a 404."""
    return any(word.lower() == "nosessionfound" for word in _words(status))


def is_connected(status: Status) -> bool:
    """Whether both sides are connected.

    ``calleeStatus: Success`` alone does not prove it: it has been seen on a call that
    never reached the callee (ringcentral-js, issue 12).
    """
    return all(word.lower() == "success" for word in _words(status))


def is_answered_by_caller(status: Status) -> bool:
    """Whether the phone that rings first is picked up, so that the other may ring."""
    return status.caller.lower() in {"success", FINISHED}


def status_note(before: Status | None, status: Status) -> str:
    """Return the line for a call's history about a status; empty if it has not changed."""
    if status == before:
        return ""
    words = (text or "-" for text in (status.call, status.caller, status.callee))
    return f"status {' / '.join(words)}"[:LONGEST_NOTE]
