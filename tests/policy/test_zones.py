"""Times of day need the zones' data, also where the machine has none."""

from __future__ import annotations

import zoneinfo
from collections.abc import Iterator
from zoneinfo import ZoneInfo

import pytest
from phonenumbers.tzdata import TIMEZONE_DATA

from bot.calls.numbers.phone import PhoneNumber
from bot.policy.zones import zone, zones_of


@pytest.fixture
def bare_machine() -> Iterator[None]:
    """Have Python find no zones of the machine's own, as in a small container."""

    def forget() -> None:
        ZoneInfo.clear_cache()
        zone.cache_clear()
        zones_of.cache_clear()

    forget()
    zoneinfo.reset_tzpath(to=())
    yield
    zoneinfo.reset_tzpath()
    forget()


@pytest.mark.usefixtures("bare_machine")
def test_every_zone_of_a_number_is_known_on_a_bare_machine() -> None:
    """Without its zone a number has no quiet hours: each call at night would be asked about."""
    named = {name for names in TIMEZONE_DATA.values() for name in names}

    assert len(named) > 200
    assert [name for name in sorted(named) if zone(name) is None] == []
    [berlin] = zones_of(PhoneNumber("+4930123456"))
    assert berlin.key == "Europe/Berlin"
