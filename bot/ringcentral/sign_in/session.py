"""A sign-in whose tokens all processes share, refreshed by one of them.

A refresh token is good for one use, and the old access token dies with it
(RingCentral developer guide, "Refresh tokens"), so whoever refreshes takes the turn
first, in the database; the others wait for what comes of it. So a user has one session
at RingCentral, however many processes there are: of more than about five, each new one
would end the oldest ("Manage access tokens").
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
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
from bot.ringcentral.sign_in.login import SULK, Run
from bot.ringcentral.sign_in.tokens import (
    Tokens,
    asked,
    signed_in,
    tokens_of,
    why_final,
)

log = logging.getLogger(__name__)

LOOKS, LOOK_EVERY = 60, 0.25
"""How often and how long one waits for another process's refresh: 15 s in all."""

INSIST = (0.1, 0.3, 1.0, 3.0)
"""Pauses, in seconds, between tries to store new tokens: they are precious."""


class TokenStore(Protocol):
    """Where one sign-in's tokens are kept; raises `StoreUnavailable`."""

    async def load(self) -> Tokens | None:
        """Return the newest tokens; None if they are gone or of no use any more.

        Raises `CredentialsRefused` where RingCentral refuses them, for a while.
        """

    async def take_turn(self, version: int) -> bool:
        """Take the turn to refresh tokens of *version*; False if another has it."""

    async def give_turn_back(self, version: int) -> None:
        """Let somebody else try: nothing came of ours."""

    async def save(self, tokens: Tokens) -> bool:
        """Store *tokens* over those of the version before; False if those are gone."""

    async def abandon(self, tokens: Tokens) -> None:
        """See to it that the session of *tokens*, which nobody keeps, ends later."""

    async def give_up(self, version: int, why: str) -> None:
        """Note that RingCentral renews no tokens of *version*, nor gives others."""


class Session:
    """Keeps *platform* signed in as one user; see `bot.ringcentral.sender.SignedIn`."""

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
        self._refused_until = 0.0
        self._refusal = ""

    async def ensure(self) -> int:
        """Have a token that lasts; return its generation.

        Raises:
            Disconnected: There is none any more, or it can't be refreshed, ever.
            CredentialsRefused: RingCentral refuses the app; the sign-in may be good.
            RingCentralError: RingCentral could not be asked.
            StoreUnavailable: The database could not.
        """
        held = self._tokens
        if held is not None and self._now() < held.fresh_until:
            return held.version
        async with self._lock:
            try:
                return await self._renewed(stale=None)
            except RingCentralError:
                # An outage or a limit of log-ins is no reason to stop before the old
                # token, which may have minutes left, has none.
                if held is None or not _is_good(held, self._now()):
                    raise
                return self._adopt(held)

    async def renew(self, generation: int) -> None:
        """Replace the token of *generation*, which RingCentral has just refused."""
        async with self._lock:
            await self._renewed(stale=generation)

    @property
    def user(self) -> str:
        """The user's extension id, once tokens were found or given."""
        return str(self._platform.auth().data().get("owner_id") or "")

    def scopes(self) -> frozenset[str]:
        """Return the app permissions that came with the token."""
        return frozenset((self._tokens.scope if self._tokens else "").split())

    async def _renewed(self, stale: int | None) -> int:
        """Adopt what another has refreshed, or refresh; return the version."""
        ended: Disconnected | None = None
        for _ in range(LOOKS):
            kept = await self._store.load()
            if kept is None:
                self._tokens = None
                raise ended or Disconnected("not connected any more")
            if kept.owner:
                self._platform.auth().set_data({"owner_id": kept.owner})
            if kept.version != stale and self._now() < kept.fresh_until:
                return self._adopt(kept)
            if time.monotonic() < self._refused_until:
                raise CredentialsRefused("RingCentral", self._refusal)
            if not await self._store.take_turn(kept.version):
                await asyncio.sleep(LOOK_EVERY)
                continue
            try:
                fresh = await self._exchange(kept)
            except Disconnected as error:
                # If another was faster after all, there are newer tokens: look again.
                ended = error
                await self._store.give_up(kept.version, error.why)
                continue
            if await self._saved(fresh):
                return self._adopt(fresh)
            await self._drop(fresh)
        raise Unreachable("another process's refresh takes too long")

    async def _exchange(self, kept: Tokens) -> Tokens:
        """Return what *kept* is worth now; ours is the turn, and given back if nothing."""
        try:
            data = await self._refreshed(kept)
            return tokens_of(data, self._now(), jwt=kept.jwt, version=kept.version + 1)
        except Disconnected:
            raise
        except (RingCentralError, CredentialsRefused) as error:
            if isinstance(error, CredentialsRefused):  # the app: not others' matter
                self._refusal = error.why
                self._refused_until = time.monotonic() + SULK
            await self._store.give_turn_back(kept.version)
            raise

    async def _refreshed(self, kept: Tokens) -> dict[str, Any]:
        """Refresh, or sign in anew by JWT; `Disconnected` where neither will ever do."""
        refusal = "nothing to refresh it with"
        if kept.refresh:
            try:
                # The SDK looks at the clock before it refreshes; RingCentral decides.
                life = {"refresh_token": kept.refresh, "refresh_token_expires_in": 60}
                self._platform.auth().set_data(life)
                return await asked(self._run, self._platform.refresh)
            except Refused as error:
                refusal = why_final(error)
        if kept.jwt:
            try:
                return await signed_in(self._run, self._platform, jwt=kept.jwt)
            except Refused as error:
                refusal = why_final(error)
        raise Disconnected(refusal)

    async def _drop(self, tokens: Tokens) -> None:
        """End a session at RingCentral that nobody has any more.

        Its person has disconnected meanwhile, or connected again. Tokens that are newer
        still may be of this very session, by another process.
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


def _is_good(tokens: Tokens, now: datetime) -> bool:
    return tokens.expires_at is not None and now < tokens.expires_at
