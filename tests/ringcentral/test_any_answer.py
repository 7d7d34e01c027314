"""Whatever RingCentral answers, or whatever stands between: known, or known to be unknown.

A call whose answer can't be read may have been placed; a list that is none does not say
what is not in it; a log-in that gave nothing leaves the token that there was.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TypeVar

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.errors import (
    CredentialsRefused,
    RateLimited,
    RingCentralError,
    Unreachable,
)
from bot.ringcentral.client import RingCentral
from bot.ringcentral.sign_in import oauth
from bot.ringcentral.sign_in.in_memory import by_jwt
from bot.ringcentral.transport.network import Network, RingCentralApp
from bot.ringcentral.transport.shapes import ID_FORM
from bot.sandbox.limits import Limits
from bot.sandbox.ringcentral.double import RingCentralDouble
from bot.sandbox.ringcentral.faults import GARBAGE
from fakes import AGAIN_SOON
from shapes import bodies, shapes

pytestmark = pytest.mark.unmeasured

T = TypeVar("T")
CALLER, CALLEE = "+16505550101", "+14155550142"
WORDS = (
    "id",
    "status",
    "callStatus",
    "callerStatus",
    "calleeStatus",
    "records",
    "startTime",
    "legs",
    "from",
    "to",
    "phoneNumber",
    "durationMs",
    "duration",
    "navigation",
    "nextPage",
    "uri",
    "access_token",
    "refresh_token",
    "expires_in",
    "token_type",
    "refresh_token_expires_in",
    "expire_time",
    "scope",
    "errors",
    "features",
    "reason",
)
BODIES = bodies(
    shapes(WORDS, ["s-1", "RingOut", "2026-11-20T12:00:00Z", "\ud800", "\0", 10**400])
)
DATES = st.sampled_from(
    [
        None,
        "Mon, 01 Jan 0001 00:00:00 GMT",
        "Fri, 31 Dec 9999 23:59:59 GMT",
        "soon",
        "Mon, 99 Jan 2026 00:00:00 GMT",
    ]
)


@dataclass
class Asker:
    """A client and the server that it talks to."""

    far: RingCentralDouble
    network: Network
    client: RingCentral

    async def told(self, body: bytes, date: str | None) -> None:
        """Have every request answered with *body*: by what is known, or by no means."""
        self.far.faults.clear()
        await self.client.start()
        headers = {} if date is None else {"Date": date}
        self.far.faults.add("garbage", times=None, body=body, headers=headers)
        soon = time.monotonic() + 5
        placed = await known(self.client.ring_outs.place(CALLER, CALLEE, before=soon))
        await known(self.client.ring_outs.status("s-1"))
        await known(self.client.ring_outs.cancel("s-1"))
        await known(oauth.by_credential(self.network, "a.b.c", now=utc))
        login = self.client._sender.sign_in
        await known(login.renew(await login.ensure()))
        self.client.token_scopes()

        assert placed is None or ID_FORM.fullmatch(placed.id)
        assert abs(self.client.clock_ahead()) < timedelta(days=400).total_seconds()


def utc() -> datetime:
    """Return the time of day."""
    return datetime.now(UTC)


async def known(request: Awaitable[T]) -> T | None:
    """Return the certain result, else None; no other exception may be raised."""
    try:
        return await request
    except (RingCentralError, CredentialsRefused):
        return None


async def an_asker(entered: AsyncExitStack) -> Asker:
    """Start a RingCentral, and a client."""
    far = RingCentralDouble(speed=20, limits=Limits.off())
    await entered.enter_async_context(far)
    app = RingCentralApp(far.url, far.logins.client_id, far.logins.client_secret)
    network = Network(app, bounds=AGAIN_SOON)
    entered.callback(network.close)
    return Asker(far, network, RingCentral(network, by_jwt(far.logins.jwt)))


@pytest.fixture
async def asker() -> AsyncIterator[Asker]:
    """Give a client and its RingCentral."""
    async with AsyncExitStack() as entered:
        yield await an_asker(entered)


@pytest.fixture
def runner() -> Iterator[tuple[Asker, asyncio.Runner]]:
    """Give the same, and a loop of its own, for many examples."""
    with asyncio.Runner() as made:
        entered = AsyncExitStack()
        yield made.run(an_asker(entered)), made
        made.run(entered.aclose())


def test_any_answer_is_known_or_unknown(runner: tuple[Asker, asyncio.Runner]) -> None:
    """An unexpected exception would count as a bug in the call's step."""
    made, loop = runner

    @given(BODIES, DATES)
    @example(b'{"access_token": 7, "token_type": 7, "expires_in": 60}', None)
    @example(b'{"access_token": "a", "refresh_token_expire_time": "x"}', None)
    @example(b'{"access_token": "a\\n", "expires_in": 60}', None)
    def one(body: bytes, date: str | None) -> None:
        loop.run(made.told(body, date))

    one()


