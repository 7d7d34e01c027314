"""What people read: whole sentences, escaped, masked, and true."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from itertools import product
from typing import Any

import pytest

from bot.calls import following
from bot.calls.call import Call, End, Refusal, State, Status, Why
from bot.calls.log.ending import Ending
from bot.calls.log.outcome import Outcome, Side
from bot.calls.numbers.phone import PhoneNumber
from bot.calls.overview import Overview
from bot.calls.people.names import Name, NameSource, named
from bot.calls.people.person import Shows
from bot.calls.telling import Canceled
from bot.calls.timing import Timing
from bot.slack.entrances import buttons
from bot.slack.texts import (
    answers,
    card,
    card_buttons,
    home,
    list_words,
    open_calls,
    reply,
    words,
)
from bot.slack.texts.text import Message
from intents import CALLEE, NOON, a_call
from slack_shapes import checkers

GIVE_UP = timedelta(seconds=900)
A_POLL = timedelta(seconds=10)
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
TALKED = Outcome(SIDE, SIDE, timedelta(seconds=62))
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
    over(End.RECORDED, outcome=TALKED),
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

    assert a_card.text.endswith(".")
    assert "(placed by <@U1>)" in a_card.text
    assert "…0142" in a_card.text
    assert "thread" not in whole
    assert not re.search(r"\b[Yy]ours?\b|\b[Yy]ou\b", whole)
    assert "4155550142" not in whole
    assert "555-0142" not in whole
    assert "<!channel>" not in whole
    assert "415-555-0142" in card.card(call, full=True).text
    check(a_card)


@pytest.mark.parametrize("call", CALLS)
def test_cancel_is_there_while_it_helps_and_call_again_afterward(call: Call) -> None:
    """Never both, and neither while nobody knows whether it rings. One row, at most."""
    blocks = card.card(call, full=False).blocks
    shown = str(blocks)
    waiting = call.state in {State.REQUESTED, State.PLACING}
    ringing = call.state is State.FOLLOWING and not (
        call.connected or call.cancelled_at or call.terminal_at
    )
    unknown = call.state is State.RECORDING and call.is_lost

    assert (card_buttons.CANCEL_BUTTON in shown) == (waiting or ringing)
    ended = call.end or call.terminal_at or call.state is State.RECORDING
    assert (card_buttons.CALL_AGAIN_BUTTON in shown) == bool(ended and not unknown)
    assert ("Show number" in shown) == (card_buttons.CALL_AGAIN_BUTTON in shown)
    assert len([each for each in blocks if each["type"] == "actions"]) <= 1


def test_a_contradiction_is_not_called_answered() -> None:
    """CalleeStatus Success was seen on a call that never reached the callee."""
    caller, callee = words.live(live("CannotReach", "GenericError", "Success"))

    assert caller == "failed"
    assert "not confirmed" in callee


def test_a_word_that_we_do_not_know_is_shown_as_it_is_and_escaped() -> None:
    """Open text: RingCentral adds words, and the log holds anything."""
    caller, _ = words.live(live("InProgress", "<!here>", "InProgress"))

    assert caller == "RingCentral says “&lt;!here&gt;”"


def test_the_callee_is_not_dialed_before_the_caller_answers() -> None:
    """InProgress means two things, by what the caller does."""
    assert (
        words.live(live("InProgress", "InProgress", "InProgress"))[1] == words.NOT_YET
    )
    assert words.live(live("InProgress", "Success", "InProgress"))[1] == "ringing"


def test_the_reply_has_a_line_for_each_side_and_the_talk_time() -> None:
    """The plain word, and whose it is."""
    result = Outcome(
        SIDE, Side(Ending.ANSWERED, "Call connected"), timedelta(seconds=62)
    )
    a_reply = reply.reply(
        over(End.RECORDED, outcome=result), full=False, give_up=GIVE_UP
    )

    assert "Caller: answered, <@U1>." in a_reply.text
    assert "Callee: connected, …0142." in a_reply.text
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

    assert text.startswith("Lost sight of the call to …0142")
    assert f"can't be reached (since <!date^{int(NOON.timestamp())}^" in text
    assert "as they were before that" in text
    assert "the bot" not in text


@pytest.mark.parametrize("why", UNSEEN)
def test_a_call_whose_end_nobody_saw_is_not_called_over(why: Why) -> None:
    """It may be going on: neither card nor reply says more than is known."""
    call = over(End.UNCONFIRMED, why=why)
    a_card = card.card(call, full=False)
    hidden = card.card(replace(call, shows=Shows.PRIVATE), full=False)
    a_reply = reply.reply(call, full=False, give_up=GIVE_UP)

    for each in (a_card, hidden):
        assert "is over" not in each.text
        assert "Talked" not in each.text
    assert "Lost sight of the call to" in a_card.text
    assert "answered" not in hidden.text
    assert a_reply.text.startswith("Not confirmed")
    assert "final record" not in a_reply.text
    assert "Last live status (unconfirmed): Caller: answered, <@U1>" in a_reply.text
    check(a_reply)


@pytest.mark.parametrize("end", [End.UNCONFIRMED, End.LOST])
def test_a_log_that_was_not_read_is_not_said_to_be_empty(end: End) -> None:
    """An outage shows nothing."""
    call = over(end, silent_since=NOON)
    a_card = card.card(call, full=False)
    a_reply = reply.reply(call, full=False, give_up=GIVE_UP)

    for each in (a_card, a_reply):
        assert "log couldn't be read in time" in each.text
        assert "no such call" not in each.text
        assert "no final record" not in each.text
    check(a_reply)


@pytest.mark.parametrize("call", CALLS)
def test_a_card_in_a_dm_is_for_its_reader_alone(call: Call) -> None:
    """It says "you", the whole number, and a name from their own address book."""
    name = Name("Northwind", NameSource.ADDRESS_BOOK)
    mine = card.card(replace(call, card_channel="D1", callee_name=name), full=False)
    public = card.card(replace(call, card_channel="C1", callee_name=name), full=False)

    assert "Northwind, +1 415-555-0142 (placed by you)" in mine.text
    assert "<@U1>" not in mine.text + str(mine.blocks)
    assert "Show number" not in str(mine.blocks)
    assert "Northwind" not in public.text + str(public.blocks)
    check(mine)


def test_a_name_that_is_public_stands_first_in_a_channel() -> None:
    """Of @somebody, of the company directory, or as the person wrote it."""
    for source in NameSource:
        name = Name("Northwind", source)
        told = card.card(replace(CALLS[0], callee_name=name), full=False)

        assert ("*Calling Northwind · …0142*" in str(told.blocks)) is name.is_public


@pytest.mark.parametrize("written", ["415-555-0142", "+1 (415) 555 0142", "4155550142"])
def test_a_name_that_is_a_number_is_masked_like_one(written: str) -> None:
    """Else ``for …`` would show in the channel what the operator has masked."""
    name = named(written, NameSource.WRITTEN)
    told = card.card(replace(CALLS[0], callee_name=name), full=False)

    assert "555" not in told.text + str(told.blocks)


@pytest.mark.parametrize("text", ["*Bo*ld*", "<!channel>", "`code`", "~a~", "_b_"])
def test_a_name_stays_inside_the_bold_line(text: str) -> None:
    """A star in a name would end it, and a mention would ring everybody."""
    name = named(text, NameSource.WRITTEN)
    call = replace(over(End.RECORDED, outcome=TALKED), callee_name=name)
    told = card.card(call, full=False)
    first, *_ = told.blocks[0]["text"]["text"].splitlines()

    assert first.count("*") == 2
    assert "<!channel" not in str(told)
    assert all(each["text"]["verbatim"] for each in told.blocks if "text" in each)


def test_a_card_says_since_when_they_talk_and_counts_no_seconds() -> None:
    """An edit a second would use up Slack's limits."""
    call = live(*["Success"] * 3, connected=True, connected_at=NOON)
    lines = card.card(call, full=False).blocks[0]["text"]["text"].splitlines()

    assert lines[0] == "🟢 *Talking with …0142*"
    assert lines[1].startswith(f"since <!date^{int(NOON.timestamp())}^{{time}}|")
    assert len(lines) == 2


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0, "about 10 s"),
        (14, "about 10 s"),
        (40, "about 40 s"),
        (56, "about 1 min"),
        (63, "about 1 min"),
        (100, "about 2 min"),
        (3_700, "about 1 h 2 min"),
    ],
)
def test_an_end_that_was_seen_is_not_confirmed_yet(seconds: int, said: str) -> None:
    """Polls know the length roughly; the record will know it."""
    end = NOON + timedelta(seconds=seconds)
    call = live("Success", "Finished", "Finished", connected=True, terminal_at=end)
    seen = replace(call, connected_at=NOON, alive_at=max(NOON, end - A_POLL))
    gone = following.over(replace(seen, terminal_at=None), end, Timing())

    for each in (seen, following.over(seen, end, Timing()), gone):
        told = card.card(each, full=False)
        lines = told.blocks[0]["text"]["text"].splitlines()
        assert lines == ["*Talked with …0142*", f"{said}, not confirmed yet"]
        assert told.text.endswith(f"{said.capitalize()}, not confirmed yet.")
    for each in (call, replace(seen, alive_at=NOON - A_POLL * 4)):
        assert "about" not in card.card(each, full=False).text.lower()


