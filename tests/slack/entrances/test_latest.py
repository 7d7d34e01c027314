"""``/ringout again`` and ``/ringout cancel``, without a Slack."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from bot.calls.call import Call, State, Status
from bot.calls.doubt import Doubt
from bot.calls.lists.request import ListRequest
from bot.calls.lists.work_list import Recent
from bot.calls.numbers.phone import PhoneNumber
from bot.calls.telling import Canceled, HungUp
from bot.policy.added import Added, Verdict
from bot.policy.refusals import DoubtfulNumber
from bot.slack.entrances import buttons
from bot.slack.entrances.commands import ringout
from bot.slack.entrances.handled import Handled
from bot.slack.entrances.request import Request
from bot.slack.texts.asking import CALL_DOUBTFUL_BUTTON
from bot.slack.texts.card_buttons import CANCEL_BUTTON, HANG_UP_BUTTON
from bot.slack.texts.text import Message
from intents import ANN, NOON, a_call

TALKING = Status("InProgress", "Success", "Success")


TALK = a_call(state=State.FOLLOWING, status=TALKING, connected=True)


class Listed(Exception):
    """Calls were to be listed."""


class Desk:
    """A switchboard with some calls of one person, and the time."""

    policy = SimpleNamespace(
        calls_per_minute=10,
        region="US",
        check=lambda _: None,
        check_admin=None,
        sees_all_numbers=lambda _: False,
    )

    def __init__(self, *calls: Call, later: timedelta = timedelta(0)) -> None:
        self.calls = list(calls)
        self.now = NOON + later
        self.placed: list[tuple[str, dict[str, Any]]] = []
        self.stopped: list[str] = []
        self.hung_up: list[str] = []
        self.listed: Recent | None = None
        self.done: Canceled | HungUp = Canceled.ASKED

    def age(self, call: Call) -> timedelta:
        """Return how old a call is."""
        return self.now - call.asked_at

    async def latest(
        self, _place: object, most: int, *, open_first: bool = False
    ) -> list[Call]:
        """Return the newest calls, or the open ones before them."""
        first = [each for each in self.calls if open_first and each.may_go_on]
        return (first + [each for each in self.calls if each not in first])[:most]

    async def place_again(
        self, key: str, _place: object, call_id: str, **_: object
    ) -> Added:
        """Place a call again."""
        self.placed.append((key, {"again": call_id}))
        return Added(Verdict.NEW, self.calls[0], "Mobile")

    async def place(
        self, key: str, _place: object, to: str | PhoneNumber, *_: Any, **more: Any
    ) -> Added:
        """Place a call, unless it has to be asked about."""
        if not more.get("sure"):
            raise DoubtfulNumber(PhoneNumber("+493012"), Doubt.SHORT)
        assert isinstance(to, PhoneNumber)
        self.placed.append((key, {"to": to.e164}))
        return Added(Verdict.NEW, a_call(callee=to), "Mobile")

    async def stop(self, _place: object, call_id: str) -> Canceled | HungUp:
        """Stop a call."""
        self.stopped.append(call_id)
        return self.done

    async def hang_up(self, _place: object, call_id: str) -> Canceled | HungUp:
        """End a call."""
        self.hung_up.append(call_id)
        return self.done

    async def recent(self, *_: object) -> Recent:
        """Be asked for a list."""
        if self.listed is None:
            raise Listed
        return self.listed

    async def typed(self, text: str) -> Handled:
        """Return what is answered to a command."""
        return await ringout.handle(Request("key", ANN, text), self._services)

    async def pressed(self, message: Handled, trigger: str = "2") -> Message | None:
        """Press ``Call`` under a question."""
        button = message.ack["blocks"][-1]["elements"][0]
        assert button["action_id"] == CALL_DOUBTFUL_BUTTON
        request = Request(trigger, ANN, button["value"], press="the question")
        return await buttons.ACTIONS[CALL_DOUBTFUL_BUTTON](request, self._services)

    @property
    def _services(self) -> Any:
        seals = SimpleNamespace(close=lambda _, text: text)
        return SimpleNamespace(switchboard=self, profiles=self, seals=seals)


async def test_again_calls_the_last_number_and_says_which() -> None:
    """Under the command's own key, so that a repeated delivery rings once."""
    desk = Desk(a_call(), a_call(id="c0"))

    reply = await desk.typed("again")

    assert desk.placed == [("key", {"again": "c1"})]
    assert reply.ack["text"] == "Calling you on Mobile (…0101), then +1 415-555-0142."


