"""What an attacker would try, and what comes of it.

docs/threat-model.md describes the attackers; each test here proves a sentence there.
"""

from __future__ import annotations

import ast
import asyncio
import io
import json
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import aiohttp
import pytest
import requests
from aiohttp import web

from bot.app.bot import Bot
from bot.calls.call import Place, State
from bot.clock import RealClock
from bot.doctor import doctor
from bot.errors import Unreachable, UserError
from bot.policy.wish import CallEntrance
from bot.ringcentral.ring_out import _path
from bot.ringcentral.transport.transport import PooledClient
from bot.sandbox.slack.messages import Message
from bot.sandbox.slack.workspace import User
from bot.settings import reading
from bot.slack.entrances import buttons
from bot.slack.entrances.request import Request
from bot.slack.posting.response_urls import ResponseUrls, is_slack_url
from bot.slack.texts.text import LONGEST_FOREIGN, foreign
from checkout import ROOT
from enough import ENOUGH
from process import Process
from refused import refused
from selection import TRANSPORTS
from stored import in_state
from town import CALLEE, Town

SLACK = "https://slack.com/api/"
ANN = Place(team="T0SANDBOX", channel="C0SALES", user="U0ANN")


@dataclass
class Victim:
    """A server in the operator's network that nobody outside should reach."""

    url: str = ""
    sends_on_to: str = ""
    heard: list[str] = field(default_factory=list)
    bodies: list[str] = field(default_factory=list)

    async def hear(self, request: web.Request) -> web.Response:
        """Record a request, and redirect it if told to."""
        self.heard.append(f"{request.path} {request.headers.get('Authorization', '')}")
        self.bodies.append(await request.text())
        if self.sends_on_to and request.path != self.sends_on_to:
            raise web.HTTPTemporaryRedirect(self.sends_on_to)
        return web.Response(text="ok")


@asynccontextmanager
async def a_victim() -> AsyncIterator[Victim]:
    """Run a victim on 127.0.0.1."""
    victim = Victim()
    server = web.Application()
    server.router.add_route("*", "/{tail:.*}", victim.hear)
    runner = web.AppRunner(server, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    host, port = runner.addresses[0][:2]
    victim.url = f"http://{host}:{port}"
    try:
        yield victim
    finally:
        await runner.cleanup()


def somebody(town: Town, name: str) -> User:
    """Return a person of the workspace."""
    return town.slack.workspace.user(name)


# Where an attacker may make the bot send something


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://hooks.slack.com/commands/T1/2/x", True),
        ("https://hooks.slack-gov.com/commands/T1/2/x", True),
        ("https://slack.com/x", True),
        ("http://hooks.slack.com/commands/T1/2/x", False),
        ("https://hooks.slack.com:8443/x", False),
        ("https://hooks.slack.com.evil.example/x", False),
        ("https://evilslack.com/x", False),
        ("https://hooks.slack.com@evil.example/x", False),
        ("https://evil.example/?hooks.slack.com", False),
        ("https://evil.example#.slack.com", False),
        ("http://169.254.169.254/latest/meta-data/", False),
        ("http://127.0.0.1:5432/", False),
        ("https://[::1", False),
        ("https://hooks.slack.com:x/", False),
        ("file:///etc/passwd", False),
        ("", False),
    ],
)
def test_only_slacks_own_addresses_are_answered(url: str, *, expected: bool) -> None:
    """An attacker's response_url must not make the bot post anywhere else."""
    assert is_slack_url(url, SLACK) is expected


async def test_the_operators_network_is_not_asked_for_anybody(town: Town) -> None:
    """A response_url inside it is ignored; the person still gets an answer."""
    deliveries = town.slack.deliveries
    async with a_victim() as victim:
        place = town.slack.channel("sales")
        made = deliveries.command(somebody(town, "ann"), place, "/callstatus", "", None)
        made.payload["response_url"] = f"{victim.url}/admin"
        await deliveries.bring(made)
        await town.until(lambda: town.slack.private("ann"))

        assert victim.heard == []


async def test_an_answer_of_slacks_sends_us_nowhere_else() -> None:
    """A redirect would bypass the check of the address."""
    async with a_victim() as slack, aiohttp.ClientSession() as session:
        slack.sends_on_to = "/elsewhere"
        urls = ResponseUrls(session, RealClock(), f"{slack.url}/api/")

        status, _ = await urls.send(f"{slack.url}/response", {"text": "x"})

        assert status == 307
        assert slack.heard == ["/response "]


