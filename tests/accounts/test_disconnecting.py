"""Whoever disconnects leaves nothing behind, and nobody else loses anything."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from bot.accounts.disconnecting import FIRST_PAUSE, LONGEST_PAUSE
from bot.calls.overview import DisconnectResult
from bot.calls.people.person import Person, Preferences
from bot.errors import BotError, Disconnected, RateLimited, StoreUnavailable
from bot.ringcentral.sign_in import oauth
from bot.ringcentral.sign_in.tokens import Tokens
from bot.serving.oauth_flow import Arrival
from bot.storage.people.linked import Extension, StoredTokens
from bot.storage.people.revocations import (
    LONGEST_REFRESH_LIFE,
    REVOKED_AT_ONCE,
    expires_at,
)
from bot.storage.people.tables import revocations
from bot.user_errors import NotSignedIn
from bot.vault import Vault, new_key
from fakes import FakeClock
from office import ANN, BOB, KEY, Office, a_double, an_office, beside, ticket_of
from pushing import later

REGION = Preferences(region="GB")


@pytest.fixture
async def office(database_url: str) -> AsyncIterator[Office]:
    """Return an office, on SQLite and PostgreSQL in turn."""
    async with a_double() as double, an_office(double, database_url) as made:
        yield made


async def test_who_disconnects_leaves_no_sign_in_open(office: Office) -> None:
    """Open links in Slack and pages in a browser must stop working."""
    await office.connect()
    await office.connect(BOB, "bob")
    ticket = ticket_of(await office.connecting.link(ANN, "Ann"))
    url, cookie = await office.begin()
    back = await office.allowed(url)
    bobs = ticket_of(await office.connecting.link(BOB, "Bob"))

    assert await office.disconnecting.disconnect(ANN)

    with pytest.raises(NotSignedIn):
        await office.connecting.begin(ticket)
    with pytest.raises(NotSignedIn):
        await office.connecting.finish(Arrival(back["state"], back["code"], cookie))
    for table, rows in (await office.rows()).items():
        theirs = [row for row in rows if row.get("user") == ANN.user]
        assert not theirs or table == "audit_rows"
    assert (await office.connecting.whose(bobs)).person == BOB


GRID = [
    Person("E1", "T1", "U1"),
    Person("E1", "T1", "U2"),
    Person("E1", "T2", "U1"),
    Person("E2", "T1", "U1"),
    Person("", "T1", "U1"),
    Person("", "T2", "U1"),
]


@pytest.mark.parametrize(
    ("whom", "gone"),
    [
        (("E1", "T1"), [0, 1]),
        (("E1", "T1", "U1"), [0]),
        (("E1", ""), [0, 1, 2]),
        (("E1", "", "U1"), [0, 2]),
        (("", "T1"), [4]),
        (("", "T1", "U1"), [4]),
        (("", ""), []),
        (("E3", ""), []),
    ],
)
async def test_who_leaves_is_forgotten_and_nobody_else(
    office: Office, whom: tuple[str, ...], gone: list[int]
) -> None:
    """Deletion covers a workspace, an organization or a user, never a namesake."""
    now = office.clock.now()
    secrets = {"access": "a", "refresh": "", "jwt": "", "scope": ""}
    links = []
    for number, person in enumerate(GRID):
        kept = StoredTokens(secrets=secrets, version=0, fresh_until=now, ends_at=None)
        await office.connections.put(
            f"id{number}", person, "once", Extension(str(number)), kept, now
        )
        await office.connections.prefer(person, REGION)
        links.append(ticket_of(await office.connecting.link(person, "@x")))

    assert await office.disconnecting.disconnect_all(*whom) == len(gone)

    for number, person in enumerate(GRID):
        linked, chosen = await office.connections.of(person)
        is_gone = number in gone
        assert (linked is None) == is_gone
        assert (chosen == Preferences()) == is_gone
        if is_gone:
            with pytest.raises(NotSignedIn):
                await office.connecting.whose(links[number])
        else:
            assert (await office.connecting.whose(links[number])).person == person


async def test_who_never_connected_leaves_no_choices_behind(office: Office) -> None:
    """The phone number that a user of the shared account chose is deleted too."""
    await office.connections.prefer(ANN, REGION)
    await office.connections.prefer(BOB, REGION)

    assert await office.disconnecting.disconnect_all("", ANN.team, ANN.user) == 0

    assert (await office.connections.of(ANN))[1] == Preferences()
    assert (await office.connections.of(BOB))[1] == REGION


async def test_ringcentral_is_told_and_heard(office: Office) -> None:
    """The log must warn if a session may still be open at RingCentral."""
    now = office.clock.now()
    good = await oauth.by_credential(
        office.network, office.double.jwt_of("ann"), now=office.clock.now
    )
    ended = await oauth.revoke(office.network, good)
    office.double.faults.add("status", path_contains="/oauth/revoke")
    unheard = await oauth.revoke(office.network, good)
    nothing = await oauth.revoke(office.network, Tokens(access="", fresh_until=now))

    assert (ended, unheard, nothing) == (True, False, False)
    assert office.double.sessions_of("ann") == []


# Revocations that RingCentral has not confirmed


REVOKE = "/oauth/revoke"


async def owed(office: Office) -> int:
    """Return how many sessions are still to be revoked at RingCentral."""
    return len((await office.rows("revocations"))["revocations"])


async def test_what_ringcentral_did_not_hear_is_told_again(office: Office) -> None:
    """Otherwise whoever has the token may place calls for a week."""
    await office.connect()
    office.double.faults.add("status", path_contains=REVOKE, times=3)

    bye = await office.disconnecting.disconnect(ANN)

    assert bye == DisconnectResult(
        is_revoked=False, is_retried=True, by_credential=False
    )
    assert (await office.connections.of(ANN))[0] is None
    for pause in (FIRST_PAUSE, 2 * FIRST_PAUSE, 4 * FIRST_PAUSE):
        assert len(office.double.sessions_of("ann")) == 1
        office.later(seconds=pause.total_seconds() - 1)
        await office.upkeep.look()
        assert len(office.double.sessions_of("ann")) == 1
        office.later(seconds=1)
        await office.upkeep.look()
    assert office.double.sessions_of("ann") == []
    assert await owed(office) == 0


@pytest.mark.parametrize(("limited", "sent"), [("/oauth/token", 0), (REVOKE, 1)])
async def test_nothing_is_revoked_inside_a_penalty(
    office: Office, limited: str, sent: int
) -> None:
    """That would restart it for whoever else here is the same RingCentral user."""

    def revoked() -> int:
        return sum(REVOKE in each.path for each in office.double.requests)

    linked = await office.connect()
    later(office, hours=1)
    office.double.faults.add("limited", path_contains=limited)
    with contextlib.suppress(RateLimited):
        await office.accounts.telephony(linked.id).start()

    await office.disconnecting.disconnect(ANN)
    at_once = revoked()
    later(office, seconds=FIRST_PAUSE.total_seconds())
    await office.upkeep.look()
    soon = revoked()
    later(office, seconds=2 * FIRST_PAUSE.total_seconds())
    await office.upkeep.look()

    assert (at_once, soon, revoked()) == (sent, sent, sent + 1)
    assert office.double.sessions_of("ann") == []


async def test_of_who_left_only_the_token_that_ends_it_is_kept(office: Office) -> None:
    """It is encrypted; the credential, which could sign in again, is erased at once."""
    jwt = office.double.jwt_of("ann")
    await office.connecting.by_jwt(ANN, jwt)
    office.double.faults.add("reset", path_contains=REVOKE, times=None)

    bye = await office.disconnecting.disconnect(ANN)

    [row] = (await office.rows("revocations"))["revocations"]
    [session] = office.double.sessions_of("ann")
    assert bye == DisconnectResult(
        is_revoked=False, is_retried=True, by_credential=True
    )
    assert Vault([KEY]).decrypt(row["token"]) == session.refresh_token
    assert session.refresh_token not in str(row)
    left = await office.rows()
    del left["audit_rows"]  # who disconnected goes on being told
    rest = str(left)
    for trace in ("UANN", "'Ann"):  # without the quote it may be in any ciphertext
        assert trace not in rest


async def test_what_never_is_heard_is_given_up_when_it_has_run_out(
    office: Office, caplog: pytest.LogCaptureFixture
) -> None:
    """Retries get rarer, and stop when the token has expired anyway."""
    await office.connect()
    office.double.faults.add("status", path_contains=REVOKE, times=None)
    await office.disconnecting.disconnect(ANN)

    for _ in range(7 * 24):
        assert await owed(office) == 1
        office.later(hours=1)
        await office.upkeep.look()

    assert await owed(office) == 0
    assert "1 RingCentral sessions expired before a revocation" in caplog.text
    tried = [each for each in office.double.requests if REVOKE in each.path]
    assert len(tried) <= 7 * 24 * timedelta(hours=1) / LONGEST_PAUSE + 8


async def test_a_whole_workspace_is_told_of_in_parts(office: Office) -> None:
    """Status polls of other calls go on meanwhile; two processes share the work."""
    names = [f"p{number:02}" for number in range(REVOKED_AT_ONCE + 3)]
    for name in names:
        office.double.add_person(name)
        jwt = office.double.jwt_of(name)
        await office.connecting.by_jwt(Person("", "T1", name), jwt)

    assert await office.disconnecting.disconnect_all("", "T1") == REVOKED_AT_ONCE + 3
    await office.disconnecting.revoke_due()
    assert await owed(office) == 3
    async with beside(office) as other:
        await asyncio.gather(
            office.disconnecting.revoke_due(), other.disconnecting.revoke_due()
        )

    assert await owed(office) == 0
    assert not any(office.double.sessions_of(name) for name in names)
    revoked = [each for each in office.double.requests if REVOKE in each.path]
    assert len(revoked) == REVOKED_AT_ONCE + 3


async def test_a_session_refreshed_while_disconnecting_is_told_of_again(
    office: Office,
) -> None:
    """Nobody uses the newest tokens, and RingCentral is down: revoke them later.

    The old token waits: the refresh has no answer yet that tells the rate limit.
    """
    linked = await office.connect()
    office.later(hours=1)
    office.double.faults.add("status", path_contains=REVOKE)

    async def leave(_seen: object) -> None:
        office.double.door.on_effect = None
        await office.disconnecting.disconnect(ANN)

    office.double.door.on_effect = leave

    with pytest.raises(BotError):
        await office.accounts.telephony(linked.id).start()
    assert len(office.double.sessions_of("ann")) == 1
    await office.upkeep.look()

    assert office.double.sessions_of("ann") == []


async def test_the_session_before_is_told_of_again(office: Office) -> None:
    """After connecting again, the old session is revoked once RingCentral is back."""
    await office.connect()
    office.double.faults.add("status", path_contains=REVOKE)
    await office.connect()
    assert len(office.double.sessions_of("ann")) == 2
    office.later(minutes=1)

    await office.upkeep.look()

    assert len(office.double.sessions_of("ann")) == 1
    assert await office.ask() == "Ann Example"


async def test_a_sign_in_that_came_to_nothing_is_told_of_again(office: Office) -> None:
    """Its tokens were never stored; if revoking fails at first, it is tried again."""
    office.double.faults.add(
        "status", status=403, path_contains="/extension", times=None
    )
    office.double.faults.add("status", path_contains=REVOKE)
    with pytest.raises(BotError):
        await office.connect()
    assert len(office.double.sessions_of("ann")) == 1

    await office.upkeep.look()

    assert office.double.sessions_of("ann") == []


async def test_no_token_is_served_once_somebody_has_left(office: Office) -> None:
    """This holds for the other process too, which may have cached a token."""
    linked = await office.connect()
    async with beside(office) as other:
        assert await other.ask() == "Ann Example"
        await other.accounts.check(linked.id)
        office.double.faults.add("reset", path_contains=REVOKE, times=None)

        await office.disconnecting.disconnect_all("", "T1", ANN.user)

        with pytest.raises(Disconnected):
            await other.accounts.check(linked.id)
        for each in (office, other):
            with pytest.raises(Disconnected):
                await each.accounts.telephony(linked.id).account.user()
    await office.accounts.check("")  # nobody can disconnect the shared account


async def test_no_process_keeps_a_token_of_somebody_who_has_left(
    office: Office,
) -> None:
    """With a cached token it would go on polling their calls for up to an hour."""
    linked = await office.connect()
    await office.connect(BOB, "bob")
    async with beside(office) as other:
        for person in (ANN, BOB):
            await other.ask(person)
        office.double.faults.add("reset", path_contains=REVOKE, times=None)
        await office.disconnecting.disconnect_all("", "T1", ANN.user)

        await other.upkeep.look()

        with pytest.raises(Disconnected):
            await other.accounts.telephony(linked.id).account.user()
        assert other.accounts.in_memory() >= {(await office.linked(BOB)).id}
        assert await other.ask(BOB) == "Bob Example"


async def test_a_store_that_fails_ends_nothing_and_can_be_asked_again(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The connection and its pending revocation are changed together or not at all."""
    await office.connect()
    with monkeypatch.context() as disk:
        disk.setattr(office.store.writer, "_transaction", _full)
        with pytest.raises(StoreUnavailable):
            await office.disconnecting.disconnect_all("", "T1", ANN.user)
    assert await office.ask() == "Ann Example"

    assert await office.disconnecting.disconnect_all("", "T1", ANN.user) == 1
    assert await office.disconnecting.disconnect_all("", "T1", ANN.user) == 0
    await office.upkeep.look()

    assert office.double.sessions_of("ann") == []


