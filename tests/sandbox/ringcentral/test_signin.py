"""The RingCentral double: the sign-in page, and the code that it gives."""

from __future__ import annotations

import asyncio
import base64
import hashlib
from collections.abc import AsyncIterator
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

import aiohttp
import pytest
from ringcentral.http.api_exception import ApiException
from ringcentral.sdk import SDK

from bot.sandbox.ringcentral.double import RingCentralDouble
from bot.sandbox.ringcentral.person_actions import NoSignInError
from openapi_check import checker
from ringcentral_api import USER, Answer, Api, logged_in

CALLBACK = "http://127.0.0.1:3000/ringcentral/callback?bot=1"
VERIFIER = "a-verifier-of-at-least-43-characters-0123456789"
CHALLENGE = (
    base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest())
    .decode()
    .rstrip("=")
)


@pytest.fixture
async def api() -> AsyncIterator[Api]:
    """Return a client of a double with the usual limits, in which Ann and Bob are."""
    double = RingCentralDouble(validator=checker())
    double.add_person("ann", full_name="Ann Lee & Sons")
    double.add_person("bob")
    async with logged_in(double) as api:
        yield api


def link(api: Api, **changes: str) -> str:
    """Return the address of the app's button; an empty value leaves one out."""
    query = {
        "response_type": "code",
        "client_id": api.double.logins.client_id,
        "redirect_uri": CALLBACK,
        "state": "a state/with+signs=",
        "code_challenge": CHALLENGE,
        "code_challenge_method": "S256",
        **changes,
    }
    given = urlencode({name: value for name, value in query.items() if value})
    return f"{api.double.url}/restapi/oauth/authorize?{given}"


def told(callback: str) -> dict[str, str]:
    """Return what the app is told by the address that the browser is sent to."""
    return dict(parse_qsl(urlsplit(callback).query))


async def a_code(api: Api, person: str = "ann", **changes: str) -> str:
    """Return a fresh code of a person's."""
    return told(await api.double.sign_in(link(api, **changes), person))["code"]


async def exchange(api: Api, code: str, **changes: str) -> Answer:
    """Hand a code in."""
    form = {"code": code, "redirect_uri": CALLBACK, "code_verifier": VERIFIER}
    given = {name: value for name, value in {**form, **changes}.items() if value}
    return await api.grant(grant_type="authorization_code", **given)


async def test_a_person_signs_in_and_the_app_speaks_as_them(api: Api) -> None:
    """The whole way, from the button to the name that the bot shows."""
    callback = await api.double.sign_in(link(api), "ann")
    answer = await exchange(api, told(callback)["code"])
    api.token = answer.body["access_token"]
    me = (await api.send("GET", USER)).body
    ann = api.double.person("ann")

    assert callback.startswith("http://127.0.0.1:3000/ringcentral/callback?bot=1&code=")
    assert told(callback)["state"] == "a state/with+signs="
    assert answer.body["owner_id"] == ann.extension_id == str(me["id"])
    assert answer.body["endpoint_id"]
    assert api.double.token_posts[-1].person == "ann"
    assert set(answer.body["scope"].split()) == api.double.logins.scopes
    assert (me["name"], me["extensionNumber"]) == ("Ann Lee & Sons", "201")
    assert me["account"]["id"] == ann.account_id
    assert api.double.complaints == []


async def test_a_person_who_presses_cancel_is_sent_back_with_no_code(api: Api) -> None:
    """They changed their mind: the bot says so, and nothing was connected."""
    callback = await api.double.sign_in(link(api), "ann", deny=True)

    assert told(callback) == {
        "bot": "1",
        "error": "access_denied",
        "state": "a state/with+signs=",
    }
    assert api.double.sessions_of("ann") == []


@pytest.mark.parametrize(
    "changes",
    [
        {"client_id": "another"},
        {"redirect_uri": "http://evil.example/callback"},
        {"redirect_uri": "ftp://127.0.0.1/"},
        {"redirect_uri": "https://"},
        {"redirect_uri": "http://[::1/"},
        {"redirect_uri": ""},
    ],
)
async def test_nobody_is_sent_to_a_strangers_address(
    api: Api, changes: dict[str, str]
) -> None:
    """A page, never a redirect: else the double would hide an open redirect."""
    page = await api.send("GET", link(api, **changes), allow_redirects=False)
    direct = link(api, **changes).replace("/restapi/oauth/authorize", "/login")
    form = {"person": "ann", "choice": "authorize"}
    forged = await api.send("POST", direct, data=form, allow_redirects=False)

    assert (page.status, forged.status) == (400, 400)
    assert "Location" not in page.headers
    assert "Location" not in forged.headers
    with pytest.raises(NoSignInError, match="400"):
        await api.double.sign_in(link(api, **changes), "ann")


async def test_registered_addresses_are_compared_exactly(api: Api) -> None:
    """The operator's slip that is made most often: a slash, a port, http for https."""
    registered = "https://ringout.example/ringcentral/callback"
    api.double.logins.redirect_uris = [registered]
    sent = await api.double.sign_in(link(api, redirect_uri=registered), "ann")
    only = await api.double.sign_in(link(api, redirect_uri=""), "ann")
    api.double.logins.redirect_uris.append(f"{registered}/2")
    with pytest.raises(NoSignInError, match="OAU-109"):
        await api.double.sign_in(link(api, redirect_uri=""), "ann")

    assert sent.startswith(f"{registered}?code=")
    assert only.startswith(f"{registered}?code=")
    for wrong in (f"{registered}/", CALLBACK, registered.replace("https", "http")):
        with pytest.raises(NoSignInError, match="OAU-109"):
            await api.double.sign_in(link(api, redirect_uri=wrong), "ann")


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"code_challenge_method": ""}, "invalid_request"),
        ({"code_challenge_method": "S512"}, "invalid_request"),
        ({"code_challenge": "short"}, "invalid_request"),
    ],
)
async def test_an_app_that_asks_wrongly_is_told_so(
    api: Api, changes: dict[str, str], error: str
) -> None:
    """The address is known to be the app's, so it may hear it (RFC 6749, 4.1.2.1)."""
    callback = await api.double.sign_in(link(api, **changes), "ann")

    assert told(callback)["error"] == error
    assert told(callback)["state"] == "a state/with+signs="


