"""A person's sign-in that several processes share: refreshed once, lost never."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from below import ANN, HOUR, REVOKE, TOKEN, Below, told_by
from intents import NOON

from bot.errors import (
    CredentialsRefused,
    Disconnected,
    RateLimited,
    StoreUnavailable,
    Unreachable,
)
from bot.ringcentral import session
from bot.ringcentral.session import Session
from bot.ringcentral.tokens import Tokens, tokens_of
from bot.storage.connections import LEASE
from bot.token_store import Shelf

GRACE = 3600.0
"""Seconds for which RingCentral gives an unused answer again."""


async def name(process: Below, identity: str) -> str:
    """Ask RingCentral who somebody is, in their own name."""
    return (await process.accounts.telephony(identity).extension()).name


async def signs_in(process: Below, identity: str) -> None:
    """Have a token for somebody, with one try: a question would be asked three times."""
    await process.accounts.telephony(identity).start()


def session_of(process: Below, identity: str, store: Shelf | None = None) -> Session:
    """Return a session as another process would have it."""
    shelf = store or Shelf(process.connections, identity, process.clock, lambda: None)
    network = process.network
    return Session(network.platform(), network.run, shelf, process.clock.now)


# Several at once


async def test_two_processes_refresh_a_token_once(below: Below) -> None:
    """A refresh token is good once: the second use would sign the person out."""
    linked = await below.connects()
    other = await below.another()
    assert [await name(each, linked.id) for each in (below, other)] == [
        "Ann Example"
    ] * 2
    before = below.asked()
    below.clock.pass_by(HOUR)
    below.double.faults.add("slow", path_contains=TOKEN, seconds=0.6)

    names = await asyncio.gather(
        *(name(each, linked.id) for each in (below, other) * 4)
    )

    after = await below.of()
    assert after is not None
    assert names == ["Ann Example"] * 8
    assert below.asked() - before == below.double.refreshes_of("ann") == 1
    assert (after.version, after.broken_at) == (linked.version + 1, None)
    assert len(below.double.sessions_of("ann")) == 1
    assert [await name(each, linked.id) for each in (below, other)] == [
        "Ann Example"
    ] * 2
    assert below.double.refreshes_of("ann") == 1


async def test_a_token_that_is_refused_is_refreshed_by_one_for_all(
    below: Below,
) -> None:
    """RingCentral may end an access token before its time; eight 401s are one refresh."""
    linked = await below.connects()
    other = await below.another()
    for each in (below, other):
        await name(each, linked.id)
    below.double.expire_access("ann")

    names = await asyncio.gather(
        *(name(each, linked.id) for each in (below, other) * 4)
    )

    assert names == ["Ann Example"] * 8
    assert below.double.refreshes_of("ann") == 1


@pytest.mark.parametrize("rotated", [False, True])
async def test_a_process_that_dies_in_its_turn_is_followed_by_another(
    below: Below, *, rotated: bool
) -> None:
    """Whether RingCentral had heard of it or not: after the lease somebody goes on."""
    linked = await below.connects()
    other = await below.another()
    below.clock.pass_by(HOUR)
    hang = below.double.faults.add(
        "hang", path_contains=TOKEN, before_effect=not rotated
    )
    dying = asyncio.create_task(name(below, linked.id))
    while not hang.hits:
        await asyncio.sleep(0.01)
    dying.cancel()
    waiting = asyncio.create_task(name(other, linked.id))
    await asyncio.sleep(session.LOOK_EVERY * 2)
    early = waiting.done()
    below.clock.pass_by(LEASE.total_seconds())

    assert await waiting == "Ann Example"
    assert not early
    assert below.double.refreshes_of("ann") == 1
    after = await below.of()
    assert after is not None
    assert after.broken_at is None


async def test_whoever_waits_too_long_for_another_says_so(
    alone: Below, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A call must not hang behind a process that hangs: it tells, and may be repeated."""
    monkeypatch.setattr(session, "LOOK_EVERY", 0.001)
    linked = await alone.connects()
    alone.clock.pass_by(HOUR)
    assert await alone.connections.take_turn(
        linked.id, linked.version, alone.clock.now()
    )

    with pytest.raises(Unreachable, match="too long"):
        await name(alone, linked.id)

    await alone.connections.give_turn_back(linked.id, linked.version, alone.clock.now())
    assert await name(alone, linked.id) == "Ann Example"


async def test_only_one_takes_the_turn(below: Below) -> None:
    """And nobody for tokens that were replaced meanwhile."""
    linked = await below.connects()
    other = await below.another()
    now = below.clock.now()

    taken = await asyncio.gather(
        *(
            each.connections.take_turn(linked.id, linked.version, now)
            for each in (below, other) * 5
        )
    )

    assert sum(taken) == 1
    assert not await below.connections.take_turn(linked.id, 7, now + 2 * LEASE)


# What gets lost


