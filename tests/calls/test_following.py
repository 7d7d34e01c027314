"""Every decision about a call's next step, as tables; then random events."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.calls import following, live_status, log_schedule, patience
from bot.calls.call import Call, End, Refusal, State, Status, Why
from bot.calls.lag import UNKNOWN
from bot.calls.log.ending import Ending
from bot.calls.log.outcome import Outcome, Side
from bot.calls.timing import Timing
from intents import NOON, a_call

TIMING = Timing()
SECOND = timedelta(seconds=1)
ZERO = timedelta(0)
OVER = {State.REPORTING, State.CLOSING, State.DONE}
RINGING = Status("InProgress", "InProgress", "InProgress")
UP = Status("InProgress", "Success", "InProgress")
TALKING = Status("Success", "Success", "Success")
HUNG_UP = Status("Success", "Finished", "Finished")
BUSY = Status("CannotReach", "Success", "Busy")
FOOLED = Status("CannotReach", "GenericError", "Success")
"""Seen live on a call that never reached the callee (ringcentral-js, issue 12)."""


def followed(**changes: object) -> Call:
    """Return a call that RingCentral has accepted."""
    values = {
        "state": State.FOLLOWING,
        "ringout_id": "s-1",
        "sent_at": NOON,
        "placed_at": NOON,
        "changed_at": NOON,
        "status": RINGING,
    }
    return a_call(**(values | changes))


def polled(call: Call, status: Status, at: timedelta = SECOND) -> Call:
    """Return *call* after a poll's answer."""
    return following.after_status(call, status, NOON + at, TIMING, ZERO)


@pytest.mark.parametrize(
    "status",
    [
        RINGING,
        UP,
        TALKING,
        HUNG_UP,
        BUSY,
        FOOLED,
        Status("InProgress", "Success", "New"),
    ],
)
def test_a_call_is_followed_until_its_404_whatever_it_says(status: Status) -> None:
    """A call ends when RingCentral no longer knows it, never by an unknown word."""
    assert polled(followed(), status).state is State.FOLLOWING


@pytest.mark.parametrize(
    "status",
    [
        Status("NoSessionFound", "NoSessionFound", "NoSessionFound"),
        Status("Success", "nosessionfound", "Success"),
    ],
)
def test_no_session_found_is_another_spelling_of_404(status: Status) -> None:
    """RingCentral can say "no session found" in a 200 body; it means 404."""
    after = polled(followed(seen=True), status)

    assert after.state is State.RECORDING
    assert after.ended_at == NOON + SECOND


def test_a_404_after_a_200_means_over_and_the_log_is_left_time() -> None:
    """A read at once would cost Heavy for nothing."""
    after = following.gone(followed(seen=True), NOON, TIMING)

    assert after.state is State.RECORDING
    assert after.next_at == NOON + log_schedule.first_read(TIMING)


def test_a_404_before_any_200_is_asked_again_before_it_is_believed() -> None:
    """A status that does not exist yet looks like one that is gone."""
    once = following.gone(followed(), NOON, TIMING)
    twice = following.gone(once, NOON, TIMING)
    thrice = following.gone(twice, NOON, TIMING)

    assert [each.state for each in (once, twice, thrice)] == [
        State.FOLLOWING,
        State.FOLLOWING,
        State.RECORDING,
    ]
    assert not thrice.seen


def test_a_status_that_never_goes_away_is_left_after_a_minute() -> None:
    """Its lifetime is undocumented; the person must get a result all the same."""
    busy = polled(followed(), BUSY, at=SECOND)
    later = polled(busy, BUSY, at=SECOND + following.TERMINAL_PATIENCE)

    assert busy.terminal_at == NOON + SECOND
    assert later.state is State.RECORDING
    assert later.ended_at == busy.terminal_at


@pytest.mark.parametrize(
    "word",
    [
        "CannotReach",
        "Error",
        "GenericError",
        "Rejected",
        "NotEnoughFunds",
        "NosuchUser",
        "InternationalDisabled",
        "NoAnsweringMachine",
    ],
)
def test_a_call_that_fails_as_a_whole_is_not_polled_for_hours(word: str) -> None:
    """RingCentral may say it of the call alone, with both sides in progress."""
    call = polled(followed(), Status(word, "InProgress", "InProgress"))
    later = polled(call, call.status or RINGING, SECOND + following.TERMINAL_PATIENCE)

    assert call.terminal_at == NOON + SECOND
    assert later.state is State.RECORDING


