"""The part of `RingCentralDouble` that is about people, their sign-ins and sessions.

A person is given by the short name with which they were added; ``service`` is the user
of the operator's JWT.
"""

from __future__ import annotations

from html.parser import HTMLParser
from urllib.parse import urlsplit

import aiohttp

from bot.sandbox.ringcentral.clock import StoryClock
from bot.sandbox.ringcentral.login import Logins, Session
from bot.sandbox.ringcentral.people import People
from bot.sandbox.ringcentral.person import Person
from bot.sandbox.ringcentral.signin import LOGIN

FOUND = 302


class NoSignInError(Exception):
    """The sign-in page showed an error, which is the text."""


class PersonActions:
    """What a test can do as a person, or as their administrator."""

    clock: StoryClock
    people: People
    logins: Logins

    def add_person(
        self,
        name: str,
        *,
        full_name: str = "",
        extension_number: str = "",
        mobile: str = "",
        desk: str = "",
        direct: str = "",
        country: str = "US",
    ) -> Person:
        """Add a person with their own extension and phones; see `People.add`."""
        return self.people.add(
            name,
            full_name=full_name,
            extension_number=extension_number,
            mobile=mobile,
            desk=desk,
            direct=direct,
            country=country,
        )

    def person(self, name: str) -> Person:
        """Return a person's ids and numbers; KeyError if there is no such person."""
        return self.people.find(name)

    async def sign_in(
        self, authorize_url: str, person: str, *, deny: bool = False
    ) -> str:
        """Sign in as *person* in a browser, from the app's link to the last click.

        Args:
            authorize_url: The app's link.
            person: Who signs in.
            deny: Whether they press "Cancel" instead of "Authorize".

        Returns:
            The address that the browser is redirected to; it is not opened.

        Raises:
            NoSignInError: A page showed an error instead.
        """
        choice = "cancel" if deny else "authorize"
        form = {"person": self.person(person).handle, "choice": choice}
        async with aiohttp.ClientSession() as browser:
            first = await _click(browser, "GET", authorize_url)
            if urlsplit(first).path != LOGIN:
                return first
            await _click(browser, "GET", first)
            return await _click(browser, "POST", first, form)

    def jwt_of(
        self, person: str, *, client_id: str = "", lives: float | None = None
    ) -> str:
        """Return a person's JWT credential; the same one for the same arguments.

        Args:
            person: The person.
            client_id: The app that it is for; empty for the double's own app.
            lives: Real seconds from now until it expires; None for never.
        """
        if self.person(person) is self.people.service and not client_id:
            return self.logins.jwt
        return self.logins.credentials.made(
            self._id(person),
            client_id or self.logins.client_id,
            self.clock.real(),
            lives,
            self.clock.utc().timestamp(),
        ).jwt

    def revoke_jwts(self, person: str) -> None:
        """Revoke a person's JWT credentials; their sessions go on."""
        for credential in self.logins.credentials.of(self._id(person)):
            credential.revoked = True

    def end_sessions(self, person: str) -> None:
        """End a person's sessions, refresh tokens included, as an administrator can."""
        self.logins.forget(self._id(person))

    def expire_access(self, person: str) -> None:
        """Expire a person's access tokens; their refresh tokens stay valid."""
        self.logins.expire(self._id(person))

    def disable(self, person: str) -> None:
        """Disable a person, as an administrator can: end sessions, refuse new ones."""
        self.person(person).status = "Disabled"
        self.end_sessions(person)

    def enable(self, person: str) -> None:
        """Enable a person again, so that they can sign in."""
        self.person(person).status = "Enabled"

    def sessions_of(self, person: str) -> list[Session]:
        """Return a person's sessions, oldest first."""
        return self.logins.sessions_of(self._id(person))

    def sign_ins_of(self, person: str) -> int:
        """Return how often a person signed in, by a code or a JWT."""
        return self.logins.signed_in[self._id(person)]

    def refreshes_of(self, person: str) -> int:
        """Return how often a person's tokens were replaced; repeats don't count."""
        return self.logins.refreshed[self._id(person)]

    def secrets_of(self, person: str) -> list[str]:
        """Return all tokens and JWTs of a person, invalid ones too: none may leak."""
        owner = self._id(person)
        credentials = [one.jwt for one in self.logins.credentials.of(owner)]
        tokens = [one for one, whose in self.logins.issued.items() if whose == owner]
        service = [self.logins.jwt] if owner == self.logins.owner_id else []
        return [*service, *credentials, *tokens]

    def _id(self, person: str) -> str:
        return self.person(person).extension_id


async def _click(
    browser: aiohttp.ClientSession,
    method: str,
    address: str,
    form: dict[str, str] | None = None,
) -> str:
    """Return the address that a request redirects to, or its own if it shows a page."""
    async with browser.request(
        method, address, data=form, allow_redirects=False
    ) as answer:
        if answer.status == FOUND:
            return answer.headers["Location"]
        text = await answer.text()
        if not answer.ok:
            raise NoSignInError(f"{answer.status} {_words(text)}")
        return address


def _words(page: str) -> str:
    reader = _Reader()
    reader.feed(page)
    return " ".join(reader.words)


class _Reader(HTMLParser):
    """Collects the visible words of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []
        self._inside = ""

    def handle_starttag(self, tag: str, attrs: object) -> None:
        del attrs
        self._inside = tag

    def handle_data(self, data: str) -> None:
        if self._inside not in ("style", "title"):
            self.words.extend(data.split())
