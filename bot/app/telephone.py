"""The part of the assembly for RingCentral: accounts, their sign-ins, names from them."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine

from bot.accounts.callers import Operator
from bot.accounts.clients import SHARED, network_of
from bot.accounts.disconnecting import Disconnecting
from bot.accounts.event_flow import OnEvent
from bot.accounts.names import NameKeys, Names
from bot.accounts.registry import Accounts
from bot.accounts.subscriptions import Subscriptions
from bot.app.people import People
from bot.app.tempo import Tempo
from bot.background import Background
from bot.clock import Clock
from bot.cluster.member import Member
from bot.errors import RingCentralError, StoreUnavailable
from bot.serving.server import Server
from bot.settings.settings import Settings
from bot.storage.calls.store import Store
from bot.storage.database.writer import Writer
from bot.storage.people.connections import Connections
from bot.storage.people.look_ups import LookUps
from bot.storage.people.name_books import NameBooks
from bot.storage.people.pending_sign_ins import PendingSignIns
from bot.storage.people.subscriptions import SubscriptionRows
from bot.switchboard.policy import Policy
from bot.switchboard.suggesting import Suggesting
from bot.telemetry.measures import Measures
from bot.vault import Vault
from bot.workspaces.leavers import Leavers
from bot.workspaces.workspaces import Workspaces

log = logging.getLogger(__name__)


class Telephone:
    """What reaches RingCentral: the shared account, and those that people connect.

    *me* is this process. *on_event* gets pushed events, and *on_gap* the id of an account
    of which some may be lost.
    """

    def __init__(
        self,
        settings: Settings,
        writer: Writer,
        member: Member,
        clock: Clock,
        background: Background,
        measures: Measures,
        *,
        me: str,
        policy: Policy,
        sign_in_ended: asyncio.Event,
        on_event: OnEvent,
        on_gap: Callable[[str], Awaitable[None]],
        tempo: Tempo,
    ) -> None:
        self._background = background
        vault = Vault(settings.ringout_secret_key)
        self.network = network_of(settings, measures, tempo.answers)
        self.connections = Connections(writer, vault, tempo.revocation_lease)
        self.accounts = Accounts(
            self.network,
            Operator.of(settings),
            self.connections,
            member,
            clock,
            background,
            sign_in_ended=sign_in_ended,
            waits=tempo.sign_in,
        )
        self.names = Names(
            NameBooks(writer),
            self.connections,
            self.accounts,
            NameKeys.of(vault, settings.rc_user_jwt, self.network.app),
            clock,
            region=settings.ringout_region,
            waits=tempo.names,
        )
        self.disconnecting = Disconnecting(
            self.network,
            self.connections,
            self.accounts,
            clock,
            sign_in_ended=sign_in_ended,
        )
        self.people = People(
            settings,
            self.network,
            self.connections,
            PendingSignIns(writer, vault),
            self.accounts,
            self.disconnecting,
            self.names,
            clock,
            background,
            policy=policy,
            sign_in_ended=sign_in_ended,
            tempo=tempo,
        )
        self._look_ups, self._clock = LookUps(writer), clock
        self._policy, self._tempo = policy, tempo
        self._pushed: Subscriptions | None = None
        if settings.ringout_events:
            self._pushed = Subscriptions(
                SubscriptionRows(writer, me),
                self.accounts,
                self.connections,
                clock,
                measures,
                public_url=settings.public_url,
                server_url=settings.rc_server_url,
                is_shared=settings.ringout_shared_account,
                on_event=on_event,
                on_gap=on_gap,
                waits=tempo.events,
            )

    async def arrive(self, within: float) -> None:
        """Sign in with the shared account; wait at most *within* seconds for it."""
        begun = self._background.begin(self._log_in(), within, name="log-in")
        if not await begun:
            log.warning("RingCentral can't be reached yet: %s", "no answer so far")

    async def _log_in(self) -> None:
        try:
            await self.accounts.telephony(SHARED).start()
        except (RingCentralError, StoreUnavailable) as error:
            log.warning("RingCentral can't be reached yet: %s", error)

    def flows(self, account: str) -> bool:
        """Whether RingCentral pushes the events of an account's calls, as far as is known."""
        return self._pushed is not None and self._pushed.flows(account)

    def leavers(self, slack: Workspaces) -> Leavers:
        """Return what looks for people who have left Slack, and disconnects them."""
        return Leavers(
            self._look_ups,
            slack.spaces,
            slack.profiles,
            self._clock,
            people_left=self.disconnecting.disconnect_all,
            every=self._tempo.leavers,
        )

    def suggesting(self, store: Store) -> Suggesting:
        """Return what suggests whom to call as people type."""
        return Suggesting(
            store=store,
            accounts=self.accounts,
            names=self.names,
            policy=self._policy,
            clock=self._clock,
            background=self._background,
            read_within=self._tempo.suggestions,
        )

    def add_to(self, server: Server) -> None:
        """Add the pages for connecting an account, and the webhook, to *server*."""
        self.people.add_to(server)
        if self._pushed is not None:
            self._pushed.add_to(server)

    def tasks(self) -> dict[str, Coroutine[None, None, None]]:
        """Return the tasks to run until the bot stops, by name."""
        found = self.people.tasks()
        if self._pushed is not None:
            found["subscriptions"] = self._pushed.run()
            found["pushed events"] = self._pushed.hand_on()
        return found

    async def stop(self) -> None:
        """Leave what belongs to this process to others; read no more names."""
        await self.names.stop()
        if self._pushed is not None:
            await self._pushed.stop()
