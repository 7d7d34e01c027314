"""Slack's events: acked, handled once, delivered again after a failure."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import aiohttp
import pytest
from slack_bolt import BoltResponse
from slack_bolt.async_app import AsyncApp, AsyncBoltRequest
from slack_bolt.authorization import AuthorizeResult
from slack_sdk.web.async_client import AsyncWebClient

from bot.background import Background
from bot.calls.people.installation import Installation
from bot.errors import ChatBusy, ChatRefused, StoreUnavailable
from bot.slack.entrances import bolt
from bot.slack.entrances.event import SlackEvent
from bot.slack.entrances.events import EVENTS, AfterAck, Events, kind_of
from bot.slack.posting import web
from bot.slack.posting.spaces import ManySpaces
from bot.vault import Undecryptable
from fakes import FakeClock
from installed import in_
from selection import TRANSPORTS
from town import Town


class Home:
    """Spaces where one team is installed; counts who asked."""

    ahead = timedelta(0)

    def __init__(self) -> None:
        self.plain = AsyncWebClient(base_url="http://127.0.0.1:9/")
        self.asked: list[tuple[str, str]] = []
        self.failure: Exception | None = None

    async def client(self, enterprise: str, team: str) -> AsyncWebClient:
        """Return the one client."""
        del enterprise, team
        return self.plain

    async def serves(self, enterprise: str, team: str) -> bool:
        """Know every workspace."""
        del enterprise, team
        return True

    async def admit(self, enterprise: str, team: str) -> AuthorizeResult | None:
        """Know team T1 alone."""
        self.asked.append((enterprise, team))
        if self.failure is not None:
            raise self.failure
        if team != "T1":
            return None
        return AuthorizeResult(
            enterprise_id=None, team_id=team, bot_token="xoxb-1", bot_user_id="UBOT"
        )


def told(kind: str, team: str = "T1", **changes: Any) -> dict[str, Any]:
    """Return an event as Slack wraps it."""
    body = {
        "type": "event_callback",
        "team_id": team,
        "event_id": "Ev1",
        "event_time": 1_700_000_000,
        "event": {"type": kind, "user": "U1", "channel": "D1", "tab": "home"},
    }
    return body | changes


async def sent(app: AsyncApp, body: dict[str, Any]) -> BoltResponse:
    """Bring a payload to the app, as the door and the socket do."""
    return await app.async_dispatch(AsyncBoltRequest(mode="socket_mode", body=body))


def app_of(
    take: Callable[[SlackEvent], Awaitable[AfterAck | None]], kind: str, home: Home
) -> tuple[AsyncApp, Background]:
    """Return an app in which *take* handles one kind of event."""
    background = Background()
    app = bolt.make(home, install_url="https://bot.example/slack/install")
    Events(background, {kind: take}).register(app)
    return app, background


MENTION = {"text": "hello", "channel": "C1", "ts": "1790000000.000100"}
WRITTEN: dict[str, dict[str, Any]] = {
    "app_mention": MENTION,
    "message": {**MENTION, "channel_type": "im"},
    "subteam_members_changed": {
        "subteam_id": "S1",
        "team_id": "T0SANDBOX",
        "date_previous_update": 1_790_000_000,
        "date_update": 1_790_000_001,
        "added_users": ["U1"],
        "added_users_count": 1,
        "removed_users": [],
        "removed_users_count": 0,
    },
    "subteam_updated": {
        "subteam": {
            "id": "S1",
            "team_id": "T0SANDBOX",
            "is_usergroup": True,
            "date_delete": 0,
            "users": ["U1"],
        }
    },
}
OF_NOBODY = {"subteam_members_changed", "subteam_updated"}
"""Events that name no one person."""


@pytest.mark.long_table
@pytest.mark.parametrize("kind", sorted({kind_of(each) for each in EVENTS}))
@pytest.mark.parametrize("http", TRANSPORTS)
async def test_every_event_is_acked_by_socket_and_by_http(
    closed_town: Town, kind: str, *, http: bool
) -> None:
    """Slack stops sending events to an app whose deliveries mostly fail."""
    if http:
        secret = closed_town.slack.signing_secret
        closed_town.env |= {"SLACK_APP_TOKEN": "", "SLACK_SIGNING_SECRET": secret}
        closed_town.env["PORT"] = "0"
    await closed_town.open()

    more = WRITTEN.get(kind, {"tokens": {}})
    who = {} if kind in OF_NOBODY else {"user": "U1"}
    ack = await closed_town.slack.event({"type": kind, **who, **more})

    assert (ack.ok, ack.status) == (True, 200)


async def test_an_event_is_read_in_one_place_and_handed_on_once() -> None:
    """Slack delivers an event again if it did not receive the ack."""
    seen: list[SlackEvent] = []

    async def take(event: SlackEvent) -> None:
        seen.append(event)

    app, _ = app_of(take, "app_home_opened", Home())
    for _ in range(2):
        assert (await sent(app, told("app_home_opened"))).status == 200
    await sent(app, told("app_home_opened", event_id="Ev2"))

    assert [event.id for event in seen] == ["Ev1", "Ev2"]
    assert seen[0] == SlackEvent(
        id="Ev1",
        kind="app_home_opened",
        enterprise="",
        team="T1",
        user="U1",
        channel="D1",
        tab="home",
        at=1_700_000_000.0,
    )


async def test_what_takes_long_follows_the_ack() -> None:
    """Slack waits for three seconds, and RingCentral may take longer."""
    done: list[str] = []

    async def take(event: SlackEvent) -> AfterAck:
        async def later() -> None:
            done.append(event.user)

        return later

    app, background = app_of(take, "user_change", Home())
    response = await sent(app, told("user_change"))

    assert (response.status, done) == (200, [])
    await background.settle(1)
    assert done == ["U1"]


async def test_an_event_that_could_not_be_stored_comes_again() -> None:
    """An uninstall that could not be stored must be delivered again."""
    failures: list[Exception] = [StoreUnavailable("gone"), ValueError("ours")]
    taken = []

    async def take(event: SlackEvent) -> None:
        if failures:
            raise failures.pop()
        taken.append(event.id)

    app, _ = app_of(take, "app_uninstalled", Home())
    statuses = [(await sent(app, told("app_uninstalled"))).status for _ in range(4)]

    assert statuses == [503, 503, 200, 200]
    assert taken == ["Ev1"]


async def test_an_event_that_takes_too_long_comes_again() -> None:
    """The database may be slow, and Slack repeats only what is not acked in time."""

    async def hang(_event: SlackEvent) -> None:
        await asyncio.Event().wait()

    app = bolt.make(Home(), install_url="")
    Events(Background(), {"user_change": hang}, ack_within=0.01).register(app)

    assert (await sent(app, told("user_change"))).status == 503


async def test_an_uninstall_is_heard_though_nothing_is_installed_any_more() -> None:
    """Its token is gone by then; other events of a stranger are acked and ignored."""
    heard: list[str] = []

    async def take(event: SlackEvent) -> None:
        heard.append(event.team)

    for kind in ("app_uninstalled", "user_change"):
        home = Home()
        app, _ = app_of(take, kind, home)
        response = await sent(app, told(kind, team="T9"))
        assert response.status == 200
        assert home.asked == ([] if kind == "app_uninstalled" else [("", "T9")])
    assert heard == ["T9"]


async def test_a_handler_is_for_an_event_that_slack_tells_of() -> None:
    """One that the manifest does not name would never be called."""
    with pytest.raises(ValueError, match="manifest"):
        Events(Background(), {"reaction_added": app_of})  # type: ignore[dict-item]


COMMAND = {
    "command": "/ringout",
    "text": "x",
    "team_id": "T9",
    "user_id": "U1",
    "response_url": "http://127.0.0.1:9/x",
}


async def test_a_stranger_is_told_where_to_install_it_and_nobody_is_asked() -> None:
    """Bolt would post that to the response_url before its ack, in words of its own."""
    app = bolt.make(Home(), install_url="https://bot.example/slack/install")

    response = await sent(app, COMMAND)

    assert response.status == 200
    assert "isn't installed in this workspace" in response.body
    assert "https://bot.example/slack/install" in response.body
    assert "ephemeral" in response.body


@pytest.mark.parametrize("kind", ["block_actions", "message_action", "shortcut"])
async def test_a_stranger_hears_it_though_an_ack_shows_nothing(kind: str) -> None:
    """Of a button or a shortcut: otherwise it would seem to do nothing."""
    said: list[tuple[str, str]] = []
    app = bolt.make(Home(), tell=lambda url, message: said.append((url, message.text)))

    await sent(app, {"type": kind, "team": {"id": "T9"}, "response_url": "https://x"})

    [(url, text)] = said
    assert url == "https://x"
    assert "isn't installed in this workspace" in text


async def test_nobody_is_taken_for_a_stranger_because_the_database_is_away() -> None:
    """A command is told so; a click and an event count as not delivered."""
    home = Home()
    home.failure = ChatBusy(1)
    app = bolt.make(home)

    typed = await sent(app, COMMAND)
    clicked = await sent(app, {"type": "block_actions", "team": {"id": "T1"}})
    event = await sent(app, told("user_change"))

    assert (typed.status, clicked.status, event.status) == (200, 503, 503)
    assert "not installed" not in typed.body
    assert typed.body


async def test_slacks_check_of_the_address_needs_no_workspace() -> None:
    """It comes before anybody has installed the app."""
    home = Home()
    body = {"type": "url_verification", "challenge": "abc", "token": "t"}

    response = await sent(bolt.make(home), body)

    assert (response.status, home.asked) == (200, [])
    assert "abc" in response.body


async def test_many_workspaces_each_have_their_own_client() -> None:
    """By the place alone; nothing is asked of Slack."""
    revoked: list[Installation] = []
    found: dict[str, Installation | Exception] = {
        "T1": in_("T1"),
        "T2": in_("T2"),
        "T3": StoreUnavailable("x"),
        "T4": Undecryptable("no key"),
    }

    async def find(enterprise: str, team: str) -> Installation | None:
        del enterprise
        there = found.get(team)
        if isinstance(there, Exception):
            raise there
        return there

    async def note(installation: Installation) -> None:
        revoked.append(installation)

    async with aiohttp.ClientSession() as session:
        spaces = ManySpaces(
            find,
            lambda token, ended: web.client(
                token, "http://127.0.0.1:9/", session, on_revoked=ended
            ),
            note,
        )
        one, two = [await spaces.client("", team) for team in ("T1", "T2")]
        admitted = await spaces.admit("", "T2")

        assert (one.token, two.token) == (in_("T1").token, in_("T2").token)
        assert not spaces.plain.token
        assert admitted is not None
        assert (admitted.bot_user_id, admitted.bot_id) == ("UBOT", "BBOT")
        assert await spaces.admit("", "T9") is None
        with pytest.raises(ChatRefused, match="not_installed"):
            await spaces.client("", "T9")
        for broken in ("T3", "T4"):
            with pytest.raises(ChatBusy):
                await spaces.client("", broken)
    assert revoked == []


async def test_slacks_clock_is_learned_without_a_token(closed_town: Town) -> None:
    """Signatures are checked by it before anybody has installed the app."""

    async def find(*_: str) -> None:
        return None

    async def on_revoked(_: Installation) -> None:
        return None

    async with aiohttp.ClientSession() as session:
        spaces = ManySpaces(
            find,
            lambda token, ended: web.client(
                token, closed_town.slack.api_url, session, on_revoked=ended
            ),
            on_revoked,
        )
        clock = FakeClock()
        await spaces.arrive(clock)

    assert abs(spaces.ahead) > timedelta(0)
    assert [call.method for call in closed_town.slack.calls] == ["api.test"]
