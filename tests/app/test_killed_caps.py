"""The bot as a process, killed while calls are counted: the next one counts exactly.

A cap that a restart forgets is none: whoever steals an account calls through restarts.
"""

from __future__ import annotations

import asyncio
from collections import Counter

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.pool import NullPool

from bot.sandbox.limits import Limits
from fleet import number
from own import PATIENT
from scene import Scene
from talking import connected
from town import Town

pytestmark = pytest.mark.unmeasured

PEOPLE = ("ann", "bob", "carl")
CAP = 20
COMMANDS = 64


def found(scene: Scene, query: str) -> list[tuple[str, ...]]:
    """Ask the database of a bot."""
    url = scene.town.database_url.replace("postgresql://", "postgresql+psycopg://")
    engine = create_engine(url, poolclass=NullPool)
    with engine.connect() as connection:
        return [tuple(row) for row in connection.execute(text(query))]


def commands(town: Town, first: int) -> list[asyncio.Task[object]]:
    """Have three people type 64 commands at once, each for a number of its own."""
    return [
        asyncio.create_task(town.types(number(first + n), user=PEOPLE[n % 3]))
        for n in range(COMMANDS)
    ]


@pytest.mark.on_both
@pytest.mark.parametrize("skip", [0, 7, CAP - 1], ids="after {}".format)
async def test_a_kill_among_64_commands_keeps_the_day_s_cap(
    scene: Scene, skip: int
) -> None:
    """Between the commits and the phones: as many calls as are allowed, each once."""
    town = scene.town
    town.ringcentral.limits = Limits.off()
    first = scene.process(RINGOUT_CALLS_PER_DAY=f"*,{CAP}")
    trap = scene.ringcentral_trap(first, "POST", "/ring-out", effect=True, skip=skip)
    await first.ready()
    typed = commands(town, 0)
    await trap.wait()
    for each in typed:  # nobody answers those that the dead process has
        each.cancel()
    await asyncio.gather(*typed, return_exceptions=True)

    await scene.ready(RINGOUT_CALLS_PER_DAY=f"*,{CAP}")
    await asyncio.gather(*commands(town, COMMANDS))
    await scene.done(CAP)

    posts = Counter(
        each.body["to"]["phoneNumber"]
        for each in town.ringcentral.requests_of("POST", "/ring-out")
    )
    allowed = found(scene, "SELECT call FROM audit_rows WHERE verdict = 'allow'")
    ended = found(scene, 'SELECT id, callee FROM calls WHERE "end" IS NOT NULL')
    assert sorted(call for (call,) in allowed) == sorted(call for call, _ in ended)
    assert len(ended) == CAP
    assert set(posts.values()) == {1}
    assert posts.keys() <= {callee for _, callee in ended}


@pytest.mark.on_both
@pytest.mark.parametrize(
    ("setting", "cap", "words"),
    [
        ("RINGOUT_CALLS_AT_ONCE", "2", "You have 2 calls going on"),
        ("RINGOUT_MINUTES_PER_MONTH", "6", "You have used 6 of 6 minutes"),
    ],
    ids=["at once", "minutes, by the reserve"],
)
async def test_open_calls_count_after_a_kill_until_they_are_settled(
    scene: Scene, setting: str, cap: str, words: str
) -> None:
    """Two calls go on while the process dies: a third is refused, until both are over."""
    town = scene.town
    town.env[setting] = cap
    town.ringcentral.clock.speed = 1.0
    town.ringcentral.play(PATIENT)
    first = await scene.ready()
    for n in range(2):
        await town.types(number(n))
        await town.until(lambda n=n: len(town.ringcentral.calls) > n)  # type: ignore[misc]
        for side in ("caller", "callee"):
            call = town.ringcentral.calls[n].id
            assert town.ringcentral.press(call, side, "answer")
        await connected(town, n)
    before = await town.types(number(2))
    first.kill()
    await first.child.wait()

    await scene.ready()
    refused = await town.types(number(3))
    for each in town.ringcentral.calls:
        assert town.ringcentral.press(each.id, "callee", "hangup")
    town.ringcentral.clock.skip(60)
    await scene.done(2)
    after = await town.types(number(4))
    await town.until(lambda: len(town.ringcentral.calls) == 3)

    assert words in before.text
    assert words in refused.text
    assert words not in after.text
