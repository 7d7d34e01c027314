"""People who connect their own RingCentral accounts by a browser."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import aiohttp
from yarl import URL

from bot.calls.people.person import Person, Preferences, Shows
from bot.sandbox.ports import free_port
from bot.sandbox.slack.messages import Message
from bot.sandbox.slack.views import View
from bot.sandbox.stories import find
from bot.storage.people.connections import Connections
from bot.vault import Vault, new_key
from spaces import beside
from town import SPEED, Town

PATIENT = replace(find("driven"), ring_limit=3600 * SPEED)
"""Phones that ring until the test presses something: for an hour of real time."""

KEY = new_key()
CALLBACK = "/ringcentral/callback"


def lets_connect(
    town: Town, *people: str, browser: bool = True, shared: bool = False
) -> None:
    """Let people connect their own accounts; *people* are RingCentral's users.

    Until they do they call by one that they share, or not at all.
    """
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    jwt = town.ringcentral.logins.jwt if shared else ""
    town.env |= {"RINGOUT_SECRET_KEY": KEY, "RC_USER_JWT": jwt, "PORT": str(port)}
    if browser:
        town.env["PUBLIC_URL"] = url
    town.ringcentral.logins.redirect_uris.append(f"{url}{CALLBACK}")
    for name in people:
        town.ringcentral.add_person(name)


def link_in(message: Message | View) -> str:
    """Return the address behind a message's or a modal's link button."""
    blocks = message.source["blocks"] if isinstance(message, View) else message.blocks
    for block in blocks:
        for element in block.get("elements", ()):
            if element.get("url"):
                return str(element["url"])
    raise KeyError("no link")


@asynccontextmanager
async def a_browser() -> AsyncIterator[aiohttp.ClientSession]:
    """Open a browser with its own cookies."""
    jar = aiohttp.CookieJar(unsafe=True)
    async with aiohttp.ClientSession(cookie_jar=jar) as browser:
        yield browser


def own_origin(link: str) -> dict[str, str]:
    """Return what a browser sends beside a form of the page at *link*."""
    return {"Origin": str(URL(link).origin()), "Sec-Fetch-Site": "same-origin"}


async def to_ringcentral(browser: aiohttp.ClientSession, link: str) -> str:
    """Follow our link to RingCentral's sign-in page; return its address."""
    async with browser.get(link) as page:
        assert page.status == 200, await page.text()
    headers = own_origin(link)
    async with browser.post(link, headers=headers, allow_redirects=False) as answer:
        return answer.headers["Location"]


async def asks_for_link(town: Town, user: str = "ann") -> str:
    """Have somebody type ``/ringout connect``; return the link they get."""
    assert (await town.types("connect", user=user)).ok
    return link_in(town.slack.private(user)[-1])


async def connects(town: Town, user: str = "ann", person: str = "") -> tuple[int, str]:
    """Have somebody connect; return the status and text of our last page."""
    link = await asks_for_link(town, user)
    async with a_browser() as browser:
        there = await to_ringcentral(browser, link)
        back = await town.ringcentral.sign_in(there, person or user)
        async with browser.get(back) as page:
            return page.status, await page.text()


async def modal(town: Town, user: str = "ann") -> View:
    """Wait for the modal that somebody sees."""
    found = await town.until(lambda: town.slack.modal(user))
    assert found is not None
    return found


async def dm(town: Town, part: str, user: str = "ann") -> Message:
    """Wait for a message in somebody's DM that says *part*."""

    def seen() -> Message | None:
        return next((m for m in town.slack.dm(user) if part in m.text), None)

    found = await town.until(seen)
    assert found is not None
    return found


async def whispered(town: Town, part: str, user: str = "ann") -> Message:
    """Wait for an ephemeral message to somebody that says *part*."""

    def seen() -> Message | None:
        return next((m for m in town.slack.private(user) if part in m.text), None)

    found = await town.until(seen)
    assert found is not None
    return found


async def prefer(town: Town, shows: Shows, user: str = "ann") -> None:
    """Choose where somebody's cards go."""
    here = town.slack.workspace
    person = Person("", here.team, here.user(user).id)
    async with beside(town) as store:
        connections = Connections(store.writer, Vault([new_key()]))
        await connections.prefer(person, Preferences(shows=shows))
