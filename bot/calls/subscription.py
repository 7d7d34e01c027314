"""An account's subscription to pushed events, and when it needs what. Pure: no I/O."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import Enum

WEBHOOK_LIFE = timedelta(days=7)
"""How long a webhook's subscription is asked for. If nobody renews it, because its person
has left, RingCentral soon forgets it."""

RENEW_BEFORE_END = timedelta(days=4)
"""Three days without the bot end no subscription, nor three that fail to renew it."""

WATCH_EVERY = timedelta(days=1)
"""How often RingCentral is asked whether it still delivers: it blacklists for good who
did not answer (developer guide, "Receiving webhooks")."""

ASK_AGAIN = timedelta(hours=6)
"""Before what RingCentral has refused is asked for again: a permission is granted by hand."""

FIRST_RETRY, LONGEST_RETRY = timedelta(seconds=10), timedelta(hours=1)
MOST_RETRY_DOUBLINGS = 9
"""The wait after failures doubles from the first to the longest."""


class SubscriptionStep(Enum):
    """What is to be done for a subscription that is due."""

    MAKE = "make"
    WATCH = "watch"


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription:
    """What is stored of an account's subscription.

    Attributes:
        account: The account's name in the database.
        remote_id: Its id at RingCentral; empty if there is none.
        address: Where the events were asked to go; empty for a WebSocket.
        expires_at: When RingCentral drops it unless it is renewed.
        next_at: When something is to be done for it.
        trouble: Why RingCentral refuses it: a permission or a code; empty if it doesn't.
        tries: How often in a row what was to be done has failed.
    """

    account: str
    next_at: datetime
    remote_id: str = ""
    address: str = ""
    expires_at: datetime | None = None
    trouble: str = ""
    tries: int = 0

    def flows(self, address: str, now: datetime) -> bool:
        """Whether RingCentral sends this account's events to *address*."""
        return (
            bool(self.remote_id)
            and self.address == address
            and self.expires_at is not None
            and now < self.expires_at
        )


@dataclass(frozen=True, slots=True)
class RemoteState:
    """A subscription as RingCentral shows it."""

    id: str
    is_active: bool
    expires_at: datetime


def step(subscription: Subscription, address: str, now: datetime) -> SubscriptionStep:
    """Return what to do for one that is due, whose events should go to *address*."""
    if subscription.flows(address, now):
        return SubscriptionStep.WATCH
    return SubscriptionStep.MAKE


def needs_renewal(remote: RemoteState, now: datetime) -> bool:
    """Whether it is renewed now, because it ends soon."""
    return remote.expires_at - now < RENEW_BEFORE_END


def working(
    subscription: Subscription, remote: RemoteState, address: str, now: datetime
) -> Subscription:
    """Return it after RingCentral has shown that it works."""
    return replace(
        subscription,
        remote_id=remote.id,
        address=address,
        expires_at=remote.expires_at,
        next_at=now + WATCH_EVERY,
        trouble="",
        tries=0,
    )


def missing(subscription: Subscription, now: datetime) -> Subscription:
    """Return it after RingCentral does not have it any more: it is made anew at once."""
    return replace(subscription, remote_id="", expires_at=None, next_at=now)


def refused(subscription: Subscription, why: str, now: datetime) -> Subscription:
    """Return it after RingCentral has refused it; *why* is a permission or a code."""
    gone = missing(subscription, now)
    return replace(gone, trouble=why, tries=0, next_at=now + ASK_AGAIN)


def failed(
    subscription: Subscription, now: datetime, wait: float = 0.0
) -> Subscription:
    """Return it after RingCentral could not be asked; *wait*: how long it wants us to."""
    pause = FIRST_RETRY * 2 ** min(subscription.tries, MOST_RETRY_DOUBLINGS)
    pause = max(min(pause, LONGEST_RETRY), timedelta(seconds=wait))
    return replace(subscription, tries=subscription.tries + 1, next_at=now + pause)
