"""What digests say, when they come, and of whose calls."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import insert, select

from bot.calls.aftermath import Aftermath, Remark
from bot.calls.call import Place
from bot.calls.people.person import Shows
from bot.errors import ChatBusy
from bot.reports.digests import Space
from bot.storage.calls.store import Store
from bot.storage.missed.counting import MissedCounting
from bot.storage.missed.tables import missed_cards
from bot.storage.people.connections import Connections
from bot.storage.reports.tables import digests as table
from bot.vault import Vault
from digest_office import (
    BEGUN,
    BUSY,
    DAILY,
    DAY,
    DUE,
    Office,
)
from intents import CALLEE, NOON


async def test_a_digest_comes_when_it_is_due_and_once(office: Office) -> None:
    """With all figures in its text, and never a second before its time."""
    process = office.process()
    await process.post_due()
    back = Aftermath(Remark("Call back", "U1", NOON))
    await office.called(aftermath=back)
    await office.called(outcome=BUSY, place=Place("T1", "C2", "U2"))

    await office.at(DUE - timedelta(seconds=1), process)
    assert office.told() == []
    await office.at(BEGUN, process)
    await office.at(BEGUN + timedelta(hours=22), process)

    [told] = office.told()
    for line in (
        "Daily digest of calls",
        "Calls: 2\n",
        "Connected: 1\n",
        "Answer rate: 50 % (1 of 2 calls with a known result",
        "A machine may have answered, too.",
        "Talk time: 2 min\n",
        "Outcomes: Call back 1\n",
        "To call back: 1\n",
        "• Thu 19: 0 calls, 0 connected\n• Fri 20: 2 calls, 1 connected\n",
    ):
        assert line in told.text
    assert "due" not in told.text
    assert "<@" not in told.text
    assert "0142" not in told.text + str(told.blocks) + str(told.metadata)
    assert CALLEE.e164 not in str(told.metadata)
    [chart] = [each for each in told.blocks if each["type"] == "data_visualization"]
    assert chart["chart"]["axis_config"]["categories"] == ["Thu 19", "Fri 20"]
    values = [[p["value"] for p in s["data"]] for s in chart["chart"]["series"]]
    assert values == [[0, 1], [0, 1]]


async def test_each_call_is_in_one_digest(office: Office) -> None:
    """What is asked for at the very moment belongs to the next one.

    One of the moment before may be stored only after it.
    """
    process = office.process()
    await process.post_due()
    await office.at(DUE, process)
    await office.at(DUE + timedelta(seconds=2), process)
    for seconds in (-1, 0, 1):
        await office.called(asked_at=DUE + timedelta(seconds=seconds))

    await office.at(BEGUN, process)
    await office.at(BEGUN + DAY, process)

    first, second = office.told()
    assert "Calls: 1\n" in first.text
    assert "Calls: 2\n" in second.text


async def test_after_an_outage_one_digest_covers_all_of_it(office: Office) -> None:
    """Seven at once would bury the channel, and none would lose a week."""
    process = office.process()
    await process.post_due()
    for day in range(7):
        await office.called(asked_at=NOON + day * DAY)

    restarted = office.process()
    await office.at(BEGUN + 6 * DAY + timedelta(hours=3), restarted)
    await office.at(BEGUN + 6 * DAY + timedelta(hours=4), restarted)

    [told] = office.told()
    assert "Calls: 7\n" in told.text
    assert "I couldn't post this when it was due." in told.text
    await office.at(BEGUN + 7 * DAY, restarted)
    assert "Calls: 0\n" in office.told()[1].text
    assert "couldn't" not in office.told()[1].text


async def test_the_first_digest_covers_the_time_since_it_would_have_been_due(
    office: Office,
) -> None:
    """And nothing is posted before that, however often the bot is started."""
    await office.called(asked_at=DUE - DAY)
    await office.called(asked_at=DUE - DAY - timedelta(seconds=1))
    for _ in range(3):
        await office.process().post_due()
    assert office.told() == []

    await office.at(BEGUN, office.process())

    [told] = office.told()
    assert "Calls: 1\n" in told.text


async def test_people_are_named_only_where_the_operator_says_so(office: Office) -> None:
    """And nobody for a call that they keep to themselves, of which nothing is told."""
    process = office.process(replace(DAILY, by_person=True))
    await process.post_due()
    note = Aftermath(Remark("Kept word", "U3", NOON), Remark("kept note", "U3", NOON))
    for shows, user, channel in (
        (Shows.CHANNEL, "U1", "C1"),
        (Shows.CHANNEL, "U1", "C1"),
        (Shows.PRIVATE, "U3", "C1"),
        (Shows.CHANNEL, "U3", "D3"),
        (Shows.CHANNEL, "U2", "C1"),
    ):
        said = note if user == "U3" else None
        place = Place("T1", channel, user)
        await office.called(shows=shows, place=place, aftermath=said)

    await office.at(BEGUN, process)

    [told] = office.told()
    whole = told.text + str(told.blocks)
    assert "Calls: 5 (2 private, only counted)\nConnected: 3" in told.text.replace(
        "• ", ""
    )
    assert "Talk time: 6 min" in told.text
    assert (
        "By person\n• <@U1>: 2 calls, 2 connected, talked 4 min\n"
        "• <@U2>: 1 call, 1 connected, talked 2 min\n"
    ) in told.text
    assert "U3" not in whole
    assert "ept " not in whole


async def test_without_the_word_a_digest_names_nobody(office: Office) -> None:
    """A channel need not know who has placed the fewest calls."""
    process = office.process(replace(DAILY, by_person=False))
    await process.post_due()
    await office.called(place=Place("T1", "C1", "U0COUNTED"))

    await office.at(BEGUN, process)

    [told] = office.told()
    assert "Calls: 1" in told.text
    assert "U0COUNTED" not in told.text + str(told.blocks)


async def test_nothing_of_one_workspace_is_in_anothers_digest(office: Office) -> None:
    """Two companies share the bot, and their channels may have the same id."""
    office.served = {"T1": ("", "T1"), "T2": ("E2", "T2"), "E3": ("E3", "")}
    plans = [
        replace(DAILY, workspace="T1", by_person=True),
        replace(DAILY, workspace="T2", channel="C0GENERAL", by_person=True),
        replace(DAILY, workspace="E3", channel="C0DEALS"),
        replace(DAILY, workspace="T9"),
    ]
    office.slack.invite("general")
    office.slack.invite("deals")
    process = office.process(*plans)
    await process.post_due()
    back = Aftermath(Remark("Call back", "U1", NOON))
    await office.called(place=Place("T1", "C1", "U1"))
    for enterprise in ("", "E2"):
        place = Place("T2", "C1", "U2", enterprise)
        await office.called(place=place, aftermath=back)
    await office.called(place=Place("T4", "C1", "U4", "E3"))
    await office.called(place=Place("T9", "C1", "U9"))

    office.spaces.spaces.clear()
    await office.at(BEGUN, process)

    [one], [two], [three] = map(office.told, ("sales", "general", "deals"))
    assert "Calls: 1\n" in one.text
    assert "<@U1>" in one.text
    assert "To call back: 0" in one.text
    assert "Calls: 2\n" in two.text
    assert "To call back: 2" in two.text
    assert "<@U1>" not in two.text
    assert "Calls: 1\n" in three.text
    assert set(office.spaces.spaces) == set(office.served.values())


@pytest.mark.parametrize(
    ("unknown", "kind"),
    [
        ({"data_visualization"}, "table"),
        ({"data_visualization", "table"}, "section"),
    ],
)
async def test_a_workspace_without_charts_gets_a_table_or_words(
    office: Office, unknown: set[str], kind: str
) -> None:
    """Slack refuses a block that it does not know yet, and nothing is posted with it."""
    office.slack.rules.unsupported_blocks = set(unknown)
    process = office.process()
    await process.post_due()
    await office.called()

    await office.at(BEGUN, process)
    posts = len(office.slack.calls_of("chat.postMessage"))
    await office.at(BEGUN + DAY, process)

    first, second = office.told()
    for told in (first, second):
        assert {each["type"] for each in told.blocks} == {"section", "context", kind}
        assert "• Fri 20: " in told.text
    assert posts == 1 + len(unknown)
    assert len(office.slack.calls_of("chat.postMessage")) == posts + 1


@pytest.mark.parametrize("tells", [True, False])
async def test_missed_calls_are_counted_where_channels_are_told_of_them(
    office: Office,
    tells: bool,  # noqa: FBT001 - parametrized
) -> None:
    """Each card is in one digest; a person's DM and another workspace are not counted."""
    counting = MissedCounting(office.store.writer)
    process = office.process(missed=counting.of if tells else None)
    await process.post_due()
    cards: list[dict[str, Any]] = [
        {"calls": 3},
        {"calls": 1, "taken_by": "U1"},
        {"calls": 1, "is_over": True},
        {"calls": 9, "is_rest": True},
        {"calls": 50, "user": "U1", "channel": ""},
        {"calls": 50, "team": "T2"},
        {"calls": 5, "told_at": DUE},
    ]
    usual = {"account": "shared", "enterprise": "", "team": "T1", "user": ""}
    usual |= {"channel": "C0SALES", "caller": "", "extension": "", "name": ""}
    for number, values in enumerate(cards):
        times = dict.fromkeys(("first_at", "last_at", "told_at"), NOON)
        row = {"id": f"m{number}", "version": 1, **usual, **times, **values}
        await office.store.writer.run(
            lambda c, r=row: c.execute(insert(missed_cards), [r])  # type: ignore[misc]
        )

    await office.at(BEGUN, process)
    await office.at(BEGUN + DAY, process)

    first, second = (each.text for each in office.told())
    assert ("Missed calls: 14 (nobody has taken 1)\n" in first) is tells
    assert ("Missed calls: 5 (nobody has taken 1)\n" in second) is tells
    assert ("Missed" in first + second) is tells