@pytest.mark.parametrize("word", ["Invalid", "Unknown", "", "Whatever"])
def test_an_internal_failure_or_a_new_word_ends_nothing_by_itself(word: str) -> None:
    """``Invalid`` is RingCentral's word for a failure of its own, not for a number."""
    for status in (
        Status(word, "InProgress", "InProgress"),
        Status("InProgress", word, "InProgress"),
        Status("InProgress", "Success", word),
    ):
        assert polled(followed(), status).terminal_at is None


def test_nobody_is_called_answered_by_callee_success_alone() -> None:
    """The contradictory status that was seen live must not count as a conversation."""
    assert not polled(followed(), FOOLED).connected
    assert polled(followed(), TALKING).connected


def test_once_connected_stays_connected_through_finished() -> None:
    """`Finished` on both sides counts as a conversation only if one was seen."""
    assert polled(polled(followed(), TALKING), HUNG_UP).connected
    assert not polled(followed(), HUNG_UP).connected


@pytest.mark.parametrize(
    ("quiet", "interval"), [(0, 2), (19, 2), (20, 4), (99, 4), (100, 10), (3600, 10)]
)
def test_polls_are_close_after_a_change_and_rare_in_a_long_talk(
    quiet: int, interval: int
) -> None:
    """A call costs 20 Light requests in its first minute, later six a minute."""
    after = following.interval(quiet * SECOND, TIMING, ZERO)

    assert after == interval * SECOND


def test_the_budget_of_all_calls_stretches_each_ones_interval() -> None:
    """Ten live calls on one user leave each a poll every 15 s, not 2."""
    after = following.after_status(followed(), UP, NOON, TIMING, 15 * SECOND)

    assert after.next_at == NOON + 15 * SECOND


@given(
    late=st.timedeltas(-SECOND, 60 * SECOND), stretch=st.timedeltas(ZERO, 60 * SECOND)
)
def test_a_late_poll_puts_the_next_one_off_by_no_more(
    late: timedelta, stretch: timedelta
) -> None:
    """A late poll keeps the schedule, but at least half an interval passes after it."""
    wait = max(2 * SECOND, stretch)

    after = following.after_status(followed(), UP, NOON, TIMING, stretch, late)

    assert after.next_at == max(
        min(NOON - late + wait, NOON + wait), NOON + wait - wait / 2
    )


def test_a_call_of_half_a_day_is_left_to_the_log() -> None:
    """A status that stays wrong forever must not be polled forever."""
    after = polled(followed(), TALKING, at=following.LONGEST_CALL + SECOND)

    assert after.state is State.RECORDING


def test_failed_polls_come_slower_and_do_not_end_a_call() -> None:
    """An outage of RingCentral must not look as if somebody hung up."""
    call = followed()
    waits = []
    for _ in range(8):
        call = patience.unanswered(call, NOON, TIMING)
        waits.append((call.next_at - NOON).total_seconds())

    assert waits == [4, 8, 16, 32, 60, 60, 60, 60]
    assert call.state is State.FOLLOWING


def test_a_status_that_is_refused_again_and_again_is_left_to_the_log() -> None:
    """If a permission is revoked during a call, its card must still be finished."""
    call = followed()
    for _ in range(patience.MOST_REFUSALS):
        call = patience.status_refused(call, NOON, TIMING)

    assert call.state is State.RECORDING


def test_a_limit_is_waited_out_for_a_minute_and_not_longer() -> None:
    """429 means not executed; but nobody expects their phone to ring in an hour."""
    waiting = following.limited(a_call(state=State.PLACING), 60 * SECOND, NOON)
    again = following.limited(waiting, 60 * SECOND, NOON + 60 * SECOND)
    long = following.limited(a_call(state=State.PLACING), 120 * SECOND, NOON)

    assert waiting.state is State.REQUESTED
    assert waiting.next_at == waiting.wait_until == NOON + 60 * SECOND
    assert (again.end, again.why) == (End.NOT_PLACED, Why.LIMIT)
    assert (long.end, long.why) == (End.NOT_PLACED, Why.LIMIT)


def test_an_intent_is_sent_by_its_own_process_and_soon_or_never() -> None:
    """A phone that rings minutes later or after a restart would surprise the person."""
    call = a_call()
    limited = replace(call, limited_at=NOON)

    assert following.may_send(call, "me", NOON) is None
    assert following.may_send(call, "another", NOON) is Why.RESTART
    assert following.may_send(call, "me", NOON + 16 * SECOND) is Why.LATE
    assert following.may_send(limited, "me", NOON + 60 * SECOND) is None
    assert following.may_send(limited, "me", NOON + 80 * SECOND) is Why.LATE


