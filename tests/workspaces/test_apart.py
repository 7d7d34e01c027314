"""A workspace must not see, cancel, count or repeat another workspace's calls.

The same user ids exist in both, because Slack promises only that an id is unique
together with its workspace (Slack docs, "User types", ids).
"""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.calls.call import Place
from bot.policy.added import Verdict
from bot.slack.entrances.event import SlackEvent
from bot.slack.entrances.payload import workspace_of
from bot.slack.entrances.request import Request
from bot.storage.calls.store import Store
from bot.switchboard.policy import Policy
from bot.user_errors import AccessDenied
from intents import ANN, NOON, a_call, add_call
from properties import dear

OTHERS = [
    Place("T2", "C1", "U1"),
    Place("T1", "C1", "U1", enterprise="E1"),
    Place("T2", "C1", "U1", enterprise="E1"),
]
"""Ann's user id and channel id in the other workspace."""


@pytest.mark.parametrize("there", OTHERS)
async def test_one_team_does_not_count_anothers_calls(
    store: Store, there: Place
) -> None:
    """Neither toward the calls a minute, nor as a number that is being rung."""
    await add_call(store, a_call(id="a", key="a"), most=1)

    added = await add_call(store, a_call(id="b", key="b", place=there), most=1)
    third = await add_call(
        store, a_call(id="c", key="c", place=there), most=1, again=True
    )

    assert added.verdict is Verdict.NEW
    assert third.verdict is Verdict.TOO_MANY
    assert [c.id for c in await store.of_person(ANN.person, 10)] == ["a"]
    assert [c.id for c in await store.of_person(there.person, 10)] == ["b"]


@pytest.mark.parametrize("there", OTHERS)
async def test_a_key_that_another_team_has_used_tells_nothing_of_its_call(
    store: Store, there: Place
) -> None:
    """It is a repetition that dials nothing; the answer shows only one's own calls."""
    await add_call(store, a_call(id="a", key="same"), most=9)
    mine = a_call(id="b", key="same", place=there)

    added = await add_call(store, mine, most=9)

    assert (added.verdict, added.call) == (Verdict.REPEATED, mine)
    assert await store.get("b") is None


people = st.sampled_from([ANN, *OTHERS, Place("T1", "C1", "U2")])


@dear(30)  # each example opens its own databases
@given(
    asked=st.lists(st.tuples(people, st.integers(0, 90)), max_size=20),
    most=st.integers(1, 4),
)
def test_the_limit_a_minute_is_each_persons_own(
    migrated: Path, asked: list[tuple[Place, int]], most: int
) -> None:
    """Other people's calls, in any order, must not change what one person may do."""

    async def verdicts(only: list[tuple[Place, int]]) -> dict[str, Verdict]:
        with tempfile.TemporaryDirectory() as folder:
            shutil.copyfile(migrated, f"{folder}/calls.db")
            store = Store(f"sqlite:///{folder}/calls.db")
            found = {}
            for place, second in only:
                name = f"{place}{second}{asked.index((place, second))}"
                at = NOON + timedelta(seconds=second)
                call = a_call(id=name[-32:], key=name[:128], place=place, asked_at=at)
                found[name] = (
                    await add_call(store, call, most=most, again=True)
                ).verdict
            store.close()
            return found

    async def play() -> None:
        together = await verdicts(asked)
        alone: dict[str, Verdict] = {}
        for each in {place for place, _ in asked}:
            alone |= await verdicts([one for one in asked if one[0] == each])
        assert together == alone

    asyncio.run(play())


def pressed(**changes: object) -> dict[str, object]:
    """Return a button's payload, reduced to who pressed it and where."""
    body: dict[str, object] = {
        "type": "block_actions",
        "team": {"id": "T1"},
        "user": {"id": "U1", "team_id": "T1"},
        "channel": {"id": "C1"},
        "enterprise": None,
        "trigger_id": "t",
    }
    return body | changes


def test_who_presses_in_a_shared_channel_is_of_their_own_workspace() -> None:
    """Otherwise a stranger with the same user id could press for somebody here."""
    ours = Request.from_action(pressed())
    theirs = Request.from_action(pressed(user={"id": "U1", "team_id": "T9"}))

    assert ours.place == ANN
    assert theirs.place == Place("T9", "C1", "U1")


def test_who_presses_in_an_organization_counts_where_the_button_stands() -> None:
    """One person is in all its workspaces, but a call belongs to one of them."""
    there = pressed(
        user={"id": "U1", "team_id": "T7"}, enterprise={"id": "E1", "name": "Acme"}
    )

    assert Request.from_action(there).place == Place("T1", "C1", "U1", "E1")
    in_a_view = there | {"team": None}
    assert Request.from_action(in_a_view).place.team == "T7"
    assert Request.from_view(in_a_view).place == Place("T7", "", "U1", "E1")


def test_who_submits_a_form_in_a_shared_channel_is_of_their_own_workspace() -> None:
    """Their settings and accounts must not go to somebody here with the same id."""
    theirs = pressed(user={"id": "U1", "team_id": "T9"})

    assert Request.from_view(theirs).place.person == Place("T9", "", "U1").person


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ({"team_id": "T1"}, ("", "T1")),
        ({"team_id": "T1", "enterprise_id": "E1"}, ("E1", "T1")),
        (pressed(), ("", "T1")),
        (pressed(team=None, enterprise={"id": "E1"}), ("E1", "T1")),
        (pressed(team={"id": "T1", "enterprise_id": "E1"}), ("E1", "T1")),
        (
            pressed(team={"id": "T9"}, view={"app_installed_team_id": "T1"}),
            ("", "T1"),
        ),
        ({"team_id": "T9", "authorizations": [{"team_id": "T1"}]}, ("", "T1")),
        (
            {
                "team_id": "T1",
                "enterprise_id": "E1",
                "authorizations": [{"team_id": None, "enterprise_id": "E1"}],
            },
            ("E1", "T1"),
        ),
        ({}, ("", "")),
        ({"team": 1, "authorizations": "x", "user": []}, ("", "")),
    ],
)
def test_each_payload_says_whose_it_is(
    body: dict[str, object], found: tuple[str, str]
) -> None:
    """The bot's token depends on it, and each kind of payload says it differently."""
    assert workspace_of(body) == found


def test_an_event_about_a_stranger_is_not_about_somebody_here() -> None:
    """In a channel shared by two companies, Slack reports the other's people too."""
    user = {"id": "U1", "team_id": "T9", "deleted": True}
    body = {
        "team_id": "T1",
        "event_id": "Ev1",
        "event": {"type": "user_change", "user": user},
    }

    event = SlackEvent.from_body(body)

    assert event.place.person == Place("T9", "", "U1").person
    assert event.deleted


def test_lists_of_ids_may_say_whose_they_are() -> None:
    """Elsewhere an admin's user id may belong to a stranger."""
    policy = Policy(users=frozenset({"T1:U1"}), admins=frozenset({"E1:U1"}))
    wide = Policy(admins=frozenset({"E1:U1"}))

    policy.check(ANN)
    with pytest.raises(AccessDenied):
        policy.check(Place("T2", "C1", "U1"))
    wide.check_admin(Place("T5", "C1", "U1", "E1"))
    with pytest.raises(AccessDenied):
        wide.check_admin(ANN)
