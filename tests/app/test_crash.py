"""The bot as a process, killed at each step of a call.

Each story starts the real process against the doubles, kills it, starts it again on the
same database, and counts what the doubles have seen. On SQLite the next process frees
what it finds; on PostgreSQL it must first consider the old one dead.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from bot.sandbox.slack.ledger import Called
from process import Trap
from scene import Scene, check_told
from talking import TALKING, hang_up


def is_card(called: Called) -> bool:
    """Whether a card is being posted."""
    return called.method == "chat.postMessage" and not called.args.get("thread_ts")


def is_reply(called: Called) -> bool:
    """Whether a reply in a thread is being posted."""
    return called.method == "chat.postMessage" and bool(called.args.get("thread_ts"))


def is_last_update(called: Called) -> bool:
    """Whether a card is getting its final state."""
    return called.method == "chat.update" and "call_again" in str(
        called.args.get("blocks")
    )


def at(method: str) -> Callable[[Called], bool]:
    """Return a check whether a request is one of *method*."""
    return lambda called: called.method == method


@pytest.mark.on_both
@pytest.mark.parametrize("effect", [False, True], ids=["before", "after"])
async def test_a_call_whose_process_dies_at_its_card_is_never_dialed(
    scene: Scene, *, effect: bool
) -> None:
    """It was acked but not sent: one card says "not placed" and offers Call again."""
    first = await scene.ready()
    trap = scene.slack_trap(first, is_card, effect=effect)

    ack = await scene.town.types()
    await trap.wait()
    card, replies = await scene.resumed()

    assert ack.ok
    assert "restarted before this call was placed" in card.text
    assert replies == []
    assert scene.town.posts == 0


@pytest.mark.on_both
async def test_a_request_that_died_on_its_way_is_not_sent_again(scene: Scene) -> None:
    """The card says it may have been placed; a second POST might ring twice."""
    first = await scene.ready()
    trap = scene.ringcentral_trap(first, "POST", "/ring-out", effect=False)

    await scene.town.types()
    await trap.wait()
    card, replies = await scene.resumed(RINGOUT_LOG_GIVE_UP_SECONDS="1")

    assert any("check before calling again" in each.text for each in card.versions)
    assert len(replies) == 1
    assert "Not confirmed" in replies[0].text
    assert scene.town.posts == 1
    assert scene.town.ringcentral.calls == []


@pytest.mark.on_both
async def test_a_call_whose_answer_was_never_stored_is_found_in_the_log(
    scene: Scene,
) -> None:
    """The phone rang, then the process died: one POST, and both results."""
    first = await scene.ready()
    trap = scene.ringcentral_trap(first, "POST", "/ring-out", effect=True)

    await scene.town.types()
    await trap.wait()
    card, replies = await scene.resumed()

    assert any("check before calling again" in each.text for each in card.versions)
    check_told(scene, replies)


@pytest.mark.real_time
async def test_an_outage_longer_than_the_limit_costs_no_record(scene: Scene) -> None:
    """The first read is past the limit, so one more read must be made."""
    first = await scene.ready()
    trap = scene.ringcentral_trap(first, "POST", "/ring-out", effect=True)
    await scene.town.types()
    await trap.wait()
    second = scene.process()
    trap = scene.ringcentral_trap(second, "GET", "/call-log", effect=False)
    await second.start()
    await trap.wait()
    await asyncio.sleep(0.6)

    _, replies = await scene.resumed(RINGOUT_LOG_GIVE_UP_SECONDS="0.2")

    check_told(scene, replies)


@pytest.mark.on_both
@pytest.mark.parametrize(
    ("effect", "skip"),
    [
        pytest.param(False, 0, id="first status"),
        pytest.param(True, 1, id="a later status"),
    ],
)
async def test_a_call_in_progress_is_followed_to_its_reply(
    scene: Scene, *, effect: bool, skip: int
) -> None:
    """The process may die at any poll; the person still gets a reply."""
    scene.town.ringcentral.play(TALKING)
    first = await scene.ready()
    trap = scene.ringcentral_trap(first, "GET", "/ring-out/", effect=effect, skip=skip)

    await scene.town.types()
    await trap.wait()
    await hang_up(scene.town)
    _, replies = await scene.resumed()

    check_told(scene, replies)


@pytest.mark.on_both
@pytest.mark.parametrize("effect", [False, True], ids=["before", "after"])
async def test_a_call_that_is_over_is_followed_to_its_reply(
    scene: Scene, *, effect: bool
) -> None:
    """The process may die as it reads the call log; the person still gets a reply."""
    first = await scene.ready()
    trap = scene.ringcentral_trap(first, "GET", "/call-log", effect=effect)

    await scene.town.types()
    await trap.wait()
    _, replies = await scene.resumed()

    check_told(scene, replies)


@pytest.mark.on_both
@pytest.mark.parametrize("effect", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("when", [is_reply, is_last_update])
async def test_the_reply_is_posted_once(
    scene: Scene, when: Callable[[Called], bool], *, effect: bool
) -> None:
    """The bot looks for the reply by its metadata instead of guessing."""
    first = await scene.ready()
    trap = scene.slack_trap(first, when, effect=effect)

    await scene.town.types()
    await trap.wait()
    _, replies = await scene.resumed()

    check_told(scene, replies)


@pytest.mark.on_both
async def test_one_call_survives_one_death_after_the_other(scene: Scene) -> None:
    """Each start does one step and dies at the next; nothing happens twice."""
    town = scene.town
    process = await scene.ready()
    traps: list[Callable[[], Trap]] = [
        lambda: scene.ringcentral_trap(process, "POST", "/ring-out", effect=True),
        lambda: scene.ringcentral_trap(process, "GET", "/call-log", effect=True),
        lambda: scene.slack_trap(process, is_reply, effect=True),
        lambda: scene.slack_trap(process, at("conversations.replies"), effect=True),
    ]
    for number, make in enumerate(traps):
        if number:
            process = scene.process()
        trap = make()
        if number:
            await process.start()
        else:
            await town.types()
        await trap.wait()
    _, replies = await scene.resumed()

    check_told(scene, replies)


async def test_a_card_is_posted_once_over_several_deaths(scene: Scene) -> None:
    """Each start looks for the card, and still no phone rings."""
    process = await scene.ready()
    trap = scene.slack_trap(process, is_card, effect=True)
    await scene.town.types()
    await trap.wait()
    for method in ("conversations.history", "chat.update"):
        process = scene.process()
        trap = scene.slack_trap(process, at(method), effect=True)
        await process.start()
        await trap.wait()
    card, replies = await scene.resumed()

    assert "restarted before this call was placed" in card.text
    assert replies == []
    assert scene.town.posts == 0


async def test_without_history_scopes_a_reply_is_never_lost(scene: Scene) -> None:
    """It may be posted twice, as docs/how-it-works.md says, but must not be lost."""
    rules = scene.town.slack.rules
    rules.scopes = {each for each in rules.scopes if not each.endswith(":history")}
    first = await scene.ready()
    trap = scene.slack_trap(first, is_reply, effect=True)

    await scene.town.types()
    await trap.wait()
    _, replies = await scene.resumed()

    assert len(replies) in {1, 2}
    check_told(scene, replies[:1])
