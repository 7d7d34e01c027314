"""The RingCentral double: the WebSocket gateway."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
from aiohttp import ClientWebSocketResponse, WSMsgType

from bot.sandbox.limits import Limits
from bot.sandbox.ringcentral.double import RingCentralDouble
from bot.sandbox.ringcentral.gateway import ABSOLUTE, IDLE
from openapi_check import checker
from pushed import a_body
from ringcentral_api import Api, logged_in

TOKEN = "/restapi/oauth/wstoken"
SUBSCRIBE = {
    "type": "ClientRequest",
    "messageId": "m-1",
    "method": "POST",
    "path": "/restapi/v1.0/subscription/",
}
FILTER = "/restapi/v1.0/account/~/extension/~/telephony/sessions"
WANTED = {"eventFilters": [FILTER], "deliveryMode": {"transportType": "WebSocket"}}


class Line:
    """A plain client of the gateway."""

    def __init__(self, api: Api, session: aiohttp.ClientSession) -> None:
        self.api = api
        self.session = session

    async def address(self, wsc: str = "") -> str:
        """Return an address for one connection."""
        token = (await self.api.send("POST", TOKEN)).body
        recover = f"&wsc={wsc}" if wsc else ""
        return f"{token['uri']}?access_token={token['ws_access_token']}{recover}"

    async def connect(self, wsc: str = "") -> tuple[ClientWebSocketResponse, list[Any]]:
        """Return a connection and its details."""
        socket = await self.session.ws_connect(await self.address(wsc))
        return socket, await socket.receive_json()

    async def subscribe(self, socket: ClientWebSocketResponse) -> list[Any]:
        """Return the answer to a request for events."""
        await socket.send_json([SUBSCRIBE, WANTED])
        found: list[Any] = await socket.receive_json()
        return found

    def emit(self, sequence: int) -> None:
        """Have an event sent."""
        owner = self.api.double.service.extension_id
        self.api.double.push.events.emit(owner, a_body(sequence=sequence))


@pytest.fixture
async def line() -> AsyncIterator[Line]:
    """Give a client whose app may subscribe."""
    double = RingCentralDouble(limits=Limits.off(), validator=checker())
    double.push.permit()
    async with logged_in(double) as api, aiohttp.ClientSession() as session:
        yield Line(api, session)
        assert double.complaints == []


async def test_events_come_over_a_socket_that_has_subscribed(line: Line) -> None:
    """This is how they come where the bot has no public address."""
    socket, details = await line.connect()
    answer = await line.subscribe(socket)
    line.emit(3)
    meta, event = await socket.receive_json()

    assert details[0]["type"] == "ConnectionDetails"
    assert details[1]["recoveryTimeout"] == 180
    assert (answer[0]["messageId"], answer[0]["status"]) == ("m-1", 200)
    assert meta["type"] == "ServerNotification"
    assert event["body"]["sequence"] == 3
    assert event["subscriptionId"] == answer[1]["id"]


async def test_a_token_opens_one_connection_within_thirty_seconds(line: Line) -> None:
    """A token that is used twice, or late, must not work in a test either."""
    socket, _ = await line.connect()
    used, late = await line.address(), await line.address()
    await line.session.ws_connect(used)
    refused = []
    for address in (used, late):
        if address == late:
            line.api.double.clock.skip(31)
        with pytest.raises(aiohttp.WSServerHandshakeError) as error:
            await line.session.ws_connect(address)
        refused.append(error.value.status)
    line.api.double.logins.scopes -= {
        "WebSocket",
        "WebSocketSubscription",
        "WebSocketsSubscription",
    }

    assert refused == [401, 401]
    assert (await line.api.send("POST", TOKEN)).status == 403
    await socket.close()


async def test_a_session_is_recovered_with_what_it_missed(line: Line) -> None:
    """A short outage costs no event, and a long one says so."""
    double = line.api.double
    socket, details = await line.connect()
    await line.subscribe(socket)
    await double.push.gateway.cut()
    await socket.receive()
    while double.push.gateway.open:
        await asyncio.sleep(0)
    line.emit(5)
    await double.push.events.settle()
    again, recovered = await line.connect(details[0]["wsc"]["token"])
    _, missed = await again.receive_json()
    await again.close()
    while double.push.gateway.open:
        await asyncio.sleep(0)
    double.clock.skip(200)
    _, failed = await line.connect(details[0]["wsc"]["token"])

    assert recovered[1]["recoveryState"] == "Successful"
    assert missed["body"]["sequence"] == 5
    assert failed[1]["recoveryState"] == "Failed"


@pytest.mark.parametrize(("why", "code"), [(IDLE, 4002), (ABSOLUTE, 4003), ("", 1001)])
async def test_a_server_that_ends_a_connection_says_why(
    line: Line, why: str, code: int
) -> None:
    """After half an hour of silence, after a day, or as it restarts."""
    socket, _ = await line.connect()
    await line.subscribe(socket)
    await socket.send_json([{"type": "Heartbeat", "messageId": "m-2"}])
    beat = await socket.receive_json()
    ending = asyncio.ensure_future(line.api.double.push.gateway.end(why))
    said = []
    while (message := await socket.receive()).type is WSMsgType.TEXT:
        said.append(message.json()[1]["errorCode"])
    await ending

    assert beat[0]["type"] == "Heartbeat"
    assert said == ([why] if why else [])
    assert socket.close_code == code
