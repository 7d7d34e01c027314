"""The call log: records of the double's calls, and past ones that a test adds."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal

from bot.sandbox.ringcentral.answers import Ask, Json, Reply, error, invalid, not_found
from bot.sandbox.ringcentral.calls import Exchange
from bot.sandbox.ringcentral.clock import StoryClock, iso
from bot.sandbox.ringcentral.incoming import IncomingCalls
from bot.sandbox.ringcentral.incoming_records import record_of
from bot.sandbox.ringcentral.paging import page_of
from bot.sandbox.ringcentral.people import SERVICE, People
from bot.sandbox.ringcentral.records import records_of

DEFAULT_WINDOW = timedelta(hours=24)
"""The span before ``dateTo`` that a request without ``dateFrom`` lists."""

DETAILED_FIELDS = ("legs", "billing", "lastModifiedTime")
"""The fields that only the Detailed view has."""

NOBODY = ""
"""The owner of records that belong to a colleague who is not in the double."""

Past = Literal["ringout", "outbound", "inbound", "missed", "voicemail"]


@dataclass(frozen=True, slots=True)
class LogEntry:
    """A record and its filter values.

    Attributes:
        since: The date that ``dateTo`` is compared with: when the call was placed.
            When story time runs fast, a second record's start is in the future.
        owner: The extension id of its user, or `NOBODY`.
    """

    record: Json
    since: datetime
    owner: str


@dataclass(slots=True, kw_only=True)
class CallLog:
    """Answers call-log requests.

    Attributes:
        ignores_session_filter: Whether to ignore the parameter ``telephonySessionId``,
            as an older RingCentral would.
        longest_detailed: The most records on a page of the Detailed view.
            RingCentral's documents have said 250 and 1000.
        past: Records added by a test, with their owners' extension ids.
    """

    clock: StoryClock
    exchange: Exchange
    incoming: IncomingCalls
    people: People
    ignores_session_filter: bool = False
    longest_detailed: int = 250
    past: list[tuple[Json, str]] = field(default_factory=list)

    def add(
        self, record: Json, *, company: bool = False, person: str = SERVICE
    ) -> Json:
        """Add a record as it is, of *person* or, with *company*, of `NOBODY`."""
        owner = NOBODY if company else self.people.find(person).extension_id
        self.past.append((record, owner))
        return record

    def add_past(
        self,
        kind: Past,
        *,
        caller: str,
        callee: str,
        ago: timedelta,
        talk: int = 0,
        result: str = "",
        company: bool = False,
        person: str = SERVICE,
        **more: Any,
    ) -> Json:
        """Compose and add a past call; *more* replaces whole fields of its record."""
        at = self.clock.utc() - ago
        session_id, record_id, telephony = self.exchange.ids(at)
        base = _past(kind, at, talk, result) | {
            "from": {"phoneNumber": caller},
            "to": {"phoneNumber": callee},
        }
        record: Json = {
            "id": record_id,
            "sessionId": str(session_id),
            "telephonySessionId": telephony,
            **base,
            "lastModifiedTime": iso(at + timedelta(seconds=talk + 20)),
            "billing": {"costIncluded": 0.0, "costPurchased": 0.0},
            "finished": True,
            "legs": _past_legs(kind, base, telephony, talk),
        }
        return self.add(record | more, company=company, person=person)

    def list_user(self, ask: Ask) -> Reply:
        """``GET extension/~/call-log``."""
        return self._list(ask, company=False)

    def list_company(self, ask: Ask) -> Reply:
        """``GET account/~/call-log``."""
        return self._list(ask, company=True)

    def read(self, ask: Ask) -> Reply:
        """``GET extension/~/call-log/{id}``: one record."""
        for entry in self.entries(ask, company=False):
            if entry.record["id"] == ask.ids["record"]:
                return Reply(body=self.dressed(entry, ask, company=False))
        return not_found("callRecordId")

    def entries(self, ask: Ask, *, company: bool) -> Iterator[LogEntry]:
        """Yield the records of the requesting user, or of the whole company."""
        for call in self.exchange.calls:
            if company or call.owner_id == ask.owner:
                name = self.people.by_id(call.owner_id).name
                for record in records_of(call, name):
                    yield LogEntry(record, call.created, call.owner_id)
        for came_in in self.incoming.all:
            owner, written = came_in.called.extension_id, record_of(came_in)
            if written is not None and (company or owner == ask.owner):
                yield LogEntry(written, came_in.created, owner)
        for record, owner in self.past:
            if company or owner == ask.owner:
                yield LogEntry(record, start_of(record), owner)

    def _list(self, ask: Ask, *, company: bool) -> Reply:
        alone = {"view", "page", "perPage", "sessionId"}
        if ask.seen.first("sessionId") and set(ask.seen.query) - alone:
            return error(400, "CLG-110", "Parameter [sessionId] conflicts with others")
        window = self._window(ask)
        if isinstance(window, Reply):
            return window
        number = ask.seen.first("phoneNumber")
        if number and not (number.isascii() and number.isdigit()):
            return invalid("phoneNumber")
        entries = [
            entry
            for entry in self.entries(ask, company=company)
            if window[0] <= start_of(entry.record)
            and entry.since <= window[1]
            and self._passes(entry.record, ask)
        ]
        entries.sort(key=lambda entry: start_of(entry.record), reverse=True)
        detailed = ask.seen.first("view") == "Detailed"
        return page_of(
            ask,
            [self.dressed(entry, ask, company=company) for entry in entries],
            longest=self.longest_detailed if detailed else 1000,
        )

    def _window(self, ask: Ask) -> tuple[datetime, datetime] | Reply:
        until = date_of(ask.seen.first("dateTo"), self.clock.utc())
        if until is None:
            return invalid("dateTo")
        if ask.seen.first("sessionId"):
            return until - timedelta(days=10_000), until
        since = date_of(ask.seen.first("dateFrom"), until - DEFAULT_WINDOW)
        return invalid("dateFrom") if since is None else (since, until)

    def _passes(self, record: Json, ask: Ask) -> bool:
        query = ask.seen.query
        for name in ("type", "direction", "transport"):
            if query.get(name) and record.get(name) not in query[name]:
                return False
        session = ask.seen.first("sessionId")
        if session and record["sessionId"] != session:
            return False
        telephony = ask.seen.first("telephonySessionId")
        if telephony and not self.ignores_session_filter:
            known = {one.get("telephonySessionId") for one in _with_legs(record)}
            if telephony not in known:
                return False
        number = ask.seen.first("phoneNumber")
        return not number or f"+{number}" in _numbers(record)

    def dressed(self, entry: LogEntry, ask: Ask, *, company: bool) -> Json:
        """Return a record with its ``uri`` and the fields of the requested view."""
        record, owner = entry.record, self.people.by_id(entry.owner or ask.owner)
        detailed = ask.seen.first("view") == "Detailed"
        view = "Detailed" if detailed else "Simple"
        home = f"{ask.base}{owner.path(company=company)}"
        shown = {"uri": f"{home}/call-log/{record['id']}?view={view}", **record}
        user = {
            "uri": ask.base + owner.path(),
            "id": int(owner.extension_id),
        }
        if not detailed:
            return {key: shown[key] for key in shown if key not in DETAILED_FIELDS}
        legs = [{"extension": user, **leg} for leg in shown.get("legs", ())]
        return shown | {"legs": legs}


def date_of(text: str, default: datetime) -> datetime | None:
    """Return *text* as a date, *default* if empty; None if invalid or without a zone."""
    if not text:
        return default
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo is not None else None


def start_of(record: Json) -> datetime:
    """Return when a record's call began."""
    return datetime.fromisoformat(record["startTime"])


