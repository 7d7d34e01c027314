"""The client of one RingCentral user: a part for each resource of the API."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from bot.ringcentral.account import AccountApi
from bot.ringcentral.call_control import CallControlApi
from bot.ringcentral.call_log import CallLogApi
from bot.ringcentral.call_log_sync import CallLogSyncApi
from bot.ringcentral.contacts import ContactsApi
from bot.ringcentral.gate import GateOf
from bot.ringcentral.messages import MessagesApi
from bot.ringcentral.numbers import NumbersApi
from bot.ringcentral.ring_out import RingOutApi
from bot.ringcentral.sender import Sender, SignInOf
from bot.ringcentral.subscriptions import SubscriptionsApi
from bot.ringcentral.transport.network import Network


class RingCentral:
    """Sends requests as one RingCentral user and app.

    Every method of every part raises only `RingCentralError`, `CredentialsRefused` or
    `StoreUnavailable`. None waits for a rate limit: `RateLimited` says how long to wait.
    """

    def __init__(
        self,
        network: Network,
        sign_in: SignInOf,
        *,
        gate_of: GateOf | None = None,
        now: Callable[[], datetime] | None = None,
    ) -> None:
        self._sender = Sender(network, sign_in, gate_of=gate_of, now=now)
        self.ring_outs = RingOutApi(self._sender)
        self.call_control = CallControlApi(self._sender)
        self.call_log = CallLogApi(self._sender)
        self.call_log_sync = CallLogSyncApi(self._sender)
        self.messages = MessagesApi(self._sender)
        self.numbers = NumbersApi(self._sender)
        self.contacts = ContactsApi(self._sender)
        self.account = AccountApi(self._sender)
        self.subscriptions = SubscriptionsApi(self._sender)

    async def start(self) -> None:
        """Sign in now, to find out at once whether the credentials are accepted."""
        await self._sender.sign_in.ensure()

    def token_scopes(self) -> frozenset[str]:
        """Return the app permissions that the access token carries."""
        return self._sender.sign_in.scopes()

    def clock_ahead(self) -> float:
        """Return by how many seconds RingCentral's clock is ahead of ours."""
        return self._sender.ahead

    def poll_interval(self, open_calls: int) -> float:
        """Return the seconds between polls of each of *open_calls* calls.

        0 until RingCentral has told its limit.
        """
        return self._sender.gate.known.poll_interval(open_calls)

    def log_spacing(self, horizon: float) -> float:
        """Return the seconds between two reads of the log, for the next *horizon*."""
        return self._sender.gate.log_spacing(horizon)

    def budget_left(self) -> dict[str, tuple[int, int]]:
        """Return each known rate group's requests and limit, as this process saw them."""
        return self._sender.gate.left()
