"""What reports count, and what they leave out."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.calls.call import End
from bot.calls.figures import CountedCall, Figures, figures
from bot.calls.log.ending import Ending
from intents import NOON

counted = st.builds(
    CountedCall,
    st.sampled_from(["U1", "U2"]),
    st.just(NOON),
    st.booleans(),
    st.none() | st.sampled_from(End),
    st.none() | st.sampled_from(Ending),
    st.booleans(),
    st.integers(0, 4_000).map(lambda seconds: timedelta(seconds=seconds)),
    st.sampled_from(["", "Spoke", "Call back"]),
)


@given(st.lists(st.lists(counted, max_size=4), max_size=4), st.booleans())
def test_the_sums_of_pages_are_the_sums_of_all(
    pages: Sequence[list[CountedCall]],
    with_private: bool,  # noqa: FBT001 - drawn
) -> None:
    """Where a page ends must not show in a report."""
    whole = figures([c for page in pages for c in page], with_private=with_private)

    total = sum((figures(p, with_private=with_private) for p in pages), Figures())

    assert total == whole


@given(st.lists(counted, max_size=9))
def test_what_people_keep_to_themselves_is_counted_and_nothing_else(
    calls: list[CountedCall],
) -> None:
    """One call more says that somebody called; its result would say how it went."""
    theirs = [each for each in calls if each.is_private]
    others = [each for each in calls if not each.is_private]

    whole, without = (figures(c, with_private=False) for c in (calls, others))

    assert whole == without + Figures(calls=len(theirs), private=len(theirs))


@given(st.lists(counted, max_size=9))
def test_the_parts_are_never_more_than_the_whole(calls: list[CountedCall]) -> None:
    """A rate above 100 % would make everything else doubtful."""
    sums = figures(calls, with_private=True)

    assert sums.answered <= min(sums.judged, sums.connected) <= sums.calls
    assert sums.answer_rate is None or 0 <= sums.answer_rate <= 100
    assert (sums.answer_rate is None) is (sums.judged == 0)


@pytest.mark.parametrize(
    ("callee", "was_connected", "judged", "answered", "connected"),
    [
        (Ending.ANSWERED, False, True, True, True),
        (Ending.VOICEMAIL, True, True, False, False),
        (Ending.NO_ANSWER, True, True, False, False),
        (Ending.BUSY, False, True, False, False),
        (Ending.NOT_DIALED, False, False, False, False),
        (Ending.UNKNOWN, False, False, False, False),
        (None, True, False, False, True),
        (None, False, False, False, False),
    ],
)
def test_a_rate_is_of_the_calls_whose_result_is_known(
    *,
    callee: Ending | None,
    was_connected: bool,
    judged: bool,
    answered: bool,
    connected: bool,
) -> None:
    """Where the caller never picked up, nobody was asked to answer."""
    call = CountedCall("U1", NOON, callee=callee, was_connected=was_connected)

    assert (call.is_judged, call.is_answered) == (judged, answered)
    assert call.is_connected is connected