def test_placing_is_stored_with_time_to_settle() -> None:
    """A process that finds the call later must know that no answer can still come."""
    sending = following.sending(a_call(), NOON, TIMING)

    assert sending.state is State.PLACING
    assert sending.sent_at == NOON
    assert sending.next_at == NOON + TIMING.waits.answer_lost


def test_accepted_refused_or_lost() -> None:
    """The POST succeeds, fails or stays unknown; each has its own next step."""
    call = following.sending(a_call(), NOON, TIMING)
    placed = following.placed(call, "s-1", RINGING, NOON, NOON, TIMING)
    refused = following.refused(call, Refusal(403, "CMN-109"), NOON)
    lost = following.lost(call, NOON, NOON, TIMING)

    assert (placed.state, placed.ringout_id) == (State.FOLLOWING, "s-1")
    assert (refused.end, refused.owes_reply) == (End.REFUSED, False)
    assert (lost.state, lost.is_lost) == (State.RECORDING, True)


def a_recording(**changes: object) -> Call:
    """Return a call that waits for its record."""
    values = {"state": State.RECORDING, "seen": True, "ended_at": NOON}
    return followed(**(values | changes))


def unfound(call: Call, at: timedelta, *, own: bool = False, on: bool = False) -> Call:
    """Return *call* after a read that held no final record of it."""
    return following.not_found(call, NOON + at, TIMING, own_id_shown=own, running=on)


def test_reads_that_find_nothing_are_spaced_out_to_a_minute() -> None:
    """20 s, then 20, 40 and 60 s apart: a lost call's record may come at any time."""
    call, at, gaps = a_recording(ringout_id=""), 20 * SECOND, []
    for _ in range(6):
        after = unfound(call, at)
        gaps.append((after.next_at - NOON - at).total_seconds())
        call, at = after, after.next_at - NOON

    assert gaps == [20, 40, 60, 60, 60, 60]


def test_without_a_record_the_limit_ends_the_wait_truthfully() -> None:
    """A placed call ends as unconfirmed; one without an answer to its POST as lost."""
    late = TIMING.log_give_up

    assert unfound(a_recording(reads=1), late).end is End.UNCONFIRMED
    assert unfound(a_recording(ringout_id="", reads=1), late).end is End.LOST
    assert unfound(a_recording(), late, own=True, on=True).end is End.UNCONFIRMED


def test_the_first_read_after_a_long_outage_is_not_the_last() -> None:
    """Matching by numbers begins with the second: the call gets it."""
    first = unfound(a_recording(), TIMING.log_give_up * 3)

    assert first.state is State.RECORDING
    assert unfound(first, TIMING.log_give_up * 4).end is End.UNCONFIRMED


def test_the_last_read_is_made_when_the_limit_is_reached() -> None:
    """People wait no longer than the limit that docs/how-it-works.md names."""
    after = unfound(a_recording(reads=5), TIMING.log_give_up - 10 * SECOND)

    assert after.next_at == NOON + TIMING.log_give_up


def test_a_call_whose_end_was_not_seen_may_outlast_the_limit() -> None:
    """A lost answer may be an hour's talk; its record says that it goes on."""
    lost = a_recording(ringout_id="", seen=False, reads=1)

    assert unfound(lost, TIMING.log_give_up, on=True).state is State.RECORDING
    assert unfound(lost, TIMING.log_give_up * 4, on=True).end is End.LOST


def test_a_read_that_shows_our_id_unfinished_is_no_read_without_it() -> None:
    """Otherwise matching by numbers would begin although our record is there."""
    assert unfound(a_recording(), 30 * SECOND, own=True, on=True).reads == 0
    assert unfound(a_recording(), 30 * SECOND).reads == 1


def test_an_outage_of_the_log_is_given_twice_the_limit() -> None:
    """A failed read must not count as one without our record."""
    call = a_recording()
    failed = patience.unread(call, ZERO, NOON + TIMING.log_give_up, TIMING)
    given_up = patience.unread(call, ZERO, NOON + TIMING.log_give_up * 2, TIMING)

    assert (failed.state, failed.reads) == (State.RECORDING, 0)
    assert given_up.end is End.UNCONFIRMED


