"""The rules on calls that the settings make: no workspace's own rules are wider."""

from __future__ import annotations

from bot.policy.rules import PolicyRules
from bot.settings.settings import Settings


def rules_of(settings: Settings) -> PolicyRules:
    """Return the operator's rules."""
    return PolicyRules(
        users=settings.ringout_allowed_users,
        channels=settings.ringout_allowed_channels,
        admins=settings.ringout_admins,
        auditors=settings.ringout_auditors,
        guests=settings.ringout_guests,
        countries=settings.ringout_countries,
        number_types=settings.ringout_number_types,
        calls_per_minute=settings.ringout_calls_per_minute,
        throttle=settings.ringout_throttle,
        quiet_hours=settings.ringout_quiet_hours,
        calls_at_once=settings.ringout_calls_at_once,
        calls_per_day=settings.ringout_calls_per_day,
        minutes_per_month=settings.ringout_minutes_per_month,
        first_time=settings.ringout_first_time,
        foreign=settings.ringout_foreign,
        askable=settings.ringout_askable,
    )
