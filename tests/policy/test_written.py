"""Limits, caps and hours: what is written is read back, and nothing else is taken."""

from __future__ import annotations

from datetime import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.policy import written
from bot.policy.rules import USUAL_THROTTLE, CallCap, Limit, QuietHours
from policy_rules import CAPS, HOURS, THROTTLES


def test_the_usual_throttle_is_the_settings_default() -> None:
    """The docs show the text; the rules of a bot without settings have the values."""
    assert written.throttle("1/60s,3/15m,7/1h") == USUAL_THROTTLE
    assert written.throttle_text(USUAL_THROTTLE) == "1/60s,3/15m,7/1h"


@given(THROTTLES, CAPS, HOURS)
def test_what_is_written_is_read_back(
    limits: tuple[Limit, ...], cap: CallCap, hours: QuietHours
) -> None:
    """The desk and the policy file show texts that people change and send back."""
    assert written.throttle(written.throttle_text(limits)) == limits
    assert written.hours(written.hours_text(hours)) == hours
    text = written.cap_text(cap)
    assert (written.cap(text) if text else CallCap()) == cap


@given(st.text(alphabet="0189/smh!,*:-\u2013 offx", max_size=14))
def test_any_other_text_is_one_sentence(text: str) -> None:
    """A traceback, or a limit that was not meant, would come of a slip."""
    for read in (written.throttle, written.cap, written.hours):
        try:
            read(text)
        except ValueError as error:
            assert str(error).startswith("must be ")  # noqa: PT017 - most texts are wrong


@pytest.mark.parametrize("text", ["21:00-08:00", "21:00 - 8:00", "21:00\u201308:00"])
def test_hours_are_written_as_people_do(text: str) -> None:
    """A dash may be long, an hour may lack its zero."""
    assert written.hours(text) == QuietHours(time(21), time(8))
