"""The shelf of one connection's tokens: the database's rows as `session.TokenStore`."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from bot.clock import Clock
from bot.ringcentral.sign_in.tokens import Tokens
from bot.storage.people.connections import Connections, Kept
from bot.vault import Unreadable

log = logging.getLogger(__name__)

SECRET = ("access", "refresh", "jwt", "scope")


class Shelf:
    """Tokens of the connection *identity*; *broke* hears when they end for good."""

    def __init__(
        self,
        connections: Connections,
        identity: str,
        clock: Clock,
        broke: Callable[[], None],
    ) -> None:
        self._connections = connections
        self._id = identity
        self._clock = clock
        self._broke = broke

    async def load(self) -> Tokens | None:
        """Return the newest tokens; None if they are gone, ended, or unreadable."""
        try:
            kept = await self._connections.tokens(self._id)
        except Unreadable as error:
            log.error("a person's tokens can't be read: %s", error)  # noqa: TRY400
            return None
        return None if kept is None else opened(kept)

    async def take_turn(self, version: int) -> bool:
        """Take the turn to refresh; see `TokenStore`."""
        return await self._connections.take_turn(self._id, version, self._clock.now())

    async def give_turn_back(self, version: int) -> None:
        """Let somebody else try."""
        now = self._clock.now()
        await self._connections.give_turn_back(self._id, version, now)

    async def save(self, tokens: Tokens) -> bool:
        """Store what a refresh gave."""
        return await self._connections.save(self._id, closed(tokens), self._clock.now())

    async def abandon(self, tokens: Tokens) -> None:
        """Have RingCentral told later, by whoever looks after sign-ins."""
        await self._connections.abandon(closed(tokens), self._clock.now())

    async def give_up(self, version: int, why: str) -> None:
        """Note that the person has to connect again, and let them be told."""
        now = self._clock.now()
        if await self._connections.break_off(self._id, version, now):
            log.warning("a RingCentral sign-in has ended: %s", why)
            self._broke()


def closed(tokens: Tokens) -> Kept:
    """Return *tokens* as they are stored."""
    secrets = {name: getattr(tokens, name) for name in SECRET}
    return Kept(
        secrets=secrets,
        version=tokens.version,
        fresh_until=tokens.fresh_until,
        ends_at=tokens.ends_at,
        owner=tokens.owner,
    )


def opened(kept: Kept) -> Tokens:
    """Return what `closed` was given."""
    secrets: dict[str, Any] = dict(kept.secrets)
    return Tokens(
        **secrets,
        version=kept.version,
        fresh_until=kept.fresh_until,
        ends_at=kept.ends_at,
        owner=kept.owner,
    )
