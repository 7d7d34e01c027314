"""What rules on calls have to ask Slack: guests, shared channels, a colleague's time."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from bot.background import Background
from bot.calls.call import Place
from bot.calls.numbers.phone import PhoneNumber
from bot.errors import ChatBusy, ChatRefused, ChatUnknown
from bot.policy.wish import CallEntrance, Fact, FactsNeeded, Wish
from bot.slack.posting.admission import Admission
from bot.slack.posting.channels import SHARING_KEPT_FOR, Channels
from bot.slack.posting.facts import SlackFacts
from bot.slack.posting.profiles import Profiles
from bot.user_errors import ChannelUnknown, StandingUnknown, Unseen
from fakes import FakeClock

ANN = Place("T1", "C1", "U1")
NUMBER = PhoneNumber("+14155550142")
WISH = Wish(
    place=ANN,
    entrance=CallEntrance.COMMAND,
    number=NUMBER,
    is_guest=None,
    is_shared=None,
    zone=None,
)
BOB = {"id": "U9", "team_id": "T1", "tz": "Europe/Berlin"}


class Slack:
    """Answers as it is told, and counts what it was asked."""

    def __init__(self) -> None:
        self.channel: Any = {"id": "C1", "is_ext_shared": False}
        self.user: Any = {"id": "U1", "team_id": "T1"}
        self.asked: list[str] = []
        self.hold: asyncio.Event | None = None

    async def serves(self, *_: str) -> bool:
        """Know every workspace."""
        return True

    async def client(self, *_: str) -> Slack:
        """Return itself."""
        return self

    async def conversations_info(self, channel: str) -> Any:
        """Describe a channel."""
        return await self._answer(channel, "channel", self.channel)

    async def users_info(self, user: str) -> Any:
        """Describe a person."""
        return await self._answer(user, "user", self.user)

    async def _answer(self, one: str, name: str, answer: Any) -> Any:
        self.asked.append(one)
        if self.hold is not None:
            await self.hold.wait()
        if isinstance(answer, Exception):
            raise answer
        return SimpleNamespace(data={"ok": True, name: answer})


class Bureau:
    """`SlackFacts` of one Slack."""

    def __init__(self, within: float = 5) -> None:
        self.slack, self.clock = Slack(), FakeClock()
        spaces: Any = self.slack
        profiles = Profiles(spaces, self.clock)
        admission = Admission(
            *(spaces, profiles, self.clock, Background()),
            guests=True,
            ask_within=within,
        )
        channels = Channels(spaces, self.clock, within=within)
        self._facts = SlackFacts(admission, channels, profiles, within=within)

    async def learns(self, *facts: Fact, wish: Wish = WISH) -> Wish:
        """Return the wish with these facts."""
        return await self._facts.learned(FactsNeeded(frozenset(facts), wish))


@pytest.mark.parametrize("is_shared", [True, False])
async def test_a_shared_channel_is_one(*, is_shared: bool) -> None:
    """Slack is asked once in five minutes, and again when they are over."""
    bureau = Bureau()
    bureau.slack.channel |= {"is_ext_shared": is_shared}

    first = await bureau.learns(Fact.SHARED)
    second = await bureau.learns(Fact.SHARED)
    bureau.slack.channel |= {"is_ext_shared": not is_shared}
    bureau.clock.pass_by(SHARING_KEPT_FOR + 1)
    third = await bureau.learns(Fact.SHARED)

    assert first == second == replace(WISH, is_shared=is_shared)
    assert third.is_shared is not is_shared
    assert bureau.slack.asked == ["C1", "C1"]


@pytest.mark.parametrize("is_known", [True, False])
async def test_who_asks_about_a_channel_at_once_asks_slack_once(
    *, is_known: bool
) -> None:
    """Slack answers about 50 such questions a minute; a campaign may begin in one channel."""
    bureau = Bureau()
    bureau.slack.hold = asyncio.Event()
    if not is_known:
        bureau.slack.channel = ChatUnknown("too late")
    many = [asyncio.create_task(bureau.learns(Fact.SHARED)) for _ in range(64)]
    await asyncio.sleep(0)
    many[0].cancel()
    while not bureau.slack.asked:
        await asyncio.sleep(0)
    bureau.slack.hold.set()

    gone, *told = await asyncio.gather(*many, return_exceptions=True)

    assert bureau.slack.asked == ["C1"]
    assert isinstance(gone, asyncio.CancelledError)
    if is_known:
        assert told == [replace(WISH, is_shared=False)] * 63
    else:
        assert {type(each) for each in told} == {ChannelUnknown}


@pytest.mark.parametrize("channel", ["D1", ""])
async def test_a_dm_is_shared_with_nobody(channel: str) -> None:
    """The bot posts in no DM but its own; a form may name no channel at all."""
    bureau = Bureau()
    wish = replace(WISH, place=replace(ANN, channel=channel))

    assert (await bureau.learns(Fact.SHARED, wish=wish)).is_shared is False
    assert bureau.slack.asked == []


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (ChatRefused("channel_not_found"), Unseen.NOT_IN),
        (ChatRefused("missing_scope"), Unseen.NOT_PERMITTED),
        (ChatRefused("internal_error"), Unseen.SILENT),
        (ChatBusy(1), Unseen.SILENT),
        (ChatUnknown("a lost answer"), Unseen.SILENT),
        ({"id": "C2", "is_ext_shared": False}, Unseen.SILENT),
        ({"id": "C1"}, Unseen.SILENT),
        ({"id": "C1", "is_ext_shared": None}, Unseen.SILENT),
        ({"id": "C1", "is_ext_shared": "false"}, Unseen.SILENT),
        ({}, Unseen.SILENT),
        (None, Unseen.SILENT),
        ([], Unseen.SILENT),
    ],
    ids=str,
)
async def test_an_odd_answer_never_means_that_a_channel_is_not_shared(
    answer: Any, why: Unseen
) -> None:
    """Nothing of it is kept: the next call asks again."""
    bureau = Bureau()
    bureau.slack.channel = answer

    for _ in range(2):
        with pytest.raises(ChannelUnknown) as raised:
            await bureau.learns(Fact.SHARED)
        assert raised.value.why is why
    assert bureau.slack.asked == ["C1", "C1"]


async def test_an_ack_does_not_wait_for_a_slack_that_hangs() -> None:
    """All is asked at the same time, and each answer has its time."""
    bureau = Bureau(within=0)
    bureau.slack.hold = asyncio.Event()

    with pytest.raises(StandingUnknown):
        await bureau.learns(Fact.GUEST)
    with pytest.raises(ChannelUnknown):
        await bureau.learns(Fact.SHARED)
    colleague = replace(WISH, colleague="U9")
    assert (await bureau.learns(Fact.ZONE, wish=colleague)).zone == ""
    bureau.slack.hold.set()


@pytest.mark.parametrize("is_guest", [True, False])
async def test_a_guest_is_one_also_where_guests_are_let_in(*, is_guest: bool) -> None:
    """A workspace's own rules may keep out whom the operator lets in."""
    bureau = Bureau()
    bureau.slack.user |= {"is_restricted": is_guest}

    assert (await bureau.learns(Fact.GUEST)).is_guest is is_guest