async def test_what_is_posted_to_an_address_is_private_whatever_it_says() -> None:
    """A response_url can also post to the whole channel, where nobody asked for it."""
    async with a_victim() as slack, aiohttp.ClientSession() as session:
        urls = ResponseUrls(session, RealClock(), f"{slack.url}/api/")

        for said in ({"text": "x"}, {"text": "x", "response_type": "in_channel"}):
            assert (await urls.send(f"{slack.url}/response", said))[0] == 200

        kinds = [json.loads(each)["response_type"] for each in slack.bodies]
        assert kinds == ["ephemeral", "ephemeral"]


async def test_ringcentral_sends_our_token_nowhere_else() -> None:
    """A forged redirect would otherwise hand the token to another server."""
    async with a_victim() as victim, a_victim() as ringcentral:
        ringcentral.sends_on_to = f"{victim.url}/x"
        client = PooledClient()
        request = requests.Request(
            "GET", f"{ringcentral.url}/a", headers={"Authorization": "Bearer x"}
        )

        with pytest.raises(Unreachable):
            await asyncio.to_thread(client.send, request)
        client.close()

        assert ringcentral.heard == ["/a Bearer x"]
        assert victim.heard == []


def test_an_odd_id_of_ringcentrals_stays_one_piece_of_the_path() -> None:
    """The id is part of our next request's path, which may be a DELETE."""
    assert _path("../../x?y=1#z").endswith("/ring-out/..%2F..%2Fx%3Fy%3D1%23z")


# What people type


LIVE = "<!channel> <@U0BOB> <https://evil.example|+1 415 555 0142> *x* @here"


async def test_what_is_typed_wakes_nobody(town: Town) -> None:
    """Text that would mention people is shown as typed, and only to its author."""
    for text in (LIVE, f"{CALLEE} from {LIVE}", f"from {LIVE}"):
        ack = await town.types(text)
        shown = json.dumps(ack.json)
        assert ack.ok
        assert ack.json.get("response_type", "ephemeral") == "ephemeral"
        for live in ("<!", "<@", "<http"):
            assert live not in shown

    assert town.posts == 0
    assert town.cards() == []


ATTACK = "'; DROP TABLE calls; --"


async def test_what_is_typed_or_pressed_is_no_sql(town: Town) -> None:
    """Values reach the database as parameters, never as SQL."""
    assert town.bot is not None
    assert town.bot.services is not None
    switchboard = town.bot.services.switchboard

    await town.types(ATTACK)
    await town.types(f"{CALLEE} from {ATTACK}")
    for place in (ANN, replace(ANN, user=ATTACK)):
        with pytest.raises(UserError):
            await switchboard.stop(place, "' OR '1'='1")
        with pytest.raises(UserError):
            await switchboard.place_again(
                ATTACK, place, ATTACK, entrance=CallEntrance.AGAIN
            )

    assert town.posts == 0
    assert (await town.types(trigger_id=ATTACK)).ok
    await town.finished()


FORGED = "\n2030-01-01 00:00:00,000 CRITICAL bot: all is lost"


async def test_what_is_typed_is_in_no_log(
    town: Town, caplog: pytest.LogCaptureFixture
) -> None:
    """Nobody may forge a log line, nor read there what other people typed."""
    caplog.set_level(logging.DEBUG, "bot")

    await town.types(f"+1 415 555 {FORGED}")
    await town.types(FORGED, command="/callstatus")
    await town.types()
    await town.finished()

    assert "all is lost" not in caplog.text
    assert "5550142" not in caplog.text


@pytest.mark.parametrize(
    "number",
    [
        "911",
        "+1 911",
        "112",
        "988",
        "+1 900 555 0142",
        "+1 415 976 1234",
        "+979 1 2345 6789",
        "+1 809 234 5678",
        "+1 876 234 5678",
        "+44 20 7946 0958",
        "+881 6 1234 5678",
        "+252 61 2345678",
    ],
)
async def test_what_would_cost_most_is_not_dialed(town: Town, number: str) -> None:
    """Expensive numbers are refused by default, as callee and as one's own phone."""
    for text in (number, f"{CALLEE} from {number}"):
        ack = await town.types(text)
        assert ack.ok
        assert "Calling you on" not in ack.text

    assert town.posts == 0
    assert town.cards() == []


# What people press


