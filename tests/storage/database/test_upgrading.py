"""Upgrades must not lose calls that are under way, whatever their state."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import insert, inspect

from bot.calls.call import Call, End, Place, State, Status
from bot.calls.log.ending import Ending
from bot.calls.log.outcome import Outcome, Side
from bot.sandbox.slack.messages import Message
from bot.storage.calls import tables
from bot.storage.database.engine import engine_for
from bot.storage.database.migrate import OURS
from intents import a_call
from patience import PATIENCE
from postgres import Server
from process import Process, states
from town import Town

pytestmark = pytest.mark.unmeasured

ENDS = {OURS.ids[0], OURS.ids[-1]}
REVISIONS_BEFORE = [
    pytest.param(each, marks=[] if each in ENDS else pytest.mark.twin)
    for each in OURS.ids
]
"""Every revision; those between the first and the last are twins."""

BUSY = Outcome(Side(Ending.ANSWERED, "Accepted"), Side(Ending.BUSY, "Busy"))


def under_way(town: Town) -> list[Call]:
    """Return one call in each open state, held by a process that is gone."""
    here, now = town.slack.workspace, datetime.now(UTC)
    place = Place(here.team, here.channel("sales").id, here.user("ann").id)
    sent = {"sent_at": now, "placed_at": now}
    seen = {"seen": True, "status": Status("InProgress", "InProgress", "InProgress")}
    told = {"end": End.RECORDED, "outcome": BUSY, "ended_at": now}
    values: dict[State, dict[str, Any]] = {
        State.REQUESTED: {},
        State.PLACING: {"sent_at": now},
        State.FOLLOWING: sent | seen | {"ringout_id": "s-1"},
        State.RECORDING: sent | seen | {"ringout_id": "s-2", "ended_at": now},
        State.REPORTING: sent | told | {"ringout_id": "s-3"},
        State.CLOSING: sent
        | told
        | {
            "ringout_id": "s-4",
            "card_tried": True,
            "card_channel": place.channel,
            "card_ts": "1795633858.339148",
            "reply_tried": True,
            "reply_ts": "1795633859.339148",
        },
    }
    late = now - timedelta(seconds=1)
    return [
        a_call(
            id=state.value,
            key=state.value,
            place=place,
            state=state,
            taken_by="gone",
            held_by="gone",
            asked_at=late,
            next_at=late,
            **changes,
        )
        for state, changes in values.items()
    ]


def at_revision(url: str, revision: str, calls: list[Call]) -> None:
    """Make a database as a stopped bot at *revision* left it."""
    config = Config()
    config.set_main_option("script_location", str(OURS.scripts))
    engine = engine_for(url)
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
        there = {each["name"] for each in inspect(connection).get_columns("calls")}
        for call in calls:
            row = {k: v for k, v in tables.to_row(call).items() if k in there}
            connection.execute(insert(tables.calls).values(row))
    engine.dispose()


def of_call(town: Town, state: State) -> Message | None:
    """Return the card of the call that was in *state*."""
    return next(
        (
            card
            for card in town.cards()
            if (card.metadata or {}).get("event_payload") == {"call": state.value}
        ),
        None,
    )


async def over(town: Town) -> None:
    """Wait until every call has its result; one card may still be edited again."""
    async with asyncio.timeout(PATIENCE):
        while True:
            found = await asyncio.to_thread(states, town.database_url)
            if (
                set(found.values()) <= {"done", "closing"}
                and found["closing"] == "done"
            ):
                return
            await asyncio.sleep(0.1)


@pytest.mark.long_table
@pytest.mark.on_both
@pytest.mark.parametrize("revision", REVISIONS_BEFORE)
async def test_calls_under_way_go_on_after_an_upgrade(
    closed_town: Town, kind: str, request: pytest.FixtureRequest, revision: str
) -> None:
    """docs/operations.md promises it: each call gets a result, no phone rings."""
    town = closed_town
    if kind == "postgresql":
        server: Server = request.getfixturevalue("postgres")
        town.env["DATABASE_URL"] = await asyncio.to_thread(server.fresh_database)
    calls = under_way(town)
    await asyncio.to_thread(at_revision, town.database_url, revision, calls)

    if kind == "postgresql":
        migrating = Process(town.folder, town.environment())
        await migrating.start("migrate")
        code, said = await migrating.ended()
        assert (code, revision in said, OURS.newest in said) == (0, True, True)
    await town.open(RINGOUT_LOG_GIVE_UP_SECONDS="0.3")  # for records that never come
    await over(town)

    replies = {}
    for call in calls[:-1]:  # the previous version has posted the last one's reply
        card = of_call(town, call.state)
        assert card is not None
        assert "call_again" in str(card.blocks)
        replies[call.state] = [each.text for each in town.slack.thread(card)]
    assert town.posts == 0
    assert len(town.cards()) == len(calls) - 1
    assert replies[State.REQUESTED] == []
    for state in (State.PLACING, State.FOLLOWING, State.RECORDING):
        (reply,) = replies[state]
        assert "Not confirmed" in reply
    (reply,) = replies[State.REPORTING]
    assert "Callee: busy" in reply
