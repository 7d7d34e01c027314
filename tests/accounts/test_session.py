"""A person's tokens, shared by processes: refreshed once, never lost, or ended."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.accounts.person_tokens import closed, opened
from bot.cli import database
from bot.cluster.budget import CLOCKS_DIFFER_BY
from bot.errors import (
    CredentialsRefused,
    Disconnected,
    NotConnected,
    RateLimited,
    Refused,
    RingCentralError,
    StoreUnavailable,
    Unreachable,
)
from bot.ringcentral.sign_in.grant import ACCESS_TOKEN_LIFE, REFRESH_TOKEN_LIFE, token
from bot.ringcentral.sign_in.session import USUAL_SIGN_IN_WAITS, Session, SignInWaits
from bot.ringcentral.sign_in.tokens import (
    ACCOUNT_CODES,
    LOCKED_CODES,
    is_final,
    tokens_of,
    why_final,
)
from bot.sandbox.ringcentral.double import RingCentralDouble
from bot.storage.people.connection_tokens import REFRESH_LEASE
from bot.vault import new_key
from office import ANN, KEY, Office, an_office, beside
from patience import PATIENCE

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


SOON = SignInWaits(lease_look=0.001, save=(0.0, 0.0, 0.0, 0.0))


@pytest.fixture
async def office(double: RingCentralDouble, database_url: str) -> AsyncIterator[Office]:
    """Return an office where Ann has connected, on SQLite and PostgreSQL in turn."""
    async with an_office(double, database_url, waits=SOON) as made:
        await made.connect()
        yield made


def signed_in(office: Office, account: str) -> Session:
    """Return this process's session of an account."""
    found = office.accounts.telephony(account)._sender.sign_in
    assert isinstance(found, Session)
    return found


async def start(office: Office) -> None:
    """Sign Ann in, and ask RingCentral nothing else."""
    await office.accounts.telephony((await office.linked()).id).start()


def once(
    double: RingCentralDouble, when: str, do: Callable[[], Awaitable[Any]]
) -> None:
    """Call *do* in the middle of the next log-in.

    With *when* ``request`` before it takes effect, with ``effect`` after.
    """

    async def hook(seen: Any) -> None:
        if "/oauth/token" in seen.path:
            setattr(double.door, f"on_{when}", None)
            await do()

    setattr(double.door, f"on_{when}", hook)


# One refresh


async def test_a_token_is_refreshed_once_and_ahead_of_its_end(office: Office) -> None:
    """Ten calls at once need one refresh, and none before it is due."""
    for _ in range(3):
        await office.ask()
    assert office.double.refreshes_of("ann") == 0
    office.later(minutes=58)

    names = await asyncio.gather(*(office.ask() for _ in range(10)))

    assert set(names) == {"Ann Example"}
    assert office.double.refreshes_of("ann") == 1
    linked = await office.linked()
    assert linked.version == 1
    assert linked.ends_at == office.clock.now() + timedelta(days=7)
    scopes = office.accounts.telephony(linked.id).token_scopes()
    assert scopes == {"RingOut", "ReadCallLog", "ReadAccounts"}


@pytest.mark.parametrize("why", ["old", "refused"])
async def test_two_processes_refresh_one_token_once(office: Office, why: str) -> None:
    """A refresh token works only once: a second use would sign the person out."""
    async with beside(office) as other:
        await asyncio.gather(office.ask(), other.ask())
        if why == "old":
            office.later(hours=1)
        else:
            office.double.expire_access("ann")
        office.double.faults.add("slow", path_contains="/oauth/token", seconds=0.4)

        both = [each.ask() for each in (office, other) for _ in range(5)]
        names = await asyncio.gather(*both)

    assert set(names) == {"Ann Example"}
    assert office.double.refreshes_of("ann") == 1
    assert len(office.double.sessions_of("ann")) == 1
    assert (await office.linked()).broken_at is None


