"""Every wait for an answer must end, and people must read something meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import cycle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.calls import following, log_schedule, patience
from bot.calls.call import Call, End, Refusal, State, Status, Why
from bot.calls.log.ending import Ending
from bot.calls.log.outcome import Outcome, Side
from bot.calls.timing import Timing
from intents import NOON, a_call

TIMING = Timing()
SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
RINGING = Status("InProgress", "InProgress", "InProgress")
TALKING = Status("Success", "Success", "Success")


def followed(**changes: object) -> Call:
    """Return a call that RingCentral has accepted."""
    values = {
        "state": State.FOLLOWING,
        "ringout_id": "s-1",
        "sent_at": NOON,
        "seen": True,
        "placed_at": NOON,
        "changed_at": NOON,
        "status": TALKING,
    }
    return a_call(**(values | changes))


def a_recording(**changes: object) -> Call:
    """Return a call that waits for its record."""
    return followed(**({"state": State.RECORDING, "ended_at": NOON} | changes))


def in_vain(call: Call, until: timedelta) -> Call:
    """Poll *call* without an answer whenever it is due, until then."""
    while call.state is State.FOLLOWING and call.next_at <= NOON + until:
        call = patience.unanswered(call, call.next_at, TIMING)
    return call


def test_a_short_outage_is_not_worth_an_edit() -> None:
    """Card edits are limited, and most outages end before anybody reads the card."""
    assert in_vain(followed(), 2 * MINUTE).silent_since is None
    assert in_vain(followed(), 5 * MINUTE).silent_since == NOON


def test_a_long_one_is_said_once() -> None:
    """The card must not change with every retry."""
    told = in_vain(followed(), 5 * MINUTE)
    later = in_vain(told, HOUR)

    assert told.state is later.state is State.FOLLOWING
    assert later.silent_since == told.silent_since


def test_an_answer_ends_the_silence() -> None:
    """A later outage is timed from its own start."""
    silent = in_vain(followed(), 5 * MINUTE)
    now = silent.next_at
    answers = [
        following.after_status(silent, TALKING, now, TIMING, timedelta(0)),
        following.gone(silent, now, TIMING),
        patience.status_refused(silent, now, TIMING),
    ]

    for each in answers:
        assert (each.failing_since, each.silent_since) == (None, None)


def test_after_two_hours_without_an_answer_only_the_log_can_tell() -> None:
    """The person gets a result the same day, with the note that no end was seen."""
    left = in_vain(followed(), 3 * HOUR)

    assert left.state is State.RECORDING
    assert left.why is Why.UNREACHABLE
    assert left.ended_at == left.next_at - log_schedule.first_read(TIMING)
    assert 2 * HOUR <= left.ended_at - NOON <= 2 * HOUR + MINUTE


def test_a_call_of_days_ago_is_not_followed_any_more() -> None:
    """The bot was down, or RingCentral's limit blocked every poll: give up at last."""
    old = followed(sent_at=NOON - 72 * HOUR)

    assert patience.unanswered(old, NOON, TIMING).state is State.RECORDING
    assert patience.put_off(old, MINUTE, NOON, TIMING).state is State.RECORDING


def test_a_status_that_can_not_change_is_not_asked_for_longer_in_an_outage() -> None:
    """The call was seen to have ended: wait one minute for its 404, outage or not."""
    busy = followed(terminal_at=NOON)
    left = in_vain(busy, HOUR)

    assert left.state is State.RECORDING
    assert left.why is None
    assert left.ended_at == NOON


def test_a_limit_is_kept_to_the_second_but_not_past_the_last_moment() -> None:
    """Asking early restarts the penalty; waiting a week leaves the person hanging."""
    call = followed()
    week = patience.put_off(call, 200 * HOUR, NOON, TIMING)

    assert patience.put_off(call, 33 * SECOND, NOON, TIMING).next_at == (
        NOON + 33 * SECOND
    )
    assert week.next_at == NOON + following.LONGEST_CALL


