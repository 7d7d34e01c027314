"""The bot as a process, killed at each step after a call: nothing is told twice, or not at all.

A lease of a dead process lasts up to a minute. The stories do not wait for that: they set
the timers in its database back, as if the time had passed.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.pool import NullPool

from bot.sandbox.limits import Limits
from bot.sandbox.ringcentral.messages import READ_MESSAGES
from bot.sandbox.slack.ledger import Called
from bot.slack.texts.after import CLAIM_BUTTON, OUTCOME_MENU
from bot.slack.texts.card_buttons import MORE_MENU, REMIND_ME
from bot.slack.texts.missed import TAKE_MISSED_BUTTON
from bot.slack.texts.reminder import SOON_FIELD
from hook_receiver import HOOK_SECRET, a_receiver
from own import modal, whispered
from patience import PATIENCE, until
from process import Process
from scene import Scene
from town import CALLEE

pytestmark = [pytest.mark.twin, pytest.mark.unmeasured]

TIMERS = (
    ("calls", "next_at"),
    ("reminders", "next_at"),
    ("reminders", "due_at"),
    ("missed_syncs", "next_at"),
    ("missed_cards", "leased_until"),
    ("hook_events", "next_at"),
    ("digests", "next_at"),
    ("digests", "told_until"),
)
AN_HOUR, TWO_DAYS = timedelta(hours=1), timedelta(days=2)
LATER = timedelta(seconds=2)
"""After the switch-on, by more than RingCentral's clock can be read wrong: half a second."""


def time_passes(scene: Scene, by: timedelta = AN_HOUR) -> None:
    """Set the timers of a bot that does not run back, as if time had passed."""
    engine = create_engine(scene.town.database_url, poolclass=NullPool)
    with engine.begin() as connection:
        for table, column in TIMERS:
            back = f"UPDATE {table} SET {column} = {column} - :by"  # noqa: S608
            connection.execute(text(back), {"by": by.total_seconds()})


async def rows(scene: Scene, table: str, where: str = "1 = 1") -> int:
    """Return how many rows a table has."""

    def count() -> int:
        engine = create_engine(scene.town.database_url, poolclass=NullPool)
        with engine.connect() as connection:
            query = text(f"SELECT count(*) FROM {table} WHERE {where}")  # noqa: S608
            return int(connection.scalar(query) or 0)

    return await asyncio.to_thread(count)


async def none_left(scene: Scene, table: str, where: str = "1 = 1") -> None:
    """Wait until a table has no such row any more."""
    async with asyncio.timeout(PATIENCE):
        while await rows(scene, table, where):
            await asyncio.sleep(0.02)


async def killed(process: Process) -> None:
    """Kill a process now."""
    process.kill()
    await process.child.wait()


def shows(method: str, part: str) -> Callable[[Called], bool]:
    """Return a check whether a request to Slack has *part* in its text or blocks."""

    def is_it(called: Called) -> bool:
        args = called.args
        return (
            called.method == method
            and part in f"{args.get('text')} {args.get('blocks')}"
        )

    return is_it


async def dies(
    scene: Scene, when: Callable[[Called], bool], *, effect: bool, **settings: str
) -> None:
    """Start a process, and kill it at a request to Slack; then let time pass."""
    process = scene.process(**settings)
    trap = scene.slack_trap(process, when, effect=effect)
    await process.start()
    await trap.wait()
    time_passes(scene)


async def a_call(scene: Scene, outcomes: str) -> tuple[Process, str]:
    """Have a process tell how Ann's call ended; return it, and the call's id."""
    process = await scene.ready(RINGOUT_OUTCOMES=outcomes)
    await scene.town.types()
    card = await scene.town.finished()
    await scene.done()
    assert card.metadata is not None
    return process, card.metadata["event_payload"]["call"]


@pytest.mark.parametrize("effect", [False, True], ids=["before", "after"])
async def test_a_reminder_is_sent_once(scene: Scene, *, effect: bool) -> None:
    """Killed once it is set, then when it is sent: Ann calls back once, and does."""
    town, slack = scene.town, scene.town.slack
    first, call = await a_call(scene, "default")
    await slack.click(
        "ann", town.cards()[0], MORE_MENU, value=f"{REMIND_ME.key} {call}"
    )
    form = await modal(town)
    slack.fill_in(form, {SOON_FIELD: "1 hour"})
    await slack.submit(form)
    await whispered(town, "I'll remind you")
    await killed(first)

    time_passes(scene, AN_HOUR + timedelta(minutes=1))
    is_reminder = shows("chat.postMessage", "Reminder to call")
    await dies(scene, is_reminder, effect=effect, RINGOUT_OUTCOMES="default")
    await scene.ready(RINGOUT_OUTCOMES="default")
    await none_left(scene, "reminders")

    told = [each for each in slack.dm("ann") if "Reminder to call" in each.text]
    assert len(told) == 1


