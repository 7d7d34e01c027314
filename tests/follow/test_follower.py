"""The follower when a poll, the database or our own code fails: no call is lost."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot.calls import following, patience
from bot.calls.call import Call, End, Place, State, Status, Why
from bot.calls.log_schedule import USUALLY_LOGGED
from bot.calls.people.names import Name, NameSource
from bot.calls.telling import Kind, Note
from bot.calls.timing import USUAL_WAITS
from bot.errors import (
    ChatBusy,
    ChatRefused,
    ChatUnknown,
    CredentialsRefused,
    Disconnected,
    NotFound,
    NotSent,
    RateLimited,
    Refused,
    SignInOutOfReach,
    StoreUnavailable,
    Unreachable,
)
from bot.follow.placer import SEND_DEADLINE
from bot.policy.workspace import WorkspaceId
from bot.ringcentral.transport.bounds import USUAL_BOUNDS
from bot.storage.policy.states import PolicyStates
from desk import Desk
from intents import CALLEE, NOON, a_call, add_call

pytestmark = pytest.mark.on_both

FOLLOWED: dict[str, Any] = {
    "state": State.FOLLOWING,
    "ringout_id": "s-1",
    "sent_at": NOON,
    "seen": True,
    "placed_at": NOON,
    "card_ts": "1",
    "card_channel": "C1",
}


@pytest.mark.parametrize(
    ("error", "state", "wait"),
    [
        (NotFound(404), State.RECORDING, 6.5),
        (RateLimited(33), State.FOLLOWING, 33),
        (Refused(403), State.FOLLOWING, 4),
        (Unreachable("reset"), State.FOLLOWING, 4),
        (CredentialsRefused("RingCentral", "no"), State.FOLLOWING, 4),
    ],
)
async def test_a_poll_that_fails_has_one_answer_each(
    desk: Desk, error: Exception, state: State, wait: float
) -> None:
    """Each kind of error ends the call or sets the time of its next poll."""
    desk.far.errors["status"] = error

    after = await desk.step(**FOLLOWED)

    assert after.state is state
    assert after.next_at == NOON + timedelta(seconds=wait)


async def test_a_poll_that_sees_both_remembers_it(desk: Desk) -> None:
    """The call and its card must both show that the two sides are connected."""
    after = await desk.step(**FOLLOWED)

    assert after.connected
    assert desk.far.shown == [(State.FOLLOWING, False)]


async def test_calls_that_came_due_at_other_times_stay_apart(desk: Desk) -> None:
    """Calls made late together by a busy moment must not be polled together."""
    due = {"a": NOON, "b": NOON + timedelta(seconds=0.7)}
    for name, at in due.items():
        call = a_call(**FOLLOWED, id=name, key=name, next_at=at)
        await add_call(desk.store, call, most=99, again=True)
    desk.clock.pass_by(0.9)

    await desk.follower._claim()
    await desk.follower._steps.settle(10)

    after = [await desk.store.get(name) for name in due]
    seconds = [(call.next_at - NOON).total_seconds() for call in after if call]
    assert seconds == [pytest.approx(2.0), pytest.approx(2.7)]


@pytest.mark.parametrize(
    ("error", "end", "why"),
    [
        (CredentialsRefused("RingCentral", "no"), End.NOT_PLACED, Why.LOGIN),
        (Refused(401), End.NOT_PLACED, Why.LOGIN),
        (Refused(400, "CMN-101"), End.REFUSED, None),
        (NotSent("no connection"), End.NOT_PLACED, Why.UNREACHABLE),
        (SignInOutOfReach("log-in: reset"), End.NOT_PLACED, Why.UNREACHABLE),
        (StoreUnavailable("its tokens"), End.NOT_PLACED, Why.TROUBLE),
        (Unreachable("reset"), None, None),
        (RateLimited(30), None, None),
        (RateLimited(300), End.NOT_PLACED, Why.LIMIT),
    ],
)
async def test_each_answer_to_the_post_is_kept_for_what_it_is(
    desk: Desk, error: Exception, end: End | None, why: Why | None
) -> None:
    """Refused, not sent, lost and rate-limited need four different messages."""
    desk.far.errors["ring_out"] = error

    after = await desk.step()

    assert (after.end, after.why) == (end, why)
    assert desk.far.sent == 1
    if isinstance(error, Unreachable):
        assert after.state is State.RECORDING
        assert after.is_lost


@pytest.mark.parametrize(
    ("known", "kept"),
    [
        (None, False),
        (Name("Northwind", NameSource.WRITTEN), True),
        (Name("N. North", NameSource.RECORD), False),
        (Name("Nora of old", NameSource.ADDRESS_BOOK), False),
        (Name("Nora North", NameSource.DIRECTORY), True),
    ],
)
async def test_a_call_is_placed_with_the_best_name(
    desk: Desk, known: Name | None, *, kept: bool
) -> None:
    """What the person wrote stays; what the call before had may be old."""
    book = Name("Nora", NameSource.ADDRESS_BOOK)
    desk.far.names[CALLEE] = book

    after = await desk.step(callee_name=known)

    assert after.callee_name == (known if kept else book)
    assert desk.far.sent == 1


async def test_who_has_left_meanwhile_rings_nobody(desk: Desk) -> None:
    """Another process saw them disconnect; our cached token must not ring a phone."""
    desk.far.errors["check"] = Disconnected("not connected any more")

    after = await desk.step()

    assert (after.end, after.why) == (End.NOT_PLACED, Why.LOGIN)
    assert desk.far.sent == 0


@pytest.mark.parametrize(
    ("error", "why"),
    [
        (CredentialsRefused("RingCentral", "no"), Why.LOGIN),
        (Unreachable("down"), Why.UNREACHABLE),
        (RateLimited(3), None),
    ],
)
async def test_without_a_default_phone_nothing_is_sent(
    desk: Desk, error: Exception, why: Why | None
) -> None:
    """The default phone could not be looked up, so there is no phone to ring."""
    desk.far.errors["default"] = error

    after = await desk.step(caller=None)

    assert after.why is why
    assert desk.far.sent == 0


async def test_who_has_no_phone_is_told_how_to_give_one(desk: Desk) -> None:
    """A private message says how to choose a phone; no card is posted."""
    desk.far.phone = None

    after = await desk.step(caller=None)
    await desk.follower._step(after)

    assert desk.far.told == [Note.NO_CALLER]
    assert desk.far.posted == []
    closed = await desk.store.get(after.id)
    assert closed is not None
    assert closed.state is State.DONE


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (ChatRefused("not_in_channel"), [Note.NO_CARD]),
        (ChatBusy(3), []),
        (ChatUnknown("reset"), []),
    ],
)
async def test_without_a_card_nothing_is_sent(
    desk: Desk, error: Exception, told: list[Note]
) -> None:
    """Nobody could see or cancel a call without a card."""
    desk.far.errors["post"] = error

    await desk.step()

    assert desk.far.sent == 0
    assert desk.far.told == told


async def test_an_old_or_foreign_intent_is_never_sent(desk: Desk) -> None:
    """After a crash or a slow Slack, a phone must not ring out of the blue."""
    foreign = await desk.step(taken_by="dead")
    late = await desk.step(id="c2", key="k2", asked_at=NOON - timedelta(minutes=1))
    found = await desk.step(id="c3", key="k3", state=State.PLACING, sent_at=NOON)

    assert (foreign.why, late.why) == (Why.RESTART, Why.LATE)
    assert found.state is State.RECORDING
    assert desk.far.sent == 0


async def test_a_call_that_waits_when_calls_are_paused_is_not_placed(
    desk: Desk,
) -> None:
    """A pause stops what is going wrong now; calls that were sent already go on."""
    going_on = await desk.step(id="c2", key="k2")
    elsewhere = Place("T2", "C1", "U1")
    calls = [a_call(limited_at=NOON), a_call(id="c3", key="k3", place=elsewhere)]
    for call in calls:
        await add_call(desk.store, call, again=True)
    states = PolicyStates(desk.store.writer)
    await states.pause(WorkspaceId("", "T1"), NOON, "U9", "a wrong list")

    for call in calls:
        await desk.follower._step(call)

    waiting, other = [await desk.store.get(call.id) for call in calls]
    assert waiting is not None
    assert other is not None
    assert (waiting.end, waiting.why) == (End.NOT_PLACED, Why.PAUSED)
    assert (going_on.state, other.state) == (State.FOLLOWING, State.FOLLOWING)
    assert desk.far.sent == 2


REPORTING: dict[str, Any] = {
    **FOLLOWED,
    "state": State.REPORTING,
    "end": End.UNCONFIRMED,
    "card_tried": True,
}


@pytest.mark.parametrize(
    ("errors", "check"),
    [
        ({"post": ChatBusy(7)}, lambda c: c.next_at == NOON + timedelta(seconds=7)),
        ({"post": ChatUnknown("x")}, lambda c: c.reply_tried and not c.reply_ts),
        ({"post": ChatRefused("token_revoked")}, lambda c: c.state is State.REPORTING),
        ({"post": ChatRefused("is_archived")}, lambda c: c.card_channel == "DU1"),
        (
            {"post": ChatRefused("is_archived"), "direct": ChatRefused("x")},
            lambda c: c.state is State.DONE,
        ),
        (
            {"post": ChatRefused("is_archived"), "direct": ChatBusy(9)},
            lambda c: c.next_at == NOON + timedelta(seconds=9),
        ),
        (
            {"post": ChatRefused("is_archived"), "direct": ChatUnknown("garbage")},
            lambda c: c.state is State.REPORTING and c.next_at > NOON,
        ),
    ],
)
async def test_a_reply_that_slack_does_not_take_is_kept_or_moved(
    desk: Desk, errors: dict[str, Exception], check: Callable[[Call], bool]
) -> None:
    """It is retried, sent to the DM, or given up with a log line: never just lost."""
    desk.far.errors = errors

    assert check(await desk.step(**REPORTING))


async def test_a_reply_that_is_there_already_is_not_posted_again(desk: Desk) -> None:
    """Slack had posted the reply, only its answer was lost: people need one reply."""
    desk.far.found = "9.9"

    after = await desk.step(**REPORTING, reply_tried=True)

    assert after.reply_ts == "9.9"
    assert desk.far.posted == []
    assert (State.REPORTING, True) in desk.far.shown


@pytest.mark.parametrize(
    ("state", "then"),
    [
        (State.FOLLOWING, State.RECORDING),
        (State.REQUESTED, State.REPORTING),
        (State.PLACING, State.RECORDING),
        (State.REPORTING, State.DONE),
        (State.RECORDING, State.REPORTING),
    ],
)
async def test_a_poisoned_call_is_not_tried_for_ever(
    desk: Desk, state: State, then: State
) -> None:
    """A bug in one call must not stop others, and its person still gets a reply."""
    telling = state is State.REPORTING
    most = patience.MOST_TELLINGS if telling else patience.MOST_FAULTS
    call = a_call(state=state, faults=most - 2, ended_at=NOON - timedelta(hours=1))
    await add_call(desk.store, call, most=9)

    await desk.follower._failed(call)
    once = await desk.store.get("c1")
    assert once is not None
    assert once.state is state
    await desk.follower._failed(once)
    after = await desk.store.get("c1")

    assert after is not None
    assert after.state is then


async def test_a_fault_of_ours_is_logged_and_the_call_due_again(
    desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    """An unexpected exception costs one step, not the call."""
    desk.far.errors["status"] = ZeroDivisionError()

    after = await desk.step(**FOLLOWED)

    assert (after.tries, after.faults) == (0, 1)
    assert "a step from following failed" in caplog.text


async def test_the_log_is_not_read_before_its_time_nor_too_often(desk: Desk) -> None:
    """A rate limit or an outage postpones the next read, and loses no call."""
    waiting = {**FOLLOWED, "state": State.RECORDING, "ended_at": NOON}
    await add_call(desk.store, a_call(**waiting), most=9)
    desk.far.errors["log"] = RateLimited(40)
    await desk.read_log()
    desk.clock.pass_by(41)
    desk.far.errors["log"] = Unreachable("down")
    await desk.read_log()
    await desk.read_log()
    unread = await desk.store.get("c1")
    del desk.far.errors["log"]
    desk.clock.pass_by(600)
    await desk.read_log()
    read = await desk.store.get("c1")

    assert unread is not None
    assert read is not None
    assert (unread.tries, unread.reads) == (1, 0)
    assert read.reads == 1


async def claimed(desk: Desk) -> Call:
    """Claim what is due, wait for the steps to end, and return the one call."""
    await desk.follower._claim()
    await desk.follower._steps.settle(10)
    after = await desk.store.get("c1")
    assert after is not None
    return after


async def test_a_claim_is_not_forgotten_where_the_next_question_gets_no_answer(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The database fails after the claim: the call must not wait for its lease."""
    await add_call(desk.store, a_call(**FOLLOWED), most=9)
    count = desk.store.counted_by_account

    async def gone(state: State) -> dict[str, int]:
        del state
        monkeypatch.setattr(desk.store, "counted_by_account", count)
        raise StoreUnavailable("gone")

    monkeypatch.setattr(desk.store, "counted_by_account", gone)

    await claimed(desk)
    after = await claimed(desk)

    assert after.connected
    assert after.next_at < NOON + timedelta(seconds=10)


