"""What Slack delivers twice is asked about twice, and is one call whatever is pressed."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from bot.calls.call import Call, Place, State
from bot.calls.doubt import doubt_of
from bot.calls.numbers.phone import PhoneNumber
from bot.calls.people.phones import NO_PHONES, NamedPhones
from bot.policy.added import Added, Verdict
from bot.policy.prospect import Prospect
from bot.policy.refusals import DoubtfulNumber
from bot.slack.entrances import buttons
from bot.slack.entrances.commands import ringout
from bot.slack.entrances.event import SlackEvent
from bot.slack.entrances.messages import events
from bot.slack.entrances.request import Request
from bot.slack.entrances.seals import Seals
from bot.slack.texts.account import TEST_CALL_BUTTON
from bot.slack.texts.asking import NOT_NOW_BUTTON
from bot.slack.texts.card_buttons import CALL_AGAIN_BUTTON
from bot.slack.texts.contact import NO_CONTACT
from bot.slack.texts.list_buttons import CALL_LISTED_BUTTON, CALL_MENU
from bot.slack.texts.profile import Profile
from bot.slack.texts.reminder import CALL_REMINDED_BUTTON
from bot.slack.texts.text import Message
from bot.switchboard.policy import Policy
from bot.user_errors import AccessDenied
from intents import ANN, CALLEE, a_call

SEALS = Seals("a secret")


class Desk:
    """A switchboard whose every number has an open call of Ann's already."""

    policy = Policy(countries=None)
    is_free = False
    """Whether no call is in the way after all."""
    state = State.FOLLOWING
    """How far the first call of a question is when another one is asked for."""

    def __init__(self) -> None:
        self.keys: list[str] = []
        self.declined: set[str] = set()

    async def decline(self, _place: Place, key: str) -> bool:
        """Decline a question unless its call was placed, as the database does."""
        if key in self.keys:
            return False
        self.declined.add(key)
        return True

    def age(self, _call: Call) -> timedelta:
        """Return that a call is old: whether it is meant is asked."""
        return timedelta(days=1)

    async def latest(self, _place: Place, _most: int) -> list[Call]:
        """Return Ann's last call."""
        return [a_call(key="the open one")]

    async def region_of(self, _place: Place, _entrance: object = None) -> str:
        """Return Ann's home."""
        return "US"

    async def phones_named(self, *_: object, **__: object) -> NamedPhones:
        """Return that she named none."""
        return NO_PHONES

    async def direct_number(self, _place: Place, _user: str) -> PhoneNumber:
        """Return a colleague's number."""
        return CALLEE

    async def prospect(
        self, _place: Place, to: str, *_: object, **__: object
    ) -> Prospect:
        """Return what would be dialed."""
        return Prospect(self.policy.number(to, "US"))

    async def place_again(
        self, key: str, place: Place, _call_id: str, **_: object
    ) -> Added:
        """Place a call of a card, or a reminder's."""
        return await self.place(key, place, CALLEE, sure=True)

    async def place(
        self,
        key: str,
        place: Place,
        to: str | PhoneNumber,
        *_: object,
        again: bool = False,
        sure: bool = False,
        **__: object,
    ) -> Added:
        """Say that a call to that number is open; with *again*, note the key."""
        text = to.e164 if isinstance(to, PhoneNumber) else to
        callee = self.policy.number(text, "US")
        if not sure and (doubt := doubt_of(callee)):
            raise DoubtfulNumber(callee, doubt, NO_PHONES)
        wanted = a_call(key=key, place=place, callee=callee)
        if key in self.declined:
            return Added(Verdict.DECLINED, wanted)
        if self.is_free and key in self.keys:
            return Added(Verdict.REPEATED, a_call(key=key, state=self.state))
        if not (again or self.is_free):
            open_ = a_call(key="the open one", callee=callee)
            return Added(Verdict.ALREADY_OPEN, open_, wanted=wanted)
        self.keys.append(key)
        return Added(Verdict.NEW, wanted)

    @property
    def services(self) -> Any:
        """What handlers use."""
        return SimpleNamespace(
            switchboard=self,
            questions=self,
            seals=SEALS,
            contact=NO_CONTACT,
            profiles=SimpleNamespace(of=_profile),
            reminders=SimpleNamespace(where=_where),
            own_account=SimpleNamespace(myself=_myself),
        )


async def _profile(_place: Place, user: str) -> Profile:
    return Profile(user, name="Bob")


async def _where(place: Place, _call_id: str) -> Place:
    return place


async def _myself(_place: Place) -> str:
    return CALLEE.e164


Begin = Callable[[Desk], Awaitable[Message | None]]


