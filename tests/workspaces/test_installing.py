"""Installing the app from a browser: the state, the code, the token and the pages."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qs, urlsplit

import aiohttp
import pytest
from sqlalchemy import select

from bot.calls.people.person import Person
from bot.serving.server import Server
from bot.storage.calls.store import Store
from bot.storage.people.installations import Installations
from bot.storage.people.pending_sign_ins import GOOD_FOR, PendingSignIn, PendingSignIns
from bot.storage.people.tables import pending_sign_ins
from bot.vault import Vault, new_key
from bot.workspaces import manifest
from bot.workspaces.installing import (
    INSTALL_STATE,
    RETURNS_A_SECOND,
    RETURNS_AT_ONCE,
    Installing,
)
from bot.workspaces.pages import INSTALL_COOKIE, InstallPages
from fakes import FakeClock
from installs import (
    GRANTED,
    KEY,
    WIDE,
    Far,
    a_readiness,
    a_stranger,
    install_settings,
    refused,
)


@dataclass
class Porch:
    """The bot's pages, with a browser in front of them and Slack behind."""

    far: Far
    clock: FakeClock
    store: Store
    installations: Installations
    address: str
    browser: aiohttp.ClientSession
    secrets: list[str] = field(default_factory=list)

    async def begin(self) -> dict[str, str]:
        """Open our address; return the parameters of Slack's page."""
        url = f"{self.address}/slack/install"
        async with self.browser.get(url, allow_redirects=False) as answer:
            assert answer.status == 303
            where = urlsplit(answer.headers["Location"])
            self.secrets += [each.value for each in answer.cookies.values()]
        assert where.hostname == "slack.example"
        asked = {name: values[0] for name, values in parse_qs(where.query).items()}
        self.secrets.append(asked["state"])
        return asked

    async def come_back(
        self, browser: aiohttp.ClientSession | None = None, **query: str
    ) -> tuple[int, str]:
        """Return from Slack to our address; return status and page."""
        url = f"{self.address}/slack/oauth_redirect"
        async with (browser or self.browser).get(url, params=query) as answer:
            for name in ("Cache-Control", "Content-Security-Policy", "Referrer-Policy"):
                assert answer.headers[name]
            return answer.status, await answer.text()

    async def dump(self) -> str:
        """Return the table of sign-ins as a thief would see it."""
        return await self.store.writer.run(
            lambda c: str([tuple(row) for row in c.execute(select(pending_sign_ins))])
        )


@pytest.fixture
async def porch(calls_url: str) -> AsyncIterator[Porch]:
    """Return the pages on a real server, with a real database."""
    chosen = install_settings(calls_url)
    store = Store(chosen.database_url)
    await store.open()
    vault, far, clock = Vault(chosen.ringout_secret_key), Far(), FakeClock()
    installations = Installations(store.writer, vault)

    def client(token: str) -> Far:
        far.token = token
        return far

    installing = Installing(
        chosen, far, client, installations, PendingSignIns(store.writer, vault), clock
    )
    server = Server("127.0.0.1", 0, a_readiness(store))
    InstallPages(installing, chosen.public_url).add_to(server)
    await server.open()
    async with a_stranger() as browser:
        yield Porch(far, clock, store, installations, server.address, browser)
    await server.shut()
    store.close()


async def test_a_workspace_is_installed_by_a_browser(porch: Porch) -> None:
    """Slack is asked for the manifest's scopes, one token, and whose token it is."""
    asked = await porch.begin()
    status, page = await porch.come_back(state=asked["state"], code="the-code")

    scopes = manifest.load()["oauth_config"]["scopes"]
    assert asked["scope"].split(",") == [*scopes["bot"], *scopes["bot_optional"]]
    assert asked["client_id"] == "1.2"
    assert asked["redirect_uri"] == "http://127.0.0.1:1/slack/oauth_redirect"
    assert (status, "Acme" in page, "/ringout help" in page) == (200, True, True)
    exchange, test = porch.far.asked
    assert (exchange["method"], test["method"]) == ("oauth.v2.access", "auth.test")
    assert exchange["data"] == {
        "code": "the-code",
        "redirect_uri": asked["redirect_uri"],
    }
    assert test["token"] == "xoxb-new-token"
    found = await porch.installations.find("", "T1")
    assert found is not None
    assert (found.token, found.bot_user, found.bot_id) == (
        "xoxb-new-token",
        "UBOT",
        "BBOT",
    )
    assert (found.installed_by, found.installed_at) == ("U1", porch.clock.now())


