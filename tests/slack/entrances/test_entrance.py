"""Commands, buttons, forms and shortcuts: what comes before the ack, after it, and goes wrong."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from types import SimpleNamespace
from typing import Any

import pytest

from bot.app.tempo import USUAL_TEMPO
from bot.background import Background
from bot.errors import NotConnected, RateLimited, StoreUnavailable
from bot.slack.entrances.adapter import ACK_WITHIN, Adapter
from bot.slack.entrances.entrance import (
    BUTTON,
    COMMAND,
    FORM,
    SHORTCUT,
    SUGGESTION,
    Entrance,
    after_ack,
)
from bot.slack.entrances.handled import Handled
from bot.slack.entrances.request import Request
from bot.slack.entrances.services import Handler
from bot.slack.texts.text import Message


class Desk:
    """An entrance with one handler, and what people are told, in its order."""

    def __init__(
        self, way: Entrance, handle: Handler, ack_within: float = ACK_WITHIN
    ) -> None:
        self.way = way
        self.handle = handle
        self.seen: list[Any] = []
        self.background = Background()
        self.adapter = Adapter(self.background, self, self, ack_within=ack_within)  # type: ignore[arg-type]

    async def send(self, url: str, body: dict[str, Any]) -> tuple[int, str]:
        """Be a response_url."""
        del url
        self.seen.append(("told", body["text"]))
        return 200, "ok"

    def remember(self, *_: object) -> None:
        """Be the memory of response_urls."""

    async def ack(self, **arguments: Any) -> None:
        """Be Bolt's ack."""
        self.seen.append(("ack", arguments))

    async def play(self) -> list[Any]:
        """Have Bolt hear of it once; return what was seen."""
        listener = self.way._listener("it", self.handle, None, self.adapter)  # type: ignore[arg-type]
        req = SimpleNamespace(headers={})
        await listener(ack=self.ack, body={"trigger_id": "1"}, req=req)
        assert not await self.background.settle(10)
        return self.seen


async def later() -> Message:
    """Say something after the ack."""
    return Message("later")


async def test_a_command_is_handled_before_its_ack() -> None:
    """The intent is stored by then: an ack promises that it is not lost."""

    async def handle(request: Request, _services: object) -> Handled:
        desk.seen.append(("stored", request.key))
        return Handled({"text": "Ringing"}, later)

    desk = Desk(COMMAND, handle)

    assert await desk.play() == [
        ("stored", "1"),
        ("ack", {"text": "Ringing"}),
        ("told", "later"),
    ]


@pytest.mark.parametrize("error", [None, NotConnected(), ValueError("a fault")])
@pytest.mark.parametrize("way", [COMMAND, BUTTON])
async def test_every_ack_with_words_is_for_its_reader_alone(
    way: Entrance, error: Exception | None
) -> None:
    """Privacy must not rest on what Slack does where nothing is said."""

    async def handle(_request: Request, _services: object) -> Handled:
        if error is not None:
            raise error
        return Handled.say(Message("Whole numbers"))

    [(_, said)] = await Desk(way, handle).play()

    assert said["response_type"] == "ephemeral"
    assert said["text"]


@pytest.mark.parametrize("way", [BUTTON, SHORTCUT], ids=["button", "shortcut"])
async def test_a_button_and_a_shortcut_are_acked_before_their_work(
    way: Entrance,
) -> None:
    """The work may take longer than Slack waits, and the person can press again."""

    async def handle(_request: Request, _services: object) -> Message:
        desk.seen.append("worked")
        return Message("Canceled")

    desk = Desk(way, after_ack(handle))

    assert await desk.play() == [("ack", {}), "worked", ("told", "Canceled")]


async def test_what_takes_too_long_is_refused_before_slack_gives_up() -> None:
    """Slack waits three seconds; then it tells the person that the app has failed."""

    async def hang(*_: object) -> Handled:
        await asyncio.Event().wait()
        raise AssertionError

    [(_, command)] = await Desk(COMMAND, hang, ack_within=0.01).play()

    assert "can't do that right now" in command["text"]
    assert USUAL_TEMPO.ack < 3


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (NotConnected(), "Connect RingCentral first"),
        (RateLimited(7), "Try again in 7 s"),
        (StoreUnavailable(), "can't do that right now"),
        (TimeoutError(), "can't do that right now"),
        (ZeroDivisionError("+14155550142"), "Something went wrong"),
    ],
    ids=str,
)
async def test_what_goes_wrong_is_said_where_the_person_looks(
    error: Exception, said: str
) -> None:
    """In the ack of a command, in the place of a form, privately after all others."""

    async def handle(*_: object) -> Handled:
        raise error

    async def press(*_: object) -> Message:
        raise error

    [(_, command)] = await Desk(COMMAND, handle).play()
    [(_, form)] = await Desk(FORM, handle).play()
    ack, told = await Desk(BUTTON, after_ack(press)).play()
    shortcut = await Desk(SHORTCUT, after_ack(press)).play()
    [(_, query)] = await Desk(SUGGESTION, handle).play()

    [option] = query["options"]
    assert said in option["text"]["text"]
    assert shortcut[0] == ack
    assert said in shortcut[1][1]
    assert said in command["text"]
    assert form["response_action"] == "update"
    assert said in str(form["view"])
    assert ack == ("ack", {})
    assert said in told[1]
    assert "0142" not in str((command, form, told, shortcut))


@pytest.mark.parametrize("way", [COMMAND, FORM], ids=["command", "form"])
async def test_nothing_raises_after_the_ack(way: Entrance) -> None:
    """Bolt would lose the ack; the person is told what became of the rest instead."""

    def fail() -> Awaitable[Message]:
        raise ZeroDivisionError

    async def handle(*_: object) -> Handled:
        return Handled({}, fail)

    ack, told = await Desk(way, handle).play()

    assert ack == ("ack", {})
    assert "Something went wrong" in told[1]
