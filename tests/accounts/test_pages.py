"""The sign-in pages: whom they name, how cookies protect them, what stays secret."""

from __future__ import annotations

import html
import logging
import re
from collections.abc import AsyncIterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import pytest

from bot.accounts.pages import ASKED_COOKIE, SIGN_IN_COOKIE, ConnectPages, _asked
from bot.errors import UserError
from bot.sandbox.ringcentral.double import RingCentralDouble
from bot.serving import page_texts, refusals
from bot.serving.page import sealed
from bot.storage.people.pending_sign_ins import hashed
from bot.user_errors import AccessDenied, AccessRule, StandingUnknown
from office import ANN, BOB, Office, an_office, query_of
from own import a_browser, own_origin, to_ringcentral

SEALS = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


@pytest.fixture
async def office(double: RingCentralDouble, calls_url: str) -> AsyncIterator[Office]:
    """Return an office and its pages."""
    async with an_office(double, calls_url) as made:
        double.logins.redirect_uris.append(f"{made.url}/ringcentral/callback")
        yield made


async def get(
    browser: aiohttp.ClientSession, url: str, method: str = "GET"
) -> tuple[int, str]:
    """Open a page; check that no page may be cached or framed."""
    headers = own_origin(url) if method == "POST" else {}
    async with browser.request(
        method, url, headers=headers, allow_redirects=False
    ) as answer:
        held = {name: answer.headers.get(name) for name in SEALS}
        assert held == SEALS
        policy = answer.headers["Content-Security-Policy"]
        for each in ("default-src 'none'", "frame-ancestors 'none'", "base-uri 'none'"):
            assert each in policy
        assert "script" not in policy
        return answer.status, await answer.text()


async def at_ringcentral(
    office: Office,
    browser: aiohttp.ClientSession,
    name: str = "ann",
    label: str = "Ann",
) -> str:
    """Go from a new link of Ann's to RingCentral and agree; return the callback URL."""
    link = await office.connecting.link(ANN, label)
    return await office.double.sign_in(await to_ringcentral(browser, link), name)


async def test_a_browser_goes_from_the_link_to_the_account(office: Office) -> None:
    """The first page shows the person's name in Slack, the last one RingCentral's."""
    link = await office.connecting.link(ANN, "Ann Lee")
    async with a_browser() as browser:
        asked = await get(browser, link)
        there = await to_ringcentral(browser, link)
        back = await office.double.sign_in(there, "ann")
        done = await get(browser, back)
        again = await get(browser, back)
        kept = [cookie.key for cookie in browser.cookie_jar]

    assert (asked[0], "<strong>Ann Lee</strong> will be able" in asked[1]) == (
        200,
        True,
    )
    assert (done[0], "<strong>Ann Example</strong>" in done[1]) == (200, True)
    assert again == done
    assert kept == [SIGN_IN_COOKIE]
    assert await office.ask() == "Ann Example"


async def test_looking_uses_nothing_up(office: Office) -> None:
    """Slack unfurls links and mail scanners open them, some with HEAD."""
    link = await office.connecting.link(ANN, "Ann")
    async with a_browser() as browser, a_browser() as scanner:
        for method in ("GET", "HEAD", "GET"):
            assert (await get(scanner, link, method))[0] == 200
        back = await office.double.sign_in(await to_ringcentral(browser, link), "ann")
        for method in ("GET", "HEAD"):
            assert (await get(scanner, back, method))[0] == 400
        assert (await get(browser, back))[0] == 200
        status, said = await get(scanner, back)

    assert (status, "used already" in said) == (400, True)


async def test_a_link_that_is_opened_twice_begins_once(office: Office) -> None:
    """The second press explains how to get a new link."""
    link = await office.connecting.link(ANN, "Ann")
    async with a_browser() as browser, a_browser() as other:
        await get(browser, link)
        await get(other, link)
        first = await get(browser, link, "POST")
        for where in (browser, other):
            status, said = await get(where, link, "POST")
            assert status == 400
            assert "/ringout connect" in said

    assert first[0] == 303


