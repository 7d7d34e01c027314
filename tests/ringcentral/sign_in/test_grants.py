"""If the app lacks a grant type, the operator reads which one to switch on."""

from __future__ import annotations

import html
import logging

import pytest

from bot.doctor import doctor
from bot.errors import CredentialsRefused, NotConnected
from bot.ringcentral.sign_in import grant
from bot.sandbox.ringcentral.double import RingCentralDouble
from bot.serving.oauth_flow import Arrival
from bot.serving.refusals import told
from bot.slack.texts.contact import NO_CONTACT
from bot.slack.texts.forms import LONGEST_ERROR
from bot.user_errors import NotSignedIn
from bot.vault import new_key
from office import ANN, Office
from own import a_browser, to_ringcentral
from refused import refused
from ringcentral_api import JWT_GRANT, logged_in
from town import Town

BY_CODE, REFRESH = "authorization_code", "refresh_token"
PUBLIC = {"PUBLIC_URL": "https://bot.example", "PORT": "1"}


@pytest.mark.parametrize(
    ("allowed", "changes", "code", "then"),
    [
        (JWT_GRANT, {}, 0, ""),
        (JWT_GRANT, {"RINGOUT_SHARED_ACCOUNT": "off"}, 0, ""),
        (JWT_GRANT, PUBLIC, 1, grant.SWITCH_ON_CODE),
        (BY_CODE, PUBLIC | {"RINGOUT_SHARED_ACCOUNT": "off"}, 0, ""),
        (BY_CODE, {"RINGOUT_SHARED_ACCOUNT": "off"}, 1, grant.SWITCH_ON_JWT),
    ],
)
async def test_the_doctor_asks_as_people_will_and_says_what_to_switch_on(
    closed_town: Town,
    capsys: pytest.CaptureFixture[str],
    allowed: str,
    changes: dict[str, str],
    code: int,
    then: str,
) -> None:
    """An app with JWT alone is healthy unless people are to sign in by browser."""
    closed_town.ringcentral.logins.grants = {allowed, REFRESH}
    chosen = closed_town.settings(RINGOUT_SECRET_KEY=new_key(), **changes)

    found = await doctor.examine(chosen, ())
    out = capsys.readouterr().out

    assert found == code, out
    assert ("ok    RingCentral app credentials: accepted" in out) is (code == 0)
    if then:
        assert "FAIL  RingCentral app credentials: 400 OAU-251" in out
        assert f"-> {then[:1].upper()}{then[1:]}." in out
        assert "RC_APP_CLIENT_SECRET again" not in out


async def test_the_doctor_says_that_a_jwt_is_not_to_blame(
    closed_town: Town, capsys: pytest.CaptureFixture[str]
) -> None:
    """Otherwise somebody would create one new JWT after another in vain."""
    closed_town.ringcentral.logins.grants = {BY_CODE, REFRESH}

    code = await doctor.examine(closed_town.settings(), ())
    out = capsys.readouterr().out

    assert code == 1
    assert f"400 OAU-251: {grant.SWITCH_ON_JWT}" in out
    assert "The JWT itself may be valid" in out


async def test_a_start_without_the_grant_names_it(
    closed_town: Town, caplog: pytest.LogCaptureFixture
) -> None:
    """It is what the terminal shows, and what the log keeps."""
    closed_town.ringcentral.logins.grants = {BY_CODE, REFRESH}

    with pytest.raises(CredentialsRefused, match="switch on the JWT auth flow"):
        await closed_town.open()

    assert f"refuses the app: 400 OAU-251: {grant.SWITCH_ON_JWT}" in caplog.text


async def test_who_comes_by_browser_hears_whose_turn_it_is(
    office: Office, caplog: pytest.LogCaptureFixture
) -> None:
    """A new link cannot help the person; the log tells the operator what to change."""
    office.double.logins.grants = {JWT_GRANT, REFRESH}
    link = await office.connecting.link(ANN, "Ann")
    async with a_browser() as browser:
        there = await to_ringcentral(browser, link)
        back = await office.double.sign_in(there, "ann")
        async with browser.get(back) as page:
            status, text = page.status, html.unescape(await page.text())

    assert status == 400
    assert "Ask your RingOut admin." in text
    assert grant.SWITCH_ON_CODE in caplog.text
    assert "canceled" not in text
    assert "page sent somebody back: unauthorized_client" in caplog.text
    assert office.double.token_posts == []


async def test_a_grant_that_goes_while_somebody_signs_in_is_named_too(
    office: Office, caplog: pytest.LogCaptureFixture
) -> None:
    """The page may let somebody pass whose code is then good for nothing."""
    url, cookie = await office.begin()
    back = await office.allowed(url)
    office.double.logins.grants = {JWT_GRANT, REFRESH}

    with refused(NotSignedIn, match="anyone sign in here yet"):
        await office.connecting.finish(Arrival(back["state"], back["code"], cookie))

    assert "refused a sign-in's code: 400 OAU-251" in caplog.text
    assert grant.SWITCH_ON_CODE in caplog.text


async def test_a_wrong_secret_is_not_the_persons_to_mend(
    office: Office, caplog: pytest.LogCaptureFixture
) -> None:
    """The person made no mistake, so the message must not blame them."""
    url, cookie = await office.begin()
    back = await office.allowed(url)
    jwt = office.double.jwt_of("ann")
    office.double.logins.client_secret = "renewed"

    with refused(NotSignedIn, match="anyone sign in here yet") as by_code:
        await office.connecting.finish(Arrival(back["state"], back["code"], cookie))
    with refused(NotSignedIn, match="anyone connect this way yet") as by_jwt:
        await office.connecting.by_jwt(ANN, jwt)

    for caught in (by_code, by_jwt):
        said = told(caught.value, NO_CONTACT)
        assert said.endswith("Ask your RingOut admin.")
        assert len(said) <= LONGEST_ERROR
    assert caplog.text.count("`ringout-bot doctor`") == 2


async def test_a_pasted_jwt_of_an_app_that_takes_none(
    office: Office, caplog: pytest.LogCaptureFixture
) -> None:
    """It is no use to ask whether it was copied whole; the sentence fits the form."""
    office.double.logins.grants = {BY_CODE, REFRESH}

    with refused(NotSignedIn, match="anyone connect this way yet") as caught:
        await office.connecting.by_jwt(ANN, office.double.jwt_of("ann"))

    assert grant.SWITCH_ON_JWT in caplog.text
    assert len(told(caught.value, NO_CONTACT)) <= LONGEST_ERROR
    assert "accepts no JWT credentials: 400 OAU-251" in caplog.text
    assert caplog.records[-1].levelno == logging.WARNING
    with pytest.raises(NotConnected):
        await office.accounts.of(ANN)


async def test_the_double_refuses_as_ringcentral_does() -> None:
    """What it knows and the app lacks is one thing, what nobody knows another."""
    async with logged_in(RingCentralDouble()) as api:
        api.double.logins.grants = {BY_CODE}
        lacking = await api.grant(grant_type=JWT_GRANT, assertion="x")
        unheard = await api.grant(grant_type="password")
        given = await api.grant(grant_type=BY_CODE, code="x")

    assert lacking.body["error"] == "unauthorized_client"
    assert (lacking.status, lacking.code) == (400, "OAU-251")
    assert unheard.body["error"] == "unsupported_grant_type"
    assert given.body["error"] == "invalid_grant"
