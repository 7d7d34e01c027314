"""A sign-in in a real browser, which enforces cookie rules and content policies."""

from __future__ import annotations

import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from aiohttp import web
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from playwright.async_api import Page, expect

from bot.accounts.pages import SIGN_IN_COOKIE
from bot.sandbox.ringcentral.double import RingCentralDouble
from office import ANN, Office, a_double, an_office
from patience import PATIENCE
from visitor import a_browser

pytestmark = pytest.mark.browser


@pytest.fixture
async def page() -> AsyncIterator[Page]:
    """Return a page in Chromium that accepts any certificate."""
    async with a_browser() as browser:
        context = await browser.new_context(ignore_https_errors=True)
        page = await context.new_page()
        page.set_default_timeout(PATIENCE * 1000)
        expect.set_options(timeout=PATIENCE * 1000)
        yield page


@asynccontextmanager
async def serving(
    routes: dict[str, web.Response], tls: ssl.SSLContext | None = None
) -> AsyncIterator[int]:
    """Serve fixed answers by path; yield the port."""

    async def answer(request: web.Request) -> web.Response:
        found = routes[request.path]
        return web.Response(
            text=found.text, status=found.status, headers=dict(found.headers)
        )

    site = web.Application()
    site.router.add_route("*", "/{any:.*}", answer)
    runner = web.AppRunner(site, access_log=None, shutdown_timeout=1.0)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=tls).start()
    try:
        yield runner.addresses[0][1]
    finally:
        await runner.cleanup()


def certified(folder: Path) -> ssl.SSLContext:
    """Return a self-signed certificate."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    plain = serialization.PrivateFormat.PKCS8
    text = key.private_bytes(pem, plain, serialization.NoEncryption())
    file = folder / "server.pem"
    file.write_bytes(text + made.public_bytes(pem))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    return context


@pytest.fixture
async def office(tmp_path: Path) -> AsyncIterator[Office]:
    """Return an office and its pages."""
    async with (
        a_double() as double,
        an_office(double, f"sqlite:///{tmp_path}/calls.db") as made,
    ):
        yield made


async def test_a_person_connects_in_a_real_browser(office: Office, page: Page) -> None:
    """Our two pages and RingCentral's work, and the browser reports no violation."""
    complaints: list[str] = []
    page.on("console", lambda line: complaints.append(line.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))

    await page.goto(await office.connecting.link(ANN, "Ann <Lee>"))
    await expect(page.get_by_text("Ann <Lee>", exact=True)).to_be_visible()
    await page.get_by_role("button", name="Sign in to RingCentral").click()
    await page.get_by_label("Ann Example").check()
    await page.get_by_role("button", name="Authorize").click()

    await expect(page.get_by_role("heading", name="Connected")).to_be_visible()
    await expect(page.get_by_text("from Slack as Ann Example")).to_be_visible()
    (cookie,) = await page.context.cookies()  # with it the page can be reloaded
    assert (cookie["name"], cookie["httpOnly"]) == ("ringout_signin", True)
    await page.reload()
    await expect(page.get_by_role("heading", name="Connected")).to_be_visible()
    assert await office.ask() == "Ann Example"
    assert [each for each in complaints if "404" not in each] == []  # no icon there


async def test_another_sites_form_begins_nothing_in_a_real_browser(
    office: Office, page: Page
) -> None:
    """Not even if our page with the name was opened before, in another window."""
    link = await office.connecting.link(ANN, "Ann")
    form = f'<form method="post" action="{link}"><button>Win</button></form>'
    bait = web.Response(text=form, headers={"Content-Type": "text/html"})
    async with serving({"/": bait}) as port:
        await page.goto(link)
        await page.goto(f"http://localhost:{port}/")
        await page.get_by_role("button", name="Win").click()

        await expect(page.get_by_text("Open the link in Slack")).to_be_visible()
    kept = [each["name"] for each in await page.context.cookies()]
    assert SIGN_IN_COOKIE not in kept
    assert (await office.connecting.whose(link.rpartition("/")[2])).person == ANN


async def test_ringcentral_may_sign_people_in_on_another_host(
    tmp_path: Path, page: Page
) -> None:
    """Chromium applies our form's policy to RingCentral's redirects as well."""
    tls = certified(tmp_path)
    hello = web.Response(
        text="RingCentral's login", headers={"Content-Type": "text/plain"}
    )
    async with serving({"/login": hello}, tls) as login:
        there = f"https://localhost:{login}/login"
        on = web.Response(status=302, headers={"Location": there})
        async with serving({"/restapi/oauth/authorize": on}, tls) as port:
            double = RingCentralDouble()
            double.url = f"https://127.0.0.1:{port}"  # it only redirects
            async with an_office(double, f"sqlite:///{tmp_path}/calls.db") as office:
                await page.goto(await office.connecting.link(ANN, "Ann"))
                await page.get_by_role("button", name="Sign in to RingCentral").click()

                await expect(page.get_by_text("RingCentral's login")).to_be_visible()
    assert page.url == there
