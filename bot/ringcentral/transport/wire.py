"""Turns RingCentral's JSON and headers into values. Without any I/O.

Every field except an id and a start time is optional, as in RingCentral's own OpenAPI
document. A value of the wrong type counts as missing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Any

from bot import headers as header
from bot.calls.call import Status
from bot.calls.log.leg import Leg, Party, Record
from bot.errors import (
    NotFound,
    RateLimited,
    Refused,
    RingCentralError,
    Unreachable,
)
from bot.ringcentral.transport.shapes import get, listed, named, text

PATH_WORDS = frozenset(
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
        "telephony",
        "sessions",
        "presence",
        "call-log",
        "call-log-sync",
        "message-sync",
        "message-store",
        "content",
        "forwarding-number",
        "phone-number",
        "features",
        "address-book",
        "contact",
        "directory",
        "entries",
        "subscription",
        "renew",
        "wstoken",
    }
)
"""The parts of a path that belong to the API; every other part is an id."""

DEFAULT_RETRY_AFTER = 30.0
"""Seconds to wait after a 429 without ``Retry-After`` (developer guide, "Rate Limits")."""

MOST_LIMIT, SHORTEST_WINDOW, LONGEST_WINDOW = 10_000, 1.0, 120.0
"""The largest limit, and the shortest and longest window in seconds, that an answer is
believed. RingCentral's are 50 and 60 (developer guide, "Rate Limits"). In a window of
less than a second, any limit is no limit."""

MEDIA_FORM = re.compile(r"https://media\.ringcentral\.com/[!-~]{1,400}")
"""Where recordings and voicemails are; whoever opens one there has to sign in at RingCentral."""

COUNT_FORM = re.compile(r"-?[0-9]{1,9}")
GROUP_NAME = re.compile(r"[a-z0-9][a-z0-9_.-]{0,31}")
"""What a count and a rate group's name look like; names are kept, and stored."""

MAX_DURATION = 1e8
"""Seconds: three years. A longer call is taken for nonsense."""

RATE_LIMIT_CODES = {"CMN-301", "CMN-302", "CMN-303", "CMN-304", "CMN-310"}


@dataclass(frozen=True, slots=True)
class Rate:
    """The state of a rate group, from the ``X-Rate-Limit-*`` headers; *window* in seconds."""

    group: str
    limit: int
    remaining: int
    window: float


@dataclass(frozen=True, slots=True)
class Number:
    """A number of the RingCentral user, from either list."""

    id: str
    number: str
    label: str = ""
    type: str = ""
    features: frozenset[str] = frozenset()
    usage: str = ""

    @property
    def can_show(self) -> bool:
        """Whether it can be shown to the callee as the caller id."""
        return bool(self.number) and "CallerId" in self.features

    @property
    def can_ring(self) -> bool:
        """Whether RingOut can ring it first."""
        rings = bool(self.features & {"CallForwarding", "CallFlip"})
        return bool(self.number) and rings and self.type != "Outage"


def error(
    status: int, headers: Mapping[str, str], body: Any
) -> RingCentralError | None:
    """Return the error that an answer means, or None for a success.

    A rate limit is recognized by its code even where the status is 200, as a developer
    has reported. 408 is a lost answer, as 5xx is: RingCentral's guide lists it among the
    time-outs, so the request may have been carried out.
    """
    first = _first_error(body)
    code = text(first, "errorCode") or text(body, "errorCode")
    if status == HTTPStatus.TOO_MANY_REQUESTS or (
        status < HTTPStatus.BAD_REQUEST and code in RATE_LIMIT_CODES
    ):
        wait = header.retry_after(headers, DEFAULT_RETRY_AFTER, datetime.now(UTC))
        return RateLimited(wait, _group(headers))
    if status < HTTPStatus.BAD_REQUEST:
        return None
    if (
        status >= HTTPStatus.INTERNAL_SERVER_ERROR
        or status == HTTPStatus.REQUEST_TIMEOUT
    ):
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


