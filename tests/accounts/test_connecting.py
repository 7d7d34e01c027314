"""Connecting a RingCentral account, in a browser or by a credential; disconnecting."""

from __future__ import annotations

import asyncio
import shutil
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import insert, update

from bot.accounts.connecting import Connecting
from bot.accounts.unstored_sign_in import UnstoredSignIn
from bot.calls.lag import Sighting
from bot.calls.people.person import Person, Preferences
from bot.errors import (
    BotError,
    NotConnected,
    RingCentralError,
    RowRefused,
    StoreUnavailable,
)
from bot.ringcentral.sign_in import oauth
from bot.ringcentral.sign_in.tokens import Tokens
from bot.sandbox.ringcentral.double import RingCentralDouble
from bot.serving.oauth_flow import Arrival
from bot.serving.refusals import words
from bot.storage.calls.store import Store
from bot.storage.people import tables as people
from bot.storage.people.linked import ErasedConnection, Linked, StoredTokens
from bot.storage.people.pending_sign_ins import GOOD_FOR, PendingSignIn, PendingSignIns
from bot.storage.shared.tables import user_state
from bot.user_errors import NotSignedIn
from bot.vault import Vault, new_key
from fakes import FakeClock
from office import (
    ANN,
    BOB,
    KEY,
    Office,
    an_office,
    beside,
    query_of,
    ticket_of,
)
from patience import PATIENCE
from properties import dear
from refused import refused

TEN_MINUTES = 600.0


# By the browser


async def test_a_person_connects_and_calls_by_their_own_account(office: Office) -> None:
    """Calls carry the person's name and phones; the service user is not involved."""
    ann = office.double.person("ann")

    linked = await office.connect()
    caller = await office.accounts.of(ANN)

    assert office.told == [("connected", "UANN")]
    assert (caller.account, caller.name) == (linked.id, "Ann Example")
    assert {p.number.e164 for p in caller.phones if p.rings} == {ann.mobile, ann.desk}
    assert ann.direct in {p.number.e164 for p in caller.phones if p.shows}
    assert (linked.kind, linked.broken_at) == ("oauth", None)
    assert linked.ends_at == office.clock.now() + timedelta(days=7)
    assert await office.ask() == "Ann Example"
    asked = office.double.requests_of("GET", "/restapi/v1.0/")
    assert {seen.person for seen in asked} == {"ann"}
    with pytest.raises(NotConnected):
        await office.accounts.of(BOB)


async def test_the_same_user_id_in_another_workspace_is_somebody_else(
    office: Office,
) -> None:
    """Slack user ids are unique only within a workspace."""
    await office.connect()

    for stranger in (Person("", "T2", "UANN"), Person("E1", "T1", "UANN")):
        with pytest.raises(NotConnected):
            await office.accounts.of(stranger)


async def test_looking_at_a_link_uses_nothing_up(office: Office) -> None:
    """Slack, mail scanners and people open links; only pressing the button counts."""
    ticket = ticket_of(await office.connecting.link(ANN, "Ann <b>Lee</b>"))
    seen = [await office.connecting.whose(ticket) for _ in range(3)]

    await office.connecting.begin(ticket)

    assert {(each.person, each.label) for each in seen} == {(ANN, "Ann <b>Lee</b>")}
    for again in (office.connecting.whose, office.connecting.begin):
        with refused(NotSignedIn, match="used already"):
            await again(ticket)


async def test_a_link_is_good_for_ten_minutes(office: Office) -> None:
    """A link found later in somebody's history must not work."""
    ticket = ticket_of(await office.connecting.link(ANN, "Ann"))
    office.later(seconds=TEN_MINUTES - 1)
    assert (await office.connecting.whose(ticket)).person == ANN
    office.later(seconds=1)

    for late in (office.connecting.whose, office.connecting.begin):
        with refused(NotSignedIn, match="too old"):
            await late(ticket)


async def test_a_sign_in_is_to_be_finished_within_ten_minutes(office: Office) -> None:
    """After ten minutes RingCentral must not be asked for tokens any more."""
    url, cookie = await office.begin()
    back = await office.allowed(url)
    office.later(seconds=TEN_MINUTES)

    with refused(NotSignedIn, match="too old"):
        await office.connecting.finish(Arrival(back["state"], back["code"], cookie))
    assert office.double.token_posts == []