async def test_what_a_claim_took_that_got_no_answer_is_claimed_again(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The claim was committed but its answer lost: no call may wait for its lease."""
    await add_call(desk.store, a_call(**FOLLOWED), most=9)
    not_ours = a_call(
        **FOLLOWED, id="b", key="b", next_at=NOON + USUAL_WAITS.step_lease
    )
    await add_call(desk.store, not_ours, most=9, again=True)
    claim = desk.store.claim

    async def unheard(*values: Any) -> list[Call]:
        monkeypatch.setattr(desk.store, "claim", claim)
        await claim(*values)
        raise StoreUnavailable("gone")

    monkeypatch.setattr(desk.store, "claim", unheard)

    taken = await claimed(desk)
    after = await claimed(desk)

    left = await desk.store.get("b")
    assert (taken.connected, taken.next_at) == (False, NOON + USUAL_WAITS.step_lease)
    assert (after.connected, after.attempt) == (True, 3)
    assert after.next_at < NOON + timedelta(seconds=10)
    assert left is not None
    assert left.next_at == not_ours.next_at
    assert desk.follower._unanswered == set()


async def test_a_database_that_is_gone_stops_nobody_for_good(desk: Desk) -> None:
    """Claims back off; RingCentral's answer is stored once the database is back."""
    call = a_call(**FOLLOWED)
    await add_call(desk.store, call, most=9)
    await desk.store.writer.run(
        lambda db: db.exec_driver_sql("ALTER TABLE calls RENAME TO gone")
    )

    await desk.follower._claim()
    await desk.follower._step(call)
    await desk.follower._failed(call)
    with pytest.raises(StoreUnavailable):
        await desk.follower._moves.insist(call, lambda c: replace(c, tries=1))
    await desk.store.writer.run(
        lambda db: db.exec_driver_sql("ALTER TABLE gone RENAME TO calls")
    )
    moved = await desk.follower._moves.insist(call, lambda c: replace(c, tries=1))

    assert moved is not None


async def test_a_click_on_cancel_while_a_poll_is_under_way_is_on_the_card(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The poll began before the click and is stored after it; both must show."""
    shown: list[Call] = []
    ask = desk.far.status

    async def clicked_meanwhile(ringout_id: str) -> Status:
        await desk.store.change(
            "c1", lambda c: replace(c, cancelled_at=NOON), NOON, "cancel asked"
        )
        return await ask(ringout_id)

    monkeypatch.setattr(desk.far, "status", clicked_meanwhile)
    monkeypatch.setattr(desk.far, "show", shown.append)

    after = await desk.step(**FOLLOWED)

    assert after.cancelled_at == NOON
    assert after.connected
    assert shown == [after]


async def test_a_poll_that_was_overtaken_shows_nothing(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another process has taken the call over, and only that one may edit the card."""
    ask = desk.far.status

    async def taken_meanwhile(ringout_id: str) -> Status:
        await desk.store.change(
            "c1", lambda c: replace(c, attempt=c.attempt + 1, held_by="you"), NOON
        )
        return await ask(ringout_id)

    monkeypatch.setattr(desk.far, "status", taken_meanwhile)

    after = await desk.step(**FOLLOWED)

    assert not after.connected
    assert desk.far.shown == []


async def test_an_outage_of_slack_leaves_a_fault_its_tries(
    desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    """A bug after a day of `token_revoked` must not cost the person their reply."""
    call = await desk.step(**REPORTING)
    await desk.store.change("c1", lambda c: replace(c, reply_ts=""), NOON)
    for error in (*[ChatRefused("token_revoked")] * 12, KeyError("x")):
        desk.far.errors["post"] = error
        call = await stored(desk)
        await desk.follower._step(call)
        desk.clock.pass_by(60)
    after = await stored(desk)
    del desk.far.errors["post"]
    desk.far.posted.clear()
    await desk.follower._step(after)
    told = await stored(desk)

    assert (after.state, after.faults) == (State.REPORTING, 1)
    assert after.tries >= 12
    assert [kind for kind, _ in desk.far.posted] == [Kind.REPLY]
    assert (told.faults, told.reply_ts) == (0, "1.c1")
    assert "could not be posted" not in caplog.text


async def test_what_can_not_be_told_for_hours_is_an_error(
    desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    """The operator must find an error in the log when a reply is given up."""
    desk.far.errors["post"] = KeyError("x")
    await desk.step(**REPORTING)
    for _ in range(patience.MOST_TELLINGS - 2):
        await desk.follower._step(await stored(desk))
    last = await stored(desk)
    assert "could not be posted" not in caplog.text

    await desk.follower._step(last)

    assert last.state is State.REPORTING
    assert (await stored(desk)).state is State.DONE
    assert "call c1: its result could not be posted" in caplog.text


async def test_a_lost_answer_after_a_day_of_them_is_waited_for_as_ever(
    desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    """The pause grows with the tries, but is capped: 2**tries must not overflow."""
    desk.far.errors["post"] = ChatUnknown("x")

    after = await desk.step(**REPORTING, tries=5000)

    assert after.next_at == NOON + timedelta(seconds=64)
    assert "failed" not in caplog.text


def test_no_call_is_taken_for_lost_while_its_answer_may_come() -> None:
    """A second process would settle it, and the first one's answer would come to nothing."""
    answered = SEND_DEADLINE + USUAL_BOUNDS.seconds

    assert USUAL_WAITS.answer_lost.total_seconds() > answered
    assert USUAL_WAITS.step_lease.total_seconds() > 2 * USUAL_BOUNDS.seconds


async def test_a_card_that_slack_takes_in_an_hour_is_too_late(desk: Desk) -> None:
    """The person is told as soon as it is certain that no phone will ring."""
    desk.far.errors["post"] = ChatBusy(3600)

    after = await desk.step()

    assert after.next_at == NOON + following.SEND_WITHIN


WAITING: dict[str, Any] = {
    **FOLLOWED,
    "state": State.RECORDING,
    "ended_at": NOON - USUALLY_LOGGED,
}


async def test_a_log_that_is_never_let_in_is_given_up(desk: Desk) -> None:
    """After half an hour of rate limits the person is told "not confirmed"."""
    await add_call(desk.store, a_call(**WAITING), most=9)
    desk.far.errors["log"] = RateLimited(40)
    await desk.read_log()
    waiting = await stored(desk)
    desk.clock.pass_by(1801)
    await desk.read_log()

    assert waiting.end is None
    assert (await stored(desk)).end is End.UNCONFIRMED


async def test_a_log_that_we_can_not_read_by_our_fault_is_given_up(
    desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    """A bug in reading the log must not leave people without any reply."""
    await add_call(desk.store, a_call(**WAITING), most=9)
    desk.far.errors["log"] = ZeroDivisionError()
    for _ in range(60):
        desk.clock.pass_by(60)
        await desk.read_log()

    after = await stored(desk)

    assert (after.end, after.why) == (End.UNCONFIRMED, Why.TROUBLE)
    assert after.silent_since is None
    assert "reading the call log failed" in caplog.text


async def test_one_call_that_fails_keeps_no_other_from_its_record(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One read serves all calls; a bug in one must not cost the others theirs."""
    for name in ("c1", "c2"):
        await add_call(
            desk.store, a_call(id=name, key=name, **WAITING), most=9, again=True
        )

    def sick(call: Call, *, last: bool = False) -> None:
        del last
        if call.id == "c1":
            raise ZeroDivisionError

    monkeypatch.setattr(desk.far, "show", sick)

    await desk.read_log()

    assert (await stored(desk)).faults == 1
    assert (await stored(desk, "c2")).reads == 1


async def stored(desk: Desk, name: str = "c1") -> Call:
    """Return the call as it is stored."""
    found = await desk.store.get(name)
    assert found is not None
    return found