async def test_a_refresh_whose_answer_was_lost_is_asked_for_again(
    below: Below,
) -> None:
    """RingCentral gives the same answer for an hour if nobody has used it."""
    linked = await below.connects()
    below.clock.pass_by(HOUR)
    below.double.faults.add("reset", path_contains=TOKEN, before_effect=False)

    with pytest.raises(Unreachable):
        await signs_in(below, linked.id)
    below.double.clock.skip(GRACE / 2)

    assert await name(below, linked.id) == "Ann Example"
    assert below.double.refreshes_of("ann") == 1


async def test_a_lost_answer_that_is_too_old_ends_the_sign_in_and_is_told_once(
    below: Below,
) -> None:
    """Nothing can bring it back, so nobody tries: no loop, one message."""
    linked = await below.connects()
    other = await below.another()
    below.clock.pass_by(HOUR)
    below.double.faults.add("reset", path_contains=TOKEN, before_effect=False)
    with pytest.raises(Unreachable):
        await signs_in(below, linked.id)
    below.double.clock.skip(2 * GRACE)
    before = below.asked()

    for each in (below, other, below, other):
        with pytest.raises(Disconnected):
            await name(each, linked.id)
    for each in (below, other, below):
        await each.care.look()

    assert below.asked() - before == 1
    assert below.broke + other.broke == 1
    assert len(below.ended) + len(other.ended) == 1