@pytest.mark.parametrize("cookie", ["", "guessed", "bobs"])
async def test_a_stolen_state_is_of_no_use_in_another_browser(
    office: Office, cookie: str
) -> None:
    """An attacker who sends somebody to our callback must not get their account."""
    url, mine = await office.begin()
    _, bobs = await office.begin(BOB, "Bob")
    back = await office.allowed(url)

    with refused(NotSignedIn, match="began in another browser"):
        await office.connecting.finish(
            Arrival(back["state"], back["code"], bobs if cookie == "bobs" else cookie)
        )
    assert office.double.token_posts == []

    linked = await office.connecting.finish(Arrival(back["state"], back["code"], mine))
    assert linked.person == ANN


async def test_two_peoples_states_cannot_be_swapped(office: Office) -> None:
    """Otherwise Ann's calls would use Bob's account and ring his phones."""
    hers, her_cookie = await office.begin()
    his, his_cookie = await office.begin(BOB, "Bob")
    ann, bob = await office.allowed(hers), await office.allowed(his, "bob")

    for state, code, cookie in (
        (bob["state"], bob["code"], her_cookie),
        (bob["state"], ann["code"], her_cookie),
        (ann["state"], bob["code"], his_cookie),
    ):
        with refused(NotSignedIn, match="began in another browser"):
            await office.connecting.finish(Arrival(state, code, cookie))


async def test_a_state_is_good_once(office: Office) -> None:
    """Reloading the page must not connect the account a second time, nor frighten."""
    url, cookie = await office.begin()
    back = await office.allowed(url)
    arrival = Arrival(back["state"], back["code"], cookie)
    first = await office.connecting.finish(arrival)
    again = await office.connecting.finish(arrival)

    assert again.id == first.id
    assert office.told == [("connected", "UANN")]
    assert len(office.double.token_posts) == 1


@pytest.mark.parametrize(
    "way", ["another browser", "no cookie", "late", "disconnected", "failed"]
)
async def test_only_what_is_connected_is_called_so(office: Office, way: str) -> None:
    """Neither a stranger with the address, nor a sign-in that came to nothing."""
    url, cookie = await office.begin()
    _, other = await office.begin(BOB, "Bob")
    back = await office.allowed(url)
    arrival = Arrival(back["state"], back["code"], cookie)
    if way == "failed":
        await office.connect()
        with refused(NotSignedIn, match="did not accept"):
            await office.connecting.finish(replace(arrival, code="wrong"))
    else:
        await office.connecting.finish(arrival)
    if way == "late":
        office.later(seconds=TEN_MINUTES)
    if way == "disconnected":
        await office.disconnecting.disconnect(ANN)
    cookies = {"another browser": other, "no cookie": ""}

    with refused(NotSignedIn, match="used already"):
        cookie = cookies.get(way, cookie)
        await office.connecting.finish(replace(arrival, cookie=cookie))


async def test_what_led_to_a_connection_keeps_no_secret(office: Office) -> None:
    """Its row is there to recognize the browser; its verifier is gone."""
    await office.connect()

    rows = (await office.rows("pending_sign_ins"))["pending_sign_ins"]
    assert [row["verifier"] for row in rows if row["kind"] != "ticket"] == [""]


async def test_a_state_that_comes_back_twice_at_once_is_used_once(
    office: Office,
) -> None:
    """A browser may repeat a request, and each copy may reach another process."""
    url, cookie = await office.begin()
    back = await office.allowed(url)

    async with beside(office) as other:
        found = await asyncio.gather(
            *(
                each.connecting.finish(Arrival(back["state"], back["code"], cookie))
                for each in (office, other, office, other)
            ),
            return_exceptions=True,
        )

    linked = [each for each in found if isinstance(each, Linked)]
    others = [each for each in found if isinstance(each, NotSignedIn)]
    assert len({each.id for each in linked}) == 1
    assert len(linked) + len(others) == 4
    assert len(office.double.token_posts) == 1