async def test_a_code_is_good_once_and_for_a_minute(api: Api) -> None:
    """A replayed code gets nothing, and ends what it had given (RFC 6749, 4.1.2)."""
    api.double.limits.auth = None
    code = await a_code(api)
    first = await exchange(api, code)
    opened = len(api.double.sessions_of("ann"))
    replayed = await exchange(api, code)
    late = await a_code(api)
    api.double.clock.skip(60)
    expired = await exchange(api, late)
    unknown = await exchange(api, "code-of-nobody")

    assert first.status == 200
    assert (opened, api.double.sessions_of("ann")) == (1, [])
    for refused, error_code in (
        (replayed, "OAU-106"),
        (expired, "OAU-108"),
        (unknown, "OAU-106"),
    ):
        assert (refused.status, refused.body["error"]) == (400, "invalid_grant")
        assert refused.code == error_code
    assert api.double.sign_ins_of("ann") == 1
    assert api.double.complaints == []


@pytest.mark.parametrize(
    "changes",
    [
        {"code_verifier": VERIFIER[::-1]},
        {"code_verifier": ""},
        {"code_verifier": CHALLENGE},
        {"redirect_uri": "http://127.0.0.1:3000/other"},
        {"redirect_uri": ""},
    ],
)
async def test_a_stolen_code_is_worth_nothing_without_its_verifier(
    api: Api, changes: dict[str, str]
) -> None:
    """That is what PKCE is for; the one who has the verifier still gets in."""
    code = await a_code(api)
    stolen = await exchange(api, code, **changes)
    owner = await exchange(api, code)

    assert (stolen.status, stolen.body["error"]) == (400, "invalid_grant")
    assert owner.status == 200


async def test_without_a_challenge_no_verifier_is_taken(api: Api) -> None:
    """RFC 9700, 4.8.2: else a code of an attacker's own session could be slipped in."""
    plain = await a_code(api, code_challenge="", code_challenge_method="")
    slipped = await exchange(api, plain)
    honest = await exchange(api, plain, code_verifier="")
    as_text = await a_code(api, code_challenge=VERIFIER, code_challenge_method="plain")

    assert (slipped.status, honest.status) == (400, 200)
    assert (await exchange(api, as_text)).status == 200


async def test_the_page_is_for_people(api: Api) -> None:
    """One who runs the demo clicks through it; names are text, never markup."""
    api.double.disable("bob")
    async with (
        aiohttp.ClientSession() as browser,
        browser.get(link(api, login_hint="ann")) as shown,
    ):
        page = await shown.text()
        kept = parse_qs(shown.url.raw_query_string)

    assert shown.status == 200
    assert shown.content_type == "text/html"
    assert "Ann Lee &amp; Sons, extension 201" in page
    assert 'value="ann" checked' in page
    assert 'value="bob"' not in page
    assert "Authorize</button>" in page
    assert "Cancel</button>" in page
    assert kept["code_challenge"] == [CHALLENGE]
    with pytest.raises(NoSignInError, match="not allowed"):
        await api.double.sign_in(link(api), "bob")
    with pytest.raises(KeyError, match="nobody is called 'eve'"):
        await api.double.sign_in(link(api), "eve")


async def test_a_code_of_one_who_has_left_since_is_refused(api: Api) -> None:
    """Between the click and the exchange an administrator was faster."""
    code = await a_code(api)
    api.double.disable("ann")
    refused = await exchange(api, code)
    api.double.enable("ann")

    assert (refused.body["error"], refused.code) == ("invalid_grant", "OAU-141")
    assert (await exchange(api, await a_code(api))).status == 200


async def test_the_code_of_another_app_is_refused(api: Api) -> None:
    """Two bots at one company: a code of the one is nothing to the other."""
    code = await a_code(api)
    api.double.logins.client_id = "another-app"

    assert (await exchange(api, code)).code == "OAU-110"


async def test_the_form_may_be_posted_too(api: Api) -> None:
    """RingCentral's authorize address takes both methods."""
    address, _, query = link(api).partition("?")
    answer = await api.send(
        "POST", address, data=dict(parse_qsl(query)), allow_redirects=False
    )

    assert answer.status == 302
    assert urlsplit(answer.headers["Location"]).path == "/login"
    assert api.double.complaints == []


async def test_the_real_sdk_signs_in_refreshes_and_logs_out(api: Api) -> None:
    """What the bot uses has to be content with the double."""
    logins = api.double.logins
    code = await a_code(api)

    def speak() -> str:
        sdk = SDK(logins.client_id, logins.client_secret, api.double.url)
        platform = sdk.platform()
        platform.login(code=code, redirect_uri=CALLBACK, verifier=VERIFIER)
        platform.refresh()
        name = platform.get("/restapi/v1.0/account/~/extension/~").json_dict()["name"]
        platform.logout()
        with pytest.raises(ApiException):
            platform.login(code=code, redirect_uri=CALLBACK, verifier=VERIFIER)
        return str(name)

    name = await asyncio.to_thread(speak)

    assert name == "Ann Lee & Sons"
    assert api.double.sessions_of("ann") == []
    assert api.double.refreshes_of("ann") == 1
    assert api.double.complaints == []
