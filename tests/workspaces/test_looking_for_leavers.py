"""Who was deactivated is found without an event, and nobody is erased by an error."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import update

from bot.accounts.person_tokens import closed
from bot.calls.people.person import Person
from bot.errors import ChatBusy, ChatRefused, ChatUnknown, StoreUnavailable
from bot.ringcentral.sign_in.tokens import Tokens
from bot.slack.posting.profiles import Profiles
from bot.storage.calls.store import Store
from bot.storage.people.connections import Connections
from bot.storage.people.linked import Extension
from bot.storage.people.look_ups import LOOK_UP_AGAIN, LookUps
from bot.storage.people.tables import connections
from bot.vault import Vault
from bot.workspaces.leavers import LOOKED_UP_AT_ONCE, Leavers
from fakes import FakeClock
from intents import NOON
from own import connects, lets_connect
from patience import until
from spaces import KEY
from town import QUICK, Town

ANN = Person("", "T1", "U1")
THERE = {"id": "U1", "team_id": "T1", "deleted": False}
GONE = THERE | {"deleted": True}
HOUR = LOOK_UP_AGAIN.total_seconds()
DAY = 86_400.0


class House:
    """One process's look-ups, and Slack's answers about everybody."""

    def __init__(self, store: Store, clock: FakeClock | None = None) -> None:
        self.store, self.clock = store, clock or FakeClock()
        self.connections = Connections(store.writer, Vault([KEY]))
        self.answer: Any = THERE
        self.asked: list[str] = []
        self.served = True
        self.away = False
        spaces: Any = self
        self.leavers = Leavers(
            LookUps(store.writer),
            spaces,
            Profiles(spaces, self.clock),
            self.clock,
            people_left=self.left,
        )

    async def serves(self, enterprise: str, team: str) -> bool:
        """Say whether the bot serves a workspace."""
        del enterprise, team
        return self.served

    async def client(self, enterprise: str, team: str) -> House:
        """Be the workspace's Slack."""
        del enterprise, team
        return self

    async def users_info(self, user: str) -> Any:
        """Answer, or fail."""
        self.asked.append(user)
        if isinstance(self.answer, Exception):
            raise self.answer
        return SimpleNamespace(data={"ok": True, "user": self.answer | {"id": user}})

    async def left(self, enterprise: str, team: str, user: str = "") -> None:
        """Erase who has left, unless the database is away."""
        if self.away:
            raise StoreUnavailable
        await self.connections.erase_within(enterprise, team, user, NOON)

    async def connect(self, *persons: Person) -> None:
        """Store the sign-ins of *persons*."""
        for person in persons:
            ends = self.clock.now() + timedelta(hours=1)
            tokens = closed(Tokens(access="a", refresh="r", fresh_until=ends))
            name = f"{person.enterprise}-{person.team}-{person.user}"
            extension = Extension("101", "101", "Ann")
            now = self.clock.now()
            await self.connections.put(name, person, "oauth", extension, tokens, now)

    async def people(self) -> list[str]:
        """Return who is connected."""
        return [linked.person.user for linked, _ in await self.connections.all()]


@pytest.fixture
def house(store: Store) -> House:
    """Give a house without people."""
    return House(store)


async def test_who_was_deactivated_is_erased_at_the_latest_a_day_later(
    house: House,
) -> None:
    """Slack's event may have been lost."""
    await house.connect(ANN)
    house.answer = GONE
    await house.leavers.look()
    before = (await house.people(), list(house.asked))
    house.clock.pass_by(DAY)

    await house.leavers.look()

    assert before == (["U1"], [])
    assert await house.people() == []


