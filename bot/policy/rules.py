"""The rules of one workspace, as values.

The environment's settings are the outer bound: an admin's own rules may only be narrower.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import time
from enum import StrEnum

from bot.calls.numbers.tariff import Tariff


class Ruling(StrEnum):
    """What a rule, or all of them together, say to a wish to call."""

    ALLOW = "allow"
    ASK = "ask"
    """The person is asked privately, and may call once they have pressed *Call*."""
    REFUSE = "refuse"


class Rule(StrEnum):
    """Each rule, by the word that the audit, the policy file and the desk have for it.

    Of several that refuse, the one that stands first here decides.
    """

    EMERGENCY = "emergency"
    PREMIUM = "premium"
    DO_NOT_CALL = "do-not-call"
    PAUSED = "paused"
    USERS = "users"
    CHANNELS = "channels"
    GUESTS = "guests"
    SHARED_CHANNELS = "shared-channels"
    NUMBER_TYPE = "number-type"
    COUNTRY = "country"
    PER_MINUTE = "per-minute"
    THROTTLE = "throttle"
    QUIET_HOURS = "quiet-hours"
    AT_ONCE = "calls-at-once"
    PER_DAY = "calls-per-day"
    MINUTES = "minutes-per-month"
    FIRST_TIME = "first-time"
    FOREIGN = "foreign"
    DOUBT = "doubt"
    """The number may lack a digit, or have one too many (`bot.calls.doubt`)."""


NEVER_OPENED = frozenset({Rule.EMERGENCY, Rule.PREMIUM, Rule.DO_NOT_CALL})
"""Rules that no other rule, no question and no admin's answer can open."""


class Askable(StrEnum):
    """What an admin may be asked to allow once, by the word in ``RINGOUT_ASKABLE``."""

    COUNTRY = "country"
    CAP = "cap"
    QUIET = "quiet"
    FIRST = "first"


OPENED_BY = {
    Rule.COUNTRY: Askable.COUNTRY,
    Rule.AT_ONCE: Askable.CAP,
    Rule.PER_DAY: Askable.CAP,
    Rule.MINUTES: Askable.CAP,
    Rule.QUIET_HOURS: Askable.QUIET,
    Rule.FIRST_TIME: Askable.FIRST,
    Rule.FOREIGN: Askable.FIRST,
}
"""What has to be in ``RINGOUT_ASKABLE`` for an admin to open a rule; the others never are."""


@dataclass(frozen=True, slots=True)
class Limit:
    """At most *most* calls within *seconds*; *ruling* is what is said to one more."""

    most: int
    seconds: int
    ruling: Ruling = Ruling.ASK


@dataclass(frozen=True, slots=True)
class QuietHours:
    """From *begin* until *end* in the callee's local time; *end* may be on the next day."""

    begin: time
    end: time


@dataclass(frozen=True, slots=True)
class CallCap:
    """Upper bounds for one person and for all people of the workspace; None: no bound."""

    person: int | None = None
    everybody: int | None = None


NO_CAP = CallCap()

USUAL_THROTTLE = (
    Limit(1, 60),
    Limit(3, 15 * 60),
    Limit(7, 60 * 60, Ruling.REFUSE),
)
"""A second call to a number within a minute and a fourth within 15 minutes are asked about,
an eighth within an hour is refused."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """Rules for some people or some channels, instead of those for all.

    Where several sections match, the most generous of their values counts, so that their
    order does not matter. None: the section says nothing about it.

    Attributes:
        who: Slack ids of people and user groups (``U…``, ``S…``); empty: everybody.
        where: Slack ids of channels; empty: everywhere.
    """

    who: frozenset[str] = frozenset()
    where: frozenset[str] = frozenset()
    countries: frozenset[str] | None = None
    number_types: frozenset[Tariff] | None = None
    calls_at_once: int | None = None
    calls_per_day: int | None = None
    minutes_per_month: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyRules:
    """All rules of one workspace; the defaults are those of a bot without any setting.

    Ids are Slack's, of people (``U…``) and, for people, of user groups (``S…``), each
    perhaps with its workspace or organization before it (``T1:U1``). An empty set allows
    everyone, or everywhere; of admins and auditors it names nobody.
    """

    users: frozenset[str] = frozenset()
    channels: frozenset[str] = frozenset()
    admins: frozenset[str] = frozenset()
    auditors: frozenset[str] = frozenset()
    guests: bool = False
    shared_channels: bool = True
    """Whether calls may be placed from channels that are shared with another company."""
    countries: frozenset[str] | None = frozenset({"US"})
    """ISO regions; None: all."""
    number_types: frozenset[Tariff] = frozenset()
    calls_per_minute: int = 10
    throttle: tuple[Limit, ...] = USUAL_THROTTLE
    """By number, whoever calls; empty: off."""
    quiet_hours: QuietHours | None = None
    calls_at_once: CallCap = NO_CAP
    calls_per_day: CallCap = NO_CAP
    minutes_per_month: CallCap = NO_CAP
    first_time: Ruling = Ruling.ALLOW
    """What is said to a number that nobody of this workspace has called before."""
    foreign: Ruling = Ruling.ALLOW
    """What is said to a number outside the home region."""
    askable: frozenset[Askable] = frozenset()
    sections: tuple[Section, ...] = ()
    within: PolicyRules | None = None
    """Rules that must allow a call, too: the outer bound of a workspace's own."""
