"""Subscriptions to events: created, read, renewed, deleted; they expire or are blacklisted.

Source: RingCentral API reference, "Subscriptions"; developer guide, "Webhooks" and
"WebSockets".
"""

from __future__ import annotations

import uuid
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from bot.sandbox.ringcentral.answers import (
    Ask,
    Json,
    Reply,
    error,
    invalid,
    no_scope,
    not_found,
)
from bot.sandbox.ringcentral.clock import StoryClock, iso
from bot.sandbox.ringcentral.people import People
from bot.sandbox.ringcentral.person import Person

WEBHOOK, WEBSOCKET = "WebHook", "WebSocket"
SUBSCRIBE_WEBHOOK, CALL_CONTROL = "SubscriptionWebhook", "CallControl"
"""The app's permissions: for webhooks, and for events of telephony sessions."""

LONGEST_LIFE = 315_360_000
USUAL_LIFE = 604_800
"""Seconds: the most that may be asked for, and what a subscription has by default."""

MOST_SUBSCRIPTIONS = 30
"""Of one user and app."""

Validate = Callable[[str], Awaitable[str]]
"""Sends a webhook's address a validation token; returns a code if the answer is wrong."""


@dataclass(slots=True, kw_only=True)
class Subscription:
    """One subscription.

    Attributes:
        owner: The extension id of the user whose token created it.
        account: The id of that user's account.
        token: The app's own secret, which comes back with each delivery.
        expires_at: In real seconds of a monotonic clock.
        blacklisted: Why it gets no more events; empty if it does.
        failures: How many deliveries in a row were not answered with 200.
    """

    id: str
    owner: str
    account: str
    filters: list[str]
    transport: str
    address: str = ""
    token: str = field(default="", repr=False)
    created: str
    expires_at: float
    blacklisted: str = ""
    blacklisted_at: str = ""
    failures: int = 0

    def wants(self, extension: str, *, company: bool) -> bool:
        """Whether an event of this extension's, or of the company's, is for it."""
        for each in self.filters:
            if "/telephony/sessions" not in each:
                continue
            if "/extension/" in each:
                if not company and extension == self.owner:
                    return True
            elif company:
                return True
        return False

    def event_filter(self, *, company: bool) -> str:
        """Return the filter that matched, as deliveries name it."""
        account = f"/restapi/v1.0/account/{self.account}"
        user = "" if company else f"/extension/{self.owner}"
        return f"{account}{user}/telephony/sessions"