async def test_a_link_sent_to_another_names_whom_it_is_for(office: Office) -> None:
    """If Bob opens Ann's link, he must see whom he would give his account to."""
    link = await office.connecting.link(ANN, "Ann Lee")
    async with a_browser() as bobs:
        _, page = await get(bobs, link)

    words = " ".join(re.sub("<[^>]+>", "", page).split())
    assert "Ann Lee will be able to place calls with your RingCentral account" in words
    assert "Continue only if this is you" in words


async def test_ringcentrals_page_sent_to_another_connects_nobody(
    office: Office,
) -> None:
    """Ann sends Bob her page at RingCentral: his browser lacks the cookie."""
    link = await office.connecting.link(ANN, "Ann")
    async with a_browser() as anns, a_browser() as bobs:
        there = await to_ringcentral(anns, link)
        back = await office.double.sign_in(there, "bob")
        status, said = await get(bobs, back)

        assert (status, "began in another browser" in said) == (400, True)
    assert office.double.sessions_of("bob") == []
    assert (await office.connections.of(ANN))[0] is None


async def test_a_state_of_another_browsers_sign_in_is_refused(office: Office) -> None:
    """Any cookie of ours is not enough: it must match the state."""
    async with a_browser() as anns, a_browser() as bobs:
        hers = await at_ringcentral(office, anns)
        link = await office.connecting.link(BOB, "Bob")
        his = await office.double.sign_in(await to_ringcentral(bobs, link), "bob")

        assert (await get(bobs, hers))[0] == 400
        assert (await get(anns, his))[0] == 400
        assert (await get(anns, hers))[0] == 200
        assert (await get(bobs, his))[0] == 200
    assert await office.ask(ANN) == "Ann Example"
    assert await office.ask(BOB) == "Bob Example"


async def test_no_other_site_begins_a_sign_in(office: Office) -> None:
    """Another site's form must not start a sign-in whose page the person never saw.

    RingCentral may not ask again if the person agreed once; without this check, one
    click anywhere could give their account away.
    """
    link = await office.connecting.link(ANN, "Ann")
    other = await office.connecting.link(BOB, "Bob")
    async with a_browser() as victim:
        unasked = await get(victim, link, "POST")
        await get(victim, other)
        for_another = await get(victim, link, "POST")
        await get(victim, link)
        asked = await get(victim, link, "POST")

    for status, said in (unasked, for_another):
        assert (status, "Open the link in Slack" in said) == (400, True)
    assert asked[0] == 303


@pytest.mark.parametrize(
    "refusal", [AccessDenied(AccessRule.GUESTS), AccessDenied(AccessRule.USERS)]
)
async def test_who_may_not_connect_any_more_is_stopped_at_each_step(
    office: Office, refusal: UserError
) -> None:
    """A link is good for ten minutes; meanwhile its owner may have become a guest."""
    doorkeeper = office.doorkeeper
    async with a_browser() as browser:
        link = await office.connecting.link(ANN, "Ann")
        await get(browser, link)
        doorkeeper.refusal = refusal
        begun = await get(browser, link, "POST")
        doorkeeper.refusal = None
        back = await at_ringcentral(office, browser)
        doorkeeper.refusal, asked = refusal, len(office.double.requests)
        done = await get(browser, back)

    for status, page in (begun, done):
        said = html.escape(refusals.words(refusal))
        assert (status, said in page) == (400, True)
    assert len(office.double.requests) == asked
    assert await office.rows("connections") == {"connections": []}


