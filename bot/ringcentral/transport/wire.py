"""RingCentral's JSON and headers, and our values: both ways, without any I/O.

Every field but an id and a start time is optional, as in RingCentral's own OpenAPI
document; what has the wrong type is treated as missing, never guessed.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Any

from bot.calls.call import Status
from bot.calls.leg import ZERO, Leg, Party, Record
from bot.errors import (
    NotFound,
    RateLimited,
    Refused,
    RingCentralError,
    Unreachable,
)
from bot.ringcentral.transport.shapes import get, listed, named, text

WORDS = frozenset(
    {
        "",
        "restapi",
        "v1.0",
        "oauth",
        "token",
        "revoke",
        "account",
        "~",
        "extension",
        "ring-out",
        "call-log",
        "forwarding-number",
        "phone-number",
        "features",
    }
)
"""The parts of paths that are the API's own; all others are somebody's ids."""

RETRY_AFTER = 30.0
"""Seconds to wait after a 429 that does not say (developer guide, "Rate Limits")."""

LONGEST_RETRY = 3600.0
LONGEST_DURATION = 1e8
"""Seconds: three years."""

LIMIT_CODES = {"CMN-301", "CMN-302", "CMN-303", "CMN-304", "CMN-310"}


@dataclass(frozen=True, slots=True)
class Rate:
    """A group's budget, from the ``X-Rate-Limit-*`` headers."""

    group: str
    limit: int
    remaining: int
    window: float


@dataclass(frozen=True, slots=True)
class Number:
    """A forwarding number or an own number of the RingCentral user."""

    id: str
    number: str
    label: str = ""
    type: str = ""
    features: frozenset[str] = frozenset()
    usage: str = ""

    @property
    def can_show(self) -> bool:
        """Whether others may see it as the caller's number."""
        return bool(self.number) and "CallerId" in self.features

    @property
    def can_ring(self) -> bool:
        """Whether it may be a RingOut's first leg."""
        rings = bool(self.features & {"CallForwarding", "CallFlip"})
        return bool(self.number) and rings and self.type != "Outage"


def error(
    status: int, headers: Mapping[str, str], body: Any
) -> RingCentralError | None:
    """Return the error that an answer stands for, or None."""
    first = _first_error(body)
    code = text(first, "errorCode") or text(body, "errorCode")
    if status == HTTPStatus.TOO_MANY_REQUESTS or (
        status < HTTPStatus.BAD_REQUEST and code in LIMIT_CODES
    ):
        return RateLimited(retry_after(headers), _lower(headers, "x-rate-limit-group"))
    if status < HTTPStatus.BAD_REQUEST:
        return None
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return Unreachable(f"{status} {code}".strip())
    kind = NotFound if status == HTTPStatus.NOT_FOUND else Refused
    return kind(
        status,
        code,
        parameter=text(first, "parameterName") or text(body, "parameterName"),
        feature=text(first, "feature") or text(body, "feature"),
        permission=text(first, "permissionName") or text(body, "permissionName"),
        oauth=text(body, "error"),
    )


def retry_after(headers: Mapping[str, str]) -> float:
    """Return the seconds that ``Retry-After`` asks for, as a number or a date."""
    text = _lower(headers, "retry-after")
    try:
        seconds = float(text)
    except ValueError:
        at = date(text)
        seconds = (at - datetime.now(UTC)).total_seconds() if at else RETRY_AFTER
    if not math.isfinite(seconds):
        seconds = RETRY_AFTER
    return min(max(seconds, 0.0), LONGEST_RETRY)


def template(path: str) -> str:
    """Return *path* with every part that is not the API's own word as ``{id}``."""
    parts = path.partition("?")[0].split("/")
    return "/".join(each if each in WORDS else "{id}" for each in parts)


def rate(headers: Mapping[str, str]) -> Rate | None:
    """Return what the headers say of a group's budget, if they say it all."""
    group = _lower(headers, "x-rate-limit-group")
    try:
        limit = int(_lower(headers, "x-rate-limit-limit"))
        remaining = int(_lower(headers, "x-rate-limit-remaining"))
        window = float(_lower(headers, "x-rate-limit-window"))
    except ValueError:
        return None
    if not group or limit < 1 or not 0 < window < LONGEST_RETRY:
        return None
    return Rate(group, limit, min(max(remaining, 0), limit), window)


