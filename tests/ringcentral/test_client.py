"""Our RingCentral client over real HTTP, against the double."""

from __future__ import annotations

import asyncio
import time
import traceback
from collections.abc import AsyncIterator, Awaitable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Literal

import pytest
import requests

from bot.errors import (
    CredentialsRefused,
    NotFound,
    NotSent,
    RateLimited,
    Refused,
    RingCentralError,
    SignInOutOfReach,
    Unreachable,
)
from bot.ringcentral.client import RingCentral
from bot.ringcentral.gate import GateOf, InMemoryGate
from bot.ringcentral.sign_in.in_memory import by_jwt
from bot.ringcentral.transport.bounds import USUAL_BOUNDS, AnswerBounds
from bot.ringcentral.transport.network import SLOW_OF_ONE, Network, RingCentralApp
from bot.sandbox.ledger import Seen
from bot.sandbox.limits import Limits
from bot.sandbox.ringcentral import person
from bot.sandbox.ringcentral.answers import Ask, Json, Reply, invalid
from bot.sandbox.ringcentral.double import RingCentralDouble
from bot.sandbox.ringcentral.faults import ABSURD, Kind
from bot.sandbox.ringcentral.paging import page_of
from fakes import AGAIN_SOON, FakeClock
from openapi_check import checker
from own import PATIENT
from patience import PATIENCE, until

CALLER, CALLEE = "+16505550101", "+14155550142"
SLOW_SOON = AnswerBounds(slow_after=0.02)


@pytest.fixture
async def far() -> AsyncIterator[RingCentralDouble]:
    """Give a RingCentral double that validates each request."""
    double = RingCentralDouble(speed=20, limits=Limits.off(), validator=checker())
    async with double:
        yield double
        assert double.complaints == []


@pytest.fixture
async def client(far: RingCentralDouble) -> AsyncIterator[RingCentral]:
    """Give a client that has not logged in yet."""
    client = a_client(far)
    yield client
    client._sender._network.close()


def a_client(
    far: RingCentralDouble,
    jwt: str = "",
    gate_of: GateOf | None = None,
    bounds: AnswerBounds = AGAIN_SOON,
) -> RingCentral:
    """Return a client for *far*."""
    logins = far.logins
    app = RingCentralApp(far.url, logins.client_id, logins.client_secret)
    network = Network(app, bounds=bounds)
    return RingCentral(network, by_jwt(jwt or logins.jwt), gate_of=gate_of)


async def limited(request: Awaitable[object]) -> bool:
    """Await *request*; say whether the budget held it back."""
    try:
        await request
    except RateLimited:
        return True
    return False


def soon() -> float:
    """Return a deadline that the test cannot reach."""
    return time.monotonic() + PATIENCE


async def test_a_ringout_from_post_to_404(
    far: RingCentralDouble, client: RingCentral
) -> None:
    """The three requests that a call needs, and what they mean."""
    placed = await client.ring_outs.place(CALLER, CALLEE, before=soon())
    status = await client.ring_outs.status(placed.id)
    far.clock.skip(600)

    with pytest.raises(NotFound):
        await client.ring_outs.status(placed.id)
    assert status.caller == "InProgress"
    assert placed.at is not None
    assert [call.callee for call in far.calls] == [CALLEE]


async def test_the_log_is_read_whole_and_newest_first(
    far: RingCentralDouble, client: RingCentral
) -> None:
    """All pages are read of a fixed window, in the Detailed view, with dateFrom."""
    for number in range(300):
        far.add_record(
            "ringout", caller=CALLER, callee=CALLEE, ago=timedelta(seconds=60 + number)
        )
    since = datetime.now(UTC) - timedelta(hours=2)

    records = await client.call_log.read(since=since)
    few = await client.call_log.newest(
        since=since, until=datetime.now(UTC), company=False
    )

    assert len(records) == 300
    assert records == tuple(
        sorted(records, key=lambda record: record.started_at, reverse=True)
    )
    assert records[0].legs
    assert len(few.records) == 250
    assert not few.is_last
    assert all("dateFrom" in seen.query for seen in far.requests_of("GET", "call-log"))


