"""The RingOut resource: place a call, read its status, cancel it.

Source: RingCentral API reference, "RingOut", and the developer guide's page on it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from bot.sandbox.ringcentral.answers import (
    Ask,
    Reply,
    error,
    invalid,
    no_feature,
    not_found,
    too_many,
)
from bot.sandbox.ringcentral.calls import Exchange, PlacedCall, Plans
from bot.sandbox.ringcentral.life import CallStage, Side
from bot.sandbox.ringcentral.people import People
from bot.sandbox.ringcentral.person import Person
from bot.sandbox.ringcentral.story import Story, Words
from bot.sandbox.stories import find

E164 = re.compile(r"\+[1-9][0-9]{6,14}")
FROM = re.compile(r"\+[1-9][0-9]{6,14}(\*[0-9]{1,8})?")
"""``from`` may also be the main company number with an extension: number*extension."""

STARTED: Words = ("InProgress", "InProgress", "InProgress")

BAD_GATEWAY = "<html><body><h1>502 Bad Gateway</h1></body></html>"


class RefusedError(Exception):
    """A POST is answered with an error, and no call is placed."""

    def __init__(self, reply: Reply) -> None:
        super().__init__(reply.status)
        self.reply = reply


@dataclass(frozen=True, slots=True)
class RingOutRequest:
    """The valid body of a POST, and its user."""

    person: Person
    caller: str
    callee: str
    caller_id: str
    play_prompt: bool


@dataclass(slots=True, kw_only=True)
class RingOuts:
    """Answers ring-out requests.

    Attributes:
        dial_codes: The prefixes of numbers that may be called, such as ``+1``; None
            for all. Others are refused as with international calls off.
        cancel_until: Until when DELETE ends a call: until the caller has ``answered``,
            or until both are ``connected``. RingCentral's page says both.
        on_placed: Called with every call that was placed, but not with decoys.
    """

    exchange: Exchange
    plans: Plans
    people: People
    dial_codes: tuple[str, ...] | None = None
    cancel_until: Literal["answered", "connected"] = "answered"
    on_placed: Callable[[PlacedCall], None] | None = None

    def place(self, ask: Ask) -> Reply:
        """``POST extension/~/ring-out``."""
        try:
            wanted = self._read(ask)
        except RefusedError as refused:
            return refused.reply
        story = self.plans.take(wanted.callee)
        if story.then:
            self.plans.afterward(wanted.callee, find(story.then))
        if story.penalty:
            return too_many(ask.limiter.penalize("Heavy", ask.now))
        if story.refusal is not None:
            return story.refusal
        call = self._ring(wanted, story) if story.executed else None
        if story.loss or call is None:
            return _lost(story)
        return self._shown(call, STARTED, ask)

    def status(self, ask: Ask) -> Reply:
        """``GET extension/~/ring-out/{id}``."""
        call = self._own(ask)
        words = call.status() if call is not None else None
        if call is None or words is None:
            return not_found("ringOutId")
        return self._shown(call, words, ask)

    def cancel(self, ask: Ask) -> Reply:
        """``DELETE extension/~/ring-out/{id}``: 204 whether or not the call ends."""
        call = self._own(ask)
        if call is None or call.status() is None:
            return not_found("ringOutId")
        stage = call.progress().stage
        if stage is CallStage.OVER:
            return not_found("ringOutId")
        if stage is CallStage.CALLER_RINGS or self.cancel_until == "connected":
            call.press(Side.CALLER, "cancel")
        return Reply(status=204)

    def _own(self, ask: Ask) -> PlacedCall | None:
        """Return the request's call; None if there is none or it is another user's."""
        call = self.exchange.find(ask.ids["ringout"])
        return call if call is not None and call.owner_id == ask.owner else None

    def _ring(self, wanted: RingOutRequest, story: Story) -> PlacedCall:
        if story.decoy:
            self._place(wanted, find(story.decoy), decoy=True)
        call = self._place(wanted, story, decoy=False)
        if self.on_placed is not None:
            self.on_placed(call)
        return call

    def _place(
        self, wanted: RingOutRequest, story: Story, *, decoy: bool
    ) -> PlacedCall:
        return self.exchange.place(
            story,
            caller=wanted.caller,
            callee=wanted.callee,
            caller_id=wanted.caller_id,
            owner=wanted.person.handle,
            owner_id=wanted.person.extension_id,
            play_prompt=wanted.play_prompt,
            decoy=decoy,
        )

    def _shown(self, call: PlacedCall, words: Words, ask: Ask) -> Reply:
        names = ("callStatus", "callerStatus", "calleeStatus")
        uri = f"{ask.base}{self.people.asking(ask).path()}/ring-out/{call.id}"
        status = dict(zip(names, words, strict=True))
        body = {"uri": uri, "id": call.id, "status": status}
        return Reply(body=body, off_spec=call.story.off_spec)

    def _read(self, ask: Ask) -> RingOutRequest:
        """Return the request's values; RefusedError if they are invalid or not allowed."""
        body = ask.seen.body
        if "json" not in ask.seen.headers.get("content-type", ""):
            raise RefusedError(error(415, "CMN-110", "Unsupported Media Type"))
        if not isinstance(body, dict):
            raise RefusedError(error(400, "CMN-103", "Request body is no JSON object"))
        callee = _number(body, "to", E164)
        person = self.people.asking(ask)
        caller = _forwarding_number(body, person) or _number(body, "from", FROM)
        caller_id = _caller_id(body, person)
        play_prompt = body.get("playPrompt", False)
        if not isinstance(play_prompt, bool):
            raise RefusedError(invalid("playPrompt"))
        if not person.features.get("RingOut", True):
            raise RefusedError(no_feature("RingOut"))
        if self.dial_codes is not None and not callee.startswith(self.dial_codes):
            raise RefusedError(no_feature("InternationalCalls"))
        return RingOutRequest(person, caller, callee, caller_id, play_prompt)


def _forwarding_number(body: dict[str, Any], person: Person) -> str:
    """Return the number of the body's ``forwardingNumberId``; empty if it has none."""
    party = body.get("from")
    wanted = party.get("forwardingNumberId") if isinstance(party, dict) else None
    if wanted is None:
        return ""
    for number in person.forwarding_numbers:
        if number["id"] == wanted:
            return str(number["phoneNumber"])
    raise RefusedError(invalid("from.forwardingNumberId"))


def _caller_id(body: dict[str, Any], person: Person) -> str:
    if body.get("callerId") is None:
        return person.default_caller_id
    shown = _number(body, "callerId", E164)
    if shown not in person.caller_ids:
        raise RefusedError(invalid("callerId.phoneNumber", 403))
    return shown


def _number(body: dict[str, Any], name: str, pattern: re.Pattern[str]) -> str:
    party = body.get(name)
    if not isinstance(party, dict):
        raise RefusedError(invalid(name))
    number = party.get("phoneNumber")
    if not isinstance(number, str) or not pattern.fullmatch(number):
        raise RefusedError(invalid(f"{name}.phoneNumber"))
    return number


def _lost(story: Story) -> Reply:
    """Return the answer to a POST whose real answer gets lost."""
    if story.loss == "502":
        return Reply(status=502, text=BAD_GATEWAY)
    if story.loss.isdigit():
        return error(int(story.loss), "CMN-201", "Service Temporarily Unavailable")
    return Reply(loss=story.loss, seconds=story.loss_seconds)