async def test_a_forged_button_dials_no_more_than_a_typed_number(town: Town) -> None:
    """A client may change the button's value, so the policy is checked again."""
    assert town.bot is not None
    services = town.bot.services
    assert services is not None
    for to in ("911", "+19005550142", "+442079460958", LIVE, None, ["x"]):
        request = Request(f"key {to}", ANN, json.dumps({"to": to, "from": None}))
        with pytest.raises(UserError):
            await buttons.call_anyway(request, services)
    for text in ("", "[]", "{}", "null", '{"to": 1}'):
        with pytest.raises(UserError):
            await buttons.call_anyway(Request("key", ANN, text), services)

    assert town.posts == 0


@pytest.mark.on_both
@pytest.mark.parametrize("http", TRANSPORTS)
async def test_nobody_presses_for_somebody_else(
    closed_town: Town, *, http: bool
) -> None:
    """Everybody who sees a card can press; what it begins is in the presser's name."""
    town = closed_town
    if http:
        town.use_http()
    await town.open()
    await town.types()
    card = await town.finished()
    assert town.bot is not None
    assert town.bot.services is not None
    switchboard = town.bot.services.switchboard

    (call,) = await in_state(town.bot._store, *State)
    with refused(UserError, match="Only the person who placed this call"):
        await switchboard.stop(replace(call.place, user="U0BOB"), call.id)
    await town.slack.click("bob", card, "call_again")
    theirs = await town.finished(1)
    with refused(UserError, match="don't have that call"):
        await switchboard.place_again(
            "k", replace(call.place, team="T2"), call.id, entrance=CallEntrance.AGAIN
        )

    assert "<@U0BOB>" in str(theirs.blocks)
    assert "<@U0BOB>" not in str(card.blocks)
    assert town.posts == 2


async def test_a_masked_number_is_shown_to_who_may_see_it(
    closed_town: Town, caplog: pytest.LogCaptureFixture
) -> None:
    """The one who placed the call, and admins; nobody else, and not the log."""
    town = closed_town
    caplog.set_level(logging.INFO)
    await town.open(RINGOUT_ADMINS=town.slack.workspace.user("bob").id)
    town.ringcentral.play("callee-busy")
    await town.types()
    card = await town.finished()
    (menu,) = [each for each in card.elements if each["type"] == "overflow"]
    choice = menu["options"][0]["value"]

    said = {}
    for user in ("ann", "bob", "carl"):
        before = len(town.slack.private(user))
        await town.slack.click(user, card, menu["action_id"], value=choice)
        await town.until(lambda: len(town.slack.private(user)) > before)  # noqa: B023
        said[user] = town.slack.private(user)[-1].text

    assert said["ann"] == said["bob"] == "+1 415-555-0142"
    assert "Only <@U0ANN> and admins can see this number." in said["carl"]
    assert caplog.text.count("its number was shown to") == 2
    assert "555-0142" not in caplog.text
    assert CALLEE not in caplog.text


# What an attacker may find later


async def test_the_database_holds_no_secret(town: Town) -> None:
    """It must hold phone numbers, but nothing that opens an account."""
    await town.types()
    await town.finished()
    await town.close()

    held = b"".join(each.read_bytes() for each in town.folder.glob("calls.db*"))
    logins = town.ringcentral.logins
    assert CALLEE.encode() in held
    for secret in (
        town.slack.bot_token,
        town.slack.app_token,
        town.slack.signing_secret,
        logins.jwt,
        logins.client_secret,
        "/response/",
        "http://",
        "https://",
    ):
        assert secret.encode() not in held


async def test_the_log_of_a_whole_call_holds_no_number_and_no_secret(
    closed_town: Town, tmp_path: Path
) -> None:
    """Operators send logs to whoever helps them."""
    town = closed_town
    process = Process(tmp_path, town.environment())
    await process.ready()
    await town.types()
    await town.finished()
    assert await process.terminated() == 0

    logins = town.ringcentral.logins
    assert "asked by U0ANN" in process.log
    for secret in (
        "4155550142",
        "6505550101",
        town.slack.bot_token,
        town.slack.app_token,
        logins.jwt,
        logins.client_secret,
        "/response/",
    ):
        assert secret not in process.log


async def test_a_name_does_not_speak_to_the_operators_terminal(
    closed_town: Town, capsys: pytest.CaptureFixture[str]
) -> None:
    """Names of workspaces and phones come from outside and may hold escape codes."""
    closed_town.slack.workspace.domain = "x\x1b]0;owned\x07\x1b[2J\nok    forged: y"

    await doctor.examine(closed_town.settings(), ())
    lines = capsys.readouterr().out.splitlines()

    assert any("owned" in line.lower() for line in lines)
    assert not any("\x1b" in line or "\x07" in line for line in lines)
    assert not any(line.startswith("ok    forged") for line in lines)