async def test_a_call_of_yesterday_is_asked_about_before_it_is_placed_again() -> None:
    """Nobody remembers for sure whom they called last."""
    desk = Desk(a_call(), later=timedelta(hours=13))

    reply = await desk.typed("redial")
    assert desk.placed == []
    assert "Call +1 415-555-0142 again? You called it <!date" in reply.ack["text"]
    said = await desk.pressed(reply)

    assert desk.placed == [("key", {"to": "+14155550142"})]
    assert said is not None
    assert said.replaces


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("call back", "`/ringout again`"),
        ("callback", "`/callstatus missed`"),
        ("logout", "`/ringout disconnect`"),
        ("sign out", "`/ringout disconnect`"),
        ("how do I call?", "`/ringout 415 555 0142`"),
    ],
)
async def test_what_could_mean_two_things_is_answered_with_what_to_type(
    text: str, said: str
) -> None:
    """To call back may be about a call that came in; to log out can't be undone."""
    desk = Desk(a_call())

    assert said in (await desk.typed(text)).ack["text"]
    assert (desk.placed, desk.stopped) == ([], [])


async def test_who_has_called_nobody_is_told_so() -> None:
    """With what to type."""
    assert "/ringout 415" in (await Desk().typed("again")).ack["text"]


async def test_a_doubtful_number_is_dialed_once_it_is_confirmed() -> None:
    """Before that nothing is placed; pressed twice it has one key, and is one call."""
    desk = Desk()

    question = await desk.typed("+49 30 12")
    assert question.ack["text"] == "Call +49 3012? It looks too short for Germany."
    assert desk.placed == []
    await desk.pressed(question)
    await desk.pressed(question, trigger="3")

    assert desk.placed == [("key", {"to": "+493012"})] * 2


@pytest.mark.parametrize(
    ("calls", "said", "stopped"),
    [
        ([], "no call to cancel", []),
        ([a_call(state=State.DONE)], "no call to cancel", []),
        ([a_call()], "Stopping the call", ["c1"]),
        ([a_call(id="old", state=State.DONE), a_call()], "Stopping the call", ["c1"]),
        (
            [a_call(state=State.FOLLOWING, status=TALKING, connected=True)],
            "Too late to cancel",
            [],
        ),
        ([a_call(), a_call(id="c2")], "Which one", []),
        (
            [a_call(), a_call(id="c2", state=State.FOLLOWING, connected=True)],
            "Which one",
            [],
        ),
        (
            [
                a_call(id=f"c{n}", state=State.FOLLOWING, connected=True)
                for n in range(2)
            ],
            "hang up your phone",
            [],
        ),
        (
            [a_call(state=State.FOLLOWING, connected=True, terminal_at=NOON)],
            "no call to cancel",
            [],
        ),
        ([a_call(state=State.FOLLOWING, cancelled_at=NOON)], "Stopping the call", []),
        ([a_call(state=State.RECORDING)], "may be going on", []),
        ([a_call(state=State.RECORDING, ringout_id="s1")], "no call to cancel", []),
    ],
)
async def test_cancel_stops_the_one_call_that_can_be_stopped(
    calls: list[Call], said: str, stopped: list[str]
) -> None:
    """With several it asks: the wrong one must not be cut off."""
    desk = Desk(*calls)

    reply = await desk.typed("cancel")
    assert reply.later is not None
    answer = await reply.later()

    assert answer is not None
    assert said in answer.text
    assert desk.stopped == stopped


@pytest.mark.parametrize(
    ("calls", "done", "said", "asked"),
    [
        ([], HungUp.ASKED, "You have no call to hang up.", []),
        ([a_call(state=State.DONE)], HungUp.ASKED, "no call to hang up", []),
        ([a_call()], Canceled.ASKED, "Stopping the call", ["c1"]),
        ([TALK], HungUp.ASKED, "Hung up.", ["c1"]),
        ([TALK], HungUp.NOT_ALLOWED, "doesn't let me hang up calls", ["c1"]),
        ([a_call()], Canceled.TOO_EARLY, "Type it again in a few seconds", ["c1"]),
        ([TALK, a_call(id="c2")], HungUp.ASKED, "Which one do you want to hang up", []),
        ([a_call(state=State.RECORDING)], HungUp.ASKED, "hang up your phone", []),
    ],
)
@pytest.mark.parametrize("typed", ["hang up", "hang up the phone", "end my call"])
async def test_hang_up_ends_the_one_call_and_says_what_came_of_it(
    typed: str,
    calls: list[Call],
    done: Canceled | HungUp,
    said: str,
    asked: list[str],
) -> None:
    """Its answers are about hanging up, not about canceling."""
    desk = Desk(*calls)
    desk.done = done

    answer = await (await desk.typed(typed)).told()

    assert answer is not None
    assert said in answer.text
    assert "ancel" not in answer.text
    assert (desk.hung_up, desk.stopped) == (asked, [])


