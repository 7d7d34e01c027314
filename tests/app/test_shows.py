"""Where a person's cards go: a channel, a channel with private results, or a DM."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.calls import live_status
from bot.calls.call import Call, End, Refusal, State, Status, Why
from bot.calls.log.ending import Ending
from bot.calls.log.outcome import Outcome, Side
from bot.calls.people.person import Shows
from bot.calls.telling import Kind
from bot.errors import ChatRefused
from bot.sandbox.slack.ledger import Called
from bot.sandbox.slack.messages import Message
from bot.slack.texts import advice, card, reply
from bot.slack.texts.parties import of
from desk import Desk
from intents import NOON, a_call
from own import PATIENT, prefer
from patience import until
from process import Process, Trap, states
from town import Town

GIVE_UP = timedelta(seconds=900)
TELLING = (
    "busy",
    "Busy",
    "answered",
    "ringing",
    "no answer",
    "No answer",
    "pick",
    "Not called",
    "Talk",
    "declined",
    "voicemail",
    "Accepted",
    "Talk time",
    "onnected",
    "hung up",
    "confirmed",
    "offline",
    "Offline",
    "administrator",
    "not allow",
)
"""Words of states, results and advice; a card that hides the result has none of them."""


def in_channels(town: Town) -> list[Message]:
    """Return every message that other people can see."""
    dms = {each.id for each in town.slack.workspace.channels if each.kind == "app-dm"}
    alone = {id(each) for each in town.slack.private("ann")}
    everything = town.slack.everything()
    return [m for m in everything if m.channel not in dms and id(m) not in alone]


def said(message: Message) -> str:
    """Return every version of a message's text."""
    return " ".join(f"{each.text} {each.blocks}" for each in message.versions)


async def told(town: Town, count: int = 1) -> list[Message]:
    """Wait until Ann's DM with the app has *count* messages; return them."""
    await town.until(lambda: len(town.slack.dm("ann")) >= count)
    return town.slack.dm("ann")


async def talks(town: Town) -> None:
    """Answer both phones, and hang up once they are connected."""
    await town.until(lambda: town.ringcentral.calls)
    [call] = town.ringcentral.calls
    for side in ("caller", "callee"):
        answer = partial(town.ringcentral.press, call.id, side, "answer")
        await town.until(answer)
    await town.until(lambda: call.progress().was_connected)
    assert town.ringcentral.press(call.id, "callee", "hangup")


async def over(town: Town) -> None:
    """Wait until every call has its result, so that nothing more is posted."""
    await until(lambda: set(states(town.database_url).values()) <= {"done", "closing"})


async def test_in_the_channel_nothing_has_changed(town: Town) -> None:
    """Card and thread are where the command was typed; the DM stays empty."""
    await prefer(town, Shows.CHANNEL)

    ack = await town.types()
    reply = await town.reply()
    await town.finished()

    assert ack.text.startswith("Calling you on ")
    assert "card" not in ack.text
    assert "Callee: answered" in reply.text
    assert town.slack.dm("ann") == []


@pytest.mark.on_both
async def test_the_result_can_be_for_the_person_alone(town: Town) -> None:
    """The card never changes; the DM gets the result, once."""
    await prefer(town, Shows.PRIVATE)
    town.ringcentral.play(PATIENT)

    ack = await town.types()
    await talks(town)
    (result,) = await told(town)
    await over(town)
    (card,) = town.cards()

    assert "channel" not in ack.text
    assert "Call to …0142" in card.text
    assert "Only <@U0ANN> can see how it goes" in card.text
    assert len(card.versions) == 1
    assert town.slack.thread(card) == []
    assert "Caller: answered" in result.text
    assert "Callee: answered" in result.text
    assert "0142" in str(result.blocks)
    assert card.channel in str(result.blocks)
    for message in in_channels(town):
        assert not [word for word in TELLING if word in said(message)]