def date(text: str) -> datetime | None:
    """Return an HTTP date as an aware datetime."""
    try:
        at = parsedate_to_datetime(text)
    except (TypeError, ValueError, IndexError, OverflowError):
        return None
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def moment(value: Any) -> datetime | None:
    """Return an ISO 8601 time as an aware UTC datetime."""
    if not isinstance(value, str):
        return None
    try:
        at = datetime.fromisoformat(value)
        return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return None


def written(at: datetime) -> str:
    """Return a time as RingCentral takes it, with ``Z``: a plus would need escaping."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def status(body: Any) -> Status:
    """Return the live words of a ring-out answer."""
    inner = body.get("status") if isinstance(body, Mapping) else None
    return Status(
        text(inner, "callStatus"),
        text(inner, "callerStatus"),
        text(inner, "calleeStatus"),
    )


def records(body: Any) -> Iterator[Record]:
    """Yield a call log's records; one without id or start time is passed over."""
    for each in listed(body, "records"):
        found = record(each)
        if found is not None:
            yield found


def record(data: Any) -> Record | None:
    """Return one call-log record, or None if it can't be one."""
    at = moment(get(data, "startTime"))
    identity = named(data)
    if at is None or not identity:
        return None
    finished = get(data, "finished")
    return Record(
        id=identity,
        started_at=at,
        session_id=text(data, "sessionId"),
        telephony_session_id=text(data, "telephonySessionId"),
        duration=_duration(data),
        type=text(data, "type") or "Voice",
        internal_type=text(data, "internalType"),
        direction=text(data, "direction"),
        action=text(data, "action"),
        result=text(data, "result"),
        reason=text(data, "reason"),
        description=text(data, "reasonDescription"),
        finished=finished if isinstance(finished, bool) else None,
        caller=_party(get(data, "from")),
        callee=_party(get(data, "to")),
        legs=tuple(_leg(each) for each in listed(data, "legs")),
    )


def _leg(data: Any) -> Leg:
    return Leg(
        leg_type=text(data, "legType"),
        result=text(data, "result"),
        reason=text(data, "reason"),
        description=text(data, "reasonDescription"),
        action=text(data, "action"),
        internal_type=text(data, "internalType"),
        telephony_session_id=text(data, "telephonySessionId"),
        started_at=moment(get(data, "startTime")),
        duration=_duration(data),
        master=get(data, "master") is True,
        caller=_party(get(data, "from")),
        callee=_party(get(data, "to")),
    )


def _party(data: Any) -> Party:
    return Party(
        number=text(data, "phoneNumber"),
        extension=text(data, "extensionNumber"),
        name=text(data, "name"),
    )


def _duration(data: Any) -> timedelta:
    """Return ``durationMs``, else ``duration`` (seconds); nonsense is nothing."""
    for name, unit in (("durationMs", 0.001), ("duration", 1.0)):
        value = get(data, name)
        if isinstance(value, bool) or not isinstance(value, int | float):
            continue
        if 0 <= value < LONGEST_DURATION / unit:
            return timedelta(seconds=value * unit)
    return ZERO


def numbers(body: Any) -> tuple[Number, ...]:
    """Return a list of forwarding numbers or of the user's own numbers."""
    return tuple(
        Number(
            id=text(each, "id"),
            number=text(each, "phoneNumber"),
            label=text(each, "label"),
            type=text(each, "type"),
            usage=text(each, "usageType"),
            features=frozenset(
                name for name in listed(each, "features") if isinstance(name, str)
            ),
        )
        for each in listed(body, "records")
    )


def next_page(body: Any) -> str:
    """Return the address of the next page, or nothing."""
    return text(get(get(body, "navigation"), "nextPage"), "uri")


def _first_error(body: Any) -> Any:
    errors = listed(body, "errors")
    return errors[0] if errors else None


def _lower(headers: Mapping[str, str], name: str) -> str:
    for key, value in headers.items():
        if key.lower() == name:
            return str(value).strip().lower()
    return ""
