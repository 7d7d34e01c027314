"""Makes, watches and renews the webhooks of accounts."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable

from bot.accounts.permitted import Permitted
from bot.accounts.registry import Accounts
from bot.calls.subscription import (
    Subscription,
    SubscriptionStep,
    failed,
    missing,
    needs_renewal,
    refused,
    step,
    working,
)
from bot.clock import Clock
from bot.errors import (
    CredentialsRefused,
    NotFound,
    RateLimited,
    Refused,
    RingCentralError,
)
from bot.ringcentral.sign_in.oauth import new_secret
from bot.ringcentral.subscriptions import SubscriptionsApi
from bot.storage.people.subscriptions import CLAIMED_AT_ONCE, SubscriptionRows

log = logging.getLogger(__name__)


class WebhookKeeper:
    """Keeps webhooks that point at *address*, behind which each one's secret comes."""

    def __init__(
        self,
        rows: SubscriptionRows,
        accounts: Accounts,
        permitted: Permitted,
        clock: Clock,
        *,
        address: str,
        id_of: Callable[[str], str],
        on_gap: Callable[[str], Awaitable[None]],
    ) -> None:
        self._rows = rows
        self._accounts = accounts
        self._permitted = permitted
        self._clock = clock
        self._address = address
        self._id_of = id_of
        self._on_gap = on_gap

    async def begin(self) -> None:
        """Do nothing: this process holds none for long."""

    async def look(self, *, is_due: bool) -> bool:
        """Do what is due for some webhooks; return whether there may be more."""
        if not is_due:
            return False
        due = await self._rows.claim(self._clock.now(), CLAIMED_AT_ONCE)
        await asyncio.gather(*map(self._serve, due))
        return len(due) == CLAIMED_AT_ONCE

    async def stop(self) -> None:
        """Do nothing: webhooks outlive this process."""

    async def _serve(self, subscription: Subscription) -> None:
        """Do what is due for one, and store what has become of it."""
        now = self._clock.now
        try:
            after = await self._stepped(subscription)
        except NotFound:
            after = missing(subscription, now())
        except Refused as error:
            why = error.permission or error.code or str(error.status)
            if why != subscription.trouble:
                log.warning("RingCentral makes no webhook for an account: %s", error)
            after = refused(subscription, why, now())
        except RateLimited as error:
            after = failed(subscription, now(), error.retry_after)
        except (RingCentralError, CredentialsRefused) as error:
            log.info("a webhook waits: %s", error)
            after = failed(subscription, now())
        await self._rows.store(after, release=True)

    async def _stepped(self, subscription: Subscription) -> Subscription:
        account = self._id_of(subscription.account)
        lacking = await self._permitted.lacking(account)
        if lacking:
            return refused(subscription, lacking, self._clock.now())
        api = self._accounts.telephony(account).subscriptions
        if (
            step(subscription, self._address, self._clock.now())
            is SubscriptionStep.MAKE
        ):
            made = await self._made(subscription, api)
            if subscription.expires_at is not None:
                await self._on_gap(account)
            return made
        return await self._watched(subscription, api)

    async def _made(
        self, subscription: Subscription, api: SubscriptionsApi
    ) -> Subscription:
        """Make a new webhook with new secrets, after what was there before is deleted.

        That may be a WebSocket's subscription, of a process that was killed.
        """
        if subscription.remote_id:
            with contextlib.suppress(Refused):
                await api.delete(subscription.remote_id)
        secret, token = new_secret(), new_secret()
        if not await self._rows.prepare(subscription.account, secret, token):
            return subscription  # another process has it now
        remote = await api.create(f"{self._address}{secret}", token)
        return working(subscription, remote, self._address, self._clock.now())

    async def _watched(
        self, subscription: Subscription, api: SubscriptionsApi
    ) -> Subscription:
        """See whether RingCentral still delivers; renew what soon ends."""
        remote = await api.read(subscription.remote_id)
        now = self._clock.now()
        if not remote.is_active:
            log.warning("RingCentral has blacklisted a webhook: it is made anew")
            with contextlib.suppress(NotFound):
                await api.delete(subscription.remote_id)
            made = await self._made(missing(subscription, now), api)
            await self._on_gap(self._id_of(subscription.account))
            return made
        if needs_renewal(remote, now):
            remote = await api.renew(subscription.remote_id)
        return working(subscription, remote, self._address, now)
