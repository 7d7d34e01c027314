"""A signed-in user whose tokens are in a store, which several processes may share.

A refresh token works once, and the old access token dies with it (RingCentral developer
guide, "Refresh tokens"). So a process takes a lease in the store before it refreshes;
the others wait for the new tokens. One user thus has one session at RingCentral, however
many processes there are: RingCentral keeps about five, and each further one ends the
oldest ("Manage access tokens"). A process that restarts goes on with the stored session.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from ringcentral.platform.platform import Platform

from bot.errors import (
    CredentialsRefused,
    Disconnected,
    Refused,
    RingCentralError,
    StoreUnavailable,
    Unreachable,
)
from bot.ringcentral.sign_in import grant
from bot.ringcentral.sign_in.tokens import (
    Run,
    Tokens,
    asked,
    signed_in,
    tokens_of,
    why_final,
)

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class SignInWaits:
    """How long a sign-in waits for what stands in its way; in seconds."""

    refused: float = 30.0
    """Before refused credentials are tried again: Auth allows five requests a minute,
    and RingCentral locks users out (developer guide, "Rate Limits")."""

    lease_look: float = 0.25
    """Between looks for another process's refresh."""

    save: tuple[float, ...] = (0.1, 0.3, 1.0, 3.0)
    """Between tries to store new tokens: the old ones are dead by then."""


USUAL_SIGN_IN_WAITS = SignInWaits()
LEASE_LOOKS = 60
"""How often to look for another process's refresh: for 15 s."""


class TokenStore(Protocol):
    """Where the tokens of one sign-in are kept. Raises `StoreUnavailable`."""

    async def load(self) -> Tokens | None:
        """Return the newest tokens; None if they are gone or the sign-in has ended.

        Raises `CredentialsRefused` for some time after RingCentral has refused them.
        """

    async def take_lease(self, version: int) -> bool:
        """Take the lease to refresh tokens of *version*; False if another has it."""

    async def release_lease(self, version: int) -> None:
        """Release the lease: the refresh failed, and somebody else may try."""

    async def save(self, tokens: Tokens) -> bool:
        """Replace the tokens of the version before; False if those are gone."""

    async def abandon(self, tokens: Tokens) -> None:
        """Have the session of *tokens*, which are not stored, revoked later."""

    async def give_up(self, version: int, why: str) -> None:
        """Store that RingCentral will never renew tokens of *version*."""