async def test_who_cannot_be_asked_about_loads_the_page_again(office: Office) -> None:
    """While Slack is silent nothing is used up: neither the link nor the way back."""
    doorkeeper = office.doorkeeper
    async with a_browser() as browser:
        link = await office.connecting.link(ANN, "Ann")
        await get(browser, link)
        doorkeeper.refusal = StandingUnknown()
        begun = await get(browser, link, "POST")
        doorkeeper.refusal = None
        url = await to_ringcentral(browser, link)
        back = await office.double.sign_in(url, "ann")
        doorkeeper.refusal = StandingUnknown()
        done = await get(browser, back)
        doorkeeper.refusal = None
        again = await get(browser, back)

    assert [begun[0], done[0], again[0]] == [400, 400, 200]
    assert "Try again shortly" in done[1]
    assert await office.ask() == "Ann Example"


async def cookies_of(
    browser: aiohttp.ClientSession, url: str, method: str
) -> dict[str, Any]:
    """Return the cookies that a response sets."""
    headers = own_origin(url)
    async with browser.request(
        method, url, headers=headers, allow_redirects=False
    ) as answer:
        return dict(answer.cookies)


async def test_cookies_are_for_these_pages_and_no_script(office: Office) -> None:
    """The first is never sent across sites; the second must return from RingCentral."""
    link = await office.connecting.link(ANN, "Ann")
    async with a_browser() as browser:
        first = (await cookies_of(browser, link, "GET"))[ASKED_COOKIE]
        second = (await cookies_of(browser, link, "POST"))[SIGN_IN_COOKIE]

    for cookie, samesite in ((first, "Strict"), (second, "Lax")):
        assert (cookie["httponly"], cookie["samesite"]) == (True, samesite)
        assert (cookie["path"], cookie["max-age"]) == ("/ringcentral/", "600")
        assert not cookie["secure"]  # a http address; see the next test
    assert first.value == hashed(f"asked {link.rpartition('/')[2]}")
    assert len(second.value) >= 43


async def test_no_other_host_plants_a_cookie_where_the_address_is_https() -> None:
    """PUBLIC_URL is https everywhere except on a developer's machine.

    The request comes from a proxy that ends TLS, so that its own scheme is http.
    """
    begins: Any = _Begins()
    pages = ConnectPages(begins, public_url="https://bot.example", server="https://x")
    request: Any = SimpleNamespace(
        scheme="http",
        match_info={"ticket": "t"},
        cookies={f"__Host-{ASKED_COOKIE}": hashed("asked t")},
        headers={"Origin": "https://bot.example"},
    )
    planted: Any = SimpleNamespace(
        **request.__dict__ | {"cookies": {ASKED_COOKIE: hashed("asked t")}}
    )

    asked, begun = await pages.ask(request), await pages.begin(request)
    done = pages._browser.done("t", "b", ASKED_COOKIE)

    assert (begun.status, (await pages.begin(planted)).status) == (303, 400)
    for answer, name in ((asked, ASKED_COOKIE), (begun, SIGN_IN_COOKIE)):
        assert list(answer.cookies) == [f"__Host-{name}"]
    for answer in (asked, begun, done):
        for cookie in answer.cookies.values():
            assert (cookie["secure"], cookie["path"]) == (True, "/")
            assert not cookie["domain"]


async def test_the_form_is_posted_by_our_own_page_alone(office: Office) -> None:
    """With all the right cookies, another page still begins nothing.

    A browser that shares our site (a sibling host) sends them in spite of SameSite.
    """
    link = await office.connecting.link(ANN, "Ann")
    ours = own_origin(link)
    async with a_browser() as victim:
        await get(victim, link)
        for headers in (
            {},
            {"Origin": "https://evil.example"},
            {"Origin": "null"},
            ours | {"Origin": "https://evil.example"},
            ours | {"Sec-Fetch-Site": "same-site"},
            ours | {"Sec-Fetch-Site": "cross-site"},
            {"Sec-Fetch-Site": "none"},
        ):
            sent = victim.post(link, headers=headers, allow_redirects=False)
            async with sent as answer:
                assert (answer.status, not answer.cookies) == (400, True), headers
        assert (await get(victim, link, "POST"))[0] == 303


