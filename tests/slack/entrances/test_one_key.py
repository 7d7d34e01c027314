"""What Slack delivers twice is asked about twice, and is one call whatever is pressed."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from bot.calls.call import Call, Place
from bot.calls.doubt import DoubtfulNumber, doubt_of
from bot.calls.numbers.phone import PhoneNumber
from bot.calls.people.phones import NO_PHONES, NamedPhones
from bot.calls.telling import Added, Prospect, Verdict
from bot.slack.entrances import buttons
from bot.slack.entrances.commands import ringout
from bot.slack.entrances.event import SlackEvent
from bot.slack.entrances.messages import events
from bot.slack.entrances.request import Request
from bot.slack.entrances.seals import Seals
from bot.slack.texts.account import TEST_CALL_BUTTON
from bot.slack.texts.card_buttons import CALL_AGAIN_BUTTON
from bot.slack.texts.contact import NO_CONTACT
from bot.slack.texts.list_buttons import CALL_LISTED_BUTTON, CALL_MENU
from bot.slack.texts.profile import Profile
from bot.slack.texts.reminder import CALL_REMINDED_BUTTON
from bot.slack.texts.text import Message
from bot.switchboard.policy import Policy
from intents import ANN, CALLEE, a_call

SEALS = Seals("a secret")


class Desk:
    """A switchboard whose every number has an open call of Ann's already."""

    policy = Policy(countries=None)

    def __init__(self) -> None:
        self.keys: list[str] = []

    def age(self, _call: Call) -> timedelta:
        """Return that a call is old: whether it is meant is asked."""
        return timedelta(days=1)

    async def latest(self, _place: Place, _most: int) -> list[Call]:
        """Return Ann's last call."""
        return [a_call(key="the open one")]

    async def region_of(self, _place: Place) -> str:
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

    async def place_again(self, key: str, place: Place, _call_id: str) -> Added:
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
        if not again:
            open_ = a_call(key="the open one", callee=callee)
            return Added(Verdict.ALREADY_OPEN, open_, wanted=wanted)
        self.keys.append(key)
        return Added(Verdict.NEW, wanted)

    @property
    def services(self) -> Any:
        """What handlers use."""
        return SimpleNamespace(
            switchboard=self,
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


async def answered(desk: Desk, asked: Message | None, ts: str) -> int:
    """Press the first button of a question, and of each one that follows; count them."""
    count = 0
    while asked is not None and asked.blocks:
        rows = [each for each in asked.blocks if each["type"] == "actions"]
        button = rows[0]["elements"][0]
        body = {
            "trigger_id": f"{ts} {count}",
            "team": {"id": "T1"},
            "user": {"id": "U1", "team_id": "T1"},
            "container": {"channel_id": "C1", "message_ts": f"{ts}{count}"},
            "actions": [{"action_id": button["action_id"], "value": button["value"]}],
        }
        request = Request.from_action(body)
        asked = await buttons.ACTIONS[button["action_id"]](request, desk.services)
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


async def test_a_question_about_a_list_of_an_earlier_version_is_one_call_too() -> None:
    """It has a number and no key; people press it after an upgrade, maybe twice."""
    desk = Desk()
    press = pressed(
        CALL_LISTED_BUTTON, SEALS.close(ANN.person, CALLEE.e164), press="one"
    )

    for asked in [await press(desk), await press(desk)]:
        assert await answered(desk, asked, "1.") == 1

    assert len(desk.keys) == 2
    assert len(set(desk.keys)) == 1