async def test_a_ticket_is_no_state_and_a_state_no_ticket(office: Office) -> None:
    """Each secret works only for its own step."""
    ticket = ticket_of(await office.connecting.link(ANN, "Ann"))
    url, cookie = await office.begin()
    state = query_of(url)["state"]

    with pytest.raises(NotSignedIn):
        await office.connecting.begin(state)
    with pytest.raises(NotSignedIn):
        await office.connecting.finish(Arrival(ticket, "code", cookie))
    with pytest.raises(NotSignedIn):
        await office.connecting.finish(Arrival(ticket, "code", ""))


async def test_a_code_of_another_sign_in_is_refused_by_its_verifier(
    office: Office,
) -> None:
    """PKCE ties an intercepted code to the browser that started (RFC 7636)."""
    hers, _ = await office.begin()
    his, his_cookie = await office.begin(BOB, "Bob")
    caught = (await office.allowed(hers))["code"]
    state = query_of(his)["state"]

    with refused(NotSignedIn, match="did not accept"):
        await office.connecting.finish(Arrival(state, caught, his_cookie))
    assert office.double.sessions_of("ann") == []
    with pytest.raises(NotConnected):
        await office.accounts.of(BOB)


async def test_a_code_is_good_once(office: Office) -> None:
    """Replaying a code yields nothing, and ends its session (RFC 6749, 4.1.2)."""
    url, cookie = await office.begin()
    back = await office.allowed(url)
    await office.connecting.finish(Arrival(back["state"], back["code"], cookie))
    his, his_cookie = await office.begin(BOB, "Bob")

    with refused(NotSignedIn, match="did not accept"):
        await office.connecting.finish(
            Arrival(query_of(his)["state"], back["code"], his_cookie)
        )
    with pytest.raises(NotConnected):
        await office.accounts.of(BOB)


async def test_every_sign_in_has_a_challenge_of_its_own(office: Office) -> None:
    """Each is the S256 of a secret verifier; RingCentral refuses any other."""
    first, second = (
        query_of((await office.begin())[0]),
        query_of((await office.begin())[0]),
    )

    assert first["code_challenge_method"] == "S256"
    assert first["code_challenge"] != second["code_challenge"]
    assert first["state"] != second["state"]
    assert first["redirect_uri"] == f"{office.url}/ringcentral/callback"

    url, cookie = await office.begin()
    back = await office.allowed(url)
    wrong = office.connections.tokens._vault.encrypt("w" * 43)
    change = update(people.pending_sign_ins).values(verifier=wrong)
    await office.store.writer.run(lambda c: c.execute(change))
    with refused(NotSignedIn, match="did not accept"):
        await office.connecting.finish(Arrival(back["state"], back["code"], cookie))


def test_the_challenge_is_the_standards_own_example() -> None:
    """The example in RFC 7636, appendix B."""
    verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"

    assert oauth.challenge_of(verifier) == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"


async def test_who_says_no_at_ringcentral_is_not_connected(office: Office) -> None:
    """The state is used up, and RingCentral is not asked for tokens."""
    url, cookie = await office.begin()
    back = query_of(await office.double.sign_in(url, "ann", deny=True))

    assert back["error"] == "access_denied"
    with refused(NotSignedIn, match="canceled"):
        await office.connecting.finish(
            Arrival(back["state"], back.get("code", ""), cookie, error=back["error"])
        )
    assert office.double.token_posts == []


STEPS = ["/oauth/token", "/extension/~", "/forwarding-number", "/phone-number"]


@pytest.mark.parametrize("kind", ["status", "reset", "garbage"])
@pytest.mark.parametrize("step", STEPS)
async def test_ringcentral_may_fail_at_each_step(
    double: RingCentralDouble,
    tmp_path: Any,
    kind: Any,
    step: str,
) -> None:
    """No half-made connection and no open session may remain; a new link works."""
    async with an_office(double, f"sqlite:///{tmp_path}/calls.db") as office:
        fault = double.faults.add(kind, path_contains=step, times=None)
        with pytest.raises(RingCentralError):
            await office.connect()
        fault.stop()

        assert (await office.connections.of(ANN))[0] is None
        assert double.sessions_of("ann") == []
        await office.connect()
        assert len(double.sessions_of("ann")) == 1


async def test_a_lost_code_answer_leaves_nothing_that_anybody_holds(
    office: Office,
) -> None:
    """RingCentral opened a session, but its tokens were lost: nobody can use it."""
    office.double.faults.add("reset", path_contains="/oauth/token", before_effect=False)

    with pytest.raises(RingCentralError):
        await office.connect()

    assert (await office.connections.of(ANN))[0] is None
    await office.connect()
    assert await office.ask() == "Ann Example"


