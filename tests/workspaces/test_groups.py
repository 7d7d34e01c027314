"""Who is in the user groups of the rules: by Slack's word alone, over restarts and outages."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.calls.call import Place
from bot.calls.people.person import Person
from bot.calls.people.user_group import groups_in, name_groups
from bot.errors import ChatBusy, ChatRefused, ChatUnknown, StoreUnavailable
from bot.policy.workspace import WorkspaceId
from bot.slack.entrances.event import SlackEvent
from bot.storage.calls.store import Store
from bot.storage.people.connections import Connections
from bot.storage.people.user_groups import UserGroups
from bot.storage.policy.states import PolicyStates
from bot.switchboard.policy import Policy
from bot.user_errors import AccessDenied
from bot.vault import Vault
from bot.workspaces.groups import READ_AGAIN, READ_UNKNOWN_AGAIN, GroupMembers, Groups
from fakes import FakeClock
from intents import NOON
from spaces import KEY
from town import Town

ADMINS, SALES = "S0ADMINS", "S0SALES"
ANN = Place("T1", "C1", "U0ANN")
BOB = Place("T1", "C1", "U0BOB")
LIST = "usergroups.users.list"
NOT_ALLOWED = "You aren't allowed"
FIVE_MINUTES = READ_AGAIN.total_seconds()


class Office:
    """One process that knows groups, and Slack's answers about them."""

    def __init__(self, store: Store, named: set[str] | None = None) -> None:
        self.store, self.clock = store, FakeClock()
        self.named = {ADMINS} if named is None else named
        self.teams: list[tuple[str, str]] = [("", "T1")]
        self.answers: dict[str, Any] = {ADMINS: ["U0ANN"]}
        self.asked: list[tuple[str, str | None]] = []
        self.meanwhile: Any = None
        self.members = GroupMembers()
        self.policy = Policy(admins=frozenset(self.named), groups_of=self.members.of)
        spaces: Any = self
        self.groups = Groups(
            UserGroups(store.writer),
            self.members,
            spaces,
            self.clock,
            named=lambda: self.named,
            teams=self.served,
        )

    async def served(self) -> list[tuple[str, str]]:
        """Return the workspaces that the bot serves."""
        return self.teams

    async def client(self, enterprise: str, team: str) -> Office:
        """Be the workspace's Slack."""
        del enterprise, team
        return self

    async def usergroups_users_list(self, usergroup: str, team_id: str | None) -> Any:
        """Answer, or fail."""
        self.asked.append((usergroup, team_id))
        answer = self.answers.get(usergroup, ChatRefused("no_such_subteam"))
        if self.meanwhile is not None:
            await self.meanwhile()
        if isinstance(answer, Exception):
            raise answer
        return SimpleNamespace(data={"ok": True, "users": answer})

    async def changed(self, group: str = ADMINS, team: str = "T1") -> bool:
        """Deliver the event of a change; return whether the group was read for it."""
        event = {"type": "subteam_members_changed", "subteam_id": group}
        body = {"event_id": "Ev1", "team_id": team, "event": event}
        handle = self.groups.events()["subteam_members_changed"]
        later = await handle(SlackEvent.from_body(body))
        if later is not None:
            await later()
        return later is not None


@pytest.fixture
def office(store: Store) -> Office:
    """Give a process whose rules name one group as admins."""
    return Office(store)


async def test_the_people_of_a_group_are_what_the_rule_names(office: Office) -> None:
    """An admin of fifty people names a group once, and nobody's Slack id."""
    before = office.policy.is_admin(ANN)
    await office.groups.look()

    assert not before
    assert office.policy.is_admin(ANN)
    assert not office.policy.is_admin(BOB)
    assert office.asked == [(ADMINS, "T1")]


async def test_a_change_counts_at_once_by_its_event(office: Office) -> None:
    """Whoever is taken out of the admins must not decide on calls any more."""
    await office.groups.look()
    office.answers[ADMINS] = ["U0BOB"]

    assert await office.changed()

    assert office.policy.is_admin(BOB)
    assert not office.policy.is_admin(ANN)


async def test_without_an_event_it_counts_after_five_minutes(office: Office) -> None:
    """Events are lost: a bot that was down for an hour gets none of them."""
    await office.groups.look()
    office.answers[ADMINS] = ["U0BOB"]
    office.clock.pass_by(FIVE_MINUTES - 1)
    await office.groups.look()
    soon = office.policy.is_admin(BOB)
    office.clock.pass_by(1)

    await office.groups.look()

    assert (soon, office.policy.is_admin(BOB)) == (False, True)


