"""Calls that come in on the demo's page, digests and the hook, without a browser."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp
import pytest
from standardwebhooks import Webhook

from bolt_bot import a_slack
from bot.sandbox.hook import new_hook_secret
from bot.sandbox.ringcentral.double import RingCentralDouble
from bot.sandbox.web.calling_in import JUST_CALLED, USUAL_CALLER, other_party
from bot.sandbox.web.deeds import BadDeed
from bot.sandbox.web.server import WebServer
from bot.workspaces import manifest
from crew import NoCrew
from ringcentral_api import logged_in

ACME, NORTHWIND = "+14155550171", "+14155550142"


@pytest.fixture
async def server() -> AsyncIterator[WebServer]:
    """Return a page's server that nobody asks over HTTP."""
    async with a_slack() as slack, RingCentralDouble() as ringcentral:
        yield WebServer(
            slack=slack,
            ringcentral=ringcentral,
            crew=NoCrew(),
            manifest=manifest.load(),
        )


def rung(far: RingCentralDouble, number: str, name: str, hours: float) -> None:
    """Put a missed call of *hours* ago into the log."""
    ago = timedelta(hours=hours)
    record = far.add_record("missed", caller=number, callee="+16505550101", ago=ago)
    record["from"]["name"] = name


async def phones(server: WebServer) -> dict[str, Any]:
    """Have the other party call; return what the page shows of it."""
    assert await server.deeds.do({"deed": "ring"}) == {}
    return the_call(server)


def the_call(server: WebServer) -> dict[str, Any]:
    """Return the newest call that the page shows."""
    calls = [item for key, item in server.picture().items() if "call:" in key]
    return max(calls, key=lambda each: each["placedAt"])


async def press(server: WebServer, side: str, what: str) -> Any:
    """Press a key of a phone; return whether it had an effect."""
    call = the_call(server)["id"]
    asked = {"deed": "phone", "call": call, "side": side, "what": what}
    return (await server.deeds.do(asked))["done"]


async def test_who_calls_is_the_other_party_of_before() -> None:
    """The same number twice joins one card; a name comes from what the log has."""
    async with RingCentralDouble() as far:
        assert other_party(far) == (USUAL_CALLER, "")
        rung(far, ACME, "ACME", 1)
        rung(far, NORTHWIND, "NORTHWIND", 2)
        assert other_party(far) == (ACME, "ACME")

        far.incoming.ring(NORTHWIND)

        assert other_party(far) == (NORTHWIND, "NORTHWIND")


async def test_nobody_calls_who_was_just_called() -> None:
    """The bot would take that for the first leg of its own call, and tell nobody."""
    async with logged_in(RingCentralDouble()) as api:
        far = api.double
        rung(far, NORTHWIND, "NORTHWIND", 1)
        rung(far, ACME, "ACME", 2)

        await api.ring_out(NORTHWIND)

        assert other_party(far) == (ACME, "ACME")
        far.clock.skip(JUST_CALLED)
        assert other_party(far) == (NORTHWIND, "NORTHWIND")


@pytest.mark.parametrize(
    ("keys", "ours", "theirs"),
    [
        ([], "ringing", "up"),
        ([("caller", "answer")], "up", "up"),
        ([("caller", "reject")], "ended", "hung up"),
        ([("callee", "hangup")], "ended", "hung up"),
        ([("caller", "answer"), ("callee", "hangup")], "hung up", "hung up"),
        ([("caller", "voicemail"), ("callee", "hangup")], "hung up", "hung up"),
    ],
)
async def test_both_phones_of_a_call_that_comes_in_are_shown(
    server: WebServer, keys: list[tuple[str, str]], ours: str, theirs: str
) -> None:
    """The shared phone rings, and either side can end it."""
    shown = await phones(server)
    assert shown["isIncoming"]
    assert shown["phones"]["caller"]["state"] == "ringing"

    for side, what in keys:
        assert await press(server, side, what)

    now = the_call(server)["phones"]
    assert (now["caller"]["state"], now["callee"]["state"]) == (ours, theirs)
    if ours in ("ended", "hung up"):
        assert the_call(server)["overAt"] is not None
        assert not await press(server, "caller", "hangup")


async def test_a_key_that_such_a_phone_lacks_is_refused(server: WebServer) -> None:
    """The page can't send what nobody can press."""
    await phones(server)

    with pytest.raises(BadDeed, match="busy"):
        await press(server, "caller", "busy")


async def test_the_digest_is_the_crews(server: WebServer) -> None:
    """It reads the bot's database, of which the page knows nothing."""
    await server.deeds.do({"deed": "digest"})

    assert isinstance(server.crew, NoCrew)
    assert server.crew.digests == 1


async def test_events_of_the_hook_are_checked_and_shown(server: WebServer) -> None:
    """A signature by another secret is no event of the bot's, and is refused."""
    body = json.dumps({"type": "call.ended", "data": {"callee_result": "answered"}})
    await server.hook.open()
    try:
        async with aiohttp.ClientSession() as session:
            answers = [
                (await session.post(server.hook.url, data=body, headers=headers)).status
                for headers in (
                    signed(server.hook.secret, "msg_1", body),
                    signed(new_hook_secret(), "msg_2", body),
                    {},
                )
            ]
    finally:
        await server.hook.close()

    assert answers == [204, 401, 401]
    shown = [item for key, item in server.picture().items() if "request:hook" in key]
    assert [(each["what"], each["error"]) for each in shown] == [
        ("call.ended", ""),
        ("not signed by the bot", "not verified"),
        ("not signed by the bot", "not verified"),
    ]
    assert json.loads(shown[0]["json"])["data"] == {"callee_result": "answered"}
    assert "answered" not in json.dumps(shown[1:])
    assert server.hook.secret not in repr(server.hook)


def signed(secret: str, message: str, body: str) -> dict[str, str]:
    """Return the headers of Standard Webhooks."""
    now = datetime.now(UTC)
    return {
        "webhook-id": message,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": Webhook(secret).sign(message, now, body),
    }