async def test_new_tokens_are_stored_although_the_database_was_away(
    alone: Below, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The old ones are dead: what RingCentral gave must not be dropped."""
    monkeypatch.setattr(session, "INSIST", (0.0, 0.0, 0.0))
    linked = await alone.connects()
    alone.clock.pass_by(HOUR)
    shelf = Moody(alone, linked.id, away=3)

    await session_of(alone, linked.id, shelf).ensure()

    assert await name(alone, linked.id) == "Ann Example"
    assert alone.double.refreshes_of("ann") == 1
    assert shelf.tries == 4


async def test_a_database_that_stays_away_is_said_and_nothing_is_lost(
    alone: Below, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Within RingCentral's grace the next one gets the same tokens again."""
    monkeypatch.setattr(session, "INSIST", (0.0,))
    linked = await alone.connects()
    alone.clock.pass_by(HOUR)
    shelf = Moody(alone, linked.id, away=9)
    with pytest.raises(StoreUnavailable):
        await session_of(alone, linked.id, shelf).ensure()

    alone.clock.pass_by(LEASE.total_seconds())

    assert await name(alone, linked.id) == "Ann Example"
    assert alone.double.refreshes_of("ann") == 1


async def test_tokens_that_were_stored_without_being_told_so_are_not_thrown_away(
    alone: Below, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A connection lost after the commit: the second try finds the work done."""
    monkeypatch.setattr(session, "INSIST", (0.0, 0.0))
    linked = await alone.connects()
    alone.clock.pass_by(HOUR)
    shelf = Moody(alone, linked.id, away=1, after=True)

    generation = await session_of(alone, linked.id, shelf).ensure()

    assert generation == linked.version + 1
    assert await name(alone, linked.id) == "Ann Example"
    assert alone.double.sessions_of("ann")


class Moody(Shelf):
    """A shelf whose database is away for so many tries to store; *after*: it did."""

    def __init__(
        self, below: Below, identity: str, *, away: int, after: bool = False
    ) -> None:
        super().__init__(below.connections, identity, below.clock, lambda: None)
        self.away = away
        self.after = after
        self.tries = 0

    async def save(self, tokens: Tokens) -> bool:
        """Store, or not."""
        self.tries += 1
        if self.tries > self.away:
            return await super().save(tokens)
        if self.after:
            await super().save(tokens)
        raise StoreUnavailable("away")


# What RingCentral says


async def test_refused_for_good_breaks_and_is_told_once(below: Below) -> None:
    """An administrator ended the session: the person must connect again."""
    linked = await below.connects()
    other = await below.another()
    below.double.end_sessions("ann")

    results = await asyncio.gather(
        *(name(each, linked.id) for each in (below, other) * 2),
        return_exceptions=True,
    )
    await asyncio.gather(below.care.look(), other.care.look())
    after = await below.of()

    assert all(isinstance(each, Disconnected) for each in results)
    assert below.broke + other.broke == 1
    assert [each.id for each in below.ended + other.ended] == [linked.id]
    assert after is not None
    assert after.broken_at == below.clock.now()
    assert await below.connections.tokens(linked.id) is None


async def test_a_wrong_client_secret_signs_nobody_out(alone: Below) -> None:
    """It is the operator's slip, and would cost everybody a new sign-in."""
    linked = await alone.connects()
    alone.clock.pass_by(HOUR)
    right, alone.double.logins.client_secret = (
        alone.double.logins.client_secret, "another",
    )  # fmt: skip
    before = alone.asked()

    for _ in range(3):
        with pytest.raises((CredentialsRefused, RateLimited)) as refused:
            await name(alone, linked.id)
        assert not isinstance(refused.value, Disconnected)
    asked = alone.asked() - before
    alone.double.logins.client_secret = right

    other = await alone.another()
    assert await name(other, linked.id) == "Ann Example"
    assert asked == 1
    assert alone.broke == 0


async def test_a_rate_limit_is_waited_out_by_this_process(alone: Below) -> None:
    """RingCentral begins the penalty anew for who asks in it."""
    linked = await alone.connects()
    alone.clock.pass_by(HOUR)
    alone.double.faults.add(
        "status", path_contains=TOKEN, status=429, headers={"Retry-After": "60"}
    )
    before = alone.asked()

    for _ in range(2):
        with pytest.raises(RateLimited):
            await name(alone, linked.id)

    assert alone.asked() - before == 1
    other = await alone.another()
    assert await name(other, linked.id) == "Ann Example"


@pytest.mark.parametrize("kind", ["status", "reset", "garbage"])
async def test_an_outage_costs_nobody_their_sign_in(alone: Below, kind: Any) -> None:
    """The turn is given back at once, so the next one need not wait for the lease."""
    linked = await alone.connects()
    alone.clock.pass_by(HOUR)
    alone.double.faults.add(kind, path_contains=TOKEN)

    with pytest.raises(Unreachable):
        await signs_in(alone, linked.id)

    assert await name(alone, linked.id) == "Ann Example"
    assert alone.broke == 0


# Meanwhile


async def test_who_disconnects_during_a_refresh_leaves_no_session_behind(
    below: Below,
) -> None:
    """What the refresh brings is nobody's any more: it is ended at RingCentral too."""
    linked = await below.connects()
    below.clock.pass_by(HOUR)
    slow = below.double.faults.add(
        "slow", path_contains=TOKEN, before_effect=False, seconds=0.5
    )
    asking = asyncio.create_task(name(below, linked.id))
    while not slow.hits or not below.double.refreshes_of("ann"):
        await asyncio.sleep(0.01)

    assert await below.connecting.disconnect(ANN)
    with pytest.raises(Disconnected):
        await asking

    assert await below.of() is None
    assert below.double.sessions_of("ann") == []


async def test_who_connects_again_during_a_refresh_goes_on_by_the_new_tokens(
    below: Below,
) -> None:
    """The call that was waiting is placed, and the session before is ended."""
    linked = await below.connects()
    other = await below.another()
    below.clock.pass_by(HOUR)
    begun = await other.begins()
    back = await below.double.sign_in(begun.url, "ann")
    slow = below.double.faults.add(
        "slow", path_contains=TOKEN, before_effect=False, seconds=1.0
    )
    asking = asyncio.create_task(name(below, linked.id))
    while not slow.hits or not below.double.refreshes_of("ann"):
        await asyncio.sleep(0.01)

    again = await other.connecting.finish(*told_by(back), begun.cookie)

    assert await asking == "Ann Example"
    assert again.id == linked.id
    assert len(below.double.sessions_of("ann")) == 1


async def test_tokens_of_another_process_are_adopted(below: Below) -> None:
    """Who was told of a 401 looks into the database first."""
    linked = await below.connects()
    mine, others = session_of(below, linked.id), session_of(below, linked.id)
    first = await mine.ensure()
    await others.ensure()
    await mine.renew(first)

    await others.renew(first)

    assert below.double.refreshes_of("ann") == 1
    assert await others.ensure() == first + 1
    assert "RingOut" in others.scopes()


async def test_a_session_that_never_had_a_token_has_no_scopes(alone: Below) -> None:
    """And one whose connection is gone says so."""
    nobody = session_of(alone, "nobody")

    with pytest.raises(Disconnected):
        await nobody.ensure()

    assert nobody.scopes() == frozenset()


# What an answer holds


def test_an_answer_is_read_as_far_as_it_goes() -> None:
    """Lives that are not told are RingCentral's defaults; no token is no sign-in."""
    plain = tokens_of({"access_token": "a", "expires_in": 3600}, NOON)
    lasting = tokens_of({"access_token": "a", "refresh_token": "r"}, NOON, version=3)

    assert plain.ends_at == NOON + timedelta(hours=1)
    assert plain.fresh_until == NOON + timedelta(minutes=58)
    assert lasting.ends_at == NOON + timedelta(days=7)
    assert lasting.version == 3
    with pytest.raises(Unreachable):
        tokens_of({}, NOON)
    assert repr(replace(plain, access="secret")) == "<Tokens version 0>"


async def test_what_cannot_be_refreshed_ends_with_its_hour(alone: Below) -> None:
    """An app without refresh tokens: nothing is asked of RingCentral in vain."""
    alone.double.logins.refresh_tokens = False
    linked = await alone.connects()
    alone.clock.pass_by(HOUR)
    before = alone.asked()

    with pytest.raises(Disconnected):
        await name(alone, linked.id)

    assert linked.kind == "once"
    assert alone.asked() == before
    assert alone.broke == 1
    assert alone.asked(REVOKE) == 0
