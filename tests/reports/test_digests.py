"""Digests: posted once, whatever dies when, and of one workspace's calls alone."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from slack_sdk.web.async_client import AsyncWebClient
from sqlalchemy import insert, select

from bolt_bot import a_slack
from bot.calls.aftermath import Aftermath, Remark
from bot.calls.call import End, Place, State
from bot.calls.digest_plan import DigestPlan
from bot.calls.log.ending import Ending
from bot.calls.log.outcome import Outcome, Side
from bot.calls.people.person import Shows
from bot.errors import ChatBusy, StoreUnavailable
from bot.reports.digests import CALLS_STORED_WITHIN, CountsMissed, Digests, Space
from bot.sandbox.slack.double import SlackDouble
from bot.sandbox.slack.messages import Message
from bot.slack.posting import web
from bot.slack.posting.marks import Marks
from bot.slack.posting.spaces import OneSpace
from bot.storage.calls.counting import Counting
from bot.storage.calls.store import Store
from bot.storage.calls.tables import calls, to_row
from bot.storage.missed.counting import MissedCounting
from bot.storage.missed.tables import missed_cards
from bot.storage.people.connections import Connections
from bot.storage.reports.digests import DIGEST_LEASE, DigestRows
from bot.storage.reports.tables import digests as table
from bot.vault import Vault
from fakes import FakeClock
from intents import CALLEE, NOON, a_call

BERLIN = ZoneInfo("Europe/Berlin")
DAILY = DigestPlan("C0SALES", time(14), BERLIN)
"""Due an hour after the tests begin."""
DAY = timedelta(days=1)
ANSWERED = Outcome(Side(Ending.ANSWERED), Side(Ending.ANSWERED), timedelta(minutes=2))
BUSY = Outcome(Side(Ending.ANSWERED), Side(Ending.BUSY))


class Killed(BaseException):
    """The process was killed here."""


async def killed(*_: object, **__: object) -> None:
    """Die."""
    raise Killed


class Asked(OneSpace):
    """One workspace's client that notes for whom it was asked."""

    def __init__(self, client: AsyncWebClient) -> None:
        super().__init__(client)
        self.spaces: list[Space] = []

    async def client(self, enterprise: str, team: str) -> AsyncWebClient:
        """Return the client."""
        self.spaces.append((enterprise, team))
        return await super().client(enterprise, team)


@dataclass
class Office:
    """Processes that post digests, with Slack's double and a clock that a test moves."""

    slack: SlackDouble
    store: Store
    spaces: Asked
    clock: FakeClock = field(default_factory=FakeClock)
    served: dict[str, Space] = field(default_factory=lambda: {"": ("", "T1")})
    count: int = 0

    def process(
        self, *plans: DigestPlan, missed: CountsMissed | None = None
    ) -> Digests:
        """Return a new process."""
        return Digests(
            plans or (DAILY,),
            DigestRows(self.store.writer),
            Counting(self.store.writer, page=2),
            Marks(self.spaces, self.clock),
            self.clock,
            space_of=self.space_of,
            missed=missed,
        )

    async def space_of(self, workspace: str) -> Space | None:
        """Return a workspace that the bot serves."""
        return self.served.get(workspace)

    async def called(self, **changes: Any) -> None:
        """Store a call that is over, of just now."""
        self.count += 1
        values = {
            "id": f"c{self.count}",
            "key": f"t{self.count}",
            "asked_at": self.clock.now(),
            "state": State.DONE,
            "end": End.RECORDED,
            "outcome": ANSWERED,
        }
        row = to_row(a_call(**values | changes))
        await self.store.writer.run(lambda c: c.execute(insert(calls), [row]))

    async def at(self, moment: datetime, *processes: Digests) -> None:
        """Let time pass until then, and have what is due posted."""
        self.clock.pass_by((moment - self.clock.now()).total_seconds())
        for each in processes:
            await each.post_due()

    def told(self, channel: str = "sales") -> list[Message]:
        """Return the digests in a channel."""
        return self.slack.messages(channel)


