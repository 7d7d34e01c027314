"""People's time zones, as their Slack profiles say."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from bot.calls.call import Place
from bot.errors import ChatError
from bot.slack.entrances.services import Services


async def zone_of(place: Place, services: Services) -> ZoneInfo | None:
    """Return a person's time zone; None if Slack or this machine does not know it.

    Profiles are cached, so it rarely costs a request.
    """
    try:
        profile = await services.profiles.of(place, place.user)
    except ChatError:
        return None
    return zone_named(profile.tz)


def zone_named(name: str) -> ZoneInfo | None:
    """Return the time zone with an IANA name; None if this machine does not know it."""
    try:
        return ZoneInfo(name)
    except (LookupError, ValueError, OSError):
        return None
