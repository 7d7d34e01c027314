"""What people read: whole sentences, escaped, masked, and true."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.calls import following
from bot.calls.call import Call, End, Refusal, State, Status, Why
from bot.calls.outcome import Ending, Outcome, Side
from bot.calls.person import Shows
from bot.calls.timing import Timing
from bot.slack.texts import answers, card, list_words, reply, words
from bot.slack.texts.text import Message
from intents import CALLEE, NOON, a_call
from slack_shapes import checkers

GIVE_UP = timedelta(seconds=900)
CHECK, _ = checkers()


def live(*states: str, **changes: object) -> Call:
    """Return a followed call whose status is *states*."""
    call = a_call(state=State.FOLLOWING, ringout_id="s", sent_at=NOON)
    return replace(call, status=Status(*states), **changes)  # type: ignore[arg-type]


def over(end: End, **changes: object) -> Call:
    """Return a call that ended as *end*."""
    call = live("Success", "Success", "Success", connected=True)
    return replace(following.ended(call, end, NOON), **changes)  # type: ignore[arg-type]


UNSEEN = (Why.LOGIN, Why.UNREACHABLE, Why.TROUBLE)
SIDE = Side(Ending.ANSWERED, "Accepted")
CALLS = [
    a_call(),
    a_call(caller=None),
    following.limited(a_call(), timedelta(seconds=30), NOON),
    following.sending(a_call(), NOON, Timing()),
    live("InProgress", "InProgress", "InProgress"),
    live("CannotReach", "Success", "Busy", terminal_at=NOON),
    live("Success", "Success", "Success", connected=True),
    live("InProgress", "InProgress", "InProgress", cancelled_at=NOON),
    following.over(live("Success", "Finished", "Finished"), NOON, Timing()),
    following.lost(following.sending(a_call(), NOON, Timing()), NOON, NOON, Timing()),
    live("Success", "Success", "Success", connected=True, silent_since=NOON),
    following.over(live("Success", "Success", "X", silent_since=NOON), NOON, Timing()),
    following.lost(
        replace(following.sending(a_call(), NOON, Timing()), silent_since=NOON),
        NOON,
        NOON,
        Timing(),
    ),
    over(End.UNCONFIRMED),
    *(over(End.UNCONFIRMED, why=why) for why in UNSEEN),
    over(End.UNCONFIRMED, silent_since=NOON),
    over(End.LOST, ringout_id="", status=None, silent_since=NOON),
    over(End.LOST, ringout_id="", status=None),
    over(End.RECORDED, outcome=Outcome(SIDE, SIDE, timedelta(seconds=62))),
    *(over(End.NOT_PLACED, why=why, status=None) for why in Why),
    *(
        over(End.REFUSED, refusal=refusal)
        for refusal in (
            Refusal(403, "CMN-109", feature="InternationalCalls"),
            Refusal(403, "CMN-109", feature="RingOut"),
            Refusal(403, "CMN-401", permission="RingOut"),
            Refusal(400, "CMN-101", parameter="to.phoneNumber"),
            Refusal(400, "CMN-101", parameter="from.phoneNumber"),
            Refusal(403, "CMN-101", parameter="callerId.phoneNumber"),
            Refusal(403, "NotEnoughFunds"),
            Refusal(400, "<!channel>"),
        )
    ),
]


@pytest.mark.parametrize("call", CALLS)
def test_a_card_is_a_sentence_that_slack_takes_and_nobody_can_misuse(
    call: Call,
) -> None:
    """Its text alone says it all; the number is masked; nothing foreign is live."""
    a_card = card.card(call, full=False)
    whole = a_card.text + str(a_card.blocks)

    assert a_card.text.rstrip().endswith(".")
    assert "Placed by <@U1>" in a_card.text
    assert "0142" in a_card.text
    assert "4155550142" not in whole
    assert "555-0142" not in whole
    assert "<!channel>" not in whole
    assert "415-555-0142" in card.card(call, full=True).text
    check(a_card)


@pytest.mark.parametrize("call", CALLS)
def test_cancel_is_there_while_it_helps_and_call_again_afterwards(call: Call) -> None:
    """Never both, and neither while nobody knows whether it rings."""
    shown = str(card.card(call, full=False).blocks)
    waiting = call.state in {State.REQUESTED, State.PLACING}
    ringing = call.state is State.FOLLOWING and not (
        call.connected or call.cancelled_at or call.terminal_at
    )
    unknown = call.state is State.RECORDING and call.is_lost

    assert (card.CANCEL_BUTTON in shown) == (waiting or ringing)
    ended = call.end is not None or call.state is State.RECORDING
    assert (card.CALL_AGAIN_BUTTON in shown) == (ended and not unknown)


def test_a_contradiction_is_not_called_answered() -> None:
    """CalleeStatus Success was seen on a call that never reached the callee."""
    caller, callee = words.live(live("CannotReach", "GenericError", "Success"))

    assert caller == "failed"
    assert "not confirmed" in callee


def test_a_word_that_we_do_not_know_is_shown_as_it_is_and_escaped() -> None:
    """Open text: RingCentral adds words, and the log holds anything."""
    caller, _ = words.live(live("InProgress", "<!here>", "InProgress"))

    assert caller == "RingCentral says “&lt;!here&gt;”"


def test_the_callee_is_not_dialled_before_the_caller_answers() -> None:
    """InProgress means two things, by what the caller does."""
    assert (
        words.live(live("InProgress", "InProgress", "InProgress"))[1] == words.NOT_YET
    )
    assert words.live(live("InProgress", "Success", "InProgress"))[1] == "ringing"


def test_the_reply_has_a_line_for_each_side_and_the_talk_time() -> None:
    """Plain word, then RingCentral's own."""
    result = Outcome(
        SIDE, Side(Ending.ANSWERED, "Call connected"), timedelta(seconds=62)
    )
    a_reply = reply.reply(
        over(End.RECORDED, outcome=result), full=False, give_up=GIVE_UP
    )

    assert "Caller: answered (Accepted)" in a_reply.text
    assert "Callee: connected (Call connected)" in a_reply.text
    assert "Talk time: 1 min 2 s" in a_reply.text
    check(a_reply)


