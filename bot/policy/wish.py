"""What somebody wants to call, and what is known of it: all that the rules look at."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from bot.calls.call import Place
from bot.calls.numbers.phone import PhoneNumber
from bot.policy.rules import Rule


class CallEntrance(StrEnum):
    """By which way a wish came in."""

    COMMAND = "command"
    AGAIN = "again"
    """``/ringout again`` and *Call again*."""
    BUTTON = "button"
    """*Call* in a question, *Call anyway*, *Call* in a list."""
    MESSAGE = "message shortcut"
    DIALER = "dialer"
    MENTION = "mention"
    STEP = "workflow step"
    CALL_BACK = "call back"
    REMINDER = "reminder"
    TEST_CALL = "test call"
    CHECK = "check"
    """``/ringout check``: nothing is dialed."""


class Fact(StrEnum):
    """What Slack alone knows of a wish: it is asked only where a rule looks at it.

    The values are names of `Wish`'s fields.
    """

    GUEST = "is_guest"
    SHARED = "is_shared"
    ZONE = "zone"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """Somebody wants to call a number.

    Attributes:
        place: Who wants it, and in which channel.
        groups: The Slack user groups (``S…``) that the person is in.
        number: Whom they want to call.
        region: The home region of the person.
        is_guest: Whether Slack says that the person is one; None: it was not asked.
        is_shared: Whether the channel is shared with another company; None: as above.
        is_company: Whether the number is the company's own: neither the throttle nor quiet
            hours count for it.
        colleague: The Slack id of whose direct number it is, by the database; the throttle
            does not count for it.
        called: The Slack id of whom the person called by name. A button may be forged, so
            it counts only if that person's profile has the number.
        zone: The colleague's time zone as Slack says it, empty if it doesn't; None: it was
            not asked.
        answered: Rules about which the person was asked, and pressed *Call*.
        grant: The id of an admin's answer, as the person's client sent it back.
        granted: Rules that an admin has opened for this person, number and moment: the
            store reads them by *grant* in the transaction of the call.
    """

    place: Place
    entrance: CallEntrance
    number: PhoneNumber
    region: str = "US"
    groups: frozenset[str] = frozenset()
    is_guest: bool | None = False
    is_shared: bool | None = False
    is_company: bool = False
    colleague: str = ""
    called: str = ""
    zone: str | None = ""
    answered: frozenset[Rule] = frozenset()
    grant: str = ""
    granted: frozenset[Rule] = frozenset()

    @property
    def is_exempt(self) -> bool:
        """Whether the throttle does not count for the number."""
        return self.is_company or bool(self.colleague)


@dataclass(frozen=True, slots=True)
class FactsNeeded:
    """No decision yet: rules look at *facts*, about which Slack has to be asked.

    *wish* is what was to be judged, with what the database knows of it.
    """

    facts: frozenset[Fact]
    wish: Wish


@dataclass(frozen=True, slots=True, kw_only=True)
class Pause:
    """Who has paused the workspace's calls, since when, and why."""

    by: str
    since: datetime
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Earlier:
    """An earlier call to the same number, whoever of the workspace placed it."""

    at: datetime
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DoNotCall:
    """An entry of the do-not-call list: a whole number or a prefix, in E.164."""

    digits: str = field(repr=False)
    is_prefix: bool = False
    reason: str = ""
    by: str = ""
    added_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """What the database says at the moment of the decision, in its transaction.

    Attributes:
        pause: Set while the workspace's calls are paused.
        do_not_call: The entry that covers the number, the most exact one.
        earlier: Calls to the number within the throttle's longest time, the newest first,
            without those that never got past their placer's own phone.
        is_known: Whether somebody of the workspace has called the number before.
        last_minute: Calls that the person asked for within a minute.
        open_person, open_everybody: Calls that may be going on.
        day_person, day_everybody: Calls asked for since midnight (UTC).
        month_person, month_everybody: Seconds of talk in this month (UTC), with what is
            reserved for calls whose record is not read yet.
    """

    pause: Pause | None = None
    do_not_call: DoNotCall | None = None
    earlier: tuple[Earlier, ...] = ()
    is_known: bool = False
    last_minute: int = 0
    open_person: int = 0
    open_everybody: int = 0
    day_person: int = 0
    day_everybody: int = 0
    month_person: int = 0
    month_everybody: int = 0
