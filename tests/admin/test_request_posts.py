"""A request is posted once, edited once, and its person told once, whatever Slack does."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from bot.admin.request_posts import TOLD_FOR, RequestPosts
from bot.calls.call import Place
from bot.calls.numbers.phone import PhoneNumber
from bot.errors import ChatBusy, ChatError, ChatRefused, ChatUnknown
from bot.policy.admin_request import REQUEST_LASTS, AdminAnswer, AdminRequest
from bot.policy.rules import Rule
from bot.slack.texts.contact import NO_CONTACT
from bot.slack.texts.text import Message
from bot.storage.calls.store import Store
from bot.storage.policy.admin_requests import REQUEST_LEASE, AdminRequests
from fakes import FakeClock
from intents import ANN, NOON

REQUEST = AdminRequest(
    id="r1",
    place=ANN,
    number=PhoneNumber("+33142278186"),
    rules=frozenset({Rule.COUNTRY}),
    words="Calls to France aren't allowed here.",
    wanted="{}",
    asked_at=NOON,
    channel="CADMIN",
)


class Slack:
    """Messages by channel, and the errors that come next."""

    def __init__(self) -> None:
        self.shown: dict[str, list[list[str]]] = {}
        self.before: list[ChatError] = []
        self.after: list[ChatError] = []
        self.edits = 0

    async def open_dm(self, place: Place) -> str:
        """Return the channel of a person's direct messages."""
        return f"D-{place.user}"

    async def post(
        self, place: Place, channel: str, message: Message, mark: Any, *, before: float
    ) -> tuple[str, str]:
        """Post a message, or lose its answer."""
        del before
        if self.before:
            raise self.before.pop()
        where = f"D-{place.user}" if channel == place.user else channel
        there = self.shown.setdefault(where, [])
        there.append([f"{mark.kind} {mark.value}", message.text])
        if self.after:
            raise self.after.pop()
        return where, str(len(there) - 1)

    async def edit(
        self, _: Place, channel: str, ts: str, message: Message, *, before: float
    ) -> None:
        """Edit a message."""
        del before
        if self.before:
            raise self.before.pop()
        self.edits += 1
        self.shown[channel][int(ts)][1] = message.text

    async def find(self, _: Place, channel: str, mark: Any, **__: Any) -> str | None:
        """Return the ts of a message that was posted."""
        marks = [found for found, _ in self.shown.get(channel, [])]
        name = f"{mark.kind} {mark.value}"
        return str(marks.index(name)) if name in marks else None

    def said(self, channel: str) -> list[str]:
        """Return the texts in a channel."""
        return [text for _, text in self.shown.get(channel, [])]


class Desk:
    """Processes that post requests."""

    def __init__(self, store: Store) -> None:
        self.clock, self.slack = FakeClock(NOON), Slack()
        self.rows = AdminRequests(store.writer)

    async def look(self) -> None:
        """Have two processes look, each twice."""
        for _ in range(2):
            marks: Any = self.slack
            made = [
                RequestPosts(self.rows, marks, self.clock, NO_CONTACT, full=False)
                for _ in range(2)
            ]
            for process in made:
                await process.send_due()

    async def answer(self, answer: AdminAnswer = AdminAnswer.APPROVED) -> None:
        """Have an admin answer."""
        assert await self.rows.answer("r1", answer, "U9", self.clock.now())

    async def state(self) -> AdminRequest:
        """Return the request as it is stored."""
        found = await self.rows.get("r1")
        assert found is not None
        return found


@pytest.fixture
async def desk(store: Store) -> Desk:
    """Give a desk where Ann has asked."""
    made = Desk(store)
    await made.rows.add(REQUEST)
    return made


async def test_it_is_posted_edited_and_told_once(desk: Desk) -> None:
    """The plain story, with two processes that look all the time."""
    await desk.look()
    asked = desk.slack.said("CADMIN")
    await desk.answer()
    await desk.look()

    assert len(asked) == 1
    assert "<@U1> asks to call +33 • •• •• 81 86 in France" in asked[0]
    assert "Calls to France aren't allowed here." in asked[0]
    [settled] = desk.slack.said("CADMIN")
    assert "<@U9> approved it." in settled
    assert desk.slack.said("D-U1") == [
        "<@U9> allows your call to +33 1 42 27 81 86. Call within ten minutes."
    ]
    assert desk.slack.edits == 1
    assert await desk.rows.first_due() is None


