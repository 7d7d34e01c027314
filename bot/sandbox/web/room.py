"""What the phone room and the inspector show: calls, requests, rate budgets."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from bot.sandbox.hook import HookDouble, ReceivedEvent
from bot.sandbox.ledger import Seen
from bot.sandbox.ringcentral.calls import PlacedCall
from bot.sandbox.ringcentral.double import RingCentralDouble
from bot.sandbox.ringcentral.incoming import IncomingCall
from bot.sandbox.ringcentral.life import Phone, Side
from bot.sandbox.ringcentral.parties import ROLES
from bot.sandbox.ringcentral.webhooks import Delivery
from bot.sandbox.slack.double import Json, SlackDouble
from bot.sandbox.slack.ledger import Called
from bot.sandbox.web.picture import Item

LedgerRow = TypeVar("LedgerRow", Seen, Called, Delivery, ReceivedEvent)

SHOWN_CALLS = 6
SHOWN_REQUESTS = 120
GROUPS = ("Light", "Medium", "Heavy", "Auth")


@dataclass(slots=True)
class Room:
    """Reads both doubles. Its times are milliseconds since the epoch."""

    slack: SlackDouble
    ringcentral: RingCentralDouble
    hook: HookDouble
    _zero: float = field(default_factory=lambda: time.time() - time.monotonic())

    def items(self) -> Iterator[Item]:
        """Yield what the phone room and the inspector show, as keys and items."""
        for call in self.ringcentral.calls[-SHOWN_CALLS:]:
            yield f"call:{call.id}", self._call(call)
        for came_in in self.ringcentral.incoming.all[-SHOWN_CALLS:]:
            yield f"call:{came_in.id}", self._incoming(came_in)
        yield "budgets", {"all": list(self._budgets())}
        for key, request in self._requests():
            yield f"request:{key}", {"id": key, **request}

    def _requests(self) -> Iterator[Item]:
        """Yield the bot's requests, and the events that RingCentral has sent to it."""
        for number, called in _last(self.slack.calls):
            yield f"slack:{number}", self._called(called)
        for number, seen in _last(self.ringcentral.requests):
            yield f"ringcentral:{number}", self._seen(seen)
        for number, delivery in _last(self.ringcentral.push.webhooks.sent):
            yield f"event:{number}", self._delivered(delivery)
        for number, received in _last(self.hook.received):
            yield f"hook:{number}", self._received(received)

    def _call(self, call: PlacedCall) -> Json:
        state = call.progress()
        return {
            "id": call.id,
            "isIncoming": False,
            "placedAt": self._at(call, 0.0),
            "overAt": self._at(call, state.over_at),
            "stage": state.stage.value,
            "story": call.story.name,
            "phones": {
                side.value: {
                    "number": getattr(call, side.value),
                    **self._phone(call, state.phone(side)),
                }
                for side in Side
            },
        }

    def _phone(self, call: PlacedCall, phone: Phone) -> Json:
        over_at = call.progress().over_at
        if phone.ending:
            state = "ended"
        elif phone.up_at is not None:
            state = "up" if over_at is None else "hung up"
        elif phone.rings_at is not None:
            state = "ringing" if over_at is None else "ended"
        else:
            state = "idle"
        return {
            "state": state,
            "ending": phone.ending,
            "machine": phone.machine,
            "ringsAt": self._at(call, phone.rings_at),
            "upAt": self._at(call, phone.up_at),
        }

    def _incoming(self, call: IncomingCall) -> Json:
        """Return a call that came in: ours is the phone that rings, as of a RingOut."""
        state = call.state()
        is_up, is_over = state.up_at is not None, state.over_at is not None
        taken = "hung up" if is_over else "up"
        ours = {
            "number": call.number,
            "state": taken if is_up else "ended" if is_over else "ringing",
            "ending": state.ending,
            "machine": state.machine,
            "ringsAt": self._at(call, 0.0),
            "upAt": self._at(call, state.up_at),
        }
        theirs = {
            "number": call.caller,
            "state": "hung up" if is_over else "up",
            "ending": "",
            "machine": False,
            "ringsAt": None,
            "upAt": self._at(call, state.up_at),
        }
        return {
            "id": call.id,
            "isIncoming": True,
            "placedAt": self._at(call, 0.0),
            "overAt": self._at(call, state.over_at),
            "stage": "",
            "story": "",
            "phones": {"caller": ours, "callee": theirs},
        }

    def _at(self, call: PlacedCall | IncomingCall, seconds: float | None) -> int | None:
        """Return the time of an event, given in story seconds since *call* was placed."""
        if seconds is None:
            return None
        real = (call.placed + seconds) / call.clock.speed
        return round((real + self._zero) * 1000)

    def _budgets(self) -> Iterator[Json]:
        real, limiter = self.ringcentral.clock.real(), self.ringcentral.door.limiter
        for group in GROUPS:
            yield {
                "side": "ringcentral",
                "name": group,
                "limit": limiter.limits.of(group),
                "left": limiter.left(group, real),
                "window": limiter.limits.window,
                "isClosed": limiter.closed_for(group, real) > 0,
            }
        slack, now = self.slack.door.limiter, time.monotonic()
        used = dict.fromkeys(called.method for called in self.slack.calls)
        for method in used:
            yield {
                "side": "slack",
                "name": method,
                "limit": slack.limits.tiers.get(method),
                "left": slack.left(method, now),
                "window": slack.limits.window,
                "isClosed": slack.is_closed(method, now),
            }

    def _called(self, called: Called) -> Json:
        return {
            "side": "slack",
            "at": round((called.time + self._zero) * 1000),
            "verb": "POST",
            "what": called.method,
            "status": called.status,
            "error": called.error,
            "group": called.method,
            "limit": self.slack.limits.tiers.get(called.method),
            "left": called.left,
            "body": _shortened(called.args),
        }

    def _seen(self, seen: Seen) -> Json:
        answer = seen.answer if isinstance(seen.answer, dict) else {}
        return {
            "side": "ringcentral",
            "at": round((seen.time + self._zero) * 1000),
            "verb": seen.method,
            "what": seen.path.replace(self.ringcentral.service.account_id, "~"),
            "status": seen.status,
            "error": str(answer.get("errorCode", "")),
            "group": seen.group,
            "limit": self.ringcentral.limits.of(seen.group),
            "left": seen.left,
            "body": _shortened(seen.query if seen.method == "GET" else seen.body),
        }

    def _delivered(self, delivery: Delivery) -> Json:
        """Return an event that RingCentral has pushed to the bot, and which costs no budget."""
        event = delivery.body["body"]
        [party] = event["parties"]
        role = party.get("ringOutRole", "")
        side = next((side.value for side in ROLES if ROLES[side] == role), "incoming")
        return {
            "side": "ringcentral",
            "at": round((delivery.time + self._zero) * 1000),
            "verb": "EVENT",
            "what": f"telephony/sessions/{event['telephonySessionId']}",
            "status": delivery.status,
            "error": "",
            "group": "",
            "limit": None,
            "left": None,
            "event": {"side": side, "state": party["status"]["code"]},
            "body": _shortened(event),
        }

    def _received(self, received: ReceivedEvent) -> Json:
        """Return an event that the bot's hook has sent to another system."""
        event = received.event or {}
        return {
            "side": "hook",
            "at": round((received.time + self._zero) * 1000),
            "verb": "POST",
            "what": str(event.get("type", "not signed by the bot")),
            "status": 204 if received.event else 401,
            "error": "" if received.event else "not verified",
            "group": "",
            "limit": None,
            "left": None,
            "body": {"webhook-id": received.message},
            "json": json.dumps(event, indent=2, ensure_ascii=False),
        }


SECRETS = {"assertion", "refresh_token", "token", "client_secret", "code"}
LONGEST_VALUE = 400


def _shortened(body: object) -> Json:
    """Return a body's values as shortened strings, secrets replaced."""
    if not isinstance(body, Mapping):
        return {}
    return {
        str(name): "…" if name in SECRETS else _text(value)
        for name, value in body.items()
    }


def _text(value: object) -> str:
    if isinstance(value, list) and len(value) == 1 and isinstance(value[0], str):
        value = value[0]
    text = value if isinstance(value, str) else json.dumps(value, default=str)
    return text if len(text) <= LONGEST_VALUE else f"{text[:LONGEST_VALUE]}…"


def _last(ledger: list[LedgerRow]) -> Iterator[tuple[int, LedgerRow]]:
    """Yield the newest entries with their indices in the whole ledger."""
    first = max(0, len(ledger) - SHOWN_REQUESTS)
    yield from enumerate(ledger[first:], start=first)