class _Begins:
    async def whose(self, _ticket: str) -> object:
        """Return a person's name."""
        return SimpleNamespace(label="x")

    async def begin(self, _ticket: str) -> object:
        """Start a sign-in; where it leads does not matter."""
        return SimpleNamespace(url="https://x/", cookie="c")


async def test_a_form_leads_to_ringcentral_wherever_it_signs_people_in() -> None:
    """RingCentral may redirect its sign-in to another https host of its own."""
    begins: Any = _Begins()
    pages = ConnectPages(
        begins, public_url="https://b.example", server="https://rc.example/x"
    )
    answer = pages._browser.page("t", "b")
    nowhere = sealed(aiohttp.web.Response())

    policy = answer.headers["Content-Security-Policy"]
    assert policy.endswith("form-action 'self' https: https://rc.example")
    assert nowhere.headers["Content-Security-Policy"].endswith("form-action 'none'")


@pytest.mark.parametrize(
    "name", ["<b>x</b>", '"><script>1</script>', "a & b", "</strong>x"]
)
async def test_names_are_shown_never_obeyed(office: Office, name: str) -> None:
    """Users choose their names, so a name must not be run as HTML."""
    office.double.person("ann").name = name
    link = await office.connecting.link(ANN, name)
    async with a_browser() as browser:
        pages = [(await get(browser, link))[1]]
        back = await office.double.sign_in(await to_ringcentral(browser, link), "ann")
        pages.append((await get(browser, back))[1])

    for page in pages:
        assert name not in page
        assert f"<strong>{html.escape(name)}</strong>" in page


async def test_a_nameless_account_is_connected_too(office: Office) -> None:
    """RingCentral may return no name."""
    office.double.person("ann").name = ""
    async with a_browser() as browser:
        status, page = await get(browser, await at_ringcentral(office, browser))

    assert (status, "You're calling from Slack now." in page) == (200, True)


@pytest.mark.parametrize("way", ["canceled", "no code", "made up", "nothing"])
async def test_what_is_no_sign_in_is_said_and_asks_nothing(
    office: Office, way: str
) -> None:
    """Anybody can open our addresses with any parameters."""
    link = await office.connecting.link(ANN, "Ann")
    async with a_browser() as browser:
        there = await to_ringcentral(browser, link)
        state = query_of(there)["state"]
        here = f"{office.url}/ringcentral/callback"
        address = {
            "canceled": await office.double.sign_in(there, "ann", deny=True),
            "no code": f"{here}?state={state}",
            "made up": f"{here}?state={'x' * 4000}&code=%00%0a",
            "nothing": here,
        }[way]
        status, page = await get(browser, address)
        unknown = await get(browser, f"{office.url}/ringcentral/connect/x")

    assert (status, "Not connected" in page) == (400, True)
    assert unknown[0] == 400
    assert office.double.token_posts == []


async def test_an_outage_is_told_as_one(office: Office) -> None:
    """Status 503 and what to do next, but no internal details."""
    async with a_browser() as browser:
        back = await at_ringcentral(office, browser)
        office.double.faults.add("reset", path_contains="/oauth/token")
        status, page = await get(browser, back)

    assert status == 503
    assert "Wait a minute" in page
    assert "/ringout connect" in page


async def test_a_database_that_is_gone_breaks_no_page(office: Office) -> None:
    """Each of the three pages tells the person to try again."""
    link = await office.connecting.link(ANN, "Ann")
    async with a_browser() as browser:
        back = await at_ringcentral(office, browser)
        await get(browser, link)
        office.store.close()
        for method, url in (("GET", link), ("POST", link), ("GET", back)):
            assert (await get(browser, url, method))[0] == 503


