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
from bot.ringcentral.transport.shapes import MOST_IN_LIST
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


RATE = {
    "X-Rate-Limit-Group": "Heavy",
    "X-Rate-Limit-Limit": "10",
    "X-Rate-Limit-Remaining": "9",
    "X-Rate-Limit-Window": "60",
}


def test_a_page_of_half_a_million_records_costs_no_more_than_a_full_one() -> None:
    """Reading all of them would hold everybody's acks up for seconds."""
    record = {"id": "1", "startTime": "2026-11-30T12:00:00Z"}

    assert len(list(wire.records({"records": [record] * 500_000}))) == MOST_IN_LIST


DIGITS = "9" * 5000
ABSURD = {
    "Group": ["", "x" * 33, "heavy\x00", "he avy", "ﬀ", "heavy,light"],
    "Limit": [
        "10001",
        "30000000",
        "0",
        "-1",
        "1e1",
        "٣",
        "²",
        "1_0",
        "10,50",
        "inf",
        "nan",
        "9.5",
    ],
    "Remaining": ["", DIGITS, *["٣", "nan", "1e1", "9,3"]],
    "Window": [
        "",
        DIGITS,
        *[
            "0",
            "-60",
            "0.0001",
            "0.999",
            "1e0.5",
            "121",
            "3599",
            "inf",
            "nan",
            "60,60",
            "٦٠",
            "1e9",
        ],
    ],
}
"""By header: texts that make the answer's rate limit incredible as a whole."""


@pytest.mark.parametrize(
    ("name", "said"), [(name, text) for name, some in ABSURD.items() for text in some]
)
def test_an_absurd_rate_limit_is_not_believed(name: str, said: str) -> None:
    """One wrong answer must not hold up a person's calls, or fill the memory."""
    assert wire.rate(RATE) == wire.Rate("heavy", 10, 9, 60)
    assert wire.rate({**RATE, f"X-Rate-Limit-{name}": said}) is None


@pytest.mark.parametrize(
    ("limit", "left", "window"), [("1", "0", "1"), ("10000", "10000", "120")]
)
def test_every_limit_that_can_be_true_is_believed(
    limit: str, left: str, window: str
) -> None:
    """RingCentral changes limits by app; too little is as wrong as too much."""
    said = {
        **RATE,
        "X-Rate-Limit-Limit": limit,
        "X-Rate-Limit-Remaining": left,
        "X-Rate-Limit-Window": window,
    }

    assert wire.rate(said) == wire.Rate("heavy", int(limit), int(left), float(window))


def test_more_left_than_there_is_is_nothing_used() -> None:
    """And less than nothing is nothing left; RingCentral's own counters may race."""
    over = wire.rate({**RATE, "X-Rate-Limit-Remaining": "50"})
    under = wire.rate({**RATE, "X-Rate-Limit-Remaining": "-2"})

    assert (over, under) == (
        wire.Rate("heavy", 10, 10, 60),
        wire.Rate("heavy", 10, 0, 60),
    )


def test_the_group_of_a_refusal_is_kept_only_if_it_is_a_name() -> None:
    """It is stored, and written to the log."""
    named = wire.error(429, {"X-Rate-Limit-Group": "Heavy"}, None)
    odd = wire.error(429, {"X-Rate-Limit-Group": "x" * 60_000}, None)

    assert isinstance(named, RateLimited)
    assert isinstance(odd, RateLimited)
    assert (named.group, odd.group) == ("heavy", "")
    assert named.retry_after == wire.DEFAULT_RETRY_AFTER


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


@pytest.mark.parametrize(
    ("address", "kept"),
    [
        ("https://media.ringcentral.com/restapi/v1.0/account/1/recording/2/content", 1),
        ("https://media.ringcentral.com/", 0),
        ("https://media.ringcentral.com.evil.example/x", 0),
        ("https://media.ringcentral.com@evil.example/x", 0),
        ("http://media.ringcentral.com/x", 0),
        ("https://media.ringcentral.com/x y", 0),
        ("https://media.ringcentral.com/" + "x" * 500, 0),
        (7, 0),
    ],
)
def test_a_recording_is_where_ringcentral_keeps_them_or_nowhere(
    address: object, kept: int
) -> None:
    """A link to another host would ask people for their sign-in there."""
    data = {"id": "r", "startTime": "2026-01-01T00:00:00Z"}
    recording = {"recording": {"contentUri": address}}
    for found in (
        wire.record(data | recording),
        wire.record(data | {"legs": [{}, recording]}),
    ):
        assert found is not None
        assert found.recording == (address if kept else "")
        assert "media.ringcentral.com" not in repr(found)
