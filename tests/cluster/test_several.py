"""Several processes on one PostgreSQL: takeovers, and nothing done twice.

Each story runs real processes against the doubles, and counts what the doubles saw.
"""

from __future__ import annotations

import asyncio
import signal
import time

import pytest
from sqlalchemy import create_engine, text

from bot.sandbox.limits import Limits
from bot.sandbox.slack.messages import Message
from bot.storage.calls.takeover import USUAL_TAKEOVER
from bot.storage.database.migrate import OURS
from checkout import ROOT, SUPPORT
from fleet import Fleet, number, talking
from own import PATIENT
from patience import until
from postgres import Server
from process import Process
from talking import TALKING, hang_up
from town import Town

pytestmark = pytest.mark.unmeasured


def test_a_dead_process_is_taken_for_dead_within_ten_seconds() -> None:
    """The last beat that it may have sent, and the beat at which another one looks."""
    found = USUAL_TAKEOVER.dead.total_seconds() + 2 * USUAL_TAKEOVER.beat

    assert found < 10


async def test_two_processes_share_the_commands(fleet: Fleet) -> None:
    """Whichever process takes a command, its call rings, is shown and told once."""
    first, second = await fleet.start(2)

    acks = await asyncio.gather(
        *(fleet.town.types(number(index)) for index in range(8))
    )
    await fleet.done(8)

    assert all(ack.ok for ack in acks)
    fleet.check(8)
    for process in (first, second):
        assert process.log.count("asked by") == 4


async def test_a_dead_process_s_calls_are_polled_again_in_time(fleet: Fleet) -> None:
    """Even if nobody restarts the process, its calls must get their results."""
    await fleet.start(2, HURRIED_TAKEOVER="1")
    fleet.town.ringcentral.play(TALKING)
    for index in range(4):
        await fleet.town.types(number(index))
    await talking(fleet, 4)
    dead = fleet.holder(0)
    theirs = {each for each in fleet.ids() if f"{each}: asked by" in dead.log}
    assert len(theirs) == 2

    dead.kill()
    died = time.monotonic()
    gone = {c.id for c in fleet.town.ringcentral.calls} - await held(fleet, but=theirs)
    await until(lambda: all(polled(fleet, each, died + 1) for each in gone))

    await hang_up(fleet.town)
    await fleet.done(4)
    fleet.check(4)


async def test_a_graceful_stop_hands_calls_over_at_once(fleet: Fleet) -> None:
    """A deployment must not interrupt calls, nor lose those that wait for a limit."""
    await fleet.start(2)
    fleet.town.ringcentral.play(TALKING)
    for index in range(2):
        await fleet.town.types(number(index))
    await talking(fleet, 2)
    leaving = fleet.holder(0)

    assert await leaving.terminated() == 0
    left = time.monotonic()
    ids = [call.id for call in fleet.town.ringcentral.calls]
    await until(lambda: all(polled(fleet, each, left) for each in ids))

    await hang_up(fleet.town)
    await fleet.done(2)
    fleet.check(2)


async def test_a_process_with_a_fault_of_ours_hands_its_calls_over(
    fleet: Fleet,
) -> None:
    """If one of its tasks fails, the whole process ends, and others take over."""
    [broken] = await fleet.start(1, PYTHONPATH=str(SUPPORT / "broken"))
    await fleet.start(1)
    fleet.town.ringcentral.play(TALKING)
    for index in range(2):
        await fleet.town.types(number(index))

    code, _ = await broken.ended()
    ended = time.monotonic()
    await talking(fleet, 2)
    ids = [call.id for call in fleet.town.ringcentral.calls]
    await until(lambda: all(polled(fleet, each, ended) for each in ids))

    assert code == 3
    fleet.processes.remove(broken)  # the log must contain a traceback here
    await hang_up(fleet.town)
    await fleet.done(2)
    fleet.check(2)


async def test_a_call_that_waits_for_the_limit_is_handed_over_and_placed(
    fleet: Fleet,
) -> None:
    """It was never sent, so another process may send it once, before its deadline."""
    await fleet.start(2)
    fleet.town.ringcentral.queue("429-post")
    fleet.town.ringcentral.limits = Limits(window=3, penalty=3)
    await fleet.town.types(number(0))
    await until(lambda: any("Waiting" in said(card) for card in fleet.cards()))

    assert await fleet.holder(0).terminated() == 0
    await fleet.done(1)

    assert len(fleet.town.ringcentral.calls) == 1
    assert len(fleet.town.slack.thread(fleet.cards()[0])) == 1
    assert not any(seen.in_penalty for seen in fleet.town.ringcentral.requests)


async def test_a_click_reaches_the_call_from_any_process(fleet: Fleet) -> None:
    """Slack may deliver a click to any process."""
    await fleet.start(2)
    fleet.town.ringcentral.play(PATIENT)
    for index in range(2):
        await fleet.town.types(number(index))
    await talking(fleet, 2)

    await fleet.town.until(
        lambda: all("cancel_call" in str(card.blocks) for card in fleet.cards())
    )

    # Four clicks in turn, so that both processes get one for each card.
    seen = [(card, card.blocks) for card in fleet.cards()]
    for card, blocks in (*seen, *reversed(seen)):
        await fleet.town.slack.click("ann", card, "cancel_call", blocks=blocks)
    await fleet.done(2)

    fleet.check(2)
    for card in fleet.cards():
        assert "canceled" in fleet.town.slack.thread(card)[0].text