async def test_an_organization_is_installed_as_a_whole(porch: Porch) -> None:
    """It has no team, and its name comes from outside, so the page escapes it."""
    porch.far.answers["oauth.v2.access"] = WIDE

    state = (await porch.begin())["state"]
    status, page = await porch.come_back(state=state, code="c")

    assert status == 200
    assert "every workspace of" in page
    assert "<b>" not in page
    found = await porch.installations.find("E1", "T77")
    assert found is not None
    assert (found.enterprise, found.team) == ("E1", "")


async def test_installing_again_takes_the_new_token(porch: Porch) -> None:
    """Scopes change and tokens get revoked; people install again to fix that."""
    for number in range(2):
        granted = GRANTED | {"access_token": f"xoxb-{number}"}
        porch.far.answers["oauth.v2.access"] = granted
        state = (await porch.begin())["state"]
        assert (await porch.come_back(state=state, code="c"))[0] == 200

    found = await porch.installations.find("", "T1")
    assert found is not None
    assert found.token == "xoxb-1"
    assert await porch.installations.counted() == 1


async def test_a_state_is_good_once(porch: Porch) -> None:
    """An address found in a browser history or a log must be worthless."""
    state = (await porch.begin())["state"]
    first, _ = await porch.come_back(state=state, code="c")

    async with a_stranger() as other:
        again, page = await porch.come_back(other, state=state, code="other")

    assert (first, again) == (200, 400)
    assert "used already" in page
    assert len(porch.far.asked) == 2


@pytest.mark.parametrize("answer", [GRANTED, WIDE])
async def test_the_last_page_can_be_reloaded(porch: Porch, answer: Any) -> None:
    """It says again what is installed; Slack is not asked again."""
    porch.far.answers["oauth.v2.access"] = answer
    state = (await porch.begin())["state"]

    first = await porch.come_back(state=state, code="c")
    again = await porch.come_back(state=state, code="c")

    assert (first, first[0]) == (again, 200)
    assert len(porch.far.asked) == 2


async def test_a_state_is_good_in_one_browser(porch: Porch) -> None:
    """Otherwise an attacker could make somebody else's browser finish the install."""
    state = (await porch.begin())["state"]
    async with a_stranger() as other:
        stolen, _ = await porch.come_back(other, state=state, code="c")
        other.cookie_jar.update_cookies({INSTALL_COOKIE: "guessed"})
        guessed, _ = await porch.come_back(other, state=state, code="c")
    mine, _ = await porch.come_back(state=state, code="c")

    assert (stolen, guessed, mine) == (400, 400, 200)
    assert len(porch.far.asked) == 2


async def test_a_state_is_good_for_ten_minutes(porch: Porch) -> None:
    """The rows of expired states are deleted as well."""
    state = (await porch.begin())["state"]
    porch.clock.pass_by(601)

    status, page = await porch.come_back(state=state, code="c")

    assert (status, porch.far.asked) == (400, [])
    assert "ten minutes" in page
    for _ in range(2):
        porch.clock.pass_by(2 * GOOD_FOR.total_seconds() + 1)
        state = (await porch.begin())["state"]
        assert (await porch.come_back(state=state, code="c"))[0] == 200
        assert (await porch.dump()).count("install done") == 1


async def test_beginning_costs_no_row_and_no_query(porch: Porch) -> None:
    """Anybody may open the address: 125 a second once put acks from 9 to 560 ms."""
    before = await porch.dump()
    porch.store.close()  # whatever asks the database now fails

    states = {(await porch.begin())["state"] for _ in range(50)}

    assert (len(states), before) == (50, "[]")


def forged(state: str) -> list[str]:
    """Return what somebody may make of a state that they have seen."""
    nonce, end, signature = state.split(".")
    later = str(int(end) + 600)
    return [
        f"{nonce}.{later}.{signature}",
        f"{nonce[::-1]}.{end}.{signature}",
        f"{nonce}.{end}.{signature[::-1]}",
        f"{nonce}.{end}.{signature}=",
        f"{nonce}.{end}.",
        f"{nonce}.0{end}.{signature}",
        f" {state}",
        f"{state}\n",
        f"{state}.{signature}",
        nonce,
        ".",
        "..",
        "a.b.\ud800",
    ]


