"""``/callstatus last 10``: lists the last calls with both sides' results."""

from __future__ import annotations

import re
from dataclasses import dataclass

from bot.calls.dialling import clean
from bot.slack.entrances.handled import Handled
from bot.slack.entrances.request import Request
from bot.slack.entrances.services import Services
from bot.slack.texts import answers, call_list
from bot.slack.texts.text import Message

LISTED_BY_DEFAULT = 10
MOST_LISTED = 50
_LAST_CALLS = re.compile(r"(company)?\s*(?:(?:last)\s+(\d{1,6}))?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class ListRequest:
    """How many calls to list; *company*: everybody's, not the person's own."""

    count: int
    company: bool = False


def read(text: str) -> ListRequest | None:
    """Read what was typed after ``/callstatus``; None if it can't be read."""
    form = _LAST_CALLS.fullmatch(clean(text).strip())
    if form is None:
        return None
    count = int(form[2]) if form[2] else LISTED_BY_DEFAULT
    if not 1 <= count <= MOST_LISTED:
        return None
    return ListRequest(count, company=bool(form[1]))


async def handle(request: Request, services: Services) -> Handled:
    """Check whether the person may ask; list the calls after the ack."""
    switchboard = services.switchboard
    wanted = read(request.text)
    if wanted is None:
        return Handled.say(answers.STATUS_HELP)
    if wanted.company:
        switchboard.policy.check_admin(request.place)
    else:
        switchboard.policy.check(request.place)

    async def later() -> Message:
        recent = await switchboard.recent(
            request.place, wanted.count, company=wanted.company
        )
        return call_list.listed(
            recent,
            company=wanted.company,
            full=switchboard.policy.full_numbers,
            region=switchboard.policy.region,
        )

    return Handled(later=later)
