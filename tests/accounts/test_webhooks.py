"""Pushed events by webhook: who gets one, how it lives, and what it takes for an event."""

from __future__ import annotations

import json
import logging
from collections.abc import AsyncIterator

import pytest

from bot.accounts.disconnecting import revoke
from bot.errors import RateLimited
from bot.ringcentral.push.webhook import WEBHOOK_PATH
from bot.sandbox.limits import Limits
from bot.sandbox.ringcentral.double import RingCentralDouble
from bot.storage.people.subscriptions import KnownSubscription
from bot.telemetry.throttle import Throttle
from office import ANN, BOB, KEY, beside
from openapi_check import checker
from pushed import an_event
from pushing import (
    Pushing,
    a_pushing,
    an_office_today,
    later,
    posted,
    register,
)

MADE = "POST subscription"


@pytest.fixture
async def double() -> AsyncIterator[RingCentralDouble]:
    """Give a RingCentral where Ann and Bob are, and the app may subscribe."""
    double = RingCentralDouble(limits=Limits.off(), validator=checker())
    for name in ("ann", "bob"):
        double.add_person(name)
    double.push.permit()
    async with double:
        yield double
        assert double.complaints == []


@pytest.fixture
async def pushing(
    double: RingCentralDouble, database_url: str
) -> AsyncIterator[Pushing]:
    """Give a process whose webhooks are at its own address."""
    async with (
        an_office_today(double, database_url) as office,
        a_pushing(office, webhook=True) as made,
    ):
        yield made


async def test_who_connects_gets_events_and_who_leaves_gets_none(
    pushing: Pushing,
) -> None:
    """Events follow the people, and RingCentral keeps nothing of who has left."""
    office = pushing.office
    ann, bob = await office.connect(), await office.connect(BOB, "bob")
    before = pushing.subscriptions.flows(ann.id)
    await pushing.look()
    await pushing.look()
    await pushing.emit("ann", sequence=1)
    await pushing.emit("bob", sequence=2)
    await pushing.until(lambda: len(pushing.got) == 2)
    await office.disconnecting.disconnect(ANN)
    await pushing.look()

    assert not before
    assert [(a, e.sequence) for a, e in pushing.got] == [(ann.id, 1), (bob.id, 2)]
    assert pushing.subscriptions.flows(bob.id)
    assert not pushing.subscriptions.flows(ann.id)
    assert pushing.push.subscriptions.of("ann") == []
    assert [each.account for each in await pushing.rows.all()] == [bob.id]
    assert pushing.gaps == []


async def test_it_is_watched_daily_renewed_and_made_anew_when_blacklisted(
    pushing: Pushing,
) -> None:
    """RingCentral blacklists for good, and tells nobody; and a week is soon over."""
    office = pushing.office
    ann = await office.connect()
    await pushing.look()
    for _ in range(5):
        later(office, days=1)
        await pushing.look()
    lived = pushing.requests()
    pushing.push.subscriptions.blacklist(
        pushing.push.subscriptions.of("ann")[0], "no answer in time"
    )
    later(office, days=1)
    await pushing.look()
    await pushing.emit("ann")
    await pushing.until(lambda: pushing.got)

    watched = "GET subscription"
    assert lived[0] == MADE
    assert lived.count(watched) == 5
    assert 1 <= lived.count("POST renew") <= 2
    assert pushing.requests()[len(lived) :] == [watched, "DELETE subscription", MADE]
    assert pushing.gaps == [ann.id]
    assert len(pushing.push.subscriptions.all) == 1


async def test_one_that_ringcentral_has_dropped_is_made_anew(pushing: Pushing) -> None:
    """A bot that was off for a month comes back to nothing."""
    office = pushing.office
    ann = await office.connect()
    await pushing.look()
    pushing.push.subscriptions.all.clear()
    later(office, days=1)
    await pushing.look()
    await pushing.look()

    assert pushing.subscriptions.flows(ann.id)
    assert pushing.requests() == [MADE, "GET subscription", MADE]