async def test_the_lease_to_refresh_is_one_processs(office: Office) -> None:
    """Also where both would be admitted to Auth at the same moment."""
    linked, now = await office.linked(), office.clock.now()
    take = office.connections.tokens.take_lease

    assert await take(linked.id, linked.version, now)
    assert not await take(linked.id, linked.version, now)


async def test_a_401_of_many_requests_is_one_refresh(office: Office) -> None:
    """All the requests must continue with the same new token."""
    await office.ask()
    office.double.expire_access("ann")

    await asyncio.gather(*(office.ask() for _ in range(5)))

    assert office.double.refreshes_of("ann") == 1


async def test_a_lease_of_a_clock_that_was_ahead_locks_nobody_out(
    office: Office,
) -> None:
    """No lease is that long: it would keep a person from calling for a year."""
    linked = await office.linked()
    office.later(hours=1)
    ahead = office.clock.now() + timedelta(days=365)
    assert await office.connections.tokens.take_lease(linked.id, linked.version, ahead)

    await office.ask()

    assert office.double.refreshes_of("ann") == 1


async def test_a_process_that_died_in_its_turn_holds_it_for_a_while(
    office: Office,
) -> None:
    """After kill -9 before its refresh, the others wait, then go on by themselves."""
    linked = await office.linked()
    office.later(hours=1)
    now = office.clock.now()
    assert await office.connections.tokens.take_lease(linked.id, linked.version, now)

    with pytest.raises(Unreachable, match="another process"):
        await start(office)
    assert office.double.refreshes_of("ann") == 0

    office.later(seconds=REFRESH_LEASE.total_seconds())
    await office.ask()
    assert office.double.refreshes_of("ann") == 1


@pytest.mark.parametrize("rotated", [False, True])
async def test_a_process_that_dies_while_it_asks_is_followed_by_another(
    office: Office, *, rotated: bool
) -> None:
    """Even if RingCentral did the refresh, another process goes on after the lease."""
    async with beside(office, waits=USUAL_SIGN_IN_WAITS) as other:
        office.later(hours=1)
        hang = office.double.faults.add(
            "hang", path_contains="/oauth/token", before_effect=not rotated
        )
        dying = asyncio.create_task(office.ask())
        while not hang.hits:
            await asyncio.sleep(0.01)
        dying.cancel()
        waiting = asyncio.create_task(other.ask())
        await asyncio.sleep(USUAL_SIGN_IN_WAITS.lease_look * 2)
        is_early = waiting.done()
        office.later(seconds=REFRESH_LEASE.total_seconds())

        assert await waiting == "Ann Example"
        assert not is_early
        assert office.double.refreshes_of("ann") == 1
        assert (await other.linked()).broken_at is None
        await office.double.close()  # the dead process's request ends with the process


