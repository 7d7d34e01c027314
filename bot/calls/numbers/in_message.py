"""Finds the phone numbers in a message, so that a person can choose one.

Numbers behind ``tel:`` links come first, then those in the text. Order numbers, ids and
parts of links look like phone numbers too, so nothing is ever dialed because it was found.
Whether a number may be dialed is decided as for a typed one.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import phonenumbers
from phonenumbers import Leniency, PhoneNumberMatcher

from bot.calls.numbers import extensions, labels, reading
from bot.calls.numbers.passage import FEWEST_FOUND, NumberLink, Passage
from bot.calls.numbers.phone import NumberNotAllowed, PhoneNumber
from bot.calls.numbers.refusal import Flaw, InvalidNumber, Length, UnreadableNumber
from bot.calls.typed.emergency import EmergencyNumber
from bot.errors import UserError

MOST_FOUND = 10
"""Numbers of a message that are offered: one menu of Slack's takes no more."""

MOST_LOOKS = 60
"""Texts of one message that are read as if they were typed; one takes up to a millisecond."""

MOST_GUESSES = 1_000
"""Groups of digits that may be numbers; one takes about 50 microseconds."""

MOST_TRIES = 100
"""Of phonenumbers, in one passage."""

LONGEST_MESSAGE = 40_000
"""Characters that are read: as many as Slack takes for a message."""

FEWEST_REFUSED = 3
"""Digits that somebody may want to call: with fewer they are a time or a count."""

VAGUE_FLAWS = {Flaw.LETTERS, Flaw.NO_DIGITS, Flaw.SEVERAL, Flaw.SIGNS}

MOST_GROUPS = 7
"""Groups of digits in one number, such as ``+33 1 23 45 67 89``."""

LONGEST_FOUND = 18
"""With a prefix for calls abroad in front of fifteen."""

ReadNumber = Callable[[str], PhoneNumber]
"""Reads what a person would type. Raises `UserError` if that must not be dialed."""

_SPAN = re.compile(r"(?<![A-Za-z_\d])[+(\[]{0,2}\d(?:[ ().\[\]/-]{0,4}\d)*")
_GLUED = re.compile(r"(?<=[A-Za-z]{2})\d{7,18}(?![A-Za-z_\d])")
"""``ORD4155550142``: digits at the end of a word."""

_IN_WORD = re.compile(r"[A-Za-z_]")
_IS_PART = re.compile(r"[-.]?[A-Za-z_]")
"""Behind the digits of a longer word, such as ``1-800-FLOWERS``."""

_HEAD = re.compile(r"[+(\[]{0,2}\Z")
_ALTERNATIVE = re.compile(
    r"(?: {0,2}(?:/|&|\bor\b) {0,2}(\d{2,4})|/(\d))(?![A-Za-z\d]|[ ().-]{0,2}\d)"
)
"""``415 555 0142 / 0143``: the same number with another end."""

_SHOWN_MASKED = re.compile(
    r"•[ ()-]{0,3}(\d(?: ?\d){1,3})(?! ?\d)|(?<!\w)…(\d(?: ?\d){1,3})(?! ?\d)"
)
"""A number as the bot itself shows it to people who may not see it whole."""


@dataclass(frozen=True, slots=True)
class FoundNumber:
    """What looks like a phone number in a message.

    Attributes:
        text: As it stands there.
        number: What would be dialed; None if nothing would.
        error: Why it would not.
        before: The words before it in its line.
        after: The words after it.
        extension: Which extension follows it, if one does: that is not dialed.
    """

    text: str = field(repr=False)
    number: PhoneNumber | None
    error: UserError | None = None
    before: str = field(default="", repr=False)
    after: str = field(default="", repr=False)
    extension: str = field(default="", repr=False)

    @property
    def may_be_dialed(self) -> bool:
        """Whether a person may choose it."""
        return self.number is not None and self.error is None


@dataclass(frozen=True, slots=True)
class FoundNumbers:
    """What was found in a message.

    Attributes:
        numbers: Each number once, those of links first.
        masked: The last digits of numbers that it does not show whole.
        has_more: Whether there may be more numbers.
    """

    numbers: tuple[FoundNumber, ...] = ()
    masked: tuple[str, ...] = ()
    has_more: bool = False