async def test_card_and_thread_can_be_in_the_dm(town: Town) -> None:
    """The channel gets nothing, not even a note that the card is elsewhere."""
    await prefer(town, Shows.DM)

    ack = await town.types()
    (card,) = await told(town)
    await town.until(
        lambda: "call_again" in str(card.blocks) and town.slack.thread(card)
    )

    assert "channel" not in ack.text
    assert "Callee: answered" in town.slack.thread(card)[0].text
    assert in_channels(town) == []
    assert len(town.slack.private("ann")) == 1
    assert town.posts == 1


@pytest.mark.parametrize(
    "story",
    [
        "callee-busy",
        "caller-no-answer",
        "voicemail",
        "contradiction",
        "never-record",
        "international-refused",
        "callee-declined",
        "unknown-status",
        "lost-answer",
    ],
)
@pytest.mark.parametrize(
    "shows", [Shows.PRIVATE, pytest.param(Shows.DM, marks=pytest.mark.twin)]
)
async def test_no_way_that_a_call_can_go_is_read_in_the_channel(
    closed_town: Town, story: str, shows: Shows
) -> None:
    """No card, earlier version or thread in the channel may reveal the result."""
    town = closed_town
    give_up = "0.5" if story == "never-record" else "2"
    await town.open(RINGOUT_LOG_GIVE_UP_SECONDS=give_up)
    await prefer(town, shows)
    town.ringcentral.play(story)

    await town.types()
    await over(town)

    (found,) = town.slack.dm("ann")
    for message in in_channels(town):
        assert not [word for word in TELLING if word in said(message)], said(message)
    assert len(town.cards()) == (1 if shows is Shows.PRIVATE else 0)
    heard = said(found) + "".join(map(said, town.slack.thread(found)))
    assert [word for word in TELLING if word in heard]


@pytest.mark.parametrize("shows", list(Shows))
async def test_where_the_bot_may_not_post_the_dm_has_it_all(
    town: Town, shows: Shows
) -> None:
    """People who chose the DM anyway are not told that anything was moved."""
    await prefer(town, shows)

    await town.types(channel="deals")
    (card,) = await told(town)
    await town.until(lambda: town.slack.thread(card))
    await town.until(lambda: "call_again" in str(card.blocks))

    moved = [m for m in town.slack.private("ann") if "/invite" in m.text]
    assert len(moved) == (0 if shows is Shows.DM else 1)
    assert town.cards("deals") == []
    assert "Callee: answered" in town.slack.thread(card)[0].text
    assert "Talked for" in card.text
    assert "+1 415-555-0142" in card.text


@pytest.mark.parametrize(
    "shows", [Shows.PRIVATE, pytest.param(Shows.DM, marks=pytest.mark.twin)]
)
@pytest.mark.parametrize("error", ["internal_error", ""])
async def test_an_answer_that_was_lost_posts_nothing_twice(
    town: Town, shows: Shows, error: str
) -> None:
    """The bot finds a message already in the DM by its metadata."""
    await prefer(town, shows)

    def where(args: Any) -> bool:
        return "ringout_reply" in str(args.get("metadata"))

    for mine in (where, lambda args: not where(args)):
        fault: dict[str, Any] = {"where": mine, "before_effect": False}
        if error:
            town.slack.faults.add("error", "chat.postMessage", error=error, **fault)
        else:
            town.slack.faults.add("reset", "chat.postMessage", **fault)

    await town.types()
    await over(town)

    (found,) = town.slack.dm("ann")
    results = [found] if shows is Shows.PRIVATE else town.slack.thread(found)
    assert len(results) == 1
    assert "Callee: answered" in results[0].text
    assert len(town.cards()) == (1 if shows is Shows.PRIVATE else 0)
    assert town.posts == 1


