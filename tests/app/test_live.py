"""What RingCentral pushes is on the card at once, and the status is hardly asked for."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.sandbox.ports import free_port
from own import PATIENT
from town import QUICK, Town

SELDOM = {"RINGOUT_POLL_SECONDS": "60", "RINGOUT_LOG_DELAY_SECONDS": "0.5"}
"""So long between two polls that whatever a test sees soon was pushed."""


async def opened(town: Town, *, webhook: bool) -> None:
    """Start the bot, and wait until RingCentral pushes events to it."""
    town.ringcentral.push.permit()
    env = dict(SELDOM)
    if webhook:
        port = free_port()
        env |= {"HOST": "127.0.0.1", "PORT": str(port)}
        env |= {"PUBLIC_URL": f"http://127.0.0.1:{port}"}
    town.env |= env
    await town.open(replace(QUICK, card_gap=0.1))
    await town.until(lambda: town.bot is not None and town.bot._telephone.flows(""))


@pytest.mark.parametrize("webhook", [False, pytest.param(True, marks=pytest.mark.twin)])
async def test_each_side_is_on_the_card_as_it_changes(
    closed_town: Town, *, webhook: bool
) -> None:
    """Nobody waits for a poll to see that the other side has answered, or hung up."""
    town = closed_town
    await opened(town, webhook=webhook)
    town.ringcentral.play(PATIENT)
    await town.types()
    await town.until(lambda: town.ringcentral.calls)
    [call] = town.ringcentral.calls
    for side, what, shown in (
        ("caller", "answer", "<@U0ANN>: answered; …0142: ringing"),
        ("callee", "answer", "Talking with …0142"),
    ):
        town.ringcentral.press(call.id, side, what)
        await town.until(lambda shown=shown: shown in town.cards()[0].text)  # type: ignore[misc]
    before = len(town.ringcentral.requests_of("GET", "/ring-out/"))
    town.ringcentral.press(call.id, "callee", "hangup")
    reply = await town.reply()
    after = len(town.ringcentral.requests_of("GET", "/ring-out/"))

    assert (before, after) == (0, 1)
    assert "Talk time:" in reply.text


async def test_without_any_event_the_reply_comes_all_the_same(
    closed_town: Town,
) -> None:
    """Every delivery may be lost: polls and the log tell everything."""
    town = closed_town
    town.ringcentral.push.events.lose = lambda _: True
    town.ringcentral.push.permit()
    await town.open()
    await town.types()

    reply = await town.reply()

    assert "Callee: answered" in reply.text


async def test_events_late_twice_and_backward_give_one_reply(
    closed_town: Town,
) -> None:
    """The card ends as the log says, whatever arrives in which order."""
    town = closed_town
    town.ringcentral.push.permit()
    town.ringcentral.push.events.copies = 2
    await town.open()
    await town.until(lambda: town.bot is not None and town.bot._telephone.flows(""))
    town.ringcentral.push.events.held = []
    await town.types()
    reply = await town.reply()
    card = await town.finished()
    told = card.text
    town.ringcentral.push.events.release(newest_first=True)
    await town.ringcentral.push.events.settle()

    assert "Callee: answered" in reply.text
    assert town.cards()[0].text == told
    assert len(town.slack.thread(card)) == 1
    assert town.posts == 1
