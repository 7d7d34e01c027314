"""A sign-in in real Chromium, with its own rules for cookies, forms and redirects."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.accounts.connecting import SIGN_IN_CALLBACK
from office import ANN, Office, a_double, an_office
from patience import until
from visitor import a_browser

pytestmark = pytest.mark.browser
BUTTON = "Sign in to RingCentral"


@pytest.fixture
async def office(tmp_path: Path) -> AsyncIterator[Office]:
    """Return an office and its pages."""
    url = f"sqlite:///{tmp_path}/calls.db"
    async with a_double() as double, an_office(double, url) as made:
        double.logins.redirect_uris.append(f"{made.url}{SIGN_IN_CALLBACK}")
        yield made


async def test_a_person_gets_through(office: Office) -> None:
    """From the link to the account's name, without an error in the console."""
    link = await office.connecting.link(ANN, "@ann in sandbox")
    troubles: list[str] = []
    async with a_browser() as chromium:
        page = await chromium.new_page()
        page.on("console", lambda said: troubles.append(said.text))
        page.on("pageerror", lambda error: troubles.append(str(error)))
        await page.goto(link)
        await page.get_by_role("button", name=BUTTON).click()
        await page.wait_for_url(f"{office.double.url}/login**")
        await page.locator('input[value="ann"]').check()
        await page.get_by_role("button", name="Authorize").click()
        await page.wait_for_url(f"{office.url}{SIGN_IN_CALLBACK}**")
        text = await page.locator("main").inner_text()

    assert "Ann Example" in text
    assert [each for each in troubles if "404" not in each] == []  # there is no icon
    assert (await office.linked()).extension.name == "Ann Example"


@pytest.mark.parametrize(("scheme", "gets_there"), [("https", True), ("http", False)])
async def test_ringcentral_may_lead_on_to_another_host(
    office: Office, scheme: str, *, gets_there: bool
) -> None:
    """RingCentral may sign people in elsewhere; Chromium checks the redirects."""
    link = await office.connecting.link(ANN, "@ann")
    elsewhere = f"{scheme}://127.0.0.1:1/login"
    office.double.faults.add(
        "status",
        path_contains="/oauth/authorize",
        status=302,
        headers={"Location": elsewhere},
    )
    asked: list[str] = []
    troubles: list[str] = []
    async with a_browser() as chromium:
        page = await chromium.new_page()
        page.on("request", lambda request: asked.append(request.url))
        page.on("console", lambda said: troubles.append(said.text))
        await page.goto(link)
        await page.get_by_role("button", name=BUTTON).click()
        await until(lambda: elsewhere in asked or troubles)

    assert (elsewhere in asked) == gets_there
    assert any("form-action" in each for each in troubles) != gets_there
