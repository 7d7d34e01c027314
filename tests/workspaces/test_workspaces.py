"""Any workspace may use the bot with its own token, until it uninstalls the app."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import aiohttp
import pytest

from bot.app.bot import Bot
from bot.background import Background
from bot.calls.call import State
from bot.calls.people.installation import Installation
from bot.errors import StoreUnavailable
from bot.settings import reading
from bot.slack.entrances.event import SlackEvent
from bot.storage.calls.store import Store
from bot.vault import new_key
from bot.workspaces.workspaces import Workspaces
from examined import examined
from fakes import FakeClock
from installed import in_
from installs import Far, refused
from patience import PATIENCE
from postgres import Server
from spaces import beside, connect, install, installations_of, open_to_all, tell_nobody
from stored import in_state
from town import Town

_OPEN = tuple(each for each in State if each not in {State.DONE, State.CLOSING})


@pytest.fixture
async def space(closed_town: Town) -> Town:
    """Return a town whose bot serves any workspace; none is installed yet."""
    open_to_all(closed_town)
    return closed_town


async def test_a_workspace_that_is_installed_can_call(space: Town) -> None:
    """From command to reply with its own token, which is not checked each time."""
    await install(space)
    await connect(space)
    await space.open()

    assert (await space.types()).ok
    await space.reply()

    methods = [call.method for call in space.slack.calls]
    assert methods.count("auth.test") == 0
    assert {call.token_kind for call in space.slack.calls} <= {"bot", "none"}
    assert space.posts == 1


async def test_a_stranger_is_told_where_it_is_installed(space: Town) -> None:
    """The ack says so at once; nothing is dialed or stored."""
    await connect(space)
    await space.open()

    ack = await space.types()

    assert ack.ok
    said = space.slack.private("ann")[-1].text
    assert "isn't installed in this workspace" in said
    assert f"{space.env['PUBLIC_URL']}/slack/install" in said
    assert space.posts == 0
    assert [call.method for call in space.slack.calls] == ["api.test"]


async def test_an_installation_counts_at_once_and_without_a_restart(
    space: Town,
) -> None:
    """The browser and the next command may reach different processes."""
    await connect(space)
    await space.open()
    await space.types()

    await install(space)
    await space.types()

    await space.reply()
    assert space.posts == 1


@pytest.mark.parametrize(
    "event",
    [
        {"type": "app_uninstalled"},
        {"type": "tokens_revoked", "tokens": {"oauth": [], "bot": ["UBOT"]}},
    ],
)
async def test_who_uninstalls_is_a_stranger_from_then_on(
    space: Town, event: dict[str, object]
) -> None:
    """The token is deleted from the shared database before Slack gets its answer."""
    await install(space)
    await connect(space)
    await space.open()

    assert (await space.slack.event(event)).ok

    async with beside(space) as store:
        assert (
            await installations_of(store).find("", space.slack.workspace.team) is None
        )
    await space.types()
    assert "isn't installed" in space.slack.private("ann")[-1].text
    assert space.posts == 0


async def test_an_uninstall_counts_at_once_in_every_process(
    space: Town, postgres: Server
) -> None:
    """Slack tells one process; the next command may reach another one."""
    space.env["DATABASE_URL"] = postgres.fresh_database()
    store = Store(space.env["DATABASE_URL"])
    await store.migrate()
    store.close()
    await install(space)
    await connect(space)
    bots = [Bot(space.settings(PORT="0")) for _ in range(2)]
    for bot in bots:
        await bot.start()
    one, other = [bot.door.address for bot in bots if bot.door]  # type: ignore[union-attr]

    space.slack.deliveries.request_url = other
    await space.types()
    await space.reply()
    space.slack.deliveries.request_url = one
    await space.slack.event({"type": "app_uninstalled"})
    space.slack.deliveries.request_url = other
    await space.types("+14155550177")

    assert "isn't installed" in space.slack.private("ann")[-1].text
    assert space.posts == 1
    for bot in bots:
        await bot.stop()


async def test_a_token_that_slack_calls_over_is_forgotten_without_any_event(
    space: Town, caplog: pytest.LogCaptureFixture
) -> None:
    """Slack's event may get lost while the bot is down; the call still ends."""
    await install(space)
    await connect(space)
    await space.open()
    space.slack.faults.add(
        "error", "chat.postMessage", error="account_inactive", times=1
    )

    await space.types()
    team = space.slack.workspace.team
    async with beside(space) as store:
        async with asyncio.timeout(PATIENCE):
            while await installations_of(store).find("", team) is not None:
                await asyncio.sleep(0.01)
            while await in_state(store, *_OPEN):
                await asyncio.sleep(0.01)

    assert space.posts == 0
    assert f"workspace {team}: Slack says its token is revoked" in caplog.text


