"""A person's own sign-in: tokens that all processes share, refreshed by one of them.

A refresh token is good for one use, and the old access token dies with it
(RingCentral developer guide, "Refresh tokens"), so whoever refreshes takes the turn
first, in the database; the others wait for what comes of it.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

from ringcentral.platform.platform import Platform

from bot.errors import (
    CredentialsRefused,
    Disconnected,
    RateLimited,
    Refused,
    RingCentralError,
    StoreUnavailable,
    Unreachable,
)
from bot.ringcentral.login import AHEAD, SULK, Run

log = logging.getLogger(__name__)

WEEK = timedelta(days=7)
"""A refresh token's life where none is told (developer guide, "Refresh tokens")."""

LOOKS, LOOK_EVERY = 60, 0.25
"""How often and how long one waits for another process's refresh: 15 s in all."""

APP_REFUSED = 401
"""RFC 6749, 5.2: the client's own credentials are wrong. A grant that is, is a 400."""

INSIST = (0.1, 0.3, 1.0, 3.0)
"""Pauses, in seconds, between tries to store new tokens: they are precious."""


@dataclass(frozen=True, slots=True, repr=False, kw_only=True)
class Tokens:
    """What RingCentral gave for a sign-in. Its repr holds none of it.

    Attributes:
        version: Grows with each refresh; 0 before the first was stored.
        jwt: The person's own JWT credential, by which they can be signed in anew.
        fresh_until: When the access token is to be replaced, ahead of its expiry.
        ends_at: When the sign-in ends for good unless it is refreshed before; None if
            it does not end by itself.
    """

    access: str
    refresh: str = ""
    jwt: str = ""
    scope: str = ""
    version: int = 0
    fresh_until: datetime
    ends_at: datetime | None = None

    def __repr__(self) -> str:
        return f"<Tokens version {self.version}>"


class TokenStore(Protocol):
    """Where one person's tokens are kept; raises `StoreUnavailable`."""

    async def load(self) -> Tokens | None:
        """Return the newest tokens; None if they are gone or of no use any more."""

    async def take_turn(self, version: int) -> bool:
        """Take the turn to refresh tokens of *version*; False if another has it."""

    async def give_turn_back(self, version: int) -> None:
        """Let somebody else try: nothing came of ours."""

    async def save(self, tokens: Tokens) -> bool:
        """Store *tokens* over those of the version before; False if those are gone."""

    async def give_up(self, version: int, why: str) -> None:
        """Note that tokens of *version* cannot be refreshed, ever."""


