"""Slack is asked who somebody is: rarely, for a second at most, and its answer counts."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from types import SimpleNamespace
from typing import Any

import pytest

from bot.background import Background
from bot.calls.call import Place
from bot.calls.people.standing import STANDING_KEPT_FOR
from bot.errors import ChatBusy, ChatRefused, ChatUnknown
from bot.slack.entrances.event import SlackEvent
from bot.slack.posting.admission import ASK_WITHIN, Admission
from bot.slack.posting.profiles import Profiles
from bot.slack.texts.profile import Profile
from bot.user_errors import AccessDenied, StandingUnknown
from fakes import FakeClock

ANN = Place("T1", "C1", "U1")
GRID = Place("T1", "C1", "U1", "E1")
MEMBER = {"id": "U1", "team_id": "T1", "is_restricted": False}
GUEST = MEMBER | {"is_restricted": True}
SINGLE = GUEST | {"is_ultra_restricted": True}
BUSY, LOST = ChatBusy(1), ChatUnknown("a lost answer")
LATER = STANDING_KEPT_FOR.total_seconds() + 1


class Slack:
    """Slack's answers to ``users.info``, and how often it was asked."""

    def __init__(self, answer: Any = None) -> None:
        self.answer = MEMBER if answer is None else answer
        self.asked = 0
        self.hold: Callable[[], Awaitable[object]] | None = None

    async def serves(self, enterprise: str, team: str) -> bool:
        """Know the workspaces of T1 and E1 alone."""
        return team == "T1" or enterprise == "E1"

    async def client(self, enterprise: str, team: str) -> Slack:
        """Return itself, whichever workspace is asked for."""
        del enterprise, team
        return self

    async def users_info(self, user: str) -> Any:
        """Answer, or fail."""
        self.asked += 1
        if self.hold is not None:
            await self.hold()
        if isinstance(self.answer, Exception):
            raise self.answer
        answer = self.answer
        if isinstance(answer, dict) and "id" in answer:
            answer = answer | {"id": user}
        return SimpleNamespace(data={"ok": True, "user": answer})


class Gate:
    """Asks a Slack who may come in."""

    def __init__(
        self, answer: Any = None, *, guests: bool = False, **limits: Any
    ) -> None:
        self.slack, self.clock = Slack(answer), FakeClock()
        self.background = Background()
        spaces: Any = self.slack
        profiles = Profiles(spaces, self.clock)
        self.admission = Admission(
            spaces, profiles, self.clock, self.background, guests=guests, **limits
        )

    async def says(self, place: Place = ANN) -> str:
        """Return what becomes of somebody: ``in``, ``out`` or ``later``."""
        try:
            await self.admission.check(place)
        except AccessDenied:
            return "out"
        except StandingUnknown:
            return "later"
        return "in"


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (MEMBER, "in"),
        (GUEST, "out"),
        (SINGLE, "out"),
        (MEMBER | {"is_ultra_restricted": True}, "out"),
        (MEMBER | {"is_stranger": True}, "out"),
        (MEMBER | {"team_id": "T2"}, "out"),
        (MEMBER | {"team_id": "T2", "enterprise_user": {"enterprise_id": "E2"}}, "out"),
        (MEMBER | {"deleted": True}, "out"),
        (MEMBER | {"is_bot": True}, "out"),
        (ChatRefused("user_not_found"), "out"),
        (ChatRefused("user_not_visible"), "out"),
        (ChatRefused("missing_scope"), "in"),
        (ChatRefused("invalid_auth"), "later"),
        (ChatRefused("org_login_required"), "later"),
        (BUSY, "later"),
        (LOST, "later"),
        ("an odd answer", "later"),
        ([], "later"),
    ],
    ids=str,
)
async def test_what_slack_says_decides(answer: Any, said: str) -> None:
    """A guest of any kind stays out; without the scope the operator's lists decide."""
    assert await Gate(answer).says() == said


async def test_a_colleague_in_another_workspace_of_the_organization_is_a_member() -> (
    None
):
    """Their home is another workspace, and their organization the same."""
    there = MEMBER | {"team_id": "T2", "enterprise_user": {"enterprise_id": "E1"}}

    assert await Gate(there).says(GRID) == "in"


