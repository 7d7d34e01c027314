"""What a person is shown of their own account: settings, Home, how it was disconnected."""

from __future__ import annotations

from dataclasses import dataclass, field

from bot.calls.call import Call
from bot.calls.people.person import Preferences
from bot.calls.people.phones import Phone
from bot.calls.reminding import Reminder


@dataclass(frozen=True, slots=True)
class Sheet:
    """What a person can choose from, and has chosen; *region* is the operator's.

    *default* rings first if they choose nothing; None if that is not known yet.
    *can_be_told*: of calls that they miss.
    """

    phones: tuple[Phone, ...]
    chosen: Preferences
    region: str
    default: Phone | None = None
    can_be_told: bool = False


@dataclass(frozen=True, slots=True)
class ToDo:
    """What is left to do after calls, for one person's Home.

    Attributes:
        reminders: Their reminders, each with its call, the soonest first.
        follow_ups: Calls to call back, those that they have taken on and open ones, each
            with whether they placed it.
    """

    reminders: tuple[tuple[Reminder, Call], ...] = ()
    follow_ups: tuple[tuple[Call, bool], ...] = ()


NOTHING_TO_DO = ToDo()


@dataclass(frozen=True, slots=True)
class Overview:
    """What a Home shows.

    Attributes:
        name: The owner of the account that they call with; empty for the shared one.
        connected: Whether it is their own account.
        ended: Whether they had connected one whose sign-in has ended.
        can_call: Whether there is any account that they can call with.
        can_connect: Whether people can connect accounts here at all.
        first: The phone that rings first: its label and number.
        ended_why: RingCentral's code for why that sign-in has ended, if it gave one.
        to_do: What they, or others, have still to do after calls.
    """

    name: str
    connected: bool
    ended: bool
    can_call: bool
    can_connect: bool
    first: str
    open_calls: tuple[Call, ...]
    last_calls: tuple[Call, ...]
    ended_why: str = ""
    to_do: ToDo = NOTHING_TO_DO


@dataclass(frozen=True, slots=True)
class SignInLink:
    """The address where a person signs in, and the id of the form in Slack that shows it."""

    url: str = field(repr=False)
    form: str


@dataclass(frozen=True, slots=True)
class DisconnectResult:
    """How a person's connection ended.

    Attributes:
        is_revoked: Whether RingCentral has said that the session has ended.
        is_retried: Whether it is told again until it does; not where no key reads the token.
        by_credential: Whether they had pasted a JWT credential: that stays good.
    """

    is_revoked: bool
    is_retried: bool
    by_credential: bool
