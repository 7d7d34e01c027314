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


@dataclass(slots=True)
class LogSync:
    """Answers syncs of *log*.

    Attributes:
        tokens: What each token has shown: forgotten ones are stale.
    """

    log: CallLog
    tokens: dict[str, set[str]] = field(default_factory=dict)

    def answer(self, ask: Ask) -> Reply:
        """``GET extension/~/call-log-sync``."""
        is_full = ask.seen.first("syncType") != "ISync"
        everything = list(self.log.entries(ask, company=False))
        shown = self._all(ask, everything) if is_full else self._new(ask, everything)
        if isinstance(shown, Reply):
            return shown
        token = f"sync-{len(self.tokens)}-{self.log.exchange.hex(16)}"
        self.tokens[token] = {_state(each) for each in everything}
        wanted = [each for each in shown if _is_wanted(each, ask)]
        wanted.sort(key=lambda each: start_of(each.record), reverse=True)
        return Reply(
            body={
                "uri": f"{ask.base}{ask.seen.path}",
                "records": [
                    self.log.dressed(each, ask, company=False)
                    for each in wanted[:MOST_SYNCED]
                ],
                "syncInfo": {
                    "syncType": "FSync" if is_full else "ISync",
                    "syncToken": token,
                    "syncTime": iso(self.log.clock.utc()),
                },
            }
        )

    def _all(self, ask: Ask, everything: list[LogEntry]) -> list[LogEntry] | Reply:
        count = ask.seen.first("recordCount")
        since = date_of(ask.seen.first("dateFrom"), BEGINNING)
        if not count.isdigit() or not 1 <= int(count) <= MOST_SYNCED:
            return invalid("recordCount")
        if since is None:
            return invalid("dateFrom")
        return [each for each in everything if start_of(each.record) >= since]

    def _new(self, ask: Ask, everything: list[LogEntry]) -> list[LogEntry] | Reply:
        known = self.tokens.get(ask.seen.first("syncToken"))
        if known is None:
            return error(400, "CLG-102", "Sync token is not valid any more")
        return [each for each in everything if _state(each) not in known]


def _is_wanted(entry: LogEntry, ask: Ask) -> bool:
    """Whether a record is of the status group that was asked for."""
    if ask.seen.first("statusGroup") != "Missed":
        return True
    record = entry.record
    return record["direction"] == "Inbound" and record["result"] in MISSED_RESULTS


def _state(entry: LogEntry) -> str:
    """Return what a token stands for: a record that has changed is shown again."""
    return json.dumps(entry.record, sort_keys=True)