async def test_hundreds_of_requests_take_three_connections(
    far: RingCentralDouble, client: RingCentral
) -> None:
    """The bare SDK opens one for each, with a TLS handshake."""
    far.play(PATIENT)
    placed = await client.ring_outs.place(CALLER, CALLEE, before=soon())
    before = far.connections

    for _ in range(10):
        await asyncio.gather(*(client.ring_outs.status(placed.id) for _ in range(20)))

    assert far.connections <= 3
    assert far.connections - before <= 2
    assert all(
        "gzip" in seen.headers.get("accept-encoding", "")
        for seen in far.requests_of("GET", "ring-out")
    )


async def test_many_requests_at_expiry_cause_one_refresh(
    far: RingCentralDouble, client: RingCentral
) -> None:
    """Auth allows five a minute; the bare SDK sends one for each thread."""
    await client.start()
    far.logins.expire()

    await asyncio.gather(*(client.numbers.forwarding() for _ in range(20)))

    assert len(far.token_posts) == 2


@pytest.mark.real_time
async def test_a_token_is_replaced_before_it_expires(far: RingCentralDouble) -> None:
    """A call must not fail with 401 because the access token expired."""
    far.logins.expires_in = 1
    client = a_client(far)
    await client.start()
    far.logins.expires_in = 3600
    await asyncio.sleep(0.85)

    await client.numbers.forwarding()

    assert len(far.token_posts) == 2
    assert all(seen.status == 200 for seen in far.requests)
    client._sender._network.close()


async def test_without_a_refresh_token_it_logs_in_again(
    far: RingCentralDouble, client: RingCentral
) -> None:
    """RingCentral issues one only where the app's setting says so."""
    far.logins.refresh_tokens = False
    await client.start()
    far.logins.expire()

    await client.numbers.forwarding()

    assert len(far.token_posts) == 2


async def test_a_dead_refresh_token_falls_back_to_the_jwt(
    far: RingCentralDouble, client: RingCentral
) -> None:
    """After a week's pause, or a sixth session elsewhere."""
    await client.start()
    far.logins.forget()

    await client.numbers.forwarding()

    assert len(far.token_posts) == 3


async def test_refused_credentials_are_not_hammered(far: RingCentralDouble) -> None:
    """RingCentral locks out users after repeated failures."""
    client = a_client(far, jwt="eyJ.wrong.jwt")

    for _ in range(5):
        with pytest.raises(CredentialsRefused):
            await client.numbers.forwarding()

    assert len(far.token_posts) == 1
    client._sender._network.close()


@pytest.mark.parametrize("story", ["lost-answer", "lost-answer-500", "lost-answer-502"])
async def test_an_answer_that_was_lost_is_not_asked_for_again(
    far: RingCentralDouble, client: RingCentral, story: str
) -> None:
    """The phone may be ringing: a second POST would ring it again."""
    far.play(story)

    with pytest.raises(Unreachable):
        await client.ring_outs.place(CALLER, CALLEE, before=soon())

    assert len(far.requests_of("POST", "/ring-out")) == 1


async def test_an_answer_that_drips_is_lost_and_not_asked_for_again(
    far: RingCentralDouble, answers_clock: FakeClock
) -> None:
    """A byte every few seconds held a call up for ever; the phone may be ringing."""
    client = a_client(
        far, bounds=replace(AGAIN_SOON, monotonic=answers_clock.monotonic)
    )
    far.faults.add("drip", path_contains="/ring-out", before_effect=False, seconds=0.02)
    placing = asyncio.create_task(client.ring_outs.place(CALLER, CALLEE, before=soon()))
    await until(lambda: far.calls)

    answers_clock.pass_by(USUAL_BOUNDS.seconds)

    with pytest.raises(Unreachable, match="in time"):
        await placing
    assert len(far.requests_of("POST", "/ring-out")) == len(far.calls) == 1
    client._sender._network.close()


