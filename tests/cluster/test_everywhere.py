"""Two processes on one PostgreSQL: forms, buttons and events that reach both of them."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from bot.sandbox.slack.messages import Message
from bot.sandbox.slack.views import View
from bot.slack.texts.answers import CALL_ANYWAY_BUTTON
from bot.slack.texts.card_buttons import CALL_AGAIN_BUTTON, HANG_UP_BUTTON
from bot.slack.texts.dialer import CALLEE_FIELD, PLACE_CALL
from fleet import Fleet, number, talking
from own import PATIENT, modal
from patience import PATIENCE
from talking import TALKING, hang_up
from town import CALLEE, Town

pytestmark = [pytest.mark.twin, pytest.mark.unmeasured]

NEVER_BY_ITSELF = "600"
"""Seconds between two status requests: longer than a test, so that an event alone can tell."""


async def test_the_dialer_submitted_at_both_places_one_call(fleet: Fleet) -> None:
    """Somebody who saw it fail submits it again, with another trigger, elsewhere."""
    first, second = await fleet.start(2)
    town = fleet.town
    assert (await town.slack.choose("ann", PLACE_CALL, channel="sales")).ok
    form = await modal(town)
    ann = town.slack.workspace.user("ann")
    first_option = await suggested(town, form)
    town.slack.fill_in(form, {CALLEE_FIELD: first_option["value"]})
    sent = [town.slack.space.payloads.submission(ann, form) for _ in range(4)]

    acks = await asyncio.gather(*map(town.slack.deliveries.bring, sent))
    await fleet.done(1)

    assert all(ack.ok for ack in acks)
    assert len({each.payload["trigger_id"] for each in sent}) == len(sent)
    fleet.check(1)
    assert first.log.count("asked by") + second.log.count("asked by") == 1


async def suggested(town: Town, form: View) -> dict[str, Any]:
    """Type a number until the bot suggests it: on a slow machine the first may be late."""
    async with asyncio.timeout(PATIENCE):
        while True:
            ack = await town.slack.query(form, CALLEE_FIELD, CALLEE)
            if ack.ok and ack.json["options"]:
                return dict(ack.json["options"][0])


async def test_hang_up_pressed_at_both_is_one_request(fleet: Fleet) -> None:
    """A second one could meet a call that has just begun."""
    town = fleet.town
    town.ringcentral.logins.scopes |= {"CallControl", "ReadPresence"}
    town.ringcentral.play(PATIENT)
    await fleet.start(2)
    await town.types(number(0))
    await town.until(lambda: town.ringcentral.calls)
    [call] = town.ringcentral.calls
    assert town.ringcentral.press(call.id, "caller", "answer")
    await town.until(lambda: controlled(town))
    [card] = fleet.cards()
    blocks = card.blocks

    await asyncio.gather(
        *(
            town.slack.click("ann", card, HANG_UP_BUTTON, blocks=blocks)
            for _ in range(4)
        )
    )
    await fleet.done(1)

    fleet.check(1)
    assert len(town.ringcentral.requests_of("DELETE", "/telephony/sessions")) == 1
    assert "canceled" in town.slack.thread(fleet.cards()[0])[0].text


def controlled(town: Town) -> Message | None:
    """Return the card, once it can hang up."""
    cards = town.cards()
    return cards[0] if cards and HANG_UP_BUTTON in str(cards[0].blocks) else None


async def test_call_again_on_a_colleague_s_card_pressed_at_both_is_one_call(
    fleet: Fleet,
) -> None:
    """The second press finds the first one's call open, wherever that was taken."""
    town = fleet.town
    await fleet.start(2)
    await town.types(number(0))
    card = await town.finished()
    await fleet.done(1)
    blocks = card.blocks
    town.ringcentral.play(TALKING)

    await asyncio.gather(
        *(
            town.slack.click("bob", card, CALL_AGAIN_BUTTON, blocks=blocks)
            for _ in range(2)
        )
    )
    await talking(fleet, 2)
    asked = await town.until(lambda: asks_again(town, "bob"))
    await hang_up(town)
    await fleet.done(2)

    fleet.check(2)
    assert len(asked) == 1


def asks_again(town: Town, user: str) -> list[Message]:
    """Return the questions whether to call a number that is being called."""
    told = town.slack.private(user)
    return [each for each in told if CALL_ANYWAY_BUTTON in str(each.blocks)]


async def test_after_a_kill_of_the_socket_s_process_another_gets_the_events(
    fleet: Fleet,
) -> None:
    """Nobody restarts it, and its calls would be seen by slow polls alone."""
    town, push = fleet.town, fleet.town.ringcentral.push
    push.permit()
    town.ringcentral.play(PATIENT)
    seldom = {"HURRIED_TAKEOVER": "1", "RINGOUT_POLL_SECONDS": NEVER_BY_ITSELF}
    [holder] = await fleet.start(1, **seldom)
    [its] = await town.until(lambda: push.gateway.open)
    await fleet.start(1, **seldom)

    holder.kill()
    await holder.child.wait()
    await town.until(lambda: push.gateway.open and its not in push.gateway.open)
    await town.types(number(0))
    await town.until(lambda: town.ringcentral.calls)
    [call] = town.ringcentral.calls
    for side in ("caller", "callee"):
        await town.until(lambda at=side: town.ringcentral.press(call.id, at, "answer"))  # type: ignore[misc]
    await town.until(lambda: "Talking with" in fleet.cards()[0].text)
    assert town.ringcentral.press(call.id, "callee", "hangup")
    await fleet.done(1)

    fleet.check(1)