async def test_what_nobody_was_given_costs_no_query(office: Office) -> None:
    """Anybody can open these addresses as often as they like."""
    link = await office.connecting.link(ANN, "Ann")
    page, _, ticket = link.rpartition("/")
    async with a_browser() as browser:
        state = query_of(await to_ringcentral(browser, link))["state"]
        office.store.close()  # whatever asks the database now gets 503
        for made_up in ("x", ticket[:-1], f"{ticket}A", state, "a.b.c"):
            browser.cookie_jar.update_cookies({ASKED_COOKIE: _asked(made_up)})
            for method in ("GET", "POST"):
                assert (await get(browser, f"{page}/{made_up}", method))[0] == 400
        for made_up in ("", "x", state[:-1], ticket, state.upper()):
            back = f"{office.url}/ringcentral/callback?state={made_up}&code=c"
            assert (await get(browser, back))[0] == 400


# What a thief would find


async def secrets_of_a_whole_life(office: Office) -> list[str]:
    """Connect both ways, refresh, fail, disconnect; return every secret involved."""
    secrets: list[str] = []
    for turn in range(2):
        link = await office.connecting.link(ANN, "Ann")
        async with a_browser() as browser:
            there = await to_ringcentral(browser, link)
            back = await office.double.sign_in(there, "ann")
            secrets += [cookie.value for cookie in browser.cookie_jar]
            secrets += [link.rpartition("/")[2], query_of(there)["state"]]
            secrets += [query_of(back)["code"]]
            if turn:
                office.double.faults.add("reset", path_contains="/oauth/token")
            assert (await get(browser, back))[0] == (503 if turn else 200)
    verifiers = await office.rows("pending_sign_ins")
    vault = office.connections.tokens._vault
    secrets += [
        vault.decrypt(row["verifier"])
        for row in verifiers["pending_sign_ins"]
        if row["verifier"]
    ]
    office.later(hours=1)
    await office.ask()
    await office.connecting.by_jwt(BOB, office.double.jwt_of("bob"))
    office.double.expire_access("bob")
    await office.ask(BOB)
    office.double.disable("bob")
    with pytest.raises(Exception, match="refused"):
        await office.ask(BOB)
    await office.upkeep.look()
    return [
        *secrets,
        *office.double.secrets_of("ann"),
        *office.double.secrets_of("bob"),
        office.double.logins.client_secret,
    ]


async def test_a_dump_of_the_database_holds_nothing_that_opens_anything(
    double: RingCentralDouble, database_url: str
) -> None:
    """Neither rows nor SQLite's bytes hold a token, JWT, cookie, state or code."""
    async with an_office(double, database_url) as office:
        double.logins.redirect_uris.append(f"{office.url}/ringcentral/callback")
        secrets = await secrets_of_a_whole_life(office)
        dump = str(await office.rows()).encode()
        if database_url.startswith("sqlite"):
            file = Path(urlsplit(database_url).path[1:])
            dump += b"".join(
                each.read_bytes() for each in file.parent.glob("calls.db*")
            )

    assert len(secrets) > 15
    assert all(len(each) > 10 for each in secrets)
    assert b"UANN" in dump
    for secret in secrets:
        assert secret.encode() not in dump
        part = secret[-40:].encode()  # a JWT's signature, a token without its prefix
        assert part not in dump


async def test_no_line_of_the_log_holds_them_either(
    office: Office, caplog: pytest.LogCaptureFixture
) -> None:
    """Even at DEBUG, other packages' lines included, except for the browser's own."""
    caplog.set_level(logging.DEBUG)

    secrets = await secrets_of_a_whole_life(office)

    assert "a sign-in or installation failed" in caplog.text
    for secret in secrets:
        assert secret not in caplog.text


def test_the_page_before_the_sign_in_names_everything_that_is_read() -> None:
    """Whoever agrees has to know: nothing else is promised."""
    said = page_texts.asked("Ann")

    for read in ("phones", "call log", "address book", "company directory"):
        assert read in said
    assert "Where your company allows it" in said
    assert "nothing else" not in said
