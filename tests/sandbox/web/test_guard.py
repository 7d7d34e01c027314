"""Only people with the full address may use the demo's page."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import aiohttp
import pytest
from yarl import URL

from bot.sandbox.ringcentral.double import RingCentralDouble
from bot.sandbox.slack.double import Json, SlackDouble
from bot.sandbox.web.guard import HEADERS
from bot.sandbox.web.server import LONGEST_BODY, WebServer
from bot.workspaces import manifest
from crew import NoCrew
from patience import PATIENCE


@dataclass
class Visit:
    """A page's server and a client of it."""

    server: WebServer
    address: str
    session: aiohttp.ClientSession
    crew: NoCrew

    @property
    def origin(self) -> str:
        """The page's own origin."""
        return f"http://{self.server.guard.host}"

    async def ask(
        self, method: str, path: str, *, body: str | None = None, **headers: str
    ) -> tuple[int, str, dict[str, str]]:
        """Ask for a path below the page's address; return status, text and headers."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        url = URL(self.address + path, encoded=True)
        async with self.session.request(
            method, url, data=body, headers=named, allow_redirects=False
        ) as answer:
            return answer.status, await answer.text(), dict(answer.headers)

    async def does(self, deed: str, **values: Any) -> tuple[int, Json]:
        """Do a deed as the page does it."""
        status, text, _ = await self.ask(
            "POST",
            "do",
            body=json.dumps({"deed": deed, **values}),
            Origin=self.origin,
            Content_Type="application/json",
        )
        return status, json.loads(text)


@pytest.fixture
async def visit() -> AsyncIterator[Visit]:
    """Serve the page of two doubles without a bot."""
    crew = NoCrew()
    async with (
        SlackDouble(ack_timeout=0.2) as slack,
        RingCentralDouble() as ringcentral,
        aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=5)) as session,
    ):
        server = WebServer(
            slack=slack, ringcentral=ringcentral, crew=crew, manifest=manifest.load()
        )
        address = await server.start()
        try:
            yield Visit(server, address, session, crew)
        finally:
            await server.close()


async def test_who_has_the_address_sees_the_page(visit: Visit) -> None:
    """Its files, and nothing from anywhere else."""
    status, text, headers = await visit.ask("GET", "")

    assert status == 200
    assert 'src="app.js"' in text
    assert {name: headers[name] for name in HEADERS} == HEADERS
    policy = headers["Content-Security-Policy"].split("; ")
    assert {"default-src 'none'", "script-src 'self'"} < set(policy)
    assert "frame-ancestors 'none'" in policy
    for name, kind in (("app.js", "text/javascript"), ("app.css", "text/css")):
        status, _, headers = await visit.ask("GET", name)
        assert (status, headers["Content-Type"]) == (200, f"{kind}; charset=utf-8")
    assert "Lato" in (await visit.ask("GET", "third-party.txt"))[1]


async def test_it_listens_on_this_machine_alone(visit: Visit) -> None:
    """Others in the café can't even try."""
    runner = visit.server._runner

    assert runner is not None
    assert [address[0] for address in runner.addresses] == ["127.0.0.1"]


async def test_each_start_has_a_token_of_its_own(visit: Visit) -> None:
    """An old address opens nothing, and none can be guessed: 192 bits."""
    other = WebServer(
        slack=visit.server.slack,
        ringcentral=visit.server.ringcentral,
        crew=visit.crew,
        manifest=manifest.load(),
    )

    assert other.guard.token != visit.server.guard.token
    assert len(other.guard.token) >= 32
    assert other.guard.token not in repr(other.guard)


@pytest.mark.parametrize(
    "path", ["", "app.js", "events", "do", "../../../etc/passwd", "%2e%2e/guard.py"]
)
async def test_without_the_token_there_is_nothing(visit: Visit, path: str) -> None:
    """Not even a word that would tell a page from another server."""
    for token in ("", "x" * 32, visit.server.guard.token[:-1]):
        visit.address = f"{visit.origin}/{token}/"
        status, text, _ = await visit.ask("GET", path)

        assert (status, text) == (404, "404: Not Found")


@pytest.mark.parametrize("path", ["guard.py", "%2e%2e/guard.py", "..%2fguard.py", "x"])
async def test_nothing_but_the_pages_files_is_served(visit: Visit, path: str) -> None:
    """There is a table of them; no path is ever looked up on the disk."""
    assert (await visit.ask("GET", path))[0] == 404


