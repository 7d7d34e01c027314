"""RingCentral's rate limit delays a call: the person sees it, and can cancel."""

from __future__ import annotations

from town import Town


async def test_a_limit_is_told_and_waited_out(town: Town) -> None:
    """The card shows how long; the call is then placed without a click."""
    town.ringcentral.limits.penalty = 2.0
    town.ringcentral.play("429-post")

    await town.types()
    card = await town.finished()

    assert any("limit is reached" in each.text for each in card.versions)
    assert len(town.ringcentral.calls) == 1


async def test_a_waiting_call_can_be_canceled(town: Town) -> None:
    """Its phone has not rung, and never will."""
    town.ringcentral.limits.penalty = 30.0
    town.ringcentral.play("429-post")
    await town.types()
    await town.until(lambda: any("limit" in each.text for each in town.cards()))

    await town.slack.click("ann", town.cards()[0], "cancel_call")
    card = await town.finished()

    assert "Canceled: …0142" in card.text
    assert town.ringcentral.calls == []


async def test_a_limit_that_lasts_is_given_up(town: Town) -> None:
    """Nobody expects a phone to ring an hour later."""
    town.ringcentral.limits.penalty = 600.0
    town.ringcentral.play("429-post")

    await town.types()
    card = await town.finished()

    assert "RingCentral's limit lasted too long" in card.text
    assert town.slack.thread(card) == []