async def test_a_dm_that_takes_nothing_leaves_a_note_to_the_person(town: Town) -> None:
    """A private note appears where they typed, and the card is still finished."""
    await prefer(town, Shows.PRIVATE)
    town.slack.rules.messages_tab_enabled = False

    await town.types()
    card = await town.finished()
    await town.until(lambda: len(town.slack.private("ann")) == 2)

    assert "Callee: answered" in town.slack.private("ann")[1].text
    assert town.slack.thread(card) == []
    for message in in_channels(town):
        assert not [word for word in TELLING if word in said(message)]


async def test_without_a_dm_a_call_that_belongs_there_is_not_placed(town: Town) -> None:
    """Nobody could be given the result, and the channel must not see it."""
    await prefer(town, Shows.DM)
    town.slack.rules.messages_tab_enabled = False

    await town.types()
    await town.until(lambda: len(town.slack.private("ann")) == 2)

    assert "wasn't placed" in town.slack.private("ann")[1].text
    assert "our DM" in town.slack.private("ann")[1].text
    assert in_channels(town) == []
    assert town.posts == 0


@pytest.mark.parametrize("shows", [Shows.PRIVATE, Shows.DM])
async def test_its_buttons_work_where_it_stands(town: Town, shows: Shows) -> None:
    """Cancel must work while it rings, and Call again afterward."""
    await prefer(town, shows)
    town.ringcentral.play(PATIENT)
    here: Callable[[], list[Message]] = town.cards
    if shows is Shows.DM:
        here = lambda: town.slack.dm("ann")  # noqa: E731
    await town.types()
    await town.until(lambda: town.ringcentral.calls)
    card = await town.until(lambda: next(iter(here()), None))
    assert card is not None
    await town.until(lambda: town.ringcentral.requests_of("GET", "/ring-out/"))

    await town.slack.click("ann", card, "cancel_call")
    await over(town)
    await town.slack.click("ann", card, "call_again")

    await town.until(lambda: town.posts == 2)
    assert len(town.ringcentral.requests_of("DELETE", "/ring-out")) == 1


@pytest.mark.on_both
async def test_a_preference_counts_for_the_calls_after_it(town: Town) -> None:
    """A call in progress stays where it started."""
    town.ringcentral.play(PATIENT)
    await town.types()
    await town.until(lambda: any("ringing" in each.text for each in town.cards()))
    await prefer(town, Shows.DM)

    await town.slack.click("ann", town.cards()[0], "cancel_call")
    await town.reply()

    assert town.slack.dm("ann") == []


# When a process dies


@asynccontextmanager
async def killed(
    town: Town, shows: Shows, when: Callable[[Called], bool], *, effect: bool
) -> AsyncIterator[None]:
    """Kill the bot at a step of a call, start it again, and wait for the result."""
    first = Process(town.folder, town.environment())
    second = Process(town.folder, town.environment())
    await first.ready()
    await prefer(town, shows)
    trap = Trap(
        first, loses=not effect, when=lambda h: isinstance(h, Called) and when(h)
    )
    if effect:
        town.slack.door.on_effect = trap
    else:
        town.slack.door.on_call = trap
    try:
        await town.types()
        await trap.wait()
        await second.ready()
        await over(town)
        assert await second.terminated() == 0
        yield
    finally:
        for process in (first, second):
            process.kill()
            await process.ended()


def is_reply(called: Called) -> bool:
    """Whether a result is being posted."""
    return "ringout_reply" in str(called.args.get("metadata"))


def is_card(called: Called) -> bool:
    """Whether a card is being posted."""
    return "ringout_card" in str(called.args.get("metadata"))


def is_opening(called: Called) -> bool:
    """Whether the DM is being opened."""
    return called.method == "conversations.open"


