"""A minimal client of the RingCentral double: plain HTTP, none of the bot's code."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import aiohttp

from bot.sandbox.ringcentral.double import RingCentralDouble

USER = "/restapi/v1.0/account/~/extension/~"
DANA = "+16505550101"
SAM = "+14155550142"
JWT_GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"


@dataclass(frozen=True)
class Answer:
    """An HTTP answer."""

    status: int
    body: Any
    headers: Mapping[str, str]

    @property
    def code(self) -> str:
        """RingCentral's error code."""
        return str(self.body["errors"][0]["errorCode"])

    @property
    def words(self) -> tuple[str, ...]:
        """Return a call's three live status words, or the HTTP status without them."""
        if self.status != 200:
            return (str(self.status),)
        return tuple(self.body["status"].values())


class Api:
    """Sends requests to one double as one app."""

    def __init__(
        self, double: RingCentralDouble, session: aiohttp.ClientSession
    ) -> None:
        self.double = double
        self.token = ""
        self._session = session

    async def send(self, method: str, path: str, **options: Any) -> Answer:
        """Send one request, with the access token unless *options* has headers."""
        headers = {"Authorization": f"bearer {self.token}"}
        headers |= options.pop("headers", {})
        url = path if path.startswith("http") else self.double.url + path
        async with self._session.request(
            method, url, headers=headers, **options
        ) as answer:
            is_json = answer.content_type == "application/json" and await answer.read()
            body = await answer.json() if is_json else None
            return Answer(answer.status, body, answer.headers)

    async def grant(self, secret: str | None = None, **form: str) -> Answer:
        """Ask for a token."""
        logins = self.double.logins
        basic = aiohttp.encode_basic_auth(
            logins.client_id, logins.client_secret if secret is None else secret
        )
        return await self.send(
            "POST", "/restapi/oauth/token", data=form, headers={"Authorization": basic}
        )

    async def as_client(self, path: str, token: str) -> Answer:
        """Post a token as the app, not as a person."""
        logins = self.double.logins
        basic = aiohttp.encode_basic_auth(logins.client_id, logins.client_secret)
        headers = {"Authorization": basic}
        return await self.send("POST", path, data={"token": token}, headers=headers)

    async def log_in(self) -> Answer:
        """Request a token by JWT, and use it from now on."""
        answer = await self.grant(
            grant_type=JWT_GRANT, assertion=self.double.logins.jwt
        )
        self.token = answer.body["access_token"]
        return answer

    async def as_person(self, person: str) -> Api:
        """Return another client, logged in as *person* by their own JWT."""
        api = Api(self.double, self._session)
        answer = await api.grant(
            grant_type=JWT_GRANT, assertion=self.double.jwt_of(person)
        )
        api.token = answer.body["access_token"]
        return api

    async def ring_out(self, callee: str = SAM, **more: Any) -> Answer:
        """Place a call from Dana."""
        parties = {"from": {"phoneNumber": DANA}, "to": {"phoneNumber": callee}}
        return await self.send("POST", f"{USER}/ring-out", json={**parties, **more})

    async def placed(self, story: str = "answered") -> str:
        """Place a call to Sam that follows *story*; return its id."""
        self.double.plan(SAM, story)
        answer = await self.ring_out()
        assert answer.status == 200
        return str(answer.body["id"])

    async def status(self, call_id: str) -> Answer:
        """Request a call's live status."""
        return await self.send("GET", f"{USER}/ring-out/{call_id}")

    async def cancel(self, call_id: str) -> Answer:
        """Cancel a call."""
        return await self.send("DELETE", f"{USER}/ring-out/{call_id}")

    async def log(self, **query: Any) -> Answer:
        """Read the user's call log, by default in the Detailed view."""
        params = {"view": "Detailed", **query}
        return await self.send("GET", f"{USER}/call-log", params=params)

    async def records(self, **query: Any) -> list[Any]:
        """Return the call log's records."""
        answer = await self.log(**query)
        assert answer.status == 200, answer.body
        found: list[Any] = answer.body["records"]
        return found


@asynccontextmanager
async def logged_in(double: RingCentralDouble) -> AsyncIterator[Api]:
    """Serve *double*, and yield a client that is logged in to it."""
    async with double, aiohttp.ClientSession() as session:
        api = Api(double, session)
        await api.log_in()
        yield api
