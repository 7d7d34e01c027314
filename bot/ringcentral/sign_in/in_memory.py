"""Signing in by a JWT without storing anything: for `doctor`, which has no database."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from ringcentral.platform.platform import Platform

from bot.errors import CredentialsRefused
from bot.ringcentral.sign_in.session import Session
from bot.ringcentral.sign_in.tokens import Run, Tokens


class InMemoryTokens:
    """A `TokenStore` for one process; each method does what the Protocol says."""

    def __init__(self, jwt: str) -> None:
        long_ago = datetime.fromtimestamp(0, UTC)
        self._tokens = Tokens(access="", jwt=jwt, fresh_until=long_ago)
        self._refusal = ""

    async def load(self) -> Tokens:
        if self._refusal:
            raise CredentialsRefused("RingCentral", self._refusal)
        return self._tokens

    async def take_lease(self, version: int) -> bool:
        return version == self._tokens.version

    async def release_lease(self, version: int) -> None: ...

    async def save(self, tokens: Tokens) -> bool:
        self._tokens = tokens
        return True

    async def abandon(self, tokens: Tokens) -> None: ...

    async def give_up(self, version: int, why: str) -> None:
        del version
        self._refusal = why


def by_jwt(jwt: str) -> Callable[[Platform, Run], Session]:
    """Return how to sign in by *jwt*."""

    def sign_in(platform: Platform, run: Run) -> Session:
        return Session(platform, run, InMemoryTokens(jwt), lambda: datetime.now(UTC))

    return sign_in
