"""The RingCentral double: subscriptions to events, and webhooks."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
from aiohttp import web

from bot.sandbox.limits import Limits
from bot.sandbox.ringcentral.double import RingCentralDouble
from openapi_check import SPEC, checker, schema_errors
from pushed import a_body
from ringcentral_api import Answer, Api, logged_in

SUBSCRIPTION = "/restapi/v1.0/subscription"
OWN = "/restapi/v1.0/account/~/extension/~/telephony/sessions"
COMPANY = "/restapi/v1.0/account/~/telephony/sessions"


@dataclass
class Hook:
    """An app's address for webhooks.

    Attributes:
        echoes: Whether it answers a validation as RingCentral asks.
        status: What it answers with.
        got: The deliveries that it got, with the header that proves whose they are.
    """

    url: str = ""
    echoes: bool = True
    status: int = 200
    got: list[tuple[str, Any]] = field(default_factory=list)

    async def receive(self, request: web.Request) -> web.Response:
        """Answer a validation or a delivery."""
        token = request.headers.get("Validation-Token", "")
        if token and self.echoes:
            return web.json_response({}, headers={"Validation-Token": token})
        if not token:
            secret = request.headers.get("Verification-Token", "")
            self.got.append((secret, await request.json()))
        return web.json_response({}, status=self.status)


@asynccontextmanager
async def a_hook() -> AsyncIterator[Hook]:
    """Serve an address for webhooks."""
    hook, app = Hook(), web.Application()
    app.router.add_post("/hook", hook.receive)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    hook.url = f"http://127.0.0.1:{runner.addresses[0][1]}/hook"
    yield hook
    await runner.cleanup()


@pytest.fixture
async def api() -> AsyncIterator[Api]:
    """Return a client of a double whose app may subscribe."""
    double = RingCentralDouble(limits=Limits.off(), validator=checker())
    double.push.permit()
    async with logged_in(double) as api:
        yield api
        assert double.complaints == []


@pytest.fixture
async def hook() -> AsyncIterator[Hook]:
    """Give an address for webhooks."""
    async with a_hook() as made:
        yield made


async def subscribe(api: Api, hook: Hook, *, to: str = OWN, **more: Any) -> Answer:
    """Create a subscription to telephony sessions."""
    mode = {"transportType": "WebHook", "address": hook.url}
    body = {
        "eventFilters": [to],
        "deliveryMode": mode | {"verificationToken": "our-own-secret"},
    }
    return await api.send("POST", SUBSCRIPTION, json=body | more)


async def test_a_subscription_is_validated_delivered_and_renewed(
    api: Api, hook: Hook
) -> None:
    """What the bot does with it for a week would otherwise be tested against nothing."""
    made = await subscribe(api, hook, expiresIn=3600)
    one = f"{SUBSCRIPTION}/{made.body['id']}"
    api.double.push.events.emit(api.double.service.extension_id, a_body())
    await api.double.push.events.settle()
    ((secret, event),) = hook.got
    left = [(await api.send("GET", one)).body["expiresIn"]]
    left.append((await api.send("POST", f"{one}/renew")).body["expiresIn"])
    left.append((await api.send("PUT", one, json={"eventFilters": [OWN]})).status)
    listed = await api.send("GET", SUBSCRIPTION)
    gone = [(await api.send("DELETE", one)).status, (await api.send("GET", one)).status]

    assert secret == "our-own-secret"
    assert event["subscriptionId"] == made.body["id"] == listed.body["records"][0]["id"]
    assert left[0] <= 3600 < left[1]
    assert left[2:] + gone == [200, 204, 404]
    if SPEC.exists():
        assert schema_errors("ExtensionTelephonySessionsEvent", event) == []


async def test_an_address_that_does_not_echo_gets_no_subscription(
    api: Api, hook: Hook
) -> None:
    """RingCentral asks the address first, within three seconds and 1,024 bytes."""
    hook.echoes = False
    refused = await subscribe(api, hook)

    assert (refused.status, refused.code) == (400, "SUB-525")
    assert api.double.push.subscriptions.all == {}


async def test_without_a_permission_nobody_subscribes(api: Api, hook: Hook) -> None:
    """Both are granted on request only, so most apps start without them."""
    missing = []
    for scope in ("CallControl", "SubscriptionWebhook"):
        api.double.logins.scopes.discard(scope)
        refused = await subscribe(api, hook)
        missing.append((refused.status, refused.body["permissionName"]))
        api.double.logins.scopes.add(scope)

    assert missing == [(403, "CallControl"), (403, "SubscriptionWebhook")]


async def test_who_fails_is_blacklisted_for_good_and_who_expires_is_gone(
    api: Api, hook: Hook
) -> None:
    """A bot that never looks would believe for days that events come."""
    push, owner = api.double.push, api.double.service.extension_id
    one = f"{SUBSCRIPTION}/{(await subscribe(api, hook)).body['id']}"
    hook.status = 500
    for _ in range(4):
        push.events.emit(owner, a_body())
        await push.events.settle()
    listed = await api.send("GET", one)
    api.double.clock.skip(700_000)

    assert len(hook.got) == 3
    assert listed.body["status"] == "Blacklisted"
    assert listed.body["blacklistedData"]["reason"] == "HTTP status 500"
    api.double.logins.expires_in = 1e7
    await api.log_in()
    assert (await api.send("GET", one)).status == 404


async def test_events_come_late_twice_backward_or_never(api: Api, hook: Hook) -> None:
    """Nothing of the bot may rest on a perfect stream."""
    events, owner = api.double.push.events, api.double.service.extension_id
    await subscribe(api, hook)
    events.lose = lambda body: body["sequence"] == 1
    events.copies = 2
    for sequence in (1, 2):
        events.emit(owner, a_body(sequence=sequence))
    await events.settle()
    events.lose, events.copies, events.held = lambda _: False, 1, []
    for sequence in (3, 4):
        events.emit(owner, a_body(sequence=sequence))
    events.release(newest_first=True)
    await events.settle()

    got = [each["body"]["sequence"] for _, each in hook.got]
    assert got[:2] == [2, 2]
    assert sorted(got[2:]) == [3, 4]


async def test_a_filter_decides_whose_events_come(api: Api, hook: Hook) -> None:
    """An extension's filter shows no call of a colleague's; the account's shows all."""
    double = api.double
    ann = double.add_person("ann")
    await subscribe(api, hook)
    await subscribe(api, hook, to=COMPANY)
    double.push.events.emit(ann.extension_id, a_body(sequence=1))
    double.push.events.emit(ann.extension_id, a_body(sequence=2), company=True)
    await double.push.events.settle()

    assert [each["body"]["sequence"] for _, each in hook.got] == [2]
