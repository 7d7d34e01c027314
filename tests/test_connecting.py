"""Connecting an account of one's own, below Slack: who gets in, and what is left."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from below import (
    ANN,
    BOB,
    HOUR,
    REVOKE,
    TOKEN,
    Below,
    below_slack,
    ticket_in,
    told_by,
)

from bot import admin, settings
from bot.calls.person import Person, Preferences, Shows
from bot.connecting import GOOD_FOR, NotSignedIn
from bot.errors import (
    BotError,
    Disconnected,
    NotConnected,
    RingCentralError,
    StoreUnavailable,
)
from bot.ringcentral.oauth import challenge_of
from bot.storage.connections import Connections
from bot.vault import new_key

USED = "used already"
SETTINGS = {
    "SLACK_BOT_TOKEN": "xoxb-1", "SLACK_APP_TOKEN": "xapp-1",
    "RC_APP_CLIENT_ID": "id", "RC_APP_CLIENT_SECRET": "secret",
}  # fmt: skip


async def refused(work: Any, match: str = USED) -> None:
    """See that something is no sign-in, in words for the person."""
    with pytest.raises(NotSignedIn, match=match):
        await work


# The way through


async def test_a_person_connects_and_is_known_by_name_and_phones(
    below: Below,
) -> None:
    """All that a call needs is there when the browser's last page is."""
    linked = await below.connects()
    found = await below.of()
    ann = below.double.person("ann")

    assert found is not None
    assert (found.kind, found.extension.name) == ("oauth", "Ann Example")
    assert found.extension.id == ann.extension_id
    assert {each.number.e164 for each in found.phones} >= {ann.mobile, ann.direct}
    assert [each.id for each in below.connected] == [linked.id]
    assert below.connecting.by_browser
    caller = await below.accounts.of(ANN)
    assert caller.choose(None, None, "US").caller == found.phones[0].number


async def test_the_verifier_is_proved_by_its_challenge(alone: Below) -> None:
    """RFC 7636: the address shows a hash; what it is of goes to RingCentral alone."""
    begun = await alone.begins()
    asked = parse_qs(urlsplit(begun.url).query)
    await alone.connecting.finish(
        *told_by(await alone.double.sign_in(begun.url, "ann")), begun.cookie
    )
    [request] = alone.double.requests_of("POST", TOKEN)
    verifier = request.body["code_verifier"]

    assert asked["code_challenge_method"] == ["S256"]
    assert asked["code_challenge"] == [challenge_of(verifier)]
    assert verifier not in begun.url
    assert len({*asked["state"], begun.cookie, verifier}) == 3
    assert all(len(each) >= 43 for each in (asked["state"][0], begun.cookie, verifier))


# Somebody else's


async def test_a_stolen_state_is_worth_nothing_in_another_browser(
    below: Below,
) -> None:
    """Without the cookie, or with another's; and the right browser still gets in."""
    anns, bobs = await below.begins(), await below.begins(BOB)
    state, code = told_by(await below.double.sign_in(anns.url, "ann"))

    for cookie in ("", bobs.cookie, "made up"):
        await refused(below.connecting.finish(state, code, cookie))
    linked = await below.connecting.finish(state, code, anns.cookie)

    assert linked.person == ANN
    assert await below.of(BOB) is None


async def test_two_peoples_states_are_not_swapped(below: Below) -> None:
    """Else Ann's calls would run on Bob's account: each state with its own cookie."""
    anns, bobs = await below.begins(), await below.begins(BOB)
    ann = told_by(await below.double.sign_in(anns.url, "ann"))
    bob = told_by(await below.double.sign_in(bobs.url, "bob"))

    await refused(below.connecting.finish(*ann, bobs.cookie))
    await refused(below.connecting.finish(*bob, anns.cookie))

    assert await below.of(ANN) is None
    assert await below.of(BOB) is None


async def test_a_stolen_code_is_not_good_for_another_sign_in(below: Below) -> None:
    """Bob has Ann's code, and a sign-in of his own: only Ann's verifier proves it."""
    anns, bobs = await below.begins(), await below.begins(BOB)
    state, code = told_by(await below.double.sign_in(anns.url, "ann"))
    his, _ = told_by(await below.double.sign_in(bobs.url, "bob"))

    await refused(below.connecting.finish(his, code, bobs.cookie), "did not accept")

    assert await below.of(BOB) is None
    assert (await below.connecting.finish(state, code, anns.cookie)).person == ANN


