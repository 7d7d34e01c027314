"""The answer to ``/callstatus report``."""

from __future__ import annotations

from bot.calls.reporting import CallReport, Period
from bot.slack.texts import figures
from bot.slack.texts.text import Message, context, section, when

PERIOD_WORDS = {
    Period.TODAY: "today",
    Period.WEEK: "this week",
    Period.MONTH: "this month",
}


def report(shown: CallReport, *, by_utc: bool) -> Message:
    """Return a report; *by_utc*: its days are UTC's, as the person's zone isn't known."""
    whose = f"Calls of <@{shown.user}>" if shown.user else "Your calls"
    title = f"{whose} {PERIOD_WORDS[shown.period]}"
    rows = figures.lines(shown.figures, shown.to_call_back)
    below = f"Calls placed here since {when(shown.since)}."
    if by_utc:
        below += " Days are in UTC: Slack doesn't tell me your time zone."
    if not shown.is_whole:
        below += f" Calls are kept for {shown.kept_days} days."
    listed = "\n".join(f"• {each}" for each in rows)
    return Message(
        f"{title}\n{listed}\n{below}",
        (section(f"*{title}*\n{listed}"), context(f"{below} Only you see this.")),
    )