@pytest.mark.parametrize(
    ("states", "changes", "said"),
    [
        (("Success", "Success", "Busy"), {}, "⛔ *Busy: …0142*"),
        (("Success", "Success", "NoAnswer"), {}, "📵 *No answer from …0142*"),
        (("Success", "Success", "Rejected"), {}, "🚫 *Not connected: …0142*"),
        (
            ("NoAnswer", "NoAnswer", "InProgress"),
            {},
            "📵 *<@U1> didn't pick up, so …0142 wasn't called*",
        ),
        (
            ("Busy", "Busy", "InProgress"),
            {},
            "⛔ *<@U1>'s phone was busy, so …0142 wasn't called*",
        ),
        (
            ("Rejected", "Rejected", "InProgress"),
            {},
            "🚫 *<@U1> declined or hung up, so …0142 wasn't called*",
        ),
        (
            ("Rejected", "Rejected", "InProgress"),
            {"cancelled_at": NOON},
            "⏹️ *Canceled: …0142*",
        ),
        (("CannotReach", "InProgress", "InProgress"), {}, "⚠️ *Not connected: …0142*"),
        (("Success", "Finished", "Finished"), {}, "*Call over: …0142*"),
        (
            ("NoAnsweringMachine", "Success", "Success"),
            {},
            "❔ *Result unclear: …0142*",
        ),
        (
            ("GenericError", "Finished", "Finished"),
            {},
            "❔ *Result unclear: …0142*",
        ),
        (
            ("Success", "Success", "Rejected"),
            {"cancelled_at": NOON},
            "⏹️ *Canceled: …0142*",
        ),
        (
            ("Success", "Success", "Busy"),
            {"cancelled_at": NOON},
            "⛔ *Busy: …0142*",
        ),
        (
            ("Success", "Success", "NoAnswer"),
            {"cancelled_at": NOON},
            "📵 *No answer from …0142*",
        ),
        (
            ("Finished", "Finished", "Finished"),
            {"cancelled_at": NOON},
            "*Call over: …0142*",
        ),
    ],
)
def test_the_last_status_is_the_first_line_until_the_record_is_there(
    states: tuple[str, str, str], changes: dict[str, object], said: str
) -> None:
    """Within one poll of the end, and marked as not confirmed."""
    call = live(*states, terminal_at=NOON, **changes)

    for each in (call, following.over(call, NOON, Timing())):
        lines = card.card(each, full=False).blocks[0]["text"]["text"].splitlines()
        assert lines[0] == said
        assert len(lines) == 2
        assert lines[1].endswith("not confirmed yet")


