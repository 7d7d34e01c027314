"""How the texts of the rules on calls become their values."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from bot.policy import written
from bot.policy.rules import NO_CAP, Askable, CallCap, Limit, QuietHours, Ruling
from bot.settings import readers
from bot.settings.setting import Malformed

T = TypeVar("T")

_channels = readers.slack_ids("CG")


def throttle(given: str) -> tuple[Limit, ...]:
    """Read how often one number may be called."""
    return _checked(written.throttle, given)


def cap(given: str) -> CallCap:
    """Read upper bounds for each person and for everybody; none for an empty text."""
    return _checked(written.cap, given) if given else NO_CAP


def quiet_hours(given: str) -> QuietHours | None:
    """Read from when until when; None for an empty text."""
    return _checked(written.hours, given) if given else None


def askable(given: str) -> frozenset[Askable]:
    """Read what an admin may be asked for."""
    words = {each.value: each for each in Askable}
    names = [each.strip() for each in given.lower().split(",") if each.strip()]
    if not set(names) <= set(words):
        raise Malformed(f"must hold {', '.join(words)}, with commas between them")
    return frozenset(words[each] for each in names)


def ruling(given: str) -> Ruling:
    """Read ``allow``, ``ask`` or ``refuse``."""
    return Ruling(readers.one_of(*Ruling)(given))


def one_channel(given: str) -> frozenset[str]:
    """Read the id of a channel, or one for each workspace."""
    found = _channels(given)
    workspaces = [each.rpartition(":")[0] for each in found]
    if len(set(workspaces)) < len(found) or ("" in workspaces and len(found) > 1):
        raise Malformed("must name one channel, or one for each workspace")
    return found


def _checked(read: Callable[[str], T], given: str) -> T:
    try:
        return read(given)
    except ValueError as error:
        raise Malformed(str(error)) from None