async def test_a_lost_answer_of_slacks_posts_nothing_twice(desk: Desk) -> None:
    """The message may be there: whoever is next looks for it."""
    desk.slack.after = [ChatUnknown("lost")]
    await desk.look()
    desk.clock.pass_by(REQUEST_LEASE.total_seconds())
    await desk.look()
    known = await desk.state()
    await desk.answer()
    desk.slack.after = [ChatUnknown("lost")]
    await desk.look()
    desk.clock.pass_by(REQUEST_LEASE.total_seconds())
    await desk.look()

    assert known.ts == "0"
    assert len(desk.slack.said("CADMIN")) == len(desk.slack.said("D-U1")) == 1
    assert await desk.rows.first_due() is None


async def test_an_answer_before_slacks_own_is_shown_all_the_same(desk: Desk) -> None:
    """An admin is quick, and Slack's answer to the post was lost."""
    desk.slack.after = [ChatUnknown("lost")]
    await desk.look()
    await desk.answer(AdminAnswer.DECLINED)
    await desk.look()

    assert "declined it" in desk.slack.said("CADMIN")[0]
    assert "declined your request" in desk.slack.said("D-U1")[0]


async def test_nobody_has_answered(desk: Desk) -> None:
    """The person is told, and the buttons go."""
    await desk.look()
    desk.clock.pass_by(REQUEST_LASTS.total_seconds() - 1)
    await desk.look()
    before = desk.slack.edits
    desk.clock.pass_by(1)
    await desk.look()

    assert before == 0
    assert "Nobody answered within ten minutes." in desk.slack.said("CADMIN")[0]
    assert "No admin answered" in desk.slack.said("D-U1")[0]
    assert (await desk.state()).answer is AdminAnswer.EXPIRED


async def test_what_was_never_posted_in_time_is_not_posted_late(desk: Desk) -> None:
    """The bot was down: an admin would answer what nobody waits for."""
    desk.clock.pass_by(REQUEST_LASTS.total_seconds())
    await desk.look()

    assert desk.slack.said("CADMIN") == []
    assert "No admin answered" in desk.slack.said("D-U1")[0]


@pytest.mark.parametrize("error", ["not_in_channel", "is_archived"])
async def test_a_channel_that_takes_nothing_is_told_to_who_asked(
    desk: Desk, error: str, caplog: pytest.LogCaptureFixture
) -> None:
    """They ask somebody else at once, and the operator reads why."""
    desk.slack.before = [ChatRefused(error)]
    await desk.look()

    assert (
        "Slack doesn't let me post in the admins' channel" in desk.slack.said("D-U1")[0]
    )
    assert f"admins can't be asked in their channel: {error}" in caplog.text
    assert await desk.rows.first_due() is None


@pytest.mark.parametrize("error", [ChatBusy(5), ChatRefused("invalid_auth")])
async def test_what_slack_does_not_take_now_is_posted_later(
    desk: Desk, error: ChatError
) -> None:
    """A rate limit, or a token that is being replaced."""
    desk.slack.before = [error]
    await desk.look()
    at_once = desk.slack.said("CADMIN")
    desk.clock.pass_by(20)
    await desk.look()

    assert at_once == []
    assert len(desk.slack.said("CADMIN")) == 1


async def test_a_message_that_was_deleted_keeps_nobody_waiting(desk: Desk) -> None:
    """And a person without direct messages keeps no row due for good."""
    await desk.look()
    await desk.answer()
    desk.slack.before = [ChatRefused("user_disabled"), ChatRefused("message_not_found")]
    await desk.look()

    assert desk.slack.said("D-U1") == []
    assert await desk.rows.first_due() is None


async def test_an_answer_is_told_once_the_token_is_good_again(desk: Desk) -> None:
    """That Slack refuses the bot's token says nothing of the person."""
    await desk.look()
    await desk.answer()
    desk.slack.before = [ChatRefused("invalid_auth"), ChatRefused("message_not_found")]
    await desk.look()
    desk.clock.pass_by(20)
    await desk.look()

    assert len(desk.slack.said("D-U1")) == 1


async def test_an_answer_that_cannot_be_told_is_given_up(desk: Desk) -> None:
    """A workspace that has thrown the bot out must not be asked forever."""
    await desk.look()
    await desk.answer()
    end = NOON + REQUEST_LASTS + TOLD_FOR + timedelta(minutes=1)
    while desk.clock.now() <= end:
        desk.slack.before = [ChatRefused("account_inactive")] * 4
        await desk.look()
        desk.clock.pass_by(20)

    assert desk.slack.said("D-U1") == []
    assert await desk.rows.first_due() is None
