"""How the text of ``RINGOUT_DIGEST`` becomes its value."""

from __future__ import annotations

import re
from datetime import time
from zoneinfo import ZoneInfo

from bot.calls.digest_plan import WEEKDAYS, DigestPlan
from bot.settings.setting import Malformed

MOST_DIGESTS = 20
BY_PERSON = "people"

_DIGEST_FORM = re.compile(
    r"(?:(?P<workspace>[TE][A-Z0-9]+):)?(?P<channel>[CG][A-Z0-9]+)"
    rf"\s+(?:daily|weekly\s+(?P<weekday>(?i:{'|'.join(WEEKDAYS)})))"
    r"\s+(?P<hour>[01]?\d|2[0-3]):(?P<minute>[0-5]\d)"
    rf"\s+(?P<zone>[A-Za-z0-9_+/-]+)(?P<people>\s+{BY_PERSON})?",
    re.ASCII,
)


def digests(given: str) -> tuple[DigestPlan, ...]:
    """Read when which channels get a digest: rows with ``;`` or commas between them."""
    rows = [each.strip() for each in re.split("[;,]", given) if each.strip()]
    plans = tuple(map(_plan, rows))
    if len({each.id for each in plans}) < len(plans) or len(plans) > MOST_DIGESTS:
        raise Malformed(f"must name up to {MOST_DIGESTS} digests, each once")
    return plans


def _plan(row: str) -> DigestPlan:
    found = _DIGEST_FORM.fullmatch(row)
    zone = _zone(found["zone"]) if found else None
    if found is None or zone is None:
        raise Malformed(
            "must look like C0123ABCD daily 09:00 Europe/Berlin, or C0123ABCD weekly "
            "monday 09:00 Europe/Berlin people, with a time zone that this machine knows"
        )
    weekday = found["weekday"]
    return DigestPlan(
        found["channel"],
        time(int(found["hour"]), int(found["minute"])),
        zone,
        WEEKDAYS.index(weekday.lower()) if weekday else None,
        found["people"] is not None,
        found["workspace"] or "",
    )


def _zone(name: str) -> ZoneInfo | None:
    try:
        return ZoneInfo(name)
    except (LookupError, ValueError, OSError):
        return None