async def test_slow_answers_hold_nobody_else_up(
    far: RingCentralDouble, answers_clock: FakeClock
) -> None:
    """Two that dripped stopped all polls, all reads of the log, and ``/callstatus``."""
    bounds = replace(SLOW_SOON, monotonic=answers_clock.monotonic)
    slow, other = a_client(far, bounds=bounds), a_client(far, bounds=bounds)
    other._sender._network = slow._sender._network
    await asyncio.gather(slow.start(), other.start())
    far.faults.add("drip", path_contains="/ring-out/", times=None, seconds=0.02)
    polls = [asyncio.create_task(slow.ring_outs.status("x")) for _ in range(9)]

    for _ in range(5):
        await other.numbers.forwarding()
    assert sum(each.done() for each in polls) <= 1  # the one that is refused
    while not all(each.done() for each in polls):  # a read is tried again
        answers_clock.pass_by(SLOW_SOON.seconds)
        await asyncio.wait(polls, timeout=0.02)

    lost = await asyncio.gather(*polls, return_exceptions=True)
    # The clock may pass a deadline while a second try still waits for its turn.
    unsaid = Unreachable | RateLimited | NotSent
    assert all(isinstance(each, unsaid) for each in lost)
    threads = slow._sender._network._asking._threads
    assert len(threads) <= SLOW_OF_ONE + 4
    slow._sender._network.close()
    other._sender._network.close()
    for thread in threads:
        thread.join(5)
    assert not any(thread.is_alive() for thread in threads)


@pytest.mark.parametrize("headers", ABSURD.values(), ids=ABSURD)
async def test_no_absurd_header_stops_a_users_calls(
    far: RingCentralDouble, client: RingCentral, headers: dict[str, str]
) -> None:
    """One wrong answer, of a proxy perhaps, must not cost anybody an hour."""
    far.faults.add("absurd", headers=headers, times=None)

    await client.ring_outs.place(CALLER, CALLEE, before=soon())
    await client.ring_outs.place(CALLER, CALLEE, before=soon())


async def test_a_request_timeout_may_have_been_carried_out(
    far: RingCentralDouble, client: RingCentral
) -> None:
    """RingCentral's guide lists 408 with the time-outs: the phone may be ringing."""
    far.faults.add("status", method="POST", path_contains="/ring-out", status=408)

    with pytest.raises(Unreachable):
        await client.ring_outs.place(CALLER, CALLEE, before=soon())

    assert len(far.requests_of("POST", "/ring-out")) == 1


@pytest.mark.parametrize(
    ("kind", "before"),
    [("status", True), ("reset", True), ("reset", False), ("garbage", False)],
)
async def test_a_sign_in_out_of_reach_has_rung_no_phone(
    far: RingCentralDouble, client: RingCentral, kind: Kind, *, before: bool
) -> None:
    """Nobody may read that a call may have been placed when nothing was sent."""
    far.faults.add(
        kind, method="POST", path_contains="/oauth/token", before_effect=before
    )

    with pytest.raises(SignInOutOfReach):
        await client.ring_outs.place(CALLER, CALLEE, before=soon())

    assert far.requests_of("POST", "/ring-out") == []


async def test_a_401_whose_renewal_is_out_of_reach_has_rung_no_phone(
    far: RingCentralDouble, client: RingCentral
) -> None:
    """RingCentral has refused the request, and it is not sent a second time."""
    await client.start()
    far.faults.add("status", method="POST", path_contains="/ring-out", status=401)
    far.faults.add("status", method="POST", path_contains="/oauth/token", status=503)

    with pytest.raises(SignInOutOfReach):
        await client.ring_outs.place(CALLER, CALLEE, before=soon())

    assert [seen.status for seen in far.requests_of("POST", "/ring-out")] == [401]
    assert far.calls == []


