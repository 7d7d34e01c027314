"""Errors in the redirect from a sign-in page: only standard codes are logged."""

from __future__ import annotations

import html

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.accounts.checks import CHECKS
from bot.accounts.connecting import _sent_back
from bot.serving import oauth_flow, refusals
from bot.slack.texts.contact import NO_CONTACT
from bot.user_errors import SentBack
from office import ANN, Office, query_of
from own import a_browser, to_ringcentral

OPERATORS = [
    "invalid_request",
    "invalid_scope",
    "unauthorized_client",
    "unsupported_response_type",
]
FORGED = "x\nERROR forged +14155550142 <b>"


async def sent(office: Office, **said: str) -> tuple[int, str]:
    """Have RingCentral's page send Ann back with *said*; return what she sees."""
    link = await office.connecting.link(ANN, "Ann")
    async with a_browser() as browser:
        there = await to_ringcentral(browser, link)
        query = {"state": query_of(there)["state"], **said}
        here = f"{office.url}/ringcentral/callback"
        async with browser.get(here, params=query) as page:
            return page.status, html.unescape(await page.text())


async def test_the_page_says_what_came_back(
    office: Office, caplog: pytest.LogCaptureFixture
) -> None:
    """The operator must read it too: the person would press the button in vain."""
    status, page = await sent(office, error="invalid_scope", error_description=FORGED)

    assert status == 400
    assert refusals.words(SentBack("invalid_scope")).split(".")[0] in page
    assert "page sent somebody back: invalid_scope" in caplog.text
    assert "forged" not in caplog.text + page


@pytest.mark.parametrize("word", OPERATORS)
def test_what_the_person_cannot_mend_is_not_called_their_canceling(
    caplog: pytest.LogCaptureFixture, word: str
) -> None:
    """The person would press the button in vain, and the operator would not know."""
    said = refusals.told(_sent_back(oauth_flow.reason(word)), NO_CONTACT)

    assert "canceled" not in said
    assert "doesn't let anyone sign in here yet" in said
    assert said.endswith("Ask your RingOut admin.")
    assert word not in said
    assert f"page sent somebody back: {word}; {CHECKS[word]}" in caplog.text


async def test_who_cancels_is_told_just_that(
    office: Office, caplog: pytest.LogCaptureFixture
) -> None:
    """Nobody has to fix anything, so the operator's log stays quiet."""
    status, page = await sent(office, error="access_denied")

    assert (status, "You canceled the sign-in." in page) == (400, True)
    assert "sent somebody back" not in caplog.text


@pytest.mark.parametrize("word", sorted(oauth_flow.LATER))
def test_ringcentrals_own_trouble_is_waited_out(word: str) -> None:
    """Neither the person nor the operator can do anything."""
    said = refusals.told(_sent_back(oauth_flow.reason(word)), NO_CONTACT)

    assert "Wait a minute" in said
    assert "Ask" not in said


@pytest.mark.parametrize("error", [FORGED, "ACCESS_DENIED", ""])
async def test_what_is_not_the_standards_is_neither_logged_nor_shown(
    office: Office, caplog: pytest.LogCaptureFixture, error: str
) -> None:
    """Anybody can write the address, so its text could forge a log line."""
    said = {"error": error, "code": "c"} if error else {}

    status, page = await sent(office, **said)

    assert (status, "canceled" in page) == (400, False)
    assert "forged" not in caplog.text + page
    assert "DENIED" not in caplog.text + page
    assert f"sent somebody back: {oauth_flow.reason(error)}" in caplog.text
    assert office.double.token_posts == []


async def test_a_stranger_writes_nothing_into_the_log(
    office: Office, caplog: pytest.LogCaptureFixture
) -> None:
    """Without this browser's state the redirect is not trusted, so it is not logged."""
    here = f"{office.url}/ringcentral/callback?state=made-up&error=invalid_scope"
    async with a_browser() as browser, browser.get(here) as page:
        assert page.status == 400

    assert "sent somebody back" not in caplog.text


@given(st.text() | st.sampled_from(sorted(oauth_flow.CODES)))
def test_only_known_words_come_through(error: str) -> None:
    """No text in the address makes the page fail."""
    found = oauth_flow.reason(error)

    assert found in oauth_flow.CODES | {
        oauth_flow.OTHER_ERROR,
        oauth_flow.NO_ERROR,
    }
    assert (found == error) == (error in oauth_flow.CODES)
    assert (error == oauth_flow.CANCELED) == (
        "canceled" in refusals.words(_sent_back(oauth_flow.reason(error)))
    )
