"""The call-log records of a RingOut: one with its legs, or two.

Sources: RingCentral API reference, "Call Log"; the code of RingCentral's own widget for
what each leg shows, and for the two records of a call from a digital line.
"""

from __future__ import annotations

from datetime import timedelta

from bot.sandbox.ringcentral.answers import Json
from bot.sandbox.ringcentral.calls import PlacedCall
from bot.sandbox.ringcentral.clock import iso
from bot.sandbox.ringcentral.life import ENDINGS, Phone, Progress, Side

INBOUND_RESULTS = {"no-answer": "Missed", "reject": "Rejected", "cancel": "Stopped"}
"""The results that an inbound record words differently from the leg."""

LegResult = tuple[str, str, str]
"""Result, reason and description of a leg; empty ones are omitted from the JSON."""


def records_of(call: PlacedCall, name: str) -> list[Json]:
    """Return the call's records that the log has now; *name* is the caller's.

    They have no ``uri``, which depends on the request.
    """
    log = call.story.log
    age = call.age
    state = call.progress()
    over = state.over_at
    if over is not None and log.after is not None and age >= over + log.after:
        records = _RecordWriter(call, state, name, finished=True).records(over)
        if log.recorded_after is not None and age >= over + log.recorded_after:
            records[-1]["recording"] = _recording(call)
        return records
    if log.live_after is not None and age >= log.live_after:
        return _RecordWriter(call, state, name, finished=False).records(over or age)
    return []


def _recording(call: PlacedCall) -> Json:
    """Return where a call's recording is; who opens it needs a token."""
    path = f"restapi/v1.0/account/{call.owner_id}/recording/{call.session_id}"
    return {
        "id": str(call.session_id),
        "uri": f"https://platform.ringcentral.com/{path}",
        "type": "Automatic",
        "contentUri": f"https://media.ringcentral.com/{path}/content",
    }


def masked(number: str) -> str:
    """Return *number* with its last four digits hidden."""
    return f"{number[:-4]}XXXX"


class _RecordWriter:
    """Composes the records of one call in its present state."""

    def __init__(
        self, call: PlacedCall, state: Progress, name: str, *, finished: bool
    ) -> None:
        self._call = call
        self._state = state
        self._finished = finished
        log = call.story.log
        callee = masked(call.callee) if log.masked else call.callee
        self._caller: Json = {"phoneNumber": call.caller, "name": name}
        self._shown: Json = {"phoneNumber": call.caller_id, "name": name}
        self._callee: Json = {"phoneNumber": callee}
        if log.name:
            self._callee["name"] = log.name

    def records(self, end: float) -> list[Json]:
        """Return the record, or the two of a split call, newest first."""
        log = self._call.story.log
        legs = [
            leg for side in (Side.CALLEE, Side.CALLER) for leg in self._legs(side, end)
        ]
        if legs:
            legs[0]["master"] = True
        result = self._leg_result(self._decisive)[0]
        if log.split is None:
            return [self._record(self._caller, self._callee, result, end, legs)]
        shown = [leg for leg in legs if leg["legType"].endswith("ToSubscriber")]
        outbound = self._record(self._callee, self._caller, result, end, shown)
        return [self._inbound(end, log.split), outbound]

    @property
    def _decisive(self) -> Side:
        """The side whose result is the call's: the last one that was dialed."""
        dialed = self._state.callee.rings_at is not None
        return Side.CALLEE if dialed else Side.CALLER

    def _leg_result(self, side: Side) -> LegResult:
        phone = self._state.phone(side)
        if not self._finished:
            return "In Progress", "", ""
        if phone.ending:
            ending = ENDINGS[phone.ending]
            return ending.result, ending.reason, ending.description
        if side is Side.CALLER:
            return "Accepted", "", ""
        if self._call.story.log.result:
            return self._call.story.log.result
        if phone.machine:
            return "Voicemail", "", "The call went to voicemail."
        accepted = "The call connected to and was accepted by this number."
        return "Call connected", "Accepted", accepted

    def _legs(self, side: Side, end: float) -> list[Json]:
        phone = self._state.phone(side)
        log = self._call.story.log
        if phone.rings_at is None or side not in log.legs:
            return []
        to_caller = side is Side.CALLER
        leg = self._base(phone.rings_at, _duration(phone, side, end))
        leg |= _words(self._leg_result(side))
        leg["to"] = self._caller if to_caller else self._callee
        leg["from"] = self._callee if to_caller else self._shown
        toward = "ToCaller" if to_caller else "ToSubscriber"
        leg["legType"] = f"RingOut{log.client}{toward}"
        leg["telephonySessionId"] = self._call.log_id
        leg["master"] = False
        return [leg]

    def _record(
        self, caller: Json, callee: Json, result: str, end: float, legs: list[Json]
    ) -> Json:
        return {
            "id": self._call.record_id,
            "sessionId": str(self._call.session_id),
            "telephonySessionId": self._call.log_id,
            **self._base(0.0, end),
            "result": result,
            "from": caller,
            "to": callee,
            **self._closing(end),
            "legs": legs,
        }

    def _inbound(self, end: float, later: float) -> Json:
        """Return the second record of a split call: inbound, on the caller's phone."""
        phone = self._state.caller
        result = INBOUND_RESULTS.get(phone.ending) or self._leg_result(Side.CALLER)[0]
        session = self._call.log_id
        other = f"{session[:-1]}{(int(session[-1], 16) + 1) % 16:x}"
        base = self._base(later, max(0.0, end - later)) | {
            "internalType": "LocalNumber",
            "direction": "Inbound",
            "action": "Phone Call",
            "result": result,
            "from": self._callee,
            "to": self._caller,
            "telephonySessionId": other,
        }
        leg_type = "Accept" if phone.up_at is not None else "FindMe"
        return {
            "id": f"{self._call.record_id}i",
            "sessionId": str(self._call.session_id + 1000),
            **base,
            **self._closing(end),
            "legs": [{**base, "legType": leg_type, "master": True}],
        }

    def _base(self, start: float, duration: float) -> Json:
        return {
            "startTime": iso(self._call.created + timedelta(seconds=start)),
            "duration": int(duration),
            "durationMs": int(duration * 1000),
            "type": "Voice",
            "internalType": "RingOut",
            "direction": "Outbound",
            "action": "RingOut Web",
            "transport": "PSTN",
        }

    def _closing(self, end: float) -> Json:
        written = end + (self._call.story.log.after or 0.0) if self._finished else end
        modified = self._call.created + timedelta(seconds=written)
        return {
            "lastModifiedTime": iso(modified),
            "billing": {"costIncluded": 0.0, "costPurchased": 0.0},
            "finished": self._finished,
        }


def _words(said: LegResult) -> Json:
    names = ("result", "reason", "reasonDescription")
    return {name: text for name, text in zip(names, said, strict=True) if text}


def _duration(phone: Phone, side: Side, end: float) -> float:
    """Return a leg's seconds: the caller's from its first ring, the callee's in talk."""
    if side is Side.CALLER:
        return end
    return 0.0 if phone.up_at is None else end - phone.up_at
