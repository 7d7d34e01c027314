"""A bot with one workspace's token does nothing for people of another one."""

from __future__ import annotations

import json
import logging
from collections.abc import AsyncIterator, Callable
from types import SimpleNamespace
from typing import Any

import pytest
from slack_bolt.async_app import AsyncApp, AsyncBoltRequest

from bolt_bot import a_slack
from bot.background import Background
from bot.calls.call import Place
from bot.errors import ChatBusy
from bot.slack.entrances import bolt
from bot.slack.entrances.adapter import Adapter
from bot.slack.posting import web
from bot.slack.posting.arrival import Identity
from bot.slack.posting.origin import stamp_of
from bot.slack.posting.spaces import OneSpace
from bot.slack.posting.views import Views
from bot.slack.texts import forms
from bot.slack.texts.text import Message
from bot.telemetry.throttle import Throttle
from fakes import FakeClock
from slack_payloads import command, pressed

URL = "https://hooks.slack.com/actions/1"
HOME = "T0SANDBOX"
EVENT = {"type": "event_callback", "event": {"type": "user_change", "user": "U1"}}
SUBMITTED = {
    "type": "view_submission",
    "user": {"id": "U1", "team_id": HOME},
    "view": {"id": "V1", "type": "modal", "callback_id": "f"},
}
KINDS: dict[str, Callable[[str], dict[str, Any]]] = {
    "command": lambda team: command("/ringout", "x") | {"team_id": team},
    "action": lambda team: (
        pressed("b", "v") | {"team": {"id": team}, "response_url": URL}
    ),
    "view": lambda team: SUBMITTED | {"team": {"id": team}},
    "event": lambda team: EVENT | {"authorizations": [{"team_id": team}]},
}


class Workspace:
    """A bot of one workspace: what its listeners were handed, and what people are told."""

    def __init__(self, spaces: OneSpace) -> None:
        self.spaces = spaces
        self.handled: list[str] = []
        self.told: list[tuple[str, str]] = []
        self.app = bolt.make(spaces, tell=self.note)
        self._listen(self.app)

    def note(self, url: str, said: Message) -> None:
        """Keep what a person is told by a response_url."""
        self.told.append((url, said.text))

    def _listen(self, app: AsyncApp) -> None:
        async def listener(ack: Any, body: dict[str, Any]) -> None:
            self.handled.append(str(body.get("type") or "command"))
            await ack()

        app.command("/ringout")(listener)
        app.action("b")(listener)
        app.view("f")(listener)
        app.event("user_change")(listener)

    async def hears(self, body: dict[str, Any]) -> tuple[int, str]:
        """Deliver a payload as Slack does; return the answer's status and text."""
        request = AsyncBoltRequest(mode="socket_mode", body=body)
        answer = await self.app.async_dispatch(request)
        return answer.status, answer.body


@pytest.fixture
async def spaces() -> AsyncIterator[OneSpace]:
    """Give the workspace of a token that Slack has not been asked about yet."""
    async with a_slack() as slack, web.session() as session:
        yield OneSpace(web.client(slack.bot_token, slack.api_url, session))


@pytest.mark.parametrize("kind", KINDS)
async def test_a_payload_of_another_workspace_reaches_no_handler(
    spaces: OneSpace, kind: str
) -> None:
    """It would be answered and dialed with this workspace's token and account."""
    await spaces.arrive(FakeClock())
    here = Workspace(spaces)

    own = await here.hears(KINDS[kind](HOME))
    strange = await here.hears(KINDS[kind]("T9"))

    assert (own[0], strange[0]) == (200, 200)
    assert len(here.handled) == 1
    said = strange[1] + str(here.told)
    assert ("isn't installed in this workspace" in said) == (kind != "event")
    assert [url for url, _ in here.told] == ([URL] if kind == "action" else [])
    if kind == "view":
        assert json.loads(strange[1])["response_action"] == "update"


@pytest.mark.parametrize("kind", KINDS)
async def test_nobody_is_turned_away_before_the_workspace_is_known(
    spaces: OneSpace, kind: str
) -> None:
    """Slack delivers an event again; a person is not told that nothing is installed."""
    here = Workspace(spaces)

    status, said = await here.hears(KINDS[kind](HOME))

    assert (here.handled, here.told) == ([], [])
    assert status == (200 if kind == "command" else 503)
    assert "not installed" not in said
    with pytest.raises(ChatBusy):
        await spaces.admit("", HOME)


