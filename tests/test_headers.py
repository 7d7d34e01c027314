"""Numbers and dates in headers: read where they are right, harmless where not."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from multidict import CIMultiDict

from bot import headers

NOON = datetime(2026, 11, 30, 12, 0, tzinfo=UTC)
USUAL = 30.0


@pytest.mark.parametrize(
    ("said", "seconds"),
    [
        ("60", 60),
        ("1.5", 1.5),
        (" 60 ", 60),
        ("", USUAL),
        ("soon", USUAL),
        ("-3", USUAL),
        ("nan", USUAL),
        ("inf", USUAL),
        ("6_0", USUAL),
        ("٦٠", USUAL),
        ("²", USUAL),
        ("0", headers.SHORTEST_RETRY_AFTER),
        ("600", 600),
        ("601", 600),
        ("3600", 600),
        ("1e9", 600),
        ("9" * 5000, 600),
        ("60, 120", 120),
        ("60, soon", 60),
        (format_datetime(NOON + timedelta(seconds=90), usegmt=True), 90),
        (format_datetime(NOON + timedelta(days=9), usegmt=True), 600),
        (format_datetime(NOON - timedelta(days=9), usegmt=True), 1),
        ("Fri, 99 Nov 2026 12:00:00 GMT", USUAL),
    ],
)
def test_the_wait_after_a_refusal_is_read_in_every_form(
    said: str, seconds: float
) -> None:
    """Neither hours without calls, nor requests as fast as they are refused."""
    assert headers.retry_after({"retry-after": said}, USUAL, NOON) == seconds


def test_of_several_waits_the_longest_counts() -> None:
    """A proxy adds its own; inside the longer one a request would be refused again."""
    several = CIMultiDict([("Retry-After", "120"), ("retry-after", "5")])

    assert headers.retry_after(several, USUAL, NOON) == 120


@given(st.text(max_size=40) | st.text("0123456789.,e-: GMTNov", max_size=400))
def test_no_header_breaks_anything_or_asks_for_more_than_ten_minutes(said: str) -> None:
    """Whatever stands in it, it comes from the other end of a wire."""
    wait = headers.retry_after({"Retry-After": said}, USUAL, NOON)

    assert headers.SHORTEST_RETRY_AFTER <= wait <= 600
    at = headers.date(said)
    assert at is None or at.tzinfo is not None
