"""Words the alerts that admins get in their direct messages."""

from __future__ import annotations

from collections.abc import Sequence

from bot.policy.alerts import AlertKind, Suspicion
from bot.slack.texts.text import Message, escape, section, when

MOST_TOLD = 20
"""People in a message; the rest are counted."""

AT_TIME = "{date_short_pretty} at {time}"


def alert(findings: Sequence[Suspicion]) -> Message:
    """Return the message about what was found in an admin's workspace."""
    lines = [f"• {_line(each)}" for each in findings[:MOST_TOLD]]
    if len(findings) > MOST_TOLD:
        lines.append(f"• and {len(findings) - MOST_TOLD} more")
    head = "*Calls to look at*"
    text = "\n".join([head, *lines, "`/ringout-admin audit` lists them."])
    spoken = "Calls to look at: `/ringout-admin audit` lists them."
    return Message(spoken, (section(text),))


def _line(found: Suspicion) -> str:
    who, last = f"<@{escape(found.user)}>", when(found.at, AT_TIME)
    times = "once" if found.count == 1 else f"{found.count} times"
    match found.kind:
        case AlertKind.FORBIDDEN:
            return f"{who} tried to call an emergency or premium number {times}, last {last}."
        case AlertKind.REFUSED:
            return f"{who} was refused {times} within an hour, last {last}."
    before = f"at most {found.busiest} on any of the 30 days before"
    calls = "1 call" if found.count == 1 else f"{found.count} calls"
    return f"{who} has placed {calls} today (UTC), and {before}."