@pytest.fixture
async def office(store: Store) -> AsyncIterator[Office]:
    """Give one bot's office."""
    async with a_slack() as slack, web.session() as session:
        client = web.client(slack.bot_token, slack.api_url, session)
        yield Office(slack, store, Asked(client))


DUE = NOON + timedelta(hours=1)
BEGUN = DUE + CALLS_STORED_WITHIN


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
        "Answer rate: 50 % (1 of the 2 calls that have a known result",
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


async def test_a_channel_without_the_bot_gets_it_with_the_next_digest(
    office: Office, caplog: pytest.LogCaptureFixture
) -> None:
    """The log says why, once a digest; what was missed is in the one that comes."""
    process = office.process()
    await process.post_due()
    await office.called()
    office.slack.kick("sales")

    await office.at(BEGUN, process)
    await office.at(BEGUN + timedelta(hours=5), process)
    assert office.told() == []
    assert caplog.text.count("digest: Slack takes none in channel C0SALES") == 1
    office.slack.invite("sales")
    await office.called()
    await office.at(BEGUN + DAY, process)

    [told] = office.told()
    assert "Calls: 2\n" in told.text


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


async def test_whatever_fails_digests_go_on(
    office: Office, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A database that is away, or a fault of ours, must not end the bot's digests."""
    process = office.process()
    left: list[BaseException] = [
        StoreUnavailable("away"),
        ValueError("a bug"),
        Killed(),
    ]

    async def fails() -> float:
        raise left.pop(0)

    monkeypatch.setattr(process, "post_due", fails)
    with pytest.raises(Killed):
        await process.run()

    assert caplog.text.count("posting digests failed") == 1


async def test_what_fails_for_one_channel_holds_up_no_other(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A fault of ours that one channel's calls meet is met again each time."""
    office.slack.invite("general")
    other = replace(DAILY, channel="C0GENERAL")
    process = office.process(DAILY, other)
    await process.post_due()
    counted = process._counted

    async def fails(plan: DigestPlan, *rest: Any) -> Any:
        if plan is DAILY:
            raise ValueError("a bug")
        return await counted(plan, *rest)

    monkeypatch.setattr(process, "_counted", fails)
    with pytest.raises(ValueError, match="a bug"):
        await office.at(BEGUN, process)

    assert (len(office.told()), len(office.told("general"))) == (0, 1)


async def test_a_digest_that_was_put_off_until_the_next_is_due_ends_where_it_did(
    office: Office,
) -> None:
    """Else a call of the last moment, which is not stored yet, would be in none."""
    process = office.process()
    await process.post_due()
    wait = (DUE + DAY - BEGUN).total_seconds() + 2
    office.slack.faults.add("ratelimited", "chat.postMessage", retry_after=int(wait))
    await office.at(BEGUN, process)
    await office.at(DUE + DAY + timedelta(seconds=2), process)
    await office.called(asked_at=DUE + DAY - timedelta(seconds=1))
    await office.at(BEGUN + DAY, process)

    first, second = office.told()
    assert "Calls: 0\n" in first.text
    assert "Calls: 1\n" in second.text


# Whatever dies


def at_lease(process: Digests, dying: pytest.MonkeyPatch) -> None:
    """Kill the process right after it has leased the digest."""
    dying.setattr(process, "_settle", killed)


def before_stored(process: Digests, dying: pytest.MonkeyPatch) -> None:
    """Kill it before it has stored that it will post."""
    dying.setattr(process._rows, "will_post", killed)


def before_post(process: Digests, dying: pytest.MonkeyPatch) -> None:
    """Kill it before the message goes out."""
    dying.setattr(process._marks, "post", killed)


def after_post(process: Digests, dying: pytest.MonkeyPatch) -> None:
    """Kill it when Slack has the message, before that is stored."""
    dying.setattr(process._rows, "posted", killed)


@pytest.mark.parametrize("die", [at_lease, before_stored, before_post, after_post])
@pytest.mark.parametrize("away", [DIGEST_LEASE, 3 * DAY], ids=["minutes", "days"])
async def test_a_digest_comes_once_whenever_its_process_dies(
    office: Office,
    monkeypatch: pytest.MonkeyPatch,
    die: Callable[[Digests, pytest.MonkeyPatch], None],
    away: timedelta,
) -> None:
    """Each call is in one digest, whether the next process comes soon or after days."""
    dying = office.process()
    await dying.post_due()
    await office.called()
    with monkeypatch.context() as patch:
        die(dying, patch)
        with pytest.raises(Killed):
            await office.at(BEGUN, dying)
    await office.at(BEGUN + timedelta(seconds=5), office.process())
    assert len(office.told()) == (die is after_post)

    other, third = office.process(), office.process()
    for _ in range(3):
        await office.at(office.clock.now() + away, other, third)

    counted = [f"Calls: {n}\n" for n in (0, 1)]
    told = [[line in each.text for line in counted] for each in office.told()]
    assert told[0] == [False, True]
    assert all(each == [True, False] for each in told[1:])
    assert len(told) == 1 if away == DIGEST_LEASE else len(told) in (3, 4)


@pytest.mark.parametrize("there", [True, False])
async def test_a_digest_whose_answer_was_lost_is_looked_for(
    office: Office,
    there: bool,  # noqa: FBT001 - parametrized
) -> None:
    """Slack may have posted it all the same."""
    process = office.process()
    await process.post_due()
    office.slack.faults.add("reset", "chat.postMessage", before_effect=not there)

    await office.at(BEGUN, process)
    assert len(office.told()) == there
    for _ in range(2):
        await office.at(office.clock.now() + DIGEST_LEASE, process)

    assert len(office.told()) == 1


@pytest.mark.parametrize("kind", ["ratelimited", "error"])
async def test_what_slack_did_not_take_is_posted_later(
    office: Office, kind: Any
) -> None:
    """A limit passes, and an operator puts a token back; no message is there to look for."""
    process = office.process()
    await process.post_due()
    office.slack.faults.add(kind, "chat.postMessage", error="token_revoked")

    await office.at(BEGUN, process)
    assert office.told() == []
    await office.at(BEGUN + timedelta(minutes=6), process)

    assert len(office.told()) == 1
    assert office.slack.calls_of("conversations.history") == []


async def test_a_history_without_an_end_holds_up_one_digest_alone(
    office: Office,
) -> None:
    """A busy channel's messages can't all be read: the next digest comes all the same."""
    process = office.process()
    await process.post_due()
    office.slack.faults.add("reset", "chat.postMessage")
    office.slack.faults.add("garbage", "conversations.history", times=None, body=b"[]")
    await office.at(BEGUN, process)
    await office.at(BEGUN + DIGEST_LEASE, process)
    assert office.told() == []

    await office.at(BEGUN + DAY, process)

    assert len(office.told()) == 1


async def test_two_processes_post_one_digest(office: Office) -> None:
    """Who comes second finds it leased, and later posted."""
    one, other = office.process(), office.process()
    await one.post_due()
    await other.post_due()
    rows = DigestRows(office.store.writer)
    await office.at(BEGUN)

    [leased] = await rows.lease_due([DAILY.id], office.clock.now())
    assert await rows.lease_due([DAILY.id], office.clock.now()) == []
    await office.at(BEGUN + DIGEST_LEASE, one, other)
    assert not await rows.will_post(leased, DUE)

    assert len(office.told()) == 1


async def test_a_weekly_digest_comes_on_its_day(office: Office) -> None:
    """The 20th of November 2026 is a Friday."""
    process = office.process(replace(DAILY, weekday=0))
    await process.post_due()
    for day in range(20):
        await office.at(BEGUN + day * DAY, process)

    assert len(office.told()) == 3
    assert "Weekly digest of calls" in office.told()[0].text
    assert office.told()[2].text.count(" calls, ") == 8


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


async def stored(store: Store) -> list[str]:
    """Return the ids of the stored digests."""
    return await store.writer.run(lambda c: list(c.scalars(select(table.c.id))))