class Session:
    """Keeps *platform* signed in as one user; see `bot.ringcentral.sender.SignedIn`."""

    def __init__(
        self,
        platform: Platform,
        run: Run,
        store: TokenStore,
        now: Callable[[], datetime],
        waits: SignInWaits = USUAL_SIGN_IN_WAITS,
    ) -> None:
        self._platform = platform
        self._waits = waits
        self._run = run
        self._store = store
        self._now = now
        self._lock = asyncio.Lock()
        self._tokens: Tokens | None = None
        self._refused_until = 0.0
        self._refusal: CredentialsRefused | None = None

    async def ensure(self) -> int:
        """Make sure that there is a token with some time left; return its version.

        Raises:
            Disconnected: The sign-in has ended, and can't be renewed.
            CredentialsRefused: RingCentral refuses the app; the sign-in may be good.
            RingCentralError: RingCentral could not be asked.
            StoreUnavailable: The database could not be asked.
        """
        held = self._tokens
        if held is not None and self._now() < held.fresh_until:
            return held.version
        async with self._lock:
            try:
                return await self._renewed(stale=None)
            except RingCentralError:
                # The old token may have minutes left: go on with it until it expires.
                if held is None or not _is_good(held, self._now()):
                    raise
                return self._adopt(held)

    async def renew(self, version: int) -> None:
        """Replace the token of this version, which RingCentral has just refused."""
        async with self._lock:
            await self._renewed(stale=version)

    @property
    def user(self) -> str:
        """The user's extension id; empty until there was a token."""
        return str(self._platform.auth().data().get("owner_id") or "")

    def scopes(self) -> frozenset[str]:
        """Return the app permissions that the access token carries."""
        return frozenset((self._tokens.scope if self._tokens else "").split())

    async def _renewed(self, stale: int | None) -> int:
        """Adopt tokens that another process has refreshed, or refresh them here.

        Returns the version of the adopted tokens, which is never *stale*.
        """
        ended: Disconnected | None = None
        for _ in range(LEASE_LOOKS):
            kept = await self._store.load()
            if kept is None:
                self._tokens = None
                raise ended or Disconnected("not connected any more")
            if kept.owner:
                self._platform.auth().set_data({"owner_id": kept.owner})
            if kept.version != stale and self._now() < kept.fresh_until:
                return self._adopt(kept)
            self._raise_if_refused()
            if not await self._store.take_lease(kept.version):
                await asyncio.sleep(self._waits.lease_look)
                continue
            try:
                fresh = await self._exchange(kept)
            except Disconnected as error:
                # Another process may have been faster after all: look for newer tokens.
                ended = error
                await self._store.give_up(kept.version, error.why)
                continue
            if await self._saved(fresh):
                return self._adopt(fresh)
            await self._drop(fresh)
        raise Unreachable("another process's refresh takes too long")

    def _raise_if_refused(self) -> None:
        error = self._refusal
        if error is not None and time.monotonic() < self._refused_until:
            raise CredentialsRefused(
                error.party, error.why, lacks_grant=error.lacks_grant
            )

    async def _exchange(self, kept: Tokens) -> Tokens:
        """Return new tokens for *kept*; on failure release the lease and raise."""
        before = self._platform.auth().data()
        try:
            data = await self._refreshed(kept)
            return tokens_of(data, self._now(), jwt=kept.jwt, version=kept.version + 1)
        except Disconnected:
            raise
        except (RingCentralError, CredentialsRefused) as error:
            # The SDK keeps what it reads, and the answer may have been garbage.
            self._platform.auth().set_data(before)
            if isinstance(error, CredentialsRefused):
                # The app is refused. That is not stored: another process may have been
                # given the right secret.
                self._refusal = error
                self._refused_until = time.monotonic() + self._waits.refused
            await self._store.release_lease(kept.version)
            raise

    async def _refreshed(self, kept: Tokens) -> dict[str, Any]:
        """Refresh, or sign in again by JWT. Raises `Disconnected` if neither can work."""
        refusal = "nothing to refresh it with"
        if kept.refresh:
            try:
                # The SDK refuses to send what it takes for expired; RingCentral decides.
                life = {"refresh_token": kept.refresh, "refresh_token_expires_in": 60}
                self._platform.auth().set_data(life)
                return await asked(self._run, self._platform.refresh)
            except Refused as error:
                if not (kept.jwt and error.lacks_grant):
                    refusal = why_final(error)
        if kept.jwt:
            try:
                return await signed_in(self._run, self._platform, jwt=kept.jwt)
            except Refused as error:
                refusal = why_final(error, grant.SWITCH_ON_JWT)
        raise Disconnected(refusal)

    async def _drop(self, tokens: Tokens) -> None:
        """Revoke a session that could not be stored.

        Its person has disconnected or connected again meanwhile. If the stored tokens
        are newer, they may belong to this same session, and it is left alone.
        """
        newest = await self._store.load()
        if newest is not None and (
            newest.version != tokens.version or newest.access == tokens.access
        ):
            return
        self._platform.auth().set_data(
            {"access_token": tokens.refresh or tokens.access}
        )
        try:
            await asked(self._run, self._platform.logout)
        except RingCentralError:
            await self._store.abandon(tokens)

    async def _saved(self, tokens: Tokens) -> bool:
        for pause in self._waits.save:
            try:
                return await self._store.save(tokens)
            except StoreUnavailable:
                log.warning("new tokens wait for the database")
                await asyncio.sleep(pause)
        return await self._store.save(tokens)

    def _adopt(self, tokens: Tokens) -> int:
        life = {"token_type": "bearer", "access_token": tokens.access}
        self._platform.auth().set_data(life)
        self._tokens = tokens
        return tokens.version


def _is_good(tokens: Tokens, now: datetime) -> bool:
    return tokens.expires_at is not None and now < tokens.expires_at
