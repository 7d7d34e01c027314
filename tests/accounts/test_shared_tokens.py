"""Eight processes on one PostgreSQL share one JWT: one session at RingCentral."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from datetime import timedelta

import pytest

from bot.accounts.callers import Operator
from bot.accounts.clients import SHARED
from bot.accounts.shared_tokens import SharedRow, SharedTokens
from bot.cluster.budget import CLOCKS_DIFFER_BY
from bot.errors import (
    CredentialsRefused,
    RateLimited,
    RingCentralError,
    SignInOutOfReach,
)
from bot.ringcentral.sign_in.session import (
    USUAL_SIGN_IN_WAITS,
    Session,
    SignInWaits,
)
from bot.sandbox.ledger import TOO_MANY, sent_despite_penalty
from bot.sandbox.limits import Limits
from bot.sandbox.ringcentral.double import RingCentralDouble
from bot.storage.people.connection_tokens import REFRESH_LEASE
from fakes import FakeClock
from office import Office, an_office

PROCESSES = 8
"""More than the five sessions that RingCentral allows per user and app."""


class Fleet:
    """Processes that share one credential, reduced to their accounts."""

    def __init__(self, double: RingCentralDouble, url: str, jwt: str) -> None:
        self.double = double
        self.offices: list[Office] = []
        self._url = url
        self._jwt = jwt
        self._stack = AsyncExitStack()

    async def add(
        self, *, secret: str = "", waits: SignInWaits = USUAL_SIGN_IN_WAITS
    ) -> Office:
        """Start one more process."""
        number = len(self.offices)
        clock = self.offices[0].clock if self.offices else None
        operator = Operator(jwt=self._jwt, is_shared=True)
        made = await self._stack.enter_async_context(
            an_office(
                self.double,
                self._url,
                operator=operator,
                me=f"p{number}",
                clock=clock,
                secret=secret,
                waits=waits,
            )
        )
        self.offices.append(made)
        return made

    async def close(self) -> None:
        """Stop all processes."""
        await self._stack.aclose()

    def later(self, seconds: float) -> None:
        """Move the clocks of the processes and of RingCentral forward."""
        self.offices[0].later(seconds=seconds)
        self.double.clock.skip(seconds)

    async def damage(self, row: str | Callable[[str], str]) -> None:
        """Replace the stored sign-in, whatever wrote there."""
        change = row if callable(row) else lambda _: row
        one = self.offices[0]
        await one.accounts.user_state(SHARED).exchange(
            lambda held: (change(held), None), one.clock.now(), what="sign_in"
        )

    async def ask(self, *offices: Office) -> list[str | BaseException]:
        """Have every process ask at once who the shared user is."""
        return await asyncio.gather(
            *(who(each) for each in offices or self.offices), return_exceptions=True
        )

    def check(self) -> None:
        """Check that no rate limit was exceeded and no penalty restarted."""
        assert not [seen for seen in self.double.requests if seen.in_penalty]
        assert not [seen for seen in self.double.requests if seen.status == TOO_MANY]


async def who(office: Office) -> str:
    """Ask RingCentral who the shared user is."""
    return (await office.accounts.telephony(SHARED).account.user()).name


def session_of(office: Office) -> Session:
    """Return the session of a process."""
    found = office.accounts.telephony(SHARED)._sender.sign_in
    assert isinstance(found, Session)
    return found


@pytest.fixture
async def first(double: RingCentralDouble, postgres_url: str) -> AsyncIterator[Fleet]:
    """Return one process, not signed in yet, under RingCentral's own limits."""
    made = Fleet(double, postgres_url, double.jwt_of("ann"))
    double.limits = Limits()
    await made.add()
    yield made
    await made.close()


@pytest.fixture
async def fleet(first: Fleet) -> Fleet:
    """Return eight such processes."""
    while len(first.offices) < PROCESSES:
        await first.add()
    return first


async def test_eight_processes_that_start_together_are_one_log_in(
    fleet: Fleet,
) -> None:
    """Eight log-ins would exceed the limit of five and end three sessions."""
    names = await fleet.ask()
    again = await fleet.ask()

    assert set(names) == set(again) == {"Ann Example"}
    assert len(fleet.double.token_posts) == 1
    assert len(fleet.double.sessions_of("ann")) == 1
    assert not [seen for seen in fleet.double.requests if seen.status == 401]
    fleet.check()


