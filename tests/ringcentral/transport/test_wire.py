"""RingCentral's JSON and headers: understood where right, harmless where wrong."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import NotFound, RateLimited, Refused, Unreachable
from bot.ringcentral.transport import wire
from checkout import SHARED
from selection import VENDORS

SAMPLES = SHARED / "samples"
NAMES = st.sampled_from(
    [
        "records",
        "id",
        "startTime",
        "legs",
        "from",
        "to",
        "status",
        "errors",
        "duration",
        "navigation",
        "nextPage",
        "uri",
        "phoneNumber",
        "features",
        "errorCode",
    ]
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=5)
    ),
    max_leaves=20,
)


@given(JSON)
def test_no_answer_however_odd_breaks_anything(body: Any) -> None:
    """A field of the wrong type is a missing field."""
    list(wire.records(body))
    wire.status(body)
    wire.numbers(body)
    wire.next_page(body)
    for status in (200, 400, 404, 429, 500):
        wire.error(status, {}, body)


@given(st.text(max_size=30))
def test_no_header_breaks_anything(text: str) -> None:
    """Proxies may send any header value, which must do no harm."""
    assert 0 <= wire.retry_after({"Retry-After": text}) <= wire.MAX_RETRY_AFTER
    wire.date(text)
    wire.rate({"X-Rate-Limit-Group": text, "X-Rate-Limit-Limit": text})


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("60", 60),
        ("0.5", 0.5),
        ("", 30),
        ("soon", 30),
        ("-3", 0),
        ("inf", 30),
        ("1e9", 3600),
        ("Fri, 20 Nov 2020 12:00:00 GMT", 0),
    ],
)
def test_the_wait_after_a_429_is_read_in_every_form(text: str, seconds: float) -> None:
    """Seconds, a date, or nothing at all."""
    assert wire.retry_after({"retry-after": text}) == seconds


@pytest.mark.parametrize(
    ("status", "body", "kind", "code"),
    [
        (
            400,
            {"errorCode": "InvalidParameter", "errors": [{"errorCode": "CMN-101"}]},
            Refused,
            "CMN-101",
        ),
        (403, {"errorCode": "CMN-408"}, Refused, "CMN-408"),
        (404, {"errorCode": "CMN-102"}, NotFound, "CMN-102"),
        (403, None, Refused, ""),
    ],
)
def test_a_refusal_is_told_by_its_codes(
    status: int, body: Any, kind: type[Refused], code: str
) -> None:
    """`errors[0]` wins: the top level may be a word."""
    error = wire.error(status, {}, body)

    assert isinstance(error, kind)
    assert error.code == code


def test_limits_and_failures_are_told_apart() -> None:
    """429 was not executed; 5xx may have been; a 200 may hide a 429."""
    assert isinstance(wire.error(429, {}, None), RateLimited)
    assert isinstance(wire.error(200, {}, {"errorCode": "CMN-301"}), RateLimited)
    assert isinstance(wire.error(502, {}, None), Unreachable)
    assert wire.error(204, {}, {}) is None


def test_times_are_sent_without_a_plus() -> None:
    """A plus decodes to a space."""
    at = datetime(2026, 11, 20, 12, 0, tzinfo=UTC) + timedelta(milliseconds=5)

    assert wire.written(at) == "2026-11-20T12:00:00.005Z"
    assert wire.moment(wire.written(at)) == at
    assert wire.moment("2026-11-20T12:00:00") == at.replace(microsecond=0)
    assert wire.moment(7) is None


@pytest.mark.parametrize("name", ["answered", "callee_busy", "two_records", "masked"])
def test_composed_samples_are_read_whole(name: str) -> None:
    """Reads every record and leg with results, lengths and numbers."""
    path = SAMPLES / f"calllog_{name}.json"
    if not path.exists():
        pytest.skip(f"no samples of answers: {VENDORS}")
    body = json.loads(path.read_text())

    records = list(wire.records(body))

    assert len(records) == len(body["records"])
    for record in records:
        assert record.finished is True
        assert record.legs
        assert all(leg.result and leg.callee.number for leg in record.legs)
