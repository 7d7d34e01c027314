"""What one is told about the words after ``/callstatus``."""

from __future__ import annotations

from bot.calls.lists.request import MOST_LISTED, ListFlaw
from bot.slack.texts.text import Message

EXAMPLES = (
    "`/callstatus last 20`, `/callstatus missed today`, `/callstatus 415 555 0142`"
)

LIST_HELP = Message(
    "*/callstatus* lists your last 10 calls, the newest first. Only you see them. "
    "Add any of these, in any order:\n"
    f"• `last 20` (1 to {MOST_LISTED})\n"
    "• `today`, `yesterday`\n"
    "• `missed` (they called, nobody answered), `failed` (you called, and reached nobody)\n"
    "• a number, or its last 4 digits: `0142`\n"
    "• `@ann` (the calls that Ann placed, where people share an account)\n"
    "• `company` (everybody's calls, for admins)\n"
    "Or `report`, with `today`, `week` or `month`, for the sums of your calls; admins add "
    "`@ann` for Ann's.\n"
    f"For example: {EXAMPLES}"
)


def not_understood(flaw: ListFlaw, typed: str) -> str:
    """Say which of the words is not understood, and what would be; plain text.

    *typed* is in quotation marks; empty if it is what is missing.
    """
    if flaw is ListFlaw.REPORT:
        said = f"I don't understand {typed}. " if typed else ""
        return (
            f"{said}After “report”, type one of `today`, `week` and `month`, and "
            "`@name` for one other person's calls: `/callstatus report week`"
        )
    return _not_listed(flaw, typed)


def _not_listed(flaw: ListFlaw, typed: str) -> str:
    match flaw:
        case ListFlaw.COUNT:
            said = f"{typed} is no number of calls. "
            return f"{said}After “last”, type 1 to {MOST_LISTED}: `/callstatus last 20`"
        case ListFlaw.TWO_COUNTS:
            return "Those are two numbers of calls. Type one: `/callstatus last 20`"
        case ListFlaw.TWO_NUMBERS:
            return (
                "I can look for one phone number at a time: `/callstatus 415 555 0142`"
            )
        case ListFlaw.NUMBER:
            return (
                f"I can't read {typed} as a phone number. Type it whole, or its last 4 "
                "digits: `/callstatus 415 555 0142`"
            )
        case ListFlaw.OWN_ACCOUNT:
            return (
                "You call with your own RingCentral account, so its calls are all yours. "
                "`@name` works where people share an account."
            )
    return (
        f"I don't understand {typed}. Try {EXAMPLES}. `/callstatus help` shows all that "
        "you can type."
    )
