"""``/ringout`` as its handler reads it, without a Slack."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from bot.calls.call import Place
from bot.slack.entrances.commands import ringout
from bot.slack.entrances.request import Request


@pytest.mark.parametrize("text", ["", "help", " HELP "])
async def test_help_and_nothing_are_help(text: str) -> None:
    """The first thing that a newcomer types."""
    request = Request("key", Place("T1", "C1", "U1"), text)

    reply = await ringout.handle(request, SimpleNamespace())  # type: ignore[arg-type]

    assert "/ringout" in reply.ack["text"]
    assert reply.later is None
