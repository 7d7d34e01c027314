"""The answer to ``/callstatus``: a table, or sections where Slack has no tables yet."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime

from bot.calls.call import Call
from bot.calls.history import Recent, Row
from bot.calls.leg import Party
from bot.calls.outcome import Side
from bot.calls.phone import PhoneNumber, parse
from bot.errors import UserError
from bot.slack.texts import words
from bot.slack.texts.text import Block, Message, context, escape, section, spoken, when

LIST_COLUMNS = ("When", "Caller", "Callee", "Talk time")
ROWS_A_SECTION = 5
LONGEST_LIST = 3_800
"""Characters of ``text``; Slack advises 4,000 at most (Slack docs, chat.postMessage)."""

DATE_FORMAT = "{date_short_pretty} at {time}"
IN_PROGRESS = "in progress"
READABLE_DIGITS = 4
"""The last digits of a masked number, which stay readable."""


def listed(recent: Recent, *, company: bool, full: bool, region: str) -> Message:
    """Return the list of the newest calls, those in progress first.

    *full* shows whole phone numbers; *region* is the country of the log's numbers that
    have no country code.
    """
    lines = [_open(call, full=full) for call in recent.open_calls]
    lines += [_logged(row, full=full, region=region) for row in recent.rows]
    is_own = recent.own and not company
    whose = "the company" if company else "the shared RingCentral account"
    of = "" if is_own else f" of {whose}"
    if not lines:
        days = recent.looked_back.days
        return Message(f"No calls{of} in the last {days} days.")
    calls = f"{len(lines)} calls" if len(lines) > 1 else "call"
    title = f"{'Your last' if is_own else 'Last'} {calls}{of}"
    if len(lines) < recent.asked:
        title += f" ({recent.looked_back.days} days looked back)"
    fresh = f"As of {when(recent.read_at, '{time_secs}')}{_age(recent)}."
    small = f"{fresh} Only you see this."
    return Message(
        _text(title, lines, fresh),
        (section(f"*{title}*"), _table(lines), context(small)),
        (section(f"*{title}*"), *_sections(lines), context(small)),
    )


def _age(recent: Recent) -> str:
    seconds = round((recent.now - recent.read_at).total_seconds())
    return f", {seconds} s ago" if seconds else ""


class _Line:
    """One call as texts that are not escaped yet: table cells must not be."""

    def __init__(self, at: datetime, caller: str, callee: str, talked: str) -> None:
        self.at = at
        self.cells = (caller, callee, talked)

    def mrkdwn(self) -> str:
        """Return the call as one line of mrkdwn."""
        caller, callee, talked = (escape(each) for each in self.cells)
        end = f", {talked}" if talked else ""
        return f"{when(self.at, DATE_FORMAT)}: {caller} → {callee}{end}"


def _open(call: Call, *, full: bool) -> _Line:
    one, other = words.live(call)
    return _Line(
        call.asked_at,
        f"{_number(call.caller, full=full)} · {_plain(one)}",
        f"{_number(call.callee, full=full)} · {_plain(other)}",
        IN_PROGRESS,
    )


def _logged(row: Row, *, full: bool, region: str) -> _Line:
    talked = spoken(row.talked) if row.talked is not None else ""
    if row.in_progress:
        talked = IN_PROGRESS
    return _Line(
        row.started_at,
        _with_result(row.caller, row.caller_side, full=full, region=region),
        _with_result(row.callee, row.callee_side, full=full, region=region),
        talked,
    )


def _with_result(party: Party, side: Side | None, *, full: bool, region: str) -> str:
    """Return a party and how the call ended for it."""
    who = party_shown(party, full=full, region=region)
    if side is None:
        return who
    said = _plain(words.side("", side, bold=False).removeprefix(": "))
    return f"{who} · {said}"


def party_shown(party: Party, *, full: bool, region: str) -> str:
    """Return a party of the call log: its number, masked unless *full*, or its name."""
    if not party.number:
        if party.extension:
            return f"ext. {party.extension}"
        return party.name or "unknown"
    try:
        return _number(parse(party.number, region=region), full=full)
    except UserError:  # masked by RingCentral, or no valid number
        if full:
            return party.number
        digits = len(re.findall(r"[\dXx]", party.number))
        seen = 0

        def hide(match: re.Match[str]) -> str:
            nonlocal seen
            seen += 1
            return match[0] if seen > digits - READABLE_DIGITS else "•"

        return re.sub(r"[\dXx]", hide, party.number)


def _number(number: PhoneNumber | None, *, full: bool) -> str:
    if number is None:
        return "your phone"
    return number.international if full else number.masked


def _plain(text: str) -> str:
    """Undo the escaping of `words`: table cells hold raw text."""
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def _table(lines: Sequence[_Line]) -> Block:
    """Return a ``table`` block; Slack shows its dates in the viewer's time zone."""
    rows: list[list[Block]] = [[_raw(each) for each in LIST_COLUMNS]]
    rows += [[_date(line.at), *map(_raw, line.cells)] for line in lines]
    return {
        "type": "table",
        "column_settings": [{"is_wrapped": True}] * len(LIST_COLUMNS),
        "rows": rows,
    }


def _raw(text: str) -> Block:
    return {"type": "raw_text", "text": text or "-"}


def _date(moment: datetime) -> Block:
    element = {
        "type": "date",
        "timestamp": int(moment.timestamp()),
        "format": DATE_FORMAT,
        "fallback": moment.strftime("%Y-%m-%d %H:%M UTC"),
    }
    return {
        "type": "rich_text",
        "elements": [{"type": "rich_text_section", "elements": [element]}],
    }


def _sections(lines: Sequence[_Line]) -> list[Block]:
    return [
        section(
            "\n".join(f"• {each.mrkdwn()}" for each in lines[at : at + ROWS_A_SECTION])
        )
        for at in range(0, len(lines), ROWS_A_SECTION)
    ]


def _text(title: str, lines: Sequence[_Line], fresh: str) -> str:
    text = f"{title}."
    for shown, line in enumerate(lines):
        more = f"\n{line.mrkdwn()}"
        if len(text) + len(more) > LONGEST_LIST:
            text += f"\nand {len(lines) - shown} more."
            break
        text += more
    return f"{text}\n{fresh}"