async def test_without_permission_nothing_is_asked(pushing: Pushing) -> None:
    """Permissions are granted by hand: until then everything is as before."""
    office = pushing.office
    office.double.logins.scopes.discard("CallControl")
    ann = await office.connect()
    await pushing.look()
    later(office, hours=5)
    await pushing.look()
    asked = pushing.requests()
    row = await pushing.row(ann.id)
    office.double.logins.scopes.add("CallControl")
    later(office, hours=2)
    await office.ask()  # the next token tells it
    await pushing.look()

    assert asked == []
    assert row.subscription.trouble == "CallControl"
    assert pushing.subscriptions.flows(ann.id)


async def test_a_refusal_is_remembered(pushing: Pushing) -> None:
    """A 403 every few seconds would end in RingCentral's refusing everything."""
    office = pushing.office
    ann = await office.connect()
    office.double.logins.scopes.discard("SubscriptionWebhook")
    for _ in range(3):
        await pushing.look()
        later(office, minutes=5)

    assert pushing.requests() == [MADE]
    assert (await pushing.row(ann.id)).subscription.trouble == "SubscriptionWebhook"


async def test_an_address_that_ringcentral_cannot_reach_is_said_once(
    pushing: Pushing, caplog: pytest.LogCaptureFixture
) -> None:
    """A proxy that does not forward the path is the operator's to mend."""
    office = pushing.office
    pushing.push.webhooks.patience = 0.0
    await office.connect()
    with caplog.at_level(logging.WARNING):
        await pushing.look()
        later(office, hours=7)
        await pushing.look()

    said = [each.message for each in caplog.records if "webhook" in each.message]
    assert said == ["RingCentral makes no webhook for an account: 400 SUB-525"]


async def test_inside_a_penalty_nothing_is_asked(pushing: Pushing) -> None:
    """A request in a penalty restarts it, for calls as well."""
    office = pushing.office
    office.double.limits = Limits()
    await office.connect()
    office.double.faults.add("limited", method="POST", path_contains="/subscription")
    await pushing.look()
    later(office, seconds=30)
    await pushing.look()
    asked = pushing.requests()
    later(office, seconds=40)
    await pushing.look()

    assert asked == [MADE]
    assert pushing.requests() == [MADE, MADE]
    assert not any(each.in_penalty for each in office.double.requests)


async def test_disconnecting_inside_a_penalty_does_not_restart_it(
    pushing: Pushing,
) -> None:
    """The same user may have another account here, whose calls would wait for longer."""
    office = pushing.office
    office.double.limits = Limits()
    ann = await office.connect()
    await pushing.look()
    office.double.faults.add("limited", method="POST", path_contains="/subscription")
    with pytest.raises(RateLimited):
        await office.accounts.telephony(ann.id).subscriptions.create("https://x", "t")
    bye = await office.disconnecting.disconnect(ANN)

    assert bye is not None
    assert bye.is_revoked
    assert not any(each.in_penalty for each in office.double.requests)


async def test_forged_and_strange_deliveries_change_nothing(
    pushing: Pushing, caplog: pytest.LogCaptureFixture
) -> None:
    """Anybody may send anything to a public address."""
    office = pushing.office
    await office.connect()
    await pushing.look()
    secret, token = pushing.secrets_of("ann")
    remote = pushing.push.subscriptions.of("ann")[0].id
    good = json.dumps(an_event(subscriptionId=remote)).encode()
    other = json.dumps(an_event()).encode()
    here = pushing.address(secret)
    told = []
    for address, body, headers in (
        (pushing.address("x" * 43), good, {"Verification_Token": token}),
        (pushing.address("short"), good, {"Verification_Token": token}),
        (here, good, {}),
        (here, good, {"Verification_Token": "x" * 43}),
        (here, good, {"Validation_Token": "not-ours"}),
        (here, other, {"Verification_Token": token}),
        (here, b"x" * 100_000, {"Verification_Token": token}),
        (here, b"[" * 9_000, {"Verification_Token": token}),
        (here, b"", {"Verification_Token": token}),
    ):
        answer = await posted(address, body, **headers)
        told.append(answer.status)
    refused = list(pushing.got)
    await posted(here, good, Verification_Token=token)
    await posted(here, good, Validation_Token=token)
    await pushing.until(lambda: len(pushing.got) == 2)

    assert told == [404, 404, 404, 404, 200, 200, 200, 200, 404]
    assert refused == []
    assert secret not in caplog.text
    assert token not in caplog.text


