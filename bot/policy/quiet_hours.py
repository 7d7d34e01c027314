"""Hours in which nobody is called, in the time zone of whoever would be called."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from bot.policy.decision import Objection
from bot.policy.rules import PolicyRules, QuietHours, Rule, Ruling
from bot.policy.wish import Wish
from bot.policy.zones import is_toll_free, local_times, zone, zones_of


def quiet_hours(wish: Wish, now: datetime, rules: PolicyRules) -> Iterator[Objection]:
    """Object where it is quiet: refuse if the time there is known, else ask.

    A colleague's own zone wins over the number's. Else toll-free numbers and those of the
    company are exempt. Zones with the same time count as one.
    """
    hours = rules.quiet_hours
    own = zone(wish.zone) if wish.zone else None
    if hours is None or (own is None and _is_exempt(wish)):
        return
    zones = (own,) if own else zones_of(wish.number)
    times = local_times(zones, now)
    quiet = [each for each in times if is_quiet(hours, each)]
    if len(times) == 1 and quiet:
        yield _refusal(hours, quiet[0])
    elif quiet or not times:
        yield Objection(rule=Rule.QUIET_HOURS, ruling=Ruling.ASK, found=len(zones))


def _refusal(hours: QuietHours, local: datetime) -> Objection:
    place = local.tzinfo
    return Objection(
        rule=Rule.QUIET_HOURS,
        ruling=Ruling.REFUSE,
        found=1,
        at=local,
        until=end_of(hours, local),
        text=place.key if isinstance(place, ZoneInfo) else "",
    )


def _is_exempt(wish: Wish) -> bool:
    return wish.is_company or is_toll_free(wish.number)


def is_quiet(hours: QuietHours, local: datetime) -> bool:
    """Whether *local*, a time where the callee is, falls into the hours."""
    time = local.time()
    if hours.begin < hours.end:
        return hours.begin <= time < hours.end
    return time >= hours.begin or time < hours.end


def end_of(hours: QuietHours, local: datetime) -> datetime:
    """Return when the hours end into which *local* falls, in UTC."""
    days = timedelta(days=1 if local.time() >= hours.end else 0)
    end = datetime.combine(
        local.date() + days, hours.end.replace(fold=local.fold), local.tzinfo
    )
    return end.astimezone(UTC)