@pytest.mark.parametrize("effect", [False, True], ids=["before", "after"])
async def test_a_claim_is_kept_and_shown(scene: Scene, *, effect: bool) -> None:
    """Killed while the card is edited: Bob reads that Ann calls back, and need not."""
    town, slack = scene.town, scene.town.slack
    outcomes = "channel: Spoke, Call back"
    first, call = await a_call(scene, outcomes)
    card = town.cards()[0]
    await slack.click("ann", card, OUTCOME_MENU, value=f"{call} Call back")
    await town.until(lambda: CLAIM_BUTTON in str(card.blocks))
    before = card.blocks
    trap = scene.slack_trap(first, shows("chat.update", "calls back"), effect=effect)
    await slack.click("ann", card, CLAIM_BUTTON)
    await trap.wait()
    time_passes(scene)

    await scene.ready(RINGOUT_OUTCOMES=outcomes)
    await town.until(lambda: "calls back" in card.text)
    await slack.click("bob", card, CLAIM_BUTTON, blocks=before)
    ann = slack.workspace.user("ann").id
    await whispered(town, f"<@{ann}>", "bob")

    assert f"<@{ann}> calls back" in card.text


async def test_a_missed_call_is_one_card_whatever_dies_when(scene: Scene) -> None:
    """Killed when the log was read, at the post, the join, the claim and the voicemail."""
    town, far, slack = scene.town, scene.town.ringcentral, scene.town.slack
    far.limits = Limits.off()
    far.logins.scopes.add(READ_MESSAGES)
    sales = slack.channel("sales").id
    town.env |= {"RINGOUT_MISSED": f"*={sales}", "RINGOUT_VOICEMAIL": "transcription"}

    def rings(ago: timedelta = -LATER) -> None:
        far.add_record(
            "voicemail", caller=CALLEE, callee="+16505550100", ago=ago, talk=22
        )

    first = await scene.ready()
    await until(lambda: far.requests_of("GET", "call-log-sync"))
    rings()
    await killed(first)
    time_passes(scene)

    second = scene.process()
    trap = scene.ringcentral_trap(second, "GET", "call-log-sync", effect=True)
    await second.start()
    await trap.wait()
    time_passes(scene)
    await dies(scene, shows("chat.postMessage", "Missed call"), effect=True)
    rings()
    await dies(scene, shows("chat.update", "2 times"), effect=False)
    fourth = scene.process()
    trap = scene.slack_trap(fourth, shows("chat.update", "has it"), effect=True)
    await fourth.ready()
    [card] = slack.messages("sales")
    await town.until(lambda: "2 times" in card.text)
    await slack.click("ann", card, TAKE_MISSED_BUTTON)
    await trap.wait()
    time_passes(scene)
    far.messages.leave(CALLEE, ago=-LATER, said="Call me")
    await dies(scene, shows("chat.update", "Call me"), effect=False)
    await scene.ready()
    await town.until(lambda: "Call me" in str(card.blocks))
    await none_left(scene, "missed_cards", "due_at IS NOT NULL")

    ann = slack.workspace.user("ann").id
    assert "2 times" in card.text
    assert f"<@{ann}> has it" in card.text
    assert "left a voicemail, 0:42" in card.text
    assert len(town.slack.messages("sales")) == 1


async def test_an_event_is_told_until_it_is_known_to_be_taken(scene: Scene) -> None:
    """Killed when the receiver has it: it comes once more, with the same id."""
    async with a_receiver() as receiver:
        scene.town.env |= {
            "RINGOUT_HOOK_URL": receiver.url,
            "RINGOUT_HOOK_SECRET": HOOK_SECRET,
            "RINGOUT_HOOK_ALLOW_PRIVATE": "on",
        }
        first = await scene.ready()
        receiver.taken = first.kill
        await scene.town.types()
        await until(lambda: receiver.events)
        await first.child.wait()
        receiver.taken = lambda: None
        time_passes(scene)
        await scene.ready()
        await none_left(scene, "hook_events")

    ids = [message for message, _ in receiver.events]
    assert len(ids) == 2
    assert len(set(ids)) == 1


@pytest.mark.parametrize("effect", [False, True], ids=["before", "after"])
async def test_a_digest_is_posted_once(scene: Scene, *, effect: bool) -> None:
    """Killed at the post: the channel has it once, from whichever process."""
    slack = scene.town.slack
    noon = datetime.now(UTC) + timedelta(hours=12)
    channel = slack.channel("sales").id
    scene.town.env["RINGOUT_DIGEST"] = f"{channel} daily {noon:%H:00} UTC"
    first = await scene.ready()
    async with asyncio.timeout(PATIENCE):
        while not await rows(scene, "digests"):
            await asyncio.sleep(0.02)
    await killed(first)

    time_passes(scene, TWO_DAYS)
    await dies(scene, shows("chat.postMessage", "Calls: 0"), effect=effect)
    await scene.ready()
    yesterday = (noon - TWO_DAYS).timestamp()
    await none_left(scene, "digests", f"told_until < {yesterday}")

    assert len(slack.messages("sales")) == 1