async def test_an_account_whose_phones_may_not_be_read_is_of_no_use(
    office: Office,
) -> None:
    """The app lacks a permission: say so, and store nothing."""
    office.double.logins.scopes = {"RingOut", "ReadCallLog"}

    with refused(NotSignedIn, match="see your phones"):
        await office.connect()

    assert (await office.connections.of(ANN))[0] is None
    assert office.double.sessions_of("ann") == []


async def test_a_token_that_is_refused_at_once_connects_nobody(office: Office) -> None:
    """An administrator revoked it at once; the person must not be told "connected"."""

    async def gone(_seen: object) -> None:
        if not office.double.token_posts:
            return
        office.double.end_sessions("ann")

    office.double.door.on_request = gone

    with refused(NotSignedIn, match="has already ended this sign-in"):
        await asyncio.wait_for(office.connect(), PATIENCE)
    assert (await office.connections.of(ANN))[0] is None


async def test_an_app_without_refresh_tokens_connects_for_an_hour(
    office: Office,
) -> None:
    """An operator may forget this setting at RingCentral; people are warned in time."""
    office.double.logins.refresh_tokens = False

    linked = await office.connect()

    assert linked.kind == "once"
    assert linked.ends_at == office.clock.now() + timedelta(hours=1)


# Connecting again


async def test_the_same_user_again_keeps_the_accounts_id(office: Office) -> None:
    """Open calls continue with the new tokens; the old session is revoked."""
    first = await office.connect()
    [old] = office.double.sessions_of("ann")
    await office.connections.prefer(ANN, Preferences(region="GB"))

    second = await office.connect()
    [new] = office.double.sessions_of("ann")

    assert second.id == first.id
    assert second.version > first.version
    assert old.id != new.id
    assert await office.ask() == "Ann Example"
    assert (await office.connections.of(ANN))[1].region == "GB"


async def test_another_user_is_another_account(office: Office) -> None:
    """Calls of the previous account must not be followed with another user's tokens."""
    first = await office.connect()
    await count_budget(office, first.id)

    second = await office.connect(name="bob")

    assert second.id != first.id
    assert office.double.sessions_of("ann") == []
    assert len(office.double.sessions_of("bob")) == 1
    assert await office.connections.get(first.id) is None
    assert await office.ask() == "Bob Example"
    tables = await office.rows("user_state", "connections")
    assert first.id not in {row["id"] for row in tables["user_state"]}
    assert [row["id"] for row in tables["connections"]] == [second.id]


async def test_a_broken_sign_in_is_made_anew(office: Office) -> None:
    """The message tells people to connect again, so that must work."""
    linked = await office.connect()
    await office.connections.tokens.mark_broken(
        linked.id, linked.version, office.clock.now()
    )
    with pytest.raises(NotConnected) as refusal:
        await office.accounts.of(ANN)

    again = await office.connect()

    assert refusal.value.again
    assert (again.id, again.broken_at) == (linked.id, None)
    assert await office.ask() == "Ann Example"


async def test_who_connects_twice_at_once_is_connected_once(office: Office) -> None:
    """Two browsers, two processes: only one connection and one session may remain."""
    async with beside(office) as other:
        backs = []
        for _ in range(4):
            url, cookie = await office.begin()
            back = await office.allowed(url)
            backs.append((back["state"], back["code"], cookie))
        await asyncio.gather(
            *(
                each.connecting.finish(Arrival(*back))
                for each, back in zip(
                    (office, other, office, other), backs, strict=True
                )
            )
        )

    assert len((await office.rows("connections"))["connections"]) == 1
    assert len(office.double.sessions_of("ann")) == 1
    assert await office.ask() == "Ann Example"


async def test_connecting_again_works_where_no_key_reads_the_old_tokens(
    double: RingCentralDouble, database_url: str
) -> None:
    """After losing a key, operators tell people to connect again; that must work."""
    async with an_office(double, database_url, keys=(new_key(),)) as before:
        await before.connect()
        now = before.clock
    async with an_office(double, database_url, clock=now) as office:
        linked = await office.connect()

        assert linked.phones
        assert await office.ask() == "Ann Example"