@pytest.mark.parametrize("shape", GARBAGE)
async def test_a_call_whose_answer_is_none_may_have_been_placed(
    asker: Asker, shape: str
) -> None:
    """Never "refused" or "limited": the bot would report those or POST again."""
    asker.far.faults.add(
        "garbage",
        method="POST",
        path_contains="/ring-out",
        before_effect=False,
        body=GARBAGE[shape],
    )

    with pytest.raises(Unreachable):
        await asker.client.ring_outs.place(CALLER, CALLEE, before=time.monotonic() + 5)

    assert len(asker.far.calls) == 1


@pytest.mark.parametrize("shape", GARBAGE)
async def test_an_answer_that_is_none_does_not_say_what_is_not_there(
    asker: Asker, shape: str
) -> None:
    """A bad answer must not count as an empty call log or an empty list of phones.

    Nor as a call that goes on: the record of an answered one was taken for another's, for
    it had ended before the last status "showed" it alive. Nor as a person in no call.
    """
    await asker.client.start()
    asker.far.faults.add("garbage", method="GET", times=None, body=GARBAGE[shape])
    requests = (
        asker.client.call_log.read(since=utc()),
        asker.client.numbers.forwarding(),
        asker.client.numbers.own(),
        asker.client.account.user(),
        asker.client.account.ring_out_available(),
        asker.client.call_log.newest(since=utc(), until=utc(), company=False),
        asker.client.call_log_sync.missed_since(utc()),
        asker.client.messages.voicemails_since(utc()),
        asker.client.contacts.address_book(1),
        asker.client.contacts.directory(1),
        asker.client.subscriptions.read("s-1"),
        asker.client.ring_outs.status("s-1"),
        asker.client.call_control.session("s-1"),
        asker.client.call_control.active(),
    )

    errors = await asyncio.gather(*requests, return_exceptions=True)

    assert {type(each) for each in errors} == {Unreachable}


@pytest.mark.parametrize("shape", GARBAGE)
async def test_a_log_in_that_gave_nothing_leaves_what_there_was(
    asker: Asker, shape: str
) -> None:
    """The old token may be good for an hour; it is asked for again, not once a request."""
    login = asker.client._sender.sign_in
    await asker.client.start()
    asker.far.faults.add("garbage", path_contains="/oauth/token", body=GARBAGE[shape])

    with pytest.raises(Unreachable):
        await login.renew(await login.ensure())

    placed = await asker.client.ring_outs.place(
        CALLER, CALLEE, before=time.monotonic() + 5
    )
    assert placed.id
    assert len(asker.far.token_posts) == 2


async def test_a_limit_that_was_put_in_begins_its_penalty(asker: Asker) -> None:
    """So that tests notice a client that does not wait for the penalty to end."""
    await asker.client.start()
    asker.far.limits = Limits(penalty=60)
    asker.far.faults.add("limited", method="POST", path_contains="/ring-out")

    with pytest.raises(RateLimited) as limited:
        await asker.client.ring_outs.place(CALLER, CALLEE, before=time.monotonic() + 5)
    careless = Network(asker.network.app)
    other = RingCentral(careless, by_jwt(asker.far.logins.jwt))
    with pytest.raises(RateLimited):
        await other.ring_outs.place(CALLER, CALLEE, before=time.monotonic() + 5)
    careless.close()

    assert limited.value.retry_after == 60
    assert limited.value.group == "heavy"
    posts = asker.far.requests_of("POST", "/ring-out")
    assert [(seen.status, seen.in_penalty) for seen in posts] == [
        (429, False),
        (429, True),
    ]
    assert asker.far.calls == []