async def test_a_list_that_takes_no_page_size_is_read_without_it(
    far: RingCentralDouble, client: RingCentral, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Some older accounts refuse ``perPage``; then no phone would ever be listed."""
    usual = await client.numbers.own()

    def picky(ask: Ask, records: Sequence[Json], **options: int) -> Reply:
        if "perPage" in ask.seen.query:
            return invalid("perPage")
        return page_of(ask, records, **options)

    monkeypatch.setattr(person, "page_of", picky)

    assert await client.numbers.own() == usual
    asked = far.requests_of("GET", "/phone-number")
    assert ["perPage" in seen.query for seen in asked] == [True, True, False]


async def test_any_other_refusal_of_a_list_is_told(
    far: RingCentralDouble, client: RingCentral
) -> None:
    """Asked again without a page size it would be refused again."""
    await client.start()
    far.faults.add("status", method="GET", path_contains="phone-number", status=403)

    with pytest.raises(Refused):
        await client.numbers.own()

    assert len(far.requests_of("GET", "/phone-number")) == 1


async def test_after_a_429_a_group_is_closed_for_retry_after_and_no_longer(
    far: RingCentralDouble,
) -> None:
    """Its headers say ``Remaining: 0``, which nobody else has used up."""
    far.limits = Limits(penalty=0)  # the bot waits a second all the same
    now = [0.0]
    gate = InMemoryGate(lambda: now[0])
    client = a_client(far, gate_of=lambda _: gate)
    await client.call_log.read(since=datetime.now(UTC))
    far.faults.add("limited", method="POST", path_contains="/ring-out")
    assert await limited(client.ring_outs.place(CALLER, CALLEE, before=soon()))
    now[0] = 0.5
    assert await limited(client.ring_outs.place(CALLER, CALLEE, before=soon()))

    now[0] = 1.1

    assert not await limited(client.ring_outs.place(CALLER, CALLEE, before=soon()))
    client._sender._network.close()


async def test_nobody_listening_means_certainly_not_sent(
    far: RingCentralDouble, client: RingCentral
) -> None:
    """Only then may the bot tell the person that no phone has rung."""
    await client.start()
    port = int(far.url.rsplit(":", 1)[1])
    await far.close()
    client._sender._network.client.close()

    with pytest.raises(NotSent):
        await client.ring_outs.place(CALLER, CALLEE, before=soon())
    await far.start(port=port)


async def test_a_process_that_was_paused_does_not_send_late(
    far: RingCentralDouble, client: RingCentral
) -> None:
    """After the deadline another process may have settled the call."""
    await client.start()

    with pytest.raises(NotSent):
        await client.ring_outs.place(CALLER, CALLEE, before=time.monotonic() - 1)

    assert far.requests_of("POST", "/ring-out") == []


@pytest.mark.parametrize(
    ("story", "parameter", "feature"),
    [
        ("invalid-number", "to.phoneNumber", ""),
        ("bad-caller-id", "callerId.phoneNumber", ""),
        ("international-refused", "", "InternationalCalls"),
    ],
)
async def test_a_refusal_says_what_it_is_about(
    far: RingCentralDouble,
    client: RingCentral,
    story: str,
    parameter: str,
    feature: str,
) -> None:
    """Errors are recognized by code: messages may be in any language."""
    far.play(story)

    with pytest.raises(Refused) as refused:
        await client.ring_outs.place(CALLER, CALLEE, before=soon())

    assert (refused.value.parameter, refused.value.feature) == (parameter, feature)


async def test_no_request_is_sent_inside_a_penalty(
    far: RingCentralDouble, client: RingCentral
) -> None:
    """Every request during the penalty would restart it."""
    far.limits = Limits()
    far.play("429-post")

    for _ in range(5):
        with pytest.raises(RateLimited) as limited:
            await client.ring_outs.place(CALLER, CALLEE, before=soon())

    assert limited.value.retry_after > 50
    assert len(far.requests_of("POST", "/ring-out")) == 1
    assert not any(seen.in_penalty for seen in far.requests)


async def test_what_queues_behind_a_request_that_hangs_meets_the_penalty(
    far: RingCentralDouble, client: RingCentral
) -> None:
    """The budget is asked when a request can leave, not when it begins to queue."""
    far.limits = Limits()
    await client.call_log.read(
        since=datetime.now(UTC)
    )  # the limit is known from now on
    placed, limited_now = asyncio.Event(), asyncio.Event()

    async def hang(seen: Seen) -> None:
        if seen.method == "POST":
            placed.set()
            await limited_now.wait()

    far.door.on_effect = hang
    posts = [
        asyncio.create_task(
            limited(client.ring_outs.place(CALLER, CALLEE, before=soon()))
        )
        for _ in range(4)
    ]
    await placed.wait()
    far.limits.heavy = 1
    assert await limited(client.call_log.read(since=datetime.now(UTC)))
    limited_now.set()

    assert await asyncio.gather(*posts) == [False, True, True, True]
    assert len(far.requests_of("POST", "/ring-out")) == 1
    assert not any(seen.in_penalty for seen in far.requests)


async def test_the_budget_is_learned_from_the_headers(
    far: RingCentralDouble, client: RingCentral
) -> None:
    """Ten Heavy a minute: reads of the log leave three to new calls; never a 429."""
    far.limits = Limits()

    reads = [
        await limited(client.call_log.read(since=datetime.now(UTC))) for _ in range(9)
    ]
    posts = [
        await limited(client.ring_outs.place(CALLER, CALLEE, before=soon()))
        for _ in range(9)
    ]

    assert (reads.count(False), posts.count(False)) == (7, 3)
    assert all(seen.status != 429 for seen in far.requests)
    with pytest.raises(NotFound):
        await client.ring_outs.status("s-nobody")
    assert client.poll_interval(10) == pytest.approx(15)


async def test_a_read_is_tried_again_and_a_reset_is_survived(
    far: RingCentralDouble, client: RingCentral
) -> None:
    """GET requests ring nobody's phone, so they may be repeated."""
    await client.start()
    far.faults.add(
        "status", method="GET", path_contains="forwarding", status=503, times=1
    )
    far.faults.add("reset", method="GET", path_contains="forwarding", times=1)

    numbers = await client.numbers.forwarding()

    assert [each.can_ring for each in numbers][:1] == [True]


@pytest.mark.parametrize("kind", ["garbage", "reset", "status"])
async def test_no_error_holds_a_secret(
    far: RingCentralDouble, kind: Literal["garbage", "reset", "status"]
) -> None:
    """The SDK's own exceptions print bearer tokens and Basic secrets."""
    client = a_client(far)
    far.faults.add(kind, status=500, times=None)

    with pytest.raises(RingCentralError) as failed:
        await client.ring_outs.place(CALLER, CALLEE, before=soon())

    text = "".join(traceback.format_exception(failed.value)) + repr(failed.value)
    for secret in (far.logins.jwt, far.logins.client_secret, "earer ", "4155550142"):
        assert secret not in text
    client._sender._network.close()


async def test_what_the_doctor_asks(
    client: RingCentral,
) -> None:
    """The account, its permissions, and the difference of the clocks."""
    user = await client.account.user()
    available, _ = await client.account.ring_out_available()
    numbers = await client.numbers.own()

    assert user.id
    assert available
    assert any("CallerId" in each.features for each in numbers)
    assert "RingOut" in client.token_scopes()
    assert abs(client.clock_ahead()) < 2


async def test_canceling_is_one_delete(
    far: RingCentralDouble, client: RingCentral
) -> None:
    """Cancel is Heavy, so it is sent once; a call that is over is no error."""
    placed = await client.ring_outs.place(CALLER, CALLEE, before=soon())

    await client.ring_outs.cancel(placed.id)
    far.clock.skip(600)
    with pytest.raises(NotFound):
        await client.ring_outs.cancel(placed.id)

    assert len(far.requests_of("DELETE", "/ring-out")) == 2


async def test_a_proxy_of_the_environment_is_used(
    far: RingCentralDouble,
    client: RingCentral,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Where only a proxy leads out, a bot that ignores it would never log in."""
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")

    with pytest.raises(RingCentralError):
        await client.start()
    assert far.requests == []


async def test_the_environment_is_looked_up_once(
    client: RingCentral, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was a quarter of what a poll costs, and it does not change."""
    real = requests.Session.merge_environment_settings
    asked: list[str] = []

    def counting(session: requests.Session, url: str, *rest: object) -> object:
        asked.append(url)
        return real(session, url, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(requests.Session, "merge_environment_settings", counting)
    placed = await client.ring_outs.place(CALLER, CALLEE, before=soon())
    for _ in range(5):
        await client.ring_outs.status(placed.id)

    assert len(asked) == 1