NAMED = replace(WISH, called="U9")
PHONE = {"profile": {"phone": "(415) 555-0142"}}


@pytest.mark.parametrize(
    ("wish", "user", "zone"),
    [
        (replace(WISH, colleague="U9"), BOB, "Europe/Berlin"),
        (NAMED, BOB | PHONE, "Europe/Berlin"),
        (NAMED, BOB | {"profile": {"phone": "+1 415 555 0143"}}, ""),
        (NAMED, BOB | {"profile": {"phone": "ask me"}}, ""),
        (NAMED, BOB, ""),
        (replace(NAMED, called="U1"), BOB | PHONE | {"id": "U1"}, ""),
        (NAMED, BOB | PHONE | {"deleted": True}, ""),
        (NAMED, BOB | PHONE | {"is_stranger": True}, ""),
        (NAMED, ChatRefused("user_not_found"), ""),
        (NAMED, ChatBusy(1), ""),
    ],
)
async def test_a_colleagues_zone_counts_if_the_number_is_theirs(
    wish: Wish, user: Any, zone: str
) -> None:
    """Who names somebody else in a forged button gets the number's own time."""
    bureau = Bureau()
    bureau.slack.user = user

    assert (await bureau.learns(Fact.ZONE, wish=wish)).zone == zone


async def test_all_that_is_not_known_is_asked_at_once() -> None:
    """One wish, three questions."""
    bureau = Bureau()
    bureau.slack.channel |= {"is_ext_shared": True}

    found = await bureau.learns(*Fact)

    assert (found.is_guest, found.is_shared, found.zone) == (False, True, "")
    assert found == replace(WISH, is_guest=False, is_shared=True, zone="")