async def test_its_token_is_refreshed_by_one_of_them(fleet: Fleet) -> None:
    """It is refreshed in time every hour; a process that starts later uses it too."""
    await fleet.ask()
    for _ in range(3):
        fleet.later(58 * 60)
        await fleet.ask()
    late = await fleet.add()

    assert await who(late) == "Ann Example"
    assert fleet.double.sign_ins_of("ann") == 1
    assert fleet.double.refreshes_of("ann") == 3
    fleet.check()


async def test_a_session_that_others_ended_is_made_anew_once(fleet: Fleet) -> None:
    """Another program's sign-in may end it; eight new ones would end each other's."""
    await fleet.ask()
    for _ in range(2):
        fleet.double.end_sessions("ann")
        assert set(await fleet.ask()) == {"Ann Example"}
        fleet.later(61)
    before = len(fleet.double.token_posts)
    await fleet.ask()

    assert fleet.double.sign_ins_of("ann") == 3
    assert len(fleet.double.token_posts) == before
    fleet.check()


async def test_a_refused_jwt_is_tried_by_one_of_them_now_and_then(
    fleet: Fleet, caplog: pytest.LogCaptureFixture
) -> None:
    """Eight tries every half minute would exceed the limit and lock the user out."""
    fleet.double.revoke_jwts("ann")

    for _ in range(6):
        ends = await fleet.ask()
        assert all(isinstance(each, CredentialsRefused) for each in ends)
        fleet.later(USUAL_SIGN_IN_WAITS.refused / 2)

    assert len(fleet.double.token_posts) == 3
    assert caplog.text.count("RingCentral refuses the sign-in: 400 OAU-140") == 3
    fleet.check()


async def test_a_penalty_of_log_ins_is_every_process_s(fleet: Fleet) -> None:
    """A request during the penalty would restart it, whichever process sends it."""
    fleet.double.limits.penalty = 60.0
    ann = fleet.double.person("ann").extension_id
    closed = fleet.double.door._limiter_of(ann)
    closed.penalize("Auth", fleet.double.clock.real())

    first = await fleet.ask(fleet.offices[0])
    ends = await fleet.ask()

    assert isinstance(first[0], RateLimited)
    assert all(isinstance(each, RateLimited) for each in ends)
    assert len(fleet.double.token_posts) == 1
    fleet.later(60 + CLOCKS_DIFFER_BY)
    assert set(await fleet.ask()) == {"Ann Example"}
    assert sent_despite_penalty(fleet.double.requests, 60.0) == []
    assert len(fleet.double.token_posts) == 2


async def test_a_process_with_a_wrong_secret_keeps_nobody_out(fleet: Fleet) -> None:
    """One process deployed with a typo must not stop the seven others."""
    typo = await fleet.add(secret="wrong")
    wrong = await fleet.ask(typo)
    names = await fleet.ask(*fleet.offices[:PROCESSES])
    fleet.later(58 * 60)
    again = await fleet.ask()

    assert isinstance(wrong[0], CredentialsRefused)
    assert set(names) == set(again[:PROCESSES]) == {"Ann Example"}
    assert isinstance(again[-1], CredentialsRefused)
    fleet.check()


async def test_an_outage_of_log_ins_leaves_the_token_its_last_minutes(
    fleet: Fleet,
) -> None:
    """The old token stays valid for two more minutes and must be used."""
    await fleet.ask()
    fleet.later(58 * 60 + 1)
    fleet.double.faults.add("reset", path_contains="/oauth/token", times=None)

    for office in fleet.offices[:2]:
        assert await who(office) == "Ann Example"
    fleet.later(120)
    with pytest.raises(SignInOutOfReach):
        await who(fleet.offices[0])


async def test_a_process_that_died_in_its_turn_holds_it_for_a_while(
    fleet: Fleet,
) -> None:
    """After kill -9 before its log-in, the others go on by themselves."""
    waiting = await fleet.add(waits=SignInWaits(lease_look=0.001))
    store = session_of(fleet.offices[0])._store
    assert await store.take_lease(0)

    with pytest.raises(RingCentralError, match="another process"):
        await who(waiting)
    fleet.later(REFRESH_LEASE.total_seconds())

    assert await who(waiting) == "Ann Example"
    assert not await store.take_lease(0)
    await store.release_lease(0)