@pytest.mark.parametrize("effect", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("when", [is_reply, is_opening])
@pytest.mark.parametrize(
    "shows", [Shows.PRIVATE, pytest.param(Shows.DM, marks=pytest.mark.twin)]
)
async def test_a_result_in_the_dm_is_there_once_over_a_death(
    closed_town: Town, shows: Shows, when: Callable[[Called], bool], *, effect: bool
) -> None:
    """After kill -9 while posting, the bot looks for the message first."""
    town = closed_town
    async with killed(town, shows, when, effect=effect):
        pass

    (found,) = town.slack.dm("ann")
    results = [found] if shows is Shows.PRIVATE else town.slack.thread(found)
    placed = town.posts == 1
    assert placed == (not (shows is Shows.DM and when is is_opening))
    if placed:
        assert len(results) == 1
        assert "Callee: answered" in results[0].text
    else:
        assert "restarted before this call was placed" in found.text
    assert len(town.cards()) == (1 if shows is Shows.PRIVATE else 0)
    for message in in_channels(town):
        assert not [word for word in TELLING if word in said(message)]


@pytest.mark.parametrize("effect", [False, True], ids=["before", "after"])
async def test_a_card_in_the_dm_is_there_once_over_a_death(
    closed_town: Town, *, effect: bool
) -> None:
    """Its call had not been sent yet, so no phone may ring."""
    async with killed(closed_town, Shows.DM, is_card, effect=effect):
        pass

    (card,) = closed_town.slack.dm("ann")
    assert "restarted before this call was placed" in card.text
    assert closed_town.posts == 0
    assert in_channels(closed_town) == []


# What a card may reveal


SIDES = st.builds(
    Side, st.sampled_from(Ending), st.sampled_from(["Busy", "Accepted", "Odd <x>", ""])
)
OUTCOMES = st.builds(Outcome, SIDES, SIDES, st.none() | st.just(timedelta(seconds=62)))
WORDS = [
    *live_status.FINAL_WORDS,
    "InProgress",
    "Success",
    "NoSessionFound",
    "Strange",
    "",
]
STATUSES = st.builds(Status, *[st.sampled_from(WORDS)] * 3)
REFUSALS = st.builds(
    Refusal,
    st.sampled_from([400, 403]),
    st.sampled_from(["CMN-101", "NotEnoughFunds"]),
    st.sampled_from(["", "to.phoneNumber", "callerId.phoneNumber"]),
    st.sampled_from(["", "InternationalCalls", "RingOut"]),
)


@st.composite
def endings(draw: st.DrawFn) -> dict[str, Any]:
    """Return the ways in which a call that rang may have ended."""
    end = draw(st.sampled_from([End.RECORDED, End.UNCONFIRMED]))
    outcome = draw(OUTCOMES) if end is End.RECORDED else None
    return {
        "end": end,
        "outcome": outcome,
        "status": draw(st.none() | STATUSES),
        "connected": draw(st.booleans()),
        "seen": draw(st.booleans()),
        "cancelled_at": draw(st.none() | st.just(NOON)),
        "terminal_at": draw(st.none() | st.just(NOON)),
    }


RANG = a_call(
    shows=Shows.PRIVATE,
    state=State.REPORTING,
    ringout_id="s",
    sent_at=NOON,
    card_channel="C1",
    card_ts="1.1",
)


NEW = a_call(shows=Shows.PRIVATE, card_channel="C1")
"""The call as its card is posted, before anything is known."""


@st.composite
def lives(draw: st.DrawFn) -> Call:
    """Return the call at any moment of any course that it may take."""
    changes = draw(endings()) | {"end": None, "outcome": None}
    if draw(st.booleans()):
        changes = draw(endings())
    end = draw(st.sampled_from([changes["end"], End.NOT_PLACED, End.REFUSED, End.LOST]))
    return replace(
        RANG,
        **changes | {"end": end},
        state=draw(st.sampled_from(State)),
        why=draw(st.none() | st.sampled_from(Why)),
        refusal=draw(st.none() | REFUSALS),
        ringout_id=draw(st.sampled_from(["", "s"])),
        sent_at=draw(st.none() | st.just(NOON)),
        silent_since=draw(st.none() | st.just(NOON)),
        wait_until=draw(st.none() | st.just(NOON)),
        connected_at=draw(st.none() | st.just(NOON)),
        ended_at=draw(st.none() | st.just(NOON)),
    )


@given(lives())
def test_a_card_in_the_channel_is_the_same_however_the_call_goes(call: Call) -> None:
    """Byte for byte, buttons too, from its post on: not even an edit's time tells."""
    assert card.card(call, full=False) == card.card(NEW, full=False)


def test_a_card_that_hides_the_result_says_whose_it_is_and_has_every_button() -> None:
    """Its owner cancels and calls again from it, whenever that is."""
    told = card.card(NEW, full=False)

    assert told.text == (
        "Call to …0142 (placed by <@U1>). Only <@U1> can see how it goes."
    )
    for each in ("cancel_call", "call_again", "Show number"):
        assert each in str(told.blocks)
    assert "confirm" not in str(told.blocks)


@given(OUTCOMES)
def test_the_result_alone_in_the_dm_stands_by_itself(outcome: Outcome) -> None:
    """There is no card above it, so it must name the call and its channel."""
    call = replace(RANG, end=End.RECORDED, outcome=outcome)
    a_reply = reply.reply(call, full=False, give_up=GIVE_UP)
    parties = of(call, full=False, private=True)
    hint = advice.why(outcome, parties)

    assert "0142" in str(a_reply.blocks[0])
    assert "<#C1>" in str(a_reply.blocks[-2])
    assert "0142" in a_reply.text
    assert "Caller:" in a_reply.text
    assert hint in a_reply.text


def test_a_card_in_a_dm_hides_nothing_from_its_only_reader() -> None:
    """It is in the DM because the bot may not post where the command was typed."""
    call = replace(
        RANG,
        card_channel="D1",
        end=End.RECORDED,
        outcome=Outcome(Side(Ending.BUSY, "Busy"), Side(Ending.NOT_DIALED, "")),
    )

    assert "busy" in card.card(call, full=False).text
    assert not call.hides_result


# What is stored before a message is sent


REPORTING: dict[str, Any] = {
    "shows": Shows.PRIVATE,
    "state": State.REPORTING,
    "end": End.UNCONFIRMED,
    "status": Status("Success", "Success", "Success"),
    "ringout_id": "s-1",
    "sent_at": NOON,
    "card_tried": True,
    "card_channel": "C1",
    "card_ts": "1.1",
}


async def test_the_intent_to_tell_in_the_dm_is_looked_up_there(desk: Desk) -> None:
    """The reply never was in the thread, so looking there would post it twice."""
    await desk.step(**REPORTING, reply_tried=True)

    assert desk.far.sought == ["DU1"]
    assert desk.far.posted == [(Kind.REPLY, "DU1")]


async def test_who_wants_the_dm_is_not_told_that_the_card_was_moved(desk: Desk) -> None:
    """Not even if Slack opened the DM only at the second attempt."""
    desk.far.errors = {"post U1": ChatRefused("channel_not_found")}

    after = await desk.step(shows=Shows.DM, card_channel="U1")

    assert after.card_channel == "DU1"
    assert desk.far.told == []
    assert desk.far.sent == 1


async def test_a_refusal_of_the_dm_is_confided_once(desk: Desk) -> None:
    """Then the call is done: no endless retries, and nothing for the channel to see."""
    desk.far.errors = {"post DU1": ChatRefused("messages_tab_disabled")}

    after: Call = await desk.step(**REPORTING)

    assert desk.far.confided == ["c1"]
    assert desk.far.posted == []
    assert after.reply_ts
    assert (State.REPORTING, True) in desk.far.shown


async def test_a_token_that_ended_keeps_the_result_for_later(desk: Desk) -> None:
    """Once the operator has fixed the token, the result still goes to the DM."""
    desk.far.errors = {"post DU1": ChatRefused("token_revoked")}

    after = await desk.step(**REPORTING)

    assert desk.far.confided == []
    assert after.state is State.REPORTING
    assert not after.reply_ts