async def test_a_state_of_our_making_is_the_only_one_that_costs_a_query(
    porch: Porch,
) -> None:
    """A made-up, changed or stolen one is refused by its signature or cookie alone."""
    state = (await porch.begin())["state"]
    sign_ins, now = PendingSignIns(porch.store.writer, Vault([KEY])), porch.clock.now()
    ticket = await sign_ins.add(
        PendingSignIn("ticket", Person("", "T", "U"), "x", now + GOOD_FOR)
    )
    other, cookie = PendingSignIns(
        porch.store.writer, Vault([new_key()])
    ).begin_unstored(INSTALL_STATE, now)
    porch.store.close()

    for each in [*forged(state), ticket, other]:
        assert not sign_ins.is_unstored(INSTALL_STATE, each, now, porch.secrets[0])
        assert not sign_ins.is_unstored(INSTALL_STATE, each, now, cookie)
        assert await sign_ins.look(INSTALL_STATE, each, now) is None
        assert await sign_ins.succeeded(INSTALL_STATE, each, now, browser="x") is None
    for each in ("", "guessed", cookie):
        assert not sign_ins.is_unstored(INSTALL_STATE, state, now, each)
    assert sign_ins.is_unstored(INSTALL_STATE, state, now, porch.secrets[0])


async def test_only_so_many_browsers_come_back_at_once(porch: Porch) -> None:
    """Anybody can fetch states and send them back, each with a made-up code."""
    answers = []
    for _ in range(RETURNS_AT_ONCE + 5):
        state = (await porch.begin())["state"]
        answers.append((await porch.come_back(state=state, code="c"))[0])

    assert answers == [200] * RETURNS_AT_ONCE + [503] * 5
    assert len(porch.far.asked) == 2 * RETURNS_AT_ONCE
    porch.clock.pass_by(1 / RETURNS_A_SECOND)
    state = (await porch.begin())["state"]
    assert (await porch.come_back(state=state, code="c"))[0] == 200


@pytest.mark.parametrize("state", ["", "guessed", "x" * 5000, "\u2028"])
async def test_a_made_up_state_asks_nothing_of_slack(porch: Porch, state: str) -> None:
    """Anybody can open our address with any parameters."""
    await porch.begin()

    status, _ = await porch.come_back(state=state, code="c")

    assert (status, porch.far.asked) == (400, [])


async def test_who_says_no_at_slack_is_told_that_nothing_happened(porch: Porch) -> None:
    """Slack returns an error instead of a code, and the state is used up."""
    state = (await porch.begin())["state"]

    status, page = await porch.come_back(state=state, error="access_denied")

    assert (status, porch.far.asked) == (400, [])
    assert "canceled" in page
    assert (await porch.come_back(state=state, code="c"))[0] == 400


@pytest.mark.parametrize(
    ("error", "said"),
    [
        ("access_denied", "You canceled in Slack"),
        ("invalid_scope", "Ask your RingOut admin."),
        ("unauthorized_client", "Ask your RingOut admin."),
        ("temporarily_unavailable", "Try again in a minute"),
        ("x\nERROR forged <b>", "Ask your RingOut admin."),
        ("", "Ask your RingOut admin."),
    ],
)
async def test_an_installation_is_canceled_only_by_who_cancels(
    porch: Porch, caplog: pytest.LogCaptureFixture, error: str, said: str
) -> None:
    """The log has Slack's error code, but no text that a stranger could choose."""
    query = {"state": (await porch.begin())["state"]} | (
        {"error": error} if error else {}
    )

    status, page = await porch.come_back(None, **query)

    assert (status, said in page, porch.far.asked) == (400, True, [])
    assert "forged" not in caplog.text + page
    is_logged = "page sent an installation back" in caplog.text
    assert is_logged is (error != "access_denied")
    asks_manifest = "its scopes, which ringout-bot manifest prints" in caplog.text
    assert asks_manifest is (error == "invalid_scope")


