"""Makes RingCentral clients. Each account has its own sign-in, each user one rate budget.

RingCentral counts requests by user and app, and two accounts may be the same user: a
person who connected in two workspaces, or the owner of the shared JWT who connected too.
So a budget is named after the user, or after the account until the first sign-in tells
the user. (The answer tells only the extension id. If two companies have the same id, their
users share a budget, which does no harm.)
"""

from __future__ import annotations

import asyncio

from bot.accounts.person_tokens import PersonTokens
from bot.accounts.shared_tokens import SharedTokens
from bot.clock import Clock
from bot.cluster.budget import StoredGate, name_of
from bot.cluster.member import Member
from bot.ringcentral.client import RingCentral
from bot.ringcentral.gate import Gate
from bot.ringcentral.sender import SignInOf
from bot.ringcentral.sign_in.session import Session, SignInWaits, TokenStore
from bot.ringcentral.transport.bounds import USUAL_BOUNDS, AnswerBounds
from bot.ringcentral.transport.network import Network, RingCentralApp
from bot.ringcentral.transport.pools import REQUESTS_AT_ONCE
from bot.settings.settings import Settings
from bot.storage.database.writer import Writer
from bot.storage.people.connections import Connections
from bot.storage.shared.log_lags import LogLag
from bot.storage.shared.user_state import UserState
from bot.telemetry.measures import Measures

SHARED = ""
"""The id of the account that people share."""

CONNECTIONS_OF_MANY = 12
"""Requests to RingCentral at once, if people can connect accounts of their own."""


def network_of(
    settings: Settings,
    measures: Measures | None = None,
    bounds: AnswerBounds = USUAL_BOUNDS,
) -> Network:
    """Return the network for the RingCentral app in the settings; nobody is signed in."""
    app = RingCentralApp(
        settings.rc_server_url, settings.rc_app_client_id, settings.rc_app_client_secret
    )
    many = CONNECTIONS_OF_MANY if settings.lets_connect else REQUESTS_AT_ONCE
    return Network(app, measures, connections=many, bounds=bounds)


def gate_for_command(
    writer: Writer, app: RingCentralApp, clock: Clock, user: str
) -> Gate:
    """Return the gate of a user for a command: it knows what running bots have stored."""
    return StoredGate(UserState(writer, _user_name(app, user)), clock)


def _user_name(app: RingCentralApp, user: str) -> str:
    return name_of(app.server_url, app.client_id, f"user {user}")


class Clients:
    """Makes clients by account; *jwt* signs in the shared account, if there is one."""

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
        """Return the gate of a user, by extension id."""
        return self._member.gate(_user_name(self._network.app, user))

    def user_state(self, account: str) -> UserState:
        """Return an account's state: the lease on its call log, the shared sign-in.

        Each account has its own, even if two are the same user: each reads the call log
        for its own calls.
        """
        return self._member.user_state(self.key(account))

    def log_lag(self, account: str) -> LogLag:
        """Return how soon an account's call log shows a call."""
        return self._member.log_lag(self.key(account))

    def key(self, account: str) -> str:
        """Return an account's name in the database; the shared one's is of its JWT."""
        return account if account != SHARED else self._name(self._jwt)

    def telephony(self, account: str) -> RingCentral:
        """Return a new client for an account; it signs in with its first request."""

        def gate_of(user: str) -> Gate:
            unknown = self._name(f"account {account or self._jwt}")
            return self.gate(user) if user else self._member.gate(unknown)

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