@pytest.mark.parametrize(
    "error",
    [
        ChatRefused("missing_scope"),
        ChatRefused("plan_upgrade_required"),
        ChatRefused("not_installed"),
        ChatBusy(5),
        ChatUnknown("lost"),
    ],
    ids=str,
)
async def test_on_failure_the_last_known_members_stay(
    office: Office, error: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    """An outage of Slack's must neither stop people's work nor make admins of others."""
    await office.groups.look()
    office.answers[ADMINS] = error

    for _ in range(3):
        office.clock.pass_by(FIVE_MINUTES)
        await office.groups.look()

    later = Office(office.store)
    later.clock.pass_by(3 * FIVE_MINUTES)
    later.answers[ADMINS] = error
    later.clock.pass_by(FIVE_MINUTES)
    await later.groups.look()
    assert [len(office.asked), len(later.asked)] == [4, 1]
    for each in (office, later):
        assert each.policy.is_admin(ANN)
        assert not each.policy.is_admin(BOB)
    said = [each for each in caplog.records if each.levelname == "WARNING"]
    assert len(said) == isinstance(error, ChatRefused)


async def test_a_group_that_is_gone_or_unknown_admits_nobody(office: Office) -> None:
    """Slack says "no such group" also of a disabled one: an answer, and no failure."""
    await office.groups.look()
    office.answers[ADMINS] = ChatRefused("no_such_subteam")
    await office.changed()
    gone = office.policy.is_admin(ANN)
    asked = len(office.asked)
    office.clock.pass_by(READ_UNKNOWN_AGAIN.total_seconds() - 1)
    await office.groups.look()

    assert not gone
    assert len(office.asked) == asked


async def test_an_allowed_group_that_nobody_has_read_lets_nobody_in(
    office: Office,
) -> None:
    """A list of people that can't be read must not be taken for an empty one: all."""
    office.answers[ADMINS] = ChatUnknown("lost")
    await office.groups.look()
    policy = Policy(users=frozenset({ADMINS}), groups_of=office.members.of)

    assert _refuses(policy, ANN)


async def test_where_no_group_is_named_nothing_runs(store: Store) -> None:
    """The scope is optional: most bots name people, and pay nothing for groups."""
    office = Office(store, {"U0ANN", "T1:W0BOB"})
    office.teams = [("", "T1")]

    async def unasked() -> list[tuple[str, str]]:
        raise AssertionError("the database was asked")

    office.groups._teams = unasked
    await office.groups.look()

    assert not await office.changed("S0OTHER")
    assert office.asked == []


async def test_a_group_counts_in_its_own_workspace_alone(store: Store) -> None:
    """Two companies on one bot: an admin of one decides nothing in the other."""
    office = Office(store, {f"T1:{ADMINS}", f"E1:{SALES}"})
    office.teams = [("", "T1"), ("", "T2"), ("E1", "T3")]
    office.answers = {ADMINS: ["U0ANN"], SALES: ["U0BOB"]}

    await office.groups.look()

    assert sorted(office.asked) == [(ADMINS, "T1"), (SALES, "T3")]
    assert office.policy.is_admin(ANN)
    assert not office.policy.is_admin(Place("T2", "C1", "U0ANN"))
    assert office.policy.is_admin(Place("T3", "C1", "U0BOB", "E1"))
    assert not office.policy.is_admin(BOB)


async def test_a_workspace_of_an_organization_is_learned_from_its_people(
    store: Store,
) -> None:
    """An organization's installation names no workspace, and its token needs one."""
    office = Office(store)
    office.teams = []
    there = Place("T7", "C1", "U0ANN", "E1")
    first = office.policy.is_admin(there)

    await office.groups.look()

    assert (first, office.policy.is_admin(there)) == (False, True)
    assert office.asked == [(ADMINS, "T7")]


async def test_processes_share_one_read_and_both_know_of_it(store: Store) -> None:
    """Slack allows twenty reads a minute for all processes together."""
    one, other = Office(store), Office(store)

    await one.groups.look()
    await other.groups.look()

    assert other.asked == []
    assert other.policy.is_admin(ANN)


async def test_whoever_joins_or_leaves_is_named(office: Office) -> None:
    """Their Homes gain or lose the desk: nobody has to open them anew."""
    told: list[Person] = []
    office.groups._changed = told.append
    office.answers[ADMINS] = ["U0ANN", "U0CARL"]
    await office.groups.look()
    first, told[:] = sorted(each.user for each in told), []
    office.answers[ADMINS] = ["U0BOB", "U0CARL"]

    await office.changed()
    await office.groups.look()

    assert first == ["U0ANN", "U0CARL"]
    assert sorted(each.user for each in told) == ["U0ANN", "U0BOB"]
    assert {each.team for each in told} == {"T1"}


async def test_an_answer_from_before_a_change_is_not_kept(office: Office) -> None:
    """The read was on its way when somebody was taken out: it has the old members."""

    async def a_change() -> None:
        office.meanwhile = None
        office.answers[ADMINS] = ["U0BOB"]
        await UserGroups(office.store.writer).expect(
            next(iter(groups_in({ADMINS}, "", "T1"))), office.clock.now()
        )

    office.meanwhile = a_change
    await office.groups.look()
    at_first = office.policy.is_admin(ANN)

    await office.groups.look()

    assert not at_first
    assert office.policy.is_admin(BOB)


async def test_a_workspace_that_leaves_takes_its_groups_along(office: Office) -> None:
    """Nothing of a company is kept once it has removed the app."""
    await office.groups.look()
    connections = Connections(office.store.writer, Vault([KEY]))

    await connections.erase_within("", "T1", "", NOON)

    assert await UserGroups(office.store.writer).by_team() == {}


async def test_a_database_that_is_away_ends_no_look(office: Office) -> None:
    """The look runs forever: an exception would end the process."""

    async def away() -> list[tuple[str, str]]:
        raise StoreUnavailable

    office.groups._teams = away

    await office.groups.look()

    assert office.asked == []


IDS = st.builds(
    ":".join,
    st.lists(
        st.sampled_from(["T1", "T2", "E1", "S1", "S2", "U1", "W1", ""]), max_size=3
    ),
)


@given(st.frozensets(IDS), st.sampled_from(["", "E1"]), st.sampled_from(["T1", "T2"]))
def test_a_group_is_read_exactly_where_it_can_decide(
    ids: frozenset[str], enterprise: str, team: str
) -> None:
    """A group that is read but never matched is waste; the reverse admits nobody."""
    read = {each.id for each in groups_in(ids, enterprise, team)}

    for group in ("S1", "S2"):
        policy = Policy(admins=ids, groups_of=lambda _, g=group: frozenset({g}))  # type: ignore[misc]
        decides = policy.is_admin(Place(team, "C1", "U9", enterprise))
        assert decides == (group in read)
    assert name_groups(ids) or not read


# In the whole bot


async def test_a_groups_people_may_call_and_nobody_else(closed_town: Town) -> None:
    """From the setting to the refusal; whom Slack names later may call at once."""
    town = closed_town
    town.env["RINGOUT_ALLOWED_USERS"] = SALES
    town.slack.space.user_groups.put(SALES, ["U0ANN"])
    await town.open()

    allowed = await town.types("status", user="ann")
    kept_out = await town.types("status", user="bob")
    await town.slack.set_group(SALES, "bob")
    await town.until(lambda: len(town.slack.calls_of(LIST)) == 2)
    policy = town.bot.services.switchboard.policy  # type: ignore[union-attr]
    bob = Place(town.slack.workspace.team, "", "U0BOB")
    await town.until(lambda: not _refuses(policy, bob))

    assert NOT_ALLOWED in str(kept_out.body)
    assert NOT_ALLOWED not in str(allowed.body)
    assert NOT_ALLOWED in str((await town.types("status", user="ann")).body)


async def test_a_group_in_a_workspaces_own_rules_counts(closed_town: Town) -> None:
    """Sales may call Germany, which the others may not: by a file that names the group."""
    town = closed_town
    town.env |= {"RINGOUT_COUNTRIES": "US,DE", "RINGOUT_ADMINS": "U0ANN"}
    town.slack.space.user_groups.put(SALES, ["U0ANN"])
    await town.open()
    space = town.slack.workspace
    where = WorkspaceId("", space.team)
    rules = f'countries = ["US"]\n[[section]]\nwho = ["{SALES}"]\ncountries = ["DE"]\n'
    bot: Any = town.bot
    states = PolicyStates(bot._store.writer)

    assert await states.save(where, rules, 0, NOON, "U0ANN")
    await town.until(lambda: len(town.slack.calls_of(LIST)) == 1)
    policy = bot.services.switchboard.policy
    ann = Place(space.team, "C1", "U0ANN")
    await town.until(lambda: policy.groups_of(ann) == {SALES})
    said = [
        (await town.types("check +49 30 12345678", user=who)).text
        for who in ("ann", "bob")
    ]

    assert said[0].startswith("You can call")
    assert said[1].startswith("You can't call")


async def test_saved_rules_are_looked_for_now_and_then(office: Office) -> None:
    """Where nobody is an admin they come from the command line: five minutes are enough."""
    reads: list[float] = []

    async def saved() -> set[str]:
        reads.append(office.clock.now().timestamp() - NOON.timestamp())
        return {f"T1:{SALES}", "T2:S0THEIRS"}

    spaces: Any = office
    office.answers[SALES] = ["U0BOB"]
    groups = Groups(
        UserGroups(office.store.writer),
        office.members,
        spaces,
        office.clock,
        named=set,
        teams=office.served,
        saved=saved,
    )
    for _ in range(3):
        await groups.look()
        office.clock.pass_by(200)

    await groups.look_again()  # another process has told of a change

    assert reads == [0, 400, 600]
    assert office.members.of(BOB) == {SALES}
    assert {each for each, _ in office.asked} == {SALES}


def _refuses(policy: Any, place: Place) -> bool:
    try:
        policy.check_user(place)
    except AccessDenied:
        return True
    return False