async def test_who_disconnects_while_connecting_is_disconnected(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The person's last wish counts, and no session may remain open."""
    put = office.connections.put

    async def and_gone(*given: Any) -> ErasedConnection | None:
        old = await put(*given)
        await office.disconnecting.disconnect(ANN)
        return old

    monkeypatch.setattr(office.connections, "put", and_gone)

    with refused(NotSignedIn, match="disconnected in the meantime"):
        await office.connect()
    assert office.double.sessions_of("ann") == []


async def test_a_database_that_is_gone_leaves_no_session_behind(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Tokens that could not be stored would stay valid at RingCentral for a week."""

    async def gone(*_: Any) -> None:
        raise StoreUnavailable("gone")

    monkeypatch.setattr(office.connections, "put", gone)

    with pytest.raises(StoreUnavailable):
        await office.connect()
    assert office.double.sessions_of("ann") == []


async def test_who_can_not_be_told_is_connected_all_the_same(office: Office) -> None:
    """If Slack is down, the browser page still tells the truth."""

    async def deaf(_: Linked) -> None:
        raise StoreUnavailable("gone")

    office.connecting._connected = deaf

    assert (await office.connect()).person == ANN
    assert await office.ask() == "Ann Example"


# By a JWT credential


async def test_a_credential_connects_however_it_was_pasted(office: Office) -> None:
    """A narrow window may have broken the credential into lines."""
    jwt = office.double.jwt_of("ann")
    broken = "\n ".join(jwt[at : at + 40] for at in range(0, len(jwt), 40))

    linked = await office.connecting.by_jwt(ANN, f"\t{broken}\r\n")

    assert (linked.kind, linked.ends_at) == ("jwt", None)
    assert await office.ask() == "Ann Example"


async def test_a_credentials_own_end_is_known(
    double: RingCentralDouble, database_url: str
) -> None:
    """It must survive a token refresh and a new log-in."""
    clock = FakeClock(double.clock.utc())
    async with an_office(double, database_url, clock=clock) as office:
        ends = clock.now() + timedelta(days=30)
        linked = await office.connecting.by_jwt(
            ANN, double.jwt_of("ann", lives=30 * 86400)
        )
        assert linked.ends_at is not None
        assert abs(linked.ends_at - ends) < timedelta(seconds=5)
        office.later(hours=1)
        await office.ask()
        refreshed = await office.linked()
        double.end_sessions("ann")
        office.later(hours=1)
        await office.ask()
        anew = await office.linked()

    assert (refreshed.version, anew.version) == (1, 2)
    assert refreshed.ends_at == anew.ends_at == linked.ends_at


@pytest.mark.parametrize("why", ["other app", "revoked", "expired", "disabled"])
async def test_a_credential_that_is_not_taken_says_what_to_look_at(
    office: Office, why: str
) -> None:
    """RingCentral gives no reason; a wrong client id is the usual mistake."""
    double = office.double
    jwt = double.jwt_of(
        "ann",
        client_id="another" if why == "other app" else "",
        lives=60 if why == "expired" else None,
    )
    if why == "revoked":
        double.revoke_jwts("ann")
    elif why == "expired":
        double.clock.skip(60)
    elif why == "disabled":
        double.disable("ann")

    with refused(NotSignedIn, match="made for this app") as said:
        await office.connecting.by_jwt(ANN, jwt)

    assert jwt not in words(said.value)
    assert (await office.connections.of(ANN))[0] is None


@pytest.mark.parametrize(
    "text", ["", "x", "a.b", "a..c", "xoxb-1.2", "a.b.c.d", "ä.b.c"]
)
async def test_what_is_no_credential_is_not_tried(office: Office, text: str) -> None:
    """RingCentral locks out an app that tries too often."""
    with refused(NotSignedIn, match="three parts") as said:
        await office.connecting.by_jwt(ANN, text)

    assert office.double.token_posts == []
    assert not text or text not in words(said.value).removeprefix("That isn't")


async def test_a_credential_can_be_tried_again_when_ringcentral_is_back(
    office: Office,
) -> None:
    """An outage does not mean that the credential is wrong."""
    office.double.faults.add("reset", path_contains="/oauth/token")
    jwt = office.double.jwt_of("ann")

    with pytest.raises(RingCentralError):
        await office.connecting.by_jwt(ANN, jwt)
    assert (await office.connecting.by_jwt(ANN, jwt)).person == ANN


async def test_without_a_public_address_there_is_no_link(office: Office) -> None:
    """Without one, the form asks for a credential instead."""
    assert office.connecting.by_browser
    bare = Connecting(
        office.network,
        office.connections,
        office.sign_ins,
        office.accounts,
        office.disconnecting,
        office.clock,
        public_url="",
        region="US",
        admit=office.doorkeeper.admit,
        connected=office.connecting._connected,
    )
    assert not bare.by_browser


async def test_fresh_tokens_tell_their_permissions(office: Office) -> None:
    """Code that checks permissions must accept fresh and stored tokens alike."""
    tokens = await oauth.by_credential(
        office.network, office.double.jwt_of("ann"), now=office.clock.now
    )

    fresh = UnstoredSignIn(office.network.platform(), tokens)

    assert fresh.scopes() == {"RingOut", "ReadCallLog", "ReadAccounts"}


# Disconnecting


async def count_budget(office: Office, account: str) -> None:
    """Create the account's row of the rate budget, as a call would."""
    row = insert(user_state).values(id=account)
    query = user_state.select().where(user_state.c.id == account)
    if await office.store.writer.run(lambda c: c.execute(query).first()) is None:
        await office.store.writer.run(lambda c: c.execute(row))


async def test_disconnecting_ends_the_session_and_erases_every_row(
    office: Office,
) -> None:
    """Its session is revoked and its rows deleted from every table; Bob's stay.

    The audit goes on saying who connected and disconnected.
    """
    linked = await office.connect()
    await office.connect(BOB, "bob")
    await office.connections.prefer(ANN, Preferences(first="+16505550101"))
    await count_budget(office, linked.id)
    lag = office.accounts.log_lag(linked.id)
    await lag.learn([Sighting(5.0, 7.5)], office.clock.now())
    office.later(days=2)
    await office.upkeep.look()  # deletes old sign-ins

    assert await office.disconnecting.disconnect(ANN)
    assert not await office.disconnecting.disconnect(ANN)

    assert office.double.sessions_of("ann") == []
    assert len(office.double.sessions_of("bob")) == 1
    left = await office.rows()
    did = [(row["user"], row["action"]) for row in left.pop("audit_rows")]
    assert did[-1] == ("UANN", "disconnected")
    rest = str(left)
    assert "UBOB" in rest
    # With its quote, because the bare name may be in any ciphertext.
    for trace in ("UANN", "'Ann", linked.id, "6505550101"):
        assert trace not in rest
    with pytest.raises(NotConnected):
        await office.accounts.of(ANN)


async def test_disconnecting_works_while_ringcentral_does_not(office: Office) -> None:
    """Our copy of the tokens is erased at once; the session expires by itself."""
    await office.connect()
    office.double.faults.add("reset", path_contains="/oauth/revoke", times=None)

    assert await office.disconnecting.disconnect(ANN)

    assert (await office.connections.of(ANN))[0] is None


async def test_a_connection_without_tokens_has_nothing_to_revoke(
    office: Office,
) -> None:
    """RingCentral must not be sent an empty token."""
    nothing = Tokens(access="", fresh_until=office.clock.now())

    assert not await oauth.revoke(office.network, nothing)
    assert office.double.requests == []


async def test_what_two_processes_store_at_once_is_stored(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The database refuses the second new row, which then replaces the first."""
    run, refused = office.store.writer.run, [2]

    async def first_taken(work: Any, order: str = "") -> Any:
        if order.startswith("person"):
            refused[0] -= 1
            if refused[0] % 2:
                raise RowRefused("another was first")
        return await run(work, order)

    monkeypatch.setattr(office.store.writer, "run", first_taken)

    await office.connect()
    await office.connections.prefer(ANN, Preferences(region="GB"))

    assert refused == [-2]
    assert (await office.connections.of(ANN))[1].region == "GB"


async def test_disconnecting_works_where_no_key_reads_the_tokens(
    double: RingCentralDouble, database_url: str
) -> None:
    """A lost key must not keep anybody from having their tokens erased."""
    async with an_office(double, database_url, keys=(new_key(),)) as before:
        await before.connect()
    async with an_office(double, database_url) as office:
        assert await office.disconnecting.disconnect(ANN)
        assert (await office.connections.of(ANN))[0] is None


async def test_a_session_that_is_refreshed_while_disconnecting_ends_too(
    office: Office,
) -> None:
    """Otherwise fresh tokens, known to nobody, would stay valid at RingCentral."""
    linked = await office.connect()
    office.later(hours=1)

    async def leave(_seen: object) -> None:
        office.double.door.on_effect = None
        await office.disconnecting.disconnect(ANN)

    office.double.door.on_effect = leave  # it took effect, unanswered

    with pytest.raises(BotError):
        await office.accounts.telephony(linked.id).start()
    assert office.double.refreshes_of("ann") == 1
    assert office.double.sessions_of("ann") == []


async def test_a_workspace_that_leaves_takes_its_people_with_it(office: Office) -> None:
    """All its people and no others; an organization's in all of its workspaces."""
    everybody = [
        Person("", "T1", "UANN"),
        Person("", "T2", "UANN"),
        Person("E1", "T1", "UANN"),
        Person("E1", "T3", "UBOB"),
        Person("E2", "T1", "UANN"),
    ]
    for each in everybody:
        await office.connect(each, "ann" if each.user == "UANN" else "bob")

    async def left() -> list[Person]:
        return [p for p in everybody if (await office.connections.of(p))[0]]

    assert await office.disconnecting.disconnect_all("", "T1") == 1
    assert await left() == everybody[1:]
    assert await office.disconnecting.disconnect_all("E1", "", "UBOB") == 1
    assert await left() == [*everybody[1:3], everybody[4]]
    assert await office.disconnecting.disconnect_all("E1", "") == 1
    assert await left() == [everybody[1], everybody[4]]
    assert await office.disconnecting.disconnect_all("", "") == 0
    assert await office.disconnecting.disconnect_all("", "T2") == 1
    assert await left() == [everybody[4]]
    assert len(office.double.sessions_of("ann")) == 4  # without waiting for RingCentral
    await office.disconnecting.revoke_due()
    assert len(office.double.sessions_of("ann")) == 1


# Properties of a sign-in from its start to its end


@dear(30)  # each example opens its own database
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["look", "begin", "finish", "wait"]),
            st.integers(0, 1),
            st.integers(0, 1),
        ),
        max_size=12,
    )
)
def test_nobody_is_connected_but_by_their_own_browser_once_and_in_time(
    migrated: Path, steps: list[tuple[str, int, int]]
) -> None:
    """Two people try any steps, with each other's tickets, states and cookies."""
    asyncio.run(_play(migrated, steps))