def test_a_found_record_owes_a_reply() -> None:
    """Once the record is found, the person must get the result in a reply."""
    side = Side(Ending.ANSWERED, "Accepted")
    found = following.found(a_recording(), Outcome(side, side, SECOND), ("r1",), NOON)

    assert (found.state, found.end) == (State.REPORTING, End.RECORDED)
    assert found.owes_reply
    assert found.records == ("r1",)


WORDS = st.sampled_from(
    ["InProgress", "Success", "Finished", "Busy", "CannotReach", "NoSessionFound", "?"]
)
EVENTS = st.one_of(
    st.builds(Status, WORDS, WORDS, WORDS),
    st.sampled_from(["404", "error", "refused", "empty", "running", "unread", "found"]),
)


def happen(  # noqa: PLR0911 - a table
    call: Call, event: Status | str, now: timedelta
) -> Call:
    """Return *call* after *event*; unchanged if that cannot happen in its state."""
    at = NOON + now
    if call.state is State.FOLLOWING:
        if isinstance(event, Status):
            return following.after_status(call, event, at, TIMING, ZERO)
        step = {
            "404": following.gone,
            "error": patience.unanswered,
            "refused": patience.status_refused,
        }.get(event)
        return step(call, at, TIMING) if step else call
    if call.state is State.RECORDING:
        side = Side(Ending.ANSWERED)
        match event:
            case "empty":
                return unfound(call, now)
            case "running":
                return unfound(call, now, own=True, on=True)
            case "unread":
                return patience.unread(call, ZERO, at, TIMING)
            case "found":
                return following.found(call, Outcome(side, side), ("r",), at)
    return call


@given(st.lists(EVENTS, max_size=60))
def test_whatever_happens_a_call_moves_forward_and_is_due_again(
    events: list[Status | str],
) -> None:
    """No event moves a call back, leaves it without a due date, or rings it again."""
    order = list(State)
    call, now = followed(), ZERO
    for event in events:
        now = max(now, call.next_at - NOON) + SECOND
        after = happen(call, event, now)

        assert order.index(after.state) >= order.index(call.state)
        assert after.sent_at == call.sent_at
        if after.state not in OVER and after != call:
            assert (
                NOON + now <= after.next_at <= NOON + now + 2 * log_schedule.LONGEST_GAP
            )
        if after.end is End.RECORDED and call.end is None:
            assert event == "found"
        call = after


@given(st.integers(0, 400))
def test_a_call_that_is_over_is_always_told_in_the_end(reads: int) -> None:
    """A card must not say "being looked up" forever."""
    call, now = a_recording(), ZERO
    for _ in range(60):
        now = call.next_at - NOON
        call = unfound(call, now) if reads % 2 else happen(call, "unread", now)
        if call.state in OVER:
            break

    assert call.end is End.UNCONFIRMED


def test_the_last_answer_that_knew_the_call_is_kept() -> None:
    """Only that tells a record of an earlier call to the same number from its own."""
    at = [NOON + SECOND * each for each in range(5)]

    one = following.after_status(followed(), TALKING, at[2], TIMING, ZERO, ZERO, at[1])
    two = following.after_status(one, HUNG_UP, at[4], TIMING, ZERO, ZERO, at[3])
    late = following.gone(two, at[4] + SECOND, TIMING)

    assert (one.seen_at, one.alive_at) == (at[2], at[1])
    assert (two.seen_at, two.alive_at) == (at[4], at[1])
    assert (late.seen_at, late.alive_at) == (at[4], at[1])


@pytest.mark.parametrize(
    ("before", "status", "note"),
    [
        (RINGING, RINGING, ""),
        (RINGING, UP, "status InProgress / Success / InProgress"),
        (None, UP, "status InProgress / Success / InProgress"),
        (RINGING, Status("", "", "Busy"), "status - / - / Busy"),
        (RINGING, Status("x" * 300), ("status " + "x" * 300)[:200]),
    ],
)
def test_each_change_of_the_status_is_noted_once(
    before: Status | None, status: Status, note: str
) -> None:
    """The history is what is left to explain a call; a poll without news adds nothing."""
    assert live_status.status_note(before, status) == note


# The end that was seen, and the log


def test_the_log_is_read_from_the_end_that_was_seen() -> None:
    """The 404 may take a minute; the record is often there long before."""
    over = polled(followed(seen=True), HUNG_UP)

    assert over.state is State.FOLLOWING
    assert over.terminal_at == NOON + SECOND
    assert over.log_at == over.terminal_at + log_schedule.first_read(TIMING)


