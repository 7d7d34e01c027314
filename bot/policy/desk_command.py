"""What an admin types after ``/ringout-admin``, taken apart."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import Enum, StrEnum
from types import MappingProxyType

from bot.calls.numbers.phone import PhoneNumber, parse
from bot.calls.typed.dialing import clean
from bot.calls.typed.emergency import EmergencyNumber
from bot.errors import UserError
from bot.policy.rules import Rule, Ruling
from bot.policy.wish import DoNotCall
from bot.policy.workspace import AuditAction

AUDITED_DAYS = 7
"""How far back the audit is listed if nothing else is typed."""

MOST_AUDITED_DAYS = 3_650

LONGEST_TYPED_REASON = 300
"""Characters of a reason that are kept."""

NO_NAMES: Mapping[str, str] = MappingProxyType({})

SHORTEST_BEGINNING, LONGEST_BEGINNING = 1, 14
"""Digits of the beginning of numbers that nobody may call."""


class AdminVerb(StrEnum):
    """The first words of a command, by the form that help shows."""

    HELP = "help"
    PAUSE = "pause"
    RESUME = "resume"
    AUDIT = "audit"
    ADD = "do-not-call add"
    REMOVE = "do-not-call remove"
    LIST = "do-not-call list"


class AdminFlaw(Enum):
    """What is wrong with the words after ``/ringout-admin``."""

    VERB = "verb"
    AUDIT_WORD = "audit word"
    AUDIT_TWICE = "audit twice"
    """Two people, two numbers, two rules or two times."""
    NO_NUMBER = "no number"
    BEGINNING = "beginning"


@dataclass(eq=False, repr=False)
class UnreadableAdminCommand(UserError):
    """*typed* is what was not understood; empty if it is what is missing."""

    flaw: AdminFlaw
    typed: str = ""


@dataclass(frozen=True, slots=True)
class AuditRequest:
    """Which rows of the audit to list; what is empty matches all.

    Attributes:
        word: A rule, or what was done: `Rule` or `AuditAction`.
        number: In E.164, or the digits of an emergency number.
    """

    user: str = ""
    word: str = ""
    verdict: str = ""
    number: str = field(default="", repr=False)
    days: int = AUDITED_DAYS


@dataclass(frozen=True, slots=True)
class AdminCommand:
    """What an admin wants; *rest* is all behind the verb, as it was typed."""

    verb: AdminVerb
    rest: str = field(default="", repr=False)


_LIST_WORDS = r"(?:do[\s-]*not[\s-]*call|dnc|donotcall)(?:[\s-]+list)?"
_ADMIN_VERBS = [
    (verb, re.compile(pattern, re.IGNORECASE | re.DOTALL))
    for verb, pattern in (
        (AdminVerb.HELP, r"(?:[-/]{0,2}(?:help|usage)|[?h])?()"),
        (AdminVerb.RESUME, r"(?:resume|unpause|continue|go\s+on)(?!\S)()\s*(?:calls)?"),
        (AdminVerb.PAUSE, r"pause(?:\s+calls)?(?![^\s:])\s*:?\s*(.*)"),
        (AdminVerb.AUDIT, r"(?:audit|log)(?!\S)\s*(.*)"),
        (AdminVerb.ADD, rf"{_LIST_WORDS}\s+add(?!\S)\s*(.*)"),
        (AdminVerb.REMOVE, rf"{_LIST_WORDS}\s+(?:remove|delete)(?!\S)\s*(.*)"),
        (AdminVerb.LIST, rf"{_LIST_WORDS}(?:\s+(?:list|search))?(?!\S)\s*(.*)"),
    )
]
"""The first pattern that matches the whole text decides; its group is the rest."""

_PERSON_TYPED = re.compile(r"<@([UW][A-Z0-9]+)(?:\|[^<>]*)?>")
_TIME_TYPED = re.compile(r"(\d{1,4})(d|days?|w|weeks?)", re.IGNORECASE)
_DAYS_APART = re.compile(r"\b(\d{1,4})\s+days?\b", re.IGNORECASE)
_ADMIN_TOKEN = re.compile(r"<[^<>]*>|\S+")
_DIALED = re.compile(r"[\d+().\-/\s\u2010-\u2015\u00a0]+|<(?:tel|callto):[^<>]*>")
_ALL_BEGINNING_SO = re.compile(r"\+([\d\s().\-]+)\*")
_STAR_TOKEN = re.compile(r"[\d+().\-]*\*")

_VERDICTS = {
    "allowed": Ruling.ALLOW,
    "asked": Ruling.ASK,
    "refused": Ruling.REFUSE,
    **{each.value: each for each in Ruling},
}
AUDIT_WORDS = frozenset({*(each.value for each in (*Rule, *AuditAction))})
"""Rules and actions that the audit can be narrowed to."""

_APART = {each.replace("-", " "): each for each in AUDIT_WORDS if "-" in each}

_AUDIT_FILLERS = frozenset({"of", "for", "by", "last", "the", "past", "since", "about"})


def read_admin_command(text: str) -> AdminCommand:
    """Return the verb of what was typed, and what follows it.

    Raises:
        UnreadableAdminCommand: It begins with no verb.
    """
    said = text.strip()
    for verb, pattern in _ADMIN_VERBS:
        found = pattern.fullmatch(said)
        if found:
            return AdminCommand(verb, found[1].strip())
    words = said.split()
    raise UnreadableAdminCommand(AdminFlaw.VERB, words[0] if words else "")


def reason_of(text: str) -> str:
    """Return a typed reason on one line, without Slack's escaping, cut to what is kept."""
    return " ".join(html.unescape(text).split())[:LONGEST_TYPED_REASON]