@pytest.mark.parametrize(
    "row",
    [
        "{{{",
        "[1]",
        "null",
        "5",
        '{"version": "x"}',
        '{"tokens": 5}',
        '{"leased_until": null}',
        '{"refused_until": "x"}',
        '{"version": true}',
        "[" * 100_000,
    ],
)
async def test_a_row_that_cannot_be_read_is_signed_in_anew(
    first: Fleet, row: str
) -> None:
    """One damaged row must not keep every process from starting, for good."""
    await who(first.offices[0])
    await first.damage(row)

    assert await who(await first.add()) == "Ann Example"


async def test_a_later_versions_row_is_read(first: Fleet) -> None:
    """During a rolling upgrade both versions share the sign-in."""
    await who(first.offices[0])
    await first.damage(lambda row: json.dumps(json.loads(row) | {"more": 1}))

    assert await who(await first.add()) == "Ann Example"
    assert len(first.double.requests_of("POST", "/oauth/token")) == 1


@pytest.mark.parametrize("name", ["leased_until", "refused_until"])
async def test_a_clock_that_was_ahead_locks_nobody_out(first: Fleet, name: str) -> None:
    """A lease and a refusal end soon; one that ends next year is a clock's mistake."""
    far = first.offices[0].clock.now() + timedelta(days=365)
    await first.damage(json.dumps({name: far.timestamp(), "refusal": "wrong"}))

    assert await who(await first.add()) == "Ann Example"


async def test_the_database_holds_nothing_to_sign_in_with(
    fleet: Fleet, caplog: pytest.LogCaptureFixture
) -> None:
    """A thief of the database gets neither the JWT nor the secret: no tokens."""
    caplog.set_level(logging.DEBUG)
    await fleet.ask()
    fleet.later(58 * 60)
    await fleet.ask()
    one, double = fleet.offices[0], fleet.double

    held = str(await one.rows())
    tokens = [each for each in double.secrets_of("ann") if each]
    assert len(tokens) == 5
    for secret in (*tokens, double.logins.client_secret):
        assert secret not in held
        assert secret not in caplog.text
    row = one.accounts.user_state(SHARED)
    for jwt, secret in ((tokens[0], "other"), ("a.b.c", double.logins.client_secret)):
        stranger = await SharedTokens(
            row, jwt, secret, one.clock, USUAL_SIGN_IN_WAITS
        ).load()
        assert (stranger.access, stranger.refresh) == ("", "")
        assert stranger.fresh_until < one.clock.now()


async def test_who_saves_too_late_ends_the_session_that_nobody_has(
    fleet: Fleet,
) -> None:
    """A process paused beyond its lease must revoke the session it opened in vain."""
    slow, quick, third = fleet.offices[:3]
    fleet.double.logins.refresh_tokens = False
    await who(third)
    fleet.later(3600)

    async def meanwhile(_: object) -> None:
        fleet.double.door.on_effect = None
        fleet.later(REFRESH_LEASE.total_seconds())
        await who(quick)

    fleet.double.door.on_effect = meanwhile
    assert await who(slow) == "Ann Example"

    assert fleet.double.sign_ins_of("ann") == 3
    assert len(fleet.double.sessions_of("ann")) == 2  # the first one, and that of quick
    fleet.check()


@pytest.mark.parametrize(
    "held",
    [
        "[1]",
        "null",
        "7",
        "{",
        "[" * 100_000,
        '{"access": 7}',
        '{"refresh": null}',
        '{"access": "a", "fresh_until": "x"}',
        '{"access": "a", "fresh_until": 1e300}',
        '{"access": "a", "fresh_until": -1}',
        '{"access": "a", "expires_at": []}',
        '{"access": "a", "expires_at": NaN}',
    ],
)
def test_secrets_that_cannot_be_read_count_as_none(held: str) -> None:
    """A later version, or damage: the bot signs in anew instead of failing each time."""
    store = SharedTokens(None, "j", "s", FakeClock(), SignInWaits())  # type: ignore[arg-type]
    row = SharedRow(3, store._vault.encrypt(held))

    found = store._opened(row)

    assert (found.access, found.refresh, found.version) == ("", "", 3)
    assert found.fresh_until.timestamp() == 0
