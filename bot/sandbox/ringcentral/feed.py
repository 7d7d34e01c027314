"""Sends an event for each change of each call's parties, as soon as it has happened.

A voicemail that is left then is in the message store at once.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from bot.sandbox.ringcentral.calls import Exchange, PlacedCall
from bot.sandbox.ringcentral.events import Events
from bot.sandbox.ringcentral.incoming import IncomingCall, IncomingCalls
from bot.sandbox.ringcentral.incoming_records import incoming_events
from bot.sandbox.ringcentral.life import Side
from bot.sandbox.ringcentral.messages import MessageStore
from bot.sandbox.ringcentral.parties import PartyChange, changes_of, event_body
from bot.sandbox.ringcentral.people import People

EVERY, IDLE_EVERY = 0.01, 0.1
"""Real seconds between two looks at the calls, and while nobody has subscribed."""


@dataclass(slots=True, kw_only=True)
class Feed:
    """Watches the calls while somebody has a subscription.

    Attributes:
        tells_outside: Whether people's own subscriptions get the events of a callee
            outside the account. RingCentral's guide says that they don't.
    """

    exchange: Exchange
    incoming: IncomingCalls
    messages: MessageStore
    people: People
    events: Events
    tells_outside: bool = True
    _sent: dict[str, int] = field(default_factory=dict, repr=False)
    """How many changes of each call were sent."""
    _over: set[str] = field(default_factory=set, repr=False)

    async def run(self) -> None:
        """Send events until canceled."""
        while True:
            if self.events.subscriptions.active():
                self._look()
                self._look_at_incoming()
                await asyncio.sleep(EVERY)
            else:
                await asyncio.sleep(IDLE_EVERY)

    def _look(self) -> None:
        for call in self.exchange.calls:
            if call.id in self._over:
                continue
            changes = changes_of(call)
            for change in changes[self._sent.get(call.id, 0) :]:
                self._tell(call, change)
            self._sent[call.id] = len(changes)
            if call.progress().over_at is not None:
                self._over.add(call.id)

    def _look_at_incoming(self) -> None:
        for call in self.incoming.all:
            if call.id in self._over:
                continue
            bodies = list(incoming_events(call))
            for body in bodies[self._sent.get(call.id, 0) :]:
                owner = call.called.extension_id
                self.events.emit(owner, body)
                self.events.emit(owner, body, company=True)
            self._sent[call.id] = len(bodies)
            if call.state().over_at is not None:
                self._over.add(call.id)
                self._leave_voicemail(call)

    def _leave_voicemail(self, call: IncomingCall) -> None:
        state = call.state()
        if state.machine and state.up_at is not None and state.over_at is not None:
            seconds = round(state.over_at - state.up_at)
            person = call.called.handle
            self.messages.leave(
                call.caller, seconds=seconds, said=call.says, person=person
            )

    def _tell(self, call: PlacedCall, change: PartyChange) -> None:
        body = event_body(call, change, self.people)
        [party] = body["parties"]
        owner = party.get("extensionId", call.owner_id)
        inside = change.side is Side.CALLER or "extensionId" in party
        if inside or self.tells_outside:
            self.events.emit(call.owner_id, body)
        if owner != call.owner_id:
            self.events.emit(owner, body)
        self.events.emit(call.owner_id, body, company=True)