def test_refusals_and_404s_are_counted_from_the_first_after_an_outage() -> None:
    """A failure without an answer is no refusal and must not use up those tries."""
    silent = in_vain(followed(seen=False), 5 * MINUTE)

    refused = patience.status_refused(silent, silent.next_at, TIMING)
    gone = following.gone(silent, silent.next_at, TIMING)

    assert (refused.state, refused.tries) == (State.FOLLOWING, 1)
    assert (gone.state, gone.tries) == (State.FOLLOWING, 1)


def test_a_log_that_is_away_is_said_and_given_up_for_what_it_is() -> None:
    """It must not look like a log that was read and had no record."""
    call = a_recording()
    while call.end is None:
        before, call = call, patience.unread(call, SECOND, call.next_at, TIMING)

    assert before.silent_since == NOON
    assert (call.end, call.why) == (End.UNCONFIRMED, None)
    assert call.silent_since is not None


def test_a_log_that_is_back_says_no_more_than_it_holds() -> None:
    """This holds whether the next read finds the record or not."""
    silent = a_recording(failing_since=NOON, silent_since=NOON)
    side = Side(Ending.ANSWERED)
    now = NOON + MINUTE

    empty = following.not_found(silent, now, TIMING, own_id_shown=False, running=False)
    found = following.found(silent, Outcome(side, side), ("r",), now)

    assert empty.silent_since is found.silent_since is None


def test_a_talk_that_was_lost_sight_of_may_outlast_the_limit() -> None:
    """Its record then says that the call is still in progress."""
    left = a_recording(why=Why.UNREACHABLE)
    now = NOON + TIMING.log_give_up

    on = following.not_found(left, now, TIMING, own_id_shown=True, running=True)
    late = following.not_found(
        left, NOON + TIMING.log_give_up * 4, TIMING, own_id_shown=True, running=True
    )

    assert on.state is State.RECORDING
    assert (late.end, late.why) == (End.UNCONFIRMED, Why.UNREACHABLE)


def test_an_outage_uses_up_nothing_that_faults_of_ours_need() -> None:
    """Nor may a single bug at its end count as the last try."""
    waited = followed(tries=500, state=State.REPORTING, end=End.UNCONFIRMED)

    after = patience.faulted(waited, NOON, TIMING)

    assert (after.state, after.tries, after.faults) == (State.REPORTING, 500, 1)


def test_a_result_is_tried_to_be_told_for_hours() -> None:
    """The reply is all people wait for, and somebody may fix the fault meanwhile."""
    call, now = followed(state=State.REPORTING, end=End.UNCONFIRMED), NOON
    while call.state is State.REPORTING:
        now = call.next_at
        call = patience.faulted(call, now, TIMING)

    assert call.state is State.DONE
    assert 5 * HOUR < now - NOON < 7 * HOUR


# Whatever happens, each call reaches its end

Step = Callable[[Call, datetime], Call]
SIDE = Side(Ending.ANSWERED)
WORDS = st.sampled_from(["InProgress", "Success", "Finished", "Busy", "?"])


def unfound(*, own: bool, on: bool) -> Step:
    """Return a read of the log without a final record."""
    return lambda c, now: following.not_found(
        c, now, TIMING, own_id_shown=own, running=on
    )


def log_limited(call: Call, now: datetime) -> Call:
    """Return *call* after RingCentral's limit blocked a read of the log."""
    if patience.is_overdue(call, now, TIMING):
        return patience.unread(call, MINUTE, now, TIMING)
    return replace(call, next_at=now + MINUTE)


def postponed(call: Call, now: datetime) -> Call:
    """Return *call* after Slack postponed its card."""
    return replace(call, tries=call.tries + 1, next_at=now + following.SEND_WITHIN)


def fault(call: Call, now: datetime) -> Call:
    """Return *call* after an exception in our code."""
    return patience.faulted(call, now, TIMING)