async def _play(migrated: Path, steps: list[tuple[str, int, int]]) -> None:
    with TemporaryDirectory() as folder:
        shutil.copyfile(migrated, f"{folder}/x.db")
        store = Store(f"sqlite:///{folder}/x.db")
        table, clock, people_ = (
            PendingSignIns(store.writer, Vault([KEY])),
            FakeClock(),
            (ANN, BOB),
        )
        states = [
            await table.add(
                PendingSignIn("state", who, "x", clock.now() + GOOD_FOR, f"c{n}", "v")
            )
            for n, who in enumerate(people_)
        ]
        used: set[int] = set()
        late = False
        for step, state, cookie in steps:
            good = not late and state not in used
            if step == "wait":
                clock.pass_by(TEN_MINUTES)
                late = True
            elif step == "look":
                found = await table.look("state", states[state], clock.now())
                assert (found is not None) == good
            elif step == "begin":  # used as a ticket, which it is not
                assert await table.use("ticket", states[state], clock.now()) is None
            else:
                found = await table.use(
                    "state", states[state], clock.now(), browser=f"c{cookie}"
                )
                assert (found is not None) == (good and state == cookie)
                if found is not None:
                    used.add(state)
                    assert found.person == people_[state]
        store.close()


def test_tokens_print_themselves_without_their_secrets() -> None:
    """Tokens may appear in a traceback."""
    now = FakeClock().now()
    kept = StoredTokens(
        secrets={"jwt": "secret"}, version=1, fresh_until=now, ends_at=None
    )
    tokens = Tokens(access="secret", refresh="secret", fresh_until=now)

    assert "secret" not in f"{kept!r} {tokens!r}"