async def test_strangers_read_the_table_once_a_second_at_most(
    pushing: Pushing, caplog: pytest.LogCaptureFixture
) -> None:
    """Whoever floods the address must not flood the database, on which calls wait.

    Nor the log.
    """
    await pushing.office.connect()
    await pushing.look()
    read = []
    reading = pushing.rows.all

    async def counted() -> list[KnownSubscription]:
        read.append(1)
        return await reading()

    pushing.rows.all = counted  # type: ignore[method-assign]
    body = json.dumps(an_event()).encode()
    for number in range(5):
        address = pushing.address(f"{number}" * 43)
        await posted(address, body, Verification_Token="x" * 43)
    at_once = len(read)
    later(pushing.office, seconds=1)
    await posted(pushing.address("y" * 43), body, Verification_Token="x" * 43)

    throttle = Throttle(lambda: 0.0)
    lines = [each for each in caplog.records if "without our secrets" in each.msg]
    assert (at_once, len(read)) == (0, 1)
    assert (len(lines), sum(map(throttle.filter, lines))) == (6, 1)


@pytest.mark.parametrize("how", ["leavers", "operator"])
async def test_who_left_gets_no_events_whoever_removed_them(
    pushing: Pushing, how: str
) -> None:
    """Slack's event, the daily look and the command line all end in the same rows."""
    office = pushing.office
    await office.connect()
    await pushing.look()
    secret, token = pushing.secrets_of("ann")
    remote = pushing.push.subscriptions.of("ann")[0].id
    if how == "leavers":
        await office.disconnecting.disconnect_all("", "T1", "UANN")
        await office.disconnecting.revoke_due()
    else:
        (gone,) = await office.connections.erase_within(
            "", "T1", "UANN", office.clock.now()
        )
        assert gone.revocation is not None
        clock, owed = office.clock, office.connections.revocations
        gate_of = office.accounts.clients.gate
        await revoke(office.network, owed, clock, gone.revocation, gate_of)
    await pushing.look()
    body = json.dumps(an_event(subscriptionId=remote)).encode()
    answer = await posted(pushing.address(secret), body, Verification_Token=token)

    assert pushing.push.subscriptions.of("ann") == []
    assert await office.rows("subscriptions", "revocations") == {
        "subscriptions": [],
        "revocations": [],
    }
    assert answer.status == 404


async def test_a_validation_is_echoed_and_small(pushing: Pushing) -> None:
    """RingCentral gives the address three seconds and 1,024 bytes, headers included."""
    answer = await posted(pushing.address("s" * 43), b"", Validation_Token="t" * 36)
    size = sum(len(name) + len(value) + 4 for name, value in answer.raw_headers)
    long = await posted(pushing.address("s" * 43), b"", Validation_Token="t" * 5000)

    assert answer.status == 200
    assert answer.headers["Validation-Token"] == "t" * 36
    assert answer.content_type == "application/json"
    assert size + int(answer.headers["Content-Length"]) <= 1024
    assert long.status == 404


async def test_two_processes_share_no_webhook_and_know_each_others(
    pushing: Pushing,
) -> None:
    """Deliveries come to any process behind the address; twice as many would help none."""
    ann = await pushing.office.connect()
    await register(pushing.office, "me", "other")
    async with (
        beside(pushing.office, keys=(KEY,)) as other,
        a_pushing(other, webhook=True, url=pushing.url) as second,
    ):
        for _ in range(3):
            await pushing.look()
            await second.look()
        secret, token = pushing.secrets_of("ann")
        remote = pushing.push.subscriptions.of("ann")[0].id
        body = json.dumps(an_event(subscriptionId=remote)).encode()
        await posted(
            f"{second.own_url}{WEBHOOK_PATH}{secret}", body, Verification_Token=token
        )
        await second.until(lambda: second.got)

    assert pushing.requests() == [MADE]
    assert second.got[0][0] == ann.id


@pytest.mark.parametrize("secret", ["", "token"])
async def test_the_database_holds_no_secret_of_a_webhook(
    pushing: Pushing, secret: str
) -> None:
    """Who reads the database could send events otherwise."""
    await pushing.office.connect()
    await pushing.look()
    path, token = pushing.secrets_of("ann")
    stored = str(await pushing.office.rows("subscriptions"))

    assert (token if secret else path) not in stored