def _full(_: object) -> None:
    raise OSError("no space")


async def test_a_revocation_waits_for_its_key(office: Office) -> None:
    """It is sent once the operator restores the key; tokens already lost are logged."""
    await office.connect()
    await office.connect(BOB, "bob")
    async with beside(office, keys=(new_key(),)) as other:
        await office.disconnecting.disconnect_all("", "T1", ANN.user)
        await other.upkeep.look()
        assert await owed(office) == 1
        bye = await other.disconnecting.disconnect(BOB)
    office.later(minutes=2)
    await office.upkeep.look()

    assert bye == DisconnectResult(
        is_revoked=False, is_retried=False, by_credential=False
    )
    assert await owed(office) == 0
    assert office.double.sessions_of("ann") == []


@given(
    refresh=st.booleans(),
    jwt=st.booleans(),
    life=st.none() | st.timedeltas(timedelta(0), timedelta(99)),
)
def test_every_session_runs_out_by_itself(
    *, refresh: bool, jwt: bool, life: timedelta | None
) -> None:
    """No token may be stored forever, whatever lifetime RingCentral stated."""
    now = FakeClock().now()
    kept = StoredTokens(
        secrets={"access": "a", "refresh": "r" * refresh, "jwt": "j" * jwt},
        version=1,
        fresh_until=now,
        ends_at=None if life is None else now + life,
    )

    ends = expires_at(kept, now)

    assert now <= ends <= now + LONGEST_REFRESH_LIFE
    if refresh and not jwt and life is not None:
        assert ends == min(now + life, now + LONGEST_REFRESH_LIFE)


def test_a_row_of_a_revocation_holds_nothing_else() -> None:
    """A pending revocation holds tokens and times, not whose they are."""
    found = {column.name for column in select(revocations).selected_columns}

    assert found == {"id", "token", "ends_at", "next_at", "tries", "subscription"}