def test_a_call_that_is_over_is_polled_rarely() -> None:
    """Its status can hardly change, and other calls need the limit."""
    over = polled(followed(seen=True), HUNG_UP)
    again = polled(over, HUNG_UP, 11 * SECOND)

    assert over.next_at - (NOON + SECOND) == 10 * SECOND
    assert again.log_at == over.log_at


def test_an_end_that_a_later_status_takes_back_is_none() -> None:
    """``Rejected`` may come before they talk after all: the log is not read any more."""
    over = replace(polled(followed(seen=True), BUSY), looked_at=NOON)
    on = polled(over, TALKING, 11 * SECOND)

    assert (on.terminal_at, on.log_at, on.looked_at) == (None, None, None)
    assert on.next_at == NOON + 13 * SECOND


def test_the_404_does_not_put_the_next_read_off() -> None:
    """Nor does it bring it forward: a read just before it showed nothing."""
    over = polled(followed(seen=True), HUNG_UP)
    gone = following.gone(over, NOON + 3 * SECOND, TIMING)
    late = following.gone(over, NOON + 13 * SECOND, TIMING)

    assert (gone.state, gone.next_at, gone.log_at) == (
        State.RECORDING,
        over.log_at,
        None,
    )
    assert late.next_at == NOON + 13 * SECOND


@pytest.mark.parametrize("at", [7, 31, 899, 90_000])
def test_a_call_that_is_still_polled_is_never_given_up_for_its_record(at: int) -> None:
    """Neither the reads before the 404 nor their time count against it."""
    over = polled(followed(seen=True), HUNG_UP)
    for own in (True, False):
        after = unfound(over, at * SECOND, own=own, on=own)

        assert (after.state, after.reads) == (State.FOLLOWING, 0)
        assert after.looked_at == NOON + at * SECOND
        assert after.log_at is not None
        assert after.log_at > after.looked_at
        assert after.next_at == over.next_at
    unread = patience.unread(over, ZERO, NOON + at * SECOND, TIMING)
    assert (unread.state, unread.tries) == (State.FOLLOWING, 0)
    assert not patience.is_overdue(over, NOON + at * SECOND, TIMING)


def test_early_reads_do_not_let_numbers_decide() -> None:
    """A read before records are there says nothing about whose record is there."""
    call = a_recording(terminal_at=NOON - 12 * SECOND)

    assert unfound(call, 8 * SECOND).reads == 0
    assert unfound(call, 20 * SECOND).reads == 1


def test_a_read_for_other_calls_puts_a_close_one_off_and_no_late_one() -> None:
    """One read serves all; but a late record must not be put off again and again."""
    close = a_recording(terminal_at=NOON, next_at=NOON + 12 * SECOND)
    late = a_recording(terminal_at=NOON, next_at=NOON + 62 * SECOND)
    lost = a_recording(ringout_id="", next_at=NOON + 12 * SECOND)

    served = log_schedule.served(close, NOON + 10 * SECOND, TIMING, UNKNOWN)
    assert served.next_at == NOON + 17.6 * SECOND
    assert served.looked_at == NOON + 10 * SECOND
    assert log_schedule.served(late, NOON + 60 * SECOND, TIMING, UNKNOWN) == late
    assert log_schedule.served(lost, NOON + 10 * SECOND, TIMING, UNKNOWN) == lost


@pytest.mark.parametrize(
    ("stretch", "interval"),
    [(1.5, 4), (2.9, 5.8), (4.5, 9), (7.5, 10), (15, 15), (0, 10)],
)
def test_a_long_talk_is_polled_as_closely_as_an_idle_budget_allows(
    stretch: float, interval: float
) -> None:
    """One quiet call every 4 s; five share half of the limit, and leave the rest."""
    after = following.interval(3600 * SECOND, TIMING, stretch * SECOND)

    assert after == interval * SECOND


@pytest.mark.parametrize("status", [None, HUNG_UP])
def test_a_clock_that_was_ahead_puts_off_no_read(status: Status | None) -> None:
    """The operator has set it right, hours back: people must not wait for those hours."""
    ahead = NOON + timedelta(hours=10)
    call = followed(
        status=HUNG_UP, seen=True, terminal_at=ahead, log_at=ahead + 6 * SECOND
    )

    if status is None:
        told = following.gone(call, NOON, TIMING)
        read_at = told.next_at
    else:
        told = following.after_status(call, status, NOON, TIMING, ZERO)
        assert told.terminal_at == NOON
        assert told.log_at is not None
        read_at = told.log_at

    assert read_at <= NOON + log_schedule.LONGEST_GAP
