"""Being logged in: one refresh at a time, ahead of expiry, and a new log-in if needed.

For a process that is alone; `bot.ringcentral.sign_in.session` is for several.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from typing import Any

from ringcentral.platform.platform import Platform

from bot.errors import CredentialsRefused, Refused, RingCentralError, Unreachable
from bot.ringcentral.sign_in import grant, grant_types

log = logging.getLogger(__name__)

AHEAD = 120.0
"""Seconds before its expiry from which a token is replaced; a fifth of a short life."""

SULK = 30.0
"""Seconds for which refused credentials are not tried again: Auth allows five requests
a minute, and RingCentral locks users out (developer guide, "Rate Limits")."""

Run = Callable[[Callable[[], Any]], Awaitable[Any]]
"""Runs one blocking log-in in a thread, within the Auth limit: else `RateLimited`."""


class Login:
    """Keeps *platform* logged in by JWT, by what *run* lets through."""

    def __init__(self, platform: Platform, jwt: str, run: Run) -> None:
        self._platform = platform
        self._jwt = jwt
        self._run = run
        self._lock = asyncio.Lock()
        self._fresh_until = 0.0
        self._expires = 0.0
        self._refused_until = 0.0
        self._refusal: CredentialsRefused | None = None
        self.generation = 0
        """Grows with each new token, so that one 401 causes one refresh."""

    async def ensure(self) -> int:
        """Have a token that lasts; return its generation.

        Raises:
            CredentialsRefused: RingCentral does not take the JWT or the app.
            RingCentralError: It could not be asked.
        """
        if time.monotonic() < self._fresh_until:
            return self.generation
        async with self._lock:
            now = time.monotonic()
            if now < self._fresh_until:
                return self.generation
            try:
                await self._renew()
            except RingCentralError:
                # The old token may have minutes left; an outage of log-in is no reason
                # to stop before it has none.
                if time.monotonic() >= self._expires:
                    raise
        return self.generation

    async def renew(self, generation: int) -> None:
        """Replace the token of *generation*, which RingCentral has just refused."""
        async with self._lock:
            if generation == self.generation:
                await self._renew()

    @property
    def user(self) -> str:
        """The user's extension id, once there was a token."""
        return str(self._platform.auth().data().get("owner_id") or "")

    def scopes(self) -> frozenset[str]:
        """Return the app permissions that came with the token."""
        return frozenset(str(self._platform.auth().data().get("scope") or "").split())

    async def _renew(self) -> None:
        """Refresh, or log in anew where that can't be done."""
        if self._refusal is not None and time.monotonic() < self._refused_until:
            raise self._refusal
        if self.generation and self._platform.auth().refresh_token_valid():
            try:
                life = await self._sdk(self._platform.refresh)
            except Refused:
                life = await self._log_in()
        else:
            life = await self._log_in()
        now = time.monotonic()
        self._expires = now + life
        self._fresh_until = self._expires - min(AHEAD, life / 5)
        self._refusal = None
        self.generation += 1

    async def _sdk(self, work: Callable[[], Any]) -> float:
        """Run one of the SDK's log-ins; return the seconds that its token is good for.

        The SDK's own exceptions are not for anybody's eyes. It keeps whatever it reads,
        so after an answer that is none it is given back what it had.
        """
        auth = self._platform.auth()
        before = auth.data()
        try:
            data = (await self._run(work)).response().parsed
            access = grant.token(data, "access_token")
        except RingCentralError:
            raise
        except Exception:  # noqa: BLE001 - an answer that the SDK can't read
            access = ""
        if not access:
            auth.set_data(before)
            raise Unreachable("log-in: an answer that can't be read")
        refresh = grant.token(data, "refresh_token")
        lasts = grant.life(data, "refresh_token_expires_in", grant.WEEK)
        until = time.time() + lasts.total_seconds() if refresh else 0.0
        auth.set_data({
            "token_type": "bearer", "refresh_token": refresh,
            "refresh_token_expire_time": until,
        })  # fmt: skip
        return grant.life(data, "expires_in", grant.HOUR).total_seconds()

    async def _log_in(self) -> float:
        try:
            return await self._sdk(lambda: self._platform.login(jwt=self._jwt))
        except Refused as error:
            why = f"{error.status} {error.code}".strip()
            if error.lacks_grant:
                why += f": {grant_types.BY_JWT}"
            lacks = error.lacks_grant
            refusal = CredentialsRefused("RingCentral", why, lacks_grant=lacks)
            log.warning("RingCentral refuses the sign-in: %s", why)
        # Raised here, not in the handler: what it caught holds the request.
        self._refusal = refusal
        self._refused_until = time.monotonic() + SULK
        raise refusal


def by_jwt(jwt: str) -> Callable[[Platform, Run], Login]:
    """Sign in with a JWT credential, again and again, as often as it takes."""
    return lambda platform, run: Login(platform, jwt, run)
