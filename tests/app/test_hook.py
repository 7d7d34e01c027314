"""The hook in a running bot: another system is told, and calls do not notice."""

from __future__ import annotations

import asyncio

import pytest

from bot.calls.exported import EXPORTED
from hook_receiver import HOOK_SECRET, a_receiver
from patience import PATIENCE
from town import Town


async def test_a_call_is_told_of_and_a_receiver_that_hangs_delays_none(
    closed_town: Town, caplog: pytest.LogCaptureFixture
) -> None:
    """The receiver's trouble is not the callers': cards, replies and a stop go on."""
    town = closed_town
    async with a_receiver() as far:
        far.answers = [204, "hangs"]
        town.env |= {
            "RINGOUT_HOOK_URL": far.url,
            "RINGOUT_HOOK_SECRET": HOOK_SECRET,
            "RINGOUT_HOOK_ALLOW_PRIVATE": "on",
        }
        await town.open()
        await town.types()
        async with asyncio.timeout(PATIENCE):
            await far.came.wait()
        far.came.clear()
        await town.reply()
        await town.types()
        reply = await town.reply(1)
        async with asyncio.timeout(PATIENCE):
            await far.came.wait()
        await town.close()

    assert "Callee: answered" in reply.text
    [(message, event)] = far.events
    told = event["data"]
    assert message.startswith("msg_")
    assert (event["type"], tuple(told)) == ("call.ended", EXPORTED)
    assert (told["end"], told["callee_result"]) == ("recorded", "answered")
    assert told["callee"] == "+1 ••• ••• 0142"
    assert told["user"] == town.slack.workspace.user("ann").id
    assert "not-to-be-logged" not in caplog.text
