"""Answers to ``/ringout-admin``: pause and resume, the do-not-call list, help."""

from __future__ import annotations

from collections.abc import Sequence

from bot.policy.desk_command import AUDITED_DAYS, AdminFlaw
from bot.policy.desk_sheet import Paused, Removed
from bot.policy.wish import DoNotCall, Pause
from bot.slack.texts import desk_words
from bot.slack.texts.text import (
    Block,
    Message,
    actions,
    button,
    foreign,
    section,
    sections,
    when,
)

RESUME_BUTTON = "resume_calls"

LISTED_ENTRIES = 40
"""Entries of the do-not-call list in one message."""

ENTRIES_A_SECTION = 10

ADMIN_HELP = Message(
    "*/ringout-admin* is for RingOut admins. Only you see the answers.\n"
    "• `/ringout-admin pause phones are down` stops all new calls here; calls in progress "
    "go on\n"
    "• `/ringout-admin resume` lets people call again\n"
    f"• `/ringout-admin audit` lists who did what in the past {AUDITED_DAYS} days; narrow "
    "it by `@ann`, a number, a rule such as `throttle`, `refused`, or a time such as "
    "`30d`\n"
    "• `/ringout-admin do-not-call add 415 555 0142 asked us to stop` lets nobody here call "
    "it; with `+1900*` no number that begins so\n"
    "• `/ringout-admin do-not-call remove 415 555 0142`\n"
    "• `/ringout-admin do-not-call list` shows the list; words behind it search in it\n"
    "Rules, people and the state of things are at the desk on my Home tab."
)

NOT_PAUSED = Message("Calls aren't paused.")
AUDIT_EXAMPLES = (
    "`/ringout-admin audit @ann`, `/ringout-admin audit 415 555 0142`, "
    "`/ringout-admin audit throttle 30d`"
)


def paused(found: Paused) -> Message:
    """Tell an admin of a pause that they have begun, or that held already."""
    if found.is_new:
        text = (
            "Calls are paused. Nobody here can place a call until you resume; calls in "
            "progress go on, and those that wait end as not placed."
        )
    else:
        text = f"Calls are paused already, {since(found.pause)}."
    return Message(text, (section(text), actions(resume_button())))


def resumed() -> Message:
    """Confirm that a pause is over."""
    return Message("Calls are on again.")


def since(pause: Pause) -> str:
    """Return who has paused calls, since when, and why, in mrkdwn."""
    by = f"by {desk_words.person(pause.by)} since {when(pause.since)}"
    return f"{by}: {foreign(pause.reason)}" if pause.reason else by


def resume_button() -> Block:
    """Return the button that ends a pause."""
    return button("Resume calls", RESUME_BUTTON, "resume", style="primary")


def added(entry: DoNotCall, *, is_new: bool) -> Message:
    """Confirm that a number is on the do-not-call list."""
    already = "" if is_new else " already"
    which = desk_words.blocked(entry)
    return Message(
        f"{which} is on the do-not-call list{already}. Nobody here can call it."
    )


def removed(found: Removed) -> Message:
    """Confirm that a number is off the list, and say if it still can't be called."""
    which = desk_words.blocked(found.entry)
    now = "is off" if found.was_there else "isn't on"
    text = f"{which} {now} the do-not-call list."
    if found.covered_by is not None:
        still = desk_words.blocked(found.covered_by)
        text += f" It still can't be called: {still} is on the list."
    return Message(text)


def listed(entries: Sequence[DoNotCall], searched: str) -> Message:
    """Return the do-not-call list, the newest entries first, with whole numbers."""
    if not entries:
        example = "`/ringout-admin do-not-call add 415 555 0142`"
        return Message(f"{nothing(searched)} Add one: {example}")
    title = f"*Do-not-call list*{_about(searched)}"
    lines = [f"• {entry_line(each)}" for each in entries[:LISTED_ENTRIES]]
    if len(entries) > LISTED_ENTRIES:
        lines.append("There are more. Search: `/ringout-admin do-not-call list 0142`")
    blocks = sections(lines, ENTRIES_A_SECTION)
    return Message("\n".join([title, *lines]), (section(title), *blocks))


def nothing(searched: str) -> str:
    """Say that nothing on the list has what was searched, in mrkdwn."""
    return f"Nothing on the do-not-call list{_about(searched)}."


def entry_line(entry: DoNotCall) -> str:
    """Return an entry as a line of mrkdwn: its number, why, by whom and when."""
    parts = [f"*{desk_words.blocked(entry)}*", foreign(entry.reason)]
    parts += [f"by {desk_words.person(entry.by)}"] if entry.by else []
    parts += [when(entry.added_at, "{date_short_pretty}")] if entry.added_at else []
    return " · ".join(filter(None, parts))


def not_understood(flaw: AdminFlaw, typed: str) -> str:
    """Say what of a command is not understood, in plain text; *typed* is in quotes."""
    match flaw:
        case AdminFlaw.AUDIT_TWICE:
            return f"Type one of a kind; {typed} is the second. For example: {AUDIT_EXAMPLES}"
        case AdminFlaw.AUDIT_WORD:
            return f"I don't understand {typed}. Try {AUDIT_EXAMPLES}"
        case AdminFlaw.BEGINNING:
            return (
                f"I can't read {typed}. All numbers that begin alike are written with a "
                "plus and a star: `+1900*`"
            )
        case AdminFlaw.NO_NUMBER:
            return "Type the number: `/ringout-admin do-not-call add 415 555 0142`"
    return f"I don't know {typed}. `/ringout-admin help` shows what you can type."


def _about(searched: str) -> str:
    return f" for “{foreign(searched)}”" if searched else ""
