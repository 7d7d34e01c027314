"""Telephony sessions and presence: look at a call, hang it up, see what somebody is in.

Source: RingCentral API reference, "Call Control" and "Presence".
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from bot.sandbox.ringcentral.answers import Ask, Json, Reply, error, not_found
from bot.sandbox.ringcentral.calls import Exchange, PlacedCall
from bot.sandbox.ringcentral.clock import StoryClock, iso
from bot.sandbox.ringcentral.life import CallStage, Side
from bot.sandbox.ringcentral.parties import parties_of, party_id
from bot.sandbox.ringcentral.people import SERVICE, People
from bot.sandbox.ringcentral.person import Person

READ_PRESENCE = "ReadPresence"
"""The permission that an app needs for presence."""

SEEN_AFTER = 30.0
"""Story seconds for which a session that is over is still found. Not documented: a guess."""


@dataclass(slots=True, kw_only=True)
class OtherCall:
    """A call of a person's that is none of the bot's: they are talking on their phone.

    Attributes:
        origin: What made it, such as ``Call`` or another app's ``RingOut``.
        is_over: Whether it was hung up.
    """

    id: str
    session_id: str
    owner_id: str
    caller: str
    callee: str
    origin: str = "Call"
    started: datetime
    is_over: bool = False


@dataclass(slots=True, kw_only=True)
class Telephony:
    """Answers requests for sessions and presence.

    Attributes:
        others: Calls that are not the bot's; see `add_other`.
        conflicts: The codes of the 409s that the next DELETEs get, in turn, such as
            ``TAS-102``: somebody else is changing the session at that moment.
        knows_ring_outs: Whether presence shows RingOuts.
    """

    clock: StoryClock
    exchange: Exchange
    people: People
    others: list[OtherCall] = field(default_factory=list)
    conflicts: list[str] = field(default_factory=list)
    knows_ring_outs: bool = True

    def add_other(
        self,
        callee: str,
        *,
        person: str = SERVICE,
        caller: str = "",
        origin: str = "Call",
        identity: str = "",
    ) -> OtherCall:
        """Have *person* talk to *callee*; *identity* is the session's id, made up if empty."""
        owner = self.people.find(person)
        started = self.clock.utc()
        number, _, made_up = self.exchange.ids(started)
        other = OtherCall(
            id=identity or made_up,
            session_id=str(number),
            owner_id=owner.extension_id,
            caller=caller or owner.direct,
            callee=callee,
            origin=origin,
            started=started,
        )
        self.others.append(other)
        return other

    def read(self, ask: Ask) -> Reply:
        """``GET account/~/telephony/sessions/{id}``."""
        call = self._call(ask)
        if call is not None:
            return Reply(body=session_of(call, self.people))
        other = self._other(ask)
        if other is None:
            return not_found("telephonySessionId")
        return Reply(body=_other_session(other, self.people.by_id(other.owner_id)))

    def drop(self, ask: Ask) -> Reply:
        """``DELETE account/~/telephony/sessions/{id}``: hang up for everybody."""
        call, other = self._call(ask), self._other(ask)
        is_over = call is not None and call.progress().stage is CallStage.OVER
        if is_over or (call is None and other is None):
            return not_found("telephonySessionId")
        if self.conflicts:
            reply = error(409, self.conflicts.pop(0), "The session is being changed")
            return Reply(status=409, body=reply.body, off_spec=True)
        if call is not None:
            hang_up(call)
        elif other is not None:
            other.is_over = True
        return Reply(status=204)

    def presence(self, ask: Ask) -> Reply:
        """``GET extension/~/presence``."""
        person = self.people.asking(ask)
        active = list(self._active(ask.owner))
        here = ask.base + person.path()
        body: Json = {
            "uri": f"{here}/presence",
            "extension": {
                "uri": here,
                "id": int(person.extension_id),
                "extensionNumber": person.extension_number,
            },
            "presenceStatus": "Busy" if active else "Available",
            "telephonyStatus": _busiest(active),
            "userStatus": "Available",
            "dndStatus": "TakeAllCalls",
        }
        if ask.seen.first("detailedTelephonyState") == "true":
            body["activeCalls"] = active
        return Reply(body=body)

    def _call(self, ask: Ask) -> PlacedCall | None:
        """Return the request's RingOut, if its session is still found."""
        wanted = ask.ids["session"]
        for call in self.exchange.calls:
            if call.log_id == wanted and call.owner_id == ask.owner:
                over_at = call.progress().over_at
                gone = over_at is not None and call.age > over_at + SEEN_AFTER
                return None if gone else call
        return None

    def _other(self, ask: Ask) -> OtherCall | None:
        mine = (each for each in self.others if each.owner_id == ask.owner)
        wanted = ask.ids["session"]
        return next(
            (each for each in mine if each.id == wanted and not each.is_over), None
        )

    def _active(self, owner: str) -> Iterator[Json]:
        """Yield the calls that somebody's presence shows."""
        for call in self.exchange.calls if self.knows_ring_outs else ():
            if call.owner_id == owner and call.progress().stage is not CallStage.OVER:
                yield _active_ring_out(call)
        for other in self.others:
            if other.owner_id == owner and not other.is_over:
                yield _active_other(other)


def hang_up(call: PlacedCall) -> None:
    """End *call* as a dropped session ends: ringing phones stop, talking people are cut."""
    connected = call.progress().stage is CallStage.CONNECTED
    call.press(Side.CALLER, "hangup" if connected else "cancel")


def session_of(call: PlacedCall, people: People) -> Json:
    """Return *call*'s session as it is now."""
    return {
        "id": call.log_id,
        "creationTime": iso(call.created),
        "origin": {"type": "RingOut"},
        "parties": parties_of(call, people),
    }


def _other_session(other: OtherCall, owner: Person) -> Json:
    ends = {
        "from": {"phoneNumber": other.caller, "name": owner.name},
        "to": {"phoneNumber": other.callee},
    }
    status = {"code": "Answered", "rcc": False}
    common = {**ends, "status": status, "muted": False, "standAlone": False}
    ours = {"accountId": owner.account_id, "extensionId": owner.extension_id}
    base = f"p-{other.id.removeprefix('s-')}"
    return {
        "id": other.id,
        "creationTime": iso(other.started),
        "origin": {"type": other.origin},
        "parties": [
            {"id": f"{base}-1", "direction": "Outbound", **common, **ours},
            {"id": f"{base}-2", "direction": "Inbound", **common},
        ],
    }


def _active_ring_out(call: PlacedCall) -> Json:
    """Return a RingOut as presence shows it: as a call to the phone that rings first."""
    rings = call.progress().stage is CallStage.CALLER_RINGS
    return {
        "id": party_id(call, Side.CALLER),
        "direction": "Inbound",
        "from": call.callee,
        "to": call.caller,
        "startTime": iso(call.created),
        "telephonyStatus": "Ringing" if rings else "CallConnected",
        "sessionId": str(call.session_id),
        "telephonySessionId": call.log_id,
        "partyId": party_id(call, Side.CALLER),
    }


def _active_other(other: OtherCall) -> Json:
    party = f"p-{other.id.removeprefix('s-')}-1"
    return {
        "id": party,
        "direction": "Outbound",
        "from": other.caller,
        "to": other.callee,
        "startTime": iso(other.started),
        "telephonyStatus": "CallConnected",
        "sessionId": other.session_id,
        "telephonySessionId": other.id,
        "partyId": party,
    }


def _busiest(active: list[Json]) -> str:
    states = {each["telephonyStatus"] for each in active}
    return next(
        (each for each in ("CallConnected", "Ringing") if each in states), "NoCall"
    )