WORDS = ("", "InProgress", "Success", "Finished", "Rejected", "Busy", "NoAnswer")


@pytest.mark.parametrize("end", [None, End.UNCONFIRMED])
def test_only_a_status_that_was_rejected_says_that_our_cancel_worked(
    end: End | None,
) -> None:
    """A request to stop proves nothing: they may have been busy, or have talked."""
    for states in product(WORDS, repeat=3):
        call = live(*states, cancelled_at=NOON)
        gone = following.over(call, NOON, Timing())
        told = gone if end is None else following.ended(gone, end, NOON)
        plain = replace(told, cancelled_at=None)
        text, unasked = (card.card(each, full=False).text for each in (told, plain))
        failing = {"Rejected", "Busy", "NoAnswer"}.intersection(states)

        assert text.startswith("Canceled: ") is (failing == {"Rejected"})
        if "Rejected" not in states:
            assert text == unasked
        if not failing:
            assert text.startswith("Call over: ")
        assert "ot confirmed" in text


def test_stopping_asks_only_once_somebody_else_s_phone_may_ring() -> None:
    """While one's own phone rings alone there is nothing to lose."""
    own = card.card(live("InProgress", "InProgress", "InProgress"), full=False)
    both = card.card(live("InProgress", "Success", "InProgress"), full=False)
    (cancel,) = both.blocks[-1]["elements"]

    assert "confirm" not in str(own.blocks)
    assert cancel["confirm"]["title"]["text"] == "Stop this call?"
    assert cancel["confirm"]["confirm"]["text"] == "Stop call"
    assert cancel["confirm"]["deny"]["text"] == "Keep ringing"