def found_in(
    texts: Iterable[str],
    region: str,
    read: ReadNumber,
    *,
    with_urgent: bool = False,
    names: Mapping[str, str] | None = None,
) -> FoundNumbers:
    """Find the numbers in the *texts* of a message; *region* is the reader's home.

    *names* are those of people who are mentioned in it, by Slack id.
    *with_urgent*: emergency numbers too, though others are there; and where nothing else
    is, the digits that are no number, for they are what the writer wants to call.
    """
    passages, left = [], LONGEST_MESSAGE
    for each in texts:
        passages.append(Passage.of(each[:left], names))
        left = max(left - len(each), 0)
    search = _Search(region, read)
    for passage in passages:
        search.links(passage)
    for passage in passages:
        search.text(passage)
    if with_urgent or not search.found:
        is_meant = _is_urgent if search.found else _is_short
        for passage in passages:
            search.short(passage, is_meant)
    masked = _masked(passages, search.found)
    if with_urgent and not (search.found or masked):
        for passage in passages:
            search.refused(passage)
    return FoundNumbers(
        tuple(search.found.values())[:MOST_FOUND],
        masked,
        search.is_over or len(search.found) > MOST_FOUND,
    )


class _Search:
    """Collects the numbers of one message, each once."""

    def __init__(self, region: str, read: ReadNumber) -> None:
        self._region = region
        self._read = read
        self._looks = 0
        self._guesses = 0
        self.found: dict[str, FoundNumber] = {}

    @property
    def is_over(self) -> bool:
        """Whether nothing more is looked at."""
        is_much = self._looks >= MOST_LOOKS or self._guesses >= MOST_GUESSES
        return is_much or len(self.found) > MOST_FOUND

    def links(self, passage: Passage) -> None:
        """Take the numbers of links, and other ends that follow one."""
        for link in passage.links[:MOST_LOOKS]:
            if self.is_over:
                return
            self._take(passage, link.start, link.end, self._behind(link, passage))

    def text(self, passage: Passage) -> None:
        """Take the numbers in the text: well-grouped ones, then whatever else is one."""
        text = passage.without_links()
        for span in [*_SPAN.finditer(text), *_GLUED.finditer(text)]:
            in_word = _IN_WORD.match(text, span.end())
            if in_word and not extensions.behind(text[span.end() :]):
                continue
            for start, end, number in self._in_groups(span):
                self._take(passage, start, end, number)
                text = text[:start] + "\n" * (end - start) + text[end:]
        if self.is_over:
            return
        left = PhoneNumberMatcher(text, self._region, Leniency.VALID, MOST_TRIES)
        for match in left:
            if self.is_over:
                return
            number = self._look(match.raw_string)
            self._take(passage, match.start, match.end, number)

    def short(
        self, passage: Passage, is_meant: Callable[[UserError | None], bool]
    ) -> None:
        """Take what is dialed nowhere, or not like this, so that people read why."""
        for span in _SPAN.finditer(passage.without_links()):
            if self.is_over:
                return
            seen = self._look(span[0])
            if is_meant(seen.error):
                self._take(passage, span.start(), span.end(), seen)

    def refused(self, passage: Passage) -> None:
        """Take the groups of digits that are no number, and whose error says what they are."""
        text = passage.without_links()
        for span in _SPAN.finditer(text):
            is_few = len(reading.digits_of(span[0])) < FEWEST_REFUSED
            if is_few or _IS_PART.match(text, span.end()) or self.is_over:
                continue
            if not _is_vague((seen := self._look(span[0])).error):
                self._take(passage, span.start(), span.end(), seen)

    def _behind(self, link: NumberLink, passage: Passage) -> FoundNumber:
        """Return where a link leads; a label with another number makes it doubtful.

        Any other digits in a label (``Room 101``) are words like those around the link.
        """
        typed = self._look(link.typed)
        if typed.number is not None:
            return typed
        led = self._look(link.target)
        label = passage.plain[link.start : link.end]
        if led.number is None:
            return typed
        if not labels.shows_another(label, led.number.e164, self._region):
            return led
        error = UnreadableNumber(link.typed, Flaw.TWO_NUMBERS)
        return FoundNumber(link.typed, None, error)

    def _in_groups(self, span: re.Match[str]) -> Iterator[tuple[int, int, FoundNumber]]:
        """Yield the numbers among groups of digits, the longest at each place."""
        groups = list(re.finditer(r"\d+", span[0]))
        at = 0
        while at < len(groups) and not self.is_over:
            start = _start(span[0], groups[at])
            for last in range(min(at + MOST_GROUPS, len(groups)) - 1, at - 1, -1):
                text = span[0][start : groups[last].end()]
                if (found := self._usual(text)) is not None:
                    begin = span.start() + start
                    yield begin, begin + len(text), found
                    at = last
                    break
            at += 1

    def _usual(self, text: str) -> FoundNumber | None:
        """Return the number in *text*, if it is written as one usually is."""
        if not self._is_usual(text):
            return None
        found = self._look(text)
        return found if found.number else None

    def _is_usual(self, text: str) -> bool:
        """Whether the digits may be a number, and are grouped like one."""
        digits = reading.digits_of(text)
        if not FEWEST_FOUND <= len(digits) <= LONGEST_FOUND:
            return False
        self._guesses += 1
        is_whole = "+" in text
        parsed = reading.parsed(f"+{digits}" if is_whole else digits, self._region)
        if parsed is None or not phonenumbers.is_possible_number(parsed):
            return False
        if not is_whole and not phonenumbers.is_valid_number(parsed):
            return False
        return is_whole or text.isdigit() or reading.is_grouped_as(text, parsed)

    def _look(self, text: str) -> FoundNumber:
        """Read *text* as if it was typed; without its extension, if it has one."""
        self._looks += 1
        main, extension = extensions.cut(text)
        try:
            number = self._read(main)
        except NumberNotAllowed as error:
            return FoundNumber(main, error.number, error, extension=extension)
        except UserError as error:
            return FoundNumber(main, None, error, extension=extension)
        return FoundNumber(main, number, extension=extension)

    def _take(self, passage: Passage, start: int, end: int, seen: FoundNumber) -> None:
        """Keep what was found, and the other ends that stand behind it."""
        before, after = passage.around(start, end)
        extension = seen.extension or extensions.behind(passage.plain[end:])
        shown = replace(seen, text=passage.shown[start:end])
        self._keep(shown, before, after, extension)
        while (other := _ALTERNATIVE.match(passage.plain, end)) and seen.number:
            ending = other[1] or other[2]
            if _is_urgent(self._look(ending).error):
                return
            seen = self._look(seen.number.e164[: -len(ending)] + ending)
            before, after = passage.around(other.start(), other.end())
            end = other.end()
            if seen.number:
                shown = replace(seen, text=other[0].strip())
                self._keep(shown, before, after, "")

    def _keep(self, seen: FoundNumber, before: str, after: str, ext: str) -> None:
        key = seen.number.e164 if seen.number else reading.digits_of(seen.text)
        kept = replace(seen, before=before, after=after, extension=ext)
        self.found.setdefault(key, kept)


def _start(span: str, group: re.Match[str]) -> int:
    first = max(group.start() - 2, 0)
    head = _HEAD.search(span[first : group.start()])
    return first + head.start() if head else group.start()


def _is_short(error: UserError | None) -> bool:
    if isinstance(error, InvalidNumber):
        return error.length is Length.NO_AREA_CODE
    return _is_urgent(error)


def _is_vague(error: UserError | None) -> bool:
    """Whether an error says no more than that there is no number."""
    return isinstance(error, UnreadableNumber) and error.flaw in VAGUE_FLAWS


def _is_urgent(error: UserError | None) -> bool:
    return isinstance(error, EmergencyNumber) and error.is_local


def _masked(
    passages: Sequence[Passage], found: dict[str, FoundNumber]
) -> tuple[str, ...]:
    """Return the ends of masked numbers, without those that were found whole."""
    ends = (
        (each[1] or each[2]).replace(" ", "")
        for passage in passages
        for each in _SHOWN_MASKED.finditer(passage.shown)
    )
    return tuple(
        dict.fromkeys(end for end in ends if not any(k.endswith(end) for k in found))
    )[:MOST_FOUND]
