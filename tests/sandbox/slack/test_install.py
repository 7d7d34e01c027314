"""The Slack double's way from "Add to Slack" to a token, step by step."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import aiohttp
import pytest
from slack_sdk.web.async_client import AsyncWebClient

from bolt_bot import a_slack, client_of, refusal
from bot.sandbox.slack.browser import NoInstallError
from bot.sandbox.slack.double import Enterprise, SlackDouble, SlackTeam

# slack_sdk 3.47 sends the app's secret with what aiohttp 3.14 calls deprecated.
pytestmark = pytest.mark.filterwarnings("ignore:BasicAuth is deprecated")

CALLBACK = "https://bot.example/slack/oauth_redirect"
CORP = Enterprise("E0CORP", "Corp")
WANTED = "chat:write,commands"


@pytest.fixture
async def slack() -> AsyncIterator[SlackDouble]:
    """Return a running double without limits, which knows the bot's callback."""
    async with a_slack() as double:
        double.oauth.redirect_urls = [CALLBACK]
        yield double


@pytest.fixture
def other(slack: SlackDouble) -> SlackTeam:
    """Return a workspace in which nothing is installed."""
    return slack.add_team("T0OTHER", 'Other & "Sons"', scopes=None)


def link(slack: SlackDouble, **changes: str) -> str:
    """Return the app's link to Slack."""
    query = {
        "client_id": slack.app.client_id,
        "scope": WANTED,
        "user_scope": "",
        "redirect_uri": CALLBACK,
        "state": "a state/with+signs=",
        **changes,
    }
    kept = {name: value for name, value in query.items() if value or name == "scope"}
    return f"{slack.authorize_url}?{urlencode(kept)}"


def told(callback: str) -> dict[str, str]:
    """Return what the address that a browser is sent to says."""
    query = parse_qs(urlsplit(callback).query, strict_parsing=True)
    return {name: values[0] for name, values in query.items()}


async def a_code(slack: SlackDouble, team: str = "T0OTHER", **changes: str) -> str:
    """Return the code that Ann's browser comes back with."""
    return told(await slack.install(link(slack, **changes), team, "ann"))["code"]


def exchange(slack: SlackDouble, code: str, **changes: str) -> Any:
    """Exchange a code as the bot does."""
    values = {
        "client_id": slack.app.client_id,
        "client_secret": slack.app.client_secret,
        "redirect_uri": CALLBACK,
        **changes,
    }
    return client_of(slack, "").oauth_v2_access(code=code, **values)


async def test_somebody_adds_the_app_to_their_workspace(
    slack: SlackDouble, other: SlackTeam
) -> None:
    """The answer says which workspace, who the bot is there, and who added it."""
    callback = await slack.install(link(slack), other.workspace.team, "ann")
    answer = (await exchange(slack, told(callback)["code"])).data
    posting = client_of(slack, answer["access_token"]).chat_postMessage(
        channel="CT0OTHERSALES", text="Hi"
    )

    assert callback.startswith(f"{CALLBACK}?")
    assert told(callback)["state"] == "a state/with+signs="
    assert answer == {
        "ok": True,
        "access_token": other.bot_token,
        "token_type": "bot",
        "scope": WANTED,
        "bot_user_id": other.workspace.bot.id,
        "app_id": slack.app.id,
        "team": {"id": "T0OTHER", "name": 'Other & "Sons"'},
        "enterprise": None,
        "is_enterprise_install": False,
        "authed_user": {"id": "U0ANN"},
    }
    assert await refusal(posting) == "not_in_channel"
    other.invite("sales")
    assert (await slack_post(slack, other))["ok"]


async def slack_post(slack: SlackDouble, team: SlackTeam) -> Any:
    """Post into the team's #sales with its token."""
    client = client_of(slack, team.bot_token)
    return await client.chat_postMessage(channel=team.channel("sales").id, text="Hi")


async def test_a_code_is_good_once_and_for_ten_minutes(
    slack: SlackDouble, other: SlackTeam
) -> None:
    """A replayed callback must not install anything."""
    code = await a_code(slack)
    assert (await exchange(slack, code))["ok"]
    assert await refusal(exchange(slack, code)) == "code_already_used"
    assert await refusal(exchange(slack, "1.2.made-up")) == "invalid_code"
    late = await a_code(slack)
    slack.oauth.code_seconds = 0
    assert await refusal(exchange(slack, late)) == "invalid_code"
    assert other.workspace.grant is not None


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"client_id": "1.2"}, "invalid_client_id"),
        ({"client_secret": "wrong"}, "bad_client_secret"),
        ({"client_secret": ""}, "bad_client_secret"),
        ({"redirect_uri": f"{CALLBACK}/elsewhere"}, "bad_redirect_uri"),
        ({"redirect_uri": ""}, "bad_redirect_uri"),
        ({"grant_type": "refresh_token"}, "invalid_grant_type"),
    ],
)
async def test_a_code_is_nothing_to_others(
    slack: SlackDouble, other: SlackTeam, changes: dict[str, str], word: str
) -> None:
    """Who has stolen a code lacks the secret; the code stays good for the app."""
    code = await a_code(slack)

    assert await refusal(exchange(slack, code, **changes)) == word
    assert other.workspace.grant is None
    assert (await exchange(slack, code))["ok"]


