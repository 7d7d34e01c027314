"""RingCentral's users behind our accounts: one budget each, one sign-in for each account.

RingCentral counts requests by user and app. Two accounts may be one user: a person in
two workspaces, or the owner of the shared JWT who has connected too. So a budget's
name is the user's; before the first sign-in it is the account's. (The extension id is
all that a log-in's answer says. Should two companies have the same, both would be
careful for each other, and no more.)
"""

from __future__ import annotations

import asyncio

from bot.accounts.token_stores import PersonTokens, SharedTokens
from bot.clock import Clock
from bot.cluster.budget import name_of
from bot.cluster.member import Member
from bot.ringcentral.budget import Gate
from bot.ringcentral.client import RingCentral
from bot.ringcentral.sender import SignInOf
from bot.ringcentral.sign_in.session import Session, SignInWaits, TokenStore
from bot.ringcentral.transport.network import Network, RingCentralApp
from bot.ringcentral.transport.pools import CONNECTIONS
from bot.settings.settings import Settings
from bot.storage.people.connections import Connections
from bot.storage.shared.user_state import UserState
from bot.telemetry.measures import Measures

SHARED = ""
"""The id of the account that people share."""

CONNECTIONS_OF_MANY = 12
"""Connections to RingCentral where people call with accounts of their own."""


def network_of(settings: Settings, measures: Measures | None = None) -> Network:
    """Return the connections to RingCentral's app of the settings; nobody is signed in."""
    app = RingCentralApp(
        settings.rc_server_url, settings.rc_app_client_id, settings.rc_app_client_secret
    )
    many = CONNECTIONS_OF_MANY if settings.lets_connect else CONNECTIONS
    return Network(app, measures, connections=many)


class Clients:
    """Makes what acts as a RingCentral user; *jwt* is the shared account's, if any."""

    def __init__(
        self,
        network: Network,
        jwt: str,
        connections: Connections,
        member: Member,
        clock: Clock,
        *,
        sign_in_ended: asyncio.Event,
        waits: SignInWaits,
    ) -> None:
        self._network = network
        self._waits = waits
        self._jwt = jwt
        self._connections = connections
        self._member = member
        self._clock = clock
        self._sign_in_ended = sign_in_ended

    def gate(self, user: str) -> Gate:
        """Return what lets a user's requests pass, by extension id."""
        return self._member.gate(self._name(f"user {user}"))

    def user_state(self, account: str) -> UserState:
        """Return an account's row: the turn to read its log, the shared one's sign-in.

        Two accounts of one user read the log each for its own calls, so each has a
        turn of its own.
        """
        name = account if account != SHARED else self._name(self._jwt)
        return self._member.user_state(name)

    def telephony(self, account: str) -> RingCentral:
        """Return a client for an account; it signs in when it is first needed."""

        def gate_of(user: str) -> Gate:
            stranger = self._name(f"account {account or self._jwt}")
            return self.gate(user) if user else self._member.gate(stranger)

        return RingCentral(
            self._network,
            self._sign_in(account),
            gate_of=gate_of,
            now=self._clock.now,
        )

    def _sign_in(self, account: str) -> SignInOf:
        store = self._token_store(account)
        return lambda platform, run: Session(
            platform, run, store, self._clock.now, self._waits
        )

    def _token_store(self, account: str) -> TokenStore:
        if account == SHARED and self._jwt:
            row, secret = self.user_state(account), self._network.app.client_secret
            return SharedTokens(row, self._jwt, secret, self._clock, self._waits)
        return PersonTokens(
            self._connections, account, self._clock, self._sign_in_ended
        )

    def _name(self, what: str) -> str:
        app = self._network.app
        return name_of(app.server_url, app.client_id, what)