@pytest.mark.parametrize("caller", ["InProgress", "Success"])
def test_every_cancel_asks_what_the_cards_does(caller: str) -> None:
    """On Home, and where one of several calls is chosen."""
    call = live("InProgress", caller, "InProgress")
    found = Overview(
        name="Ann",
        connected=True,
        ended=False,
        can_call=True,
        can_connect=True,
        first="",
        open_calls=(call,),
        last_calls=(),
    )
    shown: list[Any] = [
        card.card(call, full=False).blocks,
        home.view(found)["blocks"],
        open_calls.which([call, call], "cancel").blocks,
    ]

    for blocks in shown:
        cancels = [
            each
            for block in blocks
            for each in block.get("elements", ())
            if each.get("action_id") == card_buttons.CANCEL_BUTTON
        ]
        assert cancels
        for each in cancels:
            assert ("Stop this call?" in str(each)) == (caller == "Success")


def test_the_reply_offers_to_call_again_where_its_reader_is_alone() -> None:
    """In a DM it is what they read; a channel has the card's button."""
    told = over(End.RECORDED, outcome=TALKED)
    for channel, shows in (("D1", Shows.DM), ("C1", Shows.PRIVATE)):
        alone = replace(told, card_channel=channel, shows=shows)
        a_reply = reply.reply(alone, full=False, give_up=GIVE_UP)
        assert card_buttons.CALL_AGAIN_BUTTON in str(a_reply.blocks[-1])
        assert "+1 415-555-0142" in a_reply.text
        check(a_reply)

    public = reply.reply(replace(told, card_channel="C1"), full=False, give_up=GIVE_UP)
    assert "actions" not in str(public.blocks)


def test_two_phones_that_end_alike_are_told_apart() -> None:
    """Masked, both would read "…0142": then the caller's is only said to be theirs."""
    call = replace(
        live("InProgress", "InProgress", "InProgress"),
        caller=PhoneNumber("+16505550142"),
    )
    public = card.card(replace(call, card_channel="C1"), full=False)
    mine = card.card(replace(call, card_channel="D1"), full=False)

    assert "<@U1>: ringing; …0142: waiting" in public.text
    assert "You: ringing on +1 650-555-0142; +1 415-555-0142: waiting" in mine.text


def test_every_row_of_the_menu_does_something() -> None:
    """A row without a handler would answer "outdated button"."""
    assert {each.key for each in card_buttons.MENU} == set(buttons.MORE)
    assert len(card_buttons.MENU) <= 5


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


@pytest.mark.parametrize("shows", Shows)
@pytest.mark.parametrize("call", CALLS)
def test_a_call_begun_from_a_message_links_to_it(call: Call, shows: Shows) -> None:
    """Whoever sees the card can read what it is about; other cards have no such words."""
    link = "https://acme.slack.com/archives/C1/p1?thread_ts=1.2&cid=C1"
    shown = card.card(replace(call, shows=shows, message_link=link), full=False)
    other = card.card(replace(call, shows=shows), full=False)

    assert "from <" not in str(other.blocks)
    assert f"from <{link.replace('&', '&amp;')}|a message>" in str(shown.blocks)
    assert shown.text == other.text
    if CHECK is not None:
        posted = {"channel": "C1", "text": shown.text, "blocks": list(shown.blocks)}
        assert CHECK("chat.postMessage", posted) == []


@pytest.mark.parametrize(
    ("states", "is_warned"),
    [
        (("InProgress", "InProgress", "InProgress"), False),
        (("InProgress", "Success", "InProgress"), True),
    ],
)
def test_a_phone_that_never_rang_is_not_said_to_ring_on(
    states: tuple[str, str, str], *, is_warned: bool
) -> None:
    """While only one's own phone rings, theirs can't keep ringing."""
    told = card.card(live(*states, cancelled_at=NOON), full=False)

    assert "Stopping the call to …0142" in told.text
    assert ("If their phone keeps ringing" in told.text) is is_warned
    assert "their phone" not in answers.canceled(Canceled.ASKED).text
