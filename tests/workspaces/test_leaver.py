"""Whoever leaves a workspace loses their sign-in, also if a shared channel reports it."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from bot.accounts.person_tokens import closed
from bot.background import Background
from bot.calls.people.person import Person
from bot.ringcentral.sign_in.tokens import Tokens
from bot.slack.entrances.event import SlackEvent
from bot.storage.calls.store import Store
from bot.storage.people.connections import Connections
from bot.storage.people.linked import Extension
from bot.vault import Vault
from bot.workspaces.workspaces import Workspaces
from fakes import FakeClock
from intents import NOON
from spaces import KEY

OTHER_COMPANY = {"team_id": "T9", "enterprise_id": "E9"}


class House:
    """The connections of a few people, and the workspaces' handlers of events."""

    def __init__(self, store: Store) -> None:
        self.connections = Connections(store.writer, Vault([KEY]))
        settings: Any = SimpleNamespace(
            is_for_any_workspace=False,
            slack_bot_token="x",
            slack_api_url="http://127.0.0.1:9/",
            ringout_secret_key=[KEY],
            ringout_guests=False,
        )
        self.workspaces = Workspaces(
            settings,
            None,  # type: ignore[arg-type]
            store.writer,
            FakeClock(),
            Background(),
            people_left=self._left,
            tell_of=self._tell,
        )
        self.told: list[Person] = []

    async def _left(self, enterprise: str, team: str, user: str = "") -> None:
        await self.connections.erase_within(enterprise, team, user, NOON)

    async def _tell(self, person: Person) -> None:
        self.told.append(person)

    async def connect(self, person: Person) -> None:
        """Store a person's sign-in."""
        tokens = Tokens(access="a", refresh="r", fresh_until=NOON + timedelta(hours=1))
        extension = Extension("101", "101", "Ann")
        name = f"{person.enterprise}-{person.team}-{person.user}"
        await self.connections.put(
            name, person, "oauth", extension, closed(tokens), NOON
        )

    async def hears(self, **body: Any) -> None:
        """Handle an event as `Events` would."""
        event = SlackEvent.from_body(
            {"type": "event_callback", "event_id": "1", **body}
        )
        handlers = self.workspaces.events({})._handlers
        await handlers[event.kind](event)

    async def is_connected(self, person: Person) -> bool:
        """Return whether a person's sign-in is still there."""
        return (await self.connections.of(person))[0] is not None


def profile(team: str, **more: Any) -> dict[str, Any]:
    """Return the event of somebody's deactivation."""
    user = {"id": "U1", "team_id": team, "deleted": True, **more}
    return {"type": "user_change", "user": user}


ALONE, GRID = Person("", "T1", "U1"), Person("E1", "T1", "U1")
THERE = Person("E9", "T9", "U1")


@pytest.mark.parametrize(
    ("mine", "event"),
    [
        (ALONE, profile("T1")),
        (ALONE, {"type": "tokens_revoked", "tokens": {"oauth": ["U1"]}}),
        (GRID, profile("T1", enterprise_user={"enterprise_id": "E1"})),
        (GRID, profile("T7", enterprise_user={"enterprise_id": "E1"})),
        (GRID, profile("T1")),
        (GRID, {"type": "tokens_revoked", "tokens": {"oauth": ["U1"]}}),
    ],
)
async def test_a_leaver_in_a_shared_channel_loses_their_own_sign_in(
    store: Store, mine: Person, event: dict[str, Any]
) -> None:
    """The event's own ids are the other company's, whose people stay connected."""
    house = House(store)
    await house.connect(mine)
    await house.connect(THERE)
    installation = {"team_id": mine.team, "enterprise_id": mine.enterprise or None}

    await house.hears(event=event, authorizations=[installation], **OTHER_COMPANY)

    assert not await house.is_connected(mine)
    assert await house.is_connected(THERE)


@pytest.mark.parametrize(
    ("flags", "is_told"),
    [
        ({"is_restricted": True}, True),
        ({"is_restricted": True, "is_ultra_restricted": True}, True),
        ({"is_restricted": False, "deleted": True}, True),
        ({"is_restricted": False}, False),
        ({}, False),
    ],
    ids=str,
)
@pytest.mark.parametrize("mine", [ALONE, GRID])
async def test_the_other_processes_are_told_of_who_is_no_member_any_more(
    store: Store, mine: Person, flags: dict[str, bool], *, is_told: bool
) -> None:
    """Not of each new status, of which Slack sends thousands: that would cost a commit."""
    house = House(store)
    user = {"id": "U1", "team_id": "T1", **flags}
    if mine.enterprise:
        user["enterprise_user"] = {"enterprise_id": mine.enterprise}
    installation = {"team_id": mine.team, "enterprise_id": mine.enterprise or None}

    changed = {"type": "user_change", "user": user}
    await house.hears(event=changed, authorizations=[installation])

    assert house.told == ([mine] if is_told else [])


@pytest.mark.parametrize("mine", [ALONE, GRID])
async def test_a_stranger_who_leaves_their_company_ends_no_sign_in_here(
    store: Store, mine: Person
) -> None:
    """Their id may be that of somebody here."""
    house = House(store)
    await house.connect(mine)
    installation = {"team_id": mine.team, "enterprise_id": mine.enterprise or None}
    theirs = profile("T9", enterprise_user={"enterprise_id": "E9"})

    await house.hears(event=theirs, authorizations=[installation], **OTHER_COMPANY)

    assert await house.is_connected(mine)


async def test_without_authorizations_the_events_own_ids_count(store: Store) -> None:
    """Slack sends none with an event of an uninstall or of a token's end."""
    house = House(store)
    await house.connect(GRID)

    await house.hears(event=profile("T1"), team_id="T1", enterprise_id="E1")

    assert not await house.is_connected(GRID)
