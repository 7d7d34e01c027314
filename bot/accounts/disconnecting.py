"""Disconnecting: erased here at once and for good, ended at RingCentral as soon as it hears.

What is erased and what RingCentral is still to be told are one transaction; telling is
tried at once, and again by whoever looks after sign-ins, until RingCentral has said yes
or the session has run out by itself.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from datetime import timedelta

from bot.accounts.registry import Accounts
from bot.accounts.token_stores import closed
from bot.calls.overview import DisconnectResult
from bot.calls.person import Person
from bot.clock import Clock
from bot.errors import StoreUnavailable
from bot.ringcentral.sign_in import oauth
from bot.ringcentral.sign_in.tokens import Tokens
from bot.ringcentral.transport.network import Network
from bot.storage.people.connections import Connections, ErasedConnection
from bot.storage.people.linked import PendingRevocation
from bot.storage.people.revocations import MOST

log = logging.getLogger(__name__)

SOON, SELDOM = timedelta(seconds=30), timedelta(hours=1)
"""The first pause between two tries, doubled each time up to the second: RingCentral
takes five log-ins, refreshes and revocations a minute and user (Auth group)."""

DOUBLED = 7
"""So often the pause is doubled till it is the longest: a month of tries is a big power."""


class Disconnecting:
    """Ends connections; *sign_in_ended* wakes `Upkeep`, which does what is due."""

    def __init__(
        self,
        network: Network,
        connections: Connections,
        accounts: Accounts,
        clock: Clock,
        *,
        sign_in_ended: asyncio.Event,
    ) -> None:
        self._network = network
        self._connections = connections
        self._revocations = connections.revocations
        self._accounts = accounts
        self._clock = clock
        self._sign_in_ended = sign_in_ended

    async def disconnect(self, person: Person) -> DisconnectResult | None:
        """End a person's connection; None if there is none. Costs one Auth request."""
        erased = await self._connections.erase(person, self._clock.now())
        if erased is None:
            return None
        is_revoked = await self.revoke(erased)
        return DisconnectResult(
            is_revoked,
            is_retried=erased.revocation is not None,
            by_credential=erased.kind == "jwt",
        )

    async def disconnect_all(self, enterprise: str, team: str, user: str = "") -> int:
        """End the connections of a workspace, or of a user, that left; return how many.

        Where *team* is empty, in all workspaces of the organization. When it returns all
        of it is stored, and nothing is asked of RingCentral yet; `revoke_due` does that.
        """
        now = self._clock.now()
        erased = await self._connections.erase_within(enterprise, team, user, now)
        for each in erased:
            self._accounts.forget(each.id)
        if erased:
            log.info("%d people who left are disconnected", len(erased))
            self._sign_in_ended.set()
        return len(erased)

    async def revoke(self, erased: ErasedConnection) -> bool:
        """Tell RingCentral of one that is erased here; return whether it has ended it.

        If not, it is told again later.
        """
        self._accounts.forget(erased.id)
        return erased.revocation is not None and await self._revoke(erased.revocation)

    async def end(self, tokens: Tokens) -> None:
        """End a session whose tokens were never stored, now or later."""
        if await oauth.revoke(self._network, tokens):
            return
        try:
            await self._connections.abandon(closed(tokens), self._clock.now())
        except StoreUnavailable:
            log.info("RingCentral could not be told that a sign-in came to nothing")

    async def drop_stale_tokens(self) -> None:
        """Forget the tokens in this process's memory of whom another one has erased."""
        held = self._accounts.held()
        if held:
            for identity in held - await self._connections.existing(held):
                self._accounts.forget(identity)

    async def revoke_due(self) -> None:
        """Tell RingCentral of what is due; give up what has run out by itself."""
        now = self._clock.now()
        due = await self._revocations.take(now)
        said = await asyncio.gather(*(self._revoke(each) for each in due))
        gone = await self._revocations.forget(now)
        if gone:
            log.warning("%d sessions at RingCentral could not be ended: run out", gone)
        if len(due) == MOST and all(said):
            self._sign_in_ended.set()

    async def _revoke(self, revocation: PendingRevocation) -> bool:
        """Return whether it is over; what can't be noted just now is said once more."""
        is_revoked = await oauth.revoke_token(self._network, revocation.token)
        pause = min(SOON * 2 ** min(revocation.tries, DOUBLED), SELDOM)
        with contextlib.suppress(StoreUnavailable):
            if is_revoked:
                await self._revocations.done(revocation)
            else:
                await self._revocations.later(revocation, self._clock.now() + pause)
        if not is_revoked:
            log.info("RingCentral could not be told that a sign-in has ended")
        return is_revoked