@pytest.mark.parametrize("kind", KINDS)
async def test_another_workspace_that_goes_on_and_on_is_one_line_a_second(
    spaces: OneSpace, kind: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Whoever installed the app elsewhere could fill this operator's disk."""
    await spaces.arrive(FakeClock())
    here, throttle = Workspace(spaces), Throttle(lambda: 0.0)
    caplog.clear()

    for _ in range(9):
        await here.hears(KINDS[kind]("T9"))

    said = [each for each in caplog.records if each.levelno >= logging.WARNING]
    assert len(said) >= 9
    assert len(list(filter(throttle.filter, said))) == 1


# A token of a whole organization


WHOLE = {"team_id": None, "is_enterprise_install": True}


def of_org(kind: str, enterprise: str) -> Any:
    """Return a payload as an organization-wide installation receives it."""
    org = {"enterprise": {"id": enterprise, "name": "Org"}}
    mine = {"is_enterprise_install": True, "team": None}
    if kind == "command":
        whole = {"enterprise_id": enterprise, "is_enterprise_install": "true"}
        return command("/ringout", "x") | whole | {"team_id": "T7"}
    if kind == "action":
        return pressed("b", "v") | org | mine
    if kind == "view":
        return SUBMITTED | org | mine
    authorization = WHOLE | {"enterprise_id": enterprise}
    return (
        EVENT
        | {"team_id": "T9", "enterprise_id": "E9"}
        | {"authorizations": [authorization]}
    )


@pytest.mark.parametrize("kind", KINDS)
async def test_a_token_of_an_organization_answers_that_organization_alone(
    kind: str,
) -> None:
    """Whichever of its workspaces; a payload that names none of them is nobody's."""
    async with web.session() as session:
        spaces = OneSpace(web.client("xoxb-1", "http://127.0.0.1:9/", session))
        spaces._identity = Identity(
            team="E1", user="U9", bot="B9", enterprise="E1", is_org_wide=True
        )
        here = Workspace(spaces)

        await here.hears(of_org(kind, "E1"))
        own = len(here.handled)
        for other in ("E9", ""):
            await here.hears(of_org(kind, other))

    assert (own, len(here.handled)) == (1, 1)


# What a stranger is told, and where a form belongs


async def test_an_answer_to_a_stranger_goes_to_their_response_url() -> None:
    """A pressed button has no other answer; without a URL there is nothing to do."""
    sent: list[tuple[str, dict[str, Any]]] = []

    class Urls:
        async def send(self, url: str, body: dict[str, Any]) -> tuple[int, str]:
            sent.append((url, body))
            return 200, "ok"

    background = Background()
    adapter = Adapter(background, Urls(), None)  # type: ignore[arg-type]
    adapter.tell(URL, Message("Not here."))
    adapter.tell("", Message("Not here."))
    assert not await background.settle(10)

    assert sent == [(URL, {"text": "Not here."})]


class Shown:
    """Slack's Web API, and its workspaces: keeps the views that it is sent."""

    def __init__(self) -> None:
        self.views: list[Any] = []

    async def client(self, enterprise: str, team: str) -> Shown:
        """Return itself, whichever workspace is asked for."""
        del enterprise, team
        return self

    async def views_open(self, *, trigger_id: str, view: Any) -> Any:
        """Show a modal."""
        del trigger_id
        self.views.append(view)
        return SimpleNamespace(data={"ok": True, "view": {"id": "V1"}})

    async def views_update(self, *, view_id: str, view: Any) -> Any:
        """Change a modal."""
        return await self.views_open(trigger_id=view_id, view=view)


async def test_a_modal_carries_where_it_was_opened_also_when_it_is_changed() -> None:
    """A submission may name another workspace, and must act where the person was."""
    place, slack = Place(HOME, "C1", "U0ANN", "E1"), Shown()
    views = Views(slack)  # type: ignore[arg-type]

    opened = await views.open(place, "1.2.3", forms.jwt_form("c"))
    await views.update(place, opened, forms.note("t", "x"))

    assert len(slack.views) == 2
    for view in slack.views:
        assert stamp_of(view) == Place(HOME, "", "U0ANN", "E1")
