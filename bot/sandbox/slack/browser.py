"""A person's browser while they add the app to Slack."""

from __future__ import annotations

from collections.abc import Collection
from html.parser import HTMLParser
from urllib.parse import urlsplit

import aiohttp

from bot.sandbox.slack.app import SlackApp

FOUND = 302


class NoInstallError(Exception):
    """A page showed an error, which is the text."""


class Browser:
    """The part of `SlackDouble` that installs the app as a person does."""

    app: SlackApp
    authorize_url: str

    async def install(
        self,
        url: str,
        team: str,
        person: str,
        *,
        deny: bool = False,
        without: Collection[str] = (),
    ) -> str:
        """Follow the app's link and install it as *person*.

        Args:
            url: The link: Slack's page, or a page of the app that redirects to it.
            team: The id or name of the workspace or organization.
            person: Their id or name there.
            deny: Whether they press "Cancel" instead of "Allow".
            without: Scopes that they don't allow.

        Returns:
            The address that the browser is redirected to; it is not opened.

        Raises:
            NoInstallError: A page showed an error instead.
        """
        place = self.app.place(team)
        async with aiohttp.ClientSession() as browser:
            page = _Page(await self._page_of(browser, url))
            asked = [scope for scope in page.scopes if scope not in without]
            form = [
                ("page", page.name),
                ("place", place),
                ("person", person),
                *(("asked", scope) for scope in page.scopes),
                *(("scope", scope) for scope in asked),
                ("choice", "cancel" if deny else "allow"),
            ]
            async with browser.post(
                self.authorize_url, data=form, allow_redirects=False
            ) as answer:
                if answer.status != FOUND:
                    raise NoInstallError(_Page(await answer.text()).heading)
                return answer.headers["Location"]

    async def _page_of(self, browser: aiohttp.ClientSession, url: str) -> str:
        """Return the HTML of Slack's page to which *url* leads."""
        async with browser.get(url) as shown:
            text = await shown.text()
            is_slack = (
                urlsplit(str(shown.url)).path == urlsplit(self.authorize_url).path
            )
            if not shown.ok or not is_slack:
                raise NoInstallError(_Page(text).heading or f"HTTP {shown.status}")
            return text


class _Page(HTMLParser):
    """Parses Slack's page: its heading, its hidden name, the scopes on it."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.heading = ""
        self.name = ""
        self.scopes: list[str] = []
        self._is_heading = False
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        self._is_heading = tag == "h1"
        if found.get("name") == "page":
            self.name = found["value"]
        if found.get("name") == "asked":
            self.scopes.append(found["value"])

    def handle_endtag(self, tag: str) -> None:
        del tag
        self._is_heading = False

    def handle_data(self, data: str) -> None:
        if self._is_heading:
            self.heading += data
