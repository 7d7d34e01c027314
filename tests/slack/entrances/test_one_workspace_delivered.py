"""Slack's real deliveries, of another workspace and another organization: nothing is done.

`test_one_workspace` shows it for each kind of listener; here the whole bot is between the
two doubles, over the socket and over signed HTTP.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import func, select

from bot.sandbox.slack.delivery import Ack
from bot.sandbox.slack.payloads import Delivery, action_of
from bot.slack.texts.dialer import DIALER_MENU
from every_table import METADATA
from own import connects, lets_connect
from selection import TRANSPORTS
from town import CALLEE, Town


def of_another(delivery: Delivery, *, in_grid: bool) -> Delivery:
    """Return a delivery as from workspace T9, which may be in the organization E9."""
    payload: Any = copy.deepcopy(delivery.payload)
    org = "E9" if in_grid else None
    if delivery.kind == "events_api":
        payload["team_id"] = "T9"
        payload["authorizations"][0] |= {"team_id": "T9", "enterprise_id": org}
    elif delivery.kind == "slash_commands":
        payload["team_id"] = "T9"
    else:
        payload["team"]["id"] = payload["user"]["team_id"] = "T9"
        if in_grid:
            payload["enterprise"] = {"id": org, "name": "Theirs"}
    if in_grid and delivery.kind in {"events_api", "slash_commands"}:
        payload["enterprise_id"] = org
    return Delivery(delivery.kind, payload, delivery.url, delivery.team)


async def deliveries(town: Town) -> dict[str, Delivery]:
    """Return one delivery of each kind, as of the bot's own workspace."""
    slack, ann = town.slack, town.slack.workspace.user("ann")
    make, sales = slack.space.payloads, slack.channel("sales")
    await town.types("settings")
    form = await town.until(lambda: slack.modal("ann"))
    await town.types(user="bob")
    card = await town.finished()
    again = action_of(card.blocks, "call_again")
    home = {"type": "app_home_opened", "user": ann.id, "tab": "home", "channel": "D1"}
    gone = {"id": ann.id, "team_id": "T9", "deleted": True}
    assert form is not None
    return {
        "a call": make.command(ann, sales, "/ringout", CALLEE, None),
        "a list": make.command(ann, sales, "/callstatus", "", None),
        "a button": make.click(ann, card, again, None),
        "a form": make.submission(ann, form),
        "options": make.query(ann, form, ("callee", DIALER_MENU), "4155550142"),
        "Home": make.event(home),
        "a leaver": make.event({"type": "user_change", "user": gone}),
    }


async def stored(town: Town) -> list[int]:
    """Return how many rows each table about people has."""
    assert town.bot is not None
    run = town.bot._store.writer.run
    tables = [each for each in METADATA.sorted_tables if "user" in each.columns]
    return [
        await run(lambda c, t=each: c.scalar(select(func.count()).select_from(t)) or 0)  # type: ignore[misc]
        for each in tables
    ]


@pytest.mark.parametrize("http", TRANSPORTS)
async def test_no_delivery_of_another_workspace_is_acted_upon(
    closed_town: Town, *, http: bool
) -> None:
    """Each kind, with and without an organization; the same of one's own are answered."""
    town = closed_town
    lets_connect(town, "ann", shared=True)
    if http:
        secret = town.slack.signing_secret
        town.env |= {"SLACK_APP_TOKEN": "", "SLACK_SIGNING_SECRET": secret}
    await town.open()
    await connects(town)
    own = await deliveries(town)
    bring: Callable[[Delivery], Any] = town.slack.deliveries.bring
    before = await stored(town)

    acks: dict[tuple[str, bool], Ack] = {}
    for name, each in own.items():
        for in_grid in (False, True):
            acks[name, in_grid] = await bring(of_another(each, in_grid=in_grid))
    after = await stored(town)
    mine = await bring(own["a call"])
    await town.finished(1)

    assert all(ack.ok for ack in acks.values()), acks
    for (name, _), ack in acks.items():
        is_told = "isn't installed in this workspace" in ack.text
        assert is_told == (name in {"a call", "a list"})
    assert after == before
    assert town.slack.home_of("ann") is None
    assert "Calling you on" in mine.text
    assert town.posts == 2