async def test_people_of_a_workspace_that_is_not_served_are_strangers_unasked() -> None:
    """Whoever presses in a shared channel is of their own workspace."""
    gate = Gate(MEMBER | {"team_id": "T9"})

    assert await gate.says(Place("T9", "C1", "U1")) == "out"
    assert gate.slack.asked == 0


async def test_where_guests_may_call_nobody_is_asked_about() -> None:
    """An operator may want them in."""
    gate = Gate(GUEST, guests=True)

    assert await gate.says() == "in"
    assert gate.slack.asked == 0


@pytest.mark.parametrize(
    "answer",
    [MEMBER, GUEST, ChatRefused("missing_scope"), ChatRefused("user_not_found")],
    ids=str,
)
async def test_a_known_answer_costs_no_request(answer: Any) -> None:
    """Whatever it was; after a quarter of an hour Slack is asked again."""
    gate = Gate(answer)
    first = [await gate.says() for _ in range(3)]
    asked = gate.slack.asked
    gate.clock.pass_by(LATER)
    await gate.says()

    assert len(set(first)) == 1
    assert (asked, gate.slack.asked) == (1, 2)


@pytest.mark.parametrize("fault", [BUSY, LOST, ChatRefused("fatal_error")], ids=str)
@pytest.mark.parametrize(("answer", "said"), [(MEMBER, "in"), (GUEST, "out")])
async def test_while_slack_is_silent_its_last_answer_counts(
    answer: Any, said: str, fault: Exception
) -> None:
    """However old it is; and Slack is asked again until it answers."""
    gate = Gate(answer)
    await gate.says()
    gate.slack.answer = fault
    gate.clock.pass_by(40 * LATER)

    assert [await gate.says(), await gate.says()] == [said, said]
    assert gate.slack.asked == 3


async def test_who_is_typing_waits_less_and_what_was_known_last_counts() -> None:
    """A menu that is filled while they type is of no use after a second."""
    gate, answered = Gate(ask_within=600), asyncio.Event()
    gate.slack.hold = answered.wait
    with pytest.raises(StandingUnknown):
        await gate.admission.check(ANN, 0.0)
    answered.set()
    await gate.background.settle(1)
    answered.clear()
    gate.clock.pass_by(LATER)

    await gate.admission.check(ANN, 0.0)

    answered.set()
    await gate.background.settle(1)
    assert gate.slack.asked == 2


async def test_an_ack_waits_a_second_and_a_late_answer_serves_the_next_try() -> None:
    """One request for all who wait: a slow Slack is not asked again and again."""
    assert ASK_WITHIN == 1.0
    gate, answered = Gate(ask_within=0.01), asyncio.Event()
    gate.slack.hold = answered.wait

    hasty = [await gate.says(), *await asyncio.gather(gate.says(), gate.says())]
    answered.set()
    await gate.background.settle(1)

    assert hasty == ["later"] * 3
    assert await gate.says() == "in"
    assert gate.slack.asked == 1


# What Slack reports by itself


def event(user: dict[str, Any], team: str = "T1", enterprise: str = "") -> SlackEvent:
    """Return a ``user_change`` as the installation of *team* receives it."""
    where = {"team_id": team, "enterprise_id": enterprise or None}
    changed = {"type": "user_change", "user": user}
    return SlackEvent.from_body({"event": changed, "authorizations": [where]})


def hears(gate: Gate, what: SlackEvent) -> None:
    """Hand an event on as `Workspaces` does."""
    gate.admission.changed(what.place.person, what.profile)


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        (MEMBER, GUEST, "out"),
        (MEMBER, SINGLE, "out"),
        (MEMBER, {"id": "U1", "team_id": "T1", "deleted": True}, "out"),
        (GUEST, MEMBER, "in"),
    ],
)
async def test_a_change_counts_at_once_and_unasked(
    before: Any, after: dict[str, Any], said: str
) -> None:
    """Who is made a guest places no call in the next quarter of an hour."""
    gate = Gate(before)
    await gate.says()

    hears(gate, event(after))

    assert await gate.says() == said
    assert gate.slack.asked == 1


