"""A town whose bot serves any workspace: settings, and direct database access."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import aiohttp

from bot.accounts.person_tokens import closed
from bot.calls.people.installation import Installation
from bot.calls.people.person import Person
from bot.ringcentral.sign_in.tokens import Tokens
from bot.sandbox.ports import free_port
from bot.storage.calls.store import Store
from bot.storage.people.connections import Connections
from bot.storage.people.installations import Installations
from bot.storage.people.linked import Extension
from bot.vault import Vault, new_key
from installed import in_
from town import Town

KEY = new_key()


async def tell_nobody(_: Person) -> None:
    """Be a bot of one process."""


def open_to_all(town: Town) -> None:
    """Let any workspace install the town's bot."""
    port = free_port()
    town.env |= {
        "SLACK_BOT_TOKEN": "",
        "SLACK_APP_TOKEN": "",
        "SLACK_SIGNING_SECRET": town.slack.signing_secret,
        "SLACK_CLIENT_ID": town.slack.app.client_id,
        "SLACK_CLIENT_SECRET": town.slack.app.client_secret,
        "SLACK_AUTHORIZE_URL": town.slack.authorize_url,
        "PUBLIC_URL": f"http://127.0.0.1:{port}",
        "PORT": str(port),
        "RINGOUT_SECRET_KEY": KEY,
        "RC_USER_JWT": "",
    }


@asynccontextmanager
async def beside(town: Town) -> AsyncIterator[Store]:
    """Open the town's database as another process would."""
    store = Store(town.settings().database_url)
    await store.open()
    yield store
    store.close()


def installations_of(store: Store) -> Installations:
    """Return the table of installations, decrypted with the town's key."""
    return Installations(store.writer, Vault([KEY]))


async def browse(
    town: Town, place: str = "", person: str = "ann", *, deny: bool = False
) -> tuple[int, str]:
    """Install the app in a browser; return the status and text of our last page."""
    jar = aiohttp.CookieJar(unsafe=True)
    async with aiohttp.ClientSession(cookie_jar=jar) as browser:
        ours = f"{town.env['PUBLIC_URL']}/slack/install"
        async with browser.get(ours, allow_redirects=False) as answer:
            page = answer.headers["Location"]
        where = place or town.slack.workspace.team
        back = await town.slack.install(page, where, person, deny=deny)
        async with browser.get(back) as answer:
            return answer.status, await answer.text()


async def install(town: Town, *, token: str = "", ago: float = 3600) -> Installation:
    """Store the town's workspace as installed *ago* seconds ago."""
    made = in_(
        town.slack.workspace.team,
        token=token or town.slack.bot_token,
        installed_at=datetime.now(UTC) - timedelta(seconds=ago),
    )
    async with beside(town) as store:
        await installations_of(store).put(made)
    return made


async def connect(
    town: Town, *, user: str = "ann", team: str = "", enterprise: str = ""
) -> None:
    """Store somebody's own RingCentral account, connected by a JWT."""
    here = town.slack.workspace
    person = Person(enterprise, team or here.team, here.user(user).id)
    now = datetime.now(UTC)
    tokens = Tokens(access="", jwt=town.ringcentral.logins.jwt, fresh_until=now)
    async with beside(town) as store:
        await Connections(store.writer, Vault([KEY])).put(
            f"{person.team}-{person.user}",
            person,
            "jwt",
            Extension("101", "101", "Ann"),
            closed(tokens),
            now,
        )
