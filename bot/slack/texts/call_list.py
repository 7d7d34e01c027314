"""The answer to ``/callstatus``: a table, or sections where Slack has no tables yet."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bot.calls.lists.history import Direction, Row
from bot.calls.lists.request import ListedDay, ListedKind, ListRequest
from bot.calls.lists.work_list import Recent
from bot.calls.log.ending import Ending
from bot.calls.numbers.phone import PhoneNumber
from bot.calls.people.person import Person
from bot.slack.texts import after, list_buttons, words
from bot.slack.texts.list_parties import Parties
from bot.slack.texts.list_tables import ListLine, data_table, sections, table
from bot.slack.texts.text import (
    Message,
    context,
    section,
    spoken,
    when,
)

LONGEST_LIST = 3_800
"""Characters of ``text``; Slack advises 4,000 at most (Slack docs, chat.postMessage)."""

LONGEST_RESULT = 48

IN_PROGRESS = "in progress"
UNCONFIRMED = "not confirmed yet"
"""What is said of a call that has just ended: the log has no record of it yet."""

WAYS = {
    Direction.OUT: "→ out",
    Direction.IN: "← in",
    Direction.MISSED: "← missed",
}

FINE = {Ending.ANSWERED, Ending.NOT_LOGGED, Ending.UNKNOWN}
"""The caller's own endings that need no word: the call went on to the other party."""


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who reads a list, and what they may see.

    Attributes:
        whole: Whether they may see everybody's numbers whole.
        seal: Encrypts a button's value for this person.
        may_call: Whether the rules let a number be called.
        by_utc: Whether days are UTC's, because their time zone can't be read.
    """

    person: Person
    whole: bool
    seal: Callable[[str], str]
    may_call: Callable[[PhoneNumber], bool]
    by_utc: bool = False


def listed(recent: Recent, viewer: Viewer) -> Message:
    """Return a page of the list, with a menu to call one of its numbers."""
    parties = Parties.of(recent, viewer.person, whole=viewer.whole)
    lines = [_line(row, recent, parties) for row in recent.rows]
    numbers = parties.to_call(viewer.may_call)
    buttons = list_buttons.row(recent, numbers, viewer.seal)
    title = _title(recent)
    if not lines:
        text = f"{_nothing(recent)}{_searched(recent)}"
        return Message(text, (section(text), *buttons) if buttons else ())
    fresh = f"Updated {when(recent.read_at, '{time}')}.{_searched(recent)}"
    if viewer.by_utc and recent.request.days:
        fresh += " Days are in UTC: Slack doesn't tell me your time zone."
    above = section(f"*{title}*")
    below = (*buttons, context(f"{fresh} Only you see this."))
    bare = _title(recent, is_plain=True)
    return Message(
        _text(title, lines, fresh),
        (above, data_table(lines, bare), *below),
        plainer=(
            (above, table(lines), *below),
            (above, *sections(lines), *below),
        ),
    )


def _title(recent: Recent, *, is_plain: bool = False) -> str:
    """Return the title, as mrkdwn or, for a table's caption, as plain text."""
    count = len(recent.rows)
    calls = f"{count} calls" if count > 1 else "call"
    if recent.after is not None:
        title = "Your earlier calls" if recent.own else f"Earlier calls{_of(recent)}"
    else:
        title = f"{'Your last' if recent.own else 'Last'} {calls}{_of(recent)}"
    filters = _filters(recent.request, is_plain=is_plain)
    title += f": {filters}" if filters else ""
    is_all = recent.more is None and recent.after is None and not recent.request.days
    if is_all and count < recent.request.count:
        title += f" (past {recent.looked_back.days} days)"
    return title


def _nothing(recent: Recent) -> str:
    filters = _filters(recent.request, is_plain=False)
    is_dated = bool(recent.request.days) or recent.searched_to is not None
    past = "" if is_dated else f" in the past {recent.looked_back.days} days"
    earlier = "earlier " if recent.after else ""
    of_these = f": {filters}" if filters else ""
    return f"No {earlier}calls{_of(recent)}{past}{of_these}."


def _of(recent: Recent) -> str:
    if recent.own:
        return ""
    of_all = (
        "the company" if recent.request.company else "the shared RingCentral account"
    )
    return f" of {of_all}"


def _searched(recent: Recent) -> str:
    if recent.searched_to is None:
        return ""
    return f" Searched back to {when(recent.searched_to)}."


def _filters(request: ListRequest, *, is_plain: bool) -> str:
    found = []
    if request.kinds:
        found.append(" or ".join(each for each in ListedKind if each in request.kinds))
    if request.days:
        found.append(" and ".join(each for each in ListedDay if each in request.days))
    if request.e164:
        found.append(f"with {PhoneNumber(request.e164).international}")
    if request.ending:
        found.append(f"with …{request.ending}")
    if request.people and is_plain:
        found.append("placed by some")
    elif request.people:
        people = " or ".join(f"<@{each}>" for each in sorted(request.people))
        found.append(f"placed by {people}")
    return ", ".join(found)


def _line(row: Row, recent: Recent, parties: Parties) -> ListLine:
    talked = spoken(row.talked) if row.talked else ""
    return ListLine(
        other=parties.other(row),
        way=f"{WAYS[row.direction]}{parties.own_phone(row)}",
        talked=IN_PROGRESS if row.in_progress else talked,
        result=_result(row, "you" if parties.is_mine(row) else "caller"),
        at=row.started_at,
        by=parties.placed_by(row),
        who=parties.colleague(row) if recent.request.company else "",
        outcome=after.word(row.call) if row.call else "",
    )


def _result(row: Row, whose: str) -> str:
    """Return how it went for the other party; for *whose* phone rang first if it failed."""
    if row.in_progress:
        return _going_on(row, whose)
    caller, callee = row.caller_side, row.callee_side
    if callee is None:
        return UNCONFIRMED
    missed = row.direction is Direction.MISSED  # which says as much as "Missed" does
    theirs = _plain(words.ending(callee) if missed else words.told(callee))
    if caller is None or caller.ending in FINE:
        return _cut(theirs)
    ours = f"{whose}: {_plain(words.told(caller))}"
    if callee.ending in {Ending.NOT_DIALED, Ending.NOT_LOGGED}:
        return _cut(ours)
    return _cut(f"{ours} · {theirs}")


def _going_on(row: Row, whose: str) -> str:
    if row.call is None:
        return ""
    caller, callee = words.live(row.call, who="you" if whose == "you" else "the caller")
    return _cut(_plain(f"{whose}: {caller}" if callee == words.NOT_YET else callee))


def _cut(text: str) -> str:
    short = len(text) <= LONGEST_RESULT
    return text if short else f"{text[: LONGEST_RESULT - 1]}…"


def _plain(text: str) -> str:
    """Undo the escaping of `words`: table cells hold raw text."""
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def _text(title: str, lines: Sequence[ListLine], fresh: str) -> str:
    text = f"{title}."
    for shown, line in enumerate(lines):
        more = f"\n{line.mrkdwn()}"
        if len(text) + len(more) > LONGEST_LIST:
            text += f"\nand {len(lines) - shown} more."
            break
        text += more
    return f"{text}\n{fresh}"
