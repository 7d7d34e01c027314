"""The RingCentral double: people's sessions, JWTs, and what ends them."""

from __future__ import annotations

import base64
import json
from collections.abc import AsyncIterator
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest

from bot.sandbox.limits import Limits
from bot.sandbox.ringcentral.double import RingCentralDouble
from openapi_check import checker
from ringcentral_api import JWT_GRANT, USER, Api, logged_in

NOBODY = {"Authorization": ""}


@pytest.fixture
async def api() -> AsyncIterator[Api]:
    """Return a client of a double without limits, in which Ann and Bob are."""
    double = RingCentralDouble(limits=Limits.off(), validator=checker())
    double.add_person("ann")
    double.add_person("bob")
    async with logged_in(double) as api:
        yield api


async def refresh(api: Api, token: str) -> str:
    """Refresh; return the new refresh token, or the error's name and code."""
    answer = await api.grant(grant_type="refresh_token", refresh_token=token)
    if answer.status == 200:
        return str(answer.body["refresh_token"])
    return f"{answer.body['error']} {answer.code}"


async def by_jwt(api: Api, jwt: str) -> str:
    """Sign in by a JWT; return whose session it is, or the error's message."""
    answer = await api.grant(grant_type=JWT_GRANT, assertion=jwt)
    if answer.status == 200:
        return str(answer.body["owner_id"])
    assert answer.body["error"] == "invalid_grant"
    return str(answer.body["error_description"])


async def test_a_persons_jwt_is_good_for_our_app_until_it_is_not(api: Api) -> None:
    """The bot tells a pasted JWT that works from those that never will."""
    double = api.double
    mine = double.jwt_of("ann")
    short = double.jwt_of("ann", lives=600)
    others = double.jwt_of("ann", client_id="another-app")
    good = [await by_jwt(api, mine), await by_jwt(api, short)]
    double.clock.skip(600)
    expired, foreign = await by_jwt(api, short), await by_jwt(api, others)
    double.revoke_jwts("ann")
    revoked = await by_jwt(api, mine)
    claims = json.loads(base64.urlsafe_b64decode(mine.split(".")[1] + "=="))

    assert good == [double.person("ann").extension_id] * 2
    assert "expired" in expired
    assert "application" in foreign
    assert "revoked" in revoked
    assert claims["sub"] == double.person("ann").extension_id
    assert double.jwt_of("ann") not in (mine, short, others)
    assert double.jwt_of("bob") == double.jwt_of("bob")
    assert double.jwt_of("service") == double.logins.jwt
    assert double.complaints == []


async def test_everybodys_refresh_tokens_are_their_own(api: Api) -> None:
    """Ann's refresh ends Ann's old token, at once, and nothing of Bob's."""
    ann, bob = await api.as_person("ann"), await api.as_person("bob")
    (session,) = api.double.sessions_of("ann")
    before = session.refresh_token
    new = await refresh(api, before)

    assert new != before
    assert (await ann.send("GET", USER)).code == "OAU-213"
    assert (await bob.send("GET", USER)).status == 200
    assert (api.double.refreshes_of("ann"), api.double.refreshes_of("bob")) == (1, 0)
    assert api.double.sessions_of("ann")[0].endpoint_id == session.endpoint_id


async def test_a_used_refresh_token_gives_the_same_again_but_not_for_long(
    api: Api,
) -> None:
    """Two processes refresh at once: both get the new tokens, and it counts once."""
    ann = await api.as_person("ann")
    first = api.double.sessions_of("ann")[0].refresh_token
    second = await refresh(api, first)
    unused = await refresh(api, first)
    api.double.clock.skip(3000)
    still_unused = await refresh(api, first)
    ann.token = api.double.sessions_of("ann")[0].access_token
    assert (await ann.send("GET", USER)).status == 200
    too_late = await refresh(api, first)
    third = await refresh(api, second)
    at_once = await refresh(api, second)
    oldest = await refresh(api, first)

    assert second == unused == still_unused
    assert too_late == oldest == "invalid_grant OAU-213"
    assert third == at_once
    assert api.double.refreshes_of("ann") == 2
    assert api.double.complaints == []


async def test_a_sixth_sign_in_ends_the_same_persons_oldest(api: Api) -> None:
    """Six pods that each sign in would kill one another; nobody else's die."""
    bob, service = await api.as_person("bob"), api.token
    clients = [await api.as_person("ann") for _ in range(6)]
    answers = [(await each.send("GET", USER)).status for each in clients]

    assert answers == [401] + [200] * 5
    assert len(api.double.sessions_of("ann")) == 5
    assert api.double.sign_ins_of("ann") == 6
    assert (await bob.send("GET", USER)).status == 200
    assert api.token == service
    assert (await api.send("GET", USER)).status == 200


async def test_an_administrator_ends_a_persons_sessions(api: Api) -> None:
    """Both tokens are dead in RingCentral's own words; the JWT still signs in."""
    ann, bob = await api.as_person("ann"), await api.as_person("bob")
    token = api.double.sessions_of("ann")[0].refresh_token
    api.double.end_sessions("ann")
    dead = await ann.send("GET", USER)

    assert (dead.status, dead.code) == (401, "OAU-213")
    assert dead.body["errorCode"] == "TokenInvalid"
    assert await refresh(api, token) == "invalid_grant OAU-213"
    assert (await bob.send("GET", USER)).status == 200
    assert (await (await api.as_person("ann")).send("GET", USER)).status == 200