async def test_who_waits_takes_what_the_other_has_refreshed(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It must not sit out the whole lease once the tokens are there."""
    async with beside(office, waits=SignInWaits(lease_look=0.01)) as other:
        office.later(hours=1)
        waiting: list[asyncio.Task[str]] = []
        take, is_waiting = other.connections.tokens.take_lease, asyncio.Event()

        async def taken(*given: Any) -> bool:
            is_ours = await take(*given)
            if not is_ours:
                is_waiting.set()
            return is_ours

        async def look() -> None:
            monkeypatch.setattr(other.connections.tokens, "take_lease", taken)
            waiting.append(asyncio.create_task(other.ask()))
            await asyncio.wait_for(is_waiting.wait(), PATIENCE)

        once(office.double, "request", look)
        await office.ask()
        assert await waiting[0] == "Ann Example"

    assert office.double.refreshes_of("ann") == 1
    assert len(office.double.token_posts) == 2  # the sign-in and one refresh


# Answers that are lost, late or refused


async def test_a_refresh_whose_answer_was_lost_is_asked_for_again(
    office: Office,
) -> None:
    """RingCentral returns the same tokens again for a while: nobody is signed out."""
    office.later(hours=1)
    office.double.faults.add("reset", path_contains="/oauth/token", before_effect=False)

    with pytest.raises(Unreachable):
        await start(office)
    await start(office)

    assert await office.ask() == "Ann Example"
    assert office.double.refreshes_of("ann") == 1


async def test_a_refresh_whose_answer_was_lost_for_long_ends_the_sign_in(
    office: Office,
) -> None:
    """The end is stored once, and RingCentral is not asked again and again."""
    office.later(hours=1)
    office.double.faults.add("reset", path_contains="/oauth/token", before_effect=False)
    with pytest.raises(Unreachable):
        await start(office)
    office.double.clock.skip(3601)

    for _ in range(3):
        with pytest.raises(Disconnected):
            await start(office)

    assert len(office.double.token_posts) == 3  # sign-in, lost, refused
    assert (await office.linked()).broken_at == office.clock.now()
    assert office.sign_in_ended.times == 1


async def test_what_an_administrator_ended_is_over_in_both_processes(
    office: Office,
) -> None:
    """One process learns it from RingCentral, the other from the database."""
    async with beside(office) as other:
        await asyncio.gather(office.ask(), other.ask())
        office.double.end_sessions("ann")

        ends = await asyncio.gather(
            *(each.ask() for each in (office, other, office)), return_exceptions=True
        )

        assert all(isinstance(each, Disconnected) for each in ends)
        assert office.sign_in_ended.times + other.sign_in_ended.times == 1
    with pytest.raises(Disconnected, match="not connected any more"):
        await office.ask()


async def test_a_stale_process_takes_over_what_another_has_saved(
    office: Office, caplog: pytest.LogCaptureFixture
) -> None:
    """A process that was paused and then refused must not end a good connection."""
    async with beside(office) as other:
        office.later(hours=1)

        async def meanwhile() -> None:
            office.later(seconds=REFRESH_LEASE.total_seconds())
            await other.ask()
            office.double.clock.skip(60)  # the old refresh token is dead

        once(office.double, "request", meanwhile)
        assert await office.ask() == "Ann Example"

    linked = await office.linked()
    assert (linked.version, linked.broken_at) == (1, None)
    assert office.sign_in_ended.times == 0
    assert "has ended" not in caplog.text


async def test_who_saves_too_late_goes_on_with_the_others_tokens(
    office: Office,
) -> None:
    """Both got the same tokens, and the other process stored them first."""
    async with beside(office) as other:
        office.later(hours=1)

        async def meanwhile() -> None:
            office.later(seconds=REFRESH_LEASE.total_seconds())
            await other.ask()

        once(office.double, "effect", meanwhile)
        assert await office.ask() == "Ann Example"
        assert await other.ask() == "Ann Example"

    assert (await office.linked()).version == 1
    assert len(office.double.sessions_of("ann")) == 1


async def test_who_connects_again_during_a_refresh_has_the_last_word(
    office: Office,
) -> None:
    """The refreshed tokens belong to the old session; open calls use the new one."""
    async with beside(office) as other:
        office.later(hours=1)

        async def again() -> None:
            await other.connect()

        once(office.double, "effect", again)
        assert await office.ask() == "Ann Example"

    assert (await office.linked()).version == 1
    assert len(office.double.sessions_of("ann")) == 1


@pytest.mark.parametrize("kind", ["reset", "garbage", "status"])
async def test_a_turn_that_came_to_nothing_is_given_back(
    office: Office, kind: Any
) -> None:
    """After a failed refresh any process may try again at once."""
    office.later(hours=1)
    async with beside(office) as other:
        office.double.faults.add(kind, path_contains="/oauth/token")
        with pytest.raises(Unreachable):
            await start(office)

        assert await other.ask() == "Ann Example"
    assert (await office.linked()).broken_at is None


async def test_a_limit_of_log_ins_is_waited_out(office: Office) -> None:
    """Asking again would restart the penalty (developer guide, "Rate Limits")."""
    office.later(hours=1)
    office.double.faults.add(
        "status",
        path_contains="/oauth/token",
        status=429,
        headers={"Retry-After": "60"},
    )

    waits = []
    for _ in range(2):
        with pytest.raises(RateLimited) as limited:
            await start(office)
        waits.append(limited.value.retry_after)

    assert waits[0] == 60
    assert waits[1] == pytest.approx(60, abs=CLOCKS_DIFFER_BY)
    assert len(office.double.token_posts) == 2
    office.later(seconds=60 + CLOCKS_DIFFER_BY)
    await start(office)


# A fault of the app must not sign anybody out


async def test_a_wrong_client_secret_signs_nobody_out(
    office: Office, caplog: pytest.LogCaptureFixture
) -> None:
    """One typo in a deployment must not make everybody connect again."""
    office.later(hours=1)
    async with beside(office, secret="wrong") as typo:
        for _ in range(3):
            with pytest.raises(CredentialsRefused) as refused:
                await start(typo)
            assert not isinstance(refused.value, Disconnected)
        assert typo.sign_in_ended.times == 0

    assert len(office.double.token_posts) == 2  # the sign-in and one that was refused
    assert caplog.text.count("refuses the app") == 1
    assert (await office.linked()).broken_at is None
    assert await office.ask() == "Ann Example"


@pytest.mark.parametrize("status", [401, 403, 404, 405])
async def test_what_answers_in_ringcentrals_place_signs_nobody_out(
    office: Office, status: int
) -> None:
    """An error page of a proxy, firewall or wrong address is no refusal."""
    office.later(hours=1)
    office.double.faults.add("status", path_contains="/oauth/token", status=status)

    with pytest.raises(CredentialsRefused):
        await start(office)

    assert (await office.linked()).broken_at is None
    signed_in(office, (await office.linked()).id)._refused_until = 0.0
    assert await office.ask() == "Ann Example"


@pytest.mark.parametrize(
    ("error", "final"),
    [
        (Refused(400, "OAU-213", oauth="invalid_grant"), True),
        (Refused(401, "OAU-140", oauth="invalid_grant"), True),
        (Refused(400, "OAU-213"), True),
        (Refused(400, "CMN-101", oauth="invalid_request"), True),
        (Refused(400, "OAU-146", oauth="invalid_client"), False),
        (Refused(400, "OAU-153", oauth="unauthorized_client"), False),
        (Refused(400, "OAU-250", oauth="unsupported_grant_type"), False),
        (Refused(401, "OAU-146", oauth="invalid_client"), False),
        (Refused(401), False),
        (Refused(403), False),
    ],
)
def test_which_refusals_are_for_good(error: Refused, *, final: bool) -> None:
    """RFC 6749, 5.2; RingCentral sends the same codes with status 400 and 401."""
    assert is_final(error) is final


@pytest.mark.parametrize("status", [400, 401, 403])
@pytest.mark.parametrize("code", sorted(ACCOUNT_CODES))
def test_a_refresh_that_is_refused_for_the_accounts_sake(
    code: str, status: int, caplog: pytest.LogCaptureFixture
) -> None:
    """A locked sign-in may be good again; any other of these is over. Neither is the app's."""
    error = Refused(status, code, oauth="invalid_client")

    if code in LOCKED_CODES:
        with pytest.raises(CredentialsRefused, match=code) as refused:
            why_final(error)
        assert refused.value.code == code
        assert not isinstance(refused.value, Disconnected)
    else:
        assert why_final(error) == f"{status} {code}"

    assert "refuses the app" not in caplog.text


@pytest.mark.parametrize(
    ("code", "kept"), [("OAU-147", True), ("OAU-236", False), ("OAU-213", False)]
)
async def test_why_a_sign_in_has_ended_is_stored(
    office: Office, monkeypatch: pytest.MonkeyPatch, code: str, *, kept: bool
) -> None:
    """Another process asks the person to connect again, and says what to do first."""
    office.later(hours=1)
    session = signed_in(office, (await office.linked()).id)

    async def refused(_: object) -> object:
        raise Refused(400, code, oauth="invalid_grant")

    monkeypatch.setattr(session, "_run", refused)
    with pytest.raises(CredentialsRefused):
        await start(office)

    linked = await office.linked()
    assert (linked.broken_at is None) == kept
    assert linked.broken_why == ("" if kept else code)
    if not kept:
        with pytest.raises(NotConnected) as asked:
            await office.accounts.of(ANN)
        assert (asked.value.again, asked.value.code) == (True, code)


# A person's own credential


async def by_credential(office: Office) -> None:
    """Connect Ann by a JWT instead."""
    await office.connecting.by_jwt(ANN, office.double.jwt_of("ann"))


async def test_a_credential_signs_in_anew_when_a_refresh_is_refused(
    office: Office,
) -> None:
    """A week without use, or five other sessions, end a session, not the credential."""
    await by_credential(office)
    office.double.end_sessions("ann")

    assert await office.ask() == "Ann Example"
    assert (await office.linked()).broken_at is None


async def test_a_credential_needs_no_refresh_tokens(office: Office) -> None:
    """Without that setting at RingCentral, the bot signs in again every hour."""
    office.double.logins.refresh_tokens = False
    await by_credential(office)
    for _ in range(3):
        office.later(hours=1)
        await office.ask()

    assert office.double.refreshes_of("ann") == 0
    assert office.double.sign_ins_of("ann") == 5
    assert (await office.linked()).kind == "jwt"


async def test_a_credential_that_was_revoked_ends_the_connection(
    office: Office,
) -> None:
    """It does once its session has ended too."""
    await by_credential(office)
    office.double.revoke_jwts("ann")
    office.double.end_sessions("ann")

    with pytest.raises(Disconnected):
        await office.ask()
    assert (await office.linked()).broken_at is not None


async def test_a_sign_in_without_anything_to_refresh_it_ends(office: Office) -> None:
    """Without refresh tokens a connection lasts an hour; then no request is sent."""
    office.double.logins.refresh_tokens = False
    await office.connect()
    office.later(hours=1)
    before = len(office.double.token_posts)

    with pytest.raises(Disconnected, match="nothing to refresh it with"):
        await office.ask()
    assert len(office.double.token_posts) == before


# When the database fails


async def test_new_tokens_wait_for_a_database_that_is_away(
    office: Office, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """RingCentral has already dropped the old tokens, so these must not be lost."""
    office.later(hours=1)
    save, failures = office.connections.tokens.save, [2, 5]

    async def away(*given: Any) -> bool:
        failures[0] -= 1
        if failures[0] >= 0:
            raise StoreUnavailable("away")
        return await save(*given)

    monkeypatch.setattr(office.connections.tokens, "save", away)
    await start(office)
    assert caplog.text.count("new tokens wait for the database") == 2
    assert (await office.linked()).version == 1

    failures[0] = 5
    office.later(hours=1)
    with pytest.raises(StoreUnavailable):
        await start(office)
    office.later(seconds=REFRESH_LEASE.total_seconds())  # a lease that nobody released
    await start(office)
    assert (await office.linked()).version == 2
    assert office.double.refreshes_of("ann") == 2


async def test_a_wrong_key_is_the_operators_matter(
    office: Office, caplog: pytest.LogCaptureFixture
) -> None:
    """Nobody is told to connect again; once the key is restored, all goes on."""
    async with beside(office, keys=(new_key(),)) as other:
        with pytest.raises(Disconnected):
            await start(other)
        with pytest.raises(Disconnected):
            await start(other)
        assert other.sign_in_ended.times == 0
    assert "a person's tokens can't be read: RINGOUT_SECRET_KEY" in caplog.text
    assert (await office.linked()).broken_at is None
    assert await office.ask() == "Ann Example"


async def test_a_key_is_changed_without_anybody_noticing(
    office: Office, capsys: pytest.CaptureFixture[str]
) -> None:
    """Both keys, ``rotate-keys``, then the new key alone, as in docs/operations.md."""
    new = new_key()
    url, _ = await office.begin()  # an open sign-in is rotated too
    async with beside(office, keys=(new, KEY)) as both:
        assert await both.ask() == "Ann Example"

    assert await database.rotate_keys(office.store.url, (new, KEY)) == 0
    assert await database.rotate_keys(office.store.url, (new, KEY)) == 0
    said = "encrypted with the first key: 2 secrets\n"
    assert capsys.readouterr().out == 2 * said
    async with beside(office, keys=(new,)) as rotated:
        assert await rotated.ask() == "Ann Example"
        rotated.later(hours=1)
        assert await rotated.ask() == "Ann Example"
    assert url
    with pytest.raises(Disconnected):
        async with beside(office) as old:
            await old.ask()


async def test_rotating_needs_a_key_and_a_database(
    office: Office, capsys: pytest.CaptureFixture[str]
) -> None:
    """The error names what is missing, and nothing is changed."""
    without = await database.rotate_keys(office.store.url, ())
    nowhere = await database.rotate_keys("sqlite:////nowhere/x.db", (KEY,))

    assert (without, nowhere) == (2, 1)
    assert "nothing to rotate" in capsys.readouterr().err
    assert await office.ask() == "Ann Example"


async def test_tokens_of_a_connection_that_is_gone_are_none(office: Office) -> None:
    """Deleted or never stored: the caller gets None instead of an error."""
    linked = await office.linked()
    await office.ask()
    await office.connections.erase(ANN, office.clock.now())
    office.later(hours=1)

    with pytest.raises(Disconnected, match="not connected any more"):
        await office.accounts.telephony(linked.id).start()
    assert office.sign_in_ended.times == 0
    assert office.accounts.telephony(linked.id).token_scopes() == frozenset()
    assert await office.connections.erase(ANN, office.clock.now()) is None


# RingCentral's answers of any shape


ODD = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=5)
    | st.lists(st.none(), max_size=1)
)


