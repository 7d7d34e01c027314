"""Who may use the bot, where, and what may be dialed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from bot.calls.call import Place
from bot.calls.numbers.phone import PhoneNumber, parse, permit
from bot.calls.numbers.tariff import Tariff
from bot.policy.rules import Askable, PolicyRules
from bot.settings.outer_bound import rules_of
from bot.settings.settings import Settings
from bot.user_errors import AccessDenied, AccessRule

GroupsOf = Callable[[Place], frozenset[str]]
"""Returns the Slack user groups (``S…``) that a person is in, as far as is known."""


def in_no_group(_: Place) -> frozenset[str]:
    """Return none: no rule names a group."""
    return frozenset()


@dataclass(frozen=True, slots=True)
class Policy:
    """The operator's rules; empty sets allow everyone, everywhere.

    An id may have its workspace (``T1:U1``) or organization (``E1:U1``) before it,
    because another workspace may have the same id. The id of a user group (``S1``) stands
    for the people in it.
    """

    users: frozenset[str] = frozenset()
    channels: frozenset[str] = frozenset()
    admins: frozenset[str] = frozenset()
    auditors: frozenset[str] = frozenset()
    """Who may read who did what, and change nothing."""
    region: str = "US"
    countries: frozenset[str] | None = frozenset({"US"})
    tariffs: frozenset[Tariff] = frozenset()
    """Kinds of numbers that cost more and may be called all the same."""
    calls_per_minute: int = 10
    full_numbers: bool = False
    """Whether messages may show whole phone numbers."""
    admin_channels: frozenset[str] = frozenset()
    """Where admins are asked to allow a call: one channel, or one for each workspace."""
    groups_of: GroupsOf = in_no_group
    gate: PolicyRules | None = None
    """All rules on calls, which a workspace's own narrow; None: those above alone."""

    @property
    def bounds(self) -> PolicyRules:
        """The operator's rules, as the gate takes them: the same object each time."""
        return self.gate or _bounds(self)

    def check(self, place: Place) -> None:
        """Raise `AccessDenied` unless this person may use the bot in this channel."""
        self.check_user(place)
        if self.channels and not _is_in(self.channels, place, place.channel):
            raise AccessDenied(AccessRule.CHANNELS)

    def check_user(self, place: Place) -> None:
        """Raise `AccessDenied` unless this person may use the bot, in any channel."""
        if self.users and not self._names(self.users, place):
            raise AccessDenied(AccessRule.USERS)

    def check_admin(self, place: Place) -> None:
        """Raise `AccessDenied` unless this person may read the company's call log."""
        self.check(place)
        if not self.is_admin(place):
            raise AccessDenied(AccessRule.ADMINS)

    def check_desk(self, place: Place) -> None:
        """Raise `AccessDenied` unless this person is an admin, in any channel.

        Also if the rules don't let admins call: who may pause calls must be able to.
        """
        if not self.is_admin(place):
            raise AccessDenied(AccessRule.DESK)

    def check_auditor(self, place: Place) -> None:
        """Raise `AccessDenied` unless this person may read who did what, in any channel."""
        if not (self.is_admin(place) or self._names(self.auditors, place)):
            raise AccessDenied(AccessRule.AUDIT)

    def admin_channel(self, place: Place) -> str:
        """Return where the admins of a workspace are asked; empty if nobody can ask there."""
        if not self.admins:
            return ""
        forms = ("", f"{place.team}:", f"{place.enterprise}:")
        named = (each.rpartition(":") for each in sorted(self.admin_channels))
        return next((id_ for of, colon, id_ in named if of + colon in forms), "")

    def sees_all_numbers(self, place: Place) -> bool:
        """Return whether this person may see numbers of others' calls whole."""
        return self.full_numbers or self.is_admin(place)

    def is_admin(self, place: Place) -> bool:
        """Return whether this person is among the operator's admins."""
        return self._names(self.admins, place)

    def number(self, text: str, region: str = "") -> PhoneNumber:
        """Return the number in *text*; raise `UserError` if it must not be dialed.

        *region* is the person's home if they have chosen one. A country that an admin may
        open for one call is left to the gate.
        """
        return self._permitted(
            text, region, None if self._opens_countries else self.countries
        )

    def first_number(self, text: str, region: str) -> PhoneNumber:
        """Return the number in *text*, which rings first: no admin opens a country for it."""
        return self._permitted(text, region, self.countries)

    @property
    def _opens_countries(self) -> bool:
        is_askable = Askable.COUNTRY in self.bounds.askable
        return is_askable and bool(self.admins and self.admin_channels)

    def _permitted(
        self, text: str, region: str, countries: frozenset[str] | None
    ) -> PhoneNumber:
        number = parse(text, region=region or self.region)
        permit(number, countries=countries, tariffs=self.tariffs)
        return number

    def _names(self, ids: frozenset[str], place: Place) -> bool:
        """Return whether *ids* name this person, or a user group that they are in."""
        return _is_in(ids, place, place.user) or any(
            _is_in(ids, place, group) for group in self.groups_of(place)
        )


@lru_cache(maxsize=8)
def _bounds(policy: Policy) -> PolicyRules:
    """Return the rules of a policy that has only those of its own fields."""
    return PolicyRules(
        users=policy.users,
        channels=policy.channels,
        admins=policy.admins,
        countries=policy.countries,
        number_types=policy.tariffs,
        calls_per_minute=policy.calls_per_minute,
    )


def _is_in(ids: frozenset[str], place: Place, one: str) -> bool:
    forms = {one, f"{place.team}:{one}", f"{place.enterprise}:{one}"}
    return not forms.isdisjoint(ids)


def policy_of(settings: Settings, groups_of: GroupsOf) -> Policy:
    """Return the operator's rules."""
    return Policy(
        users=settings.ringout_allowed_users,
        channels=settings.ringout_allowed_channels,
        admins=settings.ringout_admins,
        auditors=settings.ringout_auditors,
        region=settings.ringout_region,
        countries=settings.ringout_countries,
        tariffs=settings.ringout_number_types,
        calls_per_minute=settings.ringout_calls_per_minute,
        full_numbers=settings.full_numbers,
        admin_channels=settings.ringout_admin_channel,
        groups_of=groups_of,
        gate=rules_of(settings),
    )
