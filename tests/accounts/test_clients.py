"""Two accounts here may be one RingCentral user: one rate budget, one penalty."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from bot.accounts.callers import Operator
from bot.accounts.clients import SHARED
from bot.calls.people.person import Person
from bot.cluster.budget import CLOCKS_DIFFER_BY
from bot.errors import RateLimited
from bot.ringcentral.client import RingCentral
from bot.sandbox.ledger import TOO_MANY, sent_despite_penalty
from bot.sandbox.limits import Limits
from bot.sandbox.ringcentral.double import RingCentralDouble
from bot.storage.retention import Retention
from office import ANN, BOB, Office, an_office, beside
from own import connects, lets_connect
from town import Town

pytestmark = pytest.mark.unmeasured

CALLER, CALLEE = "+15105550101", "+14155550142"


@pytest.fixture
async def office(double: RingCentralDouble, database_url: str) -> AsyncIterator[Office]:
    """Return an office with the shared account, under RingCentral's own limits."""
    async with a_sharing(double, database_url) as made:
        yield made


@asynccontextmanager
async def a_sharing(double: RingCentralDouble, url: str) -> AsyncIterator[Office]:
    """Open an office with the shared account, under RingCentral's own limits."""
    double.limits = Limits()
    operator = Operator(jwt=double.logins.jwt, is_shared=True)
    async with an_office(double, url, operator=operator) as made:
        yield made


async def dial(telephony: RingCentral, times: int) -> list[object]:
    """Place several calls at once; return the outcome of each."""
    soon = time.monotonic() + 10
    return await asyncio.gather(
        *(telephony.ring_outs.place(CALLER, CALLEE, before=soon) for _ in range(times)),
        return_exceptions=True,
    )


async def theirs(office: Office, person: Person) -> RingCentral:
    """Return the client that this person's calls use."""
    return office.accounts.telephony((await office.accounts.of(person)).account)


def refused(double: RingCentralDouble) -> int:
    """Return how many requests RingCentral refused because of its limits."""
    return sum(seen.status == TOO_MANY for seen in double.requests)


async def test_two_people_on_one_extension_dial_at_once(office: Office) -> None:
    """One extension in two workspaces has ten Heavy requests a minute, not twenty."""
    await office.connect(ANN, "ann")
    await office.connect(BOB, "ann")

    one, other = [await theirs(office, each) for each in (ANN, BOB)]
    ends = await asyncio.gather(dial(one, 8), dial(other, 8))

    limited = [each for end in ends for each in end if isinstance(each, RateLimited)]
    assert refused(office.double) == 0
    assert len(office.double.calls) == 16 - len(limited) == 9  # one is for reads


async def test_so_they_do_in_two_processes(
    double: RingCentralDouble, postgres_url: str
) -> None:
    """The second process learns from the database what the first has used."""
    async with a_sharing(double, postgres_url) as office, beside(office) as other:
        await office.connect(ANN, "ann")
        await other.connect(BOB, "ann")
        await asyncio.gather(
            dial(await theirs(office, ANN), 8), dial(await theirs(other, BOB), 8)
        )

    assert refused(double) == 0
    assert len(double.calls) == 9


async def test_the_owner_of_the_shared_account_shares_its_budget(
    office: Office,
) -> None:
    """The service user may connect as well; RingCentral counts both as one user."""
    shared = office.accounts.telephony(SHARED)
    await shared.start()
    await office.connect(ANN, "service")

    await asyncio.gather(dial(shared, 8), dial(await theirs(office, ANN), 8))

    assert refused(office.double) == 0
    assert len(office.double.calls) == 9


async def test_a_penalty_that_one_meets_holds_the_other(office: Office) -> None:
    """A request during the penalty restarts it, whichever account sends it."""
    await office.connect(ANN, "ann")
    await office.connect(BOB, "ann")
    one, other = [await theirs(office, each) for each in (ANN, BOB)]
    await asyncio.gather(one.numbers.forwarding(), other.numbers.forwarding())
    double = office.double
    limiter = double.door._limiter_of(double.person("ann").extension_id)
    limiter.penalize("Heavy", double.clock.real())
    limiter.penalize("Auth", double.clock.real())
    office.later(hours=1)  # both tokens must be replaced

    for client in (one, other, one):
        with pytest.raises(RateLimited):
            await client.start()
    assert refused(double) == 1
    office.later(seconds=60 + CLOCKS_DIFFER_BY)
    double.clock.skip(60 + CLOCKS_DIFFER_BY)
    limiter.penalize("Heavy", double.clock.real())
    for client in (one, other, one):
        [end] = await dial(client, 1)
        assert isinstance(end, RateLimited)

    assert refused(double) == 2
    assert sent_despite_penalty(double.requests, 60) == []
    assert await other.numbers.forwarding()


async def test_strangers_have_budgets_of_their_own(office: Office) -> None:
    """One person's rate limit must not block anybody else's calls."""
    await office.connect(ANN, "ann")
    await office.connect(BOB, "bob")
    first = await dial(await theirs(office, ANN), 12)
    second = await dial(await theirs(office, BOB), 9)

    assert sum(isinstance(each, RateLimited) for each in first) == 3
    assert not [each for each in second if isinstance(each, Exception)]


async def test_who_connects_while_their_limit_is_closed_waits(office: Office) -> None:
    """Asking who they are is a request too; it would restart the penalty."""
    await office.connect(ANN, "ann")
    double = office.double
    limiter = double.door._limiter_of(double.person("ann").extension_id)
    limiter.penalize("Light", double.clock.real())
    with pytest.raises(RateLimited):
        await (await theirs(office, ANN)).numbers.forwarding()

    with pytest.raises(RateLimited):
        await office.connect(BOB, "ann")

    assert refused(double) == 1
    assert len(double.sessions_of("ann")) == 1  # BOB's new tokens are revoked


async def test_what_is_known_of_limits_goes_a_day_after_its_last_use(
    office: Office,
) -> None:
    """Rows of everybody who ever connected must not pile up in the database."""
    await office.connect(ANN, "ann")
    await dial(await theirs(office, ANN), 1)
    ann = office.double.person("ann").extension_id
    rows = (await office.rows("user_state"))["user_state"]
    assert len(rows) == (1 if office.store.writer.is_postgres else 0)
    assert ann not in str(rows)

    retention = Retention(office.store.writer)
    await retention.purge_user_state(office.clock.now())
    assert (await office.rows("user_state"))["user_state"] == rows
    office.later(seconds=1)
    await retention.purge_user_state(office.clock.now())

    assert (await office.rows("user_state"))["user_state"] == []
    assert len(await dial(await theirs(office, ANN), 1)) == 1


async def test_two_slack_users_of_one_extension_have_all_their_calls_placed(
    closed_town: Town,
) -> None:
    """Two Slack users on one extension must both get their calls, within the limits."""
    town = closed_town
    lets_connect(town, "ann")
    town.ringcentral.limits = Limits(window=2, penalty=2)
    await town.open(RINGOUT_POLL_SECONDS="0.1")
    for user in ("ann", "bob"):
        assert (await connects(town, user, "ann"))[0] == 200

    acks = await asyncio.gather(
        *(
            town.types(f"+1415555{100 + index:04d}", user=user)
            for index in range(7)
            for user in ("ann", "bob")
        )
    )
    await town.until(
        lambda: len([c for c in town.cards() if town.slack.thread(c)]) == 14
    )

    assert all(ack.ok for ack in acks)
    assert {call.owner for call in town.ringcentral.calls} == {"ann"}
    assert refused(town.ringcentral) == 0
