"""``ringout-bot doctor --trace``: what is known about one call, with masked numbers."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from datetime import datetime

from bot.calls.call import Call, End, State
from bot.calls.log.facts import LogFact
from bot.calls.sessions.pushed import PushedParty
from bot.calls.sessions.session import PartyRole
from bot.doctor.check import printable
from bot.errors import StoreUnavailable
from bot.storage.calls.events import CallEvent
from bot.storage.calls.store import Store

WHOSE = {
    PartyRole.INITIATOR: "the caller",
    PartyRole.TARGET: "the callee",
    PartyRole.NEITHER: "somebody else",
}
"""The parties of a session, as people call them."""


async def trace(database_url: str, call_id: str) -> int:
    """Print what is known about a call; return 1 if nothing is, else 0."""
    store = Store(database_url)
    try:
        await store.open()
        lines = await traced(store, call_id)
    except StoreUnavailable as error:
        sys.stdout.write(f"FAIL  database: {printable(str(error))}\n")
        return 1
    finally:
        store.close()
    if not lines:
        sys.stdout.write(f"No call {printable(call_id)} is in the database.\n")
        return 1
    sys.stdout.write("\n".join(printable(line) for line in lines) + "\n")
    return 0


async def traced(store: Store, call_id: str) -> list[str]:
    """Return the lines about a call; none if it is not in the database."""
    call = await store.get(call_id)
    return [] if call is None else lines_of(call, await store.history(call_id))


def lines_of(call: Call, events: Sequence[CallEvent]) -> list[str]:
    """Return what is known of *call*, whose history is *events*.

    Ids and times are in full, so that they can be compared with RingCentral's pages.
    """
    return [
        f"call            {call.id}, state {call.state}",
        f"from, to        {call.caller}, {call.callee}",
        f"RingOut id      {call.ringout_id or '(none: its answer was lost or refused)'}",
        f"session id      {_session(call)}",
        f"log records     {', '.join(call.records) or '(none)'}",
        f"id in the log   {_id_shown(call)}",
        f"ended as        {call.end or '(open)'} {call.why or ''}".rstrip(),
        *_seconds(call, events),
        "log",
        *_log(call),
        "events",
        *_pushed(call),
        "history",
        *(_past(event) for event in events),
    ]


def _log(call: Call) -> list[str]:
    if not call.logged:
        return ["  (no record was found, or a version before this one found it)"]
    has_legs = any(not each.is_record for each in call.logged)
    shown = [_shown(each) for each in call.logged]
    return [f"  {each}" for each in (shown if has_legs else [*shown, "no legs"])]


def _session(call: Call) -> str:
    """Say whether a RingOut's id is its telephony session's."""
    if not call.session_id:
        return "(not known)"
    same = call.session_id == call.ringout_id
    return f"{call.session_id}, {'the RingOut id' if same else 'not the RingOut id'}"


def _pushed(call: Call) -> list[str]:
    """Say of which parties events were pushed; RingCentral's documents contradict."""
    if call.pushed is None:
        return ["  (none was pushed for this call, or none was surely its own)"]
    lines = []
    for role, whose in WHOSE.items():
        parties = [each for each in call.pushed.parties if each.role is role]
        lines += [f"  {whose}: {_heard(each)}" for each in parties]
        if not parties and role is not PartyRole.NEITHER:
            lines.append(f"  {whose}: no event came")
    return lines


def _heard(party: PushedParty) -> str:
    reason = f" ({party.reason})" if party.reason else ""
    answered = f", answered {_clock(party.up_at)}" if party.up_at else ""
    state = f"{party.code or '(no code)'}{reason} {_clock(party.at)}"
    return f"{state}{answered}, sequence {party.sequence}"


def _clock(at: datetime) -> str:
    return at.strftime("%H:%M:%S.%f")[:-3]


def _id_shown(call: Call) -> str:
    """Say whether RingCentral logs a RingOut's id as the record's."""
    if not call.ringout_id or not call.logged:
        return "(not known)"
    records, legs = (
        any(each.has_own_id for each in call.logged if each.is_record is which)
        for which in (True, False)
    )
    if records:
        return "yes: it is the record's telephonySessionId"
    return "no: only a leg's" if legs else "no: matched by numbers and times"


def _shown(fact: LogFact) -> str:
    """Return the line about a record or leg."""
    result = fact.result or "(no result)"
    parts = (
        f"{fact.kind}: to {fact.to}, from {fact.from_}",
        f"{result} ({fact.reason})" if fact.reason else result,
        "(no duration)" if fact.seconds is None else f"{fact.seconds:.0f} s",
        "master" if fact.master else "",
        "the POST's id" if fact.has_own_id else "",
    )
    return ", ".join(filter(None, parts))


def _past(event: CallEvent) -> str:
    at = event.at.strftime("%Y-%m-%d %H:%M:%S.%f")[:-3]
    return f"  {at}  {event.state:<10} {event.note}".rstrip()


def _seconds(call: Call, events: Sequence[CallEvent]) -> list[str]:
    """Return the delays that RingCentral does not document."""
    gone = _since(events, State.RECORDING) if _saw_404(call) else None
    is_recorded = call.end is End.RECORDED
    found = _since(events, State.REPORTING) if is_recorded else None
    seen, terminal = call.seen_at, call.terminal_at
    return [
        f"last 200 to 404     {_lag(seen, gone)}",
        f"last 200 to record  {_lag(seen, found)}",
        f"end to 404          {_lag(terminal, gone)}",
        f"404 to record       {_lag(gone, found)}",
        f"POST to end         {_lag(call.sent_at, terminal or gone)}",
    ]


def _saw_404(call: Call) -> bool:
    """Whether a 404 ended the polling, and not our patience or a lost answer."""
    gave_up = call.terminal_at is not None and call.ended_at == call.terminal_at
    return bool(call.ringout_id) and call.why is None and not gave_up


def _since(events: Sequence[CallEvent], state: State) -> datetime | None:
    return next((each.at for each in events if each.state == state), None)


def _lag(start: datetime | None, end: datetime | None) -> str:
    if start is None or end is None:
        return "(not known)"
    return f"{(end - start).total_seconds():.1f} s"