def _with_legs(record: Json) -> list[Json]:
    return [record, *record.get("legs", ())]


def _numbers(record: Json) -> set[str]:
    return {
        one.get(side, {}).get("phoneNumber", "")
        for one in _with_legs(record)
        for side in ("from", "to")
    }


def _past(kind: Past, at: datetime, talk: int, result: str) -> Json:
    ringout = kind == "ringout"
    inbound = kind in ("inbound", "missed", "voicemail")
    words = {"inbound": "Accepted", "missed": "Missed", "voicemail": "Voicemail"}
    return {
        "startTime": iso(at),
        "duration": talk,
        "durationMs": talk * 1000,
        "type": "Voice",
        "internalType": "RingOut" if ringout else "Local",
        "direction": "Inbound" if inbound else "Outbound",
        "action": "RingOut Web" if ringout else "Phone Call",
        "result": result or words.get(kind, "Call connected"),
        "transport": "PSTN",
    }


def _past_legs(kind: Past, base: Json, telephony: str, talk: int) -> list[Json]:
    if kind != "ringout":
        leg_type = "SipToPstnMetered" if kind == "outbound" else "Accept"
        extra = {"legType": leg_type, "telephonySessionId": telephony}
        return [{**base, **extra, "master": True}]
    callee = {**base, "legType": "RingOutWebToSubscriber", "master": True}
    caller = {
        **base,
        "legType": "RingOutWebToCaller",
        "master": False,
        "result": "Accepted",
        "duration": talk + 9,
        "durationMs": (talk + 9) * 1000,
        "from": base["to"],
        "to": base["from"],
    }
    session = {"telephonySessionId": telephony}
    return [{**callee, **session}, {**caller, **session}]
