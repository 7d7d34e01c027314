"""A recorded call in a running bot: its reply has a link to the recording."""

from __future__ import annotations

from dataclasses import replace

from bot.sandbox.stories import find
from town import Town

READER = "https://reader.example/?media="


async def test_the_reply_of_a_recorded_call_has_a_link(closed_town: Town) -> None:
    """Whoever has to hear what was said finds it where the result is."""
    town = closed_town
    usual = find("answered")
    town.ringcentral.play(replace(usual, log=replace(usual.log, recorded_after=0.0)))
    await town.open(RINGOUT_RECORDING_URL=READER)
    await town.types()

    reply = await town.reply()

    assert f"<{READER}https%3A%2F%2Fmedia.ringcentral.com%2F" in str(reply.blocks)
    assert "with your own rights" in str(reply.blocks)
