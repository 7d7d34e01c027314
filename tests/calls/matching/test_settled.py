"""Which records are believed at once, and which only when the log has had its time."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.calls import log_schedule
from bot.calls.call import State, Status
from bot.calls.log.ending import Ending
from bot.calls.log.outcome import Outcome, Side
from bot.calls.matching import settled
from bot.calls.timing import Timing
from intents import NOON, a_call

TIMING = Timing()
EARLY, LATE = NOON + timedelta(seconds=7), NOON + log_schedule.USUALLY_LOGGED
HUNG_UP = Status("Success", "Finished", "Finished")
DECLINED = Status("CannotReach", "Success", "Rejected")
NOT_PICKED_UP = Status("CannotReach", "NoAnswer", "InProgress")
BOTH_BUSY = Status("CannotReach", "Busy", "Busy")
A, B = Ending.ANSWERED, Ending.BUSY


def may_change(
    endings: tuple[Ending, Ending],
    *,
    late: bool,
    connected: bool = False,
    status: Status | None = None,
) -> bool:
    """Return the decision on a call that ended at noon, by its record's endings."""
    call = a_call(
        state=State.FOLLOWING, terminal_at=NOON, status=status, connected=connected
    )
    told = Outcome(Side(endings[0]), Side(endings[1]))
    return settled.may_change(call, told, LATE if late else EARLY, TIMING)


@pytest.mark.parametrize(
    ("endings", "connected", "status"),
    [
        ((A, B), True, HUNG_UP),
        ((A, A), False, DECLINED),
        ((Ending.NO_ANSWER, Ending.NOT_DIALED), False, BOTH_BUSY),
        ((A, Ending.UNKNOWN), True, HUNG_UP),
        ((A, Ending.NOT_LOGGED), False, HUNG_UP),
        ((Ending.UNKNOWN, A), True, HUNG_UP),
    ],
)
def test_a_record_that_contradicts_or_lacks_a_side_is_given_its_time(
    endings: tuple[Ending, Ending], status: Status, *, connected: bool
) -> None:
    """The log may still be writing it: nobody must be told half of a result."""
    assert may_change(endings, late=False, connected=connected, status=status)
    assert not may_change(endings, late=True, connected=connected, status=status)


@pytest.mark.parametrize(
    ("endings", "connected", "status"),
    [
        ((A, A), True, HUNG_UP),
        ((A, Ending.VOICEMAIL), True, HUNG_UP),
        ((A, Ending.DECLINED), False, DECLINED),
        ((A, B), False, DECLINED),
        ((Ending.NO_ANSWER, Ending.NOT_DIALED), False, NOT_PICKED_UP),
        ((A, A), False, None),
    ],
)
def test_a_whole_record_is_told_at_once(
    endings: tuple[Ending, Ending], status: Status | None, *, connected: bool
) -> None:
    """People wait for it."""
    assert not may_change(endings, late=False, connected=connected, status=status)


@pytest.mark.parametrize(
    ("endings", "connected"),
    [
        ((Ending.NOT_LOGGED, A), False),
        ((A, Ending.NOT_LOGGED), True),
        ((B, Ending.NOT_LOGGED), True),
        ((Ending.NOT_LOGGED, Ending.NOT_LOGGED), True),
    ],
)
def test_a_part_that_must_exist_has_a_minute(
    endings: tuple[Ending, Ending], *, connected: bool
) -> None:
    """The caller's own record, and the callee's leg of a call that was seen connected."""
    call = a_call(state=State.FOLLOWING, terminal_at=NOON, connected=connected)
    told = Outcome(Side(endings[0]), Side(endings[1]))

    assert settled.may_change(call, told, LATE, TIMING)
    assert not settled.may_change(call, told, NOON + settled.LATEST_PART, TIMING)


@given(
    st.sampled_from(Ending),
    st.sampled_from(Ending),
    st.booleans(),
    st.sampled_from([None, HUNG_UP, DECLINED, NOT_PICKED_UP]),
)
def test_the_log_has_the_last_word(
    one: Ending,
    other: Ending,
    connected: bool,  # noqa: FBT001 - drawn
    status: Status | None,
) -> None:
    """Whatever the status said, a result comes in the end."""
    call = a_call(
        state=State.FOLLOWING, terminal_at=NOON, status=status, connected=connected
    )
    told = Outcome(Side(one), Side(other))

    assert not settled.may_change(call, told, NOON + settled.LATEST_PART, TIMING)