async def test_a_weekly_digest_comes_on_its_day(office: Office) -> None:
    """The 20th of November 2026 is a Friday."""
    process = office.process(replace(DAILY, weekday=0))
    await process.post_due()
    for day in range(20):
        await office.at(BEGUN + day * DAY, process)

    assert len(office.told()) == 3
    assert "Weekly digest of calls" in office.told()[0].text
    assert office.told()[2].text.count(" calls, ") == 8


async def test_a_workspace_that_leaves_takes_its_digests_with_it(
    office: Office,
) -> None:
    """Nobody comes back to a channel that has removed the app."""
    office.served = {"T1": ("", "T1"), "T2": ("", "T2")}
    one, two = (replace(DAILY, workspace=each) for each in office.served)
    await office.process(one, two).post_due()

    left = Connections(office.store.writer, Vault(()))
    await left.erase_within("", "T2", "", office.clock.now())

    assert await stored(office.store) == [one.id]


async def test_a_digest_waits_until_it_is_known_whose_the_bot_is(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Slack can't be reached at the start: nothing is counted for nobody."""
    process = office.process()

    async def busy(_: str) -> Space | None:
        raise ChatBusy(1)

    with monkeypatch.context() as patch:
        patch.setattr(process, "_space_of", busy)
        await process.post_due()
    assert await stored(office.store) == []

    await process.post_due()
    assert await stored(office.store) == [DAILY.id]


async def stored(store: Store) -> list[str]:
    """Return the ids of the stored digests."""
    return await store.writer.run(lambda c: list(c.scalars(select(table.c.id))))
