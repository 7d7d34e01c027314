"""What is typed after ``/callstatus``: which calls to list, by words in any order.

Words of one kind widen the list (``missed failed``: both), kinds of words narrow it
(``missed today``).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta, tzinfo
from enum import Enum, StrEnum

from bot.calls.lists import listed_number
from bot.calls.typed import list_phrases, verbs, wrapping
from bot.calls.typed.dialing import clean
from bot.errors import UserError

LISTED_BY_DEFAULT = 10
MOST_LISTED = 50

ONE_DAY = timedelta(days=1)

FEWEST_TYPED = 3
"""As many as an extension has."""

LONGEST_COUNT = 6

_TOKEN = re.compile(r"<[^<>]*>|[^\s<>]+|[<>]")
_MENTIONED = re.compile(r"<@([UW][A-Z0-9]+)(?:\|[^<>]*)?>")


class ListedDay(StrEnum):
    """A day of the reader's own time zone."""

    TODAY = "today"
    YESTERDAY = "yesterday"


class ListedKind(StrEnum):
    """How a call went, as a filter."""

    MISSED = "missed"
    """It came in, and nobody took it."""
    FAILED = "failed"
    """It was placed, and reached nobody."""


class ListFlaw(Enum):
    """What is wrong with the words after ``/callstatus``."""

    WORD = "word"
    COUNT = "count"
    TWO_COUNTS = "two counts"
    TWO_NUMBERS = "two numbers"
    NUMBER = "number"
    REPORT = "report"
    """A word after ``report``, or two periods, or two people."""
    OWN_ACCOUNT = "own account"
    """Calls by others are asked for, on an account that one person alone calls with."""


@dataclass(eq=False, repr=False)
class UnreadableList(UserError):
    """*typed* is what was not understood; empty if it is what is missing."""

    flaw: ListFlaw
    typed: str = ""


@dataclass(frozen=True, slots=True)
class ListRequest:
    """Which calls to list, the newest first.

    Attributes:
        count: How many on one page.
        company: Everybody's, not only those of the account that the person calls with.
        people: Slack ids; only calls that one of them has placed here.
        number: What was typed of the other party's number; `resolved` reads it.
        e164: The whole number; empty unless one was typed.
        ending: Its last digits or an extension; empty unless those were typed.
        since: Calls before this moment are left out.
        until: Calls from this moment on are left out.
    """

    count: int = LISTED_BY_DEFAULT
    company: bool = False
    days: frozenset[ListedDay] = frozenset()
    kinds: frozenset[ListedKind] = frozenset()
    people: frozenset[str] = frozenset()
    number: str = field(default="", repr=False)
    e164: str = field(default="", repr=False)
    ending: str = field(default="", repr=False)
    since: datetime | None = None
    until: datetime | None = None


def asks_help(text: str) -> bool:
    """Return whether the person asks what can be typed."""
    plain = wrapping.unwrapped(clean(text))
    return bool(clean(text)) and verbs.read(plain) == ("help", "")


def read_list_request(text: str) -> ListRequest:
    """Read what was typed after ``/callstatus``.

    Raises:
        UnreadableList: A word, or a number behind ``last``, is not understood.
    """
    reader = _Reader()
    said = list_phrases.in_filters(wrapping.unwrapped(clean(text)))
    for token in _TOKEN.findall(said):
        reader.take(token)
    return reader.done()


def resolved(
    request: ListRequest, *, region: str, now: datetime, zone: tzinfo
) -> ListRequest:
    """Return *request* with its number read, in *region*, and its days as moments.

    *zone* is the reader's.

    Raises:
        UnreadableList: What was typed as a number is none.
    """
    since, until = bounds(request.days, now, zone)
    e164, ending = _number(request.number, region)
    return replace(request, e164=e164, ending=ending, since=since, until=until)


