"""Disconnecting: erases a connection here at once, and has RingCentral revoke its session.

One transaction erases the connection and stores that its session must be revoked. The
revocation is tried at once, then by `bot.accounts.upkeep`, until RingCentral confirms it
or the session has expired.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from datetime import timedelta

from bot.accounts.person_tokens import closed
from bot.accounts.registry import Accounts
from bot.accounts.unstored_sign_in import UnstoredSignIn
from bot.calls.overview import DisconnectResult
from bot.calls.people.person import Person
from bot.clock import Clock
from bot.errors import (
    CredentialsRefused,
    RateLimited,
    RingCentralError,
    StoreUnavailable,
)
from bot.ringcentral.gate import GateOf
from bot.ringcentral.sender import Sender
from bot.ringcentral.sign_in import oauth
from bot.ringcentral.sign_in.tokens import Tokens
from bot.ringcentral.subscriptions import SubscriptionsApi
from bot.ringcentral.transport.network import Network
from bot.storage.people.connections import Connections
from bot.storage.people.linked import ErasedConnection, PendingRevocation
from bot.storage.people.revocations import REVOKED_AT_ONCE, Revocations

log = logging.getLogger(__name__)

FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=30), timedelta(hours=1)
"""The pause between two tries to revoke doubles from the first to the second: RingCentral
allows five Auth requests a minute and user."""

MOST_DOUBLINGS = 7
"""Caps the exponent: 2**tries would overflow a timedelta after weeks."""


class Disconnecting:
    """Ends connections; sets *sign_in_ended* to wake `Upkeep` where something is due."""

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

    async def disconnect(self, person: Person, by: str = "") -> DisconnectResult | None:
        """End a person's connection; None if there is none. Costs one Auth request.

        *by* is who does it, if not they themselves.
        """
        erased = await self._connections.erase(person, self._clock.now(), by)
        if erased is None:
            return None
        is_revoked = await self.revoke(erased)
        return DisconnectResult(
            is_revoked,
            is_retried=erased.revocation is not None,
            by_credential=erased.kind == "jwt",
        )

    async def disconnect_all(self, enterprise: str, team: str, user: str = "") -> int:
        """End all connections of a workspace, or of one *user*; return how many.

        An empty *team* means all workspaces of the organization. Everything is stored when
        this returns; RingCentral is asked later, by `revoke_due`.
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
        """Have RingCentral revoke the session of an erased connection.

        Returns whether it has; if not, `revoke_due` tries again later.
        """
        self._accounts.forget(erased.id)
        return erased.revocation is not None and await self._revoke(erased.revocation)

    async def revoke_unstored(self, tokens: Tokens) -> None:
        """Revoke a session whose tokens were never stored, or store that it is owed."""
        gate_of = self._accounts.clients.gate
        sender = _sender(self._network, self._clock, tokens, gate_of)
        if await oauth.revoke(self._network, tokens, sender.token_request):
            return
        try:
            await self._connections.revocations.later(closed(tokens), self._clock.now())
        except StoreUnavailable:
            log.info("a session that came to nothing can't be revoked now or later")

    async def drop_stale_tokens(self) -> None:
        """Drop in-memory tokens of accounts that another process has erased."""
        held = self._accounts.in_memory()
        if held:
            for identity in held - await self._connections.existing(held):
                self._accounts.forget(identity)

    async def revoke_due(self) -> None:
        """Try the revocations that are due; drop those whose session has expired."""
        now = self._clock.now()
        due = await self._revocations.lease_due(now)
        revoked = await asyncio.gather(*(self._revoke(each) for each in due))
        expired = await self._revocations.delete_expired(now)
        if expired:
            log.warning("%d RingCentral sessions expired before a revocation", expired)
        if len(due) == REVOKED_AT_ONCE and all(revoked):  # there may be more
            self._sign_in_ended.set()

    async def _revoke(self, revocation: PendingRevocation) -> bool:
        return await revoke(
            self._network,
            self._revocations,
            self._clock,
            revocation,
            self._accounts.clients.gate,
        )


async def revoke(
    network: Network,
    revocations: Revocations,
    clock: Clock,
    due: PendingRevocation,
    gate_of: GateOf,
) -> bool:
    """Ask RingCentral to revoke; store and return the outcome.

    If storing fails, it is simply revoked again. A subscription is deleted before its
    session ends. Requests that the user's rate budget does not admit are not sent.
    """
    access = due.subscription.access if due.subscription else ""
    held = Tokens(access=access, owner=due.user, fresh_until=clock.now())
    sender = _sender(network, clock, held, gate_of)
    if due.subscription is not None and not due.tries:
        await _unsubscribe(sender, due.subscription.id)
    pause = min(FIRST_PAUSE * 2 ** min(due.tries, MOST_DOUBLINGS), LONGEST_PAUSE)
    try:
        is_revoked = await oauth.revoke_token(network, due.token, sender.token_request)
    except RateLimited as error:
        is_revoked = False
        pause = max(pause, timedelta(seconds=error.retry_after))
    with contextlib.suppress(StoreUnavailable):
        if is_revoked:
            await revocations.done(due)
        else:
            await revocations.postpone(due, clock.now() + pause)
    if not is_revoked:
        log.info("RingCentral has not revoked a session yet")
    return is_revoked


async def _unsubscribe(sender: Sender, identity: str) -> None:
    """Delete the subscription of an account that was erased; never raises.

    Costs one Medium request, and is not tried again: its deliveries are refused, and
    without anybody who renews it RingCentral drops it within a week.
    """
    with contextlib.suppress(RingCentralError, CredentialsRefused):
        await SubscriptionsApi(sender).delete(identity)


def _sender(network: Network, clock: Clock, held: Tokens, gate_of: GateOf) -> Sender:
    """Return what sends the last requests of a user by tokens that are stored nowhere.

    The user may have another account here, whose requests share the rate budget.
    """
    return Sender(
        network,
        lambda platform, _: UnstoredSignIn(platform, held),
        gate_of=gate_of if held.owner else None,
        now=clock.now,
    )