def test_a_name_turns_no_line_around() -> None:
    """A right-to-left override could make one side's result look like the other's."""
    shown = foreign("Busy\u202e derewsna\u2066 \x1b[31m\x00\ufeffx\n\u2028y")

    assert shown == "Busy derewsna [31mx y"


def test_a_name_is_cut_to_length() -> None:
    """A long one would push what the bot says out of a card, or make Slack refuse it."""
    long = foreign("x" * 10_000)

    assert (len(long), long[-2:]) == (LONGEST_FOREIGN, "x…")
    assert foreign("x" * LONGEST_FOREIGN) == "x" * LONGEST_FOREIGN


# What the operator runs


def test_nobody_outside_reaches_the_bot_unless_told() -> None:
    """It listens on its own machine only; the outside world meets a TLS proxy."""
    assert reading.read(ENOUGH).host == "127.0.0.1"


async def test_with_socket_mode_no_port_takes_commands(closed_town: Town) -> None:
    """The port is there for operators; nobody has to keep Slack's path from the world."""
    town = closed_town
    await town.open(PORT="0")
    assert town.bot is not None
    assert town.bot.server is not None
    address = f"{town.bot.server.address}/slack/events"

    async with aiohttp.ClientSession() as outside, outside.post(address) as answer:
        assert answer.status == 404


async def test_a_body_without_end_is_not_read(closed_town: Town) -> None:
    """An endless body must cost neither memory nor a signature check."""
    town = closed_town
    await town.open(
        SLACK_APP_TOKEN="", SLACK_SIGNING_SECRET=town.slack.signing_secret, PORT="0"
    )
    session = town.slack.deliveries.session
    assert session is not None
    body = "text=" + "x" * 1_100_000
    async with session.post(
        town.slack.deliveries.request_url,
        data=io.BytesIO(body.encode()),
        headers=town.slack.deliveries.signed(body),
    ) as response:
        assert response.status == 413

    assert town.slack.everything() == []


async def test_two_bots_on_one_token_dial_each_command_once(
    closed_town: Town, tmp_path: Path
) -> None:
    """Slack sends each command to one of the two.

    Each has its own database and does not know the other's calls, so it may refuse a
    button.
    """
    town = closed_town
    town.ringcentral.play("caller-busy")
    other = Bot(town.settings(DATABASE_URL=f"sqlite:///{tmp_path}/other.db"))
    await town.open()
    await other.start()
    try:
        people = ("ann", "bob")
        for number in range(6):
            assert (
                await town.types(f"+1415555014{number}", user=people[number % 2])
            ).ok
        await town.until(lambda: _over(town.cards()) == 6)
        assert town.posts == 6
        others = await in_state(other._store, *State)
        assert town.bot is not None
        assert town.bot.services is not None
        switchboard = town.bot.services.switchboard
        assert 0 < len(others) < 6
        for call in others:
            with refused(UserError, match="don't have that call"):
                await switchboard.place_again(
                    "k", call.place, call.id, entrance=CallEntrance.AGAIN
                )
    finally:
        await other.stop()


def _over(cards: list[Message]) -> int:
    return sum("call_again" in str(card.blocks) for card in cards)


# What the code must not do

DANGEROUS = {"pickle", "marshal", "shelve", "dill", "subprocess", "pty", "ctypes"}
CALLS = {"eval", "exec", "compile", "__import__", "os.system", "os.popen", "yaml.load"}


def _called(function: ast.expr) -> str:
    """Return the name of a function, or its module's and its own."""
    if isinstance(function, ast.Attribute):
        return f"{_called(function.value)}.{function.attr}"
    return function.id if isinstance(function, ast.Name) else ""


def test_nothing_that_is_read_can_run() -> None:
    """No pickle, eval or shell; YAML without objects; certificates are checked."""
    for path in (ROOT / "bot").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names: list[str] = []
            if isinstance(node, ast.Import):
                names = [each.name for each in node.names]
            elif isinstance(node, ast.ImportFrom):
                names = [node.module or ""]
            elif isinstance(node, ast.Call):
                assert _called(node.func) not in CALLS, path
                for given in node.keywords:
                    value = given.value
                    off = isinstance(value, ast.Constant) and value.value is False
                    assert not (given.arg in {"verify", "ssl"} and off), path
            assert not {each.split(".")[0] for each in names} & DANGEROUS, path