def bounds(
    days: frozenset[ListedDay], now: datetime, zone: tzinfo
) -> tuple[datetime | None, datetime | None]:
    """Return when *days* begin and end; None where there is no bound."""
    if not days:
        return None, None
    today = now.astimezone(zone).replace(
        hour=0, minute=0, second=0, microsecond=0, fold=0
    )
    # By the calendar, not by 24 hours: a day may have 23 or 25.
    yesterday = (today - ONE_DAY).replace(fold=0)
    since = yesterday if ListedDay.YESTERDAY in days else today
    until = None if ListedDay.TODAY in days else today
    return _utc(since), None if until is None else _utc(until)


def _utc(moment: datetime) -> datetime:
    """Return a local time as a moment; of an hour that a day has twice, the first."""
    return datetime.fromtimestamp(moment.timestamp(), tz=UTC)


def _number(typed: str, region: str) -> tuple[str, str]:
    """Return what was typed as a whole number, or as the end of one."""
    if not typed:
        return "", ""
    found = listed_number.read(typed, region)
    if found is None:
        several = listed_number.are_several(typed, region)
        flaw = ListFlaw.TWO_NUMBERS if several else ListFlaw.NUMBER
        raise UnreadableList(flaw, typed)
    return found


class _Reader:
    """Takes the words one by one; those of no meaning are pieces of a number."""

    def __init__(self) -> None:
        self._asked = ListRequest()
        self._counts: list[str] = []
        self._awaits_count = False
        self._groups: list[list[str]] = []
        self._is_in_group = False
        self._words = 0

    def take(self, token: str) -> None:
        """Take the next word."""
        token = token.lstrip(",;").rstrip(list_phrases.MARKS_BEHIND)
        word = token.casefold()
        if not word:
            self._is_in_group = False
            return
        self._words += 1
        awaits, self._awaits_count = self._awaits_count, word == "last"
        if word in list_phrases.LIST_FILLERS or self._known(word, token):
            self._is_in_group = False
        elif awaits:
            self._counts.append(word)
        else:
            self._put_aside(token)

    def done(self) -> ListRequest:
        """Return the request, once all words are taken."""
        groups = [" ".join(each) for each in self._groups]
        if self._words > 1:
            self._counts += filter(list_phrases.is_count, groups)
            groups = [each for each in groups if not list_phrases.is_count(each)]
        for each in groups:
            if not any(sign.isdigit() for sign in each) or not _could_be_number(each):
                raise UnreadableList(ListFlaw.WORD, each)
        if len(groups) > 1:
            raise UnreadableList(ListFlaw.TWO_NUMBERS, groups[1])
        return replace(
            self._asked, count=self._count(), number=groups[0] if groups else ""
        )

    def _known(self, word: str, token: str) -> bool:
        asked = self._asked
        mentioned = _MENTIONED.fullmatch(token)
        if word == "company":
            self._asked = replace(asked, company=True)
        elif word in set(ListedDay):
            self._asked = replace(asked, days=asked.days | {ListedDay(word)})
        elif word in set(ListedKind):
            self._asked = replace(asked, kinds=asked.kinds | {ListedKind(word)})
        elif mentioned:
            self._asked = replace(asked, people=asked.people | {mentioned[1]})
        else:
            return False
        return True

    def _put_aside(self, token: str) -> None:
        if not self._is_in_group:
            self._groups.append([])
        self._is_in_group = True
        self._groups[-1].append(token)

    def _count(self) -> int:
        if not self._counts:
            return LISTED_BY_DEFAULT
        if len(set(self._counts)) > 1:
            raise UnreadableList(ListFlaw.TWO_COUNTS, self._counts[1])
        word = self._counts[0]
        is_count = word.isascii() and word.isdigit() and len(word) <= LONGEST_COUNT
        if not is_count or not 1 <= int(word) <= MOST_LISTED:
            raise UnreadableList(ListFlaw.COUNT, word)
        return int(word)


def _could_be_number(typed: str) -> bool:
    """Return whether it has as many digits as the end of a number has, or more."""
    digits = sum(sign.isdigit() for sign in typed)
    return digits >= FEWEST_TYPED or listed_number.is_masked(typed)