async def test_a_disabled_person_can_do_nothing_until_enabled(api: Api) -> None:
    """Somebody has left the company: no token, no JWT, no code works any more."""
    ann = await api.as_person("ann")
    api.double.disable("ann")
    refused = await api.grant(grant_type=JWT_GRANT, assertion=api.double.jwt_of("ann"))
    dead = await ann.send("GET", USER)
    api.double.enable("ann")

    assert dead.status == 401
    assert (refused.body["error"], refused.code) == ("invalid_grant", "OAU-141")
    assert (await (await api.as_person("ann")).send("GET", USER)).status == 200


async def test_one_persons_access_expires_alone(api: Api) -> None:
    """A test of a refresh needs no waiting, and disturbs nobody else."""
    ann, bob = await api.as_person("ann"), await api.as_person("bob")
    api.double.expire_access("ann")

    assert (await ann.send("GET", USER)).code == "OAU-128"
    assert (await bob.send("GET", USER)).status == 200
    assert (await api.send("GET", USER)).status == 200
    token = api.double.sessions_of("ann")[0].refresh_token
    assert (await refresh(api, token)).startswith("refresh-")


async def test_revoking_either_token_ends_both(api: Api) -> None:
    """``/ringout disconnect``: RingCentral's page shows the app no longer."""
    logins = api.double.logins
    for name in ("access_token", "refresh_token"):
        ann, bob = await api.as_person("ann"), await api.as_person("bob")
        (session,) = api.double.sessions_of("ann")
        gone = await api.as_client("/restapi/oauth/revoke", getattr(session, name))
        again = await api.as_client("/restapi/oauth/revoke", getattr(session, name))

        assert (gone.status, again.status) == (200, 200)
        assert (await ann.send("GET", USER)).status == 401
        assert await refresh(api, session.refresh_token) == "invalid_grant OAU-213"
        assert (await bob.send("GET", USER)).status == 200
        logins.forget(api.double.person("bob").extension_id)
    logins.refresh_tokens = False
    ann = await api.as_person("ann")
    await api.as_client("/restapi/oauth/revoke", "")
    assert (await ann.send("GET", USER)).status == 200
    assert api.double.complaints == []


async def test_lifetimes_and_the_app_setting_for_refresh_tokens(api: Api) -> None:
    """Without refresh tokens a sign-in by code ends after an hour, and says so."""
    logins = api.double.logins
    logins.expires_in, logins.refresh_expires_in = 900, 7200
    jwt = api.double.jwt_of("ann")
    long = (await api.grant(grant_type=JWT_GRANT, assertion=jwt)).body
    logins.refresh_tokens = False
    plain = (await api.grant(grant_type=JWT_GRANT, assertion=jwt)).body
    named = await api.grant(grant_type=JWT_GRANT, assertion=jwt, endpoint_id="pod-1")
    api.double.clock.skip(7200)

    assert (long["expires_in"], long["refresh_token_expires_in"]) == (900, 7200)
    assert "refresh_token" not in plain
    assert "refresh_token_expires_in" not in plain
    assert named.body["endpoint_id"] == "pod-1"
    assert plain["endpoint_id"] != long["endpoint_id"]
    assert await refresh(api, long["refresh_token"]) == "invalid_grant OAU-213"


async def test_every_secret_that_ever_was_is_known(api: Api) -> None:
    """A database dump or a log is searched for all of them, dead ones too."""
    await api.as_person("ann")
    old = api.double.sessions_of("ann")[0]
    await refresh(api, old.refresh_token)
    new = api.double.sessions_of("ann")[0]
    secrets = api.double.secrets_of("ann")

    assert {
        old.access_token,
        old.refresh_token,
        new.access_token,
        new.refresh_token,
        api.double.jwt_of("ann"),
    } == set(secrets)
    assert api.double.logins.jwt in api.double.secrets_of("service")
    assert not any(each in repr(api.double.logins) for each in secrets)


async def test_an_app_without_a_secret_names_itself(api: Api) -> None:
    """A public client: PKCE is all that it has, and a secret would be a mistake."""
    logins = api.double.logins
    logins.is_public = True
    verifier = "v" * 43
    query = {
        "response_type": "code",
        "client_id": logins.client_id,
        "redirect_uri": "https://bot.example/callback",
    }
    here = f"{api.double.url}/restapi/oauth"
    bare = await api.double.sign_in(f"{here}/authorize?{urlencode(query)}", "ann")
    query |= {"code_challenge": verifier, "code_challenge_method": "plain"}
    back = await api.double.sign_in(f"{here}/authorize?{urlencode(query)}", "ann")
    form = {
        "grant_type": "authorization_code",
        "code": dict(parse_qsl(urlsplit(back).query))["code"],
        "code_verifier": verifier,
        "redirect_uri": query["redirect_uri"],
    }
    nameless = await api.send("POST", f"{here}/token", data=form, headers=NOBODY)
    by_secret = await api.grant(**form)
    form["client_id"] = logins.client_id
    named = await api.send("POST", f"{here}/token", data=form, headers=NOBODY)
    end = {"token": named.body["refresh_token"], "client_id": logins.client_id}
    gone = await api.send("POST", f"{here}/revoke", data=end, headers=NOBODY)

    assert dict(parse_qsl(urlsplit(bare).query))["error"] == "invalid_request"
    assert (nameless.status, by_secret.status) == (401, 401)
    assert (named.status, gone.status) == (200, 200)
    assert api.double.sessions_of("ann") == []