async def test_a_call_whose_workspace_leaves_meanwhile_ends(space: Town) -> None:
    """The call is followed to its end, even though nobody can be told any more."""
    await install(space)
    await connect(space)
    await space.open()
    await space.types()
    await space.until(space.cards)

    await space.slack.event({"type": "app_uninstalled"})

    async with beside(space) as store, asyncio.timeout(PATIENCE):
        while await in_state(store, *_OPEN):
            await asyncio.sleep(0.01)
    assert space.posts == 1


async def test_the_address_for_installing_is_there_only_where_it_is_of_use(
    closed_town: Town,
) -> None:
    """A bot with one workspace's token has nothing to install."""
    closed_town.env["PORT"] = "0"
    await closed_town.open()
    assert closed_town.bot is not None
    assert closed_town.bot.server is not None
    for path in ("/slack/install", "/slack/oauth_redirect"):
        async with aiohttp.request("GET", closed_town.bot.server.address + path) as got:
            assert got.status == 404


async def test_reading_whose_token_it_is_costs_little(space: Town) -> None:
    """It is read for each request; it took 0.22 ms of processor time."""
    await install(space)
    team = space.slack.workspace.team
    async with beside(space) as store:
        found = installations_of(store)
        begun = time.process_time()
        for _ in range(200):
            assert await found.find("", team) is not None
        spent = (time.process_time() - begun) / 200

    assert spent < 0.005, f"{spent * 1000:.2f} ms"


# Uninstalling, seen from the inside


@dataclass
class Yard:
    """Workspaces on a scripted Slack, and what their uninstall ended."""

    workspaces: Workspaces
    far: Far
    clock: FakeClock
    background: Background
    store: Store
    gone: list[tuple[str, ...]] = field(default_factory=list)

    async def hears(self, event: SlackEvent) -> None:
        """Handle an event, and wait for everything it starts."""
        handlers = self.workspaces.events({})._handlers
        later = await handlers[event.kind](event)
        if later is not None:
            await later()
        await self.background.settle(1)


@pytest.fixture(params=["many", "one"])
async def yard(
    request: pytest.FixtureRequest,
    calls_url: str,
    monkeypatch: pytest.MonkeyPatch,
) -> AsyncIterator[Yard]:
    """Return a yard for any workspace, or for a single one."""
    env = {
        "SLACK_SIGNING_SECRET": "s",
        "RINGOUT_SECRET_KEY": new_key(),
        "RC_APP_CLIENT_ID": "i",
        "RC_APP_CLIENT_SECRET": "s",
        "DATABASE_URL": calls_url,
        "PUBLIC_URL": "https://bot.example",
    }
    many = {"SLACK_CLIENT_ID": "1.2", "SLACK_CLIENT_SECRET": "c"}
    one = {"SLACK_BOT_TOKEN": "xoxb-one"}
    chosen = reading.read(env | (many if request.param == "many" else one))
    store = Store(chosen.database_url)
    await store.open()
    gone: list[tuple[str, ...]] = []

    async def left(enterprise: str, team: str, user: str = "") -> None:
        gone.append((enterprise, team, user) if user else (enterprise, team))

    clock, background, far = FakeClock(), Background(), Far()
    async with aiohttp.ClientSession() as session:
        workspaces = Workspaces(
            chosen,
            session,
            store.writer,
            clock,
            background,
            people_left=left,
            tell_of=tell_nobody,
        )
        monkeypatch.setattr(workspaces, "client", lambda _token: far)
        yield Yard(workspaces, far, clock, background, store, gone)
    store.close()