@pytest.mark.parametrize("host", ["evil.example", "localhost", "127.0.0.1", "[::1]:80"])
async def test_a_name_that_was_bent_to_this_machine_is_refused(
    visit: Visit, host: str
) -> None:
    """DNS rebinding: another site's name, our address."""
    for path in ("", "events"):
        status, text, _ = await visit.ask("GET", path, Host=host)

        assert (status, text) == (403, "Wrong Host\n")


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://127.0.0.1"])
async def test_other_origins_are_refused(visit: Visit, origin: str) -> None:
    """A page of another site can make a browser ask; it can't hide where it is from."""
    body = json.dumps({"deed": "kill"})
    kind = "application/json"
    told = await visit.ask("POST", "do", body=body, Origin=origin, Content_Type=kind)
    heard = await visit.ask("GET", "events", Origin=origin)

    assert [told[0], heard[0]] == [403, 403]
    assert visit.crew.kills == 0


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
async def test_what_another_site_asks_for_is_refused_without_an_origin(
    visit: Visit, site: str
) -> None:
    """A browser names no origin for a picture or a link, but always whose page it is."""
    status, text, _ = await visit.ask("GET", "events", Sec_Fetch_Site=site)

    assert (status, text) == (403, "Another site\n")


async def test_a_deed_without_an_origin_is_refused(visit: Visit) -> None:
    """A browser always says it with a POST."""
    body = json.dumps({"deed": "kill"})

    status, text, _ = await visit.ask(
        "POST", "do", body=body, Content_Type="application/json"
    )

    assert (status, text) == (403, "Wrong Origin\n")
    assert visit.crew.kills == 0


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
async def test_what_the_browser_calls_another_site_is_refused(
    visit: Visit, site: str
) -> None:
    """Another port of this machine is the same site and another page."""
    for path in ("", "events"):
        assert (await visit.ask("GET", path, Sec_Fetch_Site=site))[0] == 403


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data"]
)
async def test_what_a_form_can_send_is_refused(visit: Visit, kind: str) -> None:
    """Those need no leave from the browser, so they count for nothing."""
    status, _, _ = await visit.ask(
        "POST", "do", body='{"deed": "kill"}', Origin=visit.origin, Content_Type=kind
    )

    assert status == 415
    assert visit.crew.kills == 0


async def test_a_long_body_is_refused(visit: Visit) -> None:
    """Nothing on the page is that long."""
    status, _, _ = await visit.ask(
        "POST",
        "do",
        body=" " * (LONGEST_BODY + 1),
        Origin=visit.origin,
        Content_Type="application/json",
    )

    assert status == 413


@pytest.mark.parametrize("method", ["PUT", "DELETE", "OPTIONS", "PATCH"])
async def test_no_other_method_does_anything(visit: Visit, method: str) -> None:
    """OPTIONS too: no other site is ever given leave."""
    status, _, headers = await visit.ask(
        method, "do", Origin="https://evil.example", Content_Type="application/json"
    )

    assert status == 404
    assert not any(name.startswith("Access-Control") for name in headers)


async def test_the_stream_tells_everything_and_then_what_changes(visit: Visit) -> None:
    """No secret among it, and no more than changed."""
    slack, ringcentral = visit.server.slack, visit.server.ringcentral
    async with visit.session.get(f"{visit.address}events") as stream:
        whole = await asyncio.wait_for(anext(aiter(stream.content)), PATIENCE)
        await anext(aiter(stream.content))
        slack.say("bob", "sales", "Hello")
        change = await asyncio.wait_for(anext(aiter(stream.content)), PATIENCE)

    told = json.loads(whole.removeprefix(b"data: "))
    assert told["whole"]
    assert {"app", "bot", "story", "user:U0ANN", "channel:C0SALES"} <= set(told["set"])
    changed = json.loads(change.removeprefix(b"data: "))
    assert [each["text"] for each in changed["set"].values()] == ["Hello"]
    logins = ringcentral.logins
    for secret in (
        slack.bot_token,
        slack.app_token,
        slack.signing_secret,
        logins.jwt,
        logins.client_secret,
    ):
        assert secret.encode() not in whole


async def test_deeds_on_what_is_not_there_are_refused(visit: Visit) -> None:
    """Whoever plays with the page's door learns what was wrong, and no more."""
    for deed, values in (
        ("dance", {}),
        ("type", {"as": "nobody", "channel": "sales", "text": "Hi"}),
        ("type", {"as": "ringout", "channel": "sales", "text": "Hi"}),
        ("type", {"as": ["ann"], "channel": "sales", "text": "Hi"}),
        ("click", {"as": "ann", "ts": "1.0", "action": "cancel_call"}),
        ("phone", {"call": "none", "side": "caller", "what": "answer"}),
        ("phone", {"call": "none", "side": "caller", "what": "explode"}),
        ("story", {"story": "wedding"}),
        ("submit", {"as": "ann", "view": "V0001", "values": []}),
    ):
        status, answer = await visit.does(deed, **values)

        assert (status, list(answer)) == (400, ["problem"]), deed
    for body in ("", "[]", "{", "null"):
        status, _, _ = await visit.ask(
            "POST",
            "do",
            body=body,
            Origin=visit.origin,
            Content_Type="application/json",
        )
        assert status == 400
