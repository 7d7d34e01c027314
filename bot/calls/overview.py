"""What a person is shown of their own account: what to choose, what is, how it ended."""

from __future__ import annotations

from dataclasses import dataclass

from bot.calls.call import Call
from bot.calls.person import Preferences
from bot.calls.phones import Phone


@dataclass(frozen=True, slots=True)
class Sheet:
    """What a person can choose from, and has chosen; *region* is the operator's."""

    phones: tuple[Phone, ...]
    chosen: Preferences
    region: str


@dataclass(frozen=True, slots=True)
class Overview:
    """What a Home shows.

    Attributes:
        name: Whose account their calls run by; empty for the shared one.
        connected: Whether it is an account of their own.
        ended: Whether theirs was connected once, and has to be again.
        can_call: Whether there is any account to call by.
        can_connect: Whether people can connect accounts here at all.
        first: The phone that rings first, as a person calls it.
    """

    name: str
    connected: bool
    ended: bool
    can_call: bool
    can_connect: bool
    first: str
    open_calls: tuple[Call, ...]
    last_calls: tuple[Call, ...]


@dataclass(frozen=True, slots=True)
class Goodbye:
    """How a person's connection ended.

    Attributes:
        is_over: Whether RingCentral has said that the session has ended.
        is_tried: Whether it is told again until it does; not where no key reads the token.
        by_credential: Whether they had pasted a JWT credential: that stays good.
    """

    is_over: bool
    is_tried: bool
    by_credential: bool
