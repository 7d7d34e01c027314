"""What rules, decisions and numbers are called at the admin's desk."""

from __future__ import annotations

from collections.abc import Sequence

from bot.calls.numbers.phone import PhoneNumber
from bot.policy.id_fields import plain_id
from bot.policy.rules import Rule, Ruling
from bot.policy.wish import DoNotCall
from bot.policy.workspace import AuditAction, AuditRow

RULE_NAMES = {
    Rule.EMERGENCY: "emergency number",
    Rule.PREMIUM: "premium-rate number",
    Rule.DO_NOT_CALL: "do-not-call list",
    Rule.PAUSED: "calls paused",
    Rule.USERS: "people",
    Rule.CHANNELS: "channels",
    Rule.GUESTS: "guests",
    Rule.SHARED_CHANNELS: "shared channels",
    Rule.NUMBER_TYPE: "number type",
    Rule.COUNTRY: "country",
    Rule.PER_MINUTE: "calls a minute",
    Rule.THROTTLE: "throttle",
    Rule.QUIET_HOURS: "quiet hours",
    Rule.AT_ONCE: "calls at once",
    Rule.PER_DAY: "calls a day",
    Rule.MINUTES: "minutes a month",
    Rule.FIRST_TIME: "first call",
    Rule.FOREIGN: "foreign number",
    Rule.DOUBT: "unusual number",
}

VERDICT_NAMES = {
    Ruling.ALLOW: "allowed",
    Ruling.ASK: "asked",
    Ruling.REFUSE: "refused",
}

ACTION_NAMES = {
    AuditAction.CHECK: "dry run",
    AuditAction.RULES: "changed the rules",
    AuditAction.PAUSE: "paused calls",
    AuditAction.RESUME: "resumed calls",
    AuditAction.DO_NOT_CALL: "do-not-call list",
    AuditAction.ASKED: "asked an admin",
    AuditAction.GRANTED: "granted a request",
    AuditAction.DECLINED: "declined a request",
    AuditAction.CONNECTED: "connected an account",
    AuditAction.DISCONNECTED: "disconnected an account",
    AuditAction.EXPORT: "exported calls",
    AuditAction.REVEAL: "was shown a number",
}

AUDIT_NAMES = {name: word.value for word, name in (ACTION_NAMES | RULE_NAMES).items()}
"""The word by which the audit is narrowed, for each name that its list shows."""

WHOLE_DIGITS = 4
"""Emergency numbers and short codes are no one person's: they are shown whole."""

PERSON_LETTERS = "UW"

MENTION_FORMS = {
    **dict.fromkeys("UW", "<@{}>"),
    "S": "<!subteam^{}>",
    **dict.fromkeys("CGD", "<#{}>"),
}
"""How people, user groups and channels are mentioned, by what their ids begin with."""

COMMAND_LINE = "the command line"
"""Who did it, if nobody did it in Slack."""


def masked(number: str) -> str:
    """Return a number of the audit masked; a beginning of numbers and a short code whole."""
    digits = number.removeprefix("+")
    if len(digits) <= WHOLE_DIGITS:
        return number
    return PhoneNumber(number if number.startswith("+") else f"+{digits}").masked


def blocked(entry: DoNotCall) -> str:
    """Return the number, or the beginning of numbers, that nobody may call."""
    if entry.is_prefix:
        return f"{entry.digits}…"
    return PhoneNumber(entry.digits).international


def deed(row: AuditRow) -> str:
    """Return what a row of the audit tells, in a few words of plain text."""
    if row.action not in (AuditAction.CALL, AuditAction.CHECK):
        return ACTION_NAMES[row.action]
    said = f"call {verdict_name(row.verdict)}".strip()
    if row.rule:
        said += f" ({rule_name(row.rule)})"
    return f"dry run: {said}" if row.action is AuditAction.CHECK else said


def verdict_name(verdict: str) -> str:
    """Return a verdict in a word; of a later version's verdict, its own."""
    return VERDICT_NAMES[Ruling(verdict)] if verdict in set(Ruling) else verdict


def rule_name(rule: str) -> str:
    """Return a rule's name; of a later version's rule, its word."""
    return RULE_NAMES[Rule(rule)] if rule in set(Rule) else rule


def person(user: str) -> str:
    """Return a mention, in mrkdwn, of who did something; the command line has no id."""
    return f"<@{user}>" if is_person(user) else COMMAND_LINE


def people(users: Sequence[str], most: int) -> str:
    """Return mentions of up to *most* people, in mrkdwn, and how many more there are."""
    named = ", ".join(person(each) for each in users[:most])
    more = len(users) - most
    return f"{named} and {more} more" if more > 0 else named


def is_person(user: str) -> bool:
    """Return whether *user* is a Slack id."""
    return user[:1] in PERSON_LETTERS and user.isalnum() and user.isupper()


def ids(named: frozenset[str], most: int) -> str:
    """Return Slack's ids as mentions, up to *most* of them; in a Home they notify nobody."""
    mentions = sorted(MENTION_FORMS[one[0]].format(one) for one in map(plain_id, named))
    more = len(mentions) - most
    rest = f" and {more} more" if more > 0 else ""
    return ", ".join(mentions[:most]) + rest
