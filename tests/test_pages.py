"""Pages of a sign-in: a real server, browsers with cookies, and what they are told."""

from __future__ import annotations

import asyncio
from http.cookies import SimpleCookie

import aiohttp
import pytest
from below import ANN, BOB, REVOKE, TOKEN, Below, words
from own import a_browser, to_ringcentral
from visitor import a_browser as a_chromium
from visitor import needs_chromium

from bot.connecting import CALLBACK, CONNECT, GOOD_FOR
from bot.pages import ASKED, COOKIE, COOKIE_LASTS

EVIL = "<script>alert(1)</script> & \"Söhne\" 'x'"


@pytest.fixture
async def house(alone: Below) -> Below:
    """Serve the pages."""
    await alone.serve()
    return alone


async def get(
    browser: aiohttp.ClientSession, url: str, **cookies: str
) -> tuple[int, str]:
    """Open a page; return its status and what it says."""
    async with browser.get(url, cookies=cookies, allow_redirects=False) as answer:
        return answer.status, words(await answer.text())


async def test_a_person_goes_through_all_the_pages(house: Below) -> None:
    """From the link in Slack to the page that says whose account it is."""
    link = await house.connecting.link(ANN, "@ann in sandbox")
    async with a_browser() as browser:
        asked = await get(browser, link)
        there = await to_ringcentral(browser, link)
        back = await house.double.sign_in(there, "ann")
        done = await get(browser, back)
        again = await get(browser, back)

    assert asked[0] == done[0] == 200
    assert "@ann in sandbox" in asked[1]
    assert "run as Ann Example" in done[1]
    assert again[0] == 400
    assert "used already" in again[1]
    assert await house.of() is not None


async def test_every_answer_is_sealed_and_kept_by_nobody(house: Below) -> None:
    """Framed, cached, or told to another site, a page of these could be misused."""
    link = await house.connecting.link(ANN, "@ann")
    here = house.public_url
    async with a_browser() as browser:
        async with browser.get(link) as asked:
            pass
        async with browser.post(link, allow_redirects=False) as begun:
            pass
        back = await house.double.sign_in(begun.headers["Location"], "ann")
        async with browser.get(f"{here}{CALLBACK}") as wrong:
            pass
        async with browser.get(back) as done:
            pass

    assert [each.status for each in (asked, begun, wrong, done)] == [200, 303, 400, 200]
    for answer in (asked, begun, wrong, done):
        policy = answer.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "script-src" not in policy
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("known_as", ["", "https://bot.example"])
async def test_cookies_are_for_these_pages_alone(alone: Below, known_as: str) -> None:
    """No script reads them, no other path gets them, and they end with the sign-in."""
    house = alone
    await house.serve(known_as=known_as)  # a proxy in front has the certificate
    link = await house.connecting.link(ANN, "@ann")
    given: list[SimpleCookie] = []
    async with aiohttp.ClientSession() as browser:
        async with browser.get(link) as asked:
            given.append(asked.cookies)
        sent = {ASKED: asked.cookies[ASKED].value}
        async with browser.post(link, cookies=sent, allow_redirects=False) as begun:
            given.append(begun.cookies)
    [first], second = given[0].values(), given[1][COOKIE]

    assert (first["samesite"], second["samesite"]) == ("Strict", "Lax")
    for cookie in (first, second):
        assert cookie["httponly"]
        assert bool(cookie["secure"]) == bool(known_as)
        assert cookie["path"] == "/ringcentral/"
        assert int(cookie["max-age"]) == COOKIE_LASTS == GOOD_FOR.total_seconds()
        assert not cookie["domain"]
    assert given[1][ASKED].value == ""


async def test_names_are_text_and_never_markup(house: Below) -> None:
    """Both come from outside: the one from Slack, the other from RingCentral."""
    house.double.person("ann").name = EVIL
    link = await house.connecting.link(ANN, EVIL)
    async with a_browser() as browser:
        async with browser.get(link) as page:
            asked = await page.text()
        back = await house.double.sign_in(await to_ringcentral(browser, link), "ann")
        async with browser.get(back) as page:
            done = await page.text()

    for text in (asked, done):
        assert "<script" not in text
        assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; " in text
        assert "Söhne" in text


async def test_whoever_opens_anothers_link_is_told_whose_it_is(house: Below) -> None:
    """Bob would let Ann's calls run on his account; so far nothing is used up."""
    link = await house.connecting.link(ANN, "@ann in sandbox")
    async with a_browser() as bobs, a_browser() as anns:
        shown = await get(bobs, link)
        again = await get(bobs, link)
        there = await to_ringcentral(anns, link)
        late = await get(bobs, link)
        done = await get(anns, await house.double.sign_in(there, "ann"))

    assert (
        "let @ann in sandbox in Slack place calls by your RingCentral account"
        in (shown[1])
    )
    assert shown == again
    assert late[0] == 400
    assert done[0] == 200
    assert await house.of(BOB) is None


async def test_a_stolen_address_is_worth_nothing_in_another_browser(
    house: Below,
) -> None:
    """Read over a shoulder: the thief lacks the cookie, and Ann still gets in."""
    link = await house.connecting.link(ANN, "@ann")
    async with a_browser() as anns, a_browser() as thief:
        back = await house.double.sign_in(await to_ringcentral(anns, link), "ann")
        without = await get(thief, back)
        his_link = await house.connecting.link(BOB, "@bob")
        await to_ringcentral(thief, his_link)
        with_his = await get(thief, back)
        made_up = await get(thief, back, **{COOKIE: "x" * 43})
        hers = await get(anns, back)

    assert [each[0] for each in (without, with_his, made_up, hers)] == [400] * 3 + [200]
    assert "not begun in this browser" in without[1]
    assert await house.of(BOB) is None


