"""The hook in a running bot: another system is told, and calls do not notice."""

from __future__ import annotations

import asyncio

import pytest

from bot.calls.exported import EXPORTED
from bot.slack.texts.after import NOTE_BLOCK, OUTCOME_MENU
from bot.slack.texts.card_buttons import MORE_MENU, NOTE
from hook_receiver import HOOK_SECRET, a_receiver
from own import modal
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


async def test_what_people_say_of_a_call_is_told_after_its_end(
    closed_town: Town,
) -> None:
    """Chosen, noted, removed: the receiver has each as it then was, in that order."""
    town = closed_town
    async with a_receiver() as far:
        await town.open(
            RINGOUT_OUTCOMES="default",
            RINGOUT_HOOK_URL=far.url,
            RINGOUT_HOOK_SECRET=HOOK_SECRET,
            RINGOUT_HOOK_ALLOW_PRIVATE="on",
            RINGOUT_HOOK_NOTES="on",
        )
        await town.types()
        card = await town.finished()
        call = await town.until(lambda: [e["data"]["call"] for _, e in far.events])
        await town.slack.click("ann", card, OUTCOME_MENU, value=f"{call[0]} Spoke")
        await town.until(lambda: len(far.events) == 2)
        await town.slack.click("ann", card, MORE_MENU, value=f"{NOTE.key} {call[0]}")
        form = await modal(town)
        town.slack.fill_in(form, {NOTE_BLOCK: "Ask for Bo"})
        await town.slack.submit(form)
        await town.until(lambda: len(far.events) == 3)
        await town.slack.click("ann", card, OUTCOME_MENU, value=call[0])
        await town.until(lambda: len(far.events) == 4)
        await town.close()

    told = [
        (event["type"], event["data"]["outcome"], event["data"]["note"])
        for _, event in far.events
    ]
    assert told == [
        ("call.ended", None, None),
        ("call.outcome", "Spoke", None),
        ("call.note", "Spoke", "Ask for Bo"),
        ("call.outcome", None, "Ask for Bo"),
    ]