def read_audit_request(
    rest: str, region: str, names: Mapping[str, str] = NO_NAMES
) -> AuditRequest:
    """Read what follows ``audit``: a person, a number, a rule and a time, in any order.

    *region* is home, for numbers without a plus. *names* has the word of `AUDIT_WORDS` for
    each name that the list shows, such as "quiet hours".

    Raises:
        UnreadableAdminCommand: A word is not understood, or there are two of a kind.
        UserError: The number can't be read; see `parse`.
    """
    asked, dialed, seen = AuditRequest(), [], set()
    named = _with_words(rest, {**_APART, **names})
    for token in _ADMIN_TOKEN.findall(_DAYS_APART.sub(r"\1d", named)):
        word = token.casefold().strip(",;:")
        if word in _AUDIT_FILLERS or not word:
            continue
        narrowed = _narrowed(asked, token, word)
        if narrowed is None:
            dialed.append(token)
            continue
        kind, asked = narrowed
        if kind in seen:
            raise UnreadableAdminCommand(AdminFlaw.AUDIT_TWICE, token)
        seen.add(kind)
    typed = " ".join(dialed)
    if typed and not _DIALED.fullmatch(typed):
        raise UnreadableAdminCommand(AdminFlaw.AUDIT_WORD, typed)
    return replace(asked, number=_audited(typed, region)) if typed else asked


def read_entry(rest: str, region: str, reason: str = "") -> DoNotCall:
    """Read a number, or ``+1900*`` for all that begin so, and the reason behind it.

    *reason* was typed apart: no digit of it belongs to the number.

    Raises:
        UnreadableAdminCommand: There is no number, or its beginning is too short or long.
        UserError: The number can't be read; see `parse`.
    """
    entry = _entry(_ADMIN_TOKEN.findall(rest), region)
    words = f"{entry.reason} {reason}" if entry.reason else reason
    return replace(entry, reason=_why(words.split()))


def _entry(tokens: list[str], region: str) -> DoNotCall:
    dialed = 0
    while dialed < len(tokens) and _DIALED.fullmatch(tokens[dialed]):
        dialed += 1
    if dialed < len(tokens) and _STAR_TOKEN.fullmatch(tokens[dialed]):
        typed = " ".join(tokens[: dialed + 1])
        return replace(_beginning(typed), reason=_why(tokens[dialed + 1 :]))
    if not dialed:
        raise UnreadableAdminCommand(AdminFlaw.NO_NUMBER, " ".join(tokens[:3]))
    number, used = _longest(tokens[:dialed], region)
    return DoNotCall(digits=number.e164, reason=_why(tokens[used:]))


def _with_words(typed: str, names: Mapping[str, str]) -> str:
    """Return what was typed with a word in place of each name, the longest first."""
    for name in sorted(names, key=len, reverse=True):
        form = rf"(?<!\S){re.escape(name)}(?=[\s,;:]|$)"
        typed = re.sub(form, names[name], typed, flags=re.IGNORECASE)
    return typed


def _narrowed(
    asked: AuditRequest, token: str, word: str
) -> tuple[str, AuditRequest] | None:
    """Return *asked* narrowed by a word, and which kind of word it is; None if by none."""
    person, time = _PERSON_TYPED.fullmatch(token), _TIME_TYPED.fullmatch(word)
    if person:
        return "person", replace(asked, user=person[1])
    if time:
        days = int(time[1]) * (7 if time[2][0] == "w" else 1)
        return "time", replace(asked, days=min(max(days, 1), MOST_AUDITED_DAYS))
    if word in AUDIT_WORDS:
        return "word", replace(asked, word=word)
    if word in _VERDICTS:
        return "verdict", replace(asked, verdict=_VERDICTS[word].value)
    return None


def _audited(typed: str, region: str) -> str:
    """Return a number as the audit has it; of an emergency number only its digits."""
    try:
        return parse(typed, region=region).e164
    except EmergencyNumber:
        return re.sub(r"\D", "", clean(typed))


def _beginning(typed: str) -> DoNotCall:
    found = _ALL_BEGINNING_SO.fullmatch(typed)
    digits = re.sub(r"\D", "", found[1]) if found else ""
    if not SHORTEST_BEGINNING <= len(digits) <= LONGEST_BEGINNING:
        raise UnreadableAdminCommand(AdminFlaw.BEGINNING, typed)
    return DoNotCall(digits=f"+{digits}", is_prefix=True)


def _longest(tokens: list[str], region: str) -> tuple[PhoneNumber, int]:
    """Return the number that most of the tokens make, and how many these are.

    What follows a number may begin with digits: ``+14155550142 2 complaints``.
    """
    first: UserError | None = None
    for count in range(len(tokens), 0, -1):
        try:
            return parse(" ".join(tokens[:count]), region=region), count
        except UserError as error:
            first = first or error
    raise first or UnreadableAdminCommand(AdminFlaw.NO_NUMBER)


def _why(tokens: list[str]) -> str:
    words = " ".join(tokens).lstrip(":,;- ")
    return reason_of(
        re.sub(r"^(?:because|reason:?)\s+", "", words, flags=re.IGNORECASE)
    )