async def test_a_code_that_was_used_gets_nobody_in_again(below: Below) -> None:
    """Somebody has read it in a browser's history."""
    anns = await below.begins()
    state, code = told_by(await below.double.sign_in(anns.url, "ann"))
    await below.connecting.finish(state, code, anns.cookie)
    bobs = await below.begins(BOB)
    his, _ = told_by(await below.double.sign_in(bobs.url, "bob"))

    await refused(below.connecting.finish(state, code, anns.cookie))
    await refused(below.connecting.finish(his, code, bobs.cookie), "did not accept")

    assert await below.of(BOB) is None


async def test_a_state_is_used_by_one_of_two_at_once(below: Below) -> None:
    """An impatient person clicks twice, and two processes are asked."""
    other = await below.another()
    begun = await below.begins()
    back = told_by(await below.double.sign_in(begun.url, "ann"))

    results = await asyncio.gather(
        *(each.connecting.finish(*back, begun.cookie) for each in (below, other) * 3),
        return_exceptions=True,
    )

    assert sum(not isinstance(each, NotSignedIn) for each in results) == 1
    assert await below.of() is not None
    assert below.asked() == 1


async def test_a_link_is_opened_as_often_as_one_likes_and_used_once(
    below: Below,
) -> None:
    """Slack and virus scanners open links too; that must use nothing up."""
    ticket = ticket_in(await below.connecting.link(ANN, "@ann in sandbox"))

    seen = [await below.connecting.whose(ticket) for _ in range(3)]
    await below.connecting.begin(ticket)

    assert {(each.person, each.label) for each in seen} == {(ANN, "@ann in sandbox")}
    await refused(below.connecting.begin(ticket))
    await refused(below.connecting.whose(ticket))


async def test_a_ticket_is_no_state_and_a_state_no_ticket(alone: Below) -> None:
    """Each is good for its own step alone."""
    ticket = ticket_in(await alone.connecting.link(ANN, "@ann"))
    begun = await alone.begins()
    state, code = told_by(await alone.double.sign_in(begun.url, "ann"))

    await refused(alone.connecting.begin(state))
    await refused(alone.connecting.finish(ticket, code, ""))
    await refused(alone.connecting.finish("", "", ""))


async def test_ten_minutes_are_enough_and_more_are_too_many(below: Below) -> None:
    """From each click to the next; what lies about for longer is nobody's."""
    ticket = ticket_in(await below.connecting.link(ANN, "@ann"))
    almost = GOOD_FOR.total_seconds() - 1
    below.clock.pass_by(almost)
    begun = await below.connecting.begin(ticket)
    back = told_by(await below.double.sign_in(begun.url, "ann"))
    below.clock.pass_by(almost)
    assert (await below.connecting.finish(*back, begun.cookie)).person == ANN

    late = ticket_in(await below.connecting.link(BOB, "@bob"))
    bobs = await below.begins(BOB)
    his = told_by(await below.double.sign_in(bobs.url, "bob"))
    below.clock.pass_by(GOOD_FOR.total_seconds())

    await refused(below.connecting.whose(late), "too old")
    await refused(below.connecting.begin(late), "too old")
    await refused(below.connecting.finish(*his, bobs.cookie), "too old")
    assert below.asked() == 1


async def test_who_cancels_is_not_connected(below: Below) -> None:
    """And RingCentral is asked for nothing."""
    begun = await below.begins()
    state, code = told_by(await below.double.sign_in(begun.url, "ann", deny=True))

    await refused(below.connecting.finish(state, code, begun.cookie), "cancelled")

    assert code == ""
    assert below.asked() == 0
    assert await below.of() is None


# What goes wrong


@pytest.mark.parametrize(
    ("path", "skip"),
    [
        (TOKEN, 0),
        ("/extension/~", 0),
        ("/forwarding-number", 0),
        ("/phone-number", 0),
    ],
)
async def test_an_outage_at_any_step_leaves_nothing_behind(
    alone: Below, path: str, skip: int
) -> None:
    """No half a connection here, no forgotten session there; a new link works."""
    fault = alone.double.faults.add("status", path_contains=path, times=None, skip=skip)

    with pytest.raises(RingCentralError):
        await alone.connects()

    assert fault.hits
    assert await alone.of() is None
    assert alone.double.sessions_of("ann") == []
    alone.double.faults.clear()
    assert (await alone.connects()).person == ANN


