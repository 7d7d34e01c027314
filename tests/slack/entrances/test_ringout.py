"""``/ringout`` as its handler reads it, without a Slack."""

from __future__ import annotations

import json
from contextlib import suppress
from types import SimpleNamespace
from typing import Any

import pytest

from bot.calls.call import Place
from bot.calls.numbers.phone import PhoneNumber
from bot.calls.people.names import Name, NameSource
from bot.policy.added import Added, Verdict
from bot.slack.entrances import buttons
from bot.slack.entrances.commands import ringout
from bot.slack.entrances.request import Request
from bot.slack.texts import asking
from bot.user_errors import OutdatedButton
from intents import CALLEE, CALLER, a_call

OTHER = PhoneNumber("+16505550199")
ZERO_WIDTH = "\u200b"


@pytest.mark.parametrize("text", ["", "help", " HELP "])
async def test_help_and_nothing_are_help(text: str) -> None:
    """The first thing that a newcomer types."""
    request = Request("key", Place("T1", "C1", "U1"), text)

    reply = await ringout.handle(request, SimpleNamespace())  # type: ignore[arg-type]

    assert "/ringout" in reply.ack["text"]
    assert reply.later is None


class Desk:
    """A switchboard that remembers what was asked, and has each call open already."""

    policy = SimpleNamespace(calls_per_minute=10)

    def __init__(self) -> None:
        self.asked: list[dict[str, Any]] = []

    async def place(self, *typed: object, **named: Any) -> Added:
        """Remember what was typed."""
        self.asked.append({"typed": typed[2:], **named})
        wanted = a_call(
            caller_id=OTHER, caller=CALLER, callee_name=named["name"], id="c2"
        )
        return Added(Verdict.ALREADY_OPEN, a_call(caller=None), wanted=wanted)


def typed(desk: Desk, text: str) -> tuple[Request, Any]:
    """Return a request with *text* and services with that desk."""
    return Request("key", Place("T1", "C1", "U1"), text), SimpleNamespace(
        switchboard=desk
    )


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("415 555 0142", None),
        ("415 555 0142 for Northwind renewal", "Northwind renewal"),
        ("415 555 0142 for A\u202eB 415 555 0199", "AB ••• ••• 0199"),
        ("415 555 0142 for <@U2>", None),
    ],
)
async def test_what_a_call_is_for_is_its_name_also_when_it_is_placed_anyway(
    text: str, name: str | None
) -> None:
    """Cleaned; the number is what it was. ``Call anyway`` repeats all that was typed."""
    desk = Desk()
    meant = Name(name, NameSource.WRITTEN) if name else None

    reply = await ringout.handle(*typed(desk, text))
    (button,) = reply.ack["blocks"][-1]["elements"]
    await buttons.call_anyway(*typed(desk, button["value"]))

    assert [each["typed"] for each in desk.asked] == [
        ("415 555 0142", None),
        (CALLEE, CALLER),
    ]
    assert [each["as_"] for each in desk.asked] == [None, OTHER]
    assert [each["name"] for each in desk.asked] == [meant, meant]


@pytest.mark.parametrize(
    "text",
    [
        f"+14155550142{185 * ZERO_WIDTH} from +16505550101{185 * ZERO_WIDTH}",
        f"415 555 0142{180 * ZERO_WIDTH} for {1500 * chr(0x1F4DE)}",
        f"415 555 0142 for {1500 * chr(34)}x",
    ],
)
async def test_the_button_to_call_anyway_is_short_enough_for_slack(text: str) -> None:
    """It has the numbers that were read, whatever was pasted around them."""
    reply = await ringout.handle(*typed(Desk(), text))

    (button,) = reply.ack["blocks"][-1]["elements"]
    assert len(button["value"]) <= asking.LONGEST_BUTTON_VALUE
    assert ZERO_WIDTH not in button["value"]
    assert chr(92) + "u" not in button["value"]


@pytest.mark.parametrize(
    "changed",
    [
        {"to": "020 7946 0018"},
        {"to": ""},
        {"to": None},
        {"from": "020 7946 0018"},
        {"from": "mobile"},
        {"as": "020 7946 0018"},
        {"as": 7},
    ],
)
async def test_a_button_never_has_a_number_that_depends_on_home(
    changed: dict[str, object],
) -> None:
    """Home may be another country when it is pressed: that would ring somebody else."""
    value = {"to": CALLEE.e164, "from": CALLER.e164, "as": None} | changed
    desk = Desk()

    with pytest.raises(OutdatedButton):
        await buttons.call_anyway(*typed(desk, json.dumps(value)))

    assert desk.asked == []


@pytest.mark.parametrize("name", ["[]", "7", '{"text": 1}', "null", '"x"', '{"text":'])
async def test_a_forged_name_in_a_button_is_refused_or_left_out(name: str) -> None:
    """A modified client can send any value; nothing may break after the ack."""
    value = json.dumps({"to": CALLEE.e164, "from": None, "name": name})
    desk = Desk()

    with suppress(OutdatedButton):
        await buttons.call_anyway(*typed(desk, value))

    assert all(each["name"] is None for each in desk.asked)