class Session:
    """Keeps *platform* signed in as one person; see `bot.ringcentral.line.SignedIn`."""

    def __init__(
        self,
        platform: Platform,
        run: Run,
        store: TokenStore,
        now: Callable[[], datetime],
    ) -> None:
        self._platform = platform
        self._run = run
        self._store = store
        self._now = now
        self._lock = asyncio.Lock()
        self._tokens: Tokens | None = None
        self._closed_until = 0.0

    async def ensure(self) -> int:
        """Have a token that lasts; return its generation.

        Raises:
            Disconnected: There is none any more, or it can't be refreshed, ever.
            CredentialsRefused: RingCentral refuses the app; nobody's sign-in ends by it.
            RingCentralError: RingCentral could not be asked.
            StoreUnavailable: The database could not.
        """
        held = self._tokens
        if held is not None and self._now() < held.fresh_until:
            return held.version
        async with self._lock:
            return await self._renewed(stale=None)

    async def renew(self, generation: int) -> None:
        """Replace the token of *generation*, which RingCentral has just refused."""
        async with self._lock:
            await self._renewed(stale=generation)

    def scopes(self) -> frozenset[str]:
        """Return the app permissions that came with the token."""
        return frozenset((self._tokens.scope if self._tokens else "").split())

    async def _renewed(self, stale: int | None) -> int:
        """Adopt what another has refreshed, or refresh; return the version."""
        for _ in range(LOOKS):
            kept = await self._store.load()
            if kept is None:
                self._tokens = None
                raise Disconnected("not connected any more")
            if kept.version != stale and self._now() < kept.fresh_until:
                return self._adopt(kept)
            wait = self._closed_until - time.monotonic()
            if wait > 0:
                raise RateLimited(wait, "auth")
            if await self._store.take_turn(kept.version):
                if (fresh := await self._exchange(kept)) is not None:
                    return self._adopt(fresh)
                continue
            await asyncio.sleep(LOOK_EVERY)
        raise Unreachable("another process's refresh takes too long")

    async def _exchange(self, kept: Tokens) -> Tokens | None:
        """Refresh *kept*, or sign in anew by JWT; ours is the turn.

        None where others have been stored meanwhile, or the connection is gone.
        """
        try:
            data = await self._refreshed(kept)
        except Disconnected as error:
            log.warning("a RingCentral sign-in has ended: %s", error)
            await self._store.give_up(kept.version, str(error))
            self._tokens = None
            raise
        except (RingCentralError, CredentialsRefused) as error:
            if isinstance(error, RateLimited):
                self._closed_until = time.monotonic() + error.retry_after
            if isinstance(error, CredentialsRefused):
                self._closed_until = time.monotonic() + SULK
            await self._store.give_turn_back(kept.version)
            raise
        fresh = tokens_of(data, self._now(), jwt=kept.jwt, version=kept.version + 1)
        if await self._saved(fresh):
            return fresh
        newest = await self._store.load()
        if newest is None or newest.access != fresh.access:  # else it was stored
            with contextlib.suppress(RingCentralError):
                await asked(self._run, self._platform, self._platform.logout)
        return None

    async def _refreshed(self, kept: Tokens) -> dict[str, Any]:
        refusal = "nothing to refresh it with"
        if kept.refresh:
            try:
                # The SDK looks at the clock before it refreshes; RingCentral decides.
                life = {"refresh_token": kept.refresh, "refresh_token_expires_in": 60}
                self._platform.auth().set_data(life)
                return await asked(self._run, self._platform, self._platform.refresh)
            except Refused as error:
                refusal = _ended(error)
        if kept.jwt:
            try:
                return await signed_in(self._run, self._platform, jwt=kept.jwt)
            except Refused as error:
                refusal = _ended(error)
        raise Disconnected(refusal)

    async def _saved(self, tokens: Tokens) -> bool:
        for pause in INSIST:
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


def _ended(error: Refused) -> str:
    """Return why a sign-in is over; raise where it is the app that is refused."""
    refusal = f"{error.status} {error.code}"
    if error.status == APP_REFUSED:
        raise CredentialsRefused("RingCentral", refusal) from None
    return refusal


def tokens_of(
    data: dict[str, Any], now: datetime, *, jwt: str = "", version: int = 0
) -> Tokens:
    """Return what the SDK's *data* holds, as of *now*.

    Raises:
        Unreachable: There is no token in it.
    """
    access = str(data.get("access_token") or "")
    if not access:
        raise Unreachable("log-in: an answer without a token")
    life = float(data.get("expires_in") or 0)
    refresh = str(data.get("refresh_token") or "")
    expires = now + timedelta(seconds=life)
    ends = None if jwt else expires
    if refresh and not jwt:
        lasts = float(data.get("refresh_token_expires_in") or WEEK.total_seconds())
        ends = now + timedelta(seconds=lasts)
    return Tokens(
        access=access,
        refresh=refresh,
        jwt=jwt,
        scope=str(data.get("scope") or ""),
        version=version,
        fresh_until=expires - timedelta(seconds=min(AHEAD, life / 5)),
        ends_at=ends,
    )


async def signed_in(run: Run, platform: Platform, **how: str) -> dict[str, Any]:
    """Sign *platform* in by ``jwt``, or by ``code``, ``redirect_uri``, ``verifier``.

    Costs one Auth request. Raises `Refused` and other `RingCentralError`s.
    """
    return await asked(run, platform, lambda: platform.login(**how))


async def asked(
    run: Run, platform: Platform, work: Callable[[], Any]
) -> dict[str, Any]:
    """Run one of the SDK's log-ins; its own exceptions are not for anybody's eyes."""
    try:
        await run(work)
    except RingCentralError:
        raise
    except Exception:  # noqa: BLE001 - an answer that the SDK can't read
        failed = True
    else:
        failed = False
    if failed:
        raise Unreachable("log-in: an answer that can't be read")
    data: dict[str, Any] = platform.auth().data()
    return data
