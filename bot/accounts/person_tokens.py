"""Where the tokens of a person who has connected are stored: in their connection."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

from bot.clock import Clock
from bot.errors import code_in
from bot.ringcentral.sign_in.tokens import Tokens
from bot.storage.people.connections import Connections
from bot.storage.people.linked import StoredTokens
from bot.vault import Undecryptable

log = logging.getLogger(__name__)

CONNECTION_SECRETS = ("access", "refresh", "jwt", "scope")
"""What a connection holds encrypted."""


class PersonTokens:
    """The tokens of one connection; a `session.TokenStore`.

    *sign_in_ended* is set once they have ended for good.
    """

    def __init__(
        self,
        connections: Connections,
        identity: str,
        clock: Clock,
        sign_in_ended: asyncio.Event,
    ) -> None:
        self._connections = connections
        self._id = identity
        self._clock = clock
        self._sign_in_ended = sign_in_ended

    async def load(self) -> Tokens | None:
        """Return the newest tokens; None if they are gone, ended, or unreadable."""
        try:
            kept = await self._connections.tokens.of(self._id)
        except Undecryptable as error:
            log.error("a person's tokens can't be read: %s", error)  # noqa: TRY400
            return None
        return None if kept is None else opened(kept)

    async def take_lease(self, version: int) -> bool:
        """Take the lease to refresh; see `session.TokenStore`."""
        return await self._connections.tokens.take_lease(
            self._id, version, self._clock.now()
        )

    async def release_lease(self, version: int) -> None:
        """Release the lease; see `session.TokenStore`."""
        now = self._clock.now()
        await self._connections.tokens.release_lease(self._id, version, now)

    async def save(self, tokens: Tokens) -> bool:
        """Store refreshed tokens."""
        return await self._connections.tokens.save(
            self._id, closed(tokens), self._clock.now()
        )

    async def abandon(self, tokens: Tokens) -> None:
        """Store that the session is to be revoked; `Disconnecting` does it."""
        await self._connections.revocations.later(closed(tokens), self._clock.now())

    async def give_up(self, version: int, why: str) -> None:
        """Store that the person has to connect again, and have them told."""
        now = self._clock.now()
        if await self._connections.tokens.mark_broken(
            self._id, version, now, code_in(why)
        ):
            log.warning("a RingCentral sign-in has ended: %s", why)
            self._sign_in_ended.set()


def closed(tokens: Tokens) -> StoredTokens:
    """Return a person's *tokens* as `Connections` stores them."""
    secrets = {name: getattr(tokens, name) for name in CONNECTION_SECRETS}
    return StoredTokens(
        secrets=secrets,
        version=tokens.version,
        fresh_until=tokens.fresh_until,
        ends_at=tokens.ends_at,
        owner=tokens.owner,
    )


def opened(kept: StoredTokens) -> Tokens:
    """Return a person's tokens from what `Connections` stored."""
    secrets: dict[str, Any] = dict(kept.secrets)
    return Tokens(
        **secrets,
        version=kept.version,
        fresh_until=kept.fresh_until,
        ends_at=kept.ends_at,
        owner=kept.owner,
    )