async def test_cancel_asks_who_talks_whether_to_hang_up() -> None:
    """With the button for it; the verb itself ends no talk."""
    desk = Desk(replace(TALK, is_controllable=True))
    desk.done = Canceled.CONNECTED

    answer = await (await desk.typed("cancel")).told()

    assert answer is not None
    assert answer.blocks[-1]["elements"][0]["action_id"] == HANG_UP_BUTTON
    assert desk.hung_up == []


async def test_status_says_how_to_end_what_the_bot_cannot() -> None:
    """Without the permission a talk has no button."""
    answer = await (await Desk(TALK).typed("status")).told()

    assert answer is not None
    assert "hanging up your phone" in answer.text


async def test_which_call_to_cancel_is_chosen_by_its_number() -> None:
    """Ten at most, the newest first, each with how it is going and its button."""
    other = PhoneNumber("+14155550177")
    many = [replace(a_call(id=f"c{n}"), callee=other) for n in range(12)]

    reply = await Desk(*many).typed("stop")
    answer = await reply.told()

    assert answer is not None
    rows = [each["elements"][0] for each in answer.blocks if "elements" in each]
    assert [row["value"] for row in rows] == [f"c{n}" for n in range(10)]
    assert "+1 415-555-0177" in answer.blocks[1]["text"]["text"]


@pytest.mark.parametrize(
    ("verb", "said"), [("cancel", "Stopping"), ("status", "Your call:")]
)
async def test_an_open_call_is_found_behind_many_that_are_over(
    verb: str, said: str
) -> None:
    """Who dials a list of numbers meanwhile still has the first call going on."""
    over = [a_call(id=f"over-{n}", state=State.DONE) for n in range(99)]
    desk = Desk(*over, a_call())

    answer = await (await desk.typed(verb)).told()

    assert answer is not None
    assert answer.text.startswith(said)
    assert desk.stopped == (["c1"] if verb == "cancel" else [])


@pytest.mark.parametrize("verb", ["status", "my status", "call status"])
async def test_status_means_the_open_call(verb: str) -> None:
    """Somebody who waits wants to know how it is going, not what they called before."""
    desk = Desk(a_call(), a_call(id="old", state=State.DONE))

    answer = await (await desk.typed(verb)).told()

    assert answer is not None
    assert answer.text.startswith("Your call:\n*+1 415-555-0142* · since <!date")
    assert answer.blocks[-1]["elements"][0]["action_id"] == CANCEL_BUTTON
    assert desk.stopped == []


async def test_status_says_first_that_nothing_is_going_on() -> None:
    """Who asks how it goes would take a list of past calls for the answer."""
    desk = Desk(a_call(id="old", state=State.DONE))
    desk.listed = Recent(
        request=ListRequest(),
        rows=(),
        read_at=NOON,
        looked_back=timedelta(days=90),
        region="US",
        own=True,
    )

    answer = await (await desk.typed("status")).told()

    assert answer is not None
    assert answer.text == "You have no call going on. No calls in the past 90 days."
    assert [each["text"]["text"] for each in answer.blocks] == [
        "You have no call going on.",
        "No calls in the past 90 days.",
    ]


async def test_status_lists_several_open_calls_and_touches_none() -> None:
    """Each with its own button."""
    desk = Desk(a_call(), a_call(id="c2"))

    answer = await (await desk.typed("status")).told()

    assert answer is not None
    assert answer.text.startswith("Your 2 open calls:")
    assert str(answer.blocks).count(f"'{CANCEL_BUTTON}'") == 2
    assert desk.stopped == []


@pytest.mark.parametrize("text", ["status", "status missed", "last 5", "missed calls"])
async def test_with_filters_or_without_an_open_call_status_is_the_list(
    text: str,
) -> None:
    """Both words mean one's calls; which ones is plain from what goes on."""
    calls = [] if text == "status" else [a_call()]
    desk = Desk(*calls)

    with pytest.raises(Listed):
        await (await desk.typed(text)).told()
