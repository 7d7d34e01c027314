"""Missed calls in a running bot: told in the channel and in a DM, and called back."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from bot.sandbox.limits import Limits
from bot.sandbox.ringcentral.messages import READ_MESSAGES
from bot.slack.texts.missed import CALL_MISSED_BUTTON
from own import connects, dm, lets_connect, modal
from town import CALLEE, QUICK, Town

OFTEN = replace(QUICK, missed=timedelta(seconds=0.1))
BO = "+14155550177"
LATER = timedelta(seconds=2)
"""After the switch-on, by more than RingCentral's clock can be read wrong: half a second."""


async def synced(town: Town, times: int) -> None:
    """Wait until the bot has read call logs so often."""
    asked = town.ringcentral.requests_of
    await town.until(lambda: len(asked("GET", "call-log-sync")) >= times)


async def test_a_missed_call_is_told_and_called_back(closed_town: Town) -> None:
    """Bo rings, nobody is there; Ann presses one button, and all see what came of it."""
    town = closed_town
    town.ringcentral.limits = Limits.off()
    sales = town.slack.channel("sales").id
    await town.open(OFTEN, RINGOUT_MISSED=f"*={sales}")
    await synced(town, 1)
    town.ringcentral.add_record(
        "missed", caller=CALLEE, callee="+16505550100", ago=-LATER, talk=22
    )
    [card] = await town.until(lambda: town.slack.messages("sales"))

    await town.slack.click("ann", card, CALL_MISSED_BUTTON)
    await town.until(lambda: "called back" in card.text)

    [call] = town.ringcentral.calls
    assert call.callee == CALLEE
    assert "rang 22 s" in card.text
    assert "called back. Talked for" in card.text


async def test_somebody_is_told_of_their_own_missed_calls_alone(
    closed_town: Town,
) -> None:
    """Once they ask for it: in their DM, whole, and nobody else sees anything."""
    town = closed_town
    town.ringcentral.limits = Limits.off()
    lets_connect(town, "ann", "bob")
    await town.open(OFTEN, RINGOUT_MISSED="people")
    for name in ("ann", "bob"):
        await connects(town, name)
    assert town.ringcentral.requests_of("GET", "call-log-sync") == []
    await town.types("settings")
    form = await modal(town)
    town.slack.fill_in(form, {"missed": "always"})
    await town.slack.submit(form)
    await synced(town, 1)
    for name in ("ann", "bob"):
        town.ringcentral.add_record(
            "missed", caller=BO, callee=CALLEE, ago=-LATER, person=name
        )

    told = await dm(town, "Missed call from")

    assert "+1 415-555-0177" in told.text
    assert "I'll take it" not in str(told.blocks)
    assert not any("Missed" in each.text for each in town.slack.dm("bob"))


async def test_a_card_shows_what_the_caller_said(closed_town: Town) -> None:
    """By the permission that the operator gave, and never by the recording itself."""
    town = closed_town
    far = town.ringcentral
    far.limits = Limits.off()
    far.logins.scopes.add(READ_MESSAGES)
    sales = town.slack.channel("sales").id
    await town.open(
        OFTEN, RINGOUT_MISSED=f"*={sales}", RINGOUT_VOICEMAIL="transcription"
    )
    await synced(town, 1)
    far.messages.leave(CALLEE, seconds=42, ago=-LATER, said="Please call me back")
    far.add_record(
        "voicemail", caller=CALLEE, callee="+16505550100", ago=-LATER, talk=42
    )
    [card] = await town.until(lambda: town.slack.messages("sales"))

    assert "left a voicemail, 0:42" in card.text
    assert "> Please call me back" in str(card.blocks)
    [content] = far.requests_of("GET", "/content/")
    assert content.path.endswith(str(far.messages.left[0].body["attachments"][1]["id"]))
