"""Restarts must respect RingCentral's limit of five log-ins per minute and user."""

from __future__ import annotations

import pytest

from bot.sandbox.ledger import TOO_MANY, Seen, sent_despite_penalty
from bot.sandbox.limits import Limits
from scene import Scene
from town import Town

KILLS = 8
"""The kills take less than a hundred seconds; a penalty lasts sixty."""


@pytest.mark.on_both
async def test_a_restart_goes_on_with_the_session_it_had(town: Town) -> None:
    """A log-in at each start would end another session, and soon exceed the limit."""
    await town.types()
    await town.finished()
    [log_in] = town.ringcentral.token_posts

    for _ in range(3):
        await town.close()
        await town.open()
    await town.types("+14155550177")
    await town.finished(1)

    assert town.ringcentral.token_posts == [log_in]
    assert len(town.ringcentral.logins.sessions) == 1
    assert town.posts == 2


async def test_eight_kills_send_no_log_in_inside_a_penalty(scene: Scene) -> None:
    """Logging in each time would extend the penalty forever."""
    far = scene.town.ringcentral
    far.limits = Limits()

    async def refused(seen: Seen) -> None:
        """Use up this user's log-ins, as other programs might, just before ours."""
        if "/oauth/token" in seen.path:
            far.door.on_request = None
            far.door.limiter.penalize("Auth", far.clock.real())

    far.door.on_request = refused
    for _ in range(KILLS):
        process = await scene.ready()
        process.kill()
        await process.ended()

    assert [seen.status for seen in far.token_posts].count(TOO_MANY) == 1
    assert sent_despite_penalty(far.requests, far.limits.penalty) == []