def typed(text: str) -> Begin:
    """Return what types a command."""

    async def begin(desk: Desk) -> Message | None:
        handled = await ringout.handle(Request("trigger", ANN, text), desk.services)
        return await handled.told()

    return begin


def written(text: str) -> Begin:
    """Return what writes a message to the app."""

    async def begin(desk: Desk) -> Message | None:
        said: list[Message | None] = []

        async def reply(_name: str, _request: Request, work: Any, *_: object) -> None:
            said.append(await work())

        async def check(*_: object, **__: object) -> None:
            """Let everybody in."""

        services = desk.services
        services.admission = SimpleNamespace(check=check)
        adapter: Any = SimpleNamespace(reply=reply)
        told = {
            "type": "app_mention",
            "user": "U1",
            "channel": "C1",
            "ts": "1700000000.000100",
            "text": f"<@U0BOT> {text}",
        }
        event = SlackEvent.from_body({"team_id": "T1", "event": told})
        later = await events(services, adapter)["app_mention"](event)
        assert later is not None
        await later()
        return said[0]

    return begin


def pressed(action: str, value: str, press: str = "") -> Begin:
    """Return what presses a button, or chooses of a menu; *press* is `Request.press`."""

    async def begin(desk: Desk) -> Message | None:
        request = Request("trigger", ANN, value, press=press)
        return await buttons.ACTIONS[action](request, desk.services)

    return begin


WAYS = {
    "a number": (typed("415 555 0142"), 1),
    "a doubtful number": (typed("+49 30 12"), 2),
    "a colleague": (typed("<@U2>"), 2),
    "again": (typed("again"), 2),
    "a mention": (written("call 415 555 0142"), 2),
    "a sentence": (written("ask 415 555 0142 or 415 555 0143 today"), 2),
    "again in a message": (written("again"), 2),
    "a colleague in a message": (written("<@U2>"), 2),
    "a list": (pressed(CALL_MENU, SEALS.close(ANN.person, CALLEE.e164)), 2),
    "call again": (pressed(CALL_AGAIN_BUTTON, "c1"), 1),
    "a test call": (pressed(TEST_CALL_BUTTON, ""), 1),
    "a reminder": (pressed(CALL_REMINDED_BUTTON, "r1 c1"), 1),
}


def buttons_of(asked: Message) -> list[dict[str, Any]]:
    """Return all buttons of a question."""
    rows = [each for each in asked.blocks if each["type"] == "actions"]
    return [each for row in rows for each in row["elements"]]


async def press(
    desk: Desk, button: dict[str, Any], ts: str, user: str = "U1"
) -> Message | None:
    """Press a button of the message *ts*; return what is said."""
    body = {
        "trigger_id": f"trigger {ts}",
        "team": {"id": "T1"},
        "user": {"id": user, "team_id": "T1"},
        "container": {"channel_id": "C1", "message_ts": ts},
        "actions": [{"action_id": button["action_id"], "value": button["value"]}],
    }
    request = Request.from_action(body)
    return await buttons.ACTIONS[button["action_id"]](request, desk.services)


async def answered(desk: Desk, asked: Message | None, ts: str) -> int:
    """Press the first button of a question, and of each one that follows; count them."""
    count = 0
    while asked is not None and asked.blocks:
        asked = await press(desk, buttons_of(asked)[0], f"{ts}{count}")
        count += 1
    return count


@pytest.mark.parametrize(("begin", "questions"), WAYS.values(), ids=WAYS)
async def test_a_wish_that_is_delivered_twice_is_one_call_after_all_questions(
    begin: Begin, questions: int
) -> None:
    """Nobody's phone rings twice for one message, however many questions it has led to."""
    desk = Desk()

    both = [await begin(desk), await begin(desk)]
    counts = [await answered(desk, asked, f"{n}.") for n, asked in enumerate(both)]

    assert counts == [questions, questions]
    assert len(desk.keys) == 2
    assert len(set(desk.keys)) == 1


QUESTIONS = {name: begin for name, (begin, count) in WAYS.items() if count > 1}
"""What asks before it calls, with ``Call`` and ``Not now``."""


@pytest.mark.parametrize("begin", QUESTIONS.values(), ids=QUESTIONS)
async def test_who_has_declined_a_question_is_not_called_by_it(begin: Begin) -> None:
    """Slack goes on showing it elsewhere, and may deliver what it is about once more."""
    desk = Desk()
    desk.is_free = True
    first, again = await begin(desk), await begin(desk)
    assert first is not None
    assert again is not None
    *calls, not_now = buttons_of(first)

    said = [await press(desk, not_now, f"1.{each}") for each in range(2)]
    late = [
        await press(desk, each, "1.9") for each in [*calls, *buttons_of(again)[:-1]]
    ]

    assert [each and each.text for each in said] == ["OK, no call was placed."] * 2
    assert desk.keys == []
    for each in late:
        assert each is not None
        assert each.text.startswith("You pressed Not now before")
        assert each.replaces