@pytest.mark.parametrize(
    ("answer", "again_after"),
    [
        (THERE, DAY),
        (THERE | {"is_restricted": True}, DAY),
        (THERE | {"deleted": "true"}, DAY),
        (ChatRefused("user_not_found"), DAY),
        (ChatRefused("user_not_visible"), DAY),
        (ChatRefused("missing_scope"), DAY),
        (ChatRefused("account_inactive"), HOUR),
        (ChatRefused("invalid_auth"), HOUR),
        (ChatBusy(5), HOUR),
        (ChatUnknown("lost"), HOUR),
    ],
    ids=str,
)
async def test_nobody_is_erased_but_by_slacks_own_word(
    house: House, answer: Any, again_after: float
) -> None:
    """A wrong token gets "not found" about everybody, and an outage no answer at all."""
    await house.connect(ANN)
    house.answer = answer
    house.clock.pass_by(DAY)

    await house.leavers.look()
    house.clock.pass_by(again_after - 1)
    await house.leavers.look()
    soon = len(house.asked)
    house.clock.pass_by(2)
    await house.leavers.look()

    assert await house.people() == ["U1"]
    assert (soon, len(house.asked)) == (1, 2)


async def test_a_profile_of_somebody_else_erases_nobody(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An answer that was mixed up must not end a sign-in."""

    async def mixed_up(user: str) -> Any:
        del user
        return SimpleNamespace(data={"ok": True, "user": GONE | {"id": "U9"}})

    monkeypatch.setattr(house, "users_info", mixed_up)
    await house.connect(ANN)
    house.clock.pass_by(DAY)

    await house.leavers.look()

    assert await house.people() == ["U1"]


async def test_of_a_workspace_that_is_not_served_slack_is_not_asked(
    house: House,
) -> None:
    """The same id may be somebody else's where the bot's token is from."""
    await house.connect(ANN)
    house.served, house.answer = False, GONE
    house.clock.pass_by(DAY)

    await house.leavers.look()

    assert (await house.people(), house.asked) == (["U1"], [])


async def test_only_the_person_and_workspace_that_was_asked_about_is_erased(
    house: House,
) -> None:
    """In an organization they may stay in another workspace, and are asked about there."""
    here, there = Person("E1", "T1", "U1"), Person("E1", "T2", "U1")
    await house.connect(here)
    house.clock.pass_by(HOUR)
    await house.connect(there)
    house.answer = GONE
    house.clock.pass_by(DAY - HOUR)

    await house.leavers.look()

    assert [each.person for each, _ in await house.connections.all()] == [there]


async def test_a_round_asks_about_a_few_and_ends_at_slacks_limit(house: House) -> None:
    """Commands need Slack's rate limit more."""
    await house.connect(*(Person("", "T1", f"U{number}") for number in range(8)))
    house.clock.pass_by(DAY)

    await house.leavers.look()
    first = len(house.asked)
    house.answer = ChatBusy(5)
    await house.leavers.look()

    assert (first, len(house.asked)) == (LOOKED_UP_AT_ONCE, LOOKED_UP_AT_ONCE + 1)


async def test_two_processes_ask_about_each_person_once(house: House) -> None:
    """Whoever takes the turn first has it."""
    other = House(house.store, house.clock)
    await house.connect(*(Person("", "T1", f"U{number}") for number in range(4)))
    house.clock.pass_by(DAY)

    for process in (house, other, house):
        await process.leavers.look()

    assert sorted(house.asked + other.asked) == ["U0", "U1", "U2", "U3"]


async def test_what_could_not_be_erased_is_tried_again(house: House) -> None:
    """The database may be away just then, or the process die."""
    await house.connect(ANN)
    house.answer, house.away = GONE, True
    house.clock.pass_by(DAY)
    with pytest.raises(StoreUnavailable):
        await house.leavers.look()
    house.away = False
    house.clock.pass_by(HOUR)

    await house.leavers.look()

    assert await house.people() == []


async def test_a_running_bot_disconnects_who_left_without_an_event(
    closed_town: Town,
) -> None:
    """Their session at RingCentral ends too; those who stay keep theirs."""
    town = closed_town
    lets_connect(town, "ann", "bob")
    await town.open(replace(QUICK, leavers=0.05))
    await connects(town)
    await connects(town, "bob")
    assert town.bot is not None
    town.slack.workspace.user("ann").deleted = True
    due = update(connections).values(look_up_at=NOON - timedelta(days=9999))

    await town.bot._store.writer.run(lambda c: c.execute(due))

    await until(lambda: not town.ringcentral.sessions_of("ann"))
    assert len(town.ringcentral.sessions_of("bob")) == 1