async def test_another_site_begins_no_sign_in_in_somebodys_browser(
    house: Below,
) -> None:
    """The page with the name has to have been open: its cookie says so."""
    link = await house.connecting.link(ANN, "@ann")
    other = await house.connecting.link(ANN, "@ann")
    async with a_browser() as browser:
        async with browser.post(link, allow_redirects=False) as unasked:
            said = words(await unasked.text())
        await get(browser, other)
        async with browser.post(link, allow_redirects=False) as of_another:
            pass
        there = await to_ringcentral(browser, link)

    assert unasked.status == of_another.status == 400
    assert "Open the link in Slack" in said
    assert there.startswith(house.double.url)


async def test_who_cancels_can_begin_again(house: Below) -> None:
    """And is told how."""
    link = await house.connecting.link(ANN, "@ann")
    async with a_browser() as browser:
        there = await to_ringcentral(browser, link)
        back = await house.double.sign_in(there, "ann", deny=True)
        status, said = await get(browser, back)

    assert status == 400
    assert "cancelled" in said
    assert "/ringout connect" in said
    assert await house.of() is None


@pytest.mark.parametrize(
    "path", [TOKEN, "/extension/~", "/forwarding-number", "/phone-number"]
)
async def test_an_outage_is_said_with_what_to_do(house: Below, path: str) -> None:
    """The link is used up by then, so reloading would help nobody."""
    link = await house.connecting.link(ANN, "@ann")
    async with a_browser() as browser:
        back = await house.double.sign_in(await to_ringcentral(browser, link), "ann")
        house.double.faults.add("status", path_contains=path, times=None)
        status, said = await get(browser, back)

    assert status == 503
    assert "/ringout connect" in said
    assert house.double.sessions_of("ann") == []
    assert await house.of() is None
    assert path == TOKEN or house.asked(REVOKE) == 1


async def test_a_lost_database_is_said_on_every_page(house: Below) -> None:
    """Nobody is sent to RingCentral in vain."""
    link = await house.connecting.link(ANN, "@ann")
    async with a_browser() as browser:
        back = await house.double.sign_in(await to_ringcentral(browser, link), "ann")
        house.store.writer._closed = True
        shown = [(await get(browser, url))[0] for url in (link, back)]
        house.store.writer._closed = False

    assert shown == [503, 503]
    assert house.asked() == 0


async def test_a_made_up_link_is_no_page(house: Below) -> None:
    """Whatever somebody tries as a ticket, or as a state."""
    async with a_browser() as browser:
        for path in (
            f"{CONNECT}x", f"{CONNECT}{'a' * 3000}", f"{CONNECT}%00",
            CALLBACK, f"{CALLBACK}?state=x&code=y", f"{CALLBACK}?code=%F0%28",
            f"{CALLBACK}?error=access_denied&state=",
        ):  # fmt: skip
            status, said = await get(browser, f"{house.public_url}{path}")
            assert status == 400, path
            assert "/ringout connect" in said
        bare, _ = await get(browser, f"{house.public_url}{CONNECT}")

    assert bare == 404


@needs_chromium
async def test_a_real_browser_gets_through(house: Below) -> None:
    """With its own idea of cookies, forms and policies, and nothing in its console."""
    link = await house.connecting.link(ANN, "@ann in sandbox")
    troubles: list[str] = []
    async with a_chromium() as chromium:
        page = await chromium.new_page()
        page.on("console", lambda said: troubles.append(said.text))
        page.on("pageerror", lambda error: troubles.append(str(error)))
        await page.goto(link)
        await page.get_by_role("button", name="Sign in at RingCentral").click()
        await page.wait_for_url(f"{house.double.url}/login**")
        await page.locator('input[value="ann"]').check()
        await page.get_by_role("button", name="Authorize").click()
        await page.wait_for_url(f"{house.public_url}{CALLBACK}**")
        text = await page.locator("main").inner_text()
        cookies = await page.context.cookies()

    complaints = house.double.door.complaints
    complaints[:] = [each for each in complaints if "favicon" not in each]
    assert "Ann Example" in text
    assert [each for each in cookies if each.get("path") == "/ringcentral/"] == []
    assert [
        each for each in troubles if "favicon" not in each and "404" not in each
    ] == []


@needs_chromium
@pytest.mark.parametrize(("scheme", "gets_there"), [("https", True), ("http", False)])
async def test_ringcentral_may_lead_on_to_another_host(
    house: Below, scheme: str, *, gets_there: bool
) -> None:
    """It signs people in elsewhere; Chromium holds a form's redirects to our policy."""
    link = await house.connecting.link(ANN, "@ann")
    elsewhere = f"{scheme}://127.0.0.1:1/login"
    house.double.faults.add(
        "status", path_contains="/oauth/authorize", status=302,
        headers={"Location": elsewhere},
    )  # fmt: skip
    asked: list[str] = []
    troubles: list[str] = []
    async with a_chromium() as chromium:
        page = await chromium.new_page()
        page.on("request", lambda request: asked.append(request.url))
        page.on("console", lambda said: troubles.append(said.text))
        await page.goto(link)
        await page.get_by_role("button", name="Sign in at RingCentral").click()
        async with asyncio.timeout(20):
            while elsewhere not in asked and not troubles:
                await asyncio.sleep(0.05)

    assert (elsewhere in asked) == gets_there
    assert any("form-action" in each for each in troubles) != gets_there