def uninstalled(yard: Yard, *, ago: float = 0.0, **changes: object) -> SlackEvent:
    """Return Slack's event of an uninstall."""
    at = yard.clock.now().timestamp() - ago
    values: dict[str, object] = {
        "id": "Ev1",
        "kind": "app_uninstalled",
        "enterprise": "",
        "team": "T1",
        "at": at,
    }
    return SlackEvent(**(values | changes))  # type: ignore[arg-type]


many = pytest.mark.parametrize("yard", ["many"], indirect=True)
one = pytest.mark.parametrize("yard", ["one"], indirect=True)


@many
async def test_what_belonged_to_a_workspace_ends_once(yard: Yard) -> None:
    """Slack reports one uninstall twice: as app_uninstalled and tokens_revoked."""
    await yard.workspaces.installations.put(in_("T1"))
    await yard.workspaces.installations.put(in_("T2"))
    yard.clock.pass_by(3600)

    await yard.hears(uninstalled(yard))
    await yard.hears(uninstalled(yard, kind="tokens_revoked", bots=("UBOT",)))

    assert yard.gone == [("", "T1")]
    assert await yard.workspaces.installations.find("", "T2") == in_("T2")
    assert await yard.workspaces.installations.left() == []
    assert yard.far.asked == []


@many
async def test_what_belonged_to_a_workspace_waits_for_the_database(
    yard: Yard, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Otherwise its people's sign-ins would be renewed until the next start."""
    await yard.workspaces.installations.put(in_("T1"))
    yard.clock.pass_by(3600)
    find, fails = yard.workspaces.installations.find, [StoreUnavailable("away")] * 2

    async def away(enterprise: str, team: str) -> Installation | None:
        if fails and await yard.workspaces.installations.left():
            raise fails.pop()
        return await find(enterprise, team)

    monkeypatch.setattr(yard.workspaces.installations, "find", away)

    await yard.hears(uninstalled(yard))

    assert yard.gone == [("", "T1")]
    assert fails == []


@many
async def test_a_refused_token_waits_for_the_database(yard: Yard) -> None:
    """The caller must learn that Slack refused it, not that a database failed."""
    await yard.workspaces.installations.put(in_("T1"))
    yard.store.close()

    await yard.workspaces._token_revoked(in_("T1"))

    assert yard.gone == []


@many
async def test_an_old_uninstall_does_not_undo_a_new_installation(yard: Yard) -> None:
    """Slack repeats an event for minutes, and may deliver it late."""
    yard.clock.pass_by(3600)
    await yard.workspaces.installations.put(in_("T1", installed_at=yard.clock.now()))

    await yard.hears(uninstalled(yard, ago=300))
    assert await yard.workspaces.installations.find("", "T1") is not None
    assert yard.gone == []

    yard.far.answers["auth.test"] = refused("account_inactive")
    await yard.hears(uninstalled(yard))
    assert yard.gone == [("", "T1")]


@many
async def test_an_organization_leaves_as_a_whole_its_workspaces_on_their_own(
    yard: Yard,
) -> None:
    """A workspace's own installation does not belong to the organization."""
    await yard.workspaces.installations.put(in_("", "E1"))
    await yard.workspaces.installations.put(in_("T2", "E1"))
    yard.clock.pass_by(3600)

    await yard.hears(uninstalled(yard, enterprise="E1", team="T2"))
    assert yard.gone == []  # the organization's token serves it now
    assert await yard.workspaces.installations.find("E1", "T2") is not None

    await yard.hears(uninstalled(yard, enterprise="E1", team="", org_wide=True))
    assert yard.gone == [("E1", "")]
    assert await yard.workspaces.installations.find("E1", "T2") is None


@many
async def test_a_workspace_that_its_organization_puts_out_leaves_alone(
    yard: Yard,
) -> None:
    """The organization's token must keep working for the others."""
    await yard.workspaces.installations.put(in_("", "E1"))

    await yard.hears(
        uninstalled(
            yard, kind="team_access_revoked", enterprise="E1", team="", teams=("T2",)
        )
    )

    assert yard.gone == [("E1", "T2")]
    assert await yard.workspaces.installations.find("E1", "T1") is not None


@many
async def test_what_a_process_left_undone_is_done_at_the_next_start(
    yard: Yard,
) -> None:
    """It died after deleting the token, before ending what belonged to it."""
    await yard.workspaces.installations.put(in_("T1"))
    await yard.workspaces.installations.leave("", "T1", yard.clock.now())
    yard.far.answers["api.test"] = {"ok": True}
    yard.workspaces.spaces.plain = yard.far

    await yard.workspaces.arrive()
    await yard.background.settle(1)

    assert yard.gone == [("", "T1")]
    assert await yard.workspaces.installations.left() == []


async def test_who_takes_back_what_they_allowed_is_left_alone(yard: Yard) -> None:
    """One person's revoked token must not uninstall the workspace."""
    if yard.workspaces.install_url:
        await yard.workspaces.installations.put(in_("T1"))

    await yard.hears(uninstalled(yard, kind="tokens_revoked", people=("U1", "U2")))
    await yard.hears(uninstalled(yard, kind="tokens_revoked"))

    assert yard.gone == [("", "T1", "U1"), ("", "T1", "U2")]
    if yard.workspaces.install_url:
        assert await yard.workspaces.installations.find("", "T1") is not None


@one
async def test_the_one_workspace_leaves_too(yard: Yard) -> None:
    """Its people may have connected accounts; an old event must end nothing."""
    await yard.hears(uninstalled(yard))
    assert yard.gone == []

    yard.far.answers["auth.test"] = refused("token_revoked")
    await yard.hears(uninstalled(yard))
    assert yard.gone == [("", "T1")]


@many
async def test_without_its_key_a_workspace_can_still_leave(
    yard: Yard, calls_url: str
) -> None:
    """After the key is lost, what is stored must still be deleted."""
    other = Workspaces(
        reading.read(
            {
                "SLACK_CLIENT_ID": "1.2",
                "SLACK_CLIENT_SECRET": "c",
                "SLACK_SIGNING_SECRET": "s",
                "RINGOUT_SECRET_KEY": new_key(),
                "RC_APP_CLIENT_ID": "i",
                "RC_APP_CLIENT_SECRET": "s",
                "DATABASE_URL": calls_url,
                "PUBLIC_URL": "https://bot.example",
            }
        ),
        aiohttp.ClientSession(),
        yard.store.writer,
        yard.clock,
        yard.background,
        people_left=yard.workspaces._people_left,
        tell_of=tell_nobody,
    )
    await other.installations.put(in_("T1"))
    await other._session.close()

    await yard.hears(uninstalled(yard))

    assert yard.gone == [("", "T1")]


# The doctor


async def test_the_doctor_knows_an_app_for_any_workspace(
    space: Town, capsys: pytest.CaptureFixture[str]
) -> None:
    """It checks credentials, address and each token, without installing anything."""
    async with beside(space):
        pass
    code, none_yet = await examined(space, capsys)
    await install(space)
    code, out = await examined(space, capsys)

    assert code == 0, out
    assert "installations: none yet" in none_yet
    assert "ok    Slack app credentials: accepted by Slack" in out
    assert f"installed at {space.env['PUBLIC_URL']}/slack/install" in out
    assert "ok    installations: 1, with good tokens" in out
    assert (
        f"warn  guests: users:read was not granted in {space.slack.workspace.team}"
        in out
    )
    assert "Until then guests are not kept out" in out


async def test_the_doctor_names_what_can_not_be_used(
    space: Town, capsys: pytest.CaptureFixture[str]
) -> None:
    """A lost key, a revoked token, or a secret of another app."""
    space.env["SLACK_CLIENT_SECRET"] = "another app's"
    await install(space, token="xoxb-nobody's")
    code, out = await examined(space, capsys)
    team = space.slack.workspace.team

    assert code == 1
    assert "FAIL  Slack app credentials" in out
    assert f"1 of 1 can't be used: {team}: invalid_auth" in out

    space.env["RINGOUT_SECRET_KEY"] = new_key()
    _, out = await examined(space, capsys)
    assert f"{team}: no key fits" in out
