"""What can be pressed under a list of calls, and the question before a call from it.

The values of all of it with a number or a filter are sealed (`Seals`): they say nothing to
whoever reads the message's source, and count only for the person to whom they were shown.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

from bot.calls.lists.request import ListedDay, ListedKind, ListRequest
from bot.calls.lists.work_list import After, Recent
from bot.calls.numbers.phone import PhoneNumber
from bot.calls.people.person import Person
from bot.slack.texts import asking, countries
from bot.slack.texts.forms import LONGEST_OPTION, MOST_OPTIONS
from bot.slack.texts.list_parties import MenuNumber
from bot.slack.texts.text import (
    Block,
    Message,
    actions,
    button,
    escape,
    menu,
    section,
)
from bot.user_errors import OutdatedButton

MORE_BUTTON = "list_more"
NEWEST_BUTTON = "list_newest"
CALL_MENU = "list_call"
CALL_LISTED_BUTTON = "list_call_now"

SHOWN_WHOLE = " whole"
"""Follows a number in an option whose reader sees it whole in the list."""

Seal = Callable[[str], str]


def row(recent: Recent, numbers: Sequence[MenuNumber], seal: Seal) -> tuple[Block, ...]:
    """Return the row with the menu and the buttons to turn pages; maybe none."""
    parts = [_menu(numbers, seal)] if numbers else []
    if recent.more is not None:
        is_full = len(recent.rows) == recent.request.count
        label = f"Next {recent.request.count}" if is_full else "Look further back"
        parts.append(
            button(label, MORE_BUTTON, seal(dump(recent.request, recent.more)))
        )
    if recent.after is not None:
        parts.append(button("Newest", NEWEST_BUTTON, seal(dump(recent.request, None))))
    return (actions(*parts),) if parts else ()


def _menu(numbers: Sequence[MenuNumber], seal: Seal) -> Block:
    options = [
        (_cut(each.text), seal(each.number.e164 + (SHOWN_WHOLE if each.whole else "")))
        for each in numbers[:MOST_OPTIONS]
    ]
    return menu("Call one of these…", CALL_MENU, options)


def _cut(text: str) -> str:
    """Cut a text in its middle: the last digits have to stay."""
    if len(text) <= LONGEST_OPTION:
        return text
    half = LONGEST_OPTION // 2
    return f"{text[:half]}…{text[-half:]}"


def question(
    number: PhoneNumber, shown: str, asked: Person, key: str, seal: Seal
) -> Message:
    """Ask whether to dial a number of the list, which is *shown* so.

    *key* is the choice's, which Slack may deliver twice: both questions are one call.
    """
    where = countries.inside(number.region)
    text = f"Call {escape(shown)}{escape(where)}?"
    value = seal(f"{number.e164} {key}")
    call = button("Call", CALL_LISTED_BUTTON, value, style="primary")
    return Message(text, (section(text), actions(call, asking.not_now(asked, key))))


def dump(request: ListRequest, after: After | None) -> str:
    """Return a page of a list as a text, for a button's value."""
    return json.dumps(
        {
            "count": request.count,
            "company": request.company,
            "days": sorted(request.days),
            "kinds": sorted(request.kinds),
            "people": sorted(request.people),
            "e164": request.e164,
            "ending": request.ending,
            "since": _written(request.since),
            "until": _written(request.until),
            "at": _written(after.at) if after else None,
            "id": after.id if after else "",
        }
    )


def load(text: str) -> tuple[ListRequest, After | None]:
    """Read what `dump` has written, in this version or another. Raises `OutdatedButton`."""
    try:
        value: Any = json.loads(text)
        request = ListRequest(
            count=value["count"],
            company=value["company"],
            days=frozenset(ListedDay(each) for each in value["days"]),
            kinds=frozenset(ListedKind(each) for each in value["kinds"]),
            people=frozenset(value["people"]),
            e164=value["e164"],
            ending=value["ending"],
            since=_moment(value["since"]),
            until=_moment(value["until"]),
        )
        at = _moment(value["at"])
        return request, After(at, value["id"]) if at else None
    except (ValueError, KeyError, TypeError):
        raise OutdatedButton from None


def _written(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text).astimezone(UTC) if text else None