@dataclass(slots=True, kw_only=True)
class Subscriptions:
    """All subscriptions of the app.

    Attributes:
        scopes: Returns the app's permissions.
        validate: See `Validate`.
        all: The subscriptions by id; tests may change them.
    """

    clock: StoryClock
    people: People
    scopes: Callable[[], set[str]]
    validate: Validate
    all: dict[str, Subscription] = field(default_factory=dict)

    def of(self, person: str) -> list[Subscription]:
        """Return a person's subscriptions, the oldest first."""
        owner = self.people.find(person).extension_id
        return [each for each in self.all.values() if each.owner == owner]

    def active(self) -> list[Subscription]:
        """Return those that get events now; expired ones are gone."""
        now = self.clock.real()
        self.all = {
            key: each for key, each in self.all.items() if each.expires_at > now
        }
        return [each for each in self.all.values() if not each.blacklisted]

    def blacklist(self, which: Subscription, reason: str) -> None:
        """Send it no more events, for good."""
        which.blacklisted = reason
        which.blacklisted_at = iso(self.clock.utc())

    # The resource

    def create(self, ask: Ask) -> Reply:
        """``POST /subscription``: validate the address, then create."""
        made = self.made(ask.seen.body, self.people.asking(ask))
        if isinstance(made, Reply):
            return made
        if made.transport != WEBHOOK:
            return invalid("deliveryMode.transportType")
        if SUBSCRIBE_WEBHOOK not in self.scopes():
            return no_scope(SUBSCRIBE_WEBHOOK)
        return Reply(then=lambda: self._validated(made, ask))

    def list_own(self, ask: Ask) -> Reply:
        """``GET /subscription``."""
        self.active()
        own = [each for each in self.all.values() if each.owner == ask.owner]
        records = [self.shown(each, ask.base) for each in own]
        return Reply(
            body={"uri": f"{ask.base}/restapi/v1.0/subscription", "records": records}
        )

    def read(self, ask: Ask) -> Reply:
        """``GET /subscription/{id}``."""
        found = self._find(ask)
        return found if isinstance(found, Reply) else self._said(found, ask)

    def renew(self, ask: Ask) -> Reply:
        """``POST /subscription/{id}/renew``, and ``PUT`` with an empty body."""
        found = self._find(ask)
        if isinstance(found, Reply):
            return found
        if found.transport == WEBSOCKET:
            return error(400, "SUB-521", "WebSocket subscription can't be updated")
        found.expires_at = self.clock.real() + USUAL_LIFE
        return self._said(found, ask)

    def update(self, ask: Ask) -> Reply:
        """``PUT /subscription/{id}``: other filters, another life."""
        found = self._find(ask)
        if isinstance(found, Reply) or not ask.seen.body:
            return self.renew(ask)
        changed = self.made(
            {"deliveryMode": {"transportType": WEBHOOK, "address": found.address}}
            | ask.seen.body,
            self.people.asking(ask),
        )
        if isinstance(changed, Reply):
            return changed
        found.filters, found.expires_at = changed.filters, changed.expires_at
        return self._said(found, ask)

    def delete(self, ask: Ask) -> Reply:
        """``DELETE /subscription/{id}``."""
        found = self._find(ask)
        if isinstance(found, Reply):
            return found
        del self.all[found.id]
        return Reply(status=204)

    def made(self, body: Any, person: Person) -> Subscription | Reply:
        """Return the subscription that a request's body describes, or the refusal."""
        asked: Json = body if isinstance(body, dict) else {}
        mode: Json = asked.get("deliveryMode") or {}
        filters = asked.get("eventFilters")
        if not isinstance(filters, list) or not filters:
            return invalid("eventFilters")
        of_calls = any("/telephony/sessions" in each for each in filters)
        if of_calls and CALL_CONTROL not in self.scopes():
            return no_scope(CALL_CONTROL)
        life = asked.get("expiresIn", USUAL_LIFE)
        if not isinstance(life, int) or not 0 < life <= LONGEST_LIFE:
            return invalid("expiresIn")
        self.active()
        if len(self.of(person.handle)) >= MOST_SUBSCRIPTIONS:
            return error(403, "SUB-505", "Subscriptions limit exceeded")
        return Subscription(
            id=str(uuid.uuid4()),
            owner=person.extension_id,
            account=person.account_id,
            filters=list(filters),
            transport=str(mode.get("transportType", "")),
            address=str(mode.get("address", "")),
            token=str(mode.get("verificationToken", "")),
            created=iso(self.clock.utc()),
            expires_at=self.clock.real() + life,
        )

    def shown(self, which: Subscription, base: str) -> Json:
        """Return a subscription as RingCentral's answers show it, without its token."""
        left = max(which.expires_at - self.clock.real(), 1.0)
        shown: Json = {
            "uri": f"{base}/restapi/v1.0/subscription/{which.id}",
            "id": which.id,
            "creationTime": which.created,
            "status": "Blacklisted" if which.blacklisted else "Active",
            "eventFilters": [
                each.replace("account/~", f"account/{which.account}").replace(
                    "extension/~", f"extension/{which.owner}"
                )
                for each in which.filters
            ],
            "expirationTime": iso(self.clock.utc() + timedelta(seconds=left)),
            "expiresIn": int(left),
            "deliveryMode": {"transportType": which.transport, "encryption": False},
        }
        if which.address:
            shown["deliveryMode"]["address"] = which.address
        if which.blacklisted:
            shown["blacklistedData"] = {
                "blacklistedAt": which.blacklisted_at,
                "reason": which.blacklisted,
            }
        return shown

    async def _validated(self, made: Subscription, ask: Ask) -> Reply:
        code = await self.validate(made.address)
        if code:
            text = "WebHook responds with incorrect HTTP status or headers"
            return error(400, code, text)
        self.all[made.id] = made
        return self._said(made, ask)

    def _find(self, ask: Ask) -> Subscription | Reply:
        self.active()
        found = self.all.get(ask.ids["subscription"])
        if found is None or found.owner != ask.owner:
            return not_found("subscriptionId")
        return found

    def _said(self, which: Subscription, ask: Ask) -> Reply:
        return Reply(body=self.shown(which, ask.base))