async def test_one_command_delivered_to_both_is_one_call(fleet: Fleet) -> None:
    """Slack may deliver a command twice, to two processes at the same moment."""
    await fleet.start(2)

    for index in range(5):
        await asyncio.gather(
            *(
                fleet.town.types(number(index), trigger_id=f"1.{index}")
                for _ in range(2)
            )
        )
    await fleet.done(5)

    fleet.check(5)


async def test_enter_pressed_twice_at_two_processes_rings_once(fleet: Fleet) -> None:
    """Two commands to one number reach two processes at once: the phone rings once."""
    await fleet.start(2)
    fleet.town.ringcentral.play(TALKING)

    for index in range(5):
        acks = await asyncio.gather(
            *(fleet.town.types(number(index)) for _ in range(2))
        )
        assert sum("already calling" in ack.text for ack in acks) == 1
    await talking(fleet, 5)
    await hang_up(fleet.town)
    await fleet.done(5)

    fleet.check(5)


@pytest.mark.real_time
async def test_a_process_that_was_paused_finds_its_calls_taken(fleet: Fleet) -> None:
    """When it continues, it must not repeat what another process has done."""
    await fleet.start(2, HURRIED_TAKEOVER="1")
    fleet.town.ringcentral.play(TALKING)
    for index in range(4):
        await fleet.town.types(number(index))
    await talking(fleet, 4)
    paused = fleet.holder(0)

    paused.child.send_signal(signal.SIGSTOP)
    stopped = time.monotonic()
    ids = [call.id for call in fleet.town.ringcentral.calls]
    await until(lambda: all(polled(fleet, each, stopped + 1) for each in ids))
    await hang_up(fleet.town)
    await fleet.town.until(lambda: all(map(fleet.town.slack.thread, fleet.cards())))
    paused.child.send_signal(signal.SIGCONT)
    await fleet.done(4)
    await paused.logged("others have taken this process for dead")

    fleet.check(4)
    await fleet.town.types(number(9))
    await fleet.town.types(number(8))
    await talking(fleet, 6)
    await hang_up(fleet.town)
    await fleet.done(6)
    fleet.check(6)


async def test_two_processes_share_one_credential_s_budget(fleet: Fleet) -> None:
    """RingCentral counts both as one user, so they must share one limit."""
    limits = Limits(window=3, penalty=3)
    fleet.town.ringcentral.limits = limits
    free = str(ROOT / "tests" / "chaos")  # lifts Slack's limit on edits
    await fleet.start(2, RINGOUT_POLL_SECONDS="0.2", PYTHONPATH=free)

    for index in range(12):
        ack = await fleet.town.types(number(index))
        assert ack.ok
    await fleet.done(12)

    fleet.check(12)
    assert not [seen for seen in fleet.town.ringcentral.requests if seen.status == 429]


async def test_a_database_that_was_not_migrated_is_refused(
    closed_town: Town, postgres: Server
) -> None:
    """The bot names the command to run, and changes nothing by itself."""
    url = await asyncio.to_thread(postgres.fresh_database)
    env = closed_town.environment(DATABASE_URL=url)
    bot, migrate, again = (Process(closed_town.folder, env) for _ in range(3))

    await bot.start()
    code, _ = await bot.ended()
    await migrate.start("migrate")
    done = await migrate.ended()
    await again.start("migrate")
    nothing = await again.ended()

    assert code == 1
    assert "ringout-bot migrate" in bot.log
    assert "Traceback" not in bot.log
    assert done[0] == nothing[0] == 0
    assert f"to {OURS.newest}" in done[1]
    assert "nothing to do" in nothing[1]


async def test_a_second_process_on_one_sqlite_file_is_refused(
    closed_town: Town,
) -> None:
    """Two would post every result twice; the first process goes on."""
    first = Process(closed_town.folder, closed_town.environment())
    await first.ready()
    second = Process(closed_town.folder, closed_town.environment())

    await second.start()
    code, _ = await second.ended()

    assert code == 1
    assert "Another process of the bot uses" in second.log
    assert "Traceback" not in second.log
    assert (await closed_town.types()).ok
    await closed_town.reply()
    assert await first.terminated() == 0
    third = Process(closed_town.folder, closed_town.environment())
    await third.ready()
    assert await third.terminated() == 0


def said(card: Message) -> str:
    """Return all that a card has said so far."""
    return " ".join(each.text for each in card.versions)


def polled(fleet: Fleet, ringout: str, since: float) -> list[float]:
    """Return when the status of one RingOut was polled after *since*."""
    asked = fleet.town.ringcentral.requests_of("GET", f"/ring-out/{ringout}")
    return [each.time for each in asked if each.time > since]


async def held(fleet: Fleet, but: set[str]) -> set[str]:
    """Return the RingOut ids of all calls except *but*."""

    def read() -> set[str]:
        engine = create_engine(fleet.url.replace("://", "+psycopg://"))
        with engine.connect() as connection:
            rows = connection.execute(text("SELECT id, ringout_id FROM calls")).all()
        engine.dispose()
        return {row.ringout_id for row in rows if row.id not in but}

    return await asyncio.to_thread(read)