async def test_an_account_that_may_not_be_read_is_said_and_left(alone: Below) -> None:
    """The app lacks a permission: 403 at the first question, and no session stays."""
    alone.double.logins.scopes.discard("ReadAccounts")

    await refused(alone.connects(), "may not read its phones")

    assert await alone.of() is None
    assert alone.double.sessions_of("ann") == []
    assert alone.connected == []


async def test_a_sign_in_that_is_ended_at_once_is_said_at_once(alone: Below) -> None:
    """A token that RingCentral does not take: no waiting for somebody's refresh."""
    alone.double.faults.add(
        "status", path_contains="/extension/~", status=401, times=None
    )

    async with asyncio.timeout(5):
        await refused(alone.connects(), "ended")

    assert alone.double.sessions_of("ann") == []


async def test_a_database_that_fails_at_the_end_leaves_no_session(
    alone: Below,
) -> None:
    """Tokens that nobody stores would live for a week at RingCentral."""

    async def put(*_: object) -> None:
        raise StoreUnavailable("away")

    whole, alone.connections.put = alone.connections.put, put  # type: ignore[method-assign,assignment]
    with pytest.raises(StoreUnavailable):
        await alone.connects()
    alone.connections.put = whole  # type: ignore[method-assign]

    assert alone.double.sessions_of("ann") == []
    assert (await alone.connects()).person == ANN