def test_what_the_log_says_is_escaped_in_the_reply() -> None:
    """A result is text from outside."""
    odd = Side(Ending.UNKNOWN, "<!channel> & co")
    a_reply = reply.reply(
        over(End.RECORDED, outcome=Outcome(odd, odd)), full=False, give_up=GIVE_UP
    )

    assert "<!channel>" not in a_reply.text + str(a_reply.blocks)
    assert "&lt;!channel&gt; &amp; co" in a_reply.text


@pytest.mark.parametrize("end", [End.UNCONFIRMED, End.LOST])
def test_what_is_not_confirmed_says_so(end: End) -> None:
    """Marked, with what was seen last, or with the warning to check first."""
    call = over(end)
    if end is End.LOST:
        call = replace(call, ringout_id="", status=None)
    a_reply = reply.reply(call, full=False, give_up=GIVE_UP)

    assert a_reply.text.startswith("Not confirmed")
    assert "15 min" in a_reply.text
    expected = "check before calling" if end is End.LOST else "unconfirmed"
    assert expected in a_reply.text
    check(a_reply)


def test_a_card_says_since_when_nothing_new_is_known() -> None:
    """Otherwise people would take the last known states for the current ones."""
    call = live("Success", "Success", "Success", connected=True, silent_since=NOON)
    text = card.card(call, full=False).text

    assert text.startswith("The call to")
    assert "can't be followed just now" in text
    assert f"since <!date^{int(NOON.timestamp())}^" in text
    assert "from before that" in text


@pytest.mark.parametrize("why", UNSEEN)
def test_a_call_whose_end_nobody_saw_is_not_called_over(why: Why) -> None:
    """It may be going on: neither card nor reply says more than is known."""
    call = over(End.UNCONFIRMED, why=why)
    a_card = card.card(call, full=False)
    hidden = card.card(replace(call, shows=Shows.PRIVATE), full=False)
    a_reply = reply.reply(call, full=False, give_up=GIVE_UP)

    for each in (a_card, hidden):
        assert "is not followed any more" in each.text
        assert "is over" not in each.text
    assert "answered" not in hidden.text
    assert a_reply.text.startswith("Not confirmed")
    assert "final record" not in a_reply.text
    assert "Last live status (unconfirmed): Caller: answered" in a_reply.text
    check(a_reply)


@pytest.mark.parametrize("end", [End.UNCONFIRMED, End.LOST])
def test_a_log_that_was_not_read_is_not_said_to_be_empty(end: End) -> None:
    """An outage shows nothing."""
    call = over(end, silent_since=NOON)
    a_card = card.card(call, full=False)
    a_reply = reply.reply(call, full=False, give_up=GIVE_UP)

    for each in (a_card, a_reply):
        assert "call log could not be read in time" in each.text
        assert "no record" not in each.text
        assert "no final record" not in each.text
    check(a_reply)


def test_help_shows_no_live_brackets() -> None:
    """`<number>` unescaped would be swallowed by Slack."""
    for message in (answers.RINGOUT_HELP, list_words.LIST_HELP):
        assert "<" not in message.text


def check(message: Message) -> None:
    """Check *message* against Slack's own types, if they are available."""
    if CHECK is not None:
        call = {"channel": "C1", "text": message.text, "blocks": list(message.blocks)}
        assert CHECK("chat.postMessage", call) == []


def test_the_callee_of_these_tests_is_a_number_that_may_be_shown() -> None:
    """555-01xx belongs to nobody."""
    assert CALLEE.e164[-7:].startswith("55501")