CAN_BEFALL: dict[State, dict[str, Step]] = {
    State.REQUESTED: {
        "sent": lambda c, now: following.sending(c, now, TIMING),
        "busy": postponed,
        "fault": fault,
    },
    State.PLACING: {
        "placed": lambda c, now: following.placed(c, "s", RINGING, now, now, TIMING),
        "limit": lambda c, now: following.limited(c, 7 * SECOND, now),
        "long limit": lambda c, now: following.limited(c, HOUR, now),
        "4xx": lambda c, now: following.refused(c, Refusal(400), now),
        "lost": lambda c, now: following.lost(c, now, now, TIMING),
        "fault": fault,
    },
    State.FOLLOWING: {
        "404": lambda c, now: following.gone(c, now, TIMING),
        "none": lambda c, now: patience.unanswered(c, now, TIMING),
        "4xx": lambda c, now: patience.status_refused(c, now, TIMING),
        "limit": lambda c, now: patience.put_off(c, MINUTE, now, TIMING),
        "long limit": lambda c, now: patience.put_off(c, 999 * HOUR, now, TIMING),
        "fault": fault,
    },
    State.RECORDING: {
        "empty": unfound(own=False, on=False),
        "going on": unfound(own=True, on=True),
        "another going on": unfound(own=False, on=True),
        "not final": unfound(own=True, on=False),
        "none": lambda c, now: patience.unread(c, timedelta(0), now, TIMING),
        "limit": log_limited,
        "found": lambda c, now: following.found(c, Outcome(SIDE, SIDE), ("r",), now),
        "fault": fault,
    },
}
NAMES = sorted({name for steps in CAN_BEFALL.values() for name in steps})
ANSWERS = st.one_of(st.sampled_from(NAMES), st.builds(Status, WORDS, WORDS, WORDS))
STARTS = {
    State.REQUESTED: a_call(),
    State.PLACING: following.sending(a_call(), NOON, TIMING),
    State.FOLLOWING: followed(),
    State.RECORDING: a_recording(),
}
BOUND = (
    following.LIMIT_PATIENCE * 2
    + following.LONGEST_CALL
    + TIMING.log_give_up * 4
    + 10 * MINUTE  # faults, and the last pause of each wait
)


def befall(call: Call, answer: Status | str, now: datetime) -> Call:
    """Return *call* after *answer*, or after silence where *answer* can't occur."""
    if call.state is State.REQUESTED and following.may_send(call, "me", now):
        return following.ended(call, End.NOT_PLACED, now, Why.LATE)
    if isinstance(answer, Status):
        if call.state is State.FOLLOWING:
            return following.after_status(call, answer, now, TIMING, 5 * MINUTE)
        answer = "going on"
    steps = CAN_BEFALL[call.state]
    otherwise = {State.REQUESTED: "busy", State.PLACING: "fault"}
    step = steps.get(answer) or steps[otherwise.get(call.state, "none")]
    return step(call, now)


def ends(start: Call, answers: list[Status | str]) -> None:
    """Repeat *answers* until *start* has reached its end, in time."""
    call, now = start, NOON
    for answer in cycle(answers):
        now = max(now + timedelta(milliseconds=1), call.next_at)
        call = befall(call, answer, now)
        assert now - NOON <= BOUND, (call.state, answers)
        if call.end is not None:
            break

    assert call.state is State.REPORTING


@pytest.mark.parametrize("start", STARTS.values(), ids=list(STARTS))
@given(answers=st.lists(ANSWERS, min_size=1, max_size=12))
def test_whatever_is_answered_a_call_reaches_its_end(
    start: Call, answers: list[Status | str]
) -> None:
    """From any state, nobody may be left waiting longer than the limit."""
    ends(start, answers)


@pytest.mark.parametrize("start", STARTS.values(), ids=list(STARTS))
@pytest.mark.parametrize("answer", [*NAMES, TALKING, RINGING], ids=str)
def test_nothing_keeps_a_call_for_ever(start: Call, answer: Status | str) -> None:
    """The same answer again and again, for as long as it takes."""
    ends(start, [answer])