async def test_who_is_disconnected_meanwhile_is_not_told_otherwise(
    alone: Below, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Deactivated between two clicks."""
    put = Connections.put

    async def put_and_end(self: Connections, identity: str, *rest: Any) -> Any:
        old = await put(self, identity, *rest)
        await alone.connecting.end(identity)
        return old

    monkeypatch.setattr(Connections, "put", put_and_end)

    await refused(alone.connects(), "disconnected meanwhile")

    assert alone.double.sessions_of("ann") == []
    assert alone.connected == []


# Again


async def test_the_same_user_again_keeps_the_id_and_the_old_session_ends(
    below: Below,
) -> None:
    """Open calls go on by the new tokens, in every process."""
    first = await below.connects()
    other = await below.another()
    assert (await other.telephony(first).extension()).name == "Ann Example"
    chosen = Preferences(shows=Shows.DM)
    await below.connections.prefer(ANN, chosen)
    [old] = below.double.sessions_of("ann")

    second = await below.connects()

    assert second.id == first.id
    assert second.version == first.version + 1
    assert [each.id != old.id for each in below.double.sessions_of("ann")] == [True]
    assert (await below.connections.of(ANN))[1] == chosen
    for each in (below, other):
        assert (await each.telephony(second).extension()).name == "Ann Example"
    assert below.double.refreshes_of("ann") == 0


async def test_another_user_gets_another_id_and_the_old_sign_in_ends(
    below: Below,
) -> None:
    """A call of the one account is never asked about in the other's name."""
    first = await below.connects(name="ann")
    second = await below.connects(name="bob")

    assert second.id != first.id
    assert (await below.telephony(second).extension()).name == "Bob Example"
    assert below.double.sessions_of("ann") == []
    assert await below.connections.get(first.id) is None
    with pytest.raises(Disconnected):
        await below.telephony(first).extension()


async def test_connecting_again_mends_a_sign_in_that_has_ended(below: Below) -> None:
    """And it can be told of again when it ends the next time."""
    for _ in range(2):
        linked = await below.connects()
        below.double.end_sessions("ann")
        with pytest.raises(Disconnected):
            await below.telephony(linked).extension()
        with pytest.raises(NotConnected):
            await below.accounts.of(ANN)
        await below.care.look()

    assert len(below.ended) == 2


# By a credential


async def test_a_pasted_credential_connects_whatever_it_was_broken_into(
    below: Below,
) -> None:
    """Copied from a page, with spaces and the ends of lines."""
    jwt = below.double.jwt_of("ann")
    pasted = f"  {jwt[:40]}\n{jwt[40:90]} \r\n\t{jwt[90:]}\n"

    linked = await below.connecting.by_jwt(ANN, pasted)

    assert (linked.kind, linked.ends_at) == ("jwt", None)
    assert (await below.telephony(linked).extension()).name == "Ann Example"


async def test_a_credential_signs_in_anew_where_a_refresh_is_refused(
    below: Below,
) -> None:
    """Nobody has to do anything until it is revoked; then they are told once."""
    linked = await below.connecting.by_jwt(ANN, below.double.jwt_of("ann"))
    for _ in range(2):
        below.double.end_sessions("ann")
        assert (await below.telephony(linked).extension()).name == "Ann Example"
    below.double.end_sessions("ann")
    below.double.revoke_jwts("ann")

    with pytest.raises(Disconnected):
        await below.telephony(linked).extension()
    await below.care.look()
    await below.care.look()

    assert len(below.ended) == 1


async def test_a_credential_that_is_no_good_is_said_why(alone: Below) -> None:
    """Another app's, a revoked one, and what is none at all: nothing is stored."""
    others = alone.double.jwt_of("ann", client_id="another-app")
    old = alone.double.jwt_of("ann")
    alone.double.revoke_jwts("ann")

    for pasted in ("", "abc", "a.b", "a.b.c.d", f"{old}.x", "ä.ö.ü"):
        await refused(alone.connecting.by_jwt(ANN, pasted), "three parts")
    assert alone.asked() == 0
    for pasted in (others, old, "a.b.c"):
        await refused(
            alone.connecting.by_jwt(ANN, pasted), alone.double.logins.client_id
        )
    assert await alone.of() is None


async def test_a_credential_that_could_not_be_tried_is_no_bad_one(
    alone: Below,
) -> None:
    """RingCentral is away: the person is not sent to make another."""
    alone.double.faults.add("status", path_contains=TOKEN)

    with pytest.raises(RingCentralError) as failed:
        await alone.connecting.by_jwt(ANN, alone.double.jwt_of("ann"))

    assert not isinstance(failed.value, NotSignedIn)


# Leaving


def rows_of(dump: str, identity: str, person: Person) -> list[str]:
    """Return what of somebody is in a dump."""
    return [each for each in (identity, person.user) if each in dump]


async def test_who_disconnects_is_in_no_table_any_more(below: Below) -> None:
    """Tokens, phones, choices, and a sign-in that was still open in a browser."""
    leaver = Person("", "T1", "ULEAVER")
    linked = await below.connects(leaver)
    await below.connects(BOB, "bob")
    await below.connections.prefer(leaver, Preferences(region="GB"))
    open_link = await below.connecting.link(leaver, "@leaver")
    begun = await below.begins(leaver)
    back = told_by(await below.double.sign_in(begun.url, "ann"))

    assert await below.connecting.disconnect(leaver)
    assert not await below.connecting.disconnect(leaver)

    assert (await below.connections.of(leaver)) == (None, Preferences())
    await refused(below.connecting.begin(ticket_in(open_link)))
    await refused(below.connecting.finish(*back, begun.cookie))
    if below.store.writer.is_postgres:  # SQLite leaves what it frees for a while
        assert rows_of(await below.dump(), linked.id, leaver) == []
    assert below.double.sessions_of("ann") == []
    assert await below.of(BOB) is not None
    assert len(below.double.sessions_of("bob")) == 1


async def test_disconnecting_needs_no_ringcentral(below: Below) -> None:
    """What is here is erased; what is there ends by itself, and the log says so."""
    linked = await below.connects()
    below.double.faults.add("status", path_contains=REVOKE, times=None)

    assert await below.connecting.disconnect(ANN)

    assert await below.of() is None
    assert await below.connections.get(linked.id) is None


GRID = [
    Person("E1", "T1", "U1"), Person("E1", "T1", "U2"),
    Person("E1", "T2", "U1"), Person("E2", "T1", "U1"),
    Person("", "T1", "U1"), Person("", "T2", "U1"),
]  # fmt: skip


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
async def test_who_leaves_is_disconnected_and_nobody_else(
    below: Below, whom: Iterable[str], gone: list[int]
) -> None:
    """A workspace, an organization, one user: the same id elsewhere is somebody else."""
    below.double.logins.refresh_tokens = False
    for person in GRID:
        await below.connects(person)
        await below.connections.prefer(person, Preferences(region="GB"))
    links = [await below.connecting.link(person, "@x") for person in GRID]

    assert await below.connecting.end_all(*whom) == len(gone)

    for number, person in enumerate(GRID):
        linked, chosen = await below.connections.of(person)
        assert (linked is None) == (number in gone)
        assert (chosen == Preferences()) == (number in gone)
        ticket = ticket_in(links[number])
        if number in gone:
            await refused(below.connecting.whose(ticket))
        else:
            await below.connecting.whose(ticket)


async def test_who_never_connected_leaves_no_choices_behind(below: Below) -> None:
    """Of the shared account's people too: a chosen number is theirs."""
    await below.connections.prefer(ANN, Preferences(region="GB"))
    await below.connections.prefer(BOB, Preferences(region="FR"))

    assert await below.connecting.end_all("", ANN.team, ANN.user) == 0

    assert (await below.connections.of(ANN))[1] == Preferences()
    assert (await below.connections.of(BOB))[1].region == "FR"


# Secrets


async def test_no_dump_and_no_log_holds_what_would_help_a_thief(
    below: Below, caplog: pytest.LogCaptureFixture
) -> None:
    """After all of it: sign-ins, refreshes, refusals, an open one, one that was ended."""
    caplog.set_level(logging.DEBUG)
    ticket = ticket_in(await below.connecting.link(ANN, "@ann"))
    begun = await below.connecting.begin(ticket)
    state, code = told_by(await below.double.sign_in(begun.url, "ann"))
    await refused(below.connecting.finish(state, code, "another"))
    linked = await below.connecting.finish(state, code, begun.cookie)
    pending = await below.begins()
    waiting = ticket_in(await below.connecting.link(ANN, "@ann"))
    below.clock.pass_by(HOUR)
    await below.telephony(linked).extension()
    his = await below.connecting.by_jwt(BOB, below.double.jwt_of("bob"))
    before_end = await below.dump()
    below.double.end_sessions("ann")
    below.double.revoke_jwts("bob")
    below.double.end_sessions("bob")
    for each in (linked, his):
        with pytest.raises(BotError):
            await below.telephony(each).extension()
    await refused(
        below.connecting.by_jwt(BOB, below.double.jwt_of("bob")[:-5]), "whole"
    )
    verifiers = [
        seen.body["code_verifier"]
        for seen in below.double.requests_of("POST", TOKEN)
        if "code_verifier" in seen.body
    ]
    secrets = {
        *below.double.secrets_of("ann"), *below.double.secrets_of("bob"),
        ticket, waiting, state, code, begun.cookie, pending.cookie,
        parse_qs(urlsplit(pending.url).query)["state"][0],
        *verifiers, *below.keys, below.double.logins.client_secret,
    }  # fmt: skip
    held = before_end + await below.dump()

    assert len(secrets) > 15
    assert linked.id in held
    assert [each for each in secrets if each in held] == []
    assert [each for each in secrets if each in caplog.text] == []


@pytest.mark.parametrize("keys", [(), (new_key(),)])
async def test_a_key_that_is_gone_is_mended_by_connecting_again(
    database_url: str, keys: tuple[str, ...]
) -> None:
    """Nobody can read the tokens: said as a sign-in that is over, and never as a crash."""
    async with below_slack(database_url) as below:
        linked = await below.connects()
        stranger = await below.another(keys=keys)

        with pytest.raises(Disconnected):
            await stranger.telephony(linked).extension()
        if keys:
            again = await stranger.connects()
            assert again.id == linked.id
            assert (await stranger.telephony(again).extension()).name == "Ann Example"
            assert [each.id for each in stranger.connected] == [linked.id]
        else:
            with pytest.raises(BotError):
                await stranger.connects()
            assert len(below.double.sessions_of("ann")) == 1
        assert await stranger.connecting.disconnect(ANN)
        assert await below.of() is None


async def test_keys_are_rotated_without_signing_anybody_out(
    below: Below, capsys: pytest.CaptureFixture[str]
) -> None:
    """Both keys, `rotate-keys`, then the new one alone: people go on calling."""
    linked = await below.connects()
    begun = await below.begins(BOB)
    back = told_by(await below.double.sign_in(begun.url, "bob"))
    new = new_key()
    env = SETTINGS | {"DATABASE_URL": below.url}

    missing = await admin.rotate_keys(settings.read(env | {"RC_USER_JWT": "a.b.c"}))
    code = await admin.rotate_keys(
        settings.read(env | {"RINGOUT_SECRET_KEY": f"{new},{below.keys[0]}"})
    )
    after = await below.another(keys=(new,))

    assert (missing, code) == (admin.BAD_INPUT, 0)
    assert "encrypted with the first key" in capsys.readouterr().out
    assert (await after.telephony(linked).extension()).name == "Ann Example"
    assert (await after.connecting.finish(*back, begun.cookie)).person == BOB
    with pytest.raises(Disconnected):
        await below.telephony(linked).extension()
