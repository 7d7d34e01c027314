"""Who may use the bot, where, and what may be dialed."""

from __future__ import annotations

from dataclasses import dataclass

from bot.calls.call import Place
from bot.calls.numbers.phone import PhoneNumber, parse, permit
from bot.calls.numbers.tariff import Tariff
from bot.settings.settings import Settings
from bot.user_errors import AccessDenied, AccessRule


@dataclass(frozen=True, slots=True)
class Policy:
    """The operator's rules; empty sets allow everyone, everywhere.

    An id may have its workspace (``T1:U1``) or organization (``E1:U1``) before it,
    because another workspace may have the same id.
    """

    users: frozenset[str] = frozenset()
    channels: frozenset[str] = frozenset()
    admins: frozenset[str] = frozenset()
    region: str = "US"
    countries: frozenset[str] | None = frozenset({"US"})
    tariffs: frozenset[Tariff] = frozenset()
    """Kinds of numbers that cost more and may be called all the same."""
    calls_per_minute: int = 10
    full_numbers: bool = False
    """Whether messages may show whole phone numbers."""

    def check(self, place: Place) -> None:
        """Raise `AccessDenied` unless this person may use the bot in this channel."""
        self.check_user(place)
        if self.channels and not _is_in(self.channels, place, place.channel):
            raise AccessDenied(AccessRule.CHANNELS)

    def check_user(self, place: Place) -> None:
        """Raise `AccessDenied` unless this person may use the bot, in any channel."""
        if self.users and not _is_in(self.users, place, place.user):
            raise AccessDenied(AccessRule.USERS)

    def check_admin(self, place: Place) -> None:
        """Raise `AccessDenied` unless this person may read the company's call log."""
        self.check(place)
        if not self.is_admin(place):
            raise AccessDenied(AccessRule.ADMINS)

    def sees_all_numbers(self, place: Place) -> bool:
        """Return whether this person may see numbers of others' calls whole."""
        return self.full_numbers or self.is_admin(place)

    def is_admin(self, place: Place) -> bool:
        """Return whether this person is among the operator's admins."""
        return _is_in(self.admins, place, place.user)

    def number(self, text: str, region: str = "") -> PhoneNumber:
        """Return the number in *text*; raise `UserError` if it must not be dialed.

        *region* is the person's home if they have chosen one.
        """
        number = parse(text, region=region or self.region)
        permit(
            number,
            countries=self.countries,
            tariffs=self.tariffs,
        )
        return number


def _is_in(ids: frozenset[str], place: Place, one: str) -> bool:
    forms = {one, f"{place.team}:{one}", f"{place.enterprise}:{one}"}
    return not forms.isdisjoint(ids)


def policy_of(settings: Settings) -> Policy:
    """Return the operator's rules."""
    return Policy(
        users=settings.ringout_allowed_users,
        channels=settings.ringout_allowed_channels,
        admins=settings.ringout_admins,
        region=settings.ringout_region,
        countries=settings.ringout_countries,
        tariffs=settings.ringout_number_types,
        calls_per_minute=settings.ringout_calls_per_minute,
        full_numbers=settings.full_numbers,
    )
