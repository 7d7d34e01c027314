"""The RingCentral double: tokens, sessions, and who may log in."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from bot.sandbox.ringcentral.double import RingCentralDouble
from openapi_check import checker
from ringcentral_api import JWT_GRANT, USER, Api, logged_in


@pytest.fixture
async def api() -> AsyncIterator[Api]:
    """Return a client that is logged in to a double with the usual limits."""
    async with logged_in(RingCentralDouble(validator=checker())) as api:
        yield api


async def refreshed(api: Api, token: str) -> tuple[int, str]:
    """Refresh; return the status and the new refresh token, or the error."""
    answer = await api.grant(grant_type="refresh_token", refresh_token=token)
    told = answer.body.get("refresh_token") or answer.body["error"]
    return answer.status, told


async def test_a_refresh_token_is_good_once_and_shortly_again(api: Api) -> None:
    """Two threads that refresh at once get the same answer; a late one gets none."""
    first = (await api.log_in()).body
    second = await refreshed(api, first["refresh_token"])
    at_once = await refreshed(api, first["refresh_token"])
    old = await api.send("GET", USER)
    api.token = api.double.logins.sessions[-1].access_token
    new = await api.send("GET", USER)
    api.double.clock.skip(11)
    late = await refreshed(api, first["refresh_token"])

    assert second == at_once
    assert second[0] == 200
    assert (old.status, new.status) == (401, 200)
    assert late == (400, "invalid_grant")
    assert len(api.double.token_posts) == 5


async def test_tokens_expire_and_sessions_end(api: Api) -> None:
    """A bot that runs for months meets all of these."""
    logins = api.double.logins
    api.double.limits.auth = None
    api.double.clock.skip(3601)
    expired = await api.send("GET", USER)
    await api.log_in()
    api.double.logins.expire()
    made_to_expire = await api.send("GET", USER)
    answer = await api.log_in()
    for _ in range(5):
        await api.grant(grant_type=JWT_GRANT, assertion=logins.jwt)
    pushed_out = await api.send("GET", USER)
    logins.refresh_tokens = False
    plain = await api.log_in()
    logins.forget()

    assert (expired.status, expired.code) == (401, "OAU-128")
    assert made_to_expire.code == "OAU-128"
    assert pushed_out.code == "OAU-213"
    assert answer.body["session_id"]
    assert "refresh_token" not in plain.body
    assert (await api.send("GET", USER)).status == 401
    assert (await api.send("GET", USER, headers={"Authorization": ""})).code == (
        "CMN-405"
    )
    assert api.double.complaints == []


async def test_bad_credentials_are_refused_in_oauths_words(api: Api) -> None:
    """The operator reads these at the first start."""
    client = await api.grant(secret="wrong", grant_type=JWT_GRANT, assertion="x")
    jwt = await api.grant(grant_type=JWT_GRANT, assertion="x")
    grant = await api.grant(grant_type="password")
    limit = [(await api.grant(grant_type="x")).status for _ in range(2)]

    assert (client.status, client.body["error"]) == (401, "invalid_client")
    assert (jwt.status, jwt.body["error"]) == (400, "invalid_grant")
    assert grant.body["error"] == "unsupported_grant_type"
    assert limit == [400, 429]


async def test_a_session_is_revoked_by_the_client_only(api: Api) -> None:
    """Logging out ends the session; a stranger can't do it."""
    revoke = "/restapi/oauth/revoke"
    stranger = await api.send("POST", revoke, data={"token": api.token})
    nonsense = await api.send(
        "POST", revoke, data={"token": "x"}, headers={"Authorization": "Basic é"}
    )

    assert (stranger.status, nonsense.status) == (401, 401)
    assert (await api.send("GET", USER)).status == 200


async def test_a_refresh_token_ends_some_day(api: Api) -> None:
    """A bot that was off for a week logs in by JWT again; its own life is short."""
    api.double.logins.refresh_expires_in = 100
    first = (await api.log_in()).body
    answer = await api.grant(
        grant_type="refresh_token",
        refresh_token=first["refresh_token"],
        access_token_ttl="600",
    )
    api.double.clock.skip(101)

    assert answer.body["expires_in"] == 600
    assert await refreshed(api, answer.body["refresh_token"]) == (400, "invalid_grant")
