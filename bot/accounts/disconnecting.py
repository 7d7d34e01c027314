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
from bot.calls.overview import Goodbye
from bot.calls.person import Person
from bot.clock import Clock
from bot.errors import StoreUnavailable
from bot.ringcentral.sign_in import oauth
from bot.ringcentral.sign_in.tokens import Tokens
from bot.ringcentral.transport.network import Network
from bot.storage.people.connections import Connections, Parted
from bot.storage.people.linked import Farewell
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
        self._farewells = connections.farewells
        self._accounts = accounts
        self._clock = clock
        self._sign_in_ended = sign_in_ended

    async def disconnect(self, person: Person) -> Goodbye | None:
        """End a person's connection; None if there is none. Costs one Auth request."""
        parted = await self._connections.part_with(person, self._clock.now())
        if parted is None:
            return None
        is_over = await self.say(parted)
        return Goodbye(
            is_over,
            is_tried=parted.farewell is not None,
            by_credential=parted.kind == "jwt",
        )

    async def part(self, enterprise: str, team: str, user: str = "") -> int:
        """End the connections of a workspace, or of a user, that left; return how many.

        Where *team* is empty, in all workspaces of the organization. When it returns all
        of it is stored, and nothing is asked of RingCentral yet; `say_due` does that.
        """
        now = self._clock.now()
        parted = await self._connections.part(enterprise, team, user, now)
        for each in parted:
            self._accounts.forget(each.id)
        if parted:
            log.info("%d people who left are disconnected", len(parted))
            self._sign_in_ended.set()
        return len(parted)

    async def say(self, parted: Parted) -> bool:
        """Tell RingCentral of one that is erased here; return whether it has ended it.

        If not, it is told again later.
        """
        self._accounts.forget(parted.id)
        return parted.farewell is not None and await self._say(parted.farewell)

    async def end(self, tokens: Tokens) -> None:
        """End a session whose tokens were never stored, now or later."""
        if await oauth.revoke(self._network, tokens):
            return
        try:
            await self._connections.abandon(closed(tokens), self._clock.now())
        except StoreUnavailable:
            log.info("RingCentral could not be told that a sign-in came to nothing")

    async def let_go(self) -> None:
        """Forget the tokens in this process's memory of whom another one has erased."""
        held = self._accounts.held()
        if held:
            for identity in held - await self._connections.there(held):
                self._accounts.forget(identity)

    async def say_due(self) -> None:
        """Tell RingCentral of what is due; give up what has run out by itself."""
        now = self._clock.now()
        due = await self._farewells.take(now)
        said = await asyncio.gather(*(self._say(each) for each in due))
        gone = await self._farewells.forget(now)
        if gone:
            log.warning("%d sessions at RingCentral could not be ended: run out", gone)
        if len(due) == MOST and all(said):
            self._sign_in_ended.set()

    async def _say(self, farewell: Farewell) -> bool:
        """Return whether it is over; what can't be noted just now is said once more."""
        is_over = await oauth.revoke_token(self._network, farewell.token)
        pause = min(SOON * 2 ** min(farewell.tries, DOUBLED), SELDOM)
        with contextlib.suppress(StoreUnavailable):
            if is_over:
                await self._farewells.done(farewell)
            else:
                await self._farewells.later(farewell, self._clock.now() + pause)
        if not is_over:
            log.info("RingCentral could not be told that a sign-in has ended")
        return is_over
