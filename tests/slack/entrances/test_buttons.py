"""Questions are answered once, however often somebody presses their button."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any, cast

import pytest

from bot.calls.call import Place
from bot.calls.people.person import Person
from bot.calls.people.phones import NO_PHONES
from bot.policy.added import Added, Verdict
from bot.serving import refusals as pages
from bot.slack.entrances import buttons
from bot.slack.entrances.request import Request
from bot.slack.entrances.services import ButtonHandler, Services
from bot.slack.texts import account, answers
from bot.slack.texts.asking import CALL_DOUBTFUL_BUTTON, Chosen
from bot.slack.texts.colleague import CALL_BUTTON, CALL_OTHER_BUTTON
from bot.user_errors import LinkUsed
from intents import CALLEE, a_call

ANYWAY = json.dumps({"to": CALLEE.e164, "from": None, "as": None})
COLLEAGUE = Chosen(CALLEE, NO_PHONES, Person("", "T1", "U1")).dump()
QUESTIONS = [
    (answers.CALL_ANYWAY_BUTTON, ANYWAY),
    (CALL_BUTTON, COLLEAGUE),
    (CALL_OTHER_BUTTON, COLLEAGUE),
    (CALL_DOUBTFUL_BUTTON, COLLEAGUE),
]


class Desk:
    """A switchboard that stores one call for each key, as the database does."""

    def __init__(self) -> None:
        self.keys: list[str] = []
        self.policy = type("Policy", (), {"calls_per_minute": 10})()

    async def place(self, key: str, place: Place, *_: Any, **__: Any) -> Added:
        """Store an intent."""
        verdict = Verdict.REPEATED if key in self.keys else Verdict.NEW
        self.keys.append(key)
        return Added(verdict, a_call(key=key, place=place))


def press(action: str, value: str, *, trigger: str, **changes: str) -> Request:
    """Return what Slack sends when somebody presses a button of a message."""
    what = {"ts": "1.1", "user": "U1"} | changes
    return Request.from_action(
        {
            "type": "block_actions",
            "trigger_id": trigger,
            "team": {"id": "T1"},
            "user": {"id": what["user"], "team_id": "T1"},
            "container": {"channel_id": "C1", "message_ts": what["ts"]},
            "actions": [{"action_id": action, "value": value}],
        }
    )


@pytest.mark.parametrize(("action", "value"), QUESTIONS)
async def test_a_question_that_is_pressed_twice_places_one_call(
    action: str, value: str
) -> None:
    """Each press has a trigger_id of its own, so that can't tell the second one."""
    desk = Desk()
    services = cast("Services", type("S", (), {"switchboard": desk})())
    handle: ButtonHandler = buttons.ACTIONS[action]

    first = await handle(press(action, value, trigger="1"), services)
    second = await handle(press(action, value, trigger="2"), services)

    assert len(set(desk.keys)) == 1
    assert first is not None
    assert first.replaces
    assert second == first


def test_a_wish_is_one_person_s_one_button_of_one_message() -> None:
    """Two questions about one number are two wishes; so are two people's."""
    wishes = [
        press(*QUESTIONS[0], trigger="1"),
        press(*QUESTIONS[0], trigger="2", ts="1.2"),
        press(*QUESTIONS[0], trigger="3", user="U2"),
        press(*QUESTIONS[1], trigger="4"),
        press(answers.CALL_ANYWAY_BUTTON, "{}", trigger="5"),
    ]

    assert len({each.wish for each in wishes}) == len(wishes)
    assert all(len(each.wish) <= 128 for each in wishes)
    assert replace(wishes[0], press="").wish == wishes[0].key


def test_a_choice_of_a_menu_is_read_as_a_button_s_value() -> None:
    """Slack sends it as ``selected_option``."""
    chosen = {"action_id": "more", "selected_option": {"value": "number c1"}}
    body = {"user": {"id": "U1"}, "actions": [{"type": "overflow", **chosen}]}

    assert Request.from_action(body).text == "number c1"


async def test_a_link_that_was_followed_does_not_stay_in_its_message() -> None:
    """It works once; who closed the page too early gets a new one by a button."""
    services = cast("Services", type("S", (), {})())
    offered = account.offer("https://bot.example/ringcentral/connect/t1")
    link = offered.blocks[-1]["elements"][0]
    click = press(link["action_id"], link["value"], trigger="1")

    said = await buttons.ACTIONS[link["action_id"]](click, services)

    assert said is not None
    assert said.replaces
    assert "url" not in str(said.blocks)
    assert said.blocks[-1]["elements"][0]["action_id"] == account.CONNECT_BUTTON
    in_form = replace(click, view="V1")
    assert await buttons.ACTIONS[link["action_id"]](in_form, services) is None


def test_the_page_of_a_used_link_says_so_and_what_to_type() -> None:
    """Somebody may have copied it, or gone back in their browser."""
    said = pages.words(LinkUsed())

    assert "used already" in said
    assert "`/ringout connect`" in said