@pytest.mark.parametrize(
    ("state", "told"),
    [
        (State.FOLLOWING, "Calling you on"),
        (State.DONE, "This question has placed its call already"),
    ],
)
@pytest.mark.parametrize("begin", QUESTIONS.values(), ids=QUESTIONS)
async def test_who_has_called_by_a_question_is_told_so_by_its_other_buttons(
    begin: Begin, state: State, told: str
) -> None:
    """That no call was placed would be false, and a second call unasked for."""
    desk = Desk()
    desk.is_free, desk.state = True, state
    asked = await begin(desk)
    assert asked is not None
    *calls, not_now = buttons_of(asked)

    await press(desk, calls[0], "1.1")
    late = await press(desk, not_now, "1.1")
    other = await press(desk, calls[-1], "1.2")

    assert len(desk.keys) == 1
    assert late is not None
    assert late.text.startswith("You pressed Call before")
    assert other is not None
    assert other.text.startswith(told)
    assert "+1 415-555-0142" in other.text
    assert late.replaces
    assert other.replaces


@pytest.mark.parametrize("begin", QUESTIONS.values(), ids=QUESTIONS)
async def test_nobody_declines_for_another(begin: Begin) -> None:
    """A value can be sent by hand."""
    desk = Desk()
    asked = await begin(desk)
    assert asked is not None

    with pytest.raises(AccessDenied):
        await press(desk, buttons_of(asked)[-1], "1.1", user="U2")

    assert desk.declined == set()


async def test_a_question_that_has_led_to_another_one_is_declined_with_it() -> None:
    """Call, then "Call anyway?": no call was placed yet, so Not now still counts."""
    desk = Desk()
    asked = await QUESTIONS["a mention"](desk)
    assert asked is not None
    call, not_now = buttons_of(asked)
    anyway = await press(desk, call, "1.1")
    assert anyway is not None

    await press(desk, not_now, "1.1")
    said = await press(desk, buttons_of(anyway)[0], "1.2")

    assert desk.keys == []
    assert said is not None
    assert said.text.startswith("You pressed Not now before")


async def test_not_now_of_an_earlier_version_still_removes_its_question() -> None:
    """It doesn't say which question it is of, and is pressed after an upgrade."""
    desk = Desk()
    button = {"action_id": NOT_NOW_BUTTON, "value": "no"}

    said = await press(desk, button, "1.1")

    assert said is not None
    assert said.text == "OK, no call was placed."
    assert desk.declined == set()


@pytest.mark.parametrize(
    ("value", "option", "shown"),
    [
        ("+14155550142 whole", "Northwind · …0142", "+1 415-555-0142"),
        ("+14155550142", "Northwind <b> · …0142", "Northwind &lt;b&gt; · …0142"),
        ("+14155550142", "+1 ••• ••• 0142 (a)", "+1 ••• ••• 0142 (a)"),
        ("+14155550142", "", "+1 ••• ••• 0142"),
    ],
    ids=["whole in the list", "a name", "two alike", "no text of an option"],
)
async def test_a_question_about_a_list_shows_no_more_than_the_list(
    value: str, option: str, shown: str
) -> None:
    """A colleague's masked number stays masked until one has called it oneself."""
    sealed = SEALS.close(ANN.person, value)
    used = {
        "action_id": CALL_MENU,
        "selected_option": {"value": sealed, "text": {"text": option}},
    }
    request = Request.from_action(
        {
            "trigger_id": "t",
            "team": {"id": "T1"},
            "user": {"id": "U1", "team_id": "T1"},
            "container": {"channel_id": "C1"},
            "actions": [used],
        }
    )

    asked = await buttons.ACTIONS[CALL_MENU](request, Desk().services)

    assert asked is not None
    assert asked.text == f"Call {shown} in the United States?"
    button = asked.blocks[-1]["elements"][0]["value"]
    assert SEALS.open(ANN.person, button) == "+14155550142 t"


async def test_a_question_about_a_list_of_an_earlier_version_is_one_call_too() -> None:
    """It has a number and no key; people press it after an upgrade, maybe twice."""
    desk = Desk()
    choose = pressed(
        CALL_LISTED_BUTTON, SEALS.close(ANN.person, CALLEE.e164), press="one"
    )

    for asked in [await choose(desk), await choose(desk)]:
        assert await answered(desk, asked, "1.") == 1

    assert len(desk.keys) == 2
    assert len(set(desk.keys)) == 1