def template(path: str) -> str:
    """Return *path* with ``{id}`` in place of each id, and without its query."""
    parts = path.partition("?")[0].split("/")
    return "/".join(each if each in PATH_WORDS else "{id}" for each in parts)


def rate(headers: Mapping[str, str]) -> Rate | None:
    """Return the state of a rate group; None unless all four headers can be believed."""
    group = _group(headers)
    limit = _count(header.value(headers, "x-rate-limit-limit"))
    left = _count(header.value(headers, "x-rate-limit-remaining"))
    window = header.number(header.value(headers, "x-rate-limit-window"))
    if not group or limit is None or left is None or window is None:
        return None
    if not 1 <= limit <= MOST_LIMIT:
        return None
    if not SHORTEST_WINDOW <= window <= LONGEST_WINDOW:
        return None
    return Rate(group, limit, min(max(left, 0), limit), window)


def _group(headers: Mapping[str, str]) -> str:
    """Return the name of the rate group; empty if there is none that can be one."""
    name = header.value(headers, "x-rate-limit-group").lower()
    return name if GROUP_NAME.fullmatch(name) else ""


def _count(text: str) -> int | None:
    return int(text) if COUNT_FORM.fullmatch(text) else None


def moment(value: Any) -> datetime | None:
    """Return an ISO 8601 time as a datetime in UTC; None if it is not one."""
    if not isinstance(value, str):
        return None
    try:
        at = datetime.fromisoformat(value)
        return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return None


def written(at: datetime) -> str:
    """Return a time for a query, with ``Z``: in ``+00:00`` the plus would need escaping."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def status(body: Any) -> Status:
    """Return the three statuses in a ring-out answer, in RingCentral's words."""
    inner = body.get("status") if isinstance(body, Mapping) else None
    return Status(
        text(inner, "callStatus"),
        text(inner, "callerStatus"),
        text(inner, "calleeStatus"),
    )


def records(body: Any) -> Iterator[Record]:
    """Yield the records of a call log page; skip those without id or start time."""
    for each in listed(body, "records"):
        found = record(each)
        if found is not None:
            yield found


def record(data: Any) -> Record | None:
    """Return one call-log record; None if it has no id or no start time."""
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
        caller=party(get(data, "from")),
        callee=party(get(data, "to")),
        legs=tuple(_leg(each) for each in listed(data, "legs")),
        recording=_recording(data),
        voicemail=_voicemail(data),
    )


def _recording(data: Any) -> str:
    """Return where a recording is, of the record or its first leg that has one."""
    for each in (data, *listed(data, "legs")):
        found = text(get(each, "recording"), "contentUri")
        if MEDIA_FORM.fullmatch(found):
            return found
    return ""


def _voicemail(data: Any) -> str:
    """Return the id of a voicemail, of the record or its first leg that has one."""
    for each in (data, *listed(data, "legs")):
        message = get(each, "message")
        if text(message, "type") == "VoiceMail" and named(message):
            return named(message)
    return ""


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
        caller=party(get(data, "from")),
        callee=party(get(data, "to")),
    )


def party(data: Any) -> Party:
    """Return one side of a call or a message."""
    return Party(
        number=text(data, "phoneNumber"),
        extension=text(data, "extensionNumber"),
        name=text(data, "name"),
    )


def _duration(data: Any) -> timedelta | None:
    """Return ``durationMs``, or else ``duration``, in seconds; both are optional."""
    for name, unit in (("durationMs", 0.001), ("duration", 1.0)):
        value = get(data, name)
        if isinstance(value, bool) or not isinstance(value, int | float):
            continue
        if 0 <= value < MAX_DURATION / unit:
            return timedelta(seconds=value * unit)
    return None


def numbers(body: Any) -> tuple[Number, ...]:
    """Return the numbers on a page of either list."""
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
    """Return the URL of the next page; empty on the last one."""
    return text(get(get(body, "navigation"), "nextPage"), "uri")


def _first_error(body: Any) -> Any:
    errors = listed(body, "errors")
    return errors[0] if errors else None