@pytest.mark.long_table
@pytest.mark.parametrize(
    ("answer", "status", "word"),
    [
        (refused("invalid_code"), 400, "refused by Slack: invalid_code"),
        (refused("bad_client_secret"), 400, "refused by Slack: bad_client_secret"),
        (aiohttp.ServerDisconnectedError(), 503, "in a minute"),
        (TimeoutError(), 503, "in a minute"),
        (
            GRANTED | {"access_token": "xoxp-of-a-person"},
            400,
            "refused by Slack: no_bot_token",
        ),
        (GRANTED | {"team": None}, 400, "refused by Slack: no_bot_token"),
        (WIDE | {"enterprise": "E1"}, 400, "refused by Slack: no_bot_token"),
        (
            GRANTED | {"expires_in": 43200},
            400,
            "refused by Slack: token_rotation_is_on",
        ),
        ([], 503, "in a minute"),
    ],
)
async def test_what_slack_does_not_give_is_not_installed(
    porch: Porch,
    caplog: pytest.LogCaptureFixture,
    answer: Any,
    status: int,
    word: str,
) -> None:
    """The person reads what to do, and the operator finds Slack's code in the log."""
    porch.far.answers["oauth.v2.access"] = answer
    state = (await porch.begin())["state"]

    found, page = await porch.come_back(state=state, code="c")

    assert (found, word in page + caplog.text) == (status, True)
    assert ("nothing was installed" in page) is (status == 400)
    assert await porch.installations.counted() == 0


async def test_a_token_that_slack_takes_back_at_once_is_not_installed(
    porch: Porch,
) -> None:
    """The token is tried first; only if Slack does not answer is it trusted."""
    porch.far.answers["auth.test"] = refused("account_inactive")
    state = (await porch.begin())["state"]
    assert (await porch.come_back(state=state, code="c"))[0] == 400
    assert await porch.installations.counted() == 0

    porch.far.answers["auth.test"] = TimeoutError()
    state = (await porch.begin())["state"]
    assert (await porch.come_back(state=state, code="c"))[0] == 200
    assert await porch.installations.counted() == 1


async def test_the_cookie_is_for_this_site_and_no_script(porch: Porch) -> None:
    """It ties the state to the browser that started."""
    url = f"{porch.address}/slack/install"
    async with porch.browser.get(url, allow_redirects=False) as answer:
        cookie = answer.cookies[INSTALL_COOKIE]

    assert (cookie["httponly"], cookie["samesite"]) == (True, "Lax")
    assert (cookie["path"], cookie["max-age"]) == ("/slack/", "600")
    assert not cookie["secure"]  # a http address; see the next test


async def test_no_other_host_plants_the_cookie_where_the_address_is_https() -> None:
    """PUBLIC_URL is https everywhere except on a developer's machine."""
    pages = InstallPages(_Begins(), "https://bot.example")  # type: ignore[arg-type]

    answer = await pages.begin(None)  # type: ignore[arg-type]
    cookie = answer.cookies[f"__Host-{INSTALL_COOKIE}"]

    assert (cookie["secure"], cookie["path"], cookie["domain"]) == (True, "/", "")


class _Begins:
    def begin(self) -> object:
        """Start an installation; where it leads does not matter."""
        return SimpleNamespace(url="https://slack.example/", cookie="c")


async def test_neither_the_database_nor_the_log_holds_what_would_help_a_thief(
    porch: Porch, caplog: pytest.LogCaptureFixture
) -> None:
    """Only hashes of state and cookie are stored, and neither code nor token."""
    caplog.set_level(logging.DEBUG)
    state = (await porch.begin())["state"]
    await porch.come_back(state=state, code="the-code")
    dump = await porch.dump()
    porch.far.answers["oauth.v2.access"] = refused("invalid_code")
    state = (await porch.begin())["state"]
    await porch.come_back(state=state, code="the-code")

    ours = [line for line in caplog.messages if not line.startswith("GET ")]
    text = dump + "\n".join(ours)
    for secret in (*porch.secrets, "the-code", "xoxb-new-token", "client-secret"):
        assert secret[:40] not in text  # not even cut to the length of a hash
    assert "installed by U1" in text


def test_an_installation_prints_itself_without_its_token() -> None:
    """It may appear in a traceback."""
    from installed import in_

    shown = repr(replace(in_("T1"), token="xoxb-secret"))

    assert "T1" in shown
    assert "xoxb" not in shown