async def test_the_secret_may_come_by_basic_authentication(
    slack: SlackDouble, other: SlackTeam
) -> None:
    """Slack asks for that rather than for the form; garbage is no client."""
    pair = f"{slack.app.client_id}:{slack.app.client_secret}".encode()
    url = f"{slack.api_url}oauth.v2.access"
    form = {"code": await a_code(slack), "redirect_uri": CALLBACK}
    answers = []
    async with aiohttp.ClientSession() as session:
        for credentials in ("n/a", b64encode(pair).decode()):
            headers = {"Authorization": f"Basic {credentials}"}
            async with session.post(url, data=form, headers=headers) as sent:
                answers.append(await sent.json())

    assert answers[0]["error"] == "invalid_client_id"
    assert answers[1]["access_token"] == other.bot_token
    assert slack.calls[-1].token_kind == "none"
    slack.complaints.clear()  # the first was wrong on purpose


async def test_cancel_goes_back_without_a_code(
    slack: SlackDouble, other: SlackTeam
) -> None:
    """The bot says something kind, and nothing is installed."""
    callback = await slack.install(link(slack), "T0OTHER", "ann", deny=True)

    assert told(callback) == {"error": "access_denied", "state": "a state/with+signs="}
    assert other.workspace.grant is None


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"client_id": "1.2"}, "invalid_client_id"),
        ({"redirect_uri": "https://evil.example/slack/oauth_redirect"}, "bad_redirect"),
        ({"redirect_uri": "https://bot.example.evil.example/"}, "bad_redirect_uri"),
        ({"redirect_uri": f"{CALLBACK}_too"}, "bad_redirect_uri"),
        ({"scope": ""}, "no_scopes"),
        ({"scope": "chat:write,<b>"}, "invalid_scope"),
        ({"user_scope": "chat:write"}, "invalid_scope"),
    ],
)
async def test_a_wrong_link_ends_on_slacks_own_page(
    slack: SlackDouble, other: SlackTeam, changes: dict[str, str], word: str
) -> None:
    """Nobody is sent to an address that the app has not registered."""
    del other
    with pytest.raises(NoInstallError, match=word):
        await slack.install(link(slack, **changes), "T0OTHER", "ann")


async def test_the_way_back_may_be_left_out_or_lie_below(
    slack: SlackDouble, other: SlackTeam
) -> None:
    """Slack takes the registered one then; what was not sent is not asked for."""
    del other
    below = await slack.install(
        link(slack, redirect_uri=f"{CALLBACK}/team?x=1"), "T0OTHER", "ann"
    )
    left_out = await slack.install(link(slack, redirect_uri=""), "T0OTHER", "ann")
    answer = await exchange(slack, told(left_out)["code"], redirect_uri="")

    assert told(below)["x"] == "1"
    assert left_out.startswith(f"{CALLBACK}?code=")
    assert answer["ok"]
    slack.oauth.redirect_urls = []
    with pytest.raises(NoInstallError, match="bad_redirect_uri"):
        await slack.install(link(slack, redirect_uri=""), "T0OTHER", "ann")


async def test_the_page_is_for_people(slack: SlackDouble, other: SlackTeam) -> None:
    """In a real browser: names are text, each page is answered once, by a member."""
    slack.oauth.is_org_ready = False
    other.workspace.user("bob").deleted = True
    async with aiohttp.ClientSession() as browser:
        async with browser.get(link(slack, team="T0OTHER")) as shown:
            page, headers = await shown.text(), shown.headers
        name = re.findall(r'name="page" value="([^"]+)"', page)[0]
        form = {"page": name, "place": "T0OTHER", "person": "bob", "choice": "allow"}
        url = slack.authorize_url
        answers = []
        for person in ("bob", "nobody", "ann", "ann"):
            form["person"] = person
            async with browser.post(url, data=form, allow_redirects=False) as sent:
                answers.append((sent.status, await sent.text()))

    assert 'value="T0OTHER" selected>Other &amp; &quot;Sons&quot;<' in page
    assert "<code>chat:write</code>" in page
    assert "Corp" not in page
    assert headers["Cache-Control"] == "no-store"
    assert [status for status, _ in answers] == [400, 400, 302, 400]
    assert "access_denied" in answers[0][1]
    assert "expired_page" in answers[3][1]


async def test_a_scope_may_be_refused_and_asked_for_again(
    slack: SlackDouble, other: SlackTeam
) -> None:
    """Installing again gives the same token, and adds the scopes."""
    url = link(slack)
    partly = await slack.install(url, "T0OTHER", "ann", without=["commands"])
    first = (await exchange(slack, told(partly)["code"])).data
    assert (await other.command("ann", "sales", "/ringout")).error == "missing_scope"
    second = (await exchange(slack, await a_code(slack))).data

    assert (first["scope"], second["scope"]) == ("chat:write", WANTED)
    assert first["access_token"] == second["access_token"]


async def test_a_workspace_of_an_organization_says_so(slack: SlackDouble) -> None:
    """Both ids are needed to find the installation again."""
    slack.add_team("T0EAST", "East", CORP, scopes=None)
    answer = (await exchange(slack, await a_code(slack, "East"))).data
    who = await AsyncWebClient(
        token=answer["access_token"], base_url=slack.api_url
    ).auth_test()

    assert answer["team"] == {"id": "T0EAST", "name": "East"}
    assert answer["enterprise"] == {"id": "E0CORP", "name": "Corp"}
    assert answer["is_enterprise_install"] is False
    assert who["bot_id"] == slack.team("East").workspace.bot_id