@given(
    st.fixed_dictionaries(
        {},
        optional=dict.fromkeys(
            (
                "access_token",
                "refresh_token",
                "expires_in",
                "scope",
                "refresh_token_expires_in",
            ),
            ODD,
        ),
    ),
    st.sampled_from(["", "a.b.c"]),
)
def test_any_answer_is_tokens_or_none(data: dict[str, Any], jwt: str) -> None:
    """A nonsense lifetime counts as the usual one; a missing token as an outage."""
    try:
        found = tokens_of(data, NOON, jwt=jwt)
    except Unreachable:
        assert not token(data, "access_token")
        return

    assert found.fresh_until > NOON
    assert found.ends_at is None or found.ends_at > NOON
    assert (found.ends_at is None) == bool(jwt)
    assert opened(closed(found)) == found


def test_lives_are_as_told_or_as_documented() -> None:
    """If RingCentral states none: an hour and a week, by its developer guide."""
    plain = tokens_of({"access_token": "a", "refresh_token": "r"}, NOON)
    told = tokens_of(
        {
            "access_token": "a",
            "refresh_token": "r",
            "expires_in": 600,
            "refresh_token_expires_in": 7200,
        },
        NOON,
    )

    assert (plain.fresh_until, plain.ends_at) == (
        NOON + timedelta(minutes=58),
        NOON + REFRESH_TOKEN_LIFE,
    )
    assert tokens_of({"access_token": "a"}, NOON).ends_at == NOON + ACCESS_TOKEN_LIFE
    assert told.fresh_until == NOON + timedelta(seconds=480)
    assert told.ends_at == NOON + timedelta(hours=2)


async def test_no_refresh_writes_a_secret_into_the_log(
    office: Office, caplog: pytest.LogCaptureFixture
) -> None:
    """Neither a successful refresh nor a failing one may log a token."""
    caplog.set_level(logging.DEBUG)
    for kind in ("reset", "garbage", "status"):
        office.later(hours=1)
        office.double.faults.add(kind, path_contains="/oauth/token")
        with contextlib.suppress(RingCentralError):
            await start(office)
        await start(office)
    office.double.end_sessions("ann")
    with pytest.raises(Disconnected):
        await office.ask()

    for secret in office.double.secrets_of("ann"):
        assert secret not in caplog.text
