"""What is typed after ``/callstatus report``: a period and whose calls, in any order."""

from __future__ import annotations

import re
from dataclasses import replace

from bot.calls.lists.request import ListFlaw, UnreadableList
from bot.calls.reporting import Period, ReportRequest
from bot.calls.typed import wrapping
from bot.calls.typed.dialing import clean

REPORT_WORD = "report"

REPORT_FILLERS = frozenset(
    ["a", "calls", "for", "from", "me", "my", "of", "please", "since", "the", "this"]
)

_NAMED = re.compile(r"<@([UW][A-Z0-9]+)(?:\|[^<>]*)?>")


def read_report_request(text: str) -> ReportRequest | None:
    """Read what was typed after ``/callstatus``; None if it asks for no report.

    Raises:
        UnreadableList: A word is not understood, or there are two periods or people.
    """
    words = wrapping.unwrapped(clean(text)).split()
    if not words or words[0].casefold().strip(":,") != REPORT_WORD:
        return None
    periods, people = [], []
    for each in words[1:]:
        token = each.strip(",;.!?:")
        word = token.casefold()
        named = _NAMED.fullmatch(token)
        if word in set(Period):
            periods.append(Period(word))
        elif named:
            people.append(named[1])
        elif word and word not in REPORT_FILLERS:
            raise UnreadableList(ListFlaw.REPORT, token)
    if len(set(periods)) > 1 or len(set(people)) > 1:
        raise UnreadableList(ListFlaw.REPORT)
    asked = ReportRequest(user=people[0] if people else "")
    return replace(asked, period=periods[0]) if periods else asked
