"""The call log's sync: all of it, then what is new or has changed since a token."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime

from bot.sandbox.ringcentral.answers import Ask, Reply, error, invalid
from bot.sandbox.ringcentral.clock import iso
from bot.sandbox.ringcentral.log import CallLog, LogEntry, date_of, start_of

MOST_SYNCED = 250
"""The most records of one answer."""

MISSED_RESULTS = frozenset(
    {"Missed", "Voicemail", "No Answer", "Hang Up", "Rejected", "Busy", "Blocked"}
)
"""The results of RingCentral's status group ``Missed``; its documents name none."""

BEGINNING = datetime.min.replace(tzinfo=UTC)


SyncedRecords = tuple[list[LogEntry], "RecordPlace", bool]
"""Records, the place of the oldest that were shown, and whether there are older ones."""

RecordPlace = tuple[datetime, str]
"""A record's start and id: records are returned in this order, the newest first."""


@dataclass(frozen=True, slots=True)
class SyncFrame:
    """What a token has shown: records in these *states*, none before *first*."""

    states: frozenset[str]
    first: RecordPlace


@dataclass(slots=True)
class LogSync:
    """Answers syncs of *log*.

    Attributes:
        tokens: What each token has shown: forgotten ones are stale.
    """

    log: CallLog
    tokens: dict[str, SyncFrame] = field(default_factory=dict)

    def answer(self, ask: Ask) -> Reply:
        """``GET extension/~/call-log-sync``."""
        is_full = ask.seen.first("syncType") != "ISync"
        everything = list(self.log.entries(ask, company=False))
        everything.sort(key=_place, reverse=True)
        wanted = [each for each in everything if _is_wanted(each, ask)]
        found = self._all(ask, wanted) if is_full else self._new(ask, wanted)
        if isinstance(found, Reply):
            return found
        shown, first, has_older = found
        token = f"sync-{len(self.tokens)}-{self.log.exchange.hex(16)}"
        states = frozenset(_state(each) for each in everything)
        self.tokens[token] = SyncFrame(states, first)
        return Reply(
            body={
                "uri": f"{ask.base}{ask.seen.path}",
                "records": [
                    self.log.dressed(each, ask, company=False) for each in shown
                ],
                "syncInfo": {
                    "syncType": "FSync" if is_full else "ISync",
                    "syncToken": token,
                    "syncTime": iso(self.log.clock.utc()),
                    "olderRecordsExist": has_older,
                },
            }
        )

    def _all(self, ask: Ask, wanted: list[LogEntry]) -> SyncedRecords | Reply:
        count = _count(ask)
        since = date_of(ask.seen.first("dateFrom"), BEGINNING)
        if count is None:
            return invalid("recordCount")
        if since is None:
            return invalid("dateFrom")
        found = [each for each in wanted if start_of(each.record) >= since]
        shown = found[:count]
        first = _place(shown[-1]) if len(found) > count else (since, "")
        return shown, first, len(found) > count

    def _new(self, ask: Ask, wanted: list[LogEntry]) -> SyncedRecords | Reply:
        frame = self.tokens.get(ask.seen.first("syncToken"))
        if frame is None:
            return error(400, "CLG-102", "Sync token is not valid any more")
        changed = [
            each
            for each in wanted
            if _place(each) >= frame.first and _state(each) not in frame.states
        ]
        if len(changed) > MOST_SYNCED:
            return error(400, "CLG-104", "Too many records have changed")
        older = [each for each in wanted if _place(each) < frame.first]
        more = older[: _count(ask) or 0]
        first = _place(more[-1]) if more else frame.first
        return [*changed, *more], first, len(older) > len(more)


def _count(ask: Ask) -> int | None:
    """Return how many records are asked for; None if that is missing, or too many."""
    count = ask.seen.first("recordCount")
    good = count.isdigit() and 1 <= int(count) <= MOST_SYNCED
    return int(count) if good else None


def _place(entry: LogEntry) -> RecordPlace:
    return start_of(entry.record), str(entry.record["id"])


def _is_wanted(entry: LogEntry, ask: Ask) -> bool:
    """Whether a record is of the status group that was asked for."""
    if ask.seen.first("statusGroup") != "Missed":
        return True
    record = entry.record
    return record["direction"] == "Inbound" and record["result"] in MISSED_RESULTS


def _state(entry: LogEntry) -> str:
    """Return what a token stands for: a record that has changed is shown again."""
    return json.dumps(entry.record, sort_keys=True)