async def test_who_another_process_has_heard_of_is_asked_about_again() -> None:
    """Slack reports a change to one of the processes, and that one tells the others."""
    gate = Gate(MEMBER)
    await gate.says()
    gate.slack.answer = GUEST

    gate.admission.doubt(ANN.person)

    assert await gate.says() == "out"
    assert gate.slack.asked == 2


async def test_a_change_while_slack_is_asked_is_newer_than_the_answer() -> None:
    """The answer was given before the event, and comes after it."""
    gate, answered = Gate(MEMBER), asyncio.Event()
    gate.slack.hold = answered.wait
    asking = asyncio.create_task(gate.says())
    while not gate.slack.asked:
        await asyncio.sleep(0)

    gate.clock.pass_by(0.1)
    hears(gate, event(GUEST))
    answered.set()

    assert [await asking, await gate.says()] == ["out", "out"]


@pytest.mark.parametrize("known", [True, False])
@pytest.mark.parametrize(
    "what",
    [
        event({"id": "U1", "team_id": "T1"}, enterprise="E1"),
        event(GUEST, "T2", "E1"),
        event({"id": "U1", "team_id": "T2"}, "T2", "E1"),
    ],
    ids=["no flags", "another workspace", "no flags elsewhere"],
)
async def test_an_answer_older_than_a_change_is_asked_for_again(
    what: SlackEvent, *, known: bool
) -> None:
    """The event does not say what changed; the answer under way may not know it."""
    whole = {"enterprise_user": {"enterprise_id": "E1"}}
    gate, answered = Gate(MEMBER | whole), asyncio.Event()
    if known:
        await gate.says(GRID)
        gate.clock.pass_by(LATER)
    before = gate.slack.asked
    gate.slack.hold = answered.wait
    asking = asyncio.create_task(gate.says(GRID))
    while gate.slack.asked == before:
        await asyncio.sleep(0)

    hears(gate, what)
    answered.set()
    await asking
    gate.slack.answer = GUEST | whole

    assert [await gate.says(GRID), await gate.says(GRID)] == ["out", "out"]
    assert gate.slack.asked == before + 2
    assert not gate.admission._doubted


@pytest.mark.parametrize(
    "what",
    [
        event({"id": "U1", "team_id": "T1"}),
        event(GUEST | {"team_id": "T9"}),
        event(GUEST, team="T7"),
        event(GUEST | {"id": "U2"}),
        event(GUEST | {"enterprise_user": {"enterprise_id": "E9"}}, "T1", "E1"),
    ],
    ids=["no flags", "a stranger", "another workspace", "somebody else", "another org"],
)
async def test_what_is_not_said_of_them_here_makes_nobody_a_guest(
    what: SlackEvent,
) -> None:
    """The same id may be somebody else's elsewhere."""
    gate = Gate(MEMBER)
    await gate.says()

    hears(gate, what)

    assert await gate.says() == "in"


async def test_a_change_in_one_workspace_has_the_others_asked_about_again() -> None:
    """In an organization somebody may be a guest in one and a member of another."""
    whole = {"enterprise_user": {"enterprise_id": "E1"}}
    gate, there = Gate(MEMBER | whole), Place("T2", "C1", "U1", "E1")
    await gate.says(GRID)
    await gate.says(there)

    hears(gate, event(GUEST, "T1", "E1"))

    assert await gate.says(GRID) == "out"
    assert gate.slack.asked == 2
    assert await gate.says(there) == "in"
    assert gate.slack.asked == 3
    gate.slack.answer = BUSY
    hears(gate, event(GUEST, "T1", "E1"))
    assert await gate.says(there) == "in"


async def test_the_memory_of_people_is_bounded() -> None:
    """Strangers in shared channels are without number."""
    gate = Gate(most=3)
    for number in range(10):
        await gate.says(Place("T1", "C1", f"U{number}"))

    assert len(gate.admission._known) == 3
    assert gate.admission._asking == {}


def test_both_kinds_of_guests_are_read_and_nothing_but_true_makes_one() -> None:
    """Slack's flags are booleans, and may be missing."""
    told = [MEMBER, GUEST, SINGLE, {}, MEMBER | {"is_restricted": "yes"}]

    read = [Profile.read(each, ANN, "U1").is_guest for each in told]

    assert read == [False, True, True, False, False]
